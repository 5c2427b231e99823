/* One mistake each: a good configuration with one line replaced, and the finding that must come of
 * it, with its line and its JSON path. Apostrophes stand for quotes. */
#include "config_case.h"

#define ACCOUNT "'username': 'sr', 'password': 'env:STARBIND_TEST_PASSWORD'"
#define AUTH    "'auth': {'mysql_native_password': '" A_HASH "'}"
#define X10     "xxxxxxxxxx"
#define X64     X10 X10 X10 X10 X10 X10 "xxxx"
#define X128    X64 X64

enum { LISTENERS = 3, CLUSTERS, SOURCE = 6, SOURCE_DEV, PROJECT = 10, MEMBERS, CODE = 13, SIDE };
enum { TOP = 2, ROLES = 15, GROUPS, ANA = 18, ALLOW = 20 };

/* The first one is line 1. */
static const char *const good[] = {
    "{",
    "'settings': {'workers': 2},",
    "'listeners': [{'protocol': 'mysql', 'address': '127.0.0.1:9130'}],",
    "'clusters': {'main': {'jdbc_url': 'jdbc:mysql://fe1:9030,fe2:9030/'}},",
    "'compute_sources': {",
    "'s': {'cluster': 'main', 'database': 'dw', " ACCOUNT "},",
    "'t': {'cluster': 'main', 'database': 'dw_dev', " ACCOUNT "}",
    "},",
    "'projects': {",
    "'sales': {'prod': 's', 'dev': 't',",
    "'members': {'ana': 'developer', '@team': ['viewer']}}",
    "},",
    "'data_sources': {'订单-db': {'code': 'orders',",
    "'prod': {'cluster': 'main', 'database': 'o', " ACCOUNT "}}},",
    "'roles': {'reader': {'prod': ['read', {'privileges': ['read'], 'tables': ['a*']}]}},",
    "'groups': {'team': ['ana']},",
    "'users': {",
    "'ana': {" AUTH ", 'from': ['10.0.0.0/8']}",
    "},",
    "'allow_statements': []",
    "}",
};

enum { LINES = sizeof(good) / sizeof(*good) };
enum severity { WARNS, FAILS };

