#!/usr/bin/python3
# modbus.py -- a device and a master of Modbus/TCP, both of pymodbus (Debian's python3-pymodbus).
# SPDX-License-Identifier: Apache-2.0
# usage: modbus.py serve | ask ADDRESS

import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.diag_message import (ChangeAsciiInputDelimiterRequest, ClearCountersRequest,
                                   ReturnBusMessageCountRequest, ReturnDiagnosticRegisterRequest,
                                   ReturnQueryDataRequest)
from pymodbus.file_message import ReadFifoQueueRequest
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import (GetCommEventCounterRequest, GetCommEventLogRequest,
                                    ReadExceptionStatusRequest, ReportSlaveIdRequest)
from pymodbus.server import StartTcpServer


def serve() -> None:
    bits = ModbusSequentialDataBlock(0, [True, False, True, True] * 32)
    words = ModbusSequentialDataBlock(0, list(range(1000, 1100)))
    device = ModbusSlaveContext(di=bits, co=bits, hr=words, ir=words)
    identity = ModbusDeviceIdentification()
    identity.VendorName = "espcap"
    identity.ProductCode = "T1"
    identity.MajorMinorRevision = "2.1"
    StartTcpServer(context=ModbusServerContext(slaves=device, single=True), identity=identity,
                   address=("0.0.0.0", 502))


def ask(address: str) -> None:
    client = ModbusTcpClient(address)
    client.connect()
    unit = 17
    client.read_coils(3, 10, slave=unit)
    client.read_discrete_inputs(0, 16, slave=unit)
    client.read_holding_registers(4, 3, slave=unit)
    client.read_input_registers(90, 2, slave=unit)
    client.write_coil(5, True, slave=unit)
    client.write_register(6, 0xBEEF, slave=unit)
    client.write_coils(0, [True] * 5 + [False] * 5, slave=unit)
    client.write_registers(10, [1, 2, 3], slave=unit)
    client.readwrite_registers(read_address=1, read_count=2, write_address=20,
                               write_registers=[7, 8], unit=unit)
    client.read_holding_registers(5000, 1, slave=unit)    # no such address
    for request in (ReadExceptionStatusRequest(), GetCommEventCounterRequest(),
                    GetCommEventLogRequest(), ReportSlaveIdRequest(),
                    ReturnQueryDataRequest(0x1234), ReturnDiagnosticRegisterRequest(),
                    ChangeAsciiInputDelimiterRequest(0x0A00), ReturnBusMessageCountRequest(),
                    ClearCountersRequest(), ReadFifoQueueRequest(4),
                    ReadDeviceInformationRequest(1), ReadDeviceInformationRequest(3)):
        request.unit_id = unit
        client.execute(request)
    client.close()


if sys.argv[1] == "serve":
    serve()
else:
    ask(sys.argv[2])
