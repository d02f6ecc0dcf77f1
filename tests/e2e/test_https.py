#!/usr/bin/env python3
# test_https.py -- TLS and passwords on the way to a real server, with nginx in front of it.
# SPDX-License-Identifier: Apache-2.0
import os

import case
import programs
import web

SECRET = "Wonder-Land:4711"


class Https(case.NodeCase):
    def setUp(self):
        super().setUp()
        case.need_program("nginx", "openssl")
        self.ca = web.authority(self.folder, "ca")
        cert, key = web.certificate(self.folder, self.ca, "DNS:localhost,IP:127.0.0.1")
        web.password_file(self.path("htpasswd"), "sensor", SECRET)
        self.port, self.locked = web.free_port(), web.free_port()
        tls = (f"ssl_certificate {cert}; ssl_certificate_key {key}; "
               "ssl_protocols TLSv1.2 TLSv1.3; ")
        auth = f"auth_basic espcap; auth_basic_user_file {self.path('htpasswd')}; "
        proxy = web.proxy(self.node.url)
        self.nginx = web.Nginx(self, (f"127.0.0.1:{self.port} ssl", tls + proxy),
                               (f"127.0.0.2:{self.port} ssl", tls + proxy),
                               (f"127.0.0.1:{self.locked} ssl", tls + auth + proxy))
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.password = self.path("password")
        self.write_password(SECRET)

    def write_password(self, text):
        with open(self.password, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(self.password, 0o600)

    def ship(self, url, *options, code=0):
        return self.run_program("espcap-ship", "--once", "--spool", self.spool, "--setup",
                                "install", "--give-up-after", "2s", "--node", url, *options,
                                code=code)

    def check_kept(self):
        self.check_conservation(self.status(), committed=297, backlog=297)
        self.assertEqual(self.node.indices(), {})

    def test_own_authority_is_trusted_by_name_and_by_address(self):
        self.ship(f"https://localhost:{self.port}", "--ca-file", self.ca)
        self.check_conservation(self.status(), committed=297, indexed=297)
        self.assertEqual(sum(self.node.indices().values()), 297)
        self.assertEqual({words[3] for words in self.nginx.log()}, {"TLSv1.3"})
        self.ship(f"https://127.0.0.1:{self.port}", "--ca-file", self.ca)

    def test_other_authorities_are_refused(self):
        other = web.authority(self.folder, "other")
        for options in ((), ("--ca-file", other)):
            done = self.ship(f"https://localhost:{self.port}", *options, code=1)
            self.check_sentence(done, rf"https://localhost:{self.port}: the server's certificate "
                                r"is of an authority that is not trusted here; --ca-file names "
                                r"one to trust; nothing is lost",
                                r"gave up after 2 s .*297 records stay in " + self.spool)
        self.check_kept()
        self.assertEqual(self.nginx.log(), [], "nothing may be sent")

    def test_a_name_that_is_not_in_the_certificate_is_refused(self):
        done = self.ship(f"https://127.0.0.2:{self.port}", "--ca-file", self.ca, code=1)
        self.check_sentence(done, r"https://127\.0\.0\.2:.* the server's certificate is for another "
                            r"name; --node has to name the server as its certificate does; "
                            r"nothing is lost", "gave up")
        self.check_kept()
        self.assertEqual(self.nginx.log(), [], "nothing may be sent")

    def test_wrong_ca_files_are_a_wrong_configuration(self):
        url = f"https://localhost:{self.port}"
        done = self.ship(url, "--ca-file", self.path("nowhere"), code=78)
        self.check_sentence(done, r"cannot read the CA file \S+/nowhere: No such file")
        done = self.ship(url, "--ca-file", self.password, code=78)
        self.check_sentence(done, r"the CA file \S+/password holds no certificate in PEM")
        self.check_kept()

    def test_http_and_https_confused_is_said(self):
        done = self.ship(self.node.url.replace("http:", "https:"), code=1)
        self.check_sentence(done, r"the server speaks no TLS there; --node has to say http://",
                            "gave up")
        done = self.ship(f"http://localhost:{self.port}", code=1)
        self.check_sentence(done, r"the server speaks TLS there; --node has to say https://;",
                            "gave up")
        self.check_kept()

    def test_the_password_opens_and_is_seen_nowhere(self):
        seen = []
        ship = self.start("espcap-ship", "--spool", self.spool, "--setup", "install", "--node",
                          f"https://localhost:{self.locked}", "--ca-file", self.ca, "--user",
                          "sensor", "--password-file", self.password, "--log-level", "debug")

        def look():
            for name in ("cmdline", "environ"):
                with open(f"/proc/{ship.pid}/{name}", "rb") as file:
                    seen.append(file.read())
            return self.status()["backlog"] == 0
        programs.wait_for(look, "everything indexed")
        ended = ship.stop()
        self.assertEqual(ended.code, 0, str(ended))
        self.assertIn(b"--password-file", b"".join(seen))
        self.assertEqual(sum(self.node.indices().values()), 297)
        self.assertEqual({words[4] for words in self.nginx.log() if words[2] == "200"}, {"sensor"})
        self.check_unseen(b"".join(seen) + (ended.out + ended.err).encode())

    def check_unseen(self, text):
        """Neither in what was said, nor in the spool."""
        for folder, _, names in os.walk(self.spool):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    text += file.read()
        self.assertNotIn(SECRET.encode(), text)
        self.assertNotIn(b"c2Vuc29yOldvbmRlci1MYW5kOjQ3MTE=", text)  # as basic authentication

    def test_a_wrong_password_pauses_and_loses_nothing(self):
        url = f"https://localhost:{self.locked}"
        self.write_password("wrong-Secret")
        user = ("--ca-file", self.ca, "--user", "sensor", "--password-file", self.password)
        done = self.ship(url, *user, code=1)
        self.check_sentence(done, r"the server does not accept the credentials.*--password-file.*"
                            r"\(status 401\); nothing is lost", "gave up")
        self.assertNotIn("wrong-Secret", done.err)
        done = self.ship(url, "--ca-file", self.ca, code=1)
        self.check_sentence(done, r"credentials.*--user.*\(status 401\)", "gave up")
        self.check_kept()
        self.write_password(SECRET)
        self.ship(url, *user)
        self.check_conservation(self.status(), indexed=297)

    def test_password_files_that_cannot_be_right_are_refused(self):
        url = f"https://localhost:{self.locked}"
        user = ("--user", "sensor", "--password-file", self.password)
        os.chmod(self.password, 0o644)
        done = self.ship(url, *user, code=78)
        self.check_sentence(done, r"can be read by others; chmod 600 " + self.password)
        self.write_password("")
        self.check_sentence(self.ship(url, *user, code=78), r"password file \S+ is empty")
        os.unlink(self.password)
        self.check_sentence(self.ship(url, *user, code=78), r"cannot read the password file")
        self.check_sentence(self.ship(url, "--user", "sensor", code=2), "--password-file")
        done = self.ship(f"https://sensor:{SECRET}@localhost:{self.locked}", code=2)
        self.check_sentence(done, r"credentials do not belong into the URL.*--password-file")
        self.assertNotIn(SECRET, done.err)
        self.check_kept()


if __name__ == "__main__":
    case.main()
