#!/usr/bin/env python3
# make_names.py -- makes names.txt, the list of compared field names, from protocols.md.
# SPDX-License-Identifier: Apache-2.0
"""Every name of the tables of sections 2, 3, 4 and 7, of rule 8 in 1.1 and of rule 3 in section 8.

A name is taken where protocols.md gives it a type: in the fields column, and in the traps column
where a type stands before it. What prose says about names ("state", "not emitted", "--payload")
is kept in READINGS with the words it was read from. A reading whose words have gone, and a mention
of state that no reading covers, are errors: so a new protocols.md is read again, never guessed at.
"""
import argparse
import fnmatch
import re
import subprocess
import sys

from names import Name

TYPE = r"(?:[uif]\d+x?|bool|str|bytes|ipv4|ipv6|mac|oid|guid|abs|rel|none|proto)"
GROUP = re.compile(r"(?P<secret>secret: )?\b(?P<type>%s)(?P<names>(?:,? `[^`]+`)+)" % TYPE)
LIKE_A_NAME = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)+")
HEADINGS = ("layer; standard; how chosen", "protocol; standard; how chosen", "fingerprint")
RULE_8 = "payload nobody claimed (1.1, rule 8)"
RULE_3 = "64-bit identifiers (8, rule 3)"

# mark, the words of protocols.md, the names meant. "drop": not in the list. "-": of no name.
READINGS = (
    ("drop", "are compared with `@timestamp` and the file header, not emitted",
     "frame.time_epoch frame.time frame.encap_type"),
    ("drop", "str `sip.msg_hdr` repeats everything: leave out", "sip.msg_hdr"),
    ("payload", "only with `--payload`. Zeros up to the minimum frame",
     "eth.padding eth.trailer eth.fcs"),
    ("payload", "str `http.file_data` only with `--payload`", "http.file_data"),
    ("payload", "bytes `mqtt.msg` with `--payload`", "mqtt.msg"),
    ("payload", "unless `--payload` asks for bytes `data.data` `tcp.payload` `udp.payload`",
     "data.data tcp.payload udp.payload"),
    ("state", "u32 `tcp.window_size`; i32 `tcp.window_size_scalefactor` are state",
     "tcp.window_size tcp.window_size_scalefactor"),
    ("state", "u64 `dccp.seq` `dccp.ack` are relative to the first packet seen: state",
     "dccp.seq dccp.ack"),
    ("state", "(`smtp.auth.*` is state)", "smtp.auth.*"),
    ("state", "needs the state of DATA", "imf.*"),
    ("state", "tshark adds `smb2.tree`, `smb2.filename`, str `smb2.acct` `smb2.domain` `smb2.host` "
     "to later packets (state)", "smb2.tree smb2.filename smb2.acct smb2.domain smb2.host"),
    ("-", "AS size 2 or 4 is state", ""),
    ("-", "MPTCP puts `mptcp` into `frame.protocols` (state)", ""),
    ("-", "HPACK needs state: header names only", ""),
    ("-", "STARTTLS changes a mail or LDAP stream to TLS: state", ""),
    ("-", "type 22 with nonsense type (state)", ""),
    ("-", "later Initials use the first client DCID (state)", ""),
    ("-", "after NEWKEYS all is encrypted (state)", ""),
    ("-", "inside DATA every line looks like a command: state", ""),
    ("-", "The data connection is state", ""),
    ("-", "replies come from a new port: state", ""),
    ("-", "media port announces RTP (state)", ""),
    ("-", "version 5 properties exist only when CONNECT was seen (state)", ""),
    ("-", "result rows are state", ""),
    ("-", "register number of a response comes from its request (state)", ""),
    ("-", "application data split over several transport segments (fir, fin) is joined by tshark: "
     "state", ""),
    ("-", "connected data needs the Forward Open (state)", ""),
)


def groups(text, section, row):
    """Yields a Name for every name that has a type before it in text."""
    for found in GROUP.finditer(text):
        marks = ("secret",) if found["secret"] else ()
        for name in re.findall(r"`([^`]+)`", found["names"]):
            yield Name(name, found["type"], marks, section, row)


def rows(text):
    """Yields (section, row title, cells) of the tables that define names."""
    section = "0"
    for line in text.splitlines():
        heading = re.match(r"#+ (\d+(?:\.\d+)?)", line)
        section = heading[1] if heading else section
        if not line.startswith("| ") or section[0] not in "2347":
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] not in HEADINGS and set(cells[0]) != {"-"}:
            yield section, cells[0].split(";")[0], cells


def sentence(text, start):
    """The rule of a numbered list that starts with the given words, joined to one line."""
    at = text.find(start)
    return re.split(r"\n(?:\d+\. |\n)", text[at:])[0].replace("\n", " ") if at >= 0 else ""


def typed_names(text):
    """Every typed mention, in document order."""
    found = list(groups(sentence(text, "8. A payload claimed by nobody"), "1.1", RULE_8))
    for section, row, cells in rows(text):
        if section[0] == "7":
            found += groups(cells[4], section, row)
        else:
            found += groups(cells[1], section, row)
            found += groups(cells[3], section, row)
    identifiers = re.search(r"Identifiers of 64 bits are text.*?decimal text",
                            sentence(text, "3. Numbers:"))
    if identifiers:
        found += [name._replace(marks=("text",))
                  for name in groups(identifiers[0], "8", RULE_3)]
    return found


