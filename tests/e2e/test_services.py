#!/usr/bin/env python3
# test_services.py -- espcap-capture and espcap-ship beside each other on one spool.
# SPDX-License-Identifier: Apache-2.0
import gzip
import os
import shutil
import signal
import subprocess

import case
import pcaps
import programs
import web

ALL = "espcap-packets-*"


def capture_file(name):
    return os.path.join(programs.PCAPS, name)


class Services(case.NodeCase):
    def ship(self, *options):
        return ("espcap-ship", "--spool", self.spool, "--node", self.node.url, "--setup",
                "install", *options)

    def by_file(self):
        """path -> documents, as the server has them"""
        self.node.refresh(ALL)
        body = {"size": 0, "aggs": {"files": {"terms": {"field": "log.file.path", "size": 100}}}}
        answer = self.node.get(f"/{ALL}/_search", body)["aggregations"]["files"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in answer}

    def packed(self):
        """The article's capture packed, under names that do not say so."""
        with gzip.open(self.path("one"), "wb") as packed, open(programs.HTTP, "rb") as plain:
            shutil.copyfileobj(plain, packed)
        paths = [self.path("one")]
        if shutil.which("zstd"):
            self.run_command(["zstd", "-q", programs.HTTP, "-o", self.path("two")])
            paths.append(self.path("two"))
        return paths

    def layers_of(self, path):
        hits = self.node.get(f"/{ALL}/_search", {
            "size": 1000, "query": {"term": {"log.file.path": path}},
            "sort": [{"event.sequence": "asc"}]})["hits"]["hits"]
        return [hit["_source"]["layers"] for hit in hits]

    def test_every_kind_of_file_through_both(self):
        names = ("test_http.pcap", "nano.pcap", "big_endian.pcap", "interfaces.pcapng",
                 "mixed.pcapng", "tls.pcap")
        paths = [capture_file(name) for name in names] + self.packed()
        ship = self.start(*self.ship())
        self.check_not_there(ship)
        ship_args = self.ship()
        files = [word for path in paths for word in ("--file", path)]
        capture = self.start("espcap-capture", *files, "--spool", self.spool)
        self.assertEqual(capture.wait().code, 0, str(capture.ended()))
        ship = self.start(*ship_args)
        wanted = {path: pcaps.count(programs.HTTP if "/pcap" not in path and
                                    path.startswith(self.folder) else path) for path in paths}
        total = sum(wanted.values())
        programs.wait_for(lambda: self.node.count(ALL) >= total, f"{total} documents")
        self.assertEqual(ship.stop().code, 0, str(ship.ended()))
        self.assertEqual(self.by_file(), wanted)
        self.check_conservation(self.status(), committed=total, indexed=total)
        self.check_runs(ALL, total)
        plain = self.layers_of(programs.HTTP)
        for path in paths[len(names):]:
            self.assertEqual(self.layers_of(path), plain, path)
        self.check_nanoseconds()

    def check_not_there(self, ship):
        """A shipper without a spool says so and ends."""
        ended = ship.wait()
        self.assertEqual(ended.code, 1, str(ended))
        self.check_sentence(ended, "there is no spool in " + self.spool)

    def check_nanoseconds(self):
        for name in ("nano.pcap", "big_endian.pcap"):
            path = capture_file(name)
            hits = self.node.get(f"/{ALL}/_search", {
                "size": 1000, "query": {"term": {"log.file.path": path}},
                "sort": [{"event.sequence": "asc"}]})["hits"]["hits"]
            self.assertEqual([hit["_source"]["@timestamp"] for hit in hits],
                             [pcaps.stamp(packet.time_ns) for packet in pcaps.packets(path)])
        self.assertTrue(any(p.time_ns % 1000 for p in pcaps.packets(capture_file("nano.pcap"))))

    def test_tcpdump_pipes_into_capture_while_once_waits_for_it(self):
        case.need_program("tcpdump")
        tcpdump = subprocess.Popen(["tcpdump", "-q", "-r", programs.HTTP, "-w", "-"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        text = tcpdump.communicate()[0]
        capture = self.start("espcap-capture", "--file", "-", "--spool", self.spool,
                             stdin=subprocess.PIPE)
        self.addCleanup(capture.process.stdin.close)
        half = 24 + sum(16 + len(packet.data) for packet in pcaps.packets(programs.HTTP)[:100])
        capture.process.stdin.write(text[:half])
        capture.process.stdin.flush()
        self.committed(100)
        once = self.start(*self.ship("--once"))
        programs.wait_for(lambda: self.node.count(ALL) == 100, "the first hundred")
        self.assertTrue(once.runs(), "--once goes on while capture runs")
        self.check_held(capture, once)
        capture.process.stdin.write(text[half:])
        capture.process.stdin.close()
        self.assertEqual(capture.wait().code, 0, str(capture.ended()))
        self.assertEqual(once.wait().code, 0, str(once.ended()))
        self.assertEqual(self.node.indices(), {f"espcap-packets-{self.day()}": 297})
        self.check_runs(ALL, 297)
        self.check_conservation(self.status(), committed=297, indexed=297)

    @staticmethod
    def day():
        return pcaps.day(pcaps.packets(programs.HTTP)[0].time_ns)

    def check_held(self, capture, ship):
        """Second ones are refused, and told who is there."""
        status = self.status()
        self.assertTrue(status["capture_runs"] and status["ship_runs"], status)
        for name, holder, options in (("capture", capture, ("--file", programs.HTTP)),
                                      ("ship", ship, ("--node", self.node.url))):
            done = self.run_program(f"espcap-{name}", "--spool", self.spool, *options, code=1)
            self.check_sentence(done, rf"{self.spool}/{name}\.lock is held by pid {holder.pid}, "
                                rf"espcap-{name} on \S+ since \d{{4}}-\d\d-\d\dT")
            self.assertTrue(holder.runs())

    def test_signals_end_ship_in_good_order(self):
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        for number in (signal.SIGTERM, signal.SIGINT):
            ship = self.start(*self.ship())
            ship.says("index templates are in place")
            programs.wait_for(lambda: self.status()["backlog"] == 0, "everything indexed")
            self.assertEqual(ship.stop(number).code, 0, str(ship.ended()))
        self.check_conservation(self.status(), committed=297, indexed=297, already_there=0)
        self.assertEqual(self.node.count(ALL), 297)


class Options(case.NodeCase):
    """espcap.py's options, on files."""

    def shot(self, *options):
        return self.run_program("espcap", *options, "--node", self.node.host)

    def test_dir_takes_every_file_in_the_order_of_names(self):
        folder = self.path("captures")
        os.mkdir(folder)
        inputs = {"b.pcap": "arp.pcap", "a.cap": "icmp.pcap", "c": "nano.pcap"}
        for new, name in inputs.items():
            shutil.copy(capture_file(name), os.path.join(folder, new))
        self.shot("--dir", folder)
        hits = self.node.all(ALL, ["log", "layers.frame.number", "espcap.run", "event.sequence"])
        found = [os.path.basename(hit["_source"]["log"]["file"]["path"]) for hit in hits]
        self.assertEqual(found, [new for new, name in sorted(inputs.items())
                                 for _ in pcaps.packets(capture_file(name))])

    def test_bpf_and_count_choose_the_same_packets_everywhere(self):
        """The filter's first N packets, under their numbers in the file."""
        to_80 = [p.number for p in pcaps.packets(programs.HTTP) if pcaps.tcp(p.data).dport == 80]
        options = ("--file", programs.HTTP, "--bpf", "tcp dst port 80", "--count", "40")
        self.assertEqual(self.summary(self.shot(*options)), (40, 40, 0, 0, 0))
        hits = self.node.all(ALL)
        self.assertEqual([hit["_source"]["layers"]["frame.number"] for hit in hits], to_80[:40])
        printed = self.run_program("espcap", *options).out
        self.assertEqual([int(line[7:]) for line in printed.splitlines()
                          if line.startswith("Packet ")], to_80[:40])
        words = self.run_program("espcap", "--file", programs.HTTP, "-c", "40", "tcp", "dst",
                                 "port", "80").out
        self.assertEqual(words, printed)

    def test_chunk_is_the_most_documents_of_a_request(self):
        case.need_program("nginx")

        port = web.free_port()
        nginx = web.Nginx(self, (f"127.0.0.1:{port}", web.proxy(self.node.url)))
        done = self.run_program("espcap", "--file", programs.HTTP, "--chunk", "50", "--node",
                                f"127.0.0.1:{port}")
        self.assertEqual(self.summary(done), (297, 297, 0, 0, 0))
        bulks = [words for words in nginx.log() if words[1].endswith("/_bulk")]
        self.assertGreaterEqual(len(bulks), 6, nginx.log())
        self.assertEqual(self.node.count(ALL), 297)


if __name__ == "__main__":
    case.main()
