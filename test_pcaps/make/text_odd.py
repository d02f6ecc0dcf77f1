#!/usr/bin/python3
# text_odd.py -- odd segments of text protocols, each of a connection that nobody saw begin.
# SPDX-License-Identifier: Apache-2.0
"""usage: text_odd.py PROTOCOL, or broken for what is so in all of them"""

import sys

from packet import (ACK, ETH_IP, ETH_IP6, MAC_A, MAC_B, PSH, TCP, UDP, ethernet, ip4, ip6, send,
                    tcp, udp)

# Hosts that are not there: no kernel answers.
CLIENT, SERVER = "10.0.0.50", "10.0.0.60"
CLIENT6, SERVER6 = "2001:db8::50", "2001:db8::60"
PORTS = {"smtp": 25, "ftp": 21, "pop": 110, "imap": 143, "resp": 6379, "tftp": 69, "syslog": 514,
         "ssdp": 1900, "http2": 80}
OVER_UDP = ("tftp", "syslog", "ssdp")

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

# Segments of a client and of a server.
ASKED = {
    "smtp": [
        b"EHLO a.example\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.com>\r\n"
        b"DATA\r\n", b"DATA\r\nFrom: alice@example.org\r\nSubject: pipelined\r\n\r\ntext\r\n.\r\n",
        b"RSET\r\nQUIT\r\nnot a command\r\n", b"MAIL FROM: Alice <alice@example.org>\r\n",
        b"mail from:alice@example.org size=3\n",
        b'RCPT TO:<"odd user"@example.com> NOTIFY=NEVER\r\n', b"BDAT 10 LAST\r\n0123456789",
        b"BDAT 3\r\nabcRSET\r\n", b"STARTTLS\r\n", b"X-EXPS GSSAPI\r\n", b"QUI", b"NOOP", b"EHLO",
        b"VRFY  two blanks \r\n", b"AUTH PLAIN AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n",
        b"AUTH CRAM-MD5\r\n",
        b"AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBzM2NyM3QtY2FuYXJ5AQE=\r\n",
        b"AUTH LOGIN YWxpY2U=\r\n", b"auth login\r\n", b"AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n",
        b"YWxpY2U=\r\n",
        b'Received: from a.example by b.example;\r\n\tThu, 05 Feb 2026 12:00:00 +0000\r\n'
        b'Received: from c.example\r\nFrom: =?iso-8859-1?B?TfxsbGVy?= <m@example.org>\r\n'
        b'To: x@example.com, "y" <y@example.com>\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n'
        b' =?utf-8?q?_und_mehr?=\r\nDate: Thu, 5 Feb 2026 12:00:00 +0100 (CET)\r\n'
        b'Message-Id: <2@example.org>\r\nX-Mailer: odd 2\r\n\r\nA letter.\r\n',
        b"Subject: cut in the middle", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
        b"EHLO [10.0.0.1]\r\n\r\nNOOP\r\n",
    ],
    "pop": [
        b"USER alice\r\n", b"PASS s3cr3t-canary\r\n", b"user alice\r\npass s3cr3t-canary\r\n",
        b"APOP alice 5e884898da28047151d0e56f8dc62927\r\n", b"QUIT", b"\r\n", b" LIST 1\r\n",
        b"RETR\t1\r\n", b"AUTH PLAIN AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n",
        b"AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n", b"X \xff\xfe\tcaf\xc3\xa9  \r\n", b"lone\rreturn\n",
        b"NUL\x00 in it\r\n",
    ],
    "imap": [
        b'a LOGIN alice "s3cr3t-canary"\r\n', b"a LOGIN alice s3cr3t-canary more\r\n",
        b'a LOGIN "alice b" "s3cr3t-canary x"\r\n',
        b"a AUTHENTICATE PLAIN AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n"
        b"b AUTHENTICATE XOAUTH2 czNjcjN0\r\n", b"AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n",
        b"a UID\r\nb UID FETCH\r\nc UID COPY 1\r\n",
        b"a UID COPY 1 Sent\r\nb UID SEARCH ALL\r\nc uid store 1 +FLAGS x\r\n",
        b"a sel INBOX\r\nb SELECT\tINBOX\r\nc  SELECT  INBOX\r\n",
        b"a COPY\r\nb copy 1\r\nc COPY 1 x\r\n", b"* star INBOX\r\n", b"a NOOP", b"a NOOP\r\nb NO",
        b"\r\n\r\n", b"  \r\n", b"a\r\n", b"a SELECT caf\xc3\xa9\r\n",
        b"a MOVE 1 Trash\nb LSUB x y\n", b"a lone\rreturn b c\r\n",
        b"a UNSUBSCRIBE x\r\nb search text s\r\nc APPEND x {3}\r\n", b"a NUL \x00 b\r\n",
        b'a STATUS "x y" (UIDNEXT)\r\n', b"a s x\r\n",
    ],
    "ftp": [
        b"USER alice\r\n", b"PASS s3cr3t-canary\r\n", b"user bob\r\nPASS s3cr3t-canary\r\n",
        b"ACCT s3cr3t-canary\r\n", b"pass s3cr3t-canary", b"PORT 10,0,0,50,4,1\r\n",
        b"port 10,0,0,50,4,1\r\n", b"PORT 10,0,0,50,4\r\n", b"PORT x 1,2 10,0,0,50,300,257\r\n",
        b"EPRT |1|10.0.0.50|1025|\r\n", b"EPRT |2|2001:db8::50|1026|\r\n",
        b"eprt |1|10.0.0.50|1025|\r\n", b"EPSV 2\r\n", b"RETR a file.txt\r\n",
        b"STOR /pub/x/y.bin\r\n", b"RETR  two blanks\r\n", b"CWD caf\xc3\xa9\r\n",
        b"CWD caf\xe9\r\n", b"QUIT", b"\r\n", b" SYST\r\n", b"AUTH TLS\r\n",
        b"\xff\xf4\xff\xf2ABOR\r\n", b"SITE CHMOD 644 x\r\n", b"RNFR old\r\n",
        b"SIZE lone\rreturn\n", b"MKD d\x00x\r\n", b"PORT -1,0,0,50,4,1\r\n",
        b"PORT 10, 0, 0, 50, 4, 1\r\n", b"PORT 010,000,000,050,4,01\r\n",
    ],
    "tftp": [
        b"\x00\x01file.bin\x00octet\x00",
        b"\x00\x02a/new.txt\x00netascii\x00blksize\x001428\x00tsize\x000\x00", b"\x00\x01\x00\x00",
        b"\x00\x03\x00\x01data here", b"\x00\x03\x00\x02", b"\x00\x04\x00\x01",
        b"\x00\x05\x00\x01not found\x00", b"\x00\x06tsize\x0042\x00blksize\x00512\x00",
        b"\x00\x07x", b"\x00\x08x\x00", b"\x00\x01caf\xc3\xa9\xff\x00octet\x00",
        b"\x01\x01x\x00octet\x00",
        b"\x00\x01x\x00octet\x00windowsize\x004\x00msftwindow\x0031416\x00",
        b"\x00\x01x\x00octet\x00\x00\x00",
    ],
    "syslog": [
        b"<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        b"<34>Oct  1 22:14:15 host su[12]: text\n", b"<13>no date here", b"no priority", b"<>x",
        b"<1000>x", b"<999>x", b"<191>x", b"<192>x", b"<1x>y",
        b"<165>1 2003-10-11T22:14:15.003Z host.example app - ID47 - text",
        b"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
        b"<34>1 - - - - - -", b'<34>1 2003-10-11T22:14:15Z h a 1 m [x@1 a="b c"] \xef\xbb\xbftext',
        b"<34>1 2003-10-11T22:14:15.123456789Z h", b"<34>1", b"<34>1 ",
        b"<34>2 2003-10-11T22:14:15Z h a p m - t", b"<34>1 not-a-date h a p m - t",
        b"<34>10 2003-10-11T22:14:15Z h a p m - t", b"<034>x", b"<34>caf\xc3\xa9 \xff",
        b"<34>a\x00b", b"<34>Oct 11 22:14:15 host", b"<34>Oct 11 22:14:15",
        b"<34>oct 11 22:14:15 h t: x", b"<34>Oct 41 22:14:15 h t: x",
        b"<34> Oct 11 22:14:15 h t: x", b"<34>2003-10-11T22:14:15.5+02:00 h t: x",
        b"<34>Oct 11 22:14:15.123 h t: x", b"<34>Oct 11 2003 22:14:15: %ASA-6-1: x",
        b"<189>45: Oct 11 22:14:15: %SYS-5-CONFIG_I: x",
        b"<34>1  2003-10-11T22:14:15Z h a p m - t", b"<34>1 2003-10-11T22:14:15Z  h a p m - t",
        b"<34>1 2003-10-11 22:14:15 h a p m - t", b"<34>Oct 11 22:14:15  host tag",
        b"<34>1 2003-10-11t22:14:15z h a p m - t", b"<34>1 2003-10-11T22:14:15.Z h a p m - t",
        b"<34>1 2003-10-11T22:14:60Z h a p m - t", b"<34>1 2003-02-30T22:14:15Z h a p m - t",
        b"<34>xyz 1a bb:cc:dd h t: x", b"<34>Oct.11 22:14:15 h t: x",
        b"<34>Oct 11 22:14:15 h odd-name.sh[7]: x", b"<34>Oct 11 22:14:15 h : x",
        b"Oct 11 22:14:15 h a: x", b"1 2003-10-11T22:14:15Z h a p m - t",
        b"<34>1 2003-10-11T22:14:15+0200 h a p m - t", b"<34>1 2003-10-11T22:14:15 h a p m - t",
    ],
    "ssdp": [
        b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
        b'MX: 3\r\nST: ssdp:all\r\nUSER-AGENT: odd/1.0 UPnP/2.0\r\n\r\n',
        b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
        b"LOCATION: http://10.0.0.60:80/desc.xml?token=s3cr3t-canary\r\n"
        b"NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nSERVER: odd/1 UPnP/2.0 x/1\r\n"
        b"USN: uuid:1::upnp:rootdevice\r\n\r\n",
        b"NOTIFY * HTTP/1.1\r\nHOST: [ff02::c]:1900\r\nNTS: ssdp:byebye\r\n\r\n",
        b"M-SEARCH * HTTP/1.1\r\nHost: x", b"M-SEARCH * HTTP/1.1",
        b"GET /desc.xml HTTP/1.1\r\nHost: 10.0.0.60\r\n\r\n",
    ],
    "resp": [
        b"*1\r\n$4\r\nPING\r\n", b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhello\r\n",
        b"*2\r\n$4\r\nAUTH\r\n$13\r\ns3cr3t-canary\r\n",
        b"*3\r\n$4\r\nauth\r\n$5\r\nalice\r\n$13\r\ns3cr3t-canary\r\n",
        b"*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$5\r\nalice\r\n$13\r\ns3cr3t-canary\r\n",
        b"PING\r\n", b"GET k\r\nGET l\r\n", b"AUTH s3cr3t-canary\r\n",
        b"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", b"*2\r\n$3\r\nGET\r\n",
        b"*2\r\n$3\r\nGET\r\n$5\r\nhel", b"*1\r\n$4\r\nPI", b"*1\r\n$4", b"*", b"$5\r\nhello",
        b"*0\r\n", b"*-1\r\n", b"$-1\r\n", b"$-5\r\n", b"*-7\r\n", b"$0\r\n\r\n", b"*x\r\n",
        b"$abc\r\n", b"*99999999999\r\n",
        b"*4\r\n$6\r\nCONFIG\r\n$3\r\nSET\r\n$11\r\nrequirepass\r\n$13\r\ns3cr3t-canary\r\n",
        b"*3\r\n:1\r\n*2\r\n+a\r\n-b\r\n$1\r\nc\r\n",
        b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", b"*2\r\n$3\r\nGETxx$1\r\nk\r\n", b"\r\n",
        b"*1\n$4\nPING\n", b"*2\r\n$7\r\nMIGRATE\r\n$4\r\n\x00\xff\r\n\r\n",
    ],
    "http2": [
        PREFACE,
        PREFACE
        + bytes.fromhex("000006 04 00 00000000 000300000064 000004 08 00 00000000 3fff0001"),
        PREFACE + bytes.fromhex("000008 06 00 00000000 0102030405060708 000005 02 00 00000001")
        + bytes.fromhex("0000000010 000004 03 00 00000001 00000008 000000 04 01 00000000"),
    ],
}
ANSWERED = {
    "smtp": [
        b"250-first\r\n250-second\r\n250 third\r\n", b"250 one\r\n250 two\r\n354 three\r\n",
        b"250-one\r\n251-two\r\n250 three\r\n220 more\r\n", b"220\r\n", b"220-\r\n220 \r\n", b"22",
        b"no code\r\n", b"250-cut", b"550 5.7.1 caf\xe9\r\n", b"334 VXNlcm5hbWU6\r\n",
        b"535 5.7.8 denied\r\n", b"421 bye", b"2500 four\r\n",
        b"250ok\r\nin the middle\r\n250 end\r\n",
    ],
    "pop": [
        b"+OK\r\n", b"+OK 2 320\r\n1 120\r\n2 200\r\n.\r\n", b"-ERR no such\r\n", b"-ERR",
        b"+\r\n", b"+OK\tx  y \r\nUIDL\n", b"+ czNjcjN0\r\n", b"+OKay\r\n", b"-error\r\n",
        b"text of a letter\r\n", b"From: x\r\nTo: y\r\n\r\ntext\r\n.\r\n",
        b"+OK caf\xc3\xa9 \xff\r\nbody \xc3\xa9\r\n",
        b"+OK top\r\nSubject: in a first segment\r\nFrom: a@example.org\r\n\r\nx\r\n.\r\n",
    ],
    "imap": [
        b"* OK ready\r\n", b"a OK done\r\n", b"a  NO\r\n", b"a BAD what\r\n* BYE\r\nb OK\r\n",
        b"+ going\r\n", b"+\r\n",
        b"* 1 FETCH (BODY[] {70}\r\nFrom: a@example.org\r\nSubject: one\r\n"
        b"Content-Type: text/plain; x=y\r\n\r\nhi\r\n)\r\na OK done\r\n",
        b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 7)\r\na OK x\r\n",
        b"* 1 FETCH (BODY[] {500}\r\nFrom: cut\r\n", b"* 3 EXISTS\r\n* FLAGS (a)\r\n* SEARCH\r\n",
        b"* 1 FETCH (RFC822.SIZE 12 BODY[TEXT] {5}\r\nhello FLAGS (\\Seen))\r\na OK\r\n",
        b"* 1 FETCH (BODY[HEADER] {30}\r\nSubject: a\r\nTo: b@c.d\r\n\r\n)\r\n"
        b"* 2 FETCH (BODY[HEADER] {14}\r\nSubject: b\r\n\r\n)\r\na OK\r\n",
        b"* 1 FETCH no parentheses\r\na OK\r\n", b"* 1 FETCH (cut", b"*\r\n",
        b"* 1 fetch (UID 3)\r\n", b"* 1 FETCH (BODY[] {0}\r\n)\r\n",
        b"* 1 FETCH (BODY[] {x}\r\n)\r\nz OK\r\n",
        b"in the middle of a letter\r\nof two lines\r\n", b"a OK [READ-ONLY] x",
        b"* A FET (x {2}\r\nab)\r\n",
    ],
    "ftp": [
        b"220 ready\r\n", b"220-one\r\n220-two\r\n220 three\r\n",
        b"227 Entering (10,0,0,60,4,51).\r\n", b"227 =10,0,0,60,4,51\r\n", b"227 no numbers\r\n",
        b"227 a 1,2,3 b 10,0,0,60,4,51,7\r\n",
        b"229 Entering Extended Passive Mode (|||6446|)\r\n", b"229 (!!!6447!)\r\n",
        b"229 (|||70000|)\r\n", b"211-Features:\r\n SIZE\r\n211 End\r\n",
        b" SIZE\r\n MDTM\r\n211 End\r\n", b"530 no\r\n", b'257 "/a ""b" is it\r\n', b"150",
        b"15\r\n", b"226\r\n", b"550 caf\xc3\xa9 \xe9\r\n", b"2201 x\r\n", b"230-\r\n",
        b"200 PORT\x00 x\r\n", b"227 (256,0,0,1,2,3)\r\n", b"229 (|||12x|)\r\n",
        b"229 (|||6446)\r\n",
    ],
    "ssdp": [
        b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=100\r\nEXT:\r\n"
        b"LOCATION: http://10.0.0.60/d.xml\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\n\r\n",
    ],
    "resp": [
        b"+PONG\r\n", b"+OK\r\n", b"-ERR unknown command\r\n",
        b"-NOAUTH Authentication required.\r\n", b":1000\r\n", b":-5\r\n", b":x\r\n",
        b"$5\r\nhello\r\n", b"$-1\r\n", b"*-1\r\n", b"*2\r\n$1\r\na\r\n$-1\r\n",
        b"+OK\r\n:1\r\n$1\r\nx\r\n", b"+no end", b"-", b"+\r\n", b":99999999999999999999\r\n",
        b"%1\r\n+a\r\n:1\r\n", b"_\r\n", b"#t\r\n", b"in the middle of text\r\n+OK\r\n",
        b"+caf\xc3\xa9\r\n", b"+a\nb\r\n", b"$3\r\nabcd\r\n+x\r\n", b"$100\r\nshort",
        b"$200000\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", b": 7\r\n", b":+7\r\n",
        b"$+3\r\nabc\r\n", b"*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n+x\r\n", b"+\x00x\r\n",
    ],
    "http2": [
        bytes.fromhex("000000 04 00 00000000 000000 04 01 00000000"),
        bytes.fromhex("000008 07 00 00000000 0000000100000000"),
        bytes.fromhex("000004 00 01 00000003 61626364"),
    ],
}

