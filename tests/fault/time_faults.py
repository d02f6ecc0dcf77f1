# time_faults.py -- F87 to F89, and F61's capture side: clocks that are wrong, and times that are.
# SPDX-License-Identifier: Apache-2.0
"""
usage: time_faults.py CASE [--seed N] [--rounds N]

What must hold: order, identity and flushing are those of a good clock; each record is in the one index
that it names itself by its own time and mark; each step of the clock is told once.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

from time_clock import ASKED, STATE, SYNCED, UNSYNCED, UNTOLD, Clock, Sensor, judge
from time_files import DAY, LAST, NEW_YEAR, S, day_index, own_times, parse, strange_times, write_pcapng
from crash import COMMON, Site, Wrong, program, run, sha16

LONG = os.environ.get("ESPCAP_LONG") == "1"


def need_live():
    if os.geteuid() != 0 or not all(shutil.which(name) for name in ("ip", "tcpreplay")):
        print("skipped: it takes root, ip and tcpreplay")
        sys.exit(77)
    name = f"espcap-try-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], check=False).returncode:
        print("skipped: no network namespace can be made")
        sys.exit(77)
    subprocess.run(["ip", "netns", "del", name], check=True)


def expect(change, action, difference, state):
    """A clock document: what it says, give or take a second."""
    step = change["espcap"]["step"]
    own = parse(step["after"]) - parse(step["before"])
    if (change["event"]["action"], change["espcap"]["clock"]) != (action, state) or \
            own != step["difference_ns"] or abs(own - difference) > S or \
            change["@timestamp"] != step["after"]:
        raise Wrong(f"not {action} by {difference} ns to {state}: {change}")
    return change


def finish(sensor, ship):
    sensor.process.terminate()
    sensor.site.finish(sensor.process)
    status = sensor.site.status()
    if not sensor.site.wait_for(lambda: sensor.site.status()["backlog"] == 0):
        raise Wrong(f"never drained: {status}")
    ship.terminate()
    sensor.site.finish(ship)


def one_day(packets, first, last, day):
    wrong = {p["@timestamp"] for p in packets[first:last] if day_index(p["@timestamp"]) != day}
    if wrong:
        raise Wrong(f"packets {first} to {last} are not of {day}: {sorted(wrong)[:3]}")


def placed(packet, change):
    """Where a clock document puts a packet that an unsynced clock has stamped."""
    return parse(change["espcap"]["step"]["after"]) + \
        packet["espcap"]["boot_ns"] - change["espcap"]["boot_ns"]


def check_marks(packets, synced):
    for i, packet in enumerate(packets):
        if ("clock" in packet["espcap"]) == any(first <= i < last for first, last in synced):
            raise Wrong(f"packet {i + 1} is marked the wrong way: {packet['espcap']}")


def wall(seed):
    """From 1970 over the first synchronization through every misfortune."""
    need_live()
    with Site(seed) as site, Sensor(site) as sensor:
        clock = sensor.clock
        clock.set(5 * S)
        clock.put(STATE, UNSYNCED)
        boot = sensor.capture()
        ship = sensor.ship()
        sensor.send(40)                                     # 0: 1970, unsynced
        difference = clock.set(NEW_YEAR + DAY // 2)
        expect(sensor.await_change(1), "clock-stepped", difference, "unsynced")
        sensor.send(40)                                     # 40: the day is right, the state not yet
        clock.put(STATE, SYNCED)
        synced = expect(sensor.await_change(2), "clock-synced", 0, "synced")
        sensor.send(40)                                     # 80: synced
        clock.set(clock.now() + DAY)
        expect(sensor.await_change(3), "clock-stepped", DAY, "synced")
        sensor.send(40)                                     # 120: the day after
        clock.set(clock.now() - 2 * DAY)
        expect(sensor.await_change(4), "clock-stepped", -2 * DAY, "synced")
        sensor.send(40)                                     # 160: the day before
        clock.stop()
        sensor.looks()
        sensor.send(40)                                     # 200: it stands still
        sensor.looks()
        clock.go_on()
        clock.run_faster(1000)
        sensor.looks()
        sensor.send(40)                                     # 240: it is smeared
        clock.set(clock.now() + S * 3 // 4)                 # too little to be told
        sensor.looks()
        clock.put(STATE, UNSYNCED)
        difference = clock.set(7 * S)
        expect(sensor.await_change(5), "clock-stepped", difference, "unsynced")
        sensor.send(40)                                     # 280: as after a battery died
        asked, took = clock.get(ASKED), sensor.windows[-1][1] - sensor.windows[0][0]
        finish(sensor, ship)
        said = judge(sensor)
        packets = [d for d in sensor.records() if d["event"]["dataset"] == "espcap.packet"]
        check_marks(packets, [(80, 280)])
        one_day(packets, 0, 40, "espcap-packets-1970.01.01")
        one_day(packets, 40, 120, "espcap-packets-2026.01.01")
        one_day(packets, 120, 160, "espcap-packets-2026.01.02")
        one_day(packets, 160, 280, "espcap-packets-2025.12.31")
        one_day(packets, 280, 320, "espcap-packets-1970.01.01")
        if len({p["@timestamp"] for p in packets[200:240]}) != 1:
            raise Wrong("the clock did not stand still")
        for i in range(80):     # what came before the synchronization is placed by it
            late = placed(packets[i], synced)
            if not 0 <= parse(synced["@timestamp"]) - late <= took:
                raise Wrong(f"packet {i + 1} is placed at {late}")
            if i >= 40 and abs(late - parse(packets[i]["@timestamp"])) > S // 100:
                raise Wrong(f"packet {i + 1} is placed at {late}, and was stamped rightly")
        if boot.returncode or asked > took // S + 20:
            raise Wrong(f"asked {asked} times in {took / S:.0f} s")
        return f"{said}; the kernel was asked {asked} times in {took / S:.0f} s"


def late(seed):
    """Nobody captures when the clock is set: the next capture tells when that was."""
    need_live()
    with Site(seed) as site, Sensor(site) as sensor:
        sensor.clock.set(NEW_YEAR)
        sensor.clock.put(STATE, UNSYNCED)
        site.finish(stopped(sensor.capture(), lambda: sensor.send(20)))
        if sensor.changes():
            raise Wrong("a clock document, and nothing has changed")
        sensor.clock.set(NEW_YEAR + 7 * DAY)
        sensor.clock.put(STATE, SYNCED)
        for _ in range(2):      # and only the first one behind it
            site.finish(stopped(sensor.capture(), lambda: sensor.send(20)))
        if len(sensor.changes()) != 1:
            raise Wrong(f"{len(sensor.changes())} clock documents instead of 1")
        change = expect(sensor.changes()[0], "clock-synced", 0, "synced")
        packets = [d for d in sensor.records() if d["event"]["dataset"] == "espcap.packet"]
        check_marks(packets, [(20, 60)])
        for i in range(20):
            if not 0 <= parse(change["@timestamp"]) - placed(packets[i], change) <= DAY:
                raise Wrong(f"packet {i + 1} is placed at {placed(packets[i], change)}")
        site.finish(sensor.ship("--once"))
        return f"{len(packets)} packets, {site.es.stats()['stored']} documents"


def stopped(capture, work):
    """A capture that is told to stop when its work is done."""
    work()
    capture.terminate()
    return capture


def random_walk(seed, rounds):
    """The clock is set at random, and is synced, unsynced or untold at random."""
    need_live()
    with Site(seed) as site, Sensor(site) as sensor:
        clock, rng, steps = sensor.clock, site.rng, 0
        clock.put(STATE, rng.choice((SYNCED, UNSYNCED)))
        sensor.capture("--flush-interval", "20ms")
        ship = sensor.ship()
        sensor.send(1)
        for _ in range(rounds):
            deed = rng.choice(("set", "set", "day", "stop", "state", "state", "little"))
            before = clock.now()
            if deed == "set":
                clock.set(rng.randrange(5 * S, 2 * NEW_YEAR))
            elif deed == "day":
                clock.set(max(clock.now() + rng.choice((-DAY, DAY)), 5 * S))
            elif deed == "little":
                clock.set(clock.now() + rng.randrange(-S * 9 // 10, S * 9 // 10))
            elif deed == "stop":
                clock.stop()
                sensor.looks(6)
                clock.go_on()
            else:
                clock.put(STATE, rng.choice((SYNCED, UNSYNCED, UNTOLD)))
            if abs(clock.now() - before) > 2 * S and deed in ("set", "day"):
                steps += 1
                sensor.must(lambda: sum(c["espcap"]["step"]["count"] for c in sensor.changes()) >=
                            steps, f"step {steps} was not told")
            sensor.send(rng.randrange(1, 30))
        finish(sensor, ship)
        said = judge(sensor)
        told = sum(c["espcap"]["step"]["count"] for c in sensor.changes())
        if told != steps:
            raise Wrong(f"{told} steps told, not {steps}")
        return f"{rounds} rounds, {steps} steps told; {said}"


# files

def learn(site, path):
    """What the documents of a file are by a good clock, and where they belong."""
    lines = subprocess.run([program("espcap-capture"), *COMMON, "--file", path, "--stdout", "--name",
                            "crash"], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    for line in lines:
        site.expected[sha16(line)] = day_index(line.decode()[15:45])
    return lines


def check_kept(lines, times):
    """Each has the nearest @timestamp that an index can hold, and its own time; how many differ."""
    clamped = 0
    for line, at in zip(lines, times):
        inside = min(max(at, 0), LAST)
        found = own_times(json.loads(line))
        if found != (inside, at):
            raise Wrong(f"{at} became {found}")
        clamped += at != inside
    return clamped


def files(seed):
    """Times before 1970, after 2262, at midnight, out of order, of a thousand days, by a clock in 1970;
    the server takes no new indices for a while, and the shipper's clock jumps meanwhile."""
    shards = {"match": {"path": "*/_bulk", "times": 2}, "action": {"items": {
        "status": 400, "type": "validation_exception", "which": "all", "reason":
        "Validation Failed: 1: this action would add [2] shards, but this cluster currently has "
        "[1000]/[1000] maximum normal shards open;"}}}
    with Site(seed) as site:
        clock = Clock(os.path.join(site.folder, "clock"))
        clock.set(5 * S)
        clock.put(STATE, UNSYNCED)
        path = os.path.join(site.folder, "strange.pcapng")
        times = strange_times(site.rng)
        write_pcapng(path, times)
        lines = learn(site, path)
        if len(lines) != len(times) or len(site.expected) != len(times):
            raise Wrong(f"{len(lines)} documents of {len(times)} packets")
        site.es.script(shards)
        site.finish(site.capture([path], **clock.env))
        clamped = check_kept(lines, times)
        ship = site.ship("--once", **clock.env)
        jumps = 0
        while ship.poll() is None:
            clock.set(site.rng.randrange(5 * S, 2 * NEW_YEAR))
            jumps += 1
            if not site.wait_for(lambda: ship.poll() is not None, 0.2) and jumps > 600:
                raise Wrong("espcap-ship does not come to an end")
        site.finish(ship)
        if site.es.stats()["rules"] != [2]:
            raise Wrong(f"the limit acted {site.es.stats()['rules']} times")
        said = site.judge()
        return f"{said}; {clamped} clamped, {len(set(site.expected.values()))} indices, {jumps} jumps"


