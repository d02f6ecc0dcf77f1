#!/usr/bin/env python3
# test_secrets.py -- what packets hold of secrets is in no document, spool, dead letter or log.
# SPDX-License-Identifier: Apache-2.0
"""The captures in test_pcaps have one secret planted wherever a protocol has any: a password, a community, a cookie.
It is looked for in every form in which a document could show it."""
import base64
import glob
import os
import sys

import case

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fake"))
import fake_es  # noqa: E402

SECRETS = (b"s3cr3t-canary", b"wonderland")     # the latter in the captures of HTTP
PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test_pcaps")
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