# The same, and Wireshark calls them malformed.
BROKEN = {
    "ftp": (
        [
            b"EPRT !1!10.0.0.50!70000!\r\n", b"EPRT |3|10.0.0.50|1|\r\n",
            b"EPRT |1|10.0.0.50|1025\r\n", b"EPRT |1|10.0.0|1025|\r\n",
        ],
        [
            b"229 none\r\n", b"229 (|||644", b"229 (text) (|||1|)\r\n", b"229 (|||6446|\r\n",
        ],
    ),
    "imap": (
        [
            b"a login {5+}\r\nalice {13+}\r\ns3cr3t-canary\r\n", b"a LOGIN alice\r\n",
            b"a LOGIN\r\n", b"a lo alice b\r\n",
        ],
        [],
    ),
    "tftp": (
        [
            b"\x00\x01x\x00octet\x00blksize\x00", b"\x00\x01x", b"\x00\x01x\x00",
            b"\x00\x05\x00\x00", b"\x00\xff\x00", b"\x00", b"\x00\x04\x00",
            b"\x00\x05\x00\x02no end", b"\x00\x01x\x00octet\x00a\x00b\x00c",
        ],
        [],
    ),
    "syslog": (
        [
            b"<13", b"<0>", b"<34>1 2003-10-11T22:14:15Z h a p m", b"<34>Oct 11 22:14:15 h abc",
        ],
        [],
    ),
}


