# links.py -- links that break in each way there is: nothing lost or twice, and it goes on by itself.
# SPDX-License-Identifier: Apache-2.0
"""
usage: links.py CASE [--seed N]      in namespaces of its own

Each case has a backlog, a link, and a fault that comes while records flow; when the fault has ended
records must flow again without help, and in the end the judge of crash.py looks. What a case says is
asserted, not only printed. With ESPCAP_LONG: more rounds, longer faults, and the service's own
time-outs instead of 3 s.
"""
import random
import signal
import time

import relay
from net import CENTRE, Wire, run as command
from net_site import LONG, STALL, STALL_S, WITHIN_S, Wrong, need, play_one_of

ROUNDS = 10 if LONG else 1
LASTING = 3 if LONG else 1          # rounds of what lasts longer than a time-out
STALLED_S = STALL_S + WITHIN_S      # where only the time-out tells that a connection is dead


def hold(seconds):
    """How long a fault lasts."""
    time.sleep(seconds)


def several(site, begin, end, lasts, within=WITHIN_S, before=20, rounds=ROUNDS):
    """The fault comes and goes while records flow."""
    for _ in range(rounds):
        if not site.still_runs():
            break
        site.flows(before)
        if not site.still_runs():
            break
        begin()
        hold(lasts)
        end()
        site.recovers(within)
    need(site.rounds > 0, "the fault came while records flowed")


def refused(site):
    """New connections are refused, and the old one is reset."""
    site.link.rate(400_000)
    site.ship("--batch-bytes", "64K")
    several(site, lambda: site.link.rules([f'iifname "c0" tcp dport {site.port} reject with tcp reset']),
            site.link.rules, 1.5)


def unreachable(site):
    site.link.rate(400_000)
    site.ship("--batch-bytes", "64K")
    rule = 'iifname "c0" reject with icmpx host-unreachable'

    def begin():
        site.link.rules([rule])
        command("ip", "-n", "sensor", "route", "del", "10.9.0.0/24")

    def end():
        site.link.rules()
        command("ip", "-n", "sensor", "route", "add", "10.9.0.0/24", "dev", "s0", "src",
                site.link.address)

    several(site, begin, end, STALL_S + 1, STALLED_S, rounds=LASTING)


def through_relay(site, *options):
    """A relay at the centre's address in front of the server; the server's own port stays open."""
    site.relay = relay.Relay(CENTRE, ("127.0.0.1", site.port))
    site.link.rate(800_000)
    site.ship("--batch-bytes", "64K", *options, nodes=[f"{CENTRE}:{site.relay.port}"])


def reset_in_mid_request(site):
    """At a random byte of what is sent, head and body."""
    rng = random.Random(site.rng.random())
    through_relay(site)

    def begin():
        site.relay.cut_up = rng.randrange(1, 6000)
        site.wait_for(lambda: site.relay.cuts >= site.rounds + 1 or not site.still_runs())

    def end():
        site.relay.cut_up = None

    several(site, begin, end, 0.2)
    need(site.relay.cuts > 0, "requests were cut")


def reset_after_request(site):
    """All is stored, and the answer never comes: the same records come again, and are there."""
    through_relay(site)

    def begin():
        site.relay.cut_answer = True
        cuts = site.relay.cuts
        site.wait_for(lambda: site.relay.cuts >= cuts + 2 or not site.still_runs())

    def end():
        site.relay.cut_answer = False

    several(site, begin, end, 0.2)
    site.again = True


def blackhole_before(site):
    site.link.rate(800_000)
    site.link.blackhole()
    site.ship()
    hold(12 if LONG else 4)    # the first try to connect ends after ten seconds
    site.link.rules()
    site.recovers(WITHIN_S)


def blackhole_during(site):
    """In the midst of an upload, for longer than the time-out."""
    site.link.rate(200_000)
    site.ship()

    def told():
        return any("not answer" in x or "gets through" in x for x in site.said())

    def end():
        need(site.wait_for(told, STALLED_S), f"it was told: {site.said()}")
        site.link.rules()

    several(site, site.link.blackhole, end, STALL_S + 1, rounds=LASTING)


def blackhole_while_waiting(site):
    """The request has arrived and is worked on; the answer meets the hole."""
    site.es.script({"match": {"path": "*/_bulk"}, "action": {"delay_ms": 400}})
    site.link.rate(2_000_000)
    site.ship("--batch-bytes", "64K")
    several(site, site.link.blackhole, site.link.rules, STALL_S + 1, rounds=LASTING)
    site.again = True


def half_open(site):
    """As after a suspend: the server's side has forgotten the connections, or a NAT between has. Only
    time-outs tell, and no new record may wait for more than two minutes."""
    site.link.rate(400_000)
    site.ship("--batch-bytes", "64K")
    site.flows(20)
    dead, flowing = set(), True
    while flowing:      # a connection may just be made
        need(site.still_runs(), "connections went dead while records flowed")
        dead |= set(site.link.ports(site.port))
        ports = ", ".join(map(str, sorted(dead)))
        site.link.rules([f'iifname "c0" tcp sport {{ {ports} }} drop'],
                        [f'oifname "c0" tcp dport {{ {ports} }} drop'])
        hold(0.2)
        n = site.settled()
        flowing = site.wait_for(lambda seen=n: site.settled() > seen, 1)
    took = site.recovers(min(120, STALLED_S))
    site.notes.append(f"{took:.1f} s of --stall-after {STALL}")


