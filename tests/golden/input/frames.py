#!/usr/bin/env python3
"""Writes UDP packets to a capture: frames.py OUT MILLISECONDS:SRC:SPORT:DST:DPORT:BYTES..."""
import os
import pathlib
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(os.environ["NFL_SRC"]) / "tests/tool"))
import capfile


def frame(src, sport, dst, dport, size):
    payload = bytes(size)
    udp = struct.pack(">HHHH", sport, dport, 8 + size, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     socket.inet_aton(src), socket.inet_aton(dst))
    return bytes(12) + b"\x08\x00" + ip + udp


packets = []
for word in sys.argv[2:]:
    ms, src, sport, dst, dport, size = word.split(":")
    data = frame(src, int(sport), dst, int(dport), int(size))
    packets.append(capfile.Packet(int(ms) * 10**6, data, len(data), capfile.ETHERNET))
capfile.write(sys.argv[1], packets)
