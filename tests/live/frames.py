#!/usr/bin/env python3
"""frames.py send IF | receive IF: frames of many kinds, and what came of them, as lines of hex."""
import random
import socket
import struct
import sys
import time

MACS = bytes.fromhex("020000000002020000000001")
TYPE = b"\x88\xb5"  # for local experiments: nobody else sends it
END = MACS + TYPE + b"that is all" + bytes(40)
AUXDATA, VLAN_VALID, TPID_VALID = 8, 16, 64


def frames():
    """Of all lengths about the limits, with no tag, one, two, and of either kind."""
    rand = random.Random(7)
    customer, service = b"\x81\0\x60\x07", b"\x88\xa8\0\x07"
    for tags in b"", customer, customer + customer, service + customer:
        # Linux lets one tag of the first kind pass beyond the MTU.
        most = 1500 - len(tags) + (4 if tags[:4] == customer else 0)
        for length in 46, 47, 128, most - 1, most:
            yield MACS + tags + TYPE + rand.randbytes(length)
    for number in range(5000):
        yield MACS + TYPE + struct.pack("!I", number) + rand.randbytes(rand.randrange(42, 400))


def open_socket(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 25)
    s.setsockopt(263, AUXDATA, 1)
    s.bind((name, 0))
    return s


def whole(data, ancillary):
    """The kernel takes the outer tag out; put it back."""
    for level, kind, aux in ancillary:
        if level == 263 and kind == AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", aux[:20])
            if status & VLAN_VALID:
                tag = struct.pack("!HH", tpid if status & TPID_VALID else 0x8100, tci)
                return data[:12] + tag + data[12:]
    return data


def receive(s):
    """Until the last frame; what else passes is not ours."""
    print("ready", file=sys.stderr, flush=True)
    while True:
        data, ancillary, _, address = s.recvmsg(4096, 256)
        if address[2] == socket.PACKET_OUTGOING or data[:12] != MACS:
            continue
        if data == END:
            return
        print(whole(data, ancillary).hex())


def send(s):
    for n, frame in enumerate([*frames(), END]):
        s.send(frame)
        if n % 32 == 0:
            time.sleep(0.001)  # no test of speed
        if frame != END:
            print(frame.hex())


do, interface = sys.argv[1:]
{"send": send, "receive": receive}[do](open_socket(interface))
