#!/usr/bin/env python3
# test_secure_opensearch.py -- a real OpenSearch with its security plugin: our role, a user, its end.
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

NAME = "opensearch-security-2.19.1"
PLUGIN = "plugins.security."
PEM = {"pemcert_filepath": "http.pem", "pemkey_filepath": "http.key",
       "pemtrustedcas_filepath": "ca.pem"}
SECURITY = [f"{PLUGIN}ssl.{where}.{key}={value}" for where in ("http", "transport")
            for key, value in PEM.items()] + [
    PLUGIN + "ssl.http.enabled=true", PLUGIN + "ssl.transport.enforce_hostname_verification=false",
    PLUGIN + "allow_default_init_securityindex=true", PLUGIN + "authcz.admin_dn=CN=nobody",
    PLUGIN + "restapi.roles_enabled=all_access"]
ROLE = os.path.join(programs.ROOT, "deploy/roles/espcap-sensor-opensearch.json")
ADMIN = ("admin", "admin")  # of the plugin's own sample, which this instance starts with
SENSOR = ("edge-7", "looking-Glass-4712-x")
API = "/_plugins/_security/api"


class Secure(case.Case):
    @classmethod
    def setUpClass(cls):
        if os.environ.get("ESPCAP_LONG") != "1" or os.environ.get("ESPCAP_TEST_NODE"):
            raise case.unittest.SkipTest("runs with tests/run --long (ESPCAP_LONG=1)")
        case.need_program("openssl")
        folder = tempfile.mkdtemp(prefix="espcap-secure-")
        os.chmod(folder, 0o755)
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.ca = certs.Authority(folder, "ca")
        config = os.path.join(folder, "config")
        os.mkdir(config)
        pem, key = cls.ca.issue("http")
        for source, name in ((pem, "http.pem"), (key, "http.key"), (cls.ca.pem, "ca.pem")):
            shutil.copy(source, os.path.join(config, name))
        settings = [word for setting in SECURITY for word in ("--set", setting)]
        started = subprocess.run([fixture.SERVERS, "start", NAME, "--config", config, *settings],
                                 capture_output=True, text=True, check=False)
        if started.returncode == 77:
            raise case.unittest.SkipTest(started.stderr.strip())
        found = re.search(r"^url=(\S+) pid=\d+ dir=(\S+)$", started.stdout, re.MULTILINE)
        if not found:
            raise AssertionError(started.stdout + started.stderr)
        cls.url, cls.dir = found.groups()
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        cls.addClassCleanup(subprocess.run, [fixture.SERVERS, "stop", cls.dir, "--kill"], check=True)
        programs.wait_for(lambda: cls.ask("GET", "/_cluster/health")[0] == 200, "the users")

    @classmethod
    def ask(cls, method, path, user=ADMIN, body=None):
        """(status, parsed answer)"""
        login = base64.b64encode(":".join(user).encode()).decode()
        request = urllib.request.Request(
            cls.url + path, None if body is None else json.dumps(body).encode(), method=method,
            headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"})
        context = ssl.create_default_context(cafile=cls.ca.pem)
        try:
            with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ship(self, spool, user, *options, code=0):
        path = self.path("password." + user[0])
        if not os.path.exists(path):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
                file.write(user[1] + "\n")
        return self.run_program("espcap-ship", "--once", "--spool", self.path(spool), "--node",
                                self.url, "--ca-file", self.ca.pem, "--user", user[0],
                                "--password-file", path, "--give-up-after",
                                "15s" if code else "60s", *options, code=code)

    def capture(self, spool, *options):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.path(spool),
                         *options)

    def test_a_sensor_with_the_role_of_deploy(self):
        """As espcap-ship(8) says: the role, a user, its mapping; and the end of that user."""
        for spool in ("one", "two", "three"):
            self.capture(spool)
        self.capture("lite", "--schema", "lite")
        self.capture("label", "--label", "site=x")  # a new field: the mapping has to grow
        self.capture("stream", "--label", "place=x")
        self.capture("admin")
        with open(ROLE, encoding="ascii") as file:
            role = json.load(file)
        # the sample gives everybody the right to _bulk, which would hide what the role lacks
        self.assertEqual(self.ask("DELETE", f"{API}/rolesmapping/own_index")[0], 200)
        for what, body in (("roles/espcap_sensor", role),
                           ("internalusers/" + SENSOR[0], {"password": SENSOR[1]}),
                           ("rolesmapping/espcap_sensor", {"users": [SENSOR[0]]})):
            code, answer = self.ask("PUT", f"{API}/{what}", body=body)
            self.assertEqual(code, 201, answer)
        done = self.ship("one", SENSOR, code=1)
        self.assertRegex(done.err, "does not have the index template espcap-packets; --setup install")
        self.assertRegex(self.ship("one", SENSOR, "--setup", "install", code=1).err, "forbids")
        self.ship("two", ADMIN, "--setup", "install")
        self.ship("one", SENSOR)
        self.ship("lite", SENSOR)
        self.ship("label", SENSOR)
        self.ship("admin", ADMIN, "--setup", "install", "--data-stream")
        self.ship("stream", SENSOR, "--data-stream")
        for spool in ("one", "lite", "label", "stream"):
            self.check_conservation(self.status(self.path(spool)), committed=297, indexed=297)
        self.check_rights()
        self.assertEqual(self.ask("DELETE", f"{API}/internalusers/{SENSOR[0]}")[0], 200)
        done = self.ship("three", SENSOR, code=1)
        self.assertIn("does not accept the credentials", done.err)
        self.check_conservation(self.status(self.path("three")), committed=297, backlog=297)

    def check_rights(self):
        index = next(name for name in self.ask("GET", "/espcap-packets-*")[1] if name[0] != ".")
        document = {"@timestamp": "2026-01-01T00:00:00Z"}
        for method, path, body in (("GET", f"/{index}/_search", None),
                                   ("DELETE", f"/{index}", None),
                                   ("POST", f"/{index}/_update/x", {"doc": document}),
                                   ("DELETE", f"/{index}/_doc/x", None),
                                   ("PUT", "/other/_create/1", document),
                                   ("DELETE", "/_index_template/espcap-packets", None),
                                   ("PUT", "/_index_template/x", {"index_patterns": ["x"]}),
                                   ("GET", "/_cluster/settings", None),
                                   ("GET", f"{API}/internalusers", None)):
            self.assertEqual(self.ask(method, path, SENSOR, body)[0], 403, path)


if __name__ == "__main__":
    case.main()
