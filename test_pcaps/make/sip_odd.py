#!/usr/bin/python3
# sip_odd.py -- messages of SIP that sipp does not send: rare headers, all of SDP, odd and broken ones.
# SPDX-License-Identifier: Apache-2.0

import base64
import itertools

from packet import (ACK, ETH_IP, ETH_IP6, MAC_A, MAC_B, PSH, TCP, UDP, ethernet, ip4, ip6, send,
                    tcp, udp)

A, B, A6, B6 = "10.0.0.4", "10.0.0.80", "2001:db8::4", "2001:db8::80"
SECRET = "s3cr3t-canary"
calls = itertools.count(1)
ports = itertools.count(41000)


def message(first: str, *headers: str, body: bytes = b"", kind: str = "", end: str = "\r\n",
            length: int | None = None) -> bytes:
    lines = [first, f"Call-ID: odd{next(calls)}@example.org", *headers]
    if kind:
        lines.append(f"Content-Type: {kind}")
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return (end.join(lines) + end + end).encode() + body


def invite(*headers: str, **rest) -> bytes:
    return message("INVITE sip:bob@biloxi.example.com SIP/2.0", *headers, **rest)


def sdp(*lines: str, end: str = "\r\n") -> bytes:
    return invite(body=(end.join(lines) + end).encode(), kind="application/sdp")


def there(data: bytes, port: int = 5060) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, UDP, udp(A, B, (5066, port), data)))


def back(data: bytes) -> bytes:
    return ethernet(ETH_IP, ip4(B, A, UDP, udp(B, A, (5060, 5066), data)), MAC_A, MAC_B)


def six(data: bytes) -> bytes:
    return ethernet(ETH_IP6, ip6(A6, B6, UDP, udp(A6, B6, (5066, 5060), data)))


def stream(data: bytes, port: int = 5060) -> bytes:
    return ethernet(ETH_IP, ip4(A, B, TCP, tcp(A, B, (next(ports), port), PSH | ACK, data, ack=1)))


# 30 bytes: a key of 128 bits and a salt of 112.
key = base64.b64encode(SECRET.encode().ljust(30, b".")).decode()
basic = base64.b64encode(f"alice:{SECRET}".encode()).decode()
multipart = "\r\n".join((
    "--one two", "Content-Type: application/sdp", "", "v=0", "s=in a part", "--one two",
    "Content-Type: text/plain", "", "text", "--one two--", ""))
