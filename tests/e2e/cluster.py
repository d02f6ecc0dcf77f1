# cluster.py -- three real nodes on loopback that know each other, for the tests of the long suite.
# SPDX-License-Identifier: Apache-2.0
"""
The first node is the only one that may elect itself, so it is healthy alone, and the others join it.
Each is an instance of tests/servers. A node that was killed has two others to come back to.
"""
import os
import random
import re
import shutil
import signal
import socket
import subprocess

import fixture
import node as nodes
import programs

NODES = 3
START_S = 600    # three at once, on a machine that has other work


def free_ports(count):
    """Ports below those of outgoing connections (see tests/servers)."""
    found = []
    while len(found) < count:
        port = random.randrange(15000, 20000)
        with socket.socket() as probe:
            if port not in found and probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found


class Cluster:
    """A context manager; `nodes` are asked by their numbers. Skipped: why there is none."""

    def __init__(self, server):
        self.server = server
        self.dirs, self.nodes, self.pids = [], [], []
        self.skipped = None

    def settings(self, ports, number):
        elastic = self.server.startswith("elasticsearch")
        eligible = "master" if elastic else "cluster_manager"
        wanted = {"cluster.name": f"espcap-{ports[0]}", "node.name": f"node-{number}",
                  "discovery.type": "multi-node" if elastic else "zen",
                  "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in ports),
                  f"cluster.initial_{eligible}_nodes": "node-0",
                  "transport.port": str(ports[number])}
        return [word for key, value in wanted.items() for word in ("--set", f"{key}={value}")]

    def __enter__(self):
        ports = free_ports(NODES)
        for number in range(NODES):
            done = self.tool("start", self.server, *self.settings(ports, number))
            if done.returncode == 77:
                self.skipped = done.stderr.strip()
                break
            self.note(number, done)
        return self

    def __exit__(self, *unused):
        for folder in self.dirs:
            self.tool("stop", folder, "--kill")
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def tool(*words):
        return subprocess.run([fixture.SERVERS, *words], capture_output=True, text=True,
                              check=False, timeout=START_S)

    def note(self, number, done):
        found = re.search(r"^url=(\S+) pid=(\d+) dir=(\S+)$", done.stdout, re.MULTILINE)
        if not found:
            self.__exit__()
            raise AssertionError(f"node {number} did not start: {done.stdout}{done.stderr}")
        if number == len(self.nodes):
            self.nodes.append(nodes.Node(found[1]))
            self.dirs.append(found[3])
            self.pids.append(0)
        self.pids[number] = int(found[2])

    def kill(self, number):
        """kill -9, and nothing else: the others have to notice."""
        os.kill(self.pids[number], signal.SIGKILL)

    def restart(self, number):
        self.note(number, self.tool("restart", self.dirs[number]))

    def is_green(self, of=0):
        """Whether all nodes are there and every shard has its replica."""
        try:
            health = self.nodes[of].get("/_cluster/health")
        except (OSError, AssertionError):
            return False
        return health["status"] == "green" and health["number_of_nodes"] == NODES

    def wait_green(self, seconds=START_S):
        programs.wait_for(self.is_green, "a green cluster of three", seconds)

    def master(self):
        """Number of the node that the others have elected."""
        row = self.nodes[0].get("/_cat/master?format=json")[0]
        return int(row["node"].rsplit("-", 1)[1])
