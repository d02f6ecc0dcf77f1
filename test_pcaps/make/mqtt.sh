#!/bin/bash
# mqtt.sh -- makes mqtt.pcap: mosquitto and its clients, and packets by hand.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need mosquitto mosquitto_passwd mosquitto_pub mosquitto_sub

readonly broker=10.0.0.80
log=("$work/daemons.log")
as_alice=(-u alice -P s3cr3t-canary -h "$broker")

pair 10.0.0.4/24 "$broker/24"
touch "$work/users"
mosquitto_passwd -b "$work/users" alice s3cr3t-canary
chmod 755 "$work"
chmod 644 "$work/users"
printf '%s\n' 'listener 1883' 'allow_anonymous false' "password_file $work/users" >"$work/broker.conf"
start b mosquitto -c "$work/broker.conf"
wait_port b t 1883

# Without the resets of a kernel that knows nothing of what mqtt_odd.py sends.
capture mqtt.pcap a eth0 'tcp and tcp[13] & 4 = 0'
for version in mqttv311 mqttv5; do
	in_space a mosquitto_sub "${as_alice[@]}" -V "$version" -i "listener-$version" -t 'home/+/temperature' \
		-t alarm/# -q 2 -C 3 -W 20 -U none/such >>"${log[0]}" &
	listener=$!
	# The broker knows the subscription when what is retained comes back.
	in_space a mosquitto_pub "${as_alice[@]}" -V "$version" -i setter -t home/hall/temperature -m 19.5 -r -q 1 \
		--will-topic home/setter/lost --will-payload gone --will-qos 1
	in_space a mosquitto_pub "${as_alice[@]}" -V "$version" -i sensor -t home/bath/temperature -m 24.25 -q 2
	in_space a mosquitto_pub "${as_alice[@]}" -V "$version" -i door -t alarm/door -m open
	in_space a mosquitto_pub "${as_alice[@]}" -V "$version" -i door -t alarm/door -m shut -q 1
	wait "$listener" || die "nothing was heard in $version"
	in_space a mosquitto_pub -V "$version" -h "$broker" -u alice -P wrong -t a -m b 2>>"${log[0]}" &&
		die "a wrong password was taken"
done
in_space a mosquitto_pub "${as_alice[@]}" -V mqttv31 -i old -t old -n
in_space a mosquitto_pub "${as_alice[@]}" -V mqttv5 -i typed -t typed -m '{"a":1}' \
	-D publish content-type application/json -D publish user-property unit celsius \
	-D publish response-topic home/answers -D connect session-expiry-interval 60
in_space a python3 "$make_dir/mqtt_odd.py"
capture_end