def twice(seed):
    """An old file, captured and sent on two days; and one spool, sent on two days."""
    with Site(seed) as site:
        clock = Clock(os.path.join(site.folder, "clock"))
        path = site.add_capture(600)
        indices = []
        for day in (0, 66):
            clock.set(NEW_YEAR + day * DAY)
            clock.put(STATE, UNSYNCED if day else SYNCED)
            shutil.rmtree(site.spool, ignore_errors=True)
            site.finish(site.capture([path], **clock.env))
            site.finish(site.ship("--once", **clock.env))
            indices.append({(sha, index) for (_, index), sha in site.es.ids().items()})
        if indices[0] != indices[1] or len(site.es.ids()) != 1200:
            raise Wrong("the second day gave other indices")
        if indices[0] != set(site.expected.items()):
            raise Wrong("they are not those of the packets' own days")
        os.unlink(os.path.join(site.spool, "ack"))      # nothing is known as sent
        clock.set(5 * S)
        site.finish(site.ship("--once", **clock.env))
        status = site.status()
        if status["already_there"] != 600 or len(site.es.ids()) != 1200:
            raise Wrong(f"sent once more: {status}")
        if site.es.stats()["same_id_other_index"]:
            raise Wrong("an id in two indices")
        return f"600 packets twice into {len({i for _, i in indices[0]})} indices, then 600 already there"


