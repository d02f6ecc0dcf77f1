#!/usr/bin/env python3
# test_server.py -- the article's session on a real server: every packet is a document, and is found.
# SPDX-License-Identifier: Apache-2.0
import collections
import os
import urllib.request

import case
import node as nodes
import pcaps
import programs

PACKETS = pcaps.packets(programs.HTTP)
FLOWS = [pcaps.tcp(packet.data) for packet in PACKETS]
INDEX = f"espcap-packets-{pcaps.day(PACKETS[0].time_ns)}"
PATH = "test_pcaps/test_http.pcap"
LITE = ("srcip", "srcport", "dstip", "dstport")


def lite(flow):
    return (flow.source, str(flow.sport), flow.destination, str(flow.dport))


class Session(case.NodeCase):
    def index(self, *options):
        """As in the article: `espcap --file test_pcaps/test_http.pcap --node localhost:9200`."""
        host = self.node.host.replace("127.0.0.1:", "localhost:")
        done = self.run_program("espcap", "--file", PATH, *options, "--node", host,
                                cwd=programs.ROOT)
        self.assertEqual(self.summary(done), (len(PACKETS), len(PACKETS), 0, 0, 0))
        self.assertEqual(done.err, "")
        self.assertEqual(os.listdir(self.path("state", "espcap")), [], "the spool has to go")

    def test_lite_gives_one_document_for_each_tcp_packet(self):
        self.index("--lite")
        with urllib.request.urlopen(f"{self.node.url}/packets_lite/_search?pretty") as answer:
            self.assertIn(b'"value" : 297', answer.read())
        self.assertEqual(self.node.indices(), {"packets_lite": 297})
        hits = self.node.get("/packets_lite/_search?size=1000")["hits"]["hits"]
        for hit in hits:
            self.assertEqual(tuple(hit["_source"]), LITE)
        found = collections.Counter(tuple(hit["_source"].values()) for hit in hits)
        self.assertEqual(found, collections.Counter(map(lite, FLOWS)))
        self.assertEqual(self.node.words("packets_lite", "srcip:10.0.0.4 AND dstport:80"),
                         sum(f.source == "10.0.0.4" and f.dport == 80 for f in FLOWS))

    def test_full_documents_say_of_each_packet_what_it_holds(self):
        self.index()
        self.assertEqual(self.node.indices(), {INDEX: len(PACKETS)})
        hits = self.node.all(INDEX)
        for packet, flow, hit in zip(PACKETS, FLOWS, hits, strict=True):
            source = hit["_source"]
            self.assertEqual(case.value(source, "event.sequence"), packet.number)
            self.assertEqual(source["@timestamp"], pcaps.stamp(packet.time_ns))
            self.assertEqual(source["log"]["file"]["path"], PATH)
            layers = source["layers"]
            self.assertEqual([layers[name] for name in (
                "frame.number", "frame.len", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport")],
                [packet.number, packet.length, flow.source, flow.sport, flow.destination,
                 flow.dport])
            self.assertEqual([source["source"]["ip"], source["source"]["port"],
                              source["destination"]["ip"], source["destination"]["port"]],
                             [flow.source, flow.sport, flow.destination, flow.dport])
        self.check_ids(hits)
        self.check_runs(INDEX, len(PACKETS))
        self.check_searches()
        self.index()  # a file that is read again is new records
        self.assertEqual(self.node.indices(), {INDEX: 2 * len(PACKETS)})
        self.check_runs(INDEX, len(PACKETS), len(PACKETS))

    def check_searches(self):
        gets = sum(flow.payload.startswith(b"GET ") for flow in FLOWS)
        to_80 = sum(flow.dport == 80 for flow in FLOWS)
        self.assertGreater(gets, 5)
        for text, wanted in (("http.request.method:GET", gets),
                             ("source.ip:\"10.0.0.0/8\" AND destination.port:80", to_80),
                             ("layers.tcp.dstport:80", to_80),
                             ("layers.http.request.method:GET", gets),
                             ("layers.tcp.flags.syn:true AND layers.tcp.flags.ack:false",
                              sum(p.data[47] & 0x12 == 2 for p in PACKETS))):
            self.assertEqual(self.node.words(INDEX, text), wanted, text)
        self.check_typed(to_80)

    def check_typed(self, to_80):
        """Where layers are typed, an address is searched by its network, also by ip.addr."""
        product, major, minor = nodes.version(case.SERVER)
        typed = product == "elasticsearch" and (major, minor) >= (8, 3)
        for text, wanted in (("layers.ip.src:\"10.0.0.0/8\"", to_80),
                             ("layers.ip.addr:184.51.102.81", len(PACKETS))):
            self.assertEqual(self.node.words(INDEX, text), wanted if typed else 0, text)

    def test_records_sent_again_are_stored_once(self):
        """The ack is lost (as on a restored disk): the same ids go again and are there already."""
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        ship = ("espcap-ship", "--once", "--spool", self.spool, "--node", self.node.host,
                "--setup", "install")
        copy = self.path("copy")
        self.run_command(["cp", "-a", self.spool, copy])
        self.run_program(*ship)
        self.check_conservation(self.status(), committed=297, indexed=297)
        ship = [copy if word == self.spool else word for word in ship]
        self.run_program(*ship)
        self.check_conservation(self.status(copy), committed=297, already_there=297, indexed=0)
        self.assertEqual(self.node.indices(), {INDEX: 297})


if __name__ == "__main__":
    case.main()
