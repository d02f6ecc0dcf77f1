# certs.py -- certificates as openssl makes them, good ones and every kind of bad one; a relay.
# SPDX-License-Identifier: Apache-2.0
import os
import socket
import ssl
import subprocess
import threading

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
CA_CONFIG = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True,
                          text=True).stdout


class Authority:
    """A certificate authority of our own in a folder; `pem` is its certificate."""

    def __init__(self, folder, name, subject=None):
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        self.pem, self.key = self.path("ca.pem"), self.path("ca.key")
        openssl("req", "-x509", *CURVE, "-days", "2", "-subj", f"/CN={subject or name}",
                "-keyout", self.key, "-out", self.pem, "-addext", "keyUsage=critical,keyCertSign")
        with open(self.path("index.txt"), "w", encoding="ascii"):
            pass
        with open(self.path("ca.conf"), "w", encoding="ascii") as file:
            file.write(CA_CONFIG.format(folder=self.folder))

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", begin=None, end=None, lines=""):
        """A certificate for these names: its path and that of its key. begin, end: YYYYMMDD."""
        pem, key, request = (self.path(name + end) for end in (".pem", ".key", ".csr"))
        openssl("req", *CURVE, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        with open(self.path(name + ".ext"), "w", encoding="ascii") as file:
            file.write(f"subjectAltName={names}\n{lines}")
        openssl("ca", "-batch", "-notext", "-config", self.path("ca.conf"), "-cert", self.pem,
                "-keyfile", self.key, "-in", request, "-out", pem, "-extfile",
                self.path(name + ".ext"), "-startdate", (begin or "20200101") + "000000Z",
                "-enddate", (end or "20990101") + "000000Z")
        return pem, key

    def chain(self, name, *others):
        """The certificate `name` and these, as a server shows them."""
        path = self.path(name + ".chain.pem")
        with open(path, "w", encoding="ascii") as file:
            for part in (self.path(name + ".pem"), *others):
                with open(part, encoding="ascii") as one:
                    file.write(one.read())
        return path, self.path(name + ".key")

    def fingerprint(self, separator=""):
        return fingerprint(self.pem, separator)


def selfsigned(folder):
    """A certificate that is its own authority, and none for others: its path and that of its key."""
    pem, key = os.path.join(folder, "alone.pem"), os.path.join(folder, "alone.key")
    openssl("req", "-x509", *CURVE, "-days", "2", "-subj", "/CN=alone", "-keyout", key, "-out",
            pem, "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:FALSE")
    return pem, key


def fingerprint(pem, separator=""):
    text = openssl("x509", "-in", pem, "-noout", "-fingerprint", "-sha256")
    return text.strip().split("=")[1].replace(":", separator)


def shut(*ends):
    """Wakes whoever waits for them; closing would not."""
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Relay:
    """Takes connections on one port and joins them to another, which a test changes as it goes.
    None: they are taken, and nothing comes; 0: they are closed. With a context the relay ends the
    TLS of the client."""

    def __init__(self, case, target, context=None, address="127.0.0.1"):
        self.target, self.context, self.count, self.ends = target, context, 0, []
        self.listener = socket.create_server((address, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        case.addCleanup(self.close)

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                self.listener.close()
                return
            self.count += 1
            if self.target == 0:
                client.close()
                continue
            self.ends.append(client)
            if self.target:
                threading.Thread(target=self.join, args=(client,), daemon=True).start()

    def join(self, client):
        server = None
        try:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
                self.ends.append(client)
            server = socket.create_connection(("127.0.0.1", self.target))
            self.ends.append(server)
            back = threading.Thread(target=self.copy, args=(server, client), daemon=True)
            back.start()
            self.copy(client, server)
            back.join()
        except OSError:
            pass
        client.close()
        if server:
            server.close()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except (OSError, ValueError):
            pass
        shut(source, sink)

    def mend(self, target, context=None):
        """From now on connections go there; those there were are cut."""
        stalled, self.target, self.context = self.target is None, target, context
        ends, self.ends = self.ends, []
        shut(*ends)
        for end in ends if stalled else ():
            end.close()

    def close(self):
        shut(self.listener)
        self.mend(0)


def context(pair, ca=None):
    """TLS of a server in Python; with a CA it wants certificates of its clients."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*pair)
    if ca:
        made.load_verify_locations(ca)
        made.verify_mode = ssl.CERT_REQUIRED
    return made
