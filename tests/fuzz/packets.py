"""Random packets, good ones and broken ones, of flows over a few addresses.

    packets.py new SEED N INSIDE OUTSIDE [START]
                                            N packets in two captures, from START ns on
    packets.py answer SEED CAPTURE OUTSIDE  answers to the IP packets of CAPTURE

What the sides of a chain get: VLAN stacks, IPv4 options, IPv6 extension headers, fragments,
ARP, TCP with any flags, UDP, ICMP; each truncated at each byte, each length field with each
wrong value once; random bytes changed, frames cut or padded; times that step, also back. The
same seed gives the same packets. Captures are pcap in nanoseconds.
"""
import random
import struct
import sys

INSIDE, OUTSIDE = 0, 1
START = 1_700_000_000 * 10**9
STEPS = (0, 1_000, 300_000, 1_000_000, 5_000_000, 100_000_000, 10**9, 12 * 10**9, 40 * 10**9,
         400 * 10**9, -1_000, -1_000_000, -2 * 10**9)
STEP_WEIGHTS = (10, 20, 30, 20, 20, 10, 4, .5, .2, .05, 1, 1, .5)

MACS = [bytes((2, 0, 0, 0, 0, i)) for i in range(1, 5)]
IPV4 = [bytes((10, 0, 0, i)) for i in range(1, 6)], [bytes((198, 51, 100, i)) for i in (1, 2, 3, 9)]
OWN = bytes((203, 0, 113, 7))       # of the NAT in the examples


def ip6(net, host):
    return bytes.fromhex("20010db8") + bytes((0, net)) + bytes(9) + bytes((host,))


IPV6 = [ip6(1, i) for i in range(1, 5)], [ip6(2, i) for i in range(1, 4)]
PORTS = (0, 53, 80, 443, 1024, 1025, 1026, 5000, 40000, 65535)
NUMBERS = 1000, 1001, 1002, 2**32 - 1, 0    # of TCP: few, so that they meet
FLAGS = (0x02, 0x12, 0x10, 0x18, 0x11, 0x01, 0x04, 0x14, 0x06, 0x03, 0x00, 0xff, 0xc2)
FLAG_WEIGHTS = (20, 10, 25, 10, 12, 3, 4, 4, 1, 1, 1, 1, 1)
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
HOP, ROUTE, FRAG, DST, NONE = 0, 43, 44, 60, 59
OTHERS = 2, 47, 50, 51, 132, 255


def ones_sum(data):
    """The Internet checksum, RFC 1071, as the field has it."""
    if len(data) & 1:
        data += b"\0"
    n = int.from_bytes(data, "big")
    total = n % 0xffff
    if total == 0 and n:
        total = 0xffff
    return 0xffff - total


# -- headers --------------------------------------------------------------------------------

def tcp(r, src, dst, flags=None):
    options = r.randbytes(4 * r.choice((0, 0, 0, 0, 1, 2, 3, 5, 10)))
    if flags is None:
        flags = r.choices(FLAGS, FLAG_WEIGHTS)[0]
    return struct.pack(">HHIIBBHHH", src, dst, r.choice(NUMBERS), r.choice(NUMBERS),
                       (20 + len(options)) << 2, flags, r.choice((0, 512, 65535)), 0,
                       0) + options


def udp(r, src, dst, size):
    return struct.pack(">HHHH", src, dst, 8 + size, 0)


def echo(r, kinds):
    return struct.pack(">BBHHH", r.choice(kinds), r.choice((0, 0, 0, 1)), 0, r.choice(PORTS),
                       r.choice(NUMBERS) & 0xffff)


SUM_AT = {TCP: 16, UDP: 6, ICMP: 2, ICMP6: 2}