def namespace(seed):
    """The services' monotonic clocks differ by ten years, or begin anew."""
    with open("/proc/uptime", encoding="ascii") as file:
        up = int(float(file.read().split()[0]))
    worlds = [("--monotonic", str(10 * 365 * 86400)), ("--monotonic", str(1 - up))]
    if subprocess.run(["unshare", "-T", *worlds[0], "true"], check=False,
                      stderr=subprocess.DEVNULL).returncode:
        print("skipped: no time namespace can be made")
        sys.exit(77)
    with Site(seed) as site:
        start = site.start

        def inside(world):
            def start_inside(name, *options, **env):
                with open(os.path.join(site.folder, "services.log"), "ab") as said:
                    process = subprocess.Popen(
                        ["unshare", "-T", *world, program(name), *COMMON, *options], stderr=said,
                        env={**os.environ, **env})
                site.started.append(process)
                return process
            return start_inside

        for first, second in (worlds, worlds[::-1]):
            path = site.add_capture(600)
            site.start = inside(first)
            capture = site.capture([path], "--flush-interval", "5ms")
            site.wait_for(lambda: site.has_spool())
            site.start = inside(second)
            ship = site.ship("--once")
            site.finish(capture)
            site.finish(ship)
        site.start = start
        site.finish(site.ship("--once"))
        return site.judge()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case", choices=("wall", "late", "random", "files", "twice", "namespace"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=400 if LONG else 20)
    args = parser.parse_args()
    if args.case == "random":
        return random_walk(args.seed, args.rounds)
    return {"wall": wall, "late": late, "files": files, "twice": twice, "namespace": namespace}[args.case](args.seed)


if __name__ == "__main__":
    run(main)
