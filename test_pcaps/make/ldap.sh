#!/bin/bash
# ldap.sh -- makes ldap.pcap: OpenLDAP's programs with slapd; by hand what they do not send, and CLDAP.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need slapd slapadd ldapsearch ldapwhoami openssl

pair 10.0.0.4/24 10.0.0.80/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::80/64
secret=s3cr3t-canary
base=dc=example,dc=net
mkdir "$work/db" "$work/sasl"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=10.0.0.80 -addext subjectAltName=IP:10.0.0.80 \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
cat >"$work/slapd.conf" <<END
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload sssvlv
TLSCertificateFile $work/cert.pem
TLSCertificateKeyFile $work/key.pem
sasl-host 10.0.0.80
sasl-realm example.net
sasl-auxprops slapd
password-hash {CLEARTEXT}
authz-regexp uid=([^,]*),cn=[^,]*,cn=auth uid=\$1,ou=people,$base
authz-regexp uid=([^,]*),cn=[^,]*,cn=[^,]*,cn=auth uid=\$1,ou=people,$base
pidfile $work/slapd.pid
database mdb
suffix $base
rootdn cn=admin,$base
rootpw $secret
directory $work/db
overlay sssvlv
limits users size=3
access to attrs=userPassword by self write by anonymous auth by * none
access to * by users write by * read
END
cat >"$work/base.ldif" <<END
dn: $base
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,$base
objectClass: organizationalUnit
ou: people

dn: uid=alice,ou=people,$base
objectClass: inetOrgPerson
uid: alice
cn: Alice Example
sn: Example
mail: alice@example.net
description: a line of text
userPassword: $secret

dn: uid=bob,ou=people,$base
objectClass: inetOrgPerson
uid: bob
cn:: Qm9iIEV4w6RtcGxl
sn: Example
jpegPhoto:: /9j/4AAQSkZJRgABAQ==

dn: uid=carol,ou=people,$base
objectClass: inetOrgPerson
uid: carol
cn: Carol Example
sn: Example
END
slapadd -f "$work/slapd.conf" -l "$work/base.ldif"
export LDAPNOINIT=1 LDAPTLS_CACERT=$work/cert.pem
start b slapd -d none -f "$work/slapd.conf" -h "ldap:///"
wait_port b t 389
server=ldap://10.0.0.80
as=(-x -D "uid=alice,ou=people,$base" -w "$secret")

ask() {
	in_space a "$@" >>"$work/client.log" 2>&1 </dev/null || true
}

capture ldap.pcap a eth0 port 389 or port 1389
ask ldapwhoami -H "$server" "${as[@]}"
ask ldapwhoami -H "$server" -x -D "uid=alice,ou=people,$base" -w "wrong-$secret"
ask ldapwhoami -H "$server" -x -P 2
ask ldapwhoami -H "ldap://[2001:db8::80]" -x
ask ldapsearch -H "$server" -x -LLL -s base -b "" "(objectClass=*)" supportedSASLMechanisms +
ask ldapsearch -H "$server" "${as[@]}" -b "$base" \
	"(&(|(uid=alice)(uid=b*b*)(cn=*x*mp*))(!(sn>=Z))(cn~=alise)(sn<=x)(cn:dn:caseIgnoreMatch:=alice))" uid cn
ask ldapsearch -H "$server" "${as[@]}" -b "$base" -A -a always -z 2 -l 7 "(mail=*)"
ask ldapsearch -H "$server" "${as[@]}" -b "$base" -s one "(uid=*)"
ask ldapsearch -H "$server" "${as[@]}" -b "ou=nobody,$base" "(uid=*)"
ask ldapsearch -H "$server" "${as[@]}" -b "$base" -E pr=2/noprompt -E sss=uid -M "(objectClass=*)" jpegPhoto cn
ask ldapcompare -H "$server" "${as[@]}" "uid=bob,ou=people,$base" sn:Example
ask ldapcompare -H "$server" "${as[@]}" "uid=bob,ou=people,$base" sn:other
printf 'dn: uid=dave,ou=people,%s\nchangetype: add\nobjectClass: inetOrgPerson\nuid: dave\ncn: Dave\nsn: D\n\n' \
	"$base" >"$work/add.ldif"
printf 'dn: uid=dave,ou=people,%s\nchangetype: modify\nreplace: sn\nsn: E\n-\nadd: mail\nmail: d@example.net\n\n' \
	"$base" >"$work/mod.ldif"
ask ldapmodify -H "$server" "${as[@]}" -f "$work/add.ldif"
ask ldapmodify -H "$server" "${as[@]}" -f "$work/mod.ldif"
ask ldapmodify -H "$server" -x -f "$work/mod.ldif"
ask ldapmodrdn -H "$server" "${as[@]}" -r "uid=dave,ou=people,$base" uid=david
ask ldapdelete -H "$server" "${as[@]}" "uid=david,ou=people,$base"
ask ldappasswd -H "$server" "${as[@]}" -a "$secret" -s "$secret"
ask ldapexop -H "$server" "${as[@]}" 1.2.3.4:text
ask ldapwhoami -H "$server" -ZZ "${as[@]}"
ask ldapwhoami -H "$server" -Y PLAIN -O minssf=0 -U alice -w "$secret"
ask ldapsearch -H "$server" -Y DIGEST-MD5 -U alice -w "$secret" -b "$base" "(uid=alice)" cn
ask ldapwhoami -H "$server" -Y SCRAM-SHA-256 -U alice -w "$secret"
in_space a python3 "$make_dir/ldap_odd.py"
capture_end
