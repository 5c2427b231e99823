/* Flag words of the MySQL protocol, under names of our own. Included by mysql.h; do not include it
 * elsewhere. The numbers are MySQL's ("Capabilities Flags" and "SERVER_STATUS_flags_enum" of its
 * source documentation). */
#ifndef PROTOCOL_MYSQL_FLAGS_H
#define PROTOCOL_MYSQL_FLAGS_H

/* What a side can do. A session uses what client AND server have; clients set bits that were never
 * offered. */
#define CAPABILITY_LONG_PASSWORD      0x00000001u
#define CAPABILITY_FOUND_ROWS         0x00000002u
#define CAPABILITY_LONG_FLAG          0x00000004u
#define CAPABILITY_CONNECT_WITH_DB    0x00000008u
#define CAPABILITY_NO_SCHEMA          0x00000010u
#define CAPABILITY_COMPRESS           0x00000020u
#define CAPABILITY_ODBC               0x00000040u
#define CAPABILITY_LOCAL_FILES        0x00000080u
#define CAPABILITY_IGNORE_SPACE       0x00000100u
#define CAPABILITY_PROTOCOL_41        0x00000200u
#define CAPABILITY_INTERACTIVE        0x00000400u
#define CAPABILITY_SSL                0x00000800u
#define CAPABILITY_IGNORE_SIGPIPE     0x00001000u
#define CAPABILITY_TRANSACTIONS       0x00002000u
#define CAPABILITY_RESERVED           0x00004000u
#define CAPABILITY_SECURE_CONNECTION  0x00008000u
#define CAPABILITY_MULTI_STATEMENTS   0x00010000u
#define CAPABILITY_MULTI_RESULTS      0x00020000u
#define CAPABILITY_PS_MULTI_RESULTS   0x00040000u
#define CAPABILITY_PLUGIN_AUTH        0x00080000u
#define CAPABILITY_CONNECT_ATTRS      0x00100000u
#define CAPABILITY_PLUGIN_AUTH_LENENC 0x00200000u
#define CAPABILITY_EXPIRED_PASSWORDS  0x00400000u
#define CAPABILITY_SESSION_TRACK      0x00800000u
#define CAPABILITY_DEPRECATE_EOF      0x01000000u
#define CAPABILITY_OPTIONAL_METADATA  0x02000000u
#define CAPABILITY_ZSTD               0x04000000u
#define CAPABILITY_QUERY_ATTRIBUTES   0x08000000u
#define CAPABILITY_MULTI_FACTOR       0x10000000u
#define CAPABILITY_VERIFY_CERTIFICATE 0x40000000u
#define CAPABILITY_REMEMBER_OPTIONS   0x80000000u

/* What the gateway offers its clients, as tried with 54 client set-ups; a listener with TLS adds
 * SSL. LONG_PASSWORD tells MariaDB's connectors that this is a MySQL. Never COMPRESS, LOCAL_FILES,
 * SESSION_TRACK, DEPRECATE_EOF or QUERY_ATTRIBUTES: each changes framing or lets a server read
 * files. */
#define GATEWAY_CAPABILITIES 0x003fa20du

/* What the gateway asks of a server, masked by what that one offers. */
#define BACKEND_CAPABILITIES                                                                       \
    (CAPABILITY_LONG_PASSWORD | CAPABILITY_LONG_FLAG | CAPABILITY_CONNECT_WITH_DB                  \
     | CAPABILITY_PROTOCOL_41 | CAPABILITY_TRANSACTIONS | CAPABILITY_SECURE_CONNECTION             \
     | CAPABILITY_MULTI_STATEMENTS | CAPABILITY_MULTI_RESULTS | CAPABILITY_PLUGIN_AUTH             \
     | CAPABILITY_CONNECT_ATTRS | CAPABILITY_PLUGIN_AUTH_LENENC)

/* The status word of OK and EOF packets. A StarRocks FE sets MORE_RESULTS and nothing else. */
#define STATUS_IN_TRANS             0x0001u
#define STATUS_AUTOCOMMIT           0x0002u
#define STATUS_MORE_RESULTS         0x0008u
#define STATUS_NO_GOOD_INDEX        0x0010u
#define STATUS_NO_INDEX             0x0020u
#define STATUS_CURSOR_EXISTS        0x0040u
#define STATUS_LAST_ROW_SENT        0x0080u
#define STATUS_DATABASE_DROPPED     0x0100u
#define STATUS_NO_BACKSLASH_ESCAPES 0x0200u
#define STATUS_METADATA_CHANGED     0x0400u
#define STATUS_SLOW                 0x0800u
#define STATUS_OUT_PARAMETERS       0x1000u
#define STATUS_IN_TRANS_READONLY    0x2000u
#define STATUS_SESSION_CHANGED      0x4000u

#endif
