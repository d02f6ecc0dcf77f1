#!/bin/bash
# pgsql.sh -- makes pgsql.pcap: psql and pgbench with PostgreSQL; by hand what they do not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | tail -1)
PATH=/usr/lib/postgresql/$version/bin:$PATH
need initdb postgres psql pgbench openssl runuser

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
secret=s3cr3t-canary
data=$work/data
chmod 0755 "$work"
install -d -o postgres -m 0700 "$data"
runuser -u postgres -- "$(command -v initdb)" -D "$data" -A trust --no-sync -N >"$work/initdb.log"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=10.0.0.80 -keyout "$data/server.key" \
	-out "$data/server.crt" 2>"$work/openssl.log"
chown postgres "$data/server.key" "$data/server.crt"
cat >"$data/pg_hba.conf" <<END
local all all trust
hostnossl all scram all scram-sha-256
hostnossl all md5er all md5
hostnossl all plain all password
hostnossl all nobody all reject
hostssl all scram all scram-sha-256
host all all all trust
END
start b runuser -u postgres -- "$(command -v postgres)" -D "$data" -c listen_addresses='*' -c ssl=on \
	-c unix_socket_directories="$data" -c fsync=off -c logging_collector=off
wait_port b t 5432

admin() {
	in_space b psql -h 127.0.0.1 -U postgres -q "$@" >>"$work/admin.log" 2>&1
}

admin -c "CREATE ROLE scram LOGIN SUPERUSER PASSWORD '$secret'" \
	-c "SET password_encryption = 'md5'" -c "CREATE ROLE md5er LOGIN PASSWORD '$secret'" \
	-c "SET password_encryption = 'scram-sha-256'" -c "CREATE ROLE plain LOGIN PASSWORD '$secret'" \
	-c "CREATE TABLE people (id int PRIMARY KEY, name text)" \
	-c "INSERT INTO people VALUES (1, 'Alice'), (2, NULL), (3, 'Jürgen')" \
	-c "GRANT ALL ON people TO PUBLIC"

# sql USER [OPTION OF psql]...: the connection is not encrypted unless PGSSLMODE says so.
sql() {
	local user=$1
	shift
	in_space a env PGPASSWORD="${password-$secret}" PGSSLMODE="${mode-disable}" PGCONNECT_TIMEOUT=5 \
		psql -X -h "${host-10.0.0.80}" -U "$user" -d postgres "$@" >>"$work/client.log" 2>&1 || true
}

capture pgsql.pcap a eth0 port 5432 or port 15432
sql scram -c "SELECT * FROM people" -c "SELECT 1/0" -c "" -c "INSERT INTO people VALUES (1)"
sql md5er -c "SELECT name FROM people WHERE id = 1"
sql plain -c "SELECT count(*) FROM people"
password=wrong-$secret sql scram -c "SELECT 1"
sql nobody -c "SELECT 1"
mode=require sql scram -c "SELECT 'hidden'"
mode=prefer sql plain -c "SELECT 1"
host=2001:db8::80 sql plain -c "SHOW server_version"
sql scram -c "COPY people TO STDOUT"
printf '7\tGrace\n' | in_space a env PGPASSWORD="$secret" PGSSLMODE=disable psql -X -h 10.0.0.80 -U plain \
	-d postgres -c "COPY people FROM STDIN" >>"$work/client.log" 2>&1
printf 'x\n' | in_space a env PGPASSWORD="$secret" PGSSLMODE=disable psql -X -h 10.0.0.80 -U plain \
	-d postgres -c "COPY people FROM STDIN" >>"$work/client.log" 2>&1 || true
sql scram -c "LISTEN news; NOTIFY news, 'text'" -c "DO \$\$ BEGIN RAISE NOTICE 'look'; END \$\$" \
	-c "BEGIN; SELECT * FROM nowhere" -c "ROLLBACK"
printf 'SELECT name FROM people WHERE id = 1;\nSELECT 2;\n' >"$work/bench.sql"
in_space a env PGPASSWORD="$secret" PGSSLMODE=disable pgbench -n -M prepared -t 2 -f "$work/bench.sql" -h 10.0.0.80 \
	-U plain postgres >>"$work/client.log" 2>&1
in_space a python3 "$make_dir/pgsql_odd.py"
capture_end
