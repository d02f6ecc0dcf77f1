# test_names.py -- the list of names is read whole from protocols.md, and notices when that changes.
# SPDX-License-Identifier: Apache-2.0
import io
import os
import re
import subprocess
import tempfile
import unittest

import make_names
import names
import tshark

PROTOCOLS = os.environ.get("ESPCAP_PROTOCOLS") or os.path.join(
    names.HERE, "../../../shared/reference/protocols.md")

ESPCAP = os.path.join(os.environ.get("ESPCAP_BIN_DIR") or os.path.join(
    names.HERE, "../../build/dev/bin"), "espcap")

TEXT = """\
### 1.1 Rules for every decoder

8. A payload claimed by nobody is `data`: only i32 `data.len` is
   emitted, unless `--payload` asks for bytes `data.data`.

## 2. Tier 1

### 2.1 Frame

| layer; standard; how chosen | fields | ECS | traps |
| --- | --- | --- | --- |
| frame (always) | u32 `frame.number`; str `frame.protocols` | - | abs `frame.time` is not emitted |
| Fine | u16x `ip.id`; bool `ip.flags.df` `ip.flags.mf` | - | u16 `icmp.seq_le`; `tcp.flags` is so |

## 3. Tier 2

| protocol; standard; how chosen | fields | ECS | traps |
| --- | --- | --- | --- |
| Two; RFC 2 | str `http.host`; u16x `ip.id`; secret: str `http.cookie` | - | `http.host` is state |

## 7. Fingerprints

| fingerprint | definition | home | licence | oracle |
| --- | --- | --- | --- | --- |
| JA3 | MD5 of `version` | `tls.client.ja3` | BSD | tshark: str `tls.handshake.ja3` |

## 8. Document rules

3. Numbers: integers. Identifiers of 64 bits are text exactly as tshark prints them (`"0x0"`),
   because: u64x `smb2.sesid`; u64 `smb2.msg_id` as decimal text. NaN: u32 `tcp.seq` stays out.
"""
READINGS = (("drop", "abs `frame.time` is not emitted", "frame.time"),
            ("payload", "unless `--payload` asks for bytes `data.data`", "data.data"),
            ("state", "`http.host` is state", "http.h*"))


def extract(text, readings=READINGS):
    merged, errors = make_names.merge(make_names.typed_names(text))
    errors += make_names.apply_readings(text, merged, readings)
    return merged, errors + make_names.unread_state(text, readings)


class Extraction(unittest.TestCase):
    def test_every_typed_name_is_found_with_its_type_and_marks(self):
        merged, errors = extract(TEXT)
        self.assertEqual(errors, [])
        self.assertEqual({name.name: (name.type, name.marks, name.section)
                          for name in merged.values()}, {
            "data.len": ("i32", (), "1.1"), "data.data": ("bytes", ("payload",), "1.1"),
            "frame.number": ("u32", (), "2.1"), "frame.protocols": ("str", (), "2.1"),
            "ip.id": ("u16x", (), "2.1"), "ip.flags.df": ("bool", (), "2.1"),
            "ip.flags.mf": ("bool", (), "2.1"), "icmp.seq_le": ("u16", (), "2.1"),
            "http.host": ("str", ("state",), "3"), "http.cookie": ("str", ("secret",), "3"),
            "tls.handshake.ja3": ("str", (), "7"), "smb2.sesid": ("u64x", ("text",), "8"),
            "smb2.msg_id": ("u64", ("text",), "8")})
        self.assertEqual(merged["ip.id"].row, "Fine + Two")

    def test_words_that_have_gone_are_an_error(self):
        _, errors = extract(TEXT.replace("is not emitted", "is left out"))
        self.assertIn("protocols.md no longer says: abs `frame.time` is not emitted", errors)

    def test_a_new_mention_of_state_is_an_error(self):
        _, errors = extract(TEXT.replace("is so", "is state too"))
        self.assertEqual(errors, ["row 'Fine' speaks of state in words no reading covers"])

    def test_two_types_for_one_name_are_an_error(self):
        _, errors = extract(TEXT.replace("u16x `ip.id`; secret", "u32 `ip.id`; secret"))
        self.assertEqual(errors, ["ip.id is u16x in one row and u32 in another"])

    def test_tshark_is_asked_for_each_name(self):
        merged, _ = extract(TEXT.replace("`ip.flags.mf`", "`ip.flags.xx`"))
        known = {name: one.type for name, one in merged.items() if name != "ip.flags.xx"}
        known.update({"tcp.flags": "u16x", "ip.id": "u16"})
        errors, remarks = make_names.check_against_tshark(merged, TEXT, known)
        self.assertEqual(errors, ["tshark does not know ip.flags.xx"])
        self.assertEqual(remarks, [
            "ip.id: protocols.md says u16x, tshark registers u16 first",
            "tcp.flags: mentioned without a type in row 'Fine', left out"])

    def test_types_are_spelt_as_in_protocols_md(self):
        for ft, base, word in (("FT_UINT16", "BASE_HEX", "u16x"), ("FT_INT32", "BASE_DEC", "i32"),
                               ("FT_UINT8", "BASE_DEC_HEX", "u8x"), ("FT_STRINGZ", "", "str"),
                               ("FT_ETHER", "", "mac"), ("FT_BOOLEAN", "8", "bool")):
            self.assertEqual(make_names.type_word(ft, base), word)


