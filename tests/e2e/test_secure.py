#!/usr/bin/env python3
# test_secure.py -- a real Elasticsearch with security on: TLS of its own, users, tokens, our role.
# SPDX-License-Identifier: Apache-2.0
import base64
import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request

import case
import certs
import fixture
import programs
import tls_case

REFUSED = "the server does not accept the credentials"
SECURITY = ("xpack.security.enabled=true", "xpack.security.http.ssl.enabled=true",
            "xpack.security.http.ssl.key=http.key", "xpack.security.http.ssl.certificate=http.pem",
            "resource.reload.interval.high=200ms")
ROLE = os.path.join(programs.ROOT, "deploy/roles/espcap-sensor.json")
ADMIN, SENSOR = "wonder-Land-4711", "looking-Glass-4712"


class Server:
    """The minimal distribution with PEM files, a role file, users and a service token."""

    def __init__(self, folder):
        self.ca = certs.Authority(folder, "ca")
        config = os.path.join(folder, "config")
        os.mkdir(config)
        pem, key = self.ca.issue("http")
        shutil.copy(self.ca.chain("http", self.ca.pem)[0], os.path.join(config, "http.pem"))
        shutil.copy(key, os.path.join(config, "http.key"))
        with open(ROLE, encoding="ascii") as role, open(os.path.join(config, "roles.yml"), "w",
                                                         encoding="ascii") as file:
            file.write(f"espcap_sensor: {json.dumps(json.load(role))}\n")
        settings = [word for setting in SECURITY for word in ("--set", setting)]
        self.started = subprocess.run([fixture.SERVERS, "start", fixture.FIRST, "--config", config,
                                       *settings], capture_output=True, text=True, check=False)
        found = re.search(r"^url=(\S+) pid=(\d+) dir=(\S+)$", self.started.stdout, re.MULTILINE)
        self.url, self.pid, self.dir = found.groups() if found else (None, None, None)

    def tools(self):
        """Users by elasticsearch-users, a token by elasticsearch-service-tokens."""
        with open(f"/proc/{self.pid}/cmdline", encoding="utf-8") as file:
            text = file.read()
        home = re.search(r"(/[^\0=:]*/elasticsearch-[^/\0]*)/lib\b", text)[1]
        java = os.path.dirname(os.path.dirname(os.path.realpath(text.split("\0")[0])))
        env = {"ES_PATH_CONF": self.dir + "/config", "ES_JAVA_HOME": java,
               "PATH": os.environ["PATH"], "HOME": self.dir + "/tmp"}
        user = {"user": "espcap-test", "group": "espcap-test", "extra_groups": []}

        def tool(name, *words):
            return subprocess.Popen([f"{home}/bin/{name}", *words], env=env, text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                    **(user if os.geteuid() == 0 else {}))
        token = tool("elasticsearch-service-tokens", "create", "elastic/fleet-server", "sensor")
        for name, password, role in (("admin", ADMIN, "superuser"),
                                     ("sensor", SENSOR, "espcap_sensor")):
            done = tool("elasticsearch-users", "useradd", name, "-p", password, "-r", role)
            said = done.communicate()[0]
            if done.returncode:
                raise AssertionError(said)
        return re.search(r"= (\S+)", token.communicate()[0])[1]

    def ask(self, method, path, user="admin", password=ADMIN, body=None):
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        request = urllib.request.Request(self.url + path, body, method=method, headers={
            "Authorization": f"Basic {login}", "Content-Type": "application/json"})
        context = ssl.create_default_context(cafile=self.ca.pem)
        try:
            with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def start():
    """(server, token), or a skip; in CI, where servers are required, a failure."""
    if os.environ.get("ESPCAP_TEST_NODE"):
        raise case.unittest.SkipTest("ESPCAP_TEST_NODE is set, and its users are not ours to make")
    case.need_program("openssl")
    folder = tempfile.mkdtemp(prefix="espcap-secure-")
    os.chmod(folder, 0o755)
    server = Server(folder)
    if server.started.returncode == 77 and os.environ.get("ESPCAP_REQUIRE_SERVERS") != "1":
        shutil.rmtree(folder)
        raise case.unittest.SkipTest(server.started.stderr.strip())
    if not server.url:
        raise AssertionError(server.started.stdout + server.started.stderr)
    return folder, server