def with_sum(r, proto, pseudo, l4):
    """Puts the checksum in; sometimes none or a wrong one."""
    at, luck = SUM_AT.get(proto), r.random()
    if at is None or luck < .03:
        return l4
    if proto == UDP and luck < .1:
        return l4
    if luck < .13:
        total = r.randrange(65536)
    else:
        total = ones_sum((b"" if proto == ICMP else pseudo) + l4)
    if proto == UDP and total == 0:
        total = 0xffff
    return l4[:at] + struct.pack(">H", total) + l4[at + 2:]


def transport(r, v6, ports=None, payload=None):
    """(protocol, header and payload without checksum)"""
    if payload is None:
        payload = r.randbytes(r.choice((0, 0, 1, 2, 5, 18, 64, 64, 301)))
    src, dst = ports or (r.choice(PORTS), r.choice(PORTS))
    kind = r.random()
    if kind < .5:
        return TCP, tcp(r, src, dst) + payload
    if kind < .75:
        return UDP, udp(r, src, dst, len(payload)) + payload
    if kind < .93:
        kinds = (128, 129, 128, 129, 1, 3, 133, 135, 136, 137) if v6 else (8, 0, 8, 0, 3, 11, 5)
        return (ICMP6 if v6 else ICMP), echo(r, kinds) + payload
    return r.choice(OTHERS + (NONE, ICMP, ICMP6)), payload


def ipv4(r, src, dst, proto, l4):
    options = r.randbytes(4 * r.choice((1, 2, 10))) if r.random() < .1 else b""
    frag = r.choice((0x2000, 0x2001, 0x00b9, 0x1fff, 0x8000)) if r.random() < .06 else \
        r.choice((0, 0x4000))
    l4 = with_sum(r, proto, src + dst + struct.pack(">HH", proto, len(l4)), l4)
    head = struct.pack(">BBHHHBB", 0x45 + len(options) // 4, r.choice((0, 0, 0xb8, 3)),
                       20 + len(options) + len(l4), r.randrange(65536), frag,
                       r.choice((0, 1, 64, 255)), proto)
    total = ones_sum(head + b"\0\0" + src + dst + options)
    if r.random() < .03:
        total ^= 1 << r.randrange(16)
    return head + struct.pack(">H", total) + src + dst + options + l4


def extension(r, kind, following):
    if kind == FRAG:
        offset = r.choice((0, 0, 1, 8, 0x1fff)) << 3 | r.choice((0, 1))
        return struct.pack(">BBHI", following, 0, offset, r.randrange(4))
    size = r.choice((0, 0, 0, 1, 3, 20))
    return bytes((following, size)) + r.randbytes(6 + 8 * size)


def ipv6(r, src, dst, proto, l4):
    l4 = with_sum(r, proto, src + dst + struct.pack(">II", len(l4), proto), l4)
    kinds = []
    if r.random() < .25:
        kinds = r.choices((HOP, ROUTE, FRAG, DST), k=r.choice((1, 1, 1, 2, 3, 4, 15)))
    following = proto
    for kind in reversed(kinds):
        l4 = extension(r, kind, following) + l4
        following = kind
    return struct.pack(">IHBB", 6 << 28 | r.randrange(2**28), len(l4), following,
                       r.choice((0, 1, 64, 255))) + src + dst + l4


def arp(r):
    return struct.pack(">HHBBH", 1, 0x0800, 6, 4, r.choice((1, 2))) + r.choice(MACS) + \
        r.choice(IPV4[0]) + bytes(6) + r.choice(IPV4[1])


def ethernet(r, kind, rest):
    tags, depth = b"", 0
    if r.random() < .15:
        depth = r.choice((1, 1, 1, 1, 2, 2, 3, 13, 16))
    for _ in range(depth):
        tags += struct.pack(">HH", r.choice((0x8100, 0x8100, 0x88a8)), r.randrange(65536))
    return r.choice(MACS) + r.choice(MACS) + tags + struct.pack(">H", kind) + rest


# -- whole packets --------------------------------------------------------------------------

