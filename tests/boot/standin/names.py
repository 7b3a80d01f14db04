#!/usr/bin/env python3
"""A name server: every name is 127.0.0.1, or the address that is in a file.

    names.py --up-after SECONDS --file FILE --port PORT

Until then nothing listens on port 53, so a machine hears at once that it cannot
ask. It answers A queries; to any other it says that there is no such record.
"""
import argparse
import socket
import struct
import threading
import time


def answer(query, number):
    """The reply to a query: its header turned round, its question, one address."""
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    kind = struct.unpack("!H", question[-4:-2])[0]
    address = b""
    if kind == 1:
        address = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + number
    header = query[:2] + struct.pack("!HHHHH", 0x8580, 1, 1 if address else 0, 0, 0)
    return header + question + address


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--up-after", type=float, default=0.0, metavar="SECONDS")
    options.add_argument("--file", metavar="FILE")
    options.add_argument("--port", type=int, default=53)
    options = options.parse_args()
    time.sleep(options.up_after)
    threading.Thread(target=by_tcp, args=[options], daemon=True).start()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", options.port))
    while True:
        query, client = server.recvfrom(512)
        server.sendto(answer(query, address(options)), client)


def by_tcp(options):
    """The same for those who ask by TCP, where the length comes first."""
    server = socket.create_server(("127.0.0.1", options.port))
    while True:
        client = server.accept()[0]
        with client, client.makefile("rwb") as stream:
            length = stream.read(2)
            while len(length) == 2:
                reply = answer(stream.read(int.from_bytes(length, "big")), address(options))
                stream.write(len(reply).to_bytes(2, "big") + reply)
                stream.flush()
                length = stream.read(2)


def address(options):
    """What every name points to, as four bytes."""
    if not options.file:
        return bytes([127, 0, 0, 1])
    with open(options.file, encoding="ascii") as file:
        return socket.inet_aton(file.read().strip())


if __name__ == "__main__":
    main()
