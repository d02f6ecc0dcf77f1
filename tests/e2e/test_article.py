#!/usr/bin/env python3
# test_article.py -- the article's commands without a server, and its output beside tshark's.
# SPDX-License-Identifier: Apache-2.0
import glob
import os
import subprocess
import sys

import case
import pcaps
import programs

ORACLE = os.path.join(programs.ROOT, "tests/oracle")
BLOCK = ("Packet {}\nSource IP        - {}\nSource port      - {}\n"
         "Destination IP   - {}\nDestination port - {}\n\n")
FIELDS = ("frame.number", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport")


class Article(case.Case):
    def test_list_names_every_interface_one_a_line(self):
        lines = self.run_program("espcap", "--list").out.splitlines()
        self.assertEqual(len(lines), len(set(lines)))
        self.assertTrue({"lo", "any"} <= set(lines), lines)
        for line in lines:
            self.assertRegex(line, r"^\S+$")
        if os.geteuid() == 0:
            up = [name for name in os.listdir("/sys/class/net")
                  if os.path.isdir(f"/sys/class/net/{name}")]
            self.assertEqual([name for name in up if name not in lines], [])

    def test_list_wins_over_everything(self):
        wanted = self.run_program("espcap", "--list").out
        done = self.run_program("espcap", "--file", "x", "--node", "y", "--lite", "--list")
        self.assertEqual(done.out, wanted)

    def test_a_file_is_printed_packet_by_packet(self):
        flows = [(p.number, pcaps.tcp(p.data)) for p in pcaps.packets(programs.HTTP)]
        self.assertEqual(flows[0][1][:4], ("10.0.0.4", 59803, "184.51.102.81", 80))
        done = self.run_command([*programs.program("espcap"), "--file",
                                 "test_pcaps/test_http.pcap"], cwd=programs.ROOT)
        self.assertEqual(done.out, "".join(BLOCK.format(n, *flow[:4]) for n, flow in flows))
        self.assertEqual(done.err, "")

    def test_the_same_by_tshark(self):
        case.need_program("tshark")
        words = [word for field in FIELDS for word in ("-e", field)]
        rows = self.run_command(["tshark", "-r", programs.HTTP, "-Y", "tcp", "-T", "fields",
                                 *words]).out
        wanted = "".join(BLOCK.format(*line.split("\t")) for line in rows.splitlines())
        self.assertGreater(len(rows.splitlines()), 200)
        self.assertEqual(self.run_program("espcap", "--file", programs.HTTP).out, wanted)

    def compare(self, *words, code=0):
        done = subprocess.run([sys.executable, os.path.join(ORACLE, "article.py"), *words,
                               "--espcap-bin", *programs.program("espcap"), "--cache",
                               os.path.join(os.path.dirname(case.state_path("")), "tshark")],
                              cwd=ORACLE, env=self.env, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout[-4000:] + done.stderr[-2000:])
        return done.stdout.splitlines()[-1]

    def test_every_capture_of_ours_line_by_line(self):
        """Every layer counts, none is excused."""
        case.need_program("tshark")
        files = sorted(glob.glob(os.path.join(programs.PCAPS, "*.pcap*")))
        self.assertRegex(self.compare(*files), rf"^article: {len(files)} captures, \d{{4,}} TCP "
                         r"packets of tshark; 0 differences, 0 more in ")

    def test_bad_captures_line_by_line(self):
        """Of huge_caplen.pcap tshark shows nothing and espcap its first packet: that alone."""
        case.need_program("tshark")
        last = self.compare(os.path.join(programs.PCAPS, "bad"), "--scope",
                            os.path.join(ORACLE, "scope.txt"), code=1)
        self.assertRegex(last, r"; 1 differences, 0 more in packets with out-of-scope layers$")


if __name__ == "__main__":
    case.main()
