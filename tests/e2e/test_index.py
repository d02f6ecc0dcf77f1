#!/usr/bin/env python3
# test_index.py -- the index side on a real server: templates and their options, names, data streams.
# SPDX-License-Identifier: Apache-2.0
import fnmatch
import json
import os
import uuid

import case
import node as nodes
import pcaps
import programs
import web

# what runs without ESPCAP_LONG: each case with the server that says most about it
QUICK = {"elasticsearch": ("logsdb", "lacks", "in_the_place"),
         "opensearch": ("options", "of_higher_priority", "hides", "data_stream_stores",
                        "administrator")}
DAY = pcaps.day(pcaps.packets(programs.HTTP)[0].time_ns)
FIELDS = {"@timestamp": {"type": "date_nanos"}, "layers": {"type": "object", "enabled": False},
          "event": {"properties": {"sequence": {"type": "long"}}},
          "espcap": {"properties": {"run": {"type": "keyword"}}}}


def own_template(pattern, priority, dynamic=False, properties=None):
    return {"index_patterns": [pattern], "priority": priority, "template": {
        "settings": {"number_of_replicas": 0},
        "mappings": {"dynamic": dynamic, "properties": properties or FIELDS}}}


class Text(case.Case):
    """What needs no server, or has none here that takes it."""

    def template(self, *words):
        text = self.run_program("espcap", "template", *words).out
        self.assertEqual(text.count('"index_patterns"'), 1)
        return json.loads(text)

    def test_printed_templates_hold_what_options_ask(self):
        asked = ("--replicas", "0", "--refresh-interval", "1500ms", "--lifecycle", "espcap")
        rest = {"index.number_of_replicas": "0", "index.refresh_interval": "1500ms"}
        policy = {"index.lifecycle.name": "espcap"}
        for words, wanted in (
                ((), {}), (("events", *asked), rest | policy), (("lite", *asked[:4]), rest),
                (("typed", *asked, "--index-mode", "logsdb", "--shards", "3"),
                 rest | policy | {"index.mode": "logsdb", "index.number_of_shards": "3"})):
            found = self.template(*words)["template"]["settings"]
            found.pop("index.mapping.total_fields.limit", None)
            self.assertEqual(found, wanted, words)
        self.assertNotIn("data_stream", self.template())
        stream = self.template("--data-stream")
        self.assertEqual((stream["data_stream"], stream["index_patterns"], stream["priority"]),
                         ({}, ["espcap-packets-stream"], 210))

    def test_the_files_name_our_indices_and_delete_after_30_days(self):
        folder = os.path.join(programs.ROOT, "deploy/lifecycle")
        self.assertEqual(len(os.listdir(folder)), 4)
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                policy = json.load(file)["policy"]
            stream = name.endswith("-stream.json")
            if name.startswith("ilm-"):
                self.assertEqual(policy["phases"]["delete"], {"min_age": "30d",
                                                              "actions": {"delete": {}}})
                self.assertEqual("rollover" in policy["phases"]["hot"]["actions"], stream)
                continue
            states = {state["name"]: state for state in policy["states"]}
            kept = states[policy["default_state"]]
            (way,) = kept["transitions"]
            self.assertEqual(way["conditions"], {"min_rollover_age" if stream else "min_index_age":
                                                 "30d"})
            self.assertEqual(states[way["state_name"]]["actions"], [{"delete": {}}])
            self.assertEqual(["rollover" in action for action in kept["actions"]], [True] * stream)
            patterns = [pattern for rule in policy["ism_template"]
                        for pattern in rule["index_patterns"]]
            names = ["espcap-packets-stream"] if stream else [
                f"espcap-packets-{DAY}", "espcap-packets-unsynced", "espcap-events-2026.01"]
            for index in names:
                self.assertTrue(any(fnmatch.fnmatch(index, pattern) for pattern in patterns), index)


