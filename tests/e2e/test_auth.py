#!/usr/bin/env python3
# test_auth.py -- who we are, and whom we trust: passwords, keys, tokens, certificates, fingerprints.
# SPDX-License-Identifier: Apache-2.0
import base64
import os
import resource
import shutil

import case
import certs
import programs
import tls_case

PAIR = "VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw"
ENCODED = base64.b64encode(PAIR.encode()).decode()
TOKEN = "AAEAAWVsYXN0aWMvZmxlZXQtc2VydmVyL3Rva2VuMTo3TFdaSDZ4"
OTHER_AUTHORITY = "is of another authority than --ca-trusted-fingerprint names"


class AuthCase(tls_case.TlsCase):
    def setUp(self):
        super().setUp()
        self.capture()
        self.plain = f"http://127.0.0.1:{self.es.port}"

    def secret(self, text, mode=0o600, name="secret"):
        """A new file in the place of the old one, as a careful operator would do it."""
        path = self.path(name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(path + ".new", mode)
        os.rename(path + ".new", path)
        return path

    def want(self, header):
        self.es.script({"match": {"path": "*"}, "action": {"unauthorized": True,
                                                           "until_header": header}})

    def check_all(self):
        self.check_conservation(self.status(), committed=297, indexed=297)
        self.assertEqual(self.es.stats()["stored"], 297)

    def check_none(self):
        self.check_conservation(self.status(), committed=297, backlog=297)
        self.assertEqual(self.es.stats()["stored"], 0)


class Credentials(AuthCase):
    def test_an_api_key_as_it_is_or_encoded(self):
        self.want(f"Authorization: ApiKey {ENCODED}")
        self.once("--node", self.plain, "--api-key-file", self.secret(ENCODED))
        self.check_all()
        other = self.capture("other")
        self.once("--node", self.plain, "--api-key-file", self.secret(PAIR), spool=other)
        self.assertEqual(self.status(other)["indexed"], 297)

    def test_a_bearer_token(self):
        self.want(f"Authorization: Bearer {TOKEN}")
        self.once("--node", self.plain, "--token-file", self.secret(TOKEN))
        self.check_all()

    def test_what_systemd_keeps_is_found(self):
        self.want(f"Authorization: ApiKey {ENCODED}")
        os.mkdir(self.path("credentials"), 0o500)
        self.secret(ENCODED, 0o440, "credentials/espcap.api-key")
        self.env["CREDENTIALS_DIRECTORY"] = self.path("credentials")
        self.once("--node", self.plain)
        self.check_all()

    def test_the_one_shot_takes_them_too(self):
        self.want(f"Authorization: Bearer {TOKEN}")
        done = self.run_program("espcap", "--file", programs.HTTP, "--node", self.plain,
                                "--token-file", self.secret(TOKEN))
        self.assertEqual(self.summary(done), (297, 297, 0, 0, 0))

    def test_only_https_or_this_machine(self):
        key = ("--api-key-file", self.secret(ENCODED))
        done = self.once("--node", "http://es.invalid:9200", *key, code=2)
        self.check_sentence(done, r"would go to http://es\.invalid:9200 readable for all on the "
                            r"way; https:// keeps it secret, --allow-plain-auth sends it")
        done = self.once("--node", "http://es.invalid:9200", *key, "--allow-plain-auth", code=1)
        self.check_sentence(done, rf"Could not resolve host: es\.invalid; {tls_case.KEPT}", "gave up")
        self.want(f"Authorization: ApiKey {ENCODED}")
        self.env["http_proxy"] = "http://127.0.0.1:1"
        self.once("--node", self.plain, *key)
        self.check_all()

    def test_files_and_options_that_cannot_be_right(self):
        url, key = ("--node", self.plain), self.secret(ENCODED)
        rows = ((78, r"the API key file \S+ can be read by others; chmod 600",
                 ("--api-key-file", self.secret(ENCODED, 0o640, "open"))),
                (78, r"cannot read the token file \S+: No such", ("--token-file", "nowhere")),
                (78, r"holds neither ID:KEY nor",
                 ("--api-key-file", self.secret(PAIR.split(":")[1], name="half"))),
                (78, r"token file \S+ holds characters that no token has",
                 ("--token-file", self.secret("a b", name="blank"))),
                (2, r"only one of --user, --api-key-file and --token-file",
                 ("--api-key-file", key, "--token-file", key)),
                (2, r"--key needs --cert", ("--key", key)))
        for code, sentence, options in rows:
            with self.subTest(sentence):
                self.check_sentence(self.once(*url, *options, code=code), sentence)
                self.check_sentence(self.once("-n", *url, *options, code=code), sentence)
        self.once("-n", *url, "--api-key-file", key)
        self.check_none()


class Rotation(AuthCase):
    """One espcap-ship runs through; the server and the file change under it."""

    def test_a_mended_file_goes_on_without_a_restart(self):
        self.want(f"Authorization: ApiKey {ENCODED}")
        path = self.secret("wrong:wrong")
        ship = self.start("espcap-ship", "--spool", self.spool, "--setup", "install",
                          "--backoff-max", "500ms", "--log-level", "debug", "--node", self.plain,
                          "--api-key-file", path)
        ship.says("the server does not accept the credentials")
        self.secret(ENCODED, 0o644)
        ship.says(f"the API key file {path} can be read by others; chmod 600 {path}")
        self.check_none()
        os.chmod(path, 0o600)
        programs.wait_for(lambda: self.status()["indexed"] == 297, "everything indexed")
        self.check_all()
        self.revoke(ship)
        ended = ship.stop()
        self.assertEqual(ended.code, 0, str(ended))
        warnings = [line for line in ended.lines() if ": warning: " in line]
        self.assertEqual(len(warnings), 3, str(ended))
        self.assertNotIn("other:", ended.err)
        self.assertNotIn(ENCODED, ended.err)

    def revoke(self, ship):
        """The old key is refused: first in bulk, since the templates were seen."""
        self.want("Authorization: ApiKey " + base64.b64encode(b"other:key").decode())
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        ship.says("the server does not accept password, key or token")
        self.check_conservation(self.status(), committed=594, indexed=297, backlog=297)
        self.secret("other:key")
        programs.wait_for(lambda: self.status()["indexed"] == 594, "everything indexed")

    def test_no_core_dump_holds_a_secret(self):
        for options, dumped in (((), True), (("--api-key-file", self.secret(ENCODED)), False)):
            ship = self.start("espcap-ship", "--spool", self.spool, "--node", "127.0.0.1:1",
                              *options, cwd=self.folder, preexec_fn=self.allow_dumps)
            ship.says("Failed to connect")
            ship.send(6)
            _, status = os.waitpid(ship.pid, 0)
            ship.process.returncode = -6
            if dumped and not os.WCOREDUMP(status):
                self.skipTest("this system writes no core dumps")
            self.assertEqual(os.WCOREDUMP(status), dumped)

    @staticmethod
    def allow_dumps():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class ClientCertificate(AuthCase):
    def setUp(self):
        super().setUp()
        self.pem, self.key = self.ca.issue("sensor")
        os.chmod(self.key, 0o600)
        self.front(wants=(*self.good, f"ssl_client_certificate {self.ca.pem}; "
                          "ssl_verify_client on; keepalive_timeout 0;"))
        self.to = ("--node", f"https://localhost:{self.ports['wants']}", "--ca-file", self.ca.pem)

    def test_it_opens(self):
        self.once(*self.to, "--cert", self.pem, "--key", self.key)
        self.check_all()
        both = self.secret(self.text(self.pem) + self.text(self.key), name="both")
        other = self.capture("other")
        self.once(*self.to, "--cert", both, spool=other)
        self.assertEqual(self.status(other)["indexed"], 297)

    def text(self, path):
        with open(path, encoding="ascii") as file:
            return file.read()

    def test_pairs_that_cannot_be_right(self):
        locked, open_ = self.path("locked"), self.secret(self.text(self.key), 0o640, "open")
        certs.openssl("pkey", "-in", self.key, "-aes128", "-passout", "pass:x", "-out", locked)
        os.chmod(locked, 0o600)
        other = self.secret(self.text(self.good[1]), name="other")
        rows = ((r"the key file \S+/open can be read by others; chmod 600", self.pem, open_),
                (r"the key file \S+\.pem can be read by others", self.pem, None),
                (r"the key \S+/locked has a passphrase.*openssl pkey", self.pem, locked),
                (r"the key \S+/other is not that of the certificate \S+sensor", self.pem, other),
                (r"cannot read the certificate \S+nowhere: No such", "/nowhere", self.key),
                (r"the certificate \S+ holds no certificate in PEM", self.key, self.key),
                (r"holds no private key in PEM", self.pem, self.secret(self.text(self.pem))))
        for sentence, cert, key in rows:
            with self.subTest(sentence):
                options = ("--cert", cert, *(("--key", key) if key else ()))
                self.check_sentence(self.once(*self.to, *options, code=78), sentence)
        self.check_none()

    def test_a_pair_that_is_broken_later_pauses(self):
        pem = self.secret(self.text(self.pem), name="my.pem")
        key = self.secret(self.text(self.key), name="my.key")
        self.es.script({"match": {"path": "*"}, "action": {"status": 503}})
        ship = self.start("espcap-ship", "--spool", self.spool, "--setup", "install",
                          "--backoff-max", "500ms", *self.to, "--cert", pem, "--key", key)
        ship.says("(status 503)")
        self.secret(self.text(self.good[1]), name="my.key")
        ship.says(f"the key {key} is not that of the certificate {pem}; nothing is lost")
        self.es.script()
        self.check_none()
        self.secret(self.text(self.key), name="my.key")
        programs.wait_for(lambda: self.status()["indexed"] == 297, "everything indexed")
        self.assertEqual(ship.stop().code, 0)


class Fingerprint(AuthCase):
    """An authority that is known by its fingerprint, as in the output of Elasticsearch's start."""

    def setUp(self):
        super().setUp()
        other = certs.Authority(self.folder, "other", "ca")  # of the same name
        other.issue("forged")
        self.ca.issue("local", names="DNS:elsewhere.example")
        self.front(shown=self.ca.chain("good", self.ca.pem), hidden=self.good,
                   forged=other.chain("forged", self.ca.pem),
                   unsigned=other.chain("forged", other.pem, self.ca.pem),
                   elsewhere=self.ca.chain("local", self.ca.pem))

    def to(self, name, *options, code=0, fingerprint=None):
        return self.once("--node", f"https://localhost:{self.ports[name]}",
                         "--ca-trusted-fingerprint", fingerprint or self.ca.fingerprint(),
                         *options, code=code)

    def test_it_is_trusted(self):
        self.to("shown")
        self.check_all()
        self.spool = self.capture("other")
        self.to("shown", fingerprint=self.ca.fingerprint(":").lower())
        self.assertEqual(self.status()["indexed"], 297)

    def test_what_it_does_not_fit_is_refused(self):
        shows_none = "the server shows no authority with the fingerprint that --ca-trusted"
        leaf = certs.fingerprint(self.good[0])
        rows = (("hidden", shows_none, None), ("shown", shows_none, "ab" * 32),
                ("shown", shows_none, leaf), ("forged", OTHER_AUTHORITY, None),
                ("unsigned", OTHER_AUTHORITY, None), ("elsewhere", "is for another name", None))
        tls_case.check_refused(self, [
            (sentence, ("--node", f"https://localhost:{self.ports[name]}",
                        "--ca-trusted-fingerprint", other or self.ca.fingerprint()))
            for name, sentence, other in rows])
        self.assertEqual(self.nginx.log(), [], "nothing may be sent")

    def test_beside_a_ca_file(self):
        self.to("hidden", "--ca-file", self.ca.pem)
        self.check_all()

    def test_what_is_none_is_a_wrong_configuration(self):
        for text in ("ab" * 31, "ab" * 33, "xy" * 32, "sha256"):
            done = self.to("shown", code=78, fingerprint=text)
            self.check_sentence(done, r"--ca-trusted-fingerprint cannot be .*64 digits in hex")


class System(AuthCase):
    """The system's authorities: those of the file, and of the folder beside it."""

    def test_a_ca_file_takes_their_place(self):
        case.need_root()
        case.need_program("unshare")
        other = certs.Authority(self.folder, "other")
        self.front(other=other.issue("other"))
        os.mkdir(self.path("certs"))
        shutil.copy(other.pem, self.path("certs", "other.pem"))
        certs.openssl("rehash", self.path("certs"))
        shutil.copy(self.ca.pem, self.path("certs", "ca-certificates.crt"))
        inside = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/ssl/certs && exec "$@"',
                  self.path("certs")]
        node = ("--node", f"https://localhost:{self.ports['other']}")
        tls_case.check_refused(self, (
            ("of an authority that is not trusted here", (*node, "--ca-file", self.ca.pem)),
            ("shows no authority with the fingerprint",
             (*node, "--ca-trusted-fingerprint", self.ca.fingerprint()))), before=inside)
        self.run_command([*inside, *programs.program(
            "espcap-ship", "--once", "--spool", self.spool, "--setup", "install", *node)])
        self.check_all()


if __name__ == "__main__":
    case.main()