class Secure(case.Case):
    @classmethod
    def setUpClass(cls):
        folder, cls.es = start()
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.addClassCleanup(shutil.rmtree, cls.es.dir, ignore_errors=True)
        cls.addClassCleanup(subprocess.run, [fixture.SERVERS, "stop", cls.es.dir, "--kill"],
                            check=True)
        cls.token = cls.es.tools()
        programs.wait_for(lambda: cls.es.ask("GET", "/_cluster/health")[0] == 200 and
                          cls.es.ask("GET", "/_index_template/espcap-packets", "sensor",
                                     SENSOR)[0] == 404, "the users")

    def setUp(self):
        super().setUp()
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.trust = ("--ca-trusted-fingerprint", self.es.ca.fingerprint())

    def secret(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(path, 0o600)
        return path

    def user(self, name, password):
        return ("--user", name, "--password-file", self.secret(name + password, password))

    def ship(self, *options, code=0):
        return self.run_program("espcap-ship", "--once", "--spool", self.spool, "--node",
                                self.es.url, "--give-up-after", "2s", *options, code=code)

    def count(self, index):
        self.es.ask("POST", f"/{index}/_refresh")
        return self.es.ask("GET", f"/{index}/_count")[1]["count"]

    def test_a_sensor_with_the_role_of_deploy(self):
        """An administrator installs the templates; the sensor may create documents, no more."""
        sensor = self.user("sensor", SENSOR)
        node = ("--node", self.es.url, *self.trust, *sensor)
        tls_case.check_refused(self, (
            (r"does not have the index template espcap-packets; --setup install puts it there",
             node), ("the server forbids", (*node, "--setup", "install"))))
        self.install()
        self.ship("--ca-file", self.es.ca.pem, *sensor)
        self.check_conservation(self.status(), committed=297, indexed=297)
        self.assertEqual(self.count("espcap-packets-*"), 297 + 1)
        self.check_label(*sensor)
        self.check_rights()

    def check_label(self, *sensor):
        """A label is a new field, so that the server has to add it to the mapping."""
        for options in ((), ("--data-stream",)):
            spool = self.path("label" + "".join(options))
            self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", spool, "--label",
                             f"site{len(options)}=x")
            if options:
                self.install("stream", *options)
            self.run_program("espcap-ship", "--once", "--spool", spool, "--node", self.es.url,
                             "--give-up-after", "30s", *self.trust, *sensor, *options)
            self.check_conservation(self.status(spool), committed=297, indexed=297)

    def install(self, name="first", *options):
        self.run_program("espcap-capture", "--file", os.path.join(programs.PCAPS, "dns.pcap"),
                         "--count", "1", "--spool", self.path(name))
        self.run_program("espcap-ship", "--once", "--spool", self.path(name), "--node",
                         self.es.url, "--setup", "install", *self.trust, *options,
                         *self.user("admin", ADMIN))

    def check_rights(self):
        index = next(name for name in self.es.ask("GET", "/espcap-packets-*")[1] if name[0] != ".")
        document = json.dumps({"@timestamp": "2026-01-01T00:00:00Z"}).encode()
        for method, path, body in (("GET", f"/{index}/_search", None),
                                   ("DELETE", f"/{index}", None),
                                   ("PUT", f"/{index}/_doc/1", document),
                                   ("PUT", "/other/_create/1", document),
                                   ("DELETE", "/_index_template/espcap-packets", None),
                                   ("GET", "/_security/user", None)):
            self.assertEqual(self.es.ask(method, path, "sensor", SENSOR, body)[0], 403, path)

    def test_a_service_token(self):
        """The tokens that the tool makes are those of Elastic's own services: this one may write
        to logs-*-*, and not to our indices."""
        token = ("--token-file", self.secret("token", self.token), "--setup", "never")
        tls_case.check_refused(
            self, [(r"index \S+ takes nothing \(status 403 security_exception: ",
                    ("--node", self.es.url, *self.trust, *token))],
            kept="its records wait, other indices go on$")
        template = {"index_patterns": ["logs-e2e*"], "priority": 500,
                    "template": {"mappings": {"dynamic": False}}}
        self.assertEqual(self.es.ask("PUT", "/_index_template/e2e", body=json.dumps(
            template).encode())[0], 200)
        self.ship(*self.trust, *token, "--index", "logs-e2e-default")
        self.check_conservation(self.status(), committed=297, indexed=297)
        self.assertEqual(self.count("logs-e2e-default"), 297)

    def test_what_is_wrong_pauses_with_its_sentence(self):
        wrong, sensor = self.user("sensor", "wrong"), self.user("sensor", SENSOR)
        rows = ((REFUSED, (*self.trust, *wrong)), (REFUSED, self.trust),
                (REFUSED, (*self.trust, "--token-file", self.secret("t", "AAEAAWVsYXN0aWM"))),
                (REFUSED, (*self.trust, "--api-key-file", self.secret("k", "some:key"))),
                ("of an authority that is not trusted here", sensor))
        tls_case.check_refused(self, [(sentence, ("--node", self.es.url, *options))
                                      for sentence, options in rows] + [
            ("--node has to say https://", ("--node", self.es.url.replace("https", "http")))])


if __name__ == "__main__":
    case.main()