static const struct mistake {
    const char *name;
    unsigned line;    /* that is replaced, */
    const char *text; /* by this */
    unsigned found;   /* line of the finding */
    const char *path;
    enum severity severity;
    const char *part; /* of its text */
} mistakes[] = {
#define S(rest) "'s': {" rest "},"
#define C(rest) "'clusters': {'main': {" rest "}},"
#define U(rest) "'ana': {" rest "}"
#define P(rest) "'sales': {" rest ","
#define D(rest) "'prod': {" rest "}}},"
#define R(rest) "'roles': {'reader': {'prod': [" rest "]}},"
    /* clang-format off */
    {"an unknown key at the top", TOP, "'setings': {},", 2, "setings", FAILS, "unknown key of the configuration; did you mean 'settings'?"},
    {"a section of the wrong type", ROLES, "'roles': [],", 15, "roles", FAILS, "expected an object, found a list"},
    {"an unknown setting", TOP, "'settings': {'worker': 1},", 2, "settings.worker", FAILS, "did you mean 'workers'?"},
    {"a setting out of range", TOP, "'settings': {'workers': 300},", 2, "settings.workers", FAILS, "300 is out of range: 0 to 256"},
    {"a negative setting", TOP, "'settings': {'workers': -1},", 2, "settings.workers", FAILS, "-1 is out of range"},
    {"a setting of the wrong type", TOP, "'settings': {\n'workers': '2'},", 3, "settings.workers", FAILS, "expected a number, found a string"},
    {"a fraction for a number", TOP, "'settings': {'workers': 1.5},", 2, "settings.workers", FAILS, "found a fraction"},
    {"a setting that is none of its words", TOP, "'settings': {'cross_environment': 'all'},", 2, "settings.cross_environment", FAILS, "'all' is none of the words here: read, write or none"},
    {"an unknown TLS provider", TOP, "'settings': {'tls_provider': 'gnutls'},", 2, "settings.tls_provider", FAILS, "openssl or mbedtls"},
    {"a bad trusted proxy", TOP, "'settings': {'trusted_proxies': ['10.0.0.0/8',\n'10.0.0/8']},", 3, "settings.trusted_proxies[1]", FAILS, "no IP address"},
    {"a short token key", TOP, "'settings': {'token_keys': ['env:STARBIND_TEST_PASSWORD',\n'env:STARBIND_TEST_SHORT']},", 3, "settings.token_keys[1]", FAILS, "has 5 bytes, a key needs 16"},
    {"nine token keys", TOP, "'settings': {'token_keys': ['','','','','','','','','']},", 2, "settings.token_keys", FAILS, "has 9 keys, at most 8"},
    {"settings that are no object", TOP, "'settings': 3,", 2, "settings", FAILS, "expected an object"},

    {"a listener without an address", LISTENERS, "'listeners': [{'protocol': 'mysql'}],", 3, "listeners[0]", FAILS, "\"address\" is missing"},
    {"a listener without a port", LISTENERS, "'listeners': [{'address': 'localhost'}],", 3, "listeners[0].address", FAILS, "the port is missing"},
    {"a listener's port over 65535", LISTENERS, "'listeners': [{'address': 'localhost:99999'}],", 3, "listeners[0].address", FAILS, "the port must be"},
    {"pages for everybody", LISTENERS, "'listeners': [{'protocol': 'http', 'address': 'h:1'}],", 3, "listeners[0]", FAILS, "\"token\" is missing"},
    {"an unknown protocol", LISTENERS, "'listeners': [{'protocol': 'pgsql', 'address': 'h:1'}],", 3, "listeners[0].protocol", FAILS, "'pgsql' is none of"},
    {"two listeners at one address", LISTENERS, "'listeners': [{'address': '0.0.0.0:9130'},\n{'address': '127.0.0.1:9130'}],", 4, "listeners[1].address", FAILS, "main.json:3)"},
    {"a listener with TLS and no certificate", LISTENERS, "'listeners': [{'address': 'h:1', 'tls': 'required'}],", 3, "listeners[0].tls", FAILS, "needs \"certificate\" and \"key\""},
    {"a certificate that cannot be read", LISTENERS, "'listeners': [{'address': 'h:1', 'tls': {'mode': 'off', 'certificate': 'none.pem'}}],", 3, "listeners[0].tls.certificate", FAILS, "No such file"},
    {"a cluster's TLS mode on a listener", LISTENERS, "'listeners': [{'address': 'h:1', 'tls': 'verify-ca'}],", 3, "listeners[0].tls", FAILS, "off, optional or required"},
    {"an unknown environment", LISTENERS, "'listeners': [{'address': 'h:1', 'environment': 'test'}],", 3, "listeners[0].environment", FAILS, "prod or dev"},

    {"a cluster without a URL", CLUSTERS, C("'load_url': 'fe1:8030'"), 4, "clusters.main", FAILS, "\"jdbc_url\" is missing"},
    {"a URL of another kind", CLUSTERS, C("'jdbc_url': 'http://fe1:8030'"), 4, "clusters.main.jdbc_url", FAILS, "jdbc:mysql://host:port"},
    {"a URL without a port", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1/'"), 4, "clusters.main.jdbc_url", FAILS, "'fe1': the port is missing"},
    {"a URL without a host", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://'"), 4, "clusters.main.jdbc_url", FAILS, "no host name"},
    {"a URL with a password", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://u:p@fe1:9030/'"), 4, "clusters.main.jdbc_url", FAILS, "user and password do not belong here"},
    {"a URL with a bad sslMode", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/?sslMode=YES'"), 4, "clusters.main.jdbc_url", FAILS, "sslMode must be"},
    {"a URL with a bad timeout", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/?connectTimeout=3s'"), 4, "clusters.main.jdbc_url", FAILS, "connectTimeout is no number"},
    {"URL parameters without effect", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/?a=1&connectTimeout=5&b=2'"), 4, "clusters.main.jdbc_url", WARNS, "no effect: 'a', 'b'"},
    {"a URL's database in a cluster", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/dw'"), 4, "clusters.main.jdbc_url", WARNS, "'dw'"},
    {"a frontend that stands twice", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030,FE1:9030/'"), 4, "clusters.main.jdbc_url", WARNS, "twice"},
    {"a bad load URL", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/',\n'load_url': 'http://fe1:8030'"), 5, "clusters.main.load_url", FAILS, "port must be a number"},
    {"two clusters with the same frontends", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030,fe2:9030/'},\n'copy': {'jdbc_url': 'jdbc:mysql://fe2:9030,FE1:9030'"), 5, "clusters.copy.jdbc_url", FAILS, "'main' has the same frontends"},
    {"two clusters that share a frontend", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/'},\n'more': {'jdbc_url': 'jdbc:mysql://fe2:9030,fe1:9030'"), 5, "clusters.more.jdbc_url", FAILS, "'fe1:9030' belongs to cluster 'main'"},
    {"a frontend's address that is none", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/', 'frontend_addresses': {'10.0.0.1:x': 'fe1'}"), 4, "clusters.main.frontend_addresses[\"10.0.0.1:x\"]", FAILS, "the port must be a number"},
    {"a frontend reached nowhere", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/', 'frontend_addresses': {'10.0.0.1': ''}"), 4, "clusters.main.frontend_addresses[\"10.0.0.1\"]", FAILS, "no host name or address"},
    {"a cluster account without a name", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/', 'monitor': {'password': ''}"), 4, "clusters.main.monitor", FAILS, "\"username\" is missing"},
    {"a limit out of range", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/', 'limits': {'max_connections': 9999999}"), 4, "clusters.main.limits.max_connections", FAILS, "out of range"},
    {"an unknown limit", CLUSTERS, C("'jdbc_url': 'jdbc:mysql://fe1:9030/', 'limits': {'max_connection': 9}"), 4, "clusters.main.limits.max_connection", FAILS, "did you mean 'max_connections'?"},

    {"a source without a cluster", SOURCE, S("'database': 'dw', " ACCOUNT), 6, "compute_sources.s", FAILS, "\"cluster\" or \"jdbc_url\" is missing"},
    {"a source with a cluster and a URL", SOURCE, S("'cluster': 'main', 'jdbc_url': 'jdbc:mysql://h:1/dw', " ACCOUNT), 6, "compute_sources.s", FAILS, "gives both"},
    {"a dangling cluster", SOURCE, S("'cluster': 'mian', 'database': 'dw', " ACCOUNT), 6, "compute_sources.s.cluster", FAILS, "there is no cluster 'mian'; did you mean 'main'?"},
    {"a source without a database", SOURCE, S("'cluster': 'main', " ACCOUNT), 6, "compute_sources.s", FAILS, "\"database\" is missing"},
    {"a source whose URL has no database", SOURCE, S("'jdbc_url': 'jdbc:mysql://h:1/', " ACCOUNT), 6, "compute_sources.s", FAILS, "the URL names none"},
    {"a source on a system schema", SOURCE, S("'cluster': 'main', 'database': 'information_schema', " ACCOUNT), 6, "compute_sources.s.database", FAILS, "is a system schema"},
    {"a system schema in a URL", SOURCE, S("\n'jdbc_url': 'jdbc:mysql://h:1/sys', " ACCOUNT), 7, "compute_sources.s.jdbc_url", FAILS, "'sys' is a system schema"},
    {"a database that cannot be quoted", SOURCE, S("'cluster': 'main', 'database': 'a`b', " ACCOUNT), 6, "compute_sources.s.database", FAILS, "cannot stand in SQL"},
    {"a source without an account", SOURCE, S("'cluster': 'main', 'database': 'dw', 'password': ''"), 6, "compute_sources.s", FAILS, "\"username\" is missing"},
    {"a source without a password", SOURCE, S("'cluster': 'main', 'database': 'dw', 'username': 'u'"), 6, "compute_sources.s", FAILS, "\"password\" is missing"},
    {"a password that stands in the file", SOURCE, S("'cluster': 'main', 'database': 'dw', 'username': 'sr', 'password': 'secret'"), 6, "compute_sources.s.password", WARNS, "write env:NAME or file:PATH"},
    {"a password's variable that is not set", SOURCE, S("'cluster': 'main', 'database': 'dw', 'username': 'u', 'password': 'env:STARBIND_TEST_UNSET'"), 6, "compute_sources.s.password", FAILS, "'STARBIND_TEST_UNSET' is not set"},
    {"a password's file that is not there", SOURCE, S("'cluster': 'main', 'database': 'dw', 'username': 'u', 'password': 'file:none'"), 6, "compute_sources.s.password", FAILS, "No such file"},
    {"several accounts and none for metadata", SOURCE, S("'cluster': 'main', 'database': 'dw', 'username': 'u', 'password': 'env:STARBIND_TEST_PASSWORD'"), 4, "clusters.main", WARNS, "without \"metadata\" or \"monitor\""},
    {"a load_url beside a cluster", SOURCE, S("'cluster': 'main', 'load_url': 'h:1', 'database': 'dw', " ACCOUNT), 6, "compute_sources.s.load_url", FAILS, "goes with \"jdbc_url\""},
    {"a misspelt key of a source", SOURCE, S("'cluster': 'main', 'databse': 'dw', 'database': 'dw', " ACCOUNT), 6, "compute_sources.s.databse", FAILS, "did you mean 'database'?"},
    {"databases of a compute source", SOURCE, S("'cluster': 'main', 'database': 'dw', 'databases': '*', " ACCOUNT), 6, "compute_sources.s.databases", FAILS, "unknown key of a compute source"},
    {"a description of 129 characters", SOURCE, S("'cluster': 'main', 'database': 'dw', 'description': '" X128 "é', " ACCOUNT), 6, "compute_sources.s.description", FAILS, "has 129 characters, at most 128"},
    {"an unknown pool mode", SOURCE, S("'cluster': 'main', 'database': 'dw', 'pool': {'mode': 'statement'}, " ACCOUNT), 6, "compute_sources.s.pool.mode", FAILS, "session or transaction"},
    {"more idle connections than the pool has", SOURCE, S("'cluster': 'main', 'database': 'dw', 'pool': {\n'max_connections': 2,\n'min_idle': 3}, " ACCOUNT), 8, "compute_sources.s.pool.min_idle", FAILS, "3 is more than max_connections, 2"},
    {"a timeout of 0", SOURCE, S("'cluster': 'main', 'database': 'dw', 'socket_timeout_ms': 0, " ACCOUNT), 6, "compute_sources.s.socket_timeout_ms", FAILS, "out of range: 1 to"},
    {"an empty resource group", SOURCE, S("'cluster': 'main', 'database': 'dw', 'resource_groups': {'high': ''}, " ACCOUNT), 6, "compute_sources.s.resource_groups.high", FAILS, "must not be empty"},
    {"a source's frontend of a named cluster", SOURCE, S("'jdbc_url': 'jdbc:mysql://fe1:9030/dw', " ACCOUNT), 6, "compute_sources.s.jdbc_url", WARNS, "'fe1:9030' belongs to cluster 'main'"},
    {"a source with another TLS mode than its cluster", SOURCE, S("'jdbc_url': 'jdbc:mysql://fe1:9030,fe2:9030/dw?useSSL=true', " ACCOUNT), 6, "compute_sources.s.jdbc_url", FAILS, "TLS mode"},
    {"two sources of one cluster with other HTTP ports", SOURCE, S("'jdbc_url': 'jdbc:mysql://h:1/dw', 'load_url': 'h:2', " ACCOUNT "},\n'u': {'jdbc_url': 'jdbc:mysql://h:1/dx',\n'load_url': 'h:3', " ACCOUNT), 8, "compute_sources.u.load_url", FAILS, "other HTTP ports (/tmp"},

    {"a project without a prod side", PROJECT, P("'dev': 't'"), 10, "projects.sales", FAILS, "\"prod\" is missing"},
    {"a dangling compute source", PROJECT, P("'prod': 's', 'dev': 'sales_dev'"), 10, "projects.sales.dev", FAILS, "there is no compute source 'sales_dev'"},
    {"a project that starts with a digit", PROJECT, "'9sales': {'prod': 's', 'dev': 't',", 10, "projects.9sales", FAILS, "must not start with a digit"},
    {"a project with a dot in its name", PROJECT, "'sales.x': {'prod': 's', 'dev': 't',", 10, "projects[\"sales.x\"]", FAILS, "letters, digits and '_' only"},
    {"a project with an emoji in its name", PROJECT, "'a\xf0\x9f\x98\x80': {'prod': 's', 'dev': 't',", 10, "projects.a\xf0\x9f\x98\x80", FAILS, "letters, digits and '_' only"},
    {"a project name of 65 characters", PROJECT, "'" X64 "y': {'prod': 's', 'dev': 't',", 10, "projects." X64 "y", FAILS, "at most 64 characters"},
    {"a project with an empty name", PROJECT, "'': {'prod': 's', 'dev': 't',", 10, "projects[\"\"]", FAILS, "must not be empty"},
    {"a project named as a system schema", PROJECT, "'Information_Schema': {'prod': 's', 'dev': 't',", 10, "projects.Information_Schema", FAILS, "system schema is reserved"},
    {"a project named as the catalog", PROJECT, "'default_catalog': {'prod': 's', 'dev': 't',", 10, "projects.default_catalog", FAILS, "the name is reserved"},
    {"a project named starbind", PROJECT, "'starbind': {'prod': 's', 'dev': 't',", 10, "projects.starbind", FAILS, "the name is reserved"},
    {"a project whose name is a reserved word", PROJECT, "'order': {'prod': 's'}, 'sales': {'prod': 't',", 10, "projects.order", WARNS, "reserved word"},
    {"two projects that differ in case", PROJECT, "'Sales': {'prod': 's'},\n'sales': {'prod': 't',", 11, "projects.sales", FAILS, "'sales' is taken by project 'Sales' (/tmp"},
    {"a project that is the dev side of another", PROJECT, "'sales_dev': {'prod': 's'},\n'sales': {'prod': 't',", 11, "projects.sales", FAILS, "'sales_dev' is taken by project"},
    {"a code that is a project's dev side", CODE, "'data_sources': {'d': {'code': 'SALES_dev',", 13, "data_sources.d.code", FAILS, "'SALES_dev' is the dev side of project 'sales'"},
    {"two projects on one database", PROJECT, "'x': {'prod': 's'},\n'sales': {'prod': 's', 'dev': 't',", 11, "projects.sales.prod", FAILS, "database 'dw' is that of project 'x'"},
    {"prod and dev on one database", PROJECT, P("'prod': 's', 'dev': 's'"), 10, "projects.sales.dev", FAILS, "\"shared\": true"},
    {"a shared project with a dev side", PROJECT, P("'prod': 's', 'dev': 't', 'shared': true"), 10, "projects.sales.shared", FAILS, "leave \"dev\" out"},
    {"a tag that is no string", PROJECT, P("'prod': 's', 'dev': 't', 'tags': ['a', 3]"), 10, "projects.sales.tags[1]", FAILS, "expected a string"},
    {"a member who is no user", MEMBERS, "'members': {'anna': 'viewer'}}", 11, "projects.sales.members.anna", FAILS, "there is no user 'anna'; did you mean 'ana'?"},
    {"a member that is no group", MEMBERS, "'members': {'@tea': 'viewer'}}", 11, "projects.sales.members.@tea", FAILS, "there is no group 'tea'; did you mean 'team'?"},
    {"a member with an unknown role", MEMBERS, "'members': {'ana': 'devloper'}}", 11, "projects.sales.members.ana", FAILS, "there is no role 'devloper'; did you mean 'developer'?"},
    {"a member with an unknown role in a list", MEMBERS, "'members': {'ana': ['viewer',\n'boss']}}", 12, "projects.sales.members.ana[1]", FAILS, "there is no role 'boss'"},
    {"a member with a role twice", MEMBERS, "'members': {'ana': ['viewer', 'viewer']}}", 11, "projects.sales.members.ana[1]", FAILS, "twice"},
    {"a member without roles", MEMBERS, "'members': {'ana': []}}", 11, "projects.sales.members.ana", FAILS, "names no role"},

    {"a data source with a bad name", CODE, "'data_sources': {'a b': {'code': 'orders',", 13, "data_sources[\"a b\"]", FAILS, "'_' and '-' only"},
    {"a data source with a bad code", CODE, "'data_sources': {'d': {'code': 'or-ders',", 13, "data_sources.d.code", FAILS, "letters, digits and '_' only"},
    {"two data sources with one code", CODE, "'data_sources': {'e': {'code': 'Orders', 'prod': {'cluster': 'main', 'database': 'o', " ACCOUNT "}},\n'd': {'code': 'orders',", 14, "data_sources.d.code", FAILS, "'orders' is taken by data source 'e'"},
    {"a data source without a prod side", SIDE, "'dev': {'cluster': 'main', 'database': 'o', " ACCOUNT "}}},", 13, "data_sources.订单-db", FAILS, "\"prod\" is missing"},
    {"a side without a database", SIDE, D("'cluster': 'main', " ACCOUNT), 14, "data_sources.订单-db.prod", FAILS, "\"database\" or \"databases\" is missing"},
    {"a side with a system schema", SIDE, D("'cluster': 'main', 'databases': ['a', 'SYS'], " ACCOUNT), 14, "data_sources.订单-db.prod.databases[1]", FAILS, "'SYS' is a system schema"},
    {"a side whose list of schemas is empty", SIDE, D("'cluster': 'main', 'database': 'o', 'databases': [], " ACCOUNT), 14, "data_sources.订单-db.prod.databases", FAILS, "names no schema"},

    {"an unknown privilege", ROLES, R("'red'"), 15, "roles.reader.prod[0]", FAILS, "'red' is none of the words here"},
    {"a grant without privileges", ROLES, R("{'tables': ['a']}"), 15, "roles.reader.prod[0]", FAILS, "\"privileges\" is missing"},
    {"a grant on no table", ROLES, R("'read', {'privileges': ['read'], 'tables': []}"), 15, "roles.reader.prod[1].tables", FAILS, "names no table"},
    {"an unknown key of a grant", ROLES, R("{'privileges': ['read'], 'table': ['a']}"), 15, "roles.reader.prod[0].table", FAILS, "did you mean 'tables'?"},
    {"an unknown environment of a role", ROLES, "'roles': {'reader': {'test': ['read']}},", 15, "roles.reader.test", FAILS, "unknown key of a role"},
    {"a group with an unknown user", GROUPS, "'groups': {'team': ['ana', 'bo']},", 16, "groups.team[1]", FAILS, "there is no user 'bo'"},
    {"a group with an at sign", GROUPS, "'groups': {'team': ['ana'], '@x': []},", 16, "groups.@x", FAILS, "must not start with '@'"},

    {"a user without auth", ANA, U("'default_project': 'sales'"), 18, "users.ana", FAILS, "\"auth\" is missing"},
    {"a user with empty auth", ANA, U("'auth': {}"), 18, "users.ana.auth", FAILS, "no way to log in"},
    {"auth that only says no to tokens", ANA, U("'auth': {'token': false}"), 18, "users.ana.auth", FAILS, "no way to log in"},
    {"tokens without a key", ANA, U("'auth': {'token': true}"), 18, "users.ana.auth.token", FAILS, "no \"token_keys\""},
    {"a hash without its star", ANA, U("'auth': {'mysql_native_password': '6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9'}"), 18, "users.ana.auth.mysql_native_password", FAILS, "40 hex digits"},
    {"a hash that is cut", ANA, U("'auth': {'caching_sha2_password': '$A$005$abc'}"), 18, "users.ana.auth.caching_sha2_password", FAILS, "20 bytes of salt"},
    {"three hashes", ANA, U("'auth': {'mysql_native_password': ['" A_HASH "', '" A_HASH "', '" A_HASH "']}"), 18, "users.ana.auth.mysql_native_password", FAILS, "one hash, or two"},
    {"an unknown way to log in", ANA, U("'auth': {'mysql_native': '" A_HASH "'}"), 18, "users.ana.auth.mysql_native", FAILS, "did you mean 'mysql_native_password'?"},
    {"an empty password", ANA, U("'auth': {'mysql_native_password': ''}"), 18, "users.ana.auth.mysql_native_password", WARNS, "an empty password"},
    {"a certificate of nobody", ANA, U("'auth': {'certificate': {}}"), 18, "users.ana.auth.certificate", FAILS, "\"subject\" or \"san\" is missing"},
    {"a dangling default project", ANA, U(AUTH ", 'default_project': 'sale'"), 18, "users.ana.default_project", FAILS, "there is no project 'sale'; did you mean 'sales'?"},
    {"a default project of others", ANA, U(AUTH ", 'default_project': 'orders'"), 18, "users.ana.default_project", WARNS, "no member of 'orders'"},
    {"a priority that nobody maps", ANA, U(AUTH ", 'priority': 'urgent'"), 18, "users.ana.priority", WARNS, "no source maps"},
    {"a bad network", ANA, U(AUTH ", 'from': ['10.0.0.0/33']"), 18, "users.ana.from[0]", FAILS, "from 0 to 32"},
    {"a network with bits beyond its prefix", ANA, U(AUTH ", 'from': ['10.1.2.3/8']"), 18, "users.ana.from[0]", WARNS, "read as 10.0.0.0/8"},
    {"a user from nowhere", ANA, U(AUTH ", 'from': []"), 18, "users.ana.from", FAILS, "names no network"},
    {"a truth that is a string", ANA, U(AUTH ", 'admin': 'yes'"), 18, "users.ana.admin", FAILS, "expected true or false"},
    {"metadata of some", ANA, U(AUTH ", 'metadata': 'some'"), 18, "users.ana.metadata", FAILS, "'some' is none of"},
    {"an unknown key of a user", ANA, U(AUTH ", 'pasword': 'x'"), 18, "users.ana.pasword", FAILS, "unknown key of a user"},

    {"an unknown statement rule", ALLOW, "'allow_statements': ['showProcStatment']", 20, "allow_statements[0]", FAILS, "did you mean 'showProcStatement'?"},
    {"an empty address", ALLOW, "'allow_endpoints': ['s3://b/*', '']", 20, "allow_endpoints[1]", FAILS, "empty"},
    {"an address that is no text", ALLOW, "'allow_endpoints': [7]", 20, "allow_endpoints[0]", FAILS, "an address"},
    {"a statement rule twice", ALLOW, "'allow_statements': ['showProcStatement',\n'showProcStatement']", 21, "allow_statements[1]", FAILS, "twice"},
    {"a statement rule that is open already", ALLOW, "'allow_statements': ['queryStatement']", 20, "allow_statements[0]", WARNS, "no effect"},

    {"a key that stands twice", TOP, "'settings': {'workers': 2,\n'workers': 3},", 3, "settings.workers", FAILS, "first in line 2"},
    {"a name that stands twice", SOURCE, S("'cluster': 'main', 'database': 'dw', " ACCOUNT "},\n's': {'cluster': 'main', 'database': 'dw', " ACCOUNT), 7, "compute_sources.s", FAILS, "first in line 6"},
    {"a comma too many", TOP, "'settings': {'workers': 2,},", 2, "", FAILS, "no JSON"},
    {"bytes that are not UTF-8", GROUPS, "'groups': {'te\xff': []},", 16, "", FAILS, "no JSON"},
    /* clang-format on */
};

enum { MISTAKES = sizeof(mistakes) / sizeof(*mistakes) };

/* The good lines with one replaced, in real quotes; owned by the caller. */
static char *text_with(unsigned line, const char *text)
{
    enum { ROOM = 16 * 1024 };
    char *made = memory_new(1, ROOM);
    size_t size = 0;

    for (unsigned i = 0; i < LINES; i++)
        size += (size_t)snprintf(made + size, ROOM - size, "%s\n", i + 1 == line ? text : good[i]);
    assert_true(size < ROOM);
    for (char *at = made; (at = strchr(at, '\''));)
        *at = '"';
    return made;
}

static void no_finding_in_the_good_one(void **state)
{
    struct config_case c;
    char *text = text_with(0, "");

    (void)state;
    case_open(&c);
    case_good(&c, text);
    assert_int_equal(c.findings.count, 0);
    case_close(&c);
    free(text);
}

static void is_found_at_its_place(void **state)
{
    const struct mistake *m = *state;
    char *text = text_with(m->line, m->text);
    struct config_case c;

    case_open(&c);
    case_try(&c, text);
    case_wants(&c, "main.json", m->found, m->path, m->part);
    assert_int_equal(case_find(&c, "main.json", m->found, m->path, m->part)->is_error,
                     m->severity == FAILS);
    assert_int_equal(c.config == NULL, m->severity == FAILS);
    if (c.findings.count != 1)
        findings_print(&c.findings, stderr);
    assert_int_equal(c.findings.count, 1); /* and nothing follows from it */
    case_close(&c);
    free(text);
}

int main(void)
{
    static struct CMUnitTest tests[MISTAKES + 1];

    tests[0] = (struct CMUnitTest)cmocka_unit_test(no_finding_in_the_good_one);
    for (size_t i = 0; i < MISTAKES; i++)
        tests[i + 1] = (struct CMUnitTest){.name = mistakes[i].name,
                                           .test_func = is_found_at_its_place,
                                           .initial_state = (void *)(uintptr_t)&mistakes[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
