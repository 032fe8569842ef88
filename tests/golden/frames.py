#!/usr/bin/env python3
"""frames.py LISTEN_PORT BROKER_PORT DIRECTORY: passes connections on to a broker and keeps the frames.

The broker must advertise LISTEN_PORT. For each API and version, the exchange with the longest response is written,
without the four bytes of length, as DIRECTORY/API-vVERSION-request.bin and -response.bin. Runs until it is terminated.
"""

import contextlib
import pathlib
import queue
import socket
import struct
import sys
import threading

APIS = {
    0: "produce", 1: "fetch", 2: "list-offsets", 3: "metadata", 8: "offset-commit", 9: "offset-fetch",
    10: "find-coordinator", 11: "join-group", 12: "heartbeat", 13: "leave-group", 14: "sync-group",
    18: "api-versions", 19: "create-topics", 22: "init-producer-id", 32: "describe-configs",
}


def frame(stream):
    length = stream.read(4)
    if len(length) < 4:
        return None
    return stream.read(struct.unpack(">i", length)[0])


def serve(client, broker_port, directory):
    """One connection: a broker answers in the order of the requests, so each answer belongs to the oldest question."""
    broker = socket.create_connection(("127.0.0.1", broker_port))
    asked = queue.SimpleQueue()

    def answers():
        stream = broker.makefile("rb")
        while (response := frame(stream)) is not None:
            keep(directory, asked.get(), response)
            with contextlib.suppress(BrokenPipeError):  # the client may have left without waiting
                client.sendall(struct.pack(">i", len(response)) + response)
        client.close()

    threading.Thread(target=answers, daemon=True).start()
    stream = client.makefile("rb")
    while (request := frame(stream)) is not None:
        asked.put(request)
        broker.sendall(struct.pack(">i", len(request)) + request)
    broker.shutdown(socket.SHUT_WR)


def keep(directory, request, response):
    key, version = struct.unpack_from(">hh", request)
    name = f"{APIS.get(key, key)}-v{version}"
    kept = directory / f"{name}-response.bin"
    if not kept.exists() or kept.stat().st_size < len(response):
        (directory / f"{name}-request.bin").write_bytes(request)
        kept.write_bytes(response)


def main():
    listen_port, broker_port = map(int, sys.argv[1:3])
    directory = pathlib.Path(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", listen_port))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, broker_port, directory), daemon=True).start()


main()
