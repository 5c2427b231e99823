"""EXPLAIN: its form, its errors and the resource group; not the plan of an FE."""

from . import query
from .reply import shown

LEVELS = ("VERBOSE", "COSTS", "LOGICAL", "ANALYZE")


def run(session, statement, level):
    lines = []
    if statement.word(0) in ("SELECT", "WITH") or statement.value(0) == "(":
        session.check_tables(statement, "SELECT")
        asked = query.Query(session, statement)
        if asked.is_constant():
            lines.append("EXECUTE IN FE")
        else:
            asked.prepared_columns()
    if level == "VERBOSE":
        lines.append(f"RESOURCE GROUP: {session.values.get('resource_group') or 'default_wg'}")
        lines.append("")
    lines += ["PLAN FRAGMENT 0", " OUTPUT EXPRS:", "  PARTITION: UNPARTITIONED", "", "  RESULT SINK"]
    return shown("Explain String", [[line] for line in lines], 20)
