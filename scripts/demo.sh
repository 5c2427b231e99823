#!/usr/bin/env bash
# The demo: demo.sh STARBIND
#
# A throw-away MariaDB server plays the StarRocks frontend and holds a sample warehouse; the gateway runs
# on etc/demo.json; three users take a tour with the stock client. Each step shows the statement, what
# reached the server (from its general log) and the result, and is checked. On a terminal everything then
# stays up until Ctrl-C. Nothing is left behind: files in one temporary directory, processes by their pid.
set -euo pipefail
cd "$(dirname "$0")/.."
starbind=${1:?usage: demo.sh STARBIND}
dir=$(mktemp -d "${TMPDIR:-/tmp}/starbind-demo.XXXXXX")
server='' gateway='' steps=0 wrong=0

end() {
    trap '' INT TERM
    for pid in $gateway $server; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -t 1 ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' plain=''
fi

# ---- ports, server, gateway

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The ports that etc/demo.json names, or others when these are taken. The lock on the directory of
# temporary files keeps a second demo off them before the first one listens.
choose_ports() {
    local port
    if [ "$1" = 1 ] && flock -n 9 && ! is_taken 19030 && ! is_taken 19130 && ! is_taken 19131; then
        ports=(19030 19130 19131)
        return
    fi
    ports=()
    while [ ${#ports[@]} -lt 3 ]; do
        port=$((20000 + RANDOM % 10000))
        is_taken $port || [[ " ${ports[*]} " == *" $port "* ]] || ports+=("$port")
    done
}

as_root() { mariadb --no-defaults --socket="$dir/socket" -u root "$@"; }

start() {
    local try wait
    exec 9<"${TMPDIR:-/tmp}"
    scripts/mariadb.sh init "$dir"
    for try in 1 2 3 4 5; do
        choose_ports $try
        scripts/mariadb.sh run "$dir" "${ports[0]}" 9<&- &
        server=$!
        for ((wait = 0; wait < 300; wait++)); do
            ! as_root -e 'SELECT 1' >/dev/null 2>&1 || return 0
            kill -0 $server 2>/dev/null || break
            sleep 0.1
        done
    done
    cat "$dir/server.log" >&2
    return 1
}

load() {
    DEMO_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    export DEMO_PASSWORD
    sed "s/@PASSWORD@/$DEMO_PASSWORD/g" scripts/demo/warehouse.sql | as_root
}

open_gateway() {
    local wait
    sed -e "s/:19030/:${ports[0]}/" -e "s/:19130/:${ports[1]}/" -e "s/:19131/:${ports[2]}/" etc/demo.json >"$dir/demo.json"
    "$starbind" run -c "$dir/demo.json" >"$dir/gateway.log" 2>&1 9<&- &
    gateway=$!
    for ((wait = 0; wait < 100; wait++)); do
        if is_taken "${ports[1]}" && is_taken "${ports[2]}"; then return 0; fi
        kill -0 $gateway 2>/dev/null || break
        sleep 0.1
    done
    cat "$dir/gateway.log" >&2
    return 1
}

# ---- the tour

indent() { sed "s/^/$1/"; }

# What accounts of the gateway ran on the server since line $1 of its general log, without the gateway's own
# question whether the server is a StarRocks frontend, which comes at any time.
reached() {
    awk -v from="$1" '
        match($0, /^([0-9]+ +[0-9:]+)?\t+ *[0-9]+ [A-Z][A-Za-z ]*\t/) {
            head = substr($0, RSTART, RLENGTH)
            text = substr($0, RLENGTH + 1)
            sub(/^([0-9]+ +[0-9:]+)?\t+ */, "", head)
            id = head + 0
            if (head ~ / Connect\t$/) { account[id] = text; sub(/@.*/, "", account[id]) }
            shown = NR > from && account[id] != "root" && head ~ / (Query|Execute)\t$/ && text != "SELECT CATALOG()"
            if (shown) print account[id] ": " text
            next
        }
        shown { print "    " $0 }' "$dir/general.log"
}

# step TITLE USER ENVIRONMENT DATABASE WANT PATTERN: the statement comes on standard input.
# WANT is ok or the number of the error; PATTERN must be found in what the client printed, and when
# WANT is an error, nothing may have reached the server.
step() {
    local title=$1 user=$2 environment=$3 database=$4 want=$5 pattern=$6 sql from got rc=0 port seen fine=yes
    steps=$((steps + 1))
    port=${ports[1]}
    [ "$environment" = prod ] || port=${ports[2]}
    sql=$(cat)
    from=$(wc -l <"$dir/general.log")
    got=$(MYSQL_PWD=$user mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P "$port" -u "$user" --table \
        ${database:+"$database"} 2>&1 <<<"$sql") || rc=$?
    got=$(grep -v '^-*$' <<<"$got" || true) # the client frames a failed statement in dashes
    seen=$(reached "$from")

    printf '\n%s%d. %s%s\n%s%s, %s port%s%s\n' "$bold" $steps "$title" "$plain" \
        "$dim" "$user" "$environment" "${database:+, project $database}" "$plain"
    indent "  sql      " <<<"$sql"
    indent "  server   " <<<"${seen:-(nothing)}"
    if [ "$want" = ok ]; then
        indent "  result   " <<<"${got:-(done)}"
        [ $rc = 0 ] || fine="no: it failed"
    else
        grep '^ERROR' <<<"$got" | indent "  refused  " || fine="no: it was not refused"
        [[ $got == *"ERROR $want "* ]] || fine="no: error $want was expected"
        [ -z "$seen" ] || fine="no: something reached the server"
    fi
    grep -qE -- "$pattern" <<<"$got"$'\n'"$seen" || fine="no: '$pattern' is missing"
    if [ "$fine" != yes ]; then
        wrong=$((wrong + 1))
        printf '  %swrong    %s%s\n' "$red" "$fine" "$plain"
    fi
}

tour() {
    step "Two projects in one statement, by name and by \${name}" ana prod "" ok 'dw_sales.*orders' <<'SQL'
SELECT c.name, COUNT(*) AS orders, SUM(o.amount) AS revenue
FROM sales.orders o JOIN ${crm}.customers c USING (customer_id)
GROUP BY c.name ORDER BY revenue DESC LIMIT 3;
SQL
    step "A statement over sales and the shared dimension project, in prod" ana prod sales ok '^\| +120000 ' <<'SQL'
SELECT COUNT(*) AS orders, COUNT(DISTINCT p.name) AS products, MIN(o.status) AS status
FROM ${sales}.orders o JOIN ${dim}.products p USING (product_id);
SQL
    step "The same statement in dev: other database, other account, other rows" ana dev sales ok '^\| +6000 .*test' <<'SQL'
SELECT COUNT(*) AS orders, COUNT(DISTINCT p.name) AS products, MIN(o.status) AS status
FROM ${sales}.orders o JOIN ${dim}.products p USING (product_id);
SQL
    step "A write that is allowed: the operator fills a table in prod" etl prod sales ok '2024-12' <<'SQL'
INSERT INTO monthly_revenue
    SELECT DATE_FORMAT(ordered_on, '%Y-%m'), COUNT(*), SUM(amount) FROM sales.orders GROUP BY 1;
SELECT * FROM monthly_revenue ORDER BY month DESC LIMIT 3;
SQL
    step "The developer may change dev" ana dev sales ok '^\| +6000 ' <<'SQL'
UPDATE ${sales}.orders SET status = 'checked' WHERE status = 'test';
SELECT COUNT(*) AS checked FROM orders WHERE status = 'checked';
SQL
    step "A read that is refused: bo's role covers customers, not contacts" bo prod "" 5203 'starbind:' <<'SQL'
SELECT cu.name, co.email FROM crm.customers cu JOIN crm.contacts co USING (customer_id) LIMIT 3;
SQL
    step "A database's own name is unknown here" bo prod sales 5501 'dw_crm' <<'SQL'
SELECT * FROM dw_crm.contacts LIMIT 3;
SQL
    step "A write that is refused: bo only reads" bo prod sales 5203 'starbind:' <<'SQL'
DELETE FROM orders WHERE status = 'returned';
SQL
    step "A write from dev into prod is refused, and the message says what to write" etl dev sales 5203 '\$\{sales\}' <<'SQL'
INSERT INTO sales.monthly_revenue VALUES ('2030-01', 0, 0);
SQL
    step "USE goes from project to project" ana prod "" ok '\| crm_dev \| Test customer' <<'SQL'
USE crm;
SELECT DATABASE() AS here, name FROM customers WHERE customer_id = 7;
USE crm_dev;
SELECT DATABASE() AS here, name FROM customers WHERE customer_id = 7;
SQL
    step "What bo can see" bo prod sales ok 'monthly_revenue' <<'SQL'
SHOW DATABASES;
SHOW TABLES;
SQL
}

echo "Starting a MariaDB server that plays the frontend, and loading the warehouse …"
start
load
open_gateway
echo "The gateway listens on 127.0.0.1: port ${ports[1]} is prod, port ${ports[2]} is dev."
tour

if [ $wrong != 0 ]; then
    printf '\n%s%d of %d steps did not do what they should.%s The log of the gateway:\n' "$red" $wrong $steps "$plain"
    tail -n 20 "$dir/gateway.log"
    exit 1
fi
printf '\n%sAll %d steps did what they should.%s\n' "$green" $steps "$plain"

if [ -t 0 ] && [ -t 1 ]; then
    cat <<END

It stays up. Connect from another terminal; the users ana, bo and etl have their name as password:

    mariadb --protocol=tcp -h 127.0.0.1 -P ${ports[1]} -u ana -pana sales      # prod
    mariadb --protocol=tcp -h 127.0.0.1 -P ${ports[2]} -u ana -pana sales      # dev

Ctrl-C ends it.
END
    wait $gateway || true
    echo "The gateway ended:" && tail -n 20 "$dir/gateway.log"
    exit 1
fi