def frame(name: str, to_server: bool, client: int, data: bytes, six: bool) -> bytes:
    ends = (CLIENT6, SERVER6) if six else (CLIENT, SERVER)
    ends, ports = (
        (ends, (client, PORTS[name])) if to_server else (ends[::-1], (PORTS[name], client))
    )
    over_udp = name in OVER_UDP
    body = udp(*ends, ports, data) if over_udp else tcp(*ends, ports, PSH | ACK, data)
    packet = (ip6 if six else ip4)(*ends, UDP if over_udp else TCP, body)
    macs = (MAC_B, MAC_A) if to_server else (MAC_A, MAC_B)
    return ethernet(ETH_IP6 if six else ETH_IP, packet, *macs)


def frames(name: str) -> list[bytes]:
    """Every eighth of them over IPv6."""
    tables = {name: (ASKED.get(name, []), ANSWERED.get(name, []))}
    segments = [
        (proto, to_server, data)
        for proto, both in (BROKEN if name == "broken" else tables).items()
        for to_server, part in zip((True, False), both, strict=True)
        for data in part
    ]
    return [
        frame(proto, to_server, 40000 + i, data, i % 8 == 7)
        for i, (proto, to_server, data) in enumerate(segments)
    ]


if __name__ == "__main__":
    send("eth0", *frames(sys.argv[1]), gap=0.002)
