"""SHOW of frontends, backends, processes, catalogs, resource groups, users and roles."""

import time

from . import accounts, errors, kinds, variables
from .reply import shown

BACKENDS = ("BackendId,IP,HeartbeatPort,BePort,HttpPort,BrpcPort,LastStartTime,LastHeartbeat,Alive,SystemDecommissioned,"
            "ClusterDecommissioned,TabletNum,DataUsedCapacity,AvailCapacity,TotalCapacity,UsedPct,MaxDiskUsedPct,ErrMsg,"
            "Version,Status,DataTotalCapacity,DataUsedPct,CpuCores,MemLimit,NumRunningQueries,MemUsedPct,CpuUsedPct,"
            "DataCacheMetrics,Location,StatusCode")
COMPUTE_NODES = ("ComputeNodeId,IP,HeartbeatPort,BePort,HttpPort,BrpcPort,LastStartTime,LastHeartbeat,Alive,"
                 "SystemDecommissioned,ClusterDecommissioned,ErrMsg,Version,CpuCores,MemLimit,NumRunningQueries,"
                 "MemUsedPct,CpuUsedPct,DataCacheMetrics,HasStoragePath,StatusCode")
FRONTENDS = ("Id,Name,IP,EditLogPort,HttpPort,QueryPort,RpcPort,Role,ClusterId,Join,Alive,ReplayedJournalId,"
             "LastHeartbeat,IsHelper,ErrMsg,StartTime,Version")
GROUPS = ("name:100,id,cpu_weight,exclusive_cpu_cores,mem_limit,big_query_cpu_second_limit,big_query_scan_rows_limit,"
          "big_query_mem_limit,concurrency_limit,spill_mem_limit_threshold,classifiers:1024")
DESCRIPTIONS = {"root": "built-in root role which has all privileges on all objects",
                "db_admin": "built-in database administration role",
                "cluster_admin": "built-in cluster administration role",
                "user_admin": "built-in user administration role",
                "public": "built-in public role which is owned by any user",
                "security_admin": "built-in security administration role"}


def _moment(at=None):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _operator(session):
    if not session.may("OPERATE", "SYSTEM"):
        raise accounts.denied(session.effective, session.roles, "OPERATE OR NODE", "SYSTEM", "")


def frontends(session, statement):
    _operator(session)
    cluster, rows = session.cluster, []
    version = session.values.get("version_comment")
    http = str(session.frontend.http_port or 8030)  # of the FE that answers, in every row
    if cluster.rows is not None:
        return shown(FRONTENDS, cluster.rows)
    nodes = [(f.number, *(f.announced or (f.host, f.port)), f.alive, _moment(f.started))
             for f in cluster.frontends.values()]
    nodes += [(n, host, port, True, _moment()) for n, host, port in cluster.peers]
    for number, host, port, alive, started in sorted(nodes):
        role = "LEADER" if number == cluster.leader else "FOLLOWER"
        error = "" if alive else "Connection refused"
        rows.append([str(number), f"{host}_9010_{number}", host, "9010", http, str(port), "9020", role, "2010312483",
                     "true", str(alive).lower(), "476", _moment(), "true", error, started, version])
    return shown(FRONTENDS, rows)


def backends(session, statement):
    _operator(session)
    return shown(BACKENDS, [])


def compute_nodes(session, statement):
    _operator(session)
    return shown(COMPUTE_NODES, [])


def processes(session, statement):
    columns = ["ServerName:64", ("Id", kinds.BIGINT), "User:16", "Host:16", "Db:16", "Command:16",
               "ConnectionStartTime:16", ("Time", kinds.INT), "State:64", "Info:32768", "IsPending:16", "Warehouse:20",
               "CNGroup:64", "Catalog:64", "QueryId:64"]
    all_of_them = session.may("OPERATE", "SYSTEM")
    rows = []
    for s in session.cluster.sessions():
        if not s.user or not (all_of_them or s.user.name == session.user.name):
            continue
        rows.append([f"{s.frontend.host}_9010_{s.frontend.number}", str(s.id), s.user.name, f"{s.address}:{s.port}", s.database,
                     "Query" if s.busy else "Sleep", _moment(s.since), str(int(time.time() - s.since)),
                     "OK" if s.busy else "EOF", s.text if s.busy else "", "false", "default_warehouse", "", s.catalog,
                     s.query_id if s.busy else ""])
    return shown(columns, rows)