def good(r):
    """(side, frame) as a program might have sent it."""
    side, luck = r.choice((INSIDE, INSIDE, OUTSIDE)), r.random()
    if luck < .03:
        return side, ethernet(r, 0x0806, arp(r))
    if luck < .05:
        return side, ethernet(r, r.choice((0x88cc, 0x88cc, 0x0600, 0x0600, 0x05dc, 0)),
                              r.randbytes(r.choice((46, 46, 260))))
    v6 = luck < .35
    addresses = IPV6 if v6 else IPV4
    src, dst = r.choice(addresses[side]), r.choice(addresses[1 - side])
    if side == OUTSIDE and not v6 and r.random() < .5:
        dst = OWN
    proto, l4 = transport(r, v6)
    if r.random() < .03:
        side = 1 - side
    if v6:
        return side, ethernet(r, 0x86dd, ipv6(r, src, dst, proto, l4))
    return side, ethernet(r, 0x0800, ipv4(r, src, dst, proto, l4))


def broken(r, frame):
    """The frame with something wrong somewhere."""
    luck = r.random()
    if luck < .3:
        return frame[:r.randrange(len(frame) + 1)]
    if luck < .5:
        return frame + r.randbytes(r.choice((1, 2, 6, 46)))
    frame = bytearray(frame)
    for _ in range(r.choice((1, 1, 1, 2, 8))):
        at = 12 + r.randrange(max(1, min(len(frame) - 12, 90)))
        if at < len(frame):
            frame[at] = r.choice((0, 1, 0xff, frame[at] ^ 1 << r.randrange(8), r.randrange(256)))
    return bytes(frame)


class Plain(random.Random):
    """No luck: each choice is the first, each random number the middle."""

    def random(self):
        return .999

    def choice(self, of):
        return of[0]


def samples():
    """One frame of each kind, untagged and tagged, with where its length fields are."""
    r = Plain(1)
    a4, b4, a6, b6 = IPV4[0][0], IPV4[1][0], IPV6[0][0], IPV6[1][0]
    options = b"\1" * 12
    kinds = ((TCP, tcp(r, 1026, 80, 2)[:12] + b"\x80\x02" + bytes(6) + options + b"get", (12, 1)),
             (UDP, udp(r, 1026, 53, 4) + b"name", (4, 2)),
             (ICMP, echo(r, (8,)) + b"ping", None), (ICMP6, echo(r, (128,)) + b"ping", None))
    for proto, l4, length in kinds:
        if proto != ICMP6:
            yield ethernet(r, 0x0800, ipv4(r, a4, b4, proto, l4)), 14, 34, length
        if proto != ICMP:
            yield ethernet(r, 0x86dd, ipv6(r, a6, b6, proto, l4)), 14, 54, length
            more = extension(r, DST, proto) + l4
            yield ethernet(r, 0x86dd, ipv6(r, a6, b6, DST, more)), 14, 54, (1, 1)
    yield ethernet(r, 0x0806, arp(r)), 14, 14, (4, 1)
    # A header of up to 267 bytes, which tests/chain/mpls.nfl declares: the limit is 256 in all.
    yield ethernet(r, 0x0600, bytes(270)), 14, 14, (1, 1)
    yield ethernet(r, 0x8100, b"\0\1\x08\0" + ipv4(r, a4, b4, *kinds[1][:2])), 18, 38, (4, 2)


def wrong_lengths(frame, at, size):
    """The frame with each interesting value in a field of so many bytes."""
    values = range(256)
    if size == 2:
        right = frame[at] << 8 | frame[at + 1]
        values = {*range(0, 96), *range(right - 4, right + 5), 0xff, 0x100, 0x7fff, 0x8000,
                  0xffd7, 0xffd8, 0xfffe, 0xffff}
    for v in sorted(values):
        if 0 <= v < 256**size:
            yield frame[:at] + v.to_bytes(size, "big") + frame[at + size:]


