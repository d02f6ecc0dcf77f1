#!/usr/bin/env python3
# update.py -- writes expected documents, messages and the JSON Schema anew, and says what changed.
# SPDX-License-Identifier: Apache-2.0
# Usage: update.py [CAPTURE...]   e.g. dns.pcap bad/lies.pcap; without any: all
import subprocess
import sys

import golden


def update_case(name, capture, options, messages):
    documents, messages[name] = golden.capture_output(capture, options)
    before = golden.read_expected(name)
    if golden.write_expected(name, documents):
        new = [f"{name}: new"]
        print("\n".join(new if before is None else golden.differences(name, before, documents)))


def drop_leftovers(names):
    for path in golden.HERE.glob("*.ndjson*"):
        if path.name.split(".ndjson")[0] not in names:
            print(f"{path.name}: gone")
            path.unlink()


def update_schema():
    text = subprocess.run([golden.program("espcap"), "fields", "--json-schema"],
                          capture_output=True, check=True, text=True).stdout
    path = golden.ROOT / "deploy" / "schema" / "espcap-document.schema.json"
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
        print(f"{path.relative_to(golden.ROOT)}: changed")


def main(wanted):
    unknown = set(wanted) - set(golden.captures())
    if unknown:
        sys.exit(f"update: there is no capture {', '.join(sorted(unknown))} in test_pcaps")
    messages = golden.read_messages() if wanted else {}
    for name, capture, options in golden.cases():
        if not wanted or capture in wanted:
            update_case(name, capture, options, messages)
    golden.write_messages(messages)
    if not wanted:
        drop_leftovers({name for name, _, _ in golden.cases()})
    update_schema()


if __name__ == "__main__":
    main(sys.argv[1:])
