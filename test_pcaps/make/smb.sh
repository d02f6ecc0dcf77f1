#!/bin/bash
# smb.sh -- makes smb2.pcap, smb1.pcap, dcerpc.pcap, nbns.pcap and nbdgm.pcap: Samba's programs
# against smbd and nmbd, and packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need smbd nmbd smbclient rpcclient nmblookup smbpasswd

pair 10.0.0.4/24 10.0.0.80/24
# Who looks for a name asks all.
ip -n "$(space_of a)" addr change 10.0.0.4/24 broadcast 10.0.0.255 dev eth0
ip -n "$(space_of b)" addr change 10.0.0.80/24 broadcast 10.0.0.255 dev eth0

# --- the server: a user whom only it knows ---

folders=(lock state cache private pid ncalrpc public alice)
for folder in "${folders[@]}"; do
	mkdir -p "$work/$folder"
done
chmod 755 "$work" "$work/lock" "$work/ncalrpc"
chmod 1777 "$work/public" "$work/alice"
sed "s|@work@|$work|g" "$make_dir/smb.conf" >"$work/smb.conf"
cp /etc/passwd "$work/passwd"
echo 'alice:x:54321:65534:Alice:/nonexistent:/bin/false' >>"$work/passwd"

cat >"$work/as_server" <<'END'
mount --bind "$1" /etc/passwd
shift
exec "$@"
END

# as_server COMMAND...: sees the user alice.
as_server() {
	unshare -m bash "$work/as_server" "$work/passwd" "$@"
}

printf 's3cr3t-canary\ns3cr3t-canary\n' |
	as_server smbpasswd -c "$work/smb.conf" -s -a alice >>"$work/daemons.log"
echo 'Down the rabbit hole' >"$work/public/hole.txt"
echo 'Eat me' >"$work/alice/cake.txt"

start_server() {
	# Not as_server: the background process must be the program itself, to be ended by its pid.
	# A session of its own: some of them end their whole process group when they are ended.
	ip netns exec "$(space_of b)" setsid unshare -m bash "$work/as_server" "$work/passwd" "$@" \
		>>"$work/daemons.log" 2>&1 &
	pids+=($!)
}
start_server smbd -F --no-process-group -s "$work/smb.conf"
wait_port b t 445
start_server /usr/libexec/samba/samba-dcerpcd -F -s "$work/smb.conf" --libexec-rpcds
for try in {1..100}; do
	[ -S "$work/ncalrpc/np/srvsvc" ] && break
	sleep 0.1
done

readonly login=alice%s3cr3t-canary

# client PROTOCOL //HOST/SHARE OPTION...: answers of the server may be errors, as they are meant to.
client() {
	local protocol=$1 share=$2
	shift 2
	in_space a smbclient "//10.0.0.80/$share" -s /dev/null -m "$protocol" \
		--option="client min protocol=NT1" --option="netbios name=LAPTOP" "$@" \
		>>"$work/daemons.log" 2>&1 || true
}

rpc() {
	in_space a rpcclient -s /dev/null --option="netbios name=LAPTOP" "$@" \
		>>"$work/daemons.log" 2>&1 || true
}

# --- smb2.pcap, dcerpc.pcap ---

capture smb2.pcap a eth0 tcp
client SMB2_02 public -U "$login" -c "ls; put $work/public/hole.txt tea.txt; get tea.txt /dev/null;
	mkdir Mad; rename tea.txt Mad\\\\hatter.txt; setmode hole.txt +r; setmode hole.txt -r;
	del Mad\\\\hatter.txt; rmdir Mad; get nowhere.txt"
client SMB3_11 alice -U "$login" -c 'get cake.txt /dev/null; volume'
client SMB3_11 sealed -U "$login" -c 'get cake.txt /dev/null'
client SMB3_00 public -N -c 'get hole.txt /dev/null'
client SMB2_10 alice -U alice%wrong -c ls
client SMB3_11 nothing -U "$login" -c ls
in_space a python3 "$make_dir/smb_odd.py" smb2
capture_end

capture dcerpc.pcap a eth0 tcp or udp
rpc -U "$login" 10.0.0.80 -c srvinfo
rpc -U "$login" '10.0.0.80[sign]' -c lsaquery
rpc -U "$login" ncacn_ip_tcp:10.0.0.80 -c epmmap
rpc -U "$login" 'ncacn_ip_tcp:10.0.0.80[seal]' -c lsaquery
rpc -U "$login" 'ncacn_ip_tcp:10.0.0.80[connect,spnego]' -c dsroledominfo
in_space a python3 "$make_dir/smb_odd.py" dcerpc
capture_end

# --- smb1.pcap ---

capture smb1.pcap a eth0 tcp
client NT1 public -U "$login" -c "ls; put $work/public/hole.txt tea.txt; get tea.txt /dev/null;
	mkdir Mad; rename tea.txt Mad\\\\hatter.txt; setmode hole.txt +r; setmode hole.txt -r;
	del Mad\\\\hatter.txt; rmdir Mad; get nowhere.txt /dev/null"
client NT1 alice -p 139 -U "$login" --option="client use spnego=no" -c 'get cake.txt /dev/null'
client NT1 alice -U alice%wrong -c ls
client LANMAN1 public -p 139 -N -c 'get hole.txt /dev/null'
in_space a python3 "$make_dir/smb_odd.py" smb1
capture_end

# --- nbns.pcap and nbdgm.pcap ---

capture nbns.pcap a eth0 udp port 137 or udp port 138
start_server nmbd -F --no-process-group -s "$work/smb.conf"
wait_port b u 137
lookup() {
	in_space a nmblookup -s /dev/null -B 10.0.0.255 --option="netbios name=LAPTOP" "$@" \
		>>"$work/daemons.log" 2>&1 || true
}
lookup nowhere
lookup -A 10.0.0.80
# It answers to a name when it has had it for some seconds.
for try in {1..30}; do
	lookup files
	grep -q '^10.0.0.80 files<00>' "$work/daemons.log" && break
	sleep 1
done
lookup -M espcap
capture_stop
tshark -n -r "$work/capture" -Y nbdgm -F pcap -w "$work/datagrams" 2>/dev/null
tshark -n -r "$work/capture" -Y nbns -F pcap -w "$work/names" 2>/dev/null

for kind in nbns nbdgm; do
	capture "$kind.pcap" a eth0 udp port 137 or udp port 138
	in_space a python3 "$make_dir/smb_odd.py" "$kind"
	capture_stop
	mv "$work/capture" "$work/$kind"
done
capture_join nbns.pcap "$work/names" "$work/nbns"
capture_join nbdgm.pcap "$work/datagrams" "$work/nbdgm"
