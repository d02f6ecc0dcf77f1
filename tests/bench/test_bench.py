#!/usr/bin/env python3
# test_bench.py -- what the figures of tests/bench/run rest on.
# SPDX-License-Identifier: Apache-2.0
import collections
import json
import os
import struct
import subprocess
import tempfile
import unittest
import unittest.mock

import captures
import measure
import report
import row_quiet
import row_ship


def packets(path):
    """[(captured bytes, seconds)] of a pcap that multiply made."""
    with open(path, "rb") as f:
        data = f.read()
    found, at = [], 24
    while at < len(data):
        seconds, micro, captured, _ = struct.unpack_from("<4I", data, at)
        found.append((data[at + 16:at + 16 + captured], seconds + micro / 1e6))
        at += 16 + captured
    return found


class Multiply(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def make(self, name, count):
        folder = os.path.join(self.folder.name, name)
        os.mkdir(folder)
        return captures.make(folder, "HTTP", count)

    def test_it_writes_so_many_packets_in_the_order_of_time(self):
        found = packets(self.make("a", 5000))
        self.assertEqual(len(found), 5000)
        times = [time for _, time in found]
        self.assertEqual(times, sorted(times))

    def test_the_same_inputs_give_the_same_bytes(self):
        with open(self.make("a", 3000), "rb") as a, open(self.make("b", 3000), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_copies_are_flows_of_their_own(self):
        found = packets(self.make("a", 20000))
        original = len({flow(data) for data, _ in packets(captures_input("HTTP"))})
        copies = 20000 // len(packets(captures_input("HTTP")))
        self.assertGreater(len({flow(data) for data, _ in found}), original * copies * 0.9)

    def test_conversations_run_beside_each_other(self):
        found = packets(self.make("a", 200))
        self.assertGreater(len({frozenset((data[26:30], data[30:34])) for data, _ in found}), 8)

    def test_no_table_of_tcpdump_is_made_slow(self):
        """It finds an address by the first 12 bits, and walks through all that share them."""
        found = packets(self.make("a", 20000))
        addresses = {data[at:at + 4] for data, _ in found for at in (26, 30)}
        alike = collections.Counter((a[0], a[1] & 15) for a in addresses)
        self.assertGreater(len(addresses), 50)
        self.assertLess(max(alike.values()), len(addresses) / 4)


def captures_input(kind):
    return os.path.join(captures.ROOT, "test_pcaps", captures.KINDS[kind][0] + ".pcap")


def flow(data):
    """Addresses and ports of an IPv4 packet without options."""
    return data[26:38]


class Figures(unittest.TestCase):
    def test_three_digits_that_matter(self):
        self.assertEqual([report.number(n) for n in (0, 0.01234, 1.005, 12.34, 123.4, 12345.6)],
                         ["0", "0.012", "1.00", "12.3", "123", "12,346"])

    def test_best_is_of_the_least_and_median_of_the_pairs(self):
        found = measure.quotient([4, 6, 20], [2, 2, 4])
        self.assertEqual(found, {"best": 2, "median": 3})

    def test_a_factor_turns_times_of_unequal_work_into_rates(self):
        costs = {"a": [measure.Cost(2, 1)], "b": [measure.Cost(1, 1)]}
        clock, cpu = measure.compare(costs, "a", "b", 10)
        self.assertEqual((clock["best"], cpu["best"]), (20, 10))

    def test_noise_is_the_dearest_round_to_the_cheapest(self):
        costs = {"a": [measure.Cost(9, 1.0), measure.Cost(1, 1.2)], "short": [measure.Cost(1, .01)]}
        self.assertAlmostEqual(measure.noise(costs), 0.2)

    def test_the_table_goes_between_the_markers(self):
        text = "a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n"
        once = report.with_block(text, "new\n")
        self.assertEqual(once, "a\n<!-- bench -->\nnew\n<!-- /bench -->\nb\n")
        self.assertEqual(report.with_block(once, "new\n"), once)
        with self.assertRaises(ValueError):
            report.with_block("nothing here", "new\n")

    def test_a_row_that_could_not_be_measured_says_why(self):
        about = {"date": "d", "commit": "c", "changed": False, "cpu": "x", "cores": 2,
                 "memory": 2**30, "kernel": "k"}
        row = {"row": "index", "load": 0.0, "lines": [], "skipped": "no JDK"}
        self.assertIn("| index |  | skipped |  | no JDK |",
                      report.as_markdown({"rows": [{**row, "about": about}]}))

    def test_a_part_keeps_the_other_rows_and_says_when_each_was_measured(self):
        def document(name, date):
            about = {"date": date, "commit": "of " + date, "changed": False, "cpu": "x",
                     "cores": 2, "memory": 2**30, "kernel": "k"}
            return {"rows": [{"row": name, "load": 0.0, "about": about, "lines": [{
                "work": f"{name} {date}", "target": "", "clock": None, "cpu": None, "unit": "x",
                "beside": ""}]}]}
        with tempfile.TemporaryDirectory() as folder, unittest.mock.patch.object(
                report, "RESULTS", os.path.join(folder, "results.json")):
            for name, date in (("b", "monday"), ("a", "monday"), ("b", "tuesday")):
                report.keep(document(name, date), ["a", "b"])
            with open(report.RESULTS, encoding="utf-8") as f:
                table = report.as_markdown(json.load(f))
        self.assertLess(table.index("a monday"), table.index("b tuesday"))
        self.assertNotIn("b monday", table)
        self.assertIn("\n- a: monday, commit of monday, x, 2 cores, 1 GiB, Linux k, load 0.0\n"
                      "- b: tuesday, commit of tuesday, ", table)


class Quiet(unittest.TestCase):
    def test_a_capture_is_fed_packet_by_packet(self):
        path = captures_input("HTTP")
        found = list(row_quiet.records(path))
        with open(path, "rb") as f:
            self.assertEqual(b"".join(found), f.read())
        self.assertEqual(len(found), 1 + len(packets(path)))

    def test_a_day_is_what_lies_between_two_commits(self):
        sensor = row_quiet.Sensor.__new__(row_quiet.Sensor)
        # the start, the segment that was made, three commits
        sensor.marks = [(0, 10, 20), (0.1, 70_000, 90_000), (10, 80_000, 200_000),
                        (15, 100_000, 230_000), (20, 120_000, 260_000)]
        self.assertAlmostEqual(sensor.per_day(1), 40_000 / 10 * 86400 / 1e9)
        self.assertAlmostEqual(sensor.per_day(2), 60_000 / 10 * 86400 / 1e9)


class Measuring(unittest.TestCase):
    def test_cpu_time_is_the_command_s_own(self):
        cost = measure.run(["python3", "-c", "x = 0\nfor i in range(3000000): x += i"])
        self.assertGreater(cost.cpu, 0.02)
        self.assertLess(cost.cpu, cost.wall * 1.5)
        self.assertLess(measure.run(["sleep", "0.2"]).cpu, 0.1)

    def test_a_command_that_fails_is_named_with_what_it_said(self):
        with self.assertRaisesRegex(measure.Failed, "ended with 1: .*no/such"):
            measure.run(["cat", "/no/such"], stdout=subprocess.DEVNULL)

    def test_memory_is_seen(self):
        cost = measure.run(["python3", "-c", "import time; x = bytearray(64 << 20)\n"
                            "x[::4096] = b'1' * len(x[::4096])\ntime.sleep(.2)"], watch=True)
        self.assertGreater(cost.peak_anon, 64 << 20)

    def test_ids_are_those_of_the_spool(self):
        line = b'{"event.sequence":33,"espcap.run":"0123456789abc","@timestamp":"x"}\n'
        self.assertEqual(row_ship.action(line),
                         b'{"create":{"_id":"0123456789abc0000000000011"}}\n')


if __name__ == "__main__":
    unittest.main()
