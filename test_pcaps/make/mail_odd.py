#!/usr/bin/python3
# mail_odd.py -- what no mail program sends to a mail server.
# SPDX-License-Identifier: Apache-2.0
"""usage: mail_odd.py ADDRESS PROTOCOL"""

import sys

from tcp_lines import talk_all

PORTS = {"smtp": 25, "imap": 143, "pop": 110}

# Each entry is a connection of its own, the parts of which are segments.
CONNECTIONS = {
    "smtp": [
        [b"EHLO example.org\r\nMAIL FROM:<a@example.org> SIZE=100\r\nRCPT TO:<bob@example.com>\r\n",
         b"rcpt to: carol@example.com\r\n", b"RSET\r\n", b"NOOP\r\n", b"QUIT\r\n"],
        [b"HE", b"LO example.org\r\n", b"X-UNKNOWN word\r\n", b"ABC\r\n", b"\r\n", b"AB C\r\n",
         b"VRFY \xff\xfe caf\xc3\xa9\r\n", b"EXPN list\nHELP\n", b"QUIT\r\n"],
        [b"EHLO example.org\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<bob@example.com>\r\n",
         b"DATA\r\n", b"From: a\r\n\r\nHELO in the text\r\n", b"text\r\n.\r\nNOOP\r\n", b"QUIT\r\n"],
        [b"EHLO example.org\r\n", b"MAIL FROM:<nobody@elsewhere.example> BODY=8BITMIME\r\n",
         b"RCPT TO:<@relay.example:x@nowhere.example>\r\n", b"STARTTLS\r\n", b"QUIT\r\n"],
        [b"AUTH LOGIN\r\n", b"YWxpY2U=\r\n", b"czNjcjN0LWNhbmFyeQ==\r\n", b"QUIT\r\n"],
        [b"AUTH PLAIN AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n", b"QUIT\r\n"],
        [b"AUTH LOGIN YWxpY2U=\r\n", b"czNjcjN0LWNhbmFyeQ==\r\n", b"QUIT\r\n"],
    ],
    "imap": [
        [b"a1 CAPABILITY\r\na2 LOGIN alice s3cr3t-canary\r\n", b'a3 select "INBOX"\r\n',
         b"a4 UID FETCH 1:* (FLAGS UID)\r\n", b"a5 STATUS Sent (MESSAGES)\r\n",
         b"a6 UID COPY 1 Archive\r\n", b"a7 copy 1 Archive\r\n", b"a8 search ALL\r\n",
         b"a9 examine\r\n", b"b1 EXAMINE (odd folder\r\n", b"b2 FETCH 1 (BODY[])\r\n",
         b"b3 IDLE\r\n", b"DONE\r\n", b"b4 CREATE \xff\xfe\r\n", b"b5 rename a b\r\n",
         b"b6 FETCH 1:2 (ENVELOPE)\r\n", b"b7 LOGOUT\r\n"],
        [b'c1 LOGIN "alice" "s3cr3t-canary"\r\n', b"c2 SUBSCRIBE INBOX\r\nc3 LSUB \"\" *\r\n",
         b"c4 STORE 1 +FLAGS (\\Seen)\r\n", b"c5 LOGOUT\r\n"],
        [b"d1 AUTHENTICATE LOGIN\r\n", b"YWxpY2U=\r\n", b"czNjcjN0LWNhbmFyeQ==\r\n",
         b"d2 LOGOUT\r\n"],
        [b"e1 AUTHENTICATE PLAIN\r\n", b"AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n", b"e2 LOGOUT\r\n"],
        [b"e3 AUTHENTICATE PLAIN AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n", b"e4 LOGOUT\r\n"],
        [b"f3\r\n", b"\r\n", b"f4 NO", b"OP\r\n",
         b"  f5  NOOP  x\r\n", b"* odd\r\n", b"f6 UID\r\n", b"f7 STARTTLS\r\n", b"f8 LOGOUT\n"],
    ],
    "pop": [
        [b"USER alice\r\nPASS s3cr3t-canary\r\nSTAT\r\n", b"LIST\r\n", b"UIDL 1\r\n",
         b"TOP 1 1\r\n", b"RETR 1\r\n", b"dele 1\r\n", b"RSET\r\n", b"NOOP\r\n", b"QUIT\r\n"],
        [b"user  alice \r\n", b"PASS s3cr3t-canary with blanks\r\n", b"QUIT\r\n"],
        [b"APOP alice 5e884898da28047151d0e56f8dc62927\r\n", b"AUTH\r\n", b"QUIT\r\n"],
        [b"US", b"ER alice\r\n", b"\r\n", b" QUIT\r\n",
         b"X \xff\xfe\tcaf\xc3\xa9\r\n", b"STLS\r\n", b"QUIT\r\n"],
    ],
}

talk_all(sys.argv[1], PORTS[sys.argv[2]], CONNECTIONS[sys.argv[2]])