def systematic():
    """Each sample truncated at each byte, and each length field with each wrong value."""
    for frame, l3, l4, length in samples():
        for n in range(len(frame)):
            yield frame[:n]
        for n in 1, 2, 7, 60, 1500:
            yield frame + bytes(n)
        if frame[l3] >> 4 == 4:
            yield from wrong_lengths(frame, l3, 1)
            yield from wrong_lengths(frame, l3 + 2, 2)
        elif frame[l3] >> 4 == 6:
            yield from wrong_lengths(frame, l3, 1)
            yield from wrong_lengths(frame, l3 + 4, 2)
        if length:
            yield from wrong_lengths(frame, l4 + length[0], length[1])


# -- captures -------------------------------------------------------------------------------

class Capture:
    def __init__(self):
        self.parts = [struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)]

    def add(self, time, frame, more=0):
        self.parts.append(struct.pack("<IIII", time // 10**9, time % 10**9, len(frame),
                                      len(frame) + more) + frame)

    def write(self, path):
        with open(path, "wb") as f:
            f.write(b"".join(self.parts))


def read(path):
    """(time, frame) of a capture that this file or nflc wrote."""
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at + 16 <= len(data):
        sec, frac, size, _ = struct.unpack_from("<IIII", data, at)
        yield sec * 10**9 + frac, data[at + 16:at + 16 + size]
        at += 16 + size


def new(seed, n, paths, start=START):
    r = random.Random(f"packets {seed}")
    todo = list(systematic())
    r.shuffle(todo)
    captures, time = (Capture(), Capture()), start
    for i in range(n):
        side, frame = good(r)
        if i % 4 == 0 and todo:
            frame = todo.pop()
        elif r.random() < .15:
            frame = broken(r, frame)
        captures[side].add(time, frame, r.choice((100, 0)) if r.random() < .01 else 0)
        time = max(start, time + r.choices(STEPS, STEP_WEIGHTS)[0])
    for capture, path in zip(captures, paths):
        capture.write(path)


def reverse(r, frame):
    """An answer to the frame, or None."""
    at = 12
    while frame[at:at + 2] in (b"\x81\0", b"\x88\xa8"):
        at += 4
    kind, l3 = frame[at:at + 2], frame[at + 2:]
    if kind == b"\x08\0" and len(l3) >= 28 and l3[0] & 15 >= 5:
        v6, src, dst, proto, l4 = False, l3[12:16], l3[16:20], l3[9], l3[(l3[0] & 15) * 4:]
    elif kind == b"\x86\xdd" and len(l3) >= 48 and l3[6] in SUM_AT:
        v6, src, dst, proto, l4 = True, l3[8:24], l3[24:40], l3[6], l3[40:]
    else:
        return None
    if len(l4) < 8 or proto not in SUM_AT:
        return None
    payload = r.randbytes(r.choice((0, 1, 64)))
    ports = struct.unpack(">HH", l4[:4])
    if proto == TCP:
        answer = tcp(r, ports[1], ports[0]) + payload
    elif proto == UDP:
        answer = udp(r, ports[1], ports[0], len(payload)) + payload
    else:
        swap = {8: 0, 0: 8, 128: 129, 129: 128}
        answer = bytes((swap.get(l4[0], l4[0]), 0, 0, 0)) + l4[4:8] + payload
    if v6:
        return ethernet(r, 0x86dd, ipv6(r, dst, src, proto, answer))
    return ethernet(r, 0x0800, ipv4(r, dst, src, proto, answer))


def answer(seed, path, to):
    r, capture = random.Random(f"answers {seed}"), Capture()
    for time, frame in read(path):
        back = reverse(r, frame) if r.random() < .8 else None
        if back is None:
            side, back = good(r)
            if side == INSIDE:
                continue
        elif r.random() < .1:
            back = broken(r, back)
        capture.add(time + r.choice((0, 1000, 2_000_000)), back)
    capture.write(to)


def main(args):
    if len(args) in (5, 6) and args[0] == "new":
        new(args[1], int(args[2]), args[3:5], *map(int, args[5:]))
    elif len(args) == 4 and args[0] == "answer":
        answer(args[1], *args[2:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