def suspend_other_address(site):
    """The link goes down, the sensor sleeps, and the link comes up in another network."""
    site.link.rate(400_000)
    site.ship("--batch-bytes", "64K")
    last = 2
    for _ in range(2):
        site.flows(20)
        if not site.still_runs():
            break
        site.link.down()
        site.process.send_signal(signal.SIGSTOP)
        hold(20 if LONG else 1)
        last += 1
        site.link.up(f"10.9.0.{last}")
        site.process.send_signal(signal.SIGCONT)
        site.recovers(min(120, STALLED_S))
    need(site.rounds > 0, "it slept while records flowed")


def loss_and_delay(site):
    """Every fifth packet is lost each way, and a round trip takes 0.8 s: slow, but never still."""
    wire = Wire(0.4, 0.2, site.rng.random())
    begin = time.monotonic()
    site.ship(stall="90s", nodes=[f"{Wire.CENTRE}:{site.port}"])
    longest = 0
    while site.still_runs() and time.monotonic() - begin < (600 if LONG else 8):
        longest = max(longest, site.flows(seconds=60))
    site.rounds = 1
    site.notes.append(f"longest time without progress {longest:.1f} s; {wire.lost} of "
                      f"{wire.lost + wire.passed} packets lost")
    need(wire.lost > 3, f"packets were lost: {wire.lost} of {wire.passed}, {site.settled()} settled")
    if not LONG:
        wire.loss = wire.delay_s = 0


def thin_with_backlog(site):
    """64 kbit/s: each request is one of seconds, and there is progress in each ten of them."""
    site.link.rate(64_000)
    begin = time.monotonic()
    site.ship(stall="90s")
    longest = 0
    while site.still_runs() and time.monotonic() - begin < (600 if LONG else 60):
        longest = max(longest, site.flows(seconds=30))
    need(longest <= 10, f"progress at least each 10 s, not {longest:.1f}")
    site.rounds = 1
    site.notes.append(f"longest time without progress {longest:.1f} s, "
                      f"{time.monotonic() - begin:.0f} s in all")


def flapping(site):
    """Up for five seconds, down for five. A segment that was lost again and again is sent again by the
    kernel only after many seconds, with the link long well: the last request can take until --stall-after."""
    site.link.rate(100_000 if LONG else 200_000)
    site.ship(stall="90s")
    end = time.monotonic() + (600 if LONG else 20)
    while site.still_runs() and time.monotonic() < end:
        hold(5 if LONG else 2)
        site.link.down()
        hold(5 if LONG else 2)
        n = site.settled()
        site.link.up()
        site.rounds += 1
        hold(0.1)
        if site.wait_for(lambda: site.settled() > n or not site.still_runs(), 5 if LONG else 2):
            site.recoveries.append(0)
    site.notes.append(f"progress in {len(site.recoveries)} of {site.rounds} times up")
    need(2 * len(site.recoveries) >= site.rounds, "there was progress in most times up")
    site.recoveries = []


def captive_portal(site):
    """A page with status 200, a redirect, 511: not Elasticsearch, and it goes on when that is over."""
    site.relay = relay.Relay(CENTRE, ("127.0.0.1", site.port))
    site.relay.portal = relay.PORTAL_PAGE
    site.link.rate(400_000)
    site.ship("--batch-bytes", "64K", nodes=[f"{CENTRE}:{site.relay.port}"])
    for portal, words in ((relay.PORTAL_PAGE, "it answers with something else than JSON"),
                          (relay.PORTAL_REDIRECT, "it answers with a redirect"),
                          (relay.PORTAL_511, "a network wants a log-in")):
        site.relay.portal = portal
        if not site.wait_for(lambda: site.has_said("not Elasticsearch: " + words) or
                             site.has_said(words), 20):
            raise Wrong(f"nothing was said of {words}: {site.said()[-3:]}")
        need(site.settled() == 0 or site.rounds, "nothing counted as stored")
        site.relay.portal = None
        site.recovers(WITHIN_S)
        site.flows(20)
        if not site.still_runs():
            break
    need(site.rounds >= 2, "portals came and went")


def small_mtu_without_icmp(site):
    """Large packets vanish and nobody says so; sizes are found by smaller segments."""
    site.link.rate(2_000_000)
    site.link.rules(['iifname "c0" meta length > 600 drop'], ['oifname "c0" meta length > 600 drop'])
    site.ship("--batch-bytes", "64K")
    site.recovers(3 * STALLED_S)
    if not LONG:
        site.link.rules()


# packets, and in the long form
CASES = {f.__name__: (f, *packets) for f, *packets in (
    (refused, 3000, 30000), (unreachable, 3000, 30000), (reset_in_mid_request, 3000, 30000),
    (reset_after_request, 3000, 30000), (blackhole_before, 1000), (blackhole_during, 3000, 30000),
    (blackhole_while_waiting, 3000, 30000), (half_open, 3000), (suspend_other_address, 3000),
    (loss_and_delay, 3000), (thin_with_backlog, 800, 20000), (flapping, 3000, 60000),
    (captive_portal, 3000), (small_mtu_without_icmp, 300))}

if __name__ == "__main__":
    play_one_of(CASES)
