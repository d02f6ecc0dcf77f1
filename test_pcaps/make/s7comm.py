#!/usr/bin/env python3
# s7comm.py -- a controller and a programming station that speak S7, both of python-snap7 3 (PyPI).
# SPDX-License-Identifier: Apache-2.0
# usage: s7comm.py serve | ask ADDRESS

import contextlib
import datetime
import sys
import time

from snap7.client import Client
from snap7.server import Server
from snap7.type import Area, Block, SrvArea


def serve() -> None:
    server = Server()
    server.register_area(SrvArea.DB, 1, bytearray(range(200)))
    server.register_area(SrvArea.MK, 0, bytearray(range(64)))
    server.register_area(SrvArea.PE, 0, bytearray(64))
    server.register_area(SrvArea.PA, 0, bytearray(64))
    server.start(tcp_port=102)
    while True:
        time.sleep(60)


def ask(address: str) -> None:
    client = Client()
    client.connect(address, 0, 1, 102)
    db1 = Area.DB
    steps = (
        lambda: client.db_read(1, 0, 10),
        lambda: client.db_read(1, 3, 5),
        lambda: client.db_write(1, 4, bytearray(b"espcap")),
        lambda: client.mb_read(2, 4),
        lambda: client.mb_write(2, 1, bytearray(b"\x07")),
        lambda: client.eb_read(0, 2),
        lambda: client.ab_write(0, bytearray(b"\x01\x02")),
        lambda: client.tm_read(0, 1),
        lambda: client.ct_read(0, 1),
        lambda: client.db_write_bool(1, 2, 3, True),
        lambda: client.db_read_bool(1, 2, 3),
        lambda: client.read_area(db1, 77, 0, 4),    # there is no such block
        client.list_blocks,
        lambda: client.list_blocks_of_type(Block.DB, 10),
        client.get_cpu_info,
        client.get_cp_info,
        client.get_protection,
        lambda: client.get_block_info(Block.DB, 1),
        client.get_plc_datetime,
        lambda: client.set_plc_datetime(datetime.datetime(2024, 5, 6, 7, 8, 9)),
        lambda: client.read_szl(0x0424),
        lambda: client.set_session_password("s3cr3t-c"),
        client.clear_session_password,
        lambda: client.upload(1),
        client.plc_stop,
        client.plc_hot_start,
        client.plc_cold_start,
        lambda: client.compress(1),
    )
    for step in steps:
        with contextlib.suppress(Exception):    # a refusal is traffic like any other
            step()
    client.disconnect()


if sys.argv[1] == "serve":
    serve()
else:
    ask(sys.argv[2])
