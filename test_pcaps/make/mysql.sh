#!/bin/bash
# mysql.sh -- makes mysql.pcap: MariaDB's client and server; by hand what they do not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need mariadbd mariadb-install-db mariadb mariadb-admin openssl

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
secret=s3cr3t-canary
chmod 0755 "$work"
install -d -o mysql "$work/data"
mariadb-install-db --no-defaults --user=mysql --datadir="$work/data" --skip-test-db \
	--auth-root-authentication-method=normal >"$work/install.log" 2>&1
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=10.0.0.80 -keyout "$work/data/key.pem" \
	-out "$work/data/cert.pem" 2>"$work/openssl.log"
chown mysql "$work/data/key.pem" "$work/data/cert.pem"
start b mariadbd --no-defaults --user=mysql --datadir="$work/data" --socket="$work/data/sock" \
	--pid-file="$work/data/pid" --bind-address='*' --skip-name-resolve --ssl-key="$work/data/key.pem" \
	--ssl-cert="$work/data/cert.pem" --plugin-load-add=auth_ed25519 --loose-innodb-buffer-pool-size=8M
wait_port b t 3306
in_space b mariadb --no-defaults -S "$work/data/sock" <<END
CREATE DATABASE shop;
CREATE TABLE shop.people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40));
INSERT INTO shop.people (name) VALUES ('Alice'), (NULL), ('Jürgen');
CREATE USER alice IDENTIFIED BY '$secret';
CREATE USER bob IDENTIFIED VIA ed25519 USING PASSWORD('$secret');
CREATE USER carol;
GRANT ALL ON *.* TO alice, bob, carol;
END

# sql USER PASSWORD [OPTION OF mariadb]...
sql() {
	local user=$1 password=$2
	shift 2
	in_space a mariadb --no-defaults -h "${host-10.0.0.80}" -u "$user" "-p$password" --skip-ssl "$@" \
		>>"$work/client.log" 2>&1 || true
}

capture mysql.pcap a eth0 port 3306 or port 13306
sql alice "$secret" -D shop -e "SELECT * FROM people; INSERT INTO people (name) VALUES ('Eve'); USE mysql; SELECT 1/0"
sql alice "$secret" -e "SELECT * FROM nowhere.at_all"
sql alice "wrong-$secret" -e "SELECT 1"
sql nobody "$secret" -e "SELECT 1"
sql bob "$secret" -e "SELECT 1"
sql carol "" -D shop -e "UPDATE people SET name = 'Bob' WHERE id > 1; DELETE FROM people WHERE id = 3"
host=2001:db8::80 sql alice "$secret" -e "SELECT VERSION()"
sql alice "$secret" --ssl -e "SELECT 'hidden'"
sql alice "$secret" -D shop -e "PREPARE s FROM 'SELECT ? + 1'; SET @a = 1; EXECUTE s USING @a"
sql alice "$secret" --compress -e "SELECT 1"
in_space a mariadb-admin --no-defaults -h 10.0.0.80 -u alice "-p$secret" --skip-ssl ping status processlist \
	>>"$work/client.log" 2>&1
in_space a python3 "$make_dir/mysql_odd.py"
capture_end
