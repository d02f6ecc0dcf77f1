# tls_case.py -- the ground of the tests of TLS: nginx with certificates in front of the fake server.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import sys
import tempfile

import case
import certs
import programs
import web

sys.path.append(os.path.join(programs.ROOT, "tests", "fake"))
import fake_es  # noqa: E402


KEPT = r"nothing is lost, trying again$"


def check_refused(test, rows, before=(), kept=KEPT):
    """espcap-ship with each row's (sentence, options): one sentence, and nothing leaves the spool.
    All run at the same time."""
    running = []
    for number, (sentence, options) in enumerate(rows):
        spool = test.path(f"spool.{number}")
        test.run_program("espcap-capture", "--file", programs.HTTP, "--spool", spool)
        running.append((sentence, spool, test.start(
            "espcap-ship", "--once", "--spool", spool, "--give-up-after", "1s", *options,
            before=before)))
    for sentence, spool, ship in running:
        with test.subTest(sentence):
            ended = ship.wait()
            test.assertEqual(ended.code, 1, str(ended))
            test.check_sentence(ended, f"{sentence}.*; {kept}", "gave up")
            test.check_conservation(test.status(spool), committed=297, backlog=297)


class TlsCase(case.Case):
    """Certificates and one nginx with many fronts are made once; each test has its own server."""

    @classmethod
    def setUpClass(cls):
        case.need_program("nginx", "openssl")
        cls.made = tempfile.mkdtemp(prefix="espcap-tls-")
        cls.addClassCleanup(shutil.rmtree, cls.made, ignore_errors=True)
        cls.ca = certs.Authority(cls.made, "ca")
        cls.good = cls.ca.issue("good")

    def setUp(self):
        super().setUp()
        self.es = self.enterContext(fake_es.FakeEs())
        self.ports = {}

    def front(self, **fronts):
        """nginx with a port of its own for each (certificate, key, lines)."""
        servers = []
        for name, (pem, key, *lines) in fronts.items():
            self.ports[name] = web.free_port()
            protocols = "" if "ssl_protocols" in str(lines) else "ssl_protocols TLSv1.2 TLSv1.3;"
            servers.append((f"127.0.0.1:{self.ports[name]} ssl",
                            f"{protocols} ssl_certificate {pem}; ssl_certificate_key {key}; {' '.join(lines)} "
                            + web.proxy(f"http://127.0.0.1:{self.es.port}")))
        self.nginx = web.Nginx(self, *servers)

    def capture(self, name="spool"):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.path(name))
        return self.path(name)

    def once(self, *options, code=0, spool=None):
        return self.run_program("espcap-ship", "--once", "--spool", spool or self.spool, "--setup",
                                "install", "--give-up-after", "1s", *options, code=code)

    def stored(self, index):
        return sum(name == index for _, name in self.es.ids())