class List(unittest.TestCase):
    def test_the_list_is_read_back_as_it_was_written(self):
        merged, _ = extract(TEXT)
        out = io.StringIO()
        make_names.write(merged.values(), out)
        path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "names.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(out.getvalue())
        self.assertEqual(names.load_names(path), merged)

    def test_tshark_knows_every_name_of_the_list(self):
        known = make_names.tshark_fields()
        listed = names.load_names()
        self.assertGreater(len(listed), 1600)
        self.assertEqual([name for name in listed if name not in known], [])

    @unittest.skipUnless(os.path.exists(PROTOCOLS), "needs protocols.md (ESPCAP_PROTOCOLS)")
    def test_the_list_is_what_protocols_md_gives(self):
        with open(PROTOCOLS, encoding="utf-8") as file:
            text = file.read()
        merged, errors = extract(text, make_names.READINGS)
        self.assertEqual(errors, [])
        self.assertEqual(names.load_names(), merged)


    @unittest.skipUnless(os.path.exists(PROTOCOLS), "needs protocols.md (ESPCAP_PROTOCOLS)")
    def test_tshark_is_asked_with_the_options_of_protocols_md(self):
        with open(PROTOCOLS, encoding="utf-8") as file:
            block = file.read().split("tshark -n -r FILE", 1)[1].split("```", 1)[0]
        self.assertEqual(tshark.PREFERENCES, re.findall(r"-o (\S+)", block))
        line = tshark.command("FILE", [], [], ("<0x1f>", "<0x1e>"))
        self.assertEqual(line[4:], block.replace("\\", "").split("-o ", 1)[0].split())


class Scopes(unittest.TestCase):
    def setUp(self):
        self.scope = names.load_scope(protocols="frame,eth,ip,ipv6,tcp,tls.record")

    def test_a_prefix_holds_what_is_below_it_and_nothing_beside_it(self):
        for name, held in (("ip.src", True), ("ipv6.src", True), ("ipx.src", False),
                           ("tls.record.length", True), ("tls.handshake.type", False)):
            self.assertEqual(self.scope.holds(name), held, name)

    def test_the_default_scope_never_loses_what_the_first_release_has(self):
        scope = names.load_scope()
        self.assertGreaterEqual(set(scope.prefixes), set(
            "frame eth vlan ieee8021ad sll null raw arp ip ipv6 icmp icmpv6 tcp udp data dns http "
            "tls".split()))
        self.assertEqual(scope.foreign("eth:ethertype:ip:udp:mdns"), [])
        self.assertEqual(scope.foreign("eth:ethertype:ip:sna:ip:tcp:tls:x509sat"), ["sna"])

    def test_folding_drops_what_is_no_layer_and_joins_neighbours(self):
        self.assertEqual(self.scope.fold("eth:ip:tcp:mptcp:tls:tls:x509sat:x509sat:tls"),
                         "eth:ip:tcp:tls")

    def test_every_name_has_a_field_or_a_reason(self):
        absent = dict(line.split("\t") for line in names.lines_of(
            os.path.join(names.HERE, "absent.txt")))
        run = subprocess.run([ESPCAP, "fields"], capture_output=True, check=True, text=True)
        fields = {line.split("\t")[0] for line in run.stdout.splitlines()}
        self.assertEqual(set(names.load_names()) - fields, set(absent))

    def test_payload_fields_are_compared_only_on_demand(self):
        known = names.load_names()
        plain = {name.name for name in names.select(known, self.scope)}
        full = {name.name for name in names.select(known, self.scope, payload=True)}
        self.assertEqual(full - plain, {"tcp.payload", "eth.padding", "eth.trailer", "eth.fcs"})
        sums = {name.name for name in names.select(known, self.scope, checksums=True)}
        self.assertEqual(sums, {"ip.checksum.status", "tcp.checksum.status"})


if __name__ == "__main__":
    unittest.main()
