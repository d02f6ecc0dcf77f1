#!/usr/bin/python3
# bounds.py -- packets of other captures with one or two fields at their bounds, one file for each link type.
# SPDX-License-Identifier: Apache-2.0
"""usage: bounds.py LINK-TYPE FILE"""

import os
import sys

import linkfile

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bounds.txt")


def frames(link: int) -> list[bytes]:
    with open(TABLE, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return [bytes.fromhex(data) for kind, _, data in rows if int(kind) == link]


if __name__ == "__main__":
    linkfile.write(sys.argv[2], int(sys.argv[1]), frames(int(sys.argv[1])))
