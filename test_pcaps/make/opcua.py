#!/usr/bin/env python3
# opcua.py -- a server and a client of OPC UA, both of asyncua (PyPI).
# SPDX-License-Identifier: Apache-2.0
# usage: opcua.py serve ADDRESS | ask ADDRESS

import asyncio
import contextlib
import logging
import sys

from asyncua import Client, Server, ua

logging.disable(logging.CRITICAL)
address = sys.argv[2]
URL = f"opc.tcp://{address}:4840/espcap/"


class Users:
    def get_user(self, iserver, username=None, password=None, certificate=None):
        from asyncua.server.user_managers import User, UserRole
        return User(role=UserRole.User) if username in (None, "alice") else None


async def serve() -> None:
    server = Server(user_manager=Users())
    await server.init()
    server.set_endpoint(URL)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    space = await server.register_namespace("http://espcap.example")
    device = await server.nodes.objects.add_object(space, "Pump")
    speed = await device.add_variable(space, "Speed", 21.5)
    await speed.set_writable()
    async with server:
        while True:
            await asyncio.sleep(60)


class Handler:
    def datachange_notification(self, node, value, data):
        pass


async def ask() -> None:
    client = Client(URL)
    client.set_user("alice")
    client.set_password("s3cr3t-canary")
    async with client:
        pump = await client.nodes.objects.get_child("2:Pump")
        speed = await pump.get_child("2:Speed")
        await speed.read_value()
        await speed.write_value(3.5)
        await pump.get_children()
        with contextlib.suppress(Exception):
            await client.get_node("ns=2;i=9999").read_value()
        subscription = await client.create_subscription(100, Handler())
        await subscription.subscribe_data_change(speed)
        await speed.write_value(4.5)
        await asyncio.sleep(0.5)
        await subscription.delete()
        with contextlib.suppress(Exception):
            await pump.call_method("2:None")
    servers = Client(URL)
    with contextlib.suppress(Exception):
        await servers.connect_and_get_server_endpoints()
    with contextlib.suppress(Exception):
        await servers.connect_and_find_servers()
    wrong = Client(URL)
    wrong.set_user("bob")
    wrong.set_password("s3cr3t-canary")
    with contextlib.suppress(Exception):
        await wrong.connect()


asyncio.run(serve() if sys.argv[1] == "serve" else ask())
