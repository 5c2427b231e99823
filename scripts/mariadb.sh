#!/usr/bin/env bash
# A throw-away MariaDB server in a directory of its own, for the demo and the tests.
#
#   mariadb.sh init DIR                  makes the data directory: root@localhost without a password, no more
#   mariadb.sh run DIR PORT [OPTION…]    becomes the server: 127.0.0.1:PORT, DIR/socket, DIR/general.log
#
# `run` replaces itself, so the caller has the server's pid; it ends with SIGTERM, or with its caller.
set -euo pipefail
PATH=$PATH:/usr/sbin
dir=${2:?usage: mariadb.sh init|run DIR [PORT [OPTION…]]}

options=(--no-defaults --datadir="$dir/data" --tmpdir="$dir" --log-warnings=1
    --innodb-buffer-pool-size=32M --innodb-log-file-size=16M --innodb-flush-log-at-trx-commit=0
    --innodb-doublewrite=0 --aria-pagecache-buffer-size=8M --key-buffer-size=1M --skip-log-bin --table-open-cache=400)
[ "$(id -u)" != 0 ] || options+=(--user=root)

case $1 in
init)
    for share in /usr/share/mysql /usr/share/mariadb; do
        [ ! -e "$share/mysql_system_tables.sql" ] || break
    done
    mkdir -p "$dir/data"
    {
        printf '%s;\n' "CREATE DATABASE mysql" "USE mysql" \
            "SET @auth_root_socket = NULL, @skip_auth_anonymous = 1"
        cat "$share/mysql_system_tables.sql" "$share/mysql_system_tables_data.sql"
        echo "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';"
    } | mariadbd "${options[@]}" --bootstrap --silent-startup >"$dir/init.log" 2>&1 || {
        cat "$dir/init.log" >&2
        exit 1
    }
    ;;
run)
    port=${3:?usage: mariadb.sh run DIR PORT [OPTION…]}
    exec setpriv --pdeathsig TERM mariadbd "${options[@]}" --socket="$dir/socket" --pid-file="$dir/pid" \
        --bind-address=127.0.0.1 --port="$port" --skip-name-resolve --character-set-server=utf8mb4 \
        --general-log=1 --general-log-file="$dir/general.log" --local-infile=1 --skip-symbolic-links \
        --max-connections=300 --max-allowed-packet=64M "${@:4}" >"$dir/server.log" 2>&1
    ;;
esac
