#!/usr/bin/env python3
"""Read and write capture files; run as a program, convert one:  capfile.py IN OUT

read(path) yields packets from pcap (all four magics) and pcapng (both byte orders, any
if_tsresol); write(path, packets) writes nanoseconds, as pcapng if the name ends so, else as
pcap.  A file that ends inside a record gives the packets before it and a warning on stderr.
"""
import struct
import sys
from collections import namedtuple

# time: ns since 1970; data: bytes as captured; length: bytes on the wire; link: LINKTYPE_...
Packet = namedtuple("Packet", "time data length link")
ETHERNET = 1


class BadCapture(Exception):
    pass


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    magic = data[:4]
    for order in "<", ">":
        for number, tick in (0xA1B2C3D4, 1000), (0xA1B23C4D, 1):
            if magic == struct.pack(order + "I", number):
                return read_pcap(path, data, order, tick)
    if magic == b"\x0a\x0d\x0d\x0a":
        return read_pcapng(path, data)
    raise BadCapture(f"{path}: neither pcap nor pcapng")


def cut(path, at):
    print(f"{path}: ends inside the record at byte {at}", file=sys.stderr)


def read_pcap(path, data, order, tick):
    if len(data) < 24:
        raise BadCapture(f"{path}: no whole file header")
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    record = struct.Struct(order + "IIII")
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            return cut(path, at)
        sec, frac, caplen, length = record.unpack_from(data, at)
        if at + 16 + caplen > len(data):
            return cut(path, at)
        yield Packet(sec * 10**9 + frac * tick, data[at + 16:at + 16 + caplen], length, link)
        at += 16 + caplen


def read_pcapng(path, data):
    order, links, ticks, at = "<", [], [], 0
    while at < len(data):
        kind = data[at:at + 4]
        if kind == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links, ticks = [], []
        if at + 12 > len(data):
            return cut(path, at)
        number, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            return cut(path, at)
        body = data[at + 8:at + size - 4]
        if number == 1:
            links.append(struct.unpack_from(order + "H", body)[0])
            ticks.append(resolution(order, body))
        elif number in (2, 6):
            yield enhanced(path, order, number, body, links, ticks)
        elif number == 3:
            length = struct.unpack_from(order + "I", body)[0]
            yield Packet(0, body[4:4 + length], length, links[0])
        at += size


def enhanced(path, order, number, body, links, ticks):
    """An enhanced packet block, or its obsolete forerunner with a 16 bit interface."""
    port, high, low, caplen, length = struct.unpack_from(order + "IIIII", body)
    if number == 2:
        port = struct.unpack_from(order + "H", body)[0]
    if port >= len(links) or 20 + caplen > len(body):
        raise BadCapture(f"{path}: a packet block with a wrong interface or length")
    time = (high << 32 | low) * 10**9 // ticks[port]
    return Packet(time, body[20:20 + caplen], length, links[port])


def resolution(order, body):
    """Ticks a second of an interface description block: its option if_tsresol (9)."""
    at = 8
    while at + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, at)
        if code == 9 and size == 1:
            value = body[at + 4]
            return 2 ** (value & 0x7F) if value & 0x80 else 10 ** value
        at += 4 + (size + 3 & ~3)
    return 10**6


def write(path, packets):
    packets = list(packets)
    link = packets[0].link if packets else ETHERNET
    if any(p.link != link for p in packets):
        raise BadCapture(f"{path}: packets of several link types")
    with open(path, "wb") as file:
        if path.endswith(".pcapng"):
            write_pcapng(file, packets, link)
        else:
            write_pcap(file, packets, link)


def write_pcap(file, packets, link):
    file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
    for p in packets:
        file.write(struct.pack("<IIII", *divmod(p.time, 10**9), len(p.data), p.length))
        file.write(p.data)


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def write_pcapng(file, packets, link):
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    nanoseconds = struct.pack("<HHB3xI", 9, 1, 9, 0)
    file.write(block(1, struct.pack("<HHI", link, 0, 262144) + nanoseconds))
    for p in packets:
        head = struct.pack("<IIIII", 0, p.time >> 32, p.time & 0xFFFFFFFF, len(p.data), p.length)
        file.write(block(6, head + p.data))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        write(sys.argv[2], read(sys.argv[1]))
    except (BadCapture, OSError) as error:
        sys.exit(f"capfile: {error}")
