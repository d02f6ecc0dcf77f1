# centre.py -- what stands at the centre: several nodes, names, proxies, nginx, a busy server.
# SPDX-License-Identifier: Apache-2.0
"""
usage: centre.py CASE [--seed N]      in namespaces of its own, as links.py
"""
import json
import os
import subprocess
import sys
import time

import relay
from net import CENTRE, IN_SENSOR
from net_site import HERE, LONG, FakeEs, STALL_S, WITHIN_S, need, play_one_of

sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
from certs import Authority  # noqa: E402

GOOD, DEAD, SLOW, WRONG = "10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6"
CRAWL = json.dumps({"rules": [
    {"match": {"path": "*/_bulk", "times": 1}, "action": {"drip_bytes_per_s": 1, "store": False}},
    {"match": {"path": "*/_bulk"}, "action": {"read": 300, "store": False}}]})
CENTRE6_DEAD = "fd09::dead"
SECRET = "s3cret-of-the-gate"
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}
http {{
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi; access_log {folder}/access.log;
	server {{ listen {listen}; {inside} }}
}}
"""


def start(site, *command):
    process = subprocess.Popen(command)
    site.started.append(process)
    return process


def nginx(site, listen, inside):
    folder = os.path.join(site.folder, "nginx")
    os.makedirs(folder, exist_ok=True)
    config = os.path.join(folder, "nginx.conf")
    with open(config, "w", encoding="ascii") as f:
        f.write(NGINX.format(folder=folder, listen=listen, inside=inside))
    start(site, "nginx", "-c", config, "-e", os.path.join(folder, "error.log"))
    need(site.wait_for(lambda: os.path.exists(os.path.join(folder, "pid"))), "nginx is up")
    return folder


def mostly(site, seconds, of=0.9):
    """Waits until nearly all is settled: what hangs at a bad node comes later."""
    begin = time.monotonic()
    need(site.wait_for(lambda: site.settled() >= of * site.packets, seconds),
         f"{of:.0%} are settled within {seconds} s, not {site.settled()}")
    return time.monotonic() - begin


def three_bad_nodes(site):
    """(F58) Two good nodes beside one that is dead, one that hangs, one that is something else."""
    site.link.centre_has(GOOD, DEAD, SLOW, WRONG)
    site.link.rules([f"ip daddr {DEAD} drop"])
    slow = relay.Relay(SLOW, ("127.0.0.1", site.port), site.port + 1)
    slow.stall = True
    wrong = relay.Relay(WRONG, ("127.0.0.1", site.port), site.port + 1)
    wrong.portal = relay.PORTAL_PAGE
    site.ship("--batch-bytes", "32K", stall="30s", nodes=[
        f"{CENTRE}:{site.port}", f"{DEAD}:{site.port}", f"{SLOW}:{site.port + 1}",
        f"{WRONG}:{site.port + 1}", f"{GOOD}:{site.port}"])
    took = mostly(site, 20)
    requests = site.es.stats()["bulk_requests"]
    site.notes.append(f"90 % in {took:.1f} s by {requests} requests; {slow.accepted} connections to the one "
                      f"that hangs, {wrong.accepted} to the wrong one")
    need(took < 9, f"the good nodes' throughput, not {took:.1f} s")
    need(slow.accepted <= 6 and wrong.accepted <= 12, "bad nodes were asked rarely")
    site.rounds = 1
    slow.stall = False
    site.link.rules()


LITTLE = 5000    # bytes of a request that tries a node, with its head


def comes_back(site):
    """One small request tries a node that was away, and no other before its answer."""
    site.relay = relay.Relay(CENTRE, ("127.0.0.1", site.port))
    site.relay.delay_s = 0.1
    node = f"{CENTRE}:{site.relay.port}"
    site.ship("--batch-bytes", "256K", nodes=[node])
    site.flows(2000)
    reject = [f"tcp dport {site.relay.port} reject with tcp reset"]
    for _ in range(2):
        site.flows(200)
        largest = max(n for _, n in site.relay.requests)
        site.link.rules(reject)
        site.relay.drop_all()
        said = len(site.said())
        site.wait_for(lambda: len(site.said()) > said, 3)
        time.sleep(0.5)
        site.relay.requests.clear()
        site.link.rules()
        site.recovers(WITHIN_S)
        site.wait_for(lambda: len(site.relay.requests) >= 2 or not site.still_runs())
        (at, size), second = site.relay.requests[0], site.relay.requests[1][0]
        site.notes.append(f"{size} bytes first (before {largest}), the next {1000 * (second - at):.0f} ms "
                          "later")
        need(size < max(LITTLE, largest / 3), "the first request is a small one")
        need(second - at > 0.2, "nothing else is sent before its answer")
        if not site.still_runs():
            break


def crawls(site):
    """(F52) A node answers one byte a second, or reads nothing, and is given up; the other goes on."""
    site.link.centre_has(GOOD)
    site.link.rate(1_000_000)
    with FakeEs("--address", GOOD) as bad:
        def ask(*words):
            return subprocess.run(["curl", "-sSf", f"http://{GOOD}:{bad.port}/_fake/" + words[0], *words[1:]],
                                  check=True, stdout=subprocess.PIPE).stdout

        ask("script", "-d", CRAWL)
        site.ship("--batch-bytes", "32K", nodes=[f"{GOOD}:{bad.port}", f"{CENTRE}:{site.port}"])
        took = mostly(site, 20)
        site.notes.append(f"90 % in {took:.1f} s beside it")
        site.drain(3 * (STALL_S + WITHIN_S))
        need(site.has_said("does not answer within"), f"it was told: {site.said()}")
        site.rounds = sum(json.loads(ask("stats"))["rules"])
        need(json.loads(ask("stats"))["rules"][0] == 1, "the answer that crawls was begun")


class Names:
    """A dnsmasq at the centre that knows es.test, and nothing else to ask for the sensor."""

    def __init__(self, site, timeout=2):
        self.site, self.process = site, None
        self.hosts = os.path.join(site.folder, "hosts")
        resolv = os.path.join(site.folder, "resolv.conf")
        with open(resolv, "w", encoding="ascii") as f:
            f.write(f"nameserver {CENTRE}\noptions timeout:{timeout} attempts:2\n")
        subprocess.run(["mount", "--bind", resolv, os.path.realpath("/etc/resolv.conf")], check=True)

    def say(self, *addresses):
        with open(self.hosts, "w", encoding="ascii") as f:
            f.write("".join(f"{a} es.test\n" for a in addresses))
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.process = start(self.site, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                             "--no-resolv", "--no-hosts", f"--addn-hosts={self.hosts}",
                             f"--listen-address={CENTRE}", "--bind-interfaces", "--user=root",
                             f"--pid-file={self.hosts}.pid", "--local-ttl=1")


def names_change(site):
    """No name server; then one; the name moves; its IPv6 address is dead; all without a restart."""
    names = Names(site)
    site.link.centre_has(GOOD, CENTRE6_DEAD)
    site.link.rate(300_000)
    site.ship("--batch-bytes", "32K", nodes=[f"es.test:{site.port}"])
    need(site.wait_for(lambda: site.has_said("resolve"), 30), "the name was not found, and that is told")
    names.say(CENTRE)
    site.recovers(WITHIN_S)
    names.say(GOOD)
    site.link.rules([f"ip daddr {CENTRE} tcp dport {site.port} drop"])
    site.recovers(STALL_S + WITHIN_S)
    names.say(CENTRE, CENTRE6_DEAD)
    site.link.rules([f"ip daddr {GOOD} tcp dport {site.port} drop", f"ip6 daddr {CENTRE6_DEAD} drop"])
    site.recovers(STALL_S + WITHIN_S)
    if LONG:
        site.link.rate(16_000)     # that there is something left to send in some minutes
        need(site.wait_for(lambda: not goes_to(GOOD, site.port), STALL_S + WITHIN_S), "the old one is left")
    site.link.rules([f"ip6 daddr {CENTRE6_DEAD} drop"])
    if LONG:
        moves_while_all_is_well(site, names)


def moves_while_all_is_well(site, names):
    """Nothing fails, the name points elsewhere: followed when connections are five minutes old."""
    site.flows(600)     # what was on its way when the other address failed ended, too
    names.say(GOOD)
    need(not goes_to(GOOD, site.port), "all goes to the old address")
    begin = time.monotonic()
    need(site.wait_for(lambda: (goes_to(GOOD, site.port) and not goes_to(CENTRE, site.port)) or
                       not site.still_runs(), 330), "the new address alone is used")
    need(site.still_runs(), "there was enough to send")
    site.notes.append(f"another address of the name alone used after {time.monotonic() - begin:.0f} s")
    site.link.rate(None)


def goes_to(address, port):
    """As the sensor sees it: the centre may believe in connections that are no more."""
    lines = subprocess.run([*IN_SENSOR, "ss", "-Htn", "state", "established", "dst", f"{address}:{port}"],
                           check=True, stdout=subprocess.PIPE, text=True).stdout
    return bool(lines.strip())


def name_server_hangs(site):
    """A name that is never answered holds up no node that needs none."""
    Names(site, timeout=15)     # longer than ship waits for a connection
    site.link.rules(["udp dport 53 drop"])
    site.link.rate(100_000)
    site.ship("--batch-bytes", "32K", nodes=[f"es.test:{site.port}", f"{CENTRE}:{site.port}"])
    for _ in range(3 if LONG else 1):   # a busy machine may stand still, too, but not each time
        begin, longest = time.monotonic(), 0
        while time.monotonic() - begin < 15:
            longest = max(longest, site.flows(20, 30))
        need(site.still_runs(), "records flowed all the time")
        if longest < 8:
            break
    need(longest < 8, f"progress all the time, not once in {longest:.1f} s")
    site.rounds = 1
    site.notes.append(f"longest time without progress {longest:.1f} s")
    site.link.rules()


def secret_file(site, text):
    path = os.path.join(site.folder, "gate")
    with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(text)
    return path


def proxies(site):
    """By way of a proxy that wants a password, http and (CONNECT) https; the secret is never told."""
    site.link.centre_has(GOOD)
    gate = relay.Proxy(CENTRE, f"me:{SECRET}")
    path = secret_file(site, "wrong\n")
    site.link.rate(400_000)
    site.ship("--batch-bytes", "32K", "--proxy", f"http://{CENTRE}:{gate.port}", "--proxy-user", "me",
              "--proxy-password-file", path, nodes=[f"{GOOD}:{site.port}"])
    need(site.wait_for(lambda: site.has_said("proxy wants credentials"), 20), "the proxy's 407 is told")
    need(site.settled() == 0, "nothing went around the proxy")
    secret_file(site, SECRET + "\n")
    site.recovers(WITHIN_S)
    site.flows(100)
    site.process.terminate()
    site.process.wait()
    need(gate.seen and gate.seen[-1].startswith("POST http://"), f"a request to the proxy: {gate.seen}")

    authority = Authority(site.folder, "ca")
    pem, key = authority.issue("server", f"IP:{GOOD}")
    nginx(site, f"{GOOD}:8443 ssl", f"ssl_certificate {pem}; ssl_certificate_key {key}; "
          f"location / {{ proxy_pass http://127.0.0.1:{site.port}; }}")
    site.ship("--batch-bytes", "32K", "--ca-file", authority.pem, nodes=[f"https://{GOOD}:8443"],
              https_proxy=f"http://me:{SECRET}@{CENTRE}:{gate.port}")
    site.recovers(WITHIN_S)
    need(gate.seen[-1].startswith(f"CONNECT {GOOD}:8443"), f"a tunnel, not {gate.seen[-1]}")
    need(not site.has_said(SECRET), "no secret is told")
    site.notes.append(f"{len(gate.seen)} connections by the proxy, {gate.refused} refused")


def nginx_in_front(site):
    """A path in front, a least body (413), a server that is slower than the proxy waits (504), and one that
    goes away (502)."""
    behind = relay.Relay("127.0.0.1", ("127.0.0.1", site.port))
    nginx(site, f"{CENTRE}:8080", "client_max_body_size 3000; location /behind/es/ { "
          f"proxy_pass http://127.0.0.1:{behind.port}/; proxy_read_timeout 1s; }}")
    site.es.script({"match": {"path": "*/_bulk", "after": 5, "times": 2}, "action": {"delay_ms": 2500}})
    site.link.rate(400_000)
    site.ship(nodes=[f"http://{CENTRE}:8080/behind/es/"])
    site.flows(500)
    port = behind.port
    behind.close()
    behind.drop_all()
    time.sleep(1.5)
    relay.Relay("127.0.0.1", ("127.0.0.1", site.port), port)
    site.recovers(WITHIN_S)
    site.flows(500)
    with open(os.path.join(site.folder, "nginx", "access.log"), encoding="ascii") as f:
        codes = [line.split('" ')[1].split()[0] for line in f]
    for code in ("413", "504", "502", "200"):
        need(code in codes, f"nginx answered {code}: {sorted(set(codes))}")
    site.notes.append(", ".join(f"{codes.count(c)} times {c}" for c in sorted(set(codes))))
    site.again = True


def busy_server(site):
    """(F64) More than 40,000 bytes of documents at a time are too many."""
    site.es.script({"match": {"path": "*/_bulk"}, "action": {"limit_in_flight_bytes": 40000}})
    site.ship()
    mostly(site, 50)
    answers = {int(k): v for k, v in site.es.stats()["answers"].items()}
    site.notes.append(f"{answers.get(429, 0)} of {sum(answers.values())} requests refused")
    need(0 < answers[429] <= sum(answers.values()) / 10, f"few are refused: {answers}")
    site.rounds = 1


CASES = {f.__name__: (f, *packets) for f, *packets in (
    (three_bad_nodes, 3000), (comes_back, 12000), (crawls, 3000), (names_change, 3000, 40000),
    (name_server_hangs, 4000, 16000), (proxies, 3000), (nginx_in_front, 4000), (busy_server, 3000))}

if __name__ == "__main__":
    play_one_of(CASES)
