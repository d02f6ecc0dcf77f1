#!/usr/bin/env python3
# test_secrets.py -- what packets hold of secrets is in no document, spool, dead letter or log.
# SPDX-License-Identifier: Apache-2.0
"""The captures in test_pcaps have one secret planted wherever a protocol has any: a password, a community, a cookie.
It is looked for in every form in which a document could show it."""
import base64
import glob
import os
import re
import sys

import case
import pcaps

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fake"))
import fake_es  # noqa: E402

SECRETS = (b"s3cr3t-canary", b"wonderland")     # the latter in the captures of HTTP
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PCAPS = os.path.join(ROOT, "test_pcaps")
TRANSPORTS = {"TCP": 6, "UDP": 17}
# What the captures do not have: secrets of two words, small letters, literals, answers.
SAID = [line.encode() for line in (
    "pass s3cr3t-canary\r\n", "PASS two s3cr3t-canary\r\n", "Pass s3cr3t-canary words\r\n",
    "user alice\r\npass two s3cr3t-canary\r\nstat\r\n", "ACCT two s3cr3t-canary\r\n",
    "auth two s3cr3t-canary\r\n", "auth s3cr3t-canary\r\n", "APOP alice s3cr3t-canary\r\n",
    "auth plain AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n", "AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n",
    "auth login\r\nYWxpY2U=\r\nczNjcjN0LWNhbmFyeQ==\r\nquit\r\n",
    "a1 login alice s3cr3t-canary\r\n", 'a1 LOGIN alice "two s3cr3t-canary"\r\n',
    "a1 authenticate plain AGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n")]
OF_IMAP = [line.encode() for line in (
    "two s3cr3t-canary\r\n", "two s3cr3t-canary\r\na2 NOOP\r\n", "s3cr3t-canary\r\n",
    "a1 LOGIN {5+}\r\nalice {17+}\r\ntwo s3cr3t-canary\r\na2 select INBOX\r\n",
    "a1 login alice {17+}\r\ntwo s3cr3t-canary\r\n",
    "a1 LOGIN {5+}\r\nalice two s3cr3t-canary\r\n",
    "a1 AUTHENTICATE PLAIN {28+}\r\nAGFsaWNlAHMzY3IzdC1jYW5hcnk=\r\n")]
OF_REDIS = [b"*%d\r\n" % len(line) +
            b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in line) for line in (
    line.split(b"|") for line in (
        b"auth|two s3cr3t-canary", b"AUTH|alice|s3cr3t-canary", b"hello|3|auth|alice|s3cr3t-canary",
        b"config|set|requirepass|s3cr3t-canary|maxmemory|1", b"requirepass|s3cr3t-canary",
        b"masterauth|s3cr3t-canary|requirepass|s3cr3t-canary",
        b"MIGRATE|h|1|k|0|9|AUTH|s3cr3t-canary|KEYS|k", b"user alice on #s3cr3t-canary ~* +@all",
        b"acl|setuser|alice|>s3cr3t-canary"))] + [
    b"*4\r\n$5\r\nflags\r\n*1\r\n$2\r\non\r\n$9\r\npasswords\r\n*1\r\n$13\r\ns3cr3t-canary\r\n",
    b"AUTH s3cr3t-canary\r\n"]
# Protocols that were seen to carry the secret where --show-secrets lets it through.
PROTOCOLS = "coap ftp http imap ldap mqtt mysql pgsql pop resp sip smtp snmp ssdp".split()
REFUSE = {"match": {"path": "*/_bulk"}, "action": {"items": {
    "status": 400, "type": "document_parsing_exception", "reason": "no", "which": "all"}}}


