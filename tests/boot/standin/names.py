#!/usr/bin/env python3
"""A name server: every name is 127.0.0.1.

    names.py --up-after SECONDS

Until then nothing listens on port 53, so a machine hears at once that it cannot
ask. It answers A queries over UDP; to any other it says that there is no such record.
"""
import argparse
import socket
import struct
import time


def answer(query):
    """The reply to a query: its header turned round, its question, one address."""
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    kind = struct.unpack("!H", question[-4:-2])[0]
    address = b""
    if kind == 1:
        address = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + bytes([127, 0, 0, 1])
    header = query[:2] + struct.pack("!HHHHH", 0x8580, 1, 1 if address else 0, 0, 0)
    return header + question + address


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--up-after", type=float, default=0.0, metavar="SECONDS")
    time.sleep(options.parse_args().up_after)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    while True:
        query, client = server.recvfrom(512)
        server.sendto(answer(query), client)


if __name__ == "__main__":
    main()
