# web.py -- nginx in front of a server or in its place, and certificates by openssl.
# SPDX-License-Identifier: Apache-2.0
import os
import socket
import subprocess

import programs

CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	client_max_body_size 100m;
	log_format one '$request_method $uri $status $ssl_protocol $remote_user';
	access_log {folder}/access.log one;
	{servers}
}}
"""
SERVER = "server {{ listen {listen}; {inside} }}\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """Started for a test case; `before` are words in front of the command, as of a namespace."""

    def __init__(self, case, *servers, before=()):
        """servers: (what to listen on, lines inside)."""
        self.folder = case.path(f"nginx.{free_port()}")
        os.mkdir(self.folder)
        self.config = os.path.join(self.folder, "nginx.conf")
        text = "".join(SERVER.format(listen=listen, inside=inside) for listen, inside in servers)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder, servers=text))
        self.running = case.start_command([*before, "nginx", "-c", self.config, "-e",
                                           os.path.join(self.folder, "error.log")])
        programs.wait_for(self.is_up, f"nginx of {self.config}", 20)

    def is_up(self):
        if not self.running.runs():
            raise AssertionError(f"nginx ended: {self.running.ended()}")
        return os.path.exists(os.path.join(self.folder, "pid"))

    def log(self):
        """The requests so far: method, path, status, TLS version, user."""
        with open(os.path.join(self.folder, "access.log"), encoding="utf-8") as file:
            return [line.rstrip("\n").split(" ") for line in file]


def proxy(url):
    return f"location / {{ proxy_pass {url}; proxy_http_version 1.1; }}"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def authority(folder, name):
    """A certificate authority of our own: the path of its certificate."""
    path = os.path.join(folder, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN=espcap test {name}", "-keyout", path + ".key",
            "-out", path + ".pem", "-addext", "keyUsage=critical,keyCertSign")
    return path + ".pem"


def certificate(folder, ca, names):
    """A certificate for these names (DNS:x or IP:x) signed by ca: the path of it, then its key."""
    path = os.path.join(folder, "server")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=server", "-keyout", path + ".key", "-out", path + ".csr")
    with open(path + ".ext", "w", encoding="utf-8") as file:
        file.write(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", path + ".csr", "-CA", ca, "-CAkey", ca[:-4] + ".key",
            "-CAcreateserial", "-days", "2", "-extfile", path + ".ext", "-out", path + ".pem")
    return path + ".pem", path + ".key"


def password_file(path, user, password):
    """For nginx's auth_basic."""
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, check=True,
                          capture_output=True, text=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{user}:{done.stdout}")
    os.chmod(path, 0o644)