messages = [
    invite("Via: SIP/2.0/UDP pc33.example.com:5066;branch=z9hG4bK776;rport,"
           "SIP / 2.0 / TCP [2001:db8::9]:5061;branch=b2;received=192.0.2.1",
           'From: "Alice \\"A\\"" <sip:alice@atlanta.example.com:5062;x=y>;tag=19;y=1',
           "To: Bob <sip:bob@biloxi.example.com>", "CSeq: 314159 INVITE",
           "Contact: <sip:alice@pc33.example.com:5062;a=b>;q=0.7, <sip:al2@h2>;expires=60,"
           ' sip:x1@h3:5064, "Q, q" <sip:foo@bar>;q="1,2"', "Allow: INVITE, ACK, BYE",
           "Subject: folded", "\tover two lines", "X-Odd: 1"),
    # Short names, any case, blanks around the colon's right side.
    message("SIP/2.0 200 OK all", "v: SIP/2.0/TCP h:5060", "v: SIP/2.0/UDP h ;BRANCH=x", "t:sip:bob@h",
            "f:   <sips:joe@[2001:db8::1]:5061?h=1>;tag=9", "i: x", "m: *", "cseq: 12 INVITE",
            "SERVER: S/1", "Expires: 99", "allow: BYE"),
    message("REGISTER sip:registrar.example.org:5070;transport=tcp SIP/2.0", "CSeq: 1 REGISTER",
            f"Proxy-Authorization: Basic {basic}", f"Authorization: Bearer {SECRET}",
            f'Authorization: Digest username = "alice" , realm= "a b",response={SECRET}',
            'WWW-Authenticate: Digest realm="x\\"y", nonce="1"', "Proxy-Authenticate: Negotiate  x=1",
            f'Authentication-Info: nextnonce="n", rspauth="{SECRET}"',
            f"From: <sip:alice:{SECRET}@example.org>;tag=1", "To: <mailto:bob@example.org>",
            "Contact: tel:+491234;phone-context=x"),
    message(f"OPTIONS sip:alice:{SECRET}@example.org SIP/2.0", "From: A B C <sip:host.only>;tag=1",
            "To: <tel:+49-1234>;tag=5", "To: nobody at all", "User-Agent: caf\u00e9/1", "CSeq: 4FOO",
            "Max-Forwards: 70 hops"),
    message("NOTIFY tel:+491234 SIP/2.0", "From: sip:a@b", 'To: "unfinished <sip:b@c>'),
    message("FOO urn:service:sos SIP/2.0", "Via: SIP/2.0/UDP", "Via: SIP/2.0/TLS h:"),
    message("SIP/2.0 180 Ringing", "CSeq: 1 INVITE"), message("SIP/2.0 302 Moved", "CSeq: 1 INVITE"),
    message("SIP/2.0 486 Busy Here", "CSeq: 1 INVITE"), message("SIP/2.0 603 Decline", "CSeq: 1 INVITE"),
    invite(body=b"hello", kind="text/plain; charset=utf-8"),
    invite(body=b"<a/>", kind="application/pidf+xml"),
    invite(body=b"SIP/2.0 200 OK\r\n", kind="message/sipfrag"),
    invite(body=b"\1\2\3", kind="application/octet-stream"), invite(body=b"x", kind="application/x-odd"),
    invite(body=multipart.encode(), kind='multipart/mixed;boundary="one two"'),
    invite(body=b"--x\r\n", kind="multipart/mixed"),
    invite(body=b"abcdef", kind="text/plain", length=3), invite(body=b"abc", kind="text/plain", length=-1),
    sdp("v=0", "o=alice 2890844526 2890844527 IN IP4 host.example.com", "s=A talk", "i=about",
        "u=http://example.com", "e=a@example.com", "p=+1", "c=IN IP4 192.0.2.1/127/3", "b=AS:64",
        "t=3034423619 3042462419", "r=7d 1h 0 25h", "z=0 0", f"k=clear:{SECRET}", "a=recvonly", "a=tool:x",
        "m=audio 49172 RTP/AVP 0 8 27 96", "c=IN IP6 2001:db8::1", "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 useinbandfec=1", "a=ptime: 20", "a=sendrecv",
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^20", f"a=ice-pwd:{SECRET}",
        "a=candidate:1 1 UDP 2130706431 10.0.0.1 5000 typ host", "a=rtcp:53020 IN IP4 192.0.2.1",
        "a=fingerprint:sha-256 AA:BB", "m=video 0 RTP/SAVPF 31 127", "a=ssrc:1 cname:x",
        "m=image 5 udptl t38", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"),
    sdp("v=0", "o=- 1 2 IN IP4 192.0.2.300", "s=-", "c=IN IP4 192.0.2.300", "t=0 0",
        "m=audio 65535 RTP/AVP 128 x", end="\n"),
]
frames = [there(data) for data in messages]
frames += [
    back(message("SIP/2.0 401 Unauthorized", "CSeq: 1 REGISTER", 'WWW-Authenticate: Digest realm="r"')),
    six(invite("To: <sip:bob@[2001:db8::5]:5070>;tag=6", "CSeq: 2 INVITE")),
    # By content alone; what is no message at all.
    there(messages[0], 41999), there(b"\r\n\r\n"), there(b"\0\0\0\0"), there(b"hello sip:x SIP/1.0\r\n"),
    there(b"SIP/2.0 20 x\r\n"), there(b"SIP/2.0 200\r\n\r\n"), there(b"INVITE nobody SIP/2.0\r\n\r\n"),
    stream(messages[0]), stream(messages[0], 41999),
    # Two in one segment; cut within the body, within the head; amidst a message.
    stream(messages[10] + messages[19]), stream(messages[19][:-20]), stream(messages[0][:300]),
    stream(b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"),
    stream(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), stream(b"\x80\x01\x02"),
    # Lines that end in a lone CR.
    there(b"BYE sip:bob@example.org SIP/2.0\rFrom: sip:al@example.org\rCSeq: 9 BYE\r\r"),
]
send("eth0", *frames)
