"""BEGIN, COMMIT, ROLLBACK: an explicit transaction with a label, of which no status flag tells."""

from . import errors
from .reply import Ok

TAILS = {"BEGIN": ((), ("WORK",)), "START": (("TRANSACTION",), ("TRANSACTION", "WITH", "CONSISTENT", "SNAPSHOT"))}
ENDINGS = [tuple(x.split()) for x in ("", "WORK", "AND CHAIN", "AND NO CHAIN", "RELEASE", "NO RELEASE",
                                      "WORK AND CHAIN", "WORK AND NO CHAIN", "AND NO CHAIN RELEASE")]


class Transaction:
    def __init__(self, cluster):
        self.label, self.id, self.written, self.database = cluster.new_id(), cluster.next("txn"), set(), None

    def info(self, status):
        return f"{{'label':'{self.label}', 'status':'{status}', 'txnId':'{self.id}'}}"


def check_syntax(statement):
    words = tuple(statement.word(i) or statement.value(i) for i in range(1, len(statement.tokens)))
    known = TAILS.get(statement.word(0), ENDINGS)
    if words not in known:
        good = max((n for tail in known for n in range(len(tail) + 1) if tail[:n] == words[:n]), default=0)
        if good == len(words):
            raise errors.no_viable(statement, len(statement.tokens))
        raise errors.surplus(statement, good + 1)


def begin(session, statement):
    if not session.transaction:
        session.need_backend_transaction()
        session.transaction = Transaction(session.cluster)
    return Ok(0, session.transaction.info("PREPARE"))


def end(session, statement):
    transaction, session.transaction = session.transaction, None
    if not transaction:
        return Ok()
    commit = statement.word(0) == "COMMIT"
    session.behind().query("COMMIT" if commit else "ROLLBACK")
    return Ok(0, transaction.info("VISIBLE" if commit else "ABORTED"))