def merge(found):
    """One Name per name: rows and marks joined, the first section kept. Returns (names, errors)."""
    merged, errors = {}, []
    for name in found:
        old = merged.setdefault(name.name, name)
        if old.type != name.type:
            errors.append(f"{name.name} is {old.type} in one row and {name.type} in another")
        marks = old.marks + tuple(mark for mark in name.marks if mark not in old.marks)
        titles = old.row.split(" + ")
        if name.row not in titles and name.row != RULE_3:
            titles.append(name.row)
        merged[name.name] = old._replace(marks=marks, row=" + ".join(titles))
    return merged, errors


def apply_readings(text, merged, readings=READINGS):
    """Adds the marks that prose gives, drops what is not compared. Returns the errors."""
    errors = []
    flat = re.sub(r"\s+", " ", text)
    for mark, words, patterns in readings:
        if words not in flat:
            errors.append(f"protocols.md no longer says: {words}")
        for pattern in patterns.split():
            hits = fnmatch.filter(merged, pattern)
            if not hits:
                errors.append(f"the reading '{words}' names {pattern}, which no row has")
            for hit in hits:
                if mark == "drop":
                    del merged[hit]
                else:
                    merged[hit] = merged[hit]._replace(marks=(mark,) + merged[hit].marks)
    return errors


def unread_state(text, readings=READINGS):
    """Mentions of state in the traps columns that no reading covers."""
    unread = []
    for section, row, cells in rows(text):
        if section[0] == "7":
            continue
        rest = cells[3]
        for _, words, _ in readings:
            rest = rest.replace(words, "")
        if re.search(r"\bstate\b", re.sub(r"`[^`]*`", "", rest)):
            unread.append(f"row '{row}' speaks of state in words no reading covers")
    return unread


def tshark_fields():
    """name -> type of its first registration, in the words of protocols.md."""
    out = subprocess.run(["tshark", "-G", "fields"], capture_output=True, check=True).stdout
    known = {}
    for line in out.decode("utf-8", "replace").splitlines():
        cells = line.split("\t")
        if cells[0] == "F":
            known.setdefault(cells[2], type_word(cells[3], cells[5]))
        elif cells[0] == "P":
            known.setdefault(cells[2], "proto")
    return known


def type_word(ft, base):
    """FT_UINT16, BASE_HEX -> u16x."""
    integer = re.fullmatch(r"FT_(U?)INT(\d+)", ft)
    if integer:
        return ("u" if integer[1] else "i") + integer[2] + ("x" if "HEX" in base else "")
    words = {"FT_BOOLEAN": "bool", "FT_FLOAT": "f32", "FT_DOUBLE": "f64", "FT_IPv4": "ipv4",
             "FT_IPv6": "ipv6", "FT_ETHER": "mac", "FT_OID": "oid", "FT_GUID": "guid",
             "FT_ABSOLUTE_TIME": "abs", "FT_RELATIVE_TIME": "rel", "FT_NONE": "none",
             "FT_PROTOCOL": "proto", "FT_BYTES": "bytes", "FT_UINT_BYTES": "bytes"}
    return words.get(ft, "str" if ft.startswith(("FT_STRING", "FT_UINT_STRING")) else ft)


def check_against_tshark(merged, text, known):
    """Returns (errors, remarks): unknown names; other types, and names mentioned without a type."""
    errors = [f"tshark does not know {name}" for name in merged if name not in known]
    remarks = [f"{name.name}: protocols.md says {name.type}, tshark registers {known[name.name]} "
               "first" for name in merged.values()
               if name.name in known and known[name.name] != name.type]
    dropped = {name for mark, _, names in READINGS if mark == "drop" for name in names.split()}
    for _, row, cells in rows(text):
        for mention in re.findall(r"`([^`]+)`", cells[1] + cells[3]):
            if (LIKE_A_NAME.fullmatch(mention) and mention in known
                    and mention not in merged and mention not in dropped):
                remarks.append(f"{mention}: mentioned without a type in row '{row}', left out")
    return errors, remarks


def section_key(name):
    return [int(part) for part in name.section.split(".")]


def write(names, out):
    out.write("# names.txt -- the compared field names, made by make_names.py from protocols.md.\n"
              "# SPDX-License-Identifier: Apache-2.0\n"
              "# name, type, marks (state, payload, secret, text; - for none), section, row\n")
    for name in sorted(names, key=section_key):
        out.write("\t".join((name.name, name.type, ",".join(name.marks) or "-", name.section,
                             name.row)) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("protocols", help="path of protocols.md")
    parser.add_argument("-o", "--output", help="file to write (default: standard output)")
    args = parser.parse_args()
    with open(args.protocols, encoding="utf-8") as file:
        text = file.read()
    merged, errors = merge(typed_names(text))
    errors += apply_readings(text, merged) + unread_state(text)
    unknown, remarks = check_against_tshark(merged, text, tshark_fields())
    errors += unknown
    for line in remarks:
        print(f"make_names: note: {line}", file=sys.stderr)
    for line in errors:
        print(f"make_names: {line}", file=sys.stderr)
    if errors:
        print("make_names: nothing was written; read the rows above again.", file=sys.stderr)
        return 1
    if args.output:
        with open(args.output, "w", encoding="utf-8") as file:
            write(merged.values(), file)
    else:
        write(merged.values(), sys.stdout)
    marks = [mark for name in merged.values() for mark in name.marks]
    print(f"make_names: {len(merged)} names, all known to tshark; "
          + ", ".join(f"{marks.count(mark)} {mark}" for mark in sorted(set(marks))),
          file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
