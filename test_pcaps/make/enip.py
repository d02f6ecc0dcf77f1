#!/usr/bin/env python3
# enip.py -- what pycomm3 (PyPI) asks a device of EtherNet/IP for.
# SPDX-License-Identifier: Apache-2.0
# usage: enip.py ADDRESS

import contextlib
import sys

from pycomm3 import CIPDriver, LogixDriver, Services

address = sys.argv[1]
with contextlib.suppress(Exception):
    CIPDriver.list_identity(address)
with contextlib.suppress(Exception):
    with CIPDriver(address) as driver:
        for connected in (False, True):
            driver.generic_message(service=Services.get_attribute_single, class_code=1, instance=1,
                                   attribute=7, connected=connected, unconnected_send=not connected)
            driver.generic_message(service=Services.get_attributes_all, class_code=1, instance=1,
                                   connected=connected)
with contextlib.suppress(Exception):
    with LogixDriver(address, init_tags=False, init_program_tags=False) as plc:
        plc.read("SCADA")