class Index(case.NodeCase):
    def setUp(self):
        super().setUp()
        self.product, *self.version = nodes.version(case.SERVER)
        if os.environ.get("ESPCAP_LONG") != "1" and not any(
                word in self.id() for word in QUICK[self.product]):
            self.skipTest("runs with ESPCAP_LONG=1")
        self.version = tuple(self.version)
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)

    def is_elastic(self, *version):
        return self.product == "elasticsearch" and self.version >= version

    def copy(self, name, spool=None):
        self.run_command(["cp", "-a", spool or self.spool, self.path(name)])
        return self.path(name)

    def ship(self, *options, code=0, spool=None, node=None):
        return self.run_program("espcap-ship", "--once", "--spool", spool or self.spool, "--node",
                                node or self.node.url, "--give-up-after", "1s" if code else "60s",
                                *options, code=code)

    def put(self, name, template):
        self.addCleanup(self.node.ask, "DELETE", f"/_index_template/{name}")
        code, answer = self.node.ask("PUT", f"/_index_template/{name}", template)
        self.assertEqual(code, 200, answer)

    def template(self, name="espcap-packets"):
        found = self.node.get(f"/_index_template/{name}")["index_templates"][0]["index_template"]
        return found | found["template"]["settings"]["index"]

    def settings(self, index):
        return next(iter(self.node.get(f"/{index}/_settings").values()))["settings"]["index"]

    # options

    def test_options_reach_new_indices_and_stay_until_somebody_else_says_so(self):
        index = f"espcap-packets-edge-7-{DAY}"
        pattern = ("--index", "espcap-packets-%s-%Y.%m.%d")
        again = self.copy("again")
        done = self.ship("--setup", "install", "--replicas", "0", "--shards", "2",
                         "--refresh-interval", "15s", "--name", "Edge 7!", *pattern)
        self.assertEqual(self.node.indices(), {index: 297}, str(done))
        settings = self.settings(index)
        self.assertEqual([settings[key] for key in ("number_of_replicas", "number_of_shards",
                                                    "refresh_interval")], ["0", "2", "15s"])
        events = self.template("espcap-events")
        self.assertEqual(events["number_of_replicas"], "0")
        self.assertNotIn("number_of_shards", events)
        # another sensor lives by the same template; it changes nothing that it is not told to
        for setup, sensor in (("check", "edge-8"), ("install", "edge-9")):
            done = self.ship("--setup", setup, "--name", sensor, *pattern,
                             spool=self.copy(sensor, again))
            self.assertNotIn("warning", done.err)
        self.assertEqual(self.template()["number_of_shards"], "2")
        self.assertEqual(self.template()["index_patterns"],
                         ["espcap-packets-*-*.*.*", "espcap-packets-*-unsynced"])
        self.check_wishes(pattern, again)

    def check_wishes(self, pattern, spool):
        """Who only checks is told what is not as wanted, and ships all the same."""
        done = self.ship("--replicas", "3", "--name", "edge-7", *pattern,
                         spool=self.copy("wishes", spool))
        self.assertIn("espcap-packets on the server does not have index.number_of_replicas 3; "
                      "--setup install sets it", done.err)
        self.ship("--setup", "install", "--replicas", "3", "--name", "edge-7", *pattern, spool=spool)
        self.assertEqual([self.template()[key] for key in ("number_of_replicas",
                                                           "number_of_shards")], ["3", "2"])

    def test_a_changed_name_is_a_changed_pattern(self):
        """What was committed under a name keeps its index, whatever the name is when it is sent."""
        pattern = ("--index", "e2e-%s-%Y", "--setup", "install")
        for name in ("one", "two"):
            self.ship(*pattern, "--name", name, node="127.0.0.1:1", code=1)
        self.run_program("espcap-capture", "--file", programs.HTTP, "--spool", self.spool)
        self.ship(*pattern, "--name", "two")
        self.assertEqual(self.node.indices(), {f"e2e-one-{DAY[:4]}": 297, f"e2e-two-{DAY[:4]}": 297})

    def test_logsdb_where_it_is(self):
        done = self.ship("--setup", "install", "--index-mode", "logsdb",
                         code=0 if self.is_elastic(8, 17) else 1)
        if self.is_elastic(8, 17):
            self.assertEqual(self.settings("espcap-packets-*")["mode"], "logsdb")
            hits = self.node.all("espcap-packets-*")
            self.check_ids(hits)
            self.assertEqual(len(hits), 297)
            self.assertEqual(self.node.words("espcap-packets-*", "layers.tcp.dstport:80"),
                             sum(pcaps.tcp(p.data).dport == 80
                                 for p in pcaps.packets(programs.HTTP)))
        else:
            self.assertRegex(done.err, "--index-mode logsdb needs Elasticsearch 8.17 or newer; "
                             "leave it out, and this is [EO].*; nothing is lost, trying again")
            self.ship("--setup", "install", "--index-mode", "standard")

    def test_lifecycle_where_it_is_not(self):
        """No distribution that tests can have knows policies of Elasticsearch."""
        done = self.ship("--setup", "install", "--lifecycle", "espcap", code=1)
        self.assertRegex(done.err, "it has no lifecycle policies; leave --lifecycle out"
                         if self.product == "elasticsearch" else
                         "a policy of OpenSearch names its indices itself")
        self.check_conservation(self.status(), committed=297, backlog=297)

    def test_what_an_administrator_installs_ends_the_wait(self):
        """By hand, as espcap template prints it: until then nothing is sent, and no index made."""
        form = "flat_object" if self.product == "opensearch" else \
            "typed" if self.is_elastic(8, 3) else "flattened"
        ship = self.start("espcap-ship", "--once", "--spool", self.spool, "--node", self.node.url,
                          "--backoff-max", "500ms")
        ship.says("does not have the index template espcap-packets; --setup install puts it there")
        self.assertEqual(self.node.indices(), {})
        for name, word in (("espcap-packets", form), ("espcap-events", "events"),
                           ("packets_lite", "lite")):
            self.put(name, json.loads(self.run_program("espcap", "template", word).out))
        self.assertEqual(ship.wait().code, 0)
        self.check_conservation(self.status(), committed=297, indexed=297)
        index = f"espcap-packets-{DAY}"
        mappings = next(iter(self.node.get(f"/{index}/_mapping").values()))["mappings"]
        self.assertEqual(mappings["properties"]["@timestamp"]["type"], "date_nanos")

    # templates of others

    def test_a_template_of_higher_priority_is_used_and_told(self):
        self.put("e2e-own", own_template("espcap-packets-*", 500))
        done = self.ship("--setup", "install")
        self.assertRegex(done.err, r"the index template e2e-own \(priority 500\) comes before "
                         r"espcap-packets for espcap-packets-[\d.]+, and is used as it is\n")
        self.assertNotIn("warning", done.err)
        self.assertEqual(self.settings("espcap-packets-*")["number_of_replicas"], "0")
        self.assertIn("espcap-packets", self.node.templates())

    def test_it_does_in_place_of_ours_where_nothing_is_installed(self):
        later = self.copy("later")
        self.put("e2e-own", own_template("*", 1))
        self.ship()
        self.assertEqual(self.node.indices(), {f"espcap-packets-{DAY}": 297})
        self.put("e2e-own", own_template("espcap-packets-*", 1))
        done = self.ship(code=1, spool=later)  # and where it does not, ours is missed
        self.assertIn("the server does not have the index template espcap-events", done.err)

    def test_what_it_lacks_is_told(self):
        self.put("e2e-own", own_template("espcap-*", 500, True, {
            "layers": {"type": "object", "enabled": False}}))
        done = self.ship("--setup", "install")
        self.assertRegex(done.err, "warning: the index template e2e-own .* is used as it is; it lacks "
                         "\"dynamic\": false, .*, @timestamp as date_nanos, event.sequence")
        self.assertEqual(self.node.indices(), {f"espcap-packets-{DAY}": 297})

    def test_one_of_equal_priority_is_named(self):
        self.put("e2e-own", own_template("espcap-pack*", 200))
        done = self.ship("--setup", "install", code=1)
        self.assertRegex(done.err, r"one of the same priority is for the same indices.*"
                         r"\[e2e-own\]")
        self.check_conservation(self.status(), committed=297, backlog=297)

    # servers that do not say what they are

    def test_a_server_that_hides_what_it_is(self):
        """Nothing is asked of it that only some can do; forms of layers are tried."""
        case.need_program("nginx")
        hidden = "location /_nodes { return 403; }" + web.proxy(self.node.url)
        says = ("return 403;", "return 200 '{\"version\":{\"distribution\":\"other\","
                "\"number\":\"8.19.0\"}}';")
        for number, text in enumerate(says):
            port = web.free_port()
            nginx = web.Nginx(self, (f"127.0.0.1:{port}", f"location = / {{ {text} }}" + hidden))
            self.ship("--setup", "install", node=f"127.0.0.1:{port}", spool=self.copy(str(number)))
            self.assertIn(["GET", "/_nodes/_local", "403"], [row[:3] for row in nginx.log()])
            self.assertEqual(self.node.count(f"espcap-packets-{DAY}"), 297)
            kind = self.template()["template"]["mappings"]["properties"]["layers"]["type"] \
                if not self.is_elastic(8, 3) else "object"
            self.assertEqual(kind, {"elasticsearch": "object" if self.is_elastic(8, 3) else
                                    "flattened", "opensearch": "flat_object"}[self.product])

    # data streams

    def need_streams(self):
        """The minimal Elasticsearch 7 has none."""
        if self.product == "elasticsearch" and self.version < (8, 0):
            self.skipTest("this distribution has no data streams")

    def test_a_server_without_data_streams_is_told_of(self):
        if self.product != "elasticsearch" or self.version >= (8, 0):
            self.skipTest("this one has them")
        done = self.ship("--data-stream", "--setup", "install", code=1)
        self.assertIn("it has no data streams; leave --data-stream out", done.err)
        self.check_conservation(self.status(), committed=297, backlog=297)

    def stream(self):
        """A name of its own: the minimal Elasticsearch makes data streams, and deletes none."""
        name = f"stream-e2e-{uuid.uuid4().hex[:12]}"
        self.addCleanup(self.node.ask, "DELETE", "/_index_template/espcap-packets-stream")
        self.addCleanup(self.node.ask, "DELETE", f"/_data_stream/{name}")
        return name

    def test_a_data_stream_stores_once_until_it_rolls_over(self):
        self.need_streams()
        name, again, late = self.stream(), self.copy("again"), self.copy("late")
        options = ("--data-stream", "--index", name)
        done = self.ship(*options, code=1)
        self.assertRegex(done.err, "index template espcap-packets-stream.*; --setup install")
        self.ship(*options, "--setup", "install")
        hits = self.node.all(name)
        self.check_ids(hits)
        self.assertEqual({hit["_index"][:4 + len(name)] for hit in hits}, {f".ds-{name}"})
        done = self.ship(*options, spool=again)  # and a check is content with that
        self.assertNotIn("warning", done.err)
        self.check_conservation(self.status(again), committed=297, already_there=297)
        before = self.node.count(name)
        self.assertEqual(self.node.ask("POST", f"/{name}/_rollover")[0], 200)
        self.ship(*options, spool=late)
        after = self.node.count(name)
        print(f"{case.SERVER}: 297 records sent again: {before - 297} double; after a rollover: "
              f"{after - before} double", flush=True)
        self.assertEqual((before, after), (297, 2 * 297))
        audit = json.loads(self.run_program("espcap", "audit", "--json", "--node", self.node.url,
                                            "--index", name, code=1).out)
        self.assertEqual(sum(run["doubles"] for run in audit["runs"]), 297, audit)

    def test_a_kill_and_a_rollover_double_what_was_not_yet_acknowledged(self):
        self.need_streams()
        name, total, pcap = self.stream(), 20000, self.path("numbered.pcap")
        pcaps.numbered(pcap, total)
        spool = self.path("numbered")
        self.run_program("espcap-capture", "--file", pcap, "--spool", spool, "--schema", "ecs")
        options = ("--spool", spool, "--node", self.node.url, "--setup", "install", "--data-stream",
                   "--index", name, "--chunk", "200", "--connections", "1", "--once")
        ship = self.start("espcap-ship", *options)
        programs.wait_for(lambda: self.node.count(name) >= total // 4, "documents")
        ship.kill()
        settled = self.status(spool)["indexed"]
        code, rolled = self.node.ask("POST", f"/{name}/_rollover")
        self.assertEqual(code, 200, rolled)
        self.run_program("espcap-ship", *options)
        there = self.node.count(rolled["old_index"])  # also what was on its way when it was killed
        double = self.node.count(name) - total
        print(f"{case.SERVER}: kill -9 with {there} of {total} documents there and {settled} "
              f"acknowledged, then a rollover: {double} double", flush=True)
        self.assertEqual(double, there - settled)
        self.check_conservation(self.status(spool), committed=total, indexed=total)

    def test_an_index_in_the_place_of_a_data_stream_pauses(self):
        """Where the server can be asked for a stream, and nothing else, nothing goes astray."""
        if not self.is_elastic(8, 13):
            self.skipTest("this server knows no require_data_stream")
        self.ship("--data-stream", "--index", self.stream(), "--setup", "install",
                  spool=self.copy("first"))
        plain = "plain" + self.stream()
        self.addCleanup(self.node.ask, "DELETE", f"/{plain}")
        self.assertEqual(self.node.ask("PUT", f"/{plain}")[0], 200)
        done = self.ship("--data-stream", "--index", plain, "--setup", "install", code=1)
        self.assertIn("is not a data stream", done.err)
        self.check_conservation(self.status(), committed=297, dead=0, backlog=297)


if __name__ == "__main__":
    case.main()
