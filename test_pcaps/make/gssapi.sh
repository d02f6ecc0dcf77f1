#!/bin/bash
# gssapi.sh -- makes gssapi.pcap: Kerberos and NTLM in HTTP (curl, Apache, Squid), LDAP (OpenLDAP) and
# SMB (Samba); by hand what they do not send.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need krb5kdc kdb5_util kadmin.local kinit curl apache2 squid slapd ldapwhoami smbd smbclient

pair 10.0.0.4/24 10.0.0.80/24
export secret=s3cr3t-canary
names='10.0.0.4 laptop.example.net\n10.0.0.80 server.example.net server\n'

# --- Kerberos; its own packets are those of kerberos.pcap ---

cat >"$work/krb5.conf" <<END
[libdefaults]
 default_realm = EXAMPLE.NET
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 default_ccache_name = FILE:$work/ccache
[realms]
 EXAMPLE.NET = {
  kdc = 10.0.0.80
 }
[domain_realm]
 .example.net = EXAMPLE.NET
END
cat >"$work/kdc.conf" <<END
[kdcdefaults]
 kdc_listen = 88
[realms]
 EXAMPLE.NET = {
  database_name = $work/principal
  key_stash_file = $work/stash
  acl_file = $work/acl
  supported_enctypes = aes256-cts-hmac-sha1-96:normal
 }
END
export KRB5_CONFIG=$work/krb5.conf KRB5_KDC_PROFILE=$work/kdc.conf
kdb5_util create -s -r EXAMPLE.NET -P "$secret-master" >>"$work/kdc.log" 2>&1
for command in "addprinc -pw $secret alice" "addprinc -randkey HTTP/server.example.net" "addprinc -randkey cifs/server.example.net" \
	"addprinc -randkey ldap/server.example.net" "ktadd -k $work/keytab HTTP/server.example.net" \
	"ktadd -k $work/keytab ldap/server.example.net" "ktadd -k $work/keytab cifs/server.example.net"; do
	kadmin.local -q "$command" >>"$work/kdc.log" 2>&1
done
chmod 755 "$work"
chmod 644 "$work/keytab" "$work/krb5.conf"
start b krb5kdc -n
wait_port b u 88

# --- programs that see the names of these hosts ---

printf '127.0.0.1 localhost\n%b' "$names" >"$work/hosts"
cp /etc/passwd "$work/passwd"
echo 'alice:x:54321:65534:Alice:/nonexistent:/bin/false' >>"$work/passwd"
cat >"$work/with_names" <<'END'
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/passwd" /etc/passwd
shift
exec "$@"
END

ask() {
	in_space a unshare -m bash "$work/with_names" "$work" "$@" >>"$work/client.log" 2>&1 </dev/null || true
}

serve() {
	# Not in_space: the background process must be the program itself, to be ended by its pid.
	ip netns exec "$(space_of b)" setsid unshare -mu bash "$work/with_names" "$work" "$@" >>"$work/daemons.log" 2>&1 &
	pids+=($!)
}

# --- servers ---

mkdir "$work/www" "$work/db" "$work/run" "$work/samba"
echo 'Down the rabbit hole' >"$work/www/hole.txt"
cat >"$work/apache.conf" <<END
ServerRoot $work
ServerName server.example.net
PidFile $work/run/apache.pid
Listen 80
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule auth_gssapi_module /usr/lib/apache2/modules/mod_auth_gssapi.so
ErrorLog $work/run/apache.log
User nobody
Group nogroup
ServerTokens Prod
DocumentRoot $work/www
<Directory $work/www>
 AuthType GSSAPI
 AuthName "wonderland"
 GssapiCredStore keytab:$work/keytab
 GssapiAllowedMech krb5
 Require valid-user
</Directory>
END
echo "LAPTOP:alice:$secret" >"$work/ntlm_users"
chmod 644 "$work/ntlm_users"
export NTLM_USER_FILE=$work/ntlm_users
serve apache2 -f "$work/apache.conf" -DFOREGROUND

# Squid's own helper for tests sends a challenge that points outside of itself.
cat >"$work/helper.py" <<'END'
import base64, sys
head = b"NTLMSSP\0\2\0\0\0\14\0\14\0\60\0\0\0\1\202\10\0" + bytes(range(1, 9)) + bytes(16)
challenge = base64.b64encode(head + "SERVER".encode("utf-16-le")).decode()
for line in sys.stdin:
    print("AF alice" if line.startswith("KK") else f"TT {challenge}", flush=True)
END
cat >"$work/squid.conf" <<END
http_port 3128
visible_hostname server.example.net
pid_filename $work/run/squid.pid
cache_log /dev/null
access_log none
cache deny all
auth_param ntlm program /usr/bin/python3 $work/helper.py
auth_param ntlm children 2
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
coredump_dir $work/run
max_filedescriptors 1024
shutdown_lifetime 0 seconds
END
# A name of its own: its shared memory is named so, and stays when it is ended.
serve squid -N -n "espcap$$" -f "$work/squid.conf"

cat >"$work/slapd.conf" <<END
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
sasl-host server.example.net
sasl-realm EXAMPLE.NET
pidfile $work/run/slapd.pid
database mdb
suffix dc=example,dc=net
directory $work/db
access to * by * read
END
export KRB5_KTNAME=$work/keytab LDAPNOINIT=1
serve slapd -d none -f "$work/slapd.conf" -h "ldap:///"

cat >"$work/smb.conf" <<END
[global]
 netbios name = SERVER
 workgroup = EXAMPLE
 realm = EXAMPLE.NET
 server role = standalone server
 security = user
 kerberos method = dedicated keytab
 dedicated keytab file = $work/keytab
 private dir = $work/samba
 lock directory = $work/samba
 state directory = $work/samba
 cache directory = $work/samba
 pid directory = $work/samba
 ncalrpc dir = $work/samba/ncalrpc
 log file = $work/samba/log
 load printers = no
 disable spoolss = yes
[public]
 path = $work/www
 guest ok = yes
END
serve smbd -F --no-process-group -s "$work/smb.conf"
for port in 80 3128 389 445; do
	wait_port b t "$port"
done

# --- talk ---

get() {
	ask curl -sS --max-time 10 "$@"
}

in_space a kinit alice <<<"$secret" >>"$work/client.log" 2>&1
capture gssapi.pcap a eth0 tcp
get --negotiate -u : http://server.example.net/hole.txt
ask ldapwhoami -H ldap://server.example.net -Y GSSAPI
ask ldapwhoami -H ldap://server.example.net -Y GSS-SPNEGO
ask smbclient //server.example.net/public -s /dev/null --use-kerberos=required --use-krb5-ccache="FILE:$work/ccache" \
	--option="netbios name=LAPTOP" -c ls
rm "$work/ccache"
get --negotiate -u : http://server.example.net/hole.txt
get --proxy-ntlm -U "LAPTOP\\alice:$secret" -x http://10.0.0.80:3128 http://server.example.net/hole.txt
in_space a python3 "$make_dir/gssapi_odd.py"
capture_end
rm -f "/dev/shm/espcap$$-"*
