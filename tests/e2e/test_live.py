#!/usr/bin/env python3
# test_live.py -- live capture on a veth in a network namespace: every packet that was sent is there.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import signal
import subprocess
import sys
import time

import case
import pcaps
import programs
import web

sys.path.append(os.path.join(programs.ROOT, "tests", "fault"))
import time_clock  # noqa: E402
import time_files  # noqa: E402

ALL = "espcap-packets-*"
DNS = os.path.join(programs.PCAPS, "dns.pcap")
# what differs between a packet on the wire and the same one in a file
OF_THE_PLACE = ("frame.time", "frame.number", "frame.interface")


class Live(case.NodeCase):
    def setUp(self):
        case.need_root()
        case.need_program("ip", "tcpreplay")
        super().setUp()
        self.name = f"espcap-e2e-{os.getpid()}"
        if subprocess.run(["ip", "netns", "add", self.name], check=False).returncode:
            self.skipTest("no network namespace can be made")
        self.addCleanup(subprocess.run, ["ip", "netns", "del", self.name], check=False)
        self.inside = ("ip", "netns", "exec", self.name)
        for words in ("link set lo up", "link add wire type veth peer name sensor",
                      "link set wire arp off", "link set sensor arp off"):
            self.run_command(["ip", "-n", self.name, *words.split()])
        for nic in ("wire", "sensor"):  # no packets of the kernel's own
            self.run_command([*self.inside, "sh", "-c",
                              f"echo 1 >/proc/sys/net/ipv6/conf/{nic}/disable_ipv6"])
            self.run_command(["ip", "-n", self.name, "link", "set", nic, "up"])

    def replay(self, path, *options):
        """Sends a capture; the number of packets that went out."""
        done = self.run_command([*self.inside, "tcpreplay", "-i", "wire", *options, path])
        sent = int(re.search(r"Successful packets: +(\d+)", done.out)[1])
        self.assertGreater(sent, 0)
        return sent

    def capture(self, *options, clock="synced", before=()):
        """Whatever this machine's kernel says of its clock."""
        capture = self.start("espcap-capture", "--nic", "sensor", "--spool", self.spool, "--clock",
                             clock, *options, before=(*self.inside, *before))
        capture.says("capturing on sensor, link type EN10MB; Ctrl-C ends it")
        return capture

    def ship(self, code=0):
        return self.run_program("espcap-ship", "--once", "--spool", self.spool, "--node",
                                self.node.url, "--setup", "install", code=code)

    def layers(self, source):
        return {name: value for name, value in source["layers"].items()
                if not name.startswith(OF_THE_PLACE)}

    def test_every_packet_is_there_as_it_is_in_the_file(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.spool = self.path(f"spool.{number}")
                capture = self.capture()
                sent = self.replay(DNS, "--pps=2000")
                self.assertEqual(sent, pcaps.count(DNS))
                self.committed(sent)  # while it runs
                ended = capture.stop(number)
                self.assertEqual(ended.code, 0, str(ended))
                self.check_sentence(ended, "capturing on sensor",
                                    rf"{sent} packets, {sent} documents committed")
                self.ship()
                self.check_conservation(self.status(), committed=sent, indexed=sent)
        self.check_against_file(sent)
        self.assertEqual(self.node.count("espcap-events-*"), 0, "nothing was dropped")

    def check_against_file(self, sent):
        done = self.run_program("espcap-capture", "--file", DNS, "--schema", "slim", "--stdout")
        wanted = [json.loads(line) for line in done.out.splitlines()]
        hits = self.node.all(ALL)
        self.assertEqual(len(hits), 2 * sent)
        for hit, document in zip(hits, wanted * 2, strict=True):
            source = hit["_source"]
            self.assertEqual(self.layers(source), self.layers(document))
            self.assertEqual(source["observer"]["ingress"]["interface"]["name"], "sensor")
            for part in ("source", "destination", "network", "dns"):
                self.assertEqual(source.get(part), document.get(part))
        self.check_runs(ALL, sent, sent)

    def test_packets_of_an_unsynced_clock_are_found_by_boot_time(self):
        """A clock that starts in 1970 and is set: one index, under the template, with clock documents
        that put each packet where it belongs."""
        clock = time_clock.Clock(self.path("clock"))
        clock.set(5 * time_files.S)
        clock.put(time_clock.STATE, time_clock.UNSYNCED)
        before = ("env", *(f"{name}={value}" for name, value in clock.env.items()))
        capture = self.capture(clock="auto", before=before)
        sent, start = self.replay(DNS, "--pps=2000"), time.time_ns()
        self.committed(sent)
        clock.set(time.time_ns())
        clock.put(time_clock.STATE, time_clock.SYNCED)
        capture.says("the clock is synchronized")
        self.replay(DNS, "--pps=2000")
        self.committed(2 * sent)
        ended = capture.stop(signal.SIGINT)
        self.assertEqual(ended.code, 0, str(ended))
        self.ship()
        self.check_conservation(self.status(), dead=0, lost=0, backlog=0, indexed=2 * sent + 2)
        self.assertEqual(self.node.count("espcap-packets-unsynced"), sent)
        self.assertEqual(self.node.count("espcap-packets-1970*"), 0)
        self.assertEqual(self.node.count(ALL), 2 * sent)
        self.node.refresh("espcap-events-*")
        synced = self.node.get("/espcap-events-*/_search", {"query": {"bool": {"filter": [
            {"term": {"event.action": "clock-synced"}}, {"term": {"espcap.clock": "synced"}}]}}})
        event, = (hit["_source"] for hit in synced["hits"]["hits"])
        offset = time_files.parse(event["espcap"]["step"]["after"]) - event["espcap"]["boot_ns"]
        boot_ns = {"gte": start - offset - 60 * time_files.S, "lte": start - offset}
        self.assertEqual(sent, self.node.count("espcap-packets-unsynced", {"bool": {"filter": [
            {"range": {"espcap.boot_ns": boot_ns}}, {"term": {"espcap.clock": "unsynced"}},
            {"term": {"host.boot.id": event["host"]["boot"]["id"]}},
            {"range": {"@timestamp": {"lt": "1970-01-02"}}}]}}))

    def test_a_filter_and_a_count_end_a_live_capture(self):
        to_53 = self.start("espcap-capture", "--nic", "sensor", "--spool", self.spool, "--count",
                           "20", "udp", "dst", "port", "53", before=self.inside)
        to_53.says("capturing on sensor")
        self.replay(DNS, "--pps=2000")
        ended = to_53.wait()
        self.assertEqual(ended.code, 0, str(ended))
        out = self.run_program("espcap", "spool", "cat", self.spool).out
        ports = [json.loads(line)["destination"]["port"] for line in out.splitlines()]
        self.assertEqual(ports, [53] * 20)

    def test_what_the_kernel_drops_is_counted_and_told(self):
        """F6: a capture that stands still while its ring fills: kept and dropped make up what was
        sent, and the loss stands in documents of its own."""
        path = self.path("numbered.pcap")
        pcaps.numbered(path, 5000, payload=1000)
        capture = self.capture()
        capture.send(signal.SIGSTOP)
        sent = self.replay(path, "--pps=20000", "--loop=2")
        self.assertEqual(sent, 10_000)
        capture.send(signal.SIGCONT)
        programs.wait_for(lambda: self.status().get("committed", 0) +
                          self.status().get("losses", {}).get("kernel_drop", 0) >= sent,
                          "all packets kept or counted as dropped")
        ended = capture.stop(signal.SIGINT)
        self.assertEqual(ended.code, 0, str(ended))
        status = self.status()
        dropped = status["losses"]["kernel_drop"]
        self.assertGreater(dropped, 0)
        self.assertRegex(ended.err, rf"{dropped:,} lost \(kernel_drop\)")
        self.ship()
        self.assertEqual(self.node.count(ALL) + dropped, sent)
        self.node.refresh("espcap-events-*")
        hits = self.node.get("/espcap-events-*/_search?size=100")["hits"]["hits"]
        told = [case.value(hit["_source"], "espcap.loss") for hit in hits]
        self.assertEqual(sum(loss["count"] for loss in told), dropped, told)
        self.assertEqual({loss["reason"] for loss in told}, {"kernel_drop"})

    def test_the_one_shot_prints_until_ctrl_c(self):
        shot = self.start("espcap", "--nic", "sensor", before=self.inside)
        programs.wait_for(self.listens, "a packet socket")
        self.replay(programs.HTTP, "--pps=2000")
        wanted = self.run_program("espcap", "--file", programs.HTTP).out
        programs.wait_for(lambda: len(shot.said("")) >= len(wanted), "all blocks")
        ended = shot.stop(signal.SIGINT)
        self.assertEqual(ended.code, 0, str(ended))
        self.assertEqual(ended.out, wanted)

    def listens(self):
        done = self.run_command([*self.inside, "cat", "/proc/net/packet"])
        return len(done.out.splitlines()) > 1

    def test_the_one_shot_indexes_until_ctrl_c(self):
        """The server is outside: two nginx and a socket between them are the way out."""
        case.need_program("nginx")
        socket, port = self.path("way"), web.free_port()
        web.Nginx(self, (f"unix:{socket}", web.proxy(self.node.url)))
        web.Nginx(self, (f"127.0.0.1:{port}", web.proxy(f"http://unix:{socket}:")),
                  before=self.inside)
        shot = self.start("espcap", "--nic", "sensor", "--node", f"127.0.0.1:{port}",
                          before=self.inside)
        programs.wait_for(self.listens, "a packet socket")
        self.replay(DNS, "--pps=2000")
        total = pcaps.count(DNS)
        programs.wait_for(lambda: self.node.count(ALL) == total, "everything indexed")
        ended = shot.stop(signal.SIGINT)
        self.assertEqual(ended.code, 0, str(ended))
        self.assertEqual(self.summary(ended), (total, total, 0, 0, 0))
        self.check_runs(ALL, total)
        self.assertEqual(os.listdir(self.path("state", "espcap")), [])


if __name__ == "__main__":
    case.main()
