#!/usr/bin/env python3
# test_ecs.py -- the committed documents keep the rule of CONTRIBUTING.md for ECS fields.
# SPDX-License-Identifier: Apache-2.0
import ipaddress
import json
import re
import subprocess
import sys
import unittest

import golden

SHOWN = 8
MANY_MAX = 256  # values of an array, see decode.h
ACTION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PROTOCOL = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")

# Tokens of frame.protocols whose messages are for their own sake.
APPLICATIONS = set("""bacapp bgp bvlc cdp cldap coap cotp dcerpc dhcp dhcpv6 dnp3 dns dtls eap eapol enip
ftp gquic hsrp http http2 iec60870_104 imap isakmp kerberos lacp ldap lldp llmnr mbtcp mdns mqtt mysql
nbdgm nbns nbss ntp opcua ospf pgsql pim pop pppoed ptp quic radius resp rtcp rtp s7comm sip smb smb2
smtp snmp ssdp ssh stp stun syslog tftp tls tpkt vrrp wg""".split())
QUOTERS = {"icmp", "icmpv6"}  # what they quote is not the packet's own

ADDRESSES = ("source.ip", "destination.ip", "client.ip", "server.ip", "client.nat.ip",
             "network.forwarded_ip", "dns.resolved_ip", "espcap.tunnel.source.ip",
             "espcap.tunnel.destination.ip")
USERS = ("user.name", "source.user.name", "destination.user.name")
HOSTS = ("source.domain", "destination.domain", "client.domain", "server.domain",
         "dns.question.name", "url.domain", "tls.client.server_name", "log.syslog.hostname")
HASHES = ("tls.client.ja3", "tls.server.ja3s", "tls.client.hash.sha1", "tls.client.hash.sha256",
          "tls.server.hash.sha1", "tls.server.hash.sha256", "espcap.ssh.hassh",
          "espcap.ssh.hassh_server", "espcap.tls.ja4")

# The field sets of ECS 9.1 that are used, and what is espcap's own.
FIELD_SETS = set("""client destination dns ecs email error event file host http labels log message network
observer related server service source tags tls url user user_agent""".split())


def leaves(value, path):
    """All values at a path, whatever arrays are on the way."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item, path)]
    if not path:
        return [] if value is None else [value]
    if not isinstance(value, dict):
        return []
    name, _, rest = path.partition(".")
    return leaves(value.get(name), rest)


def one(document, path):
    found = leaves(document, path)
    return found[0] if found else None


def is_address(text):
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


class Ecs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.documents = []
        for name, _, _ in golden.cases():
            if not name.endswith(".lite"):
                for number, line in enumerate(golden.read_expected(name).splitlines(), 1):
                    cls.documents.append((f"{name} document {number}", json.loads(line)))

    def check(self, complaint_about):
        """complaint_about(document): what is wrong with it, or None."""
        wrong = [f"{name}: {complaint}" for name, document in self.documents
                 if (complaint := complaint_about(document))]
        self.assertGreater(len(self.documents), 5000)
        if wrong:
            self.fail("\n".join([f"{len(wrong)} break the rule", *wrong[:SHOWN]]))

    def test_actions_have_one_style(self):
        def complaint(document):
            action = one(document, "event.action")
            return action if action and not ACTION.fullmatch(action) else None
        self.check(complaint)

    def test_outcome_and_error_agree(self):
        def complaint(document):
            outcome, error = one(document, "event.outcome"), document.get("error", {})
            if outcome not in (None, "success", "failure"):
                return f"outcome {outcome}"
            if outcome == "failure" and not error:
                return "a failure of which nothing is said"
            return f"a success with an error {error}" if outcome == "success" and error else None
        self.check(complaint)

    def test_applications_are_named(self):
        def complaint(document):
            tokens = set(document.get("layers", {}).get("frame.protocols", "").split(":"))
            tunnels = {tunnel["type"] for tunnel in document["espcap"].get("tunnel", [])}
            named = tokens & (APPLICATIONS - tunnels)     # as PIM, which also carries packets
            if named and not tokens & QUOTERS and not one(document, "network.protocol"):
                return f"{sorted(named)} without network.protocol"
            return None
        self.check(complaint)

    def test_what_is_told_belongs_to_a_protocol(self):
        def complaint(document):
            network, event = document["network"], document["event"]
            protocol = network.get("protocol")
            if protocol and not PROTOCOL.fullmatch(protocol):
                return f"network.protocol {protocol}"
            if protocol and event["type"] != ["protocol"]:
                return f"{protocol} is of type {event['type']}"
            return "an outcome of no protocol" if "outcome" in event and not protocol else None
        self.check(complaint)

    def test_values_are_those_that_ecs_allows(self):
        def complaint(document):
            event = document["event"]
            if event["kind"] != "event" or event["category"] != ["network"]:
                return f"{event}"
            if event["type"] not in (["protocol"], ["info"]):
                return f"event.type {event['type']}"
            for path in ("network.type", "network.transport", "network.protocol"):
                value = one(document, path)
                if value and value != value.lower():
                    return f"{path} {value}"
            return None
        self.check(complaint)

    def related(self, path, fields, skip=lambda value: False):
        def complaint(document):
            related = set(leaves(document, path))
            lost = {f"{field} {value}" for field in fields for value in leaves(document, field)
                    if value not in related and not skip(value)}
            broken = len(related) == MANY_MAX or leaves(document, "espcap.anomaly")
            return f"{sorted(lost)} not in {path}" if lost and not broken else None
        self.check(complaint)

    def test_related_ip_has_every_address(self):
        self.related("related.ip", ADDRESSES)

    def test_related_user_has_every_user(self):
        self.related("related.user", USERS)

    def test_related_hosts_has_every_name(self):
        self.related("related.hosts", HOSTS, skip=lambda name: name == "." or is_address(name))

    def test_related_hash_has_every_fingerprint(self):
        self.related("related.hash", HASHES)

    def test_paths_are_of_ecs(self):
        listed = subprocess.run([golden.program("espcap"), "fields", "--ecs"], capture_output=True,
                                text=True, check=True).stdout.splitlines()
        paths = [line.split("\t")[0] for line in listed]
        self.assertGreater(len(paths), 150)
        sets = {path.split(".")[0] for path in paths} - {"espcap", "@timestamp"}
        self.assertEqual(sets - FIELD_SETS, set())


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
