#!/usr/bin/python3
# websocket.py -- a talk over WebSocket by the library of Debian, compressed or not.
# SPDX-License-Identifier: Apache-2.0
"""usage: websocket.py serve ADDRESS PORT | websocket.py talk URL [compressed]"""

import asyncio
import sys

import websockets


async def answer(socket: websockets.WebSocketServerProtocol) -> None:
    async for message in socket:
        await socket.send(message)


async def serve(address: str, port: int) -> None:
    async with websockets.serve(answer, address, port, ping_interval=None, subprotocols=["chat"]):
        await asyncio.Future()


async def talk(url: str, compression: str | None) -> None:
    async with websockets.connect(url, compression=compression, subprotocols=["chat"]) as socket:
        for message in ("hello", "Grüße aus dem Kaninchenbau", b"\1\2\3", "a line of text " * 30, bytes(300), "x" * 700):
            await socket.send(message)
            await socket.recv()
        await (await socket.ping(b"are you there"))
        await socket.ping()
        await socket.send(["a message ", "in three ", "parts"])
        await socket.recv()
        await socket.close(1000, "good bye")


if sys.argv[1] == "serve":
    asyncio.run(serve(sys.argv[2], int(sys.argv[3])))
else:
    asyncio.run(talk(sys.argv[2], "deflate" if sys.argv[3:] else None))
