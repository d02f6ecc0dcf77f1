#!/usr/bin/env python3
# iec104.py -- a controlled and a controlling station of IEC 60870-5-104, both of c104 (PyPI).
# SPDX-License-Identifier: Apache-2.0
# usage: iec104.py serve | ask ADDRESS

import contextlib
import sys
import time

import c104

STATION = 47
MEASURED = ("M_SP_NA_1", "M_SP_TB_1", "M_DP_NA_1", "M_DP_TB_1", "M_ST_NA_1", "M_ST_TB_1",
            "M_BO_NA_1", "M_BO_TB_1", "M_ME_NA_1", "M_ME_TD_1", "M_ME_NB_1", "M_ME_TE_1",
            "M_ME_NC_1", "M_ME_TF_1", "M_IT_NA_1", "M_IT_TB_1")
COMMANDS = ("C_SC_NA_1", "C_SC_TA_1", "C_DC_NA_1", "C_DC_TA_1", "C_RC_NA_1", "C_RC_TA_1",
            "C_SE_NA_1", "C_SE_TA_1", "C_SE_NB_1", "C_SE_TB_1", "C_SE_NC_1", "C_SE_TC_1",
            "C_BO_NA_1", "C_BO_TA_1")


def add(station, names: tuple, first: int) -> list:
    points = [station.add_point(io_address=first + i, type=getattr(c104.Type, name))
              for i, name in enumerate(names)]
    return [point for point in points if point is not None]


def serve() -> None:
    server = c104.Server(ip="0.0.0.0", port=2404)
    station = server.add_station(common_address=STATION)
    points = add(station, MEASURED, 101)
    add(station, COMMANDS, 301)
    server.start()
    while True:
        time.sleep(0.5)
        for point in points:
            with contextlib.suppress(Exception):
                point.transmit(cause=c104.Cot.SPONTANEOUS)
        points = []    # once


def ask(address: str) -> None:
    client = c104.Client()
    connection = client.add_connection(ip=address, port=2404, init=c104.Init.ALL)
    station = connection.add_station(common_address=STATION)
    add(station, MEASURED, 101)
    commands = add(station, COMMANDS, 301)
    client.start()
    for _ in range(100):
        if connection.is_connected:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    for point in commands:
        with contextlib.suppress(Exception):
            point.transmit(cause=c104.Cot.ACTIVATION)
    for action in (lambda: connection.interrogation(common_address=STATION),
                   lambda: connection.counter_interrogation(common_address=STATION),
                   lambda: connection.clock_sync(common_address=STATION),
                   lambda: connection.test(common_address=STATION),
                   lambda: connection.interrogation(common_address=99)):
        with contextlib.suppress(Exception):
            action()
    client.stop()


if sys.argv[1] == "serve":
    serve()
else:
    ask(sys.argv[2])
