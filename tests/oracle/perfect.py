#!/usr/bin/env python3
# perfect.py -- tshark's own fields as espcap documents: input of the self-tests that must agree.
# SPDX-License-Identifier: Apache-2.0
"""Takes espcap-capture's options --file, --payload and --verify-checksums and ignores the others.
It turns values into JSON by its own reading of protocols.md, not by the code of cells.py."""
import argparse
import datetime
import json
import sys
import tempfile

import names
import tshark


def number(text):
    return int(text, 0)


def date(text):
    """The ISO form by way of strptime, which knows no nanoseconds."""
    head, _, tail = text.partition(".")
    moment = datetime.datetime.strptime(head, "%b %d, %Y %H:%M:%S")
    return f"{moment:%Y}".zfill(4) + f"{moment:-%m-%dT%H:%M:%S}." + tail[:9] + "Z"


def value(name, text):
    """One value, or None when the document leaves it out."""
    if text in ("", "<MISSING>") or text == "NULL" and name.type == "abs":
        return None
    if name.type == "bool":
        return text == "1"
    if name.type in ("f32", "f64"):
        return float(text)
    if name.type == "abs":
        return date(text)
    if name.type == "bytes":
        return text.replace(":", "")
    if name.type in ("none", "proto"):
        return True
    if name.type[0] in "ui" and name.type[1].isdigit() and "text" not in name.marks:
        return number(text)
    return text


def layers(known, row, aggregator):
    result = {}
    for key, raw in row.items():
        if key not in known:
            continue
        values = [value(known[key], text) for text in raw.split(aggregator)]
        values = [one for one in values if one is not None]
        if values:
            result[key] = values[0] if len(values) == 1 else values
    return result


def timestamp(epoch):
    seconds, _, nanos = epoch.partition(".")
    moment = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + nanos + "Z"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", required=True)
    parser.add_argument("--payload", action="store_true")
    parser.add_argument("--verify-checksums", action="store_true")
    args, _ = parser.parse_known_args()
    known = {key: name for key, name in names.load_names().items()
             if args.payload or "payload" not in name.marks}
    with tempfile.TemporaryDirectory() as config_dir:
        asker = tshark.Tshark(list(known), config_dir, checksums=args.verify_checksums)
        answer = asker.ask(args.file)
    for row in answer.rows:
        document = {"@timestamp": timestamp(row["frame.time_epoch"]),
                    "layers": layers(known, row, answer.aggregator)}
        print(json.dumps(document))
    if answer.error:
        print(f"perfect: {answer.error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