def catalogs(session, statement):
    rows = []
    for name, (kind, comment) in sorted(session.cluster.catalogs.items()):
        if name == "default_catalog" or session.may("USAGE", "CATALOG"):
            rows.append([name, kind, comment])
    return shown("Catalog:256,Type:20,Comment:30", rows)


def _group_rows(group, shown_classifiers):
    start = [group.name, str(group.id), group.cpu, "0", group.mem, group.cpu_limit, "0", "0", group.limit, group.spill]
    if not group.classifiers:
        return [start + ["(id=0, weight=0.0)"]]
    return [start + [f"(id={number}, weight={weight}, {text})"]
            for number, (weight, text) in group.classifiers if shown_classifiers(text)]


def groups(session, statement):
    everything = statement.word(3) == "ALL" or statement.word(4) == "ALL"
    mine = f"user={session.user.name}"
    rows = []
    for _, group in sorted(session.cluster.groups.items()):
        found = _group_rows(group, lambda text: everything or text == mine or text.startswith("db="))
        rows += found if everything or group.classifiers else []
    return shown(GROUPS, rows, 200)


def group(session, statement):
    name = statement.value(3)
    known = session.cluster.groups.get(name)
    return shown(GROUPS, _group_rows(known, lambda text: True) if known else [], 200)


def grants(session, statement):
    from .administration import user_at
    user = session.effective
    if statement.word(2) == "FOR":
        if statement.word(3) == "ROLE":
            role = session.cluster.accounts.roles.get(statement.value(4), [])
            return shown("UserIdentity:100,Catalog:400,Grants:400",
                         [[statement.value(4), "default_catalog", g.text] for g in role])
        name, host, _ = user_at(statement, 3)
        if user.name != name:
            session.need("GRANT", "SYSTEM")
        user = session.cluster.accounts.named(name, host)
    rows = [[str(user), None, f"GRANT '{role}' TO {user}"] for role in user.roles]
    rows += [[str(user), "default_catalog", g.text] for g in user.grants]
    return shown("UserIdentity:100,Catalog:400,Grants:400", rows)


def roles(session, statement):
    known = session.cluster.accounts
    rows = [[name, str(name in known.builtin).lower(), DESCRIPTIONS.get(name)] for name in known.roles]
    return shown("Name:100,Builtin:30,Comment:300", rows)


def users(session, statement):
    return shown("User:50", [[str(u)] for u in session.cluster.accounts.users])


def warehouses(session, statement):
    raise errors.plain("unsupported statement in shared_nothing mode", 5907, "42000")


def storage(session, statement):
    raise errors.unexpected(statement, statement.tokens[2] if len(statement.tokens) > 2 else None, "'VOLUMES'")


def state(session, statement):
    """SHOW EMULATOR STATE: what this connection carries, for tests that look for leaks."""
    rows = [["user", session.user.name], ["effective", str(session.effective)], ["roles", ",".join(session.roles)],
            ["catalog", session.catalog], ["database", session.database],
            ["transaction", session.transaction.label if session.transaction else ""],
            ["prepared", str(len(session.prepared))], ["named", str(len(session.named))]]
    rows += [[f"@{name}", text] for name, (_, text) in sorted(session.user_values.items())]
    rows += [[v.shown, session.values.own[v.name]] for v in variables.ALL if v.name in session.values.own]
    return shown("Name:64,Value:1024", rows)


ROUTES = [(r"FRONTENDS", frontends), (r"BACKENDS", backends), (r"COMPUTE NODES", compute_nodes),
          (r"(FULL )?PROCESSLIST", processes), (r"CATALOGS", catalogs), (r"(VERBOSE )?RESOURCE GROUPS", groups),
          (r"RESOURCE GROUP", group), (r"GRANTS", grants), (r"ROLES", roles), (r"(ALL )?USERS", users),
          (r"WAREHOUSES", warehouses), (r"STORAGE", storage), (r"EMULATOR STATE", state)]
