# alone.py -- asks tshark what it says of a packet that stands alone in its capture.
# SPDX-License-Identifier: Apache-2.0
"""What tshark says of a packet within its capture and not of the same packet alone, it knows from the
packets before. espcap keeps nothing between packets, so such a cell is no defect; this proves which
cells are such, one question per differing packet.

Alone, a packet of a TLS stream on another protocol's port is not known as TLS. Where both programs
call it TLS within its capture, tshark is asked a second time and told so, and nothing else.
"""
import os
import struct
import subprocess
import tempfile

TIMEOUT_S = 60
HEADER, RECORD = 24, 16
ORDERS = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
          b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}


class Alone:
    """Answers for single packets, by way of a Tshark, whose cache keeps them."""

    def __init__(self, asker):
        self.asker = asker

    def answers(self, path, number, row):
        """Yields (row, aggregator) of one packet of a capture alone; row: what tshark says of it
        within its capture."""
        with tempfile.TemporaryDirectory(prefix="espcap-alone-") as folder:
            single = os.path.join(folder, "alone")
            if not extract(path, number, single):
                return
            for rules in [[], *told(row)]:
                answer = self.asker.ask(single, path, rules)
                if not answer.error and len(answer.rows) == 1:
                    yield answer.rows[0], answer.aggregator


def told(row):
    """The rules that say of a packet what both programs know: that it is TLS."""
    if ":tls" not in row.get("frame.protocols", "") or "tcp.srcport" not in row:
        return []
    return [[f"tcp.port=={row[name]},tls" for name in ("tcp.srcport", "tcp.dstport")]]


def extract(path, number, single):
    """Writes one packet of a capture into one of its own; false when it is not to be had. A pcap is
    cut by its own header, since tshark guesses at other formats of that name."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] in ORDERS:
        record = record_of(data, ORDERS[data[:4]], number)
        if record:
            with open(single, "wb") as file:
                file.write(data[:HEADER] + record)
        return bool(record)
    try:
        run = subprocess.run(["editcap", "-r", path, single, str(number)], capture_output=True,
                             stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0 and os.path.exists(single)


def record_of(data, order, number):
    """One record of a pcap, counted from 1, or None."""
    at = HEADER
    while at + RECORD <= len(data):
        end = at + RECORD + struct.unpack_from(order + "I", data, at + 8)[0]
        number -= 1
        if number == 0:
            return data[at:end]
        at = end
    return None