def forms(secret):
    """The secret as text, as hexadecimal, in UTF-16, and in base64 at each of three offsets."""
    wide = secret.decode().encode("utf-16-le")
    yield from (secret, wide)
    for text in (secret, wide):
        yield text.hex().encode()
        yield text.hex().upper().encode()
    for offset in range(3):
        whole = base64.b64encode(b"x" * offset + secret + b"x" * 3)
        yield whole[-(-offset * 8 // 6):(offset + len(secret)) * 8 // 6]    # what it alone decides


FORMS = tuple(form for secret in SECRETS for form in forms(secret))


def shown(text):
    return [form for form in FORMS if form in text]


def known_ports():
    """(6 or 17, port) wherever a decoder is chosen by its port."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "capture", "*.c")):
        with open(path, encoding="utf-8") as file:
            found |= set(re.findall(r"\{ BY_(TCP|UDP)_PORT, (\d+)", file.read()))
    return sorted((TRANSPORTS[transport], int(port)) for transport, port in found)


class Secrets(case.Case):
    def captures(self):
        return sorted(glob.glob(os.path.join(PCAPS, "*.pcap*")))

    def documents(self, path, *options):
        return self.run_program("espcap-capture", "--file", path, "--stdout", "--log-level", "debug", *options)

    def test_no_schema_shows_the_secret(self):
        for path in self.captures():
            for options in ((), ("--schema", "slim"), ("--schema", "ecs"), ("--schema", "lite")):
                with self.subTest(os.path.basename(path), options=options):
                    done = self.documents(path, *options)
                    for line in done.out.splitlines():
                        self.assertEqual(shown(line.encode()), [], line)
                    self.assertEqual(shown(done.err.encode()), [])

    def assert_hidden(self, frames, *options):
        path = self.path("made.pcap")
        pcaps.write(path, frames)
        lines = self.documents(path, *options).out.splitlines()
        self.assertEqual(len(lines), len(frames))
        for line in lines:
            self.assertEqual(shown(line.encode()), [], line)

    def planted(self):
        """Every message over TCP or UDP in the captures that has the secret."""
        found = set()
        for path in self.captures():
            if path.endswith(".pcap"):
                found.update(filter(None, (pcaps.payload_of(packet.data)
                                           for packet in pcaps.packets(path))))
        return sorted(one for one in found if len(one[3]) < 1400 and shown(one[3]))

    def test_the_other_way_it_is_as_hidden(self):
        self.assert_hidden([pcaps.frame(proto, dport, sport, payload)
                            for proto, sport, dport, payload in self.planted()])

    def test_on_the_port_of_any_protocol_it_is_as_hidden(self):
        ports = known_ports()
        self.assertTrue({(6, 143), (6, 21), (17, 514), (17, 161)} <= set(ports), ports)
        payloads = {payload for *_, payload in self.planted()} | set(SAID)
        self.assertGreater(len(payloads), 90)
        self.assert_hidden([pcaps.frame(proto, *pair, payload) for payload in sorted(payloads)
                            for proto, port in ports for pair in ((40000, port), (port, 40000))])

    def test_words_literals_and_settings_are_hidden_both_ways(self):
        cases = [(143, text) for text in OF_IMAP] + [(6379, text) for text in OF_REDIS]
        frames = [pcaps.frame(6, *pair, text) for port, text in cases
                  for pair in ((40000, port), (port, 40000))]
        self.assert_hidden(frames)
        self.assert_hidden(frames, "--payload")

    def test_the_secret_is_planted_in_every_protocol_that_has_any(self):
        seen = set()
        for path in self.captures():
            with open(path, "rb") as file:
                if not shown(file.read()):
                    continue
            for line in self.documents(path, "--show-secrets").out.splitlines():
                if shown(line.encode()):
                    seen.update(line.split('"frame.protocols":"')[1].split('"')[0].split(":"))
        self.assertEqual(sorted(set(PROTOCOLS) - seen), [])

    def test_spool_dead_letters_and_logs_do_not_hold_it(self):
        capture = self.run_program("espcap-capture", "--log-level", "debug", "--spool", self.spool,
                                   *(word for path in self.captures() for word in ("--file", path)))
        self.assertEqual(shown(capture.err.encode()), [])
        with fake_es.FakeEs() as es:
            es.script(REFUSE)
            ship = self.run_program("espcap-ship", "--log-level", "debug", "--spool", self.spool, "--once", "--setup", "never",
                                    "--brake", "off", "--node", f"http://127.0.0.1:{es.port}", code=None)
        self.assertEqual(shown(ship.err.encode()), [])
        kept = self.run_program("espcap", "dead", "export", self.spool)
        self.assertGreater(kept.out.count("\n"), 1000, str(ship))
        self.assertEqual(shown(kept.out.encode()), [])
        cat = self.run_program("espcap", "spool", "cat", self.spool)
        self.assertEqual(shown(cat.out.encode()), [])
        for folder, _, names in os.walk(self.spool):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertEqual(shown(file.read()), [], name)


if __name__ == "__main__":
    case.main()
