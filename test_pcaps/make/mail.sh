#!/bin/bash
# mail.sh -- makes smtp.pcap, imap.pcap and pop.pcap: curl and smtplib against OpenSMTPD and dovecot.
# SPDX-License-Identifier: Apache-2.0

source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
need curl smtpd dovecot

pair 10.0.0.4/24 10.0.0.25/24
address a eth0 2001:db8::4/64
address b eth0 2001:db8::25/64

mkdir -p "$work/mail/alice"
sed "s:@work@:$work:g" "$make_dir/dovecot.conf" >"$work/dovecot.conf"
cp "$make_dir/smtpd.conf" "$work/smtpd.conf"
printf 'alice:{PLAIN}s3cr3t-canary:65534:65534::%s/mail/alice::\n' "$work" >"$work/users"
chown -R nobody "$work/mail"
chmod -R a+rX "$work"
start b dovecot -F -c "$work/dovecot.conf"
start b smtpd -d -P mda -f "$work/smtpd.conf"
for port in 25 110 143 587; do
	wait_port b t "$port"
done

printf '%s\r\n' 'From: Alice Example <alice@example.org>' 'To: bob@example.com,' \
	' "Carol, C." <carol@example.com>' 'Cc: dave@example.com' \
	'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= from a test' \
	'Date: Thu, 05 Feb 2026 12:00:00 +0100' 'Message-ID: <1@example.org>' \
	'Reply-To: desk@example.org' 'User-Agent: espcap-test/1.0' 'X-Mailer: espcap 1' \
	'Content-Type: text/plain; charset=utf-8' '' 'A short letter.' '.with a dot' >"$work/letter"

ask() {
	in_space a curl -sS --max-time 10 "$@" >/dev/null || true
}

capture smtp.pcap a eth0 tcp port 25 or tcp port 587
ask smtp://10.0.0.25/example.org --mail-from alice@example.org --mail-rcpt bob@example.com \
	--mail-rcpt carol@example.com -T "$work/letter"
ask 'smtp://[2001:db8::25]/' --mail-from '' --mail-rcpt bob@example.com -T "$work/letter"
for login in PLAIN LOGIN; do
	ask smtp://10.0.0.25:587/example.org -u alice:s3cr3t-canary \
		--login-options "AUTH=$login" --mail-from alice@example.org \
		--mail-rcpt bob@example.com -T "$work/letter"
done
ask smtp://10.0.0.25:587/example.org -u alice:s3cr3t-canary-wrong --sasl-ir \
	--login-options AUTH=LOGIN --mail-from alice@example.org --mail-rcpt bob@example.com \
	-T "$work/letter"
ask smtp://10.0.0.25:587/ -u alice:s3cr3t-canary --sasl-ir --login-options AUTH=PLAIN -X HELP
ask smtp://10.0.0.25/ -X 'VRFY bob'
in_space a python3 "$make_dir/mail_odd.py" 10.0.0.25 smtp
in_space a python3 "$make_dir/text_odd.py" smtp
capture_end

capture imap.pcap a eth0 tcp port 143
box=imap://10.0.0.25
user=alice:s3cr3t-canary
ask -T "$work/letter" "$box/INBOX" -u "$user" --login-options AUTH=LOGIN
ask -T "$work/letter" "$box/INBOX" -u "$user" --login-options AUTH=PLAIN
ask "$box/INBOX/;MAILINDEX=1" -u "$user" --sasl-ir --login-options AUTH=PLAIN
ask "$box/INBOX/;UID=1/;SECTION=HEADER" -u "$user" --login-options AUTH=LOGIN
ask "$box/" -u "$user" -X 'LIST "" *' --next "$box/INBOX" -u "$user" -X 'FETCH 1 (FLAGS)'
ask "$box/" -u alice:s3cr3t-canary-wrong
in_space a python3 "$make_dir/mail_odd.py" 10.0.0.25 imap
in_space a python3 "$make_dir/text_odd.py" imap
capture_end

capture pop.pcap a eth0 tcp port 110
box=pop3://10.0.0.25
ask "$box/" -u "$user" --login-options AUTH=LOGIN --next "$box/1" -u "$user" \
	--login-options AUTH=PLAIN --next "$box/1" -u "$user" -X 'TOP 1 0' \
	--login-options AUTH=LOGIN
ask "$box/" -u "$user" -X STAT
ask "$box/" -u alice:s3cr3t-canary-wrong
in_space a python3 "$make_dir/mail_odd.py" 10.0.0.25 pop
in_space a python3 "$make_dir/text_odd.py" pop
capture_end
