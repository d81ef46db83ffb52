"""Packets of which lengths are wrong, each in its own way, with good ones between them.

    lengths.py all SEED LEFT RIGHT          all the systematic ones and about half as many random
    lengths.py random SEED N LEFT RIGHT     N random ones

The systematic ones are the same for each seed, but their order: of each kind of packet each length
field with each value that may matter, pairs of fields, and the packet cut at each byte. The random
ones are stacks of headers, also deeper than is parsed, with some fields wrong at once. What is not
a length is good, so that all else of a packet is looked at. The same arguments give the same
packets. Prints how many are wrong.
"""
import itertools
import random
import struct
import sys

import packets
from packets import DST, FRAG, HOP, ICMP, ICMP6, IPV4, IPV6, ROUTE, SUM_AT, TCP, UDP

AH, GRE = 51, 47
FRAME_MAX = 65535


class Field:
    """A length in a frame: a word, a byte, or some bits of a byte."""

    def __init__(self, at, size=1, low=0, bits=None):
        self.at, self.size, self.low = at, size, low
        self.bits = bits or 8 * size

    def moved(self, by):
        return Field(self.at + by, self.size, self.low, self.bits)

    def word(self, frame):
        return int.from_bytes(frame[self.at:self.at + self.size], "big")

    def get(self, frame):
        return self.word(frame) >> self.low & (1 << self.bits) - 1

    def put(self, frame, value):
        mask = (1 << self.bits) - 1 << self.low
        word = self.word(frame) & ~mask | value << self.low & mask
        frame[self.at:self.at + self.size] = word.to_bytes(self.size, "big")

    def wrong(self, frame, values):
        right = self.get(frame)
        return sorted(v for v in values if 0 <= v < 1 << self.bits and v != right)

    def edges(self, frame):
        """Wrong values where something may change."""
        right, rest = self.get(frame), len(frame) - self.at
        at = 0, right - 4, right, right + 4, rest, rest + self.at, (1 << self.bits) - 1
        return self.wrong(frame, {v + d for v in at for d in (-1, 0, 1)})

    def values(self, frame):
        """All wrong ones of a byte, of a word those near what may matter."""
        if self.bits <= 8:
            return self.wrong(frame, range(1 << self.bits))
        near = {v + d for v in self.edges(frame) for d in (-4, -3, -2, 2, 3, 4)}
        powers = {(1 << k) + d for k in range(17) for d in (-1, 0, 1)}
        return self.wrong(frame, {*range(72), *range(0xffd4, 0xffdc), *powers, *near})


class Packet:
    """Built from the inside out; `starts` are those of its headers."""

    def __init__(self, payload):
        self.data, self.fields, self.starts = payload, [], []

    def under(self, header, *fields):
        n = len(header)
        self.data = header + self.data
        self.fields = [*fields, *(f.moved(n) for f in self.fields)]
        self.starts = [0, *(s + n for s in self.starts)]
        return self


# -- headers --------------------------------------------------------------------------------

def tcp(p, options, ports):
    words = (b"\x01\x03\x03\x07" + b"\x02\x04\x05\xb4" * 9)[:4 * options]
    head = struct.pack(">HHIIBBHHH", *ports, 1000, 0, 5 + options << 4, 2, 512, 0, 0)
    option = [Field(22)] if options else []
    return p.under(head + words, Field(12, low=4, bits=4), *option)


def transport(p, proto, addresses, options=0, ports=(1026, 80)):
    if proto == TCP:
        tcp(p, options, ports)
    elif proto == UDP:
        p.under(struct.pack(">HHHH", *ports, 8 + len(p.data), 0), Field(4, 2))
    elif proto in (ICMP, ICMP6):
        p.under(struct.pack(">BBHHH", 8 if proto == ICMP else 128, 0, 0, ports[0], 1))
    elif proto == AH:
        p.under(struct.pack(">BBHIII", TCP, 4, 0, 1, 2, 3), Field(1))
    if proto in SUM_AT:
        at = SUM_AT[proto]
        pseudo = b"".join(addresses) + struct.pack(">II", len(p.data), proto)
        total = packets.ones_sum((b"" if proto == ICMP else pseudo) + p.data)
        p.data = p.data[:at] + struct.pack(">H", total) + p.data[at + 2:]
    return p


def ip4(p, proto, addresses, options=0, fragment=0):
    head = struct.pack(">BBHHHBB", 0x45 + options, 0, 20 + 4 * options + len(p.data), 7, fragment,
                       64, proto)
    rest = b"".join(addresses) + b"\x01" * 4 * options
    total = packets.ones_sum(head + b"\0\0" + rest)
    return p.under(head + struct.pack(">H", total) + rest, Field(0, bits=4), Field(2, 2))


def extension(p, kind, following, units=0, offset=0):
    if kind == FRAG:
        return p.under(struct.pack(">BBHI", following, 0, offset << 3 | 1, 9), Field(1))
    return p.under(bytes((following, units)) + b"\x01\x04" + bytes(4 + 8 * units), Field(1))


def ip6(p, proto, addresses, chain=()):
    """`chain` is of (kind, units), the outermost first."""
    for kind, units in reversed(chain):
        extension(p, kind, proto, units)
        proto = kind
    head = struct.pack(">IHBB", 6 << 28, len(p.data), proto, 64)
    return p.under(head + b"".join(addresses), Field(4, 2))


def ethernet(p, kind, tags=0):
    for _ in range(tags):
        p.under(struct.pack(">HH", 5, kind))
        kind = 0x8100
    macs = packets.MACS[0] + packets.MACS[1]
    if kind < 0x600:        # IEEE 802.3: a length
        return p.under(macs + struct.pack(">H", len(p.data)), Field(12, 2))
    return p.under(macs + struct.pack(">H", kind))


def arp(op=1):
    data = struct.pack(">HHBBH", 1, 0x800, 6, 4, op) + packets.MACS[0] + IPV4[0][0] + bytes(6) + \
        IPV4[1][0]
    return Packet(b"").under(data, Field(4), Field(5))


def v4(proto, tags=0, payload=b"payload", more=0, addresses=None, ports=(1026, 80), **ip):
    addresses = addresses or (IPV4[0][0], IPV4[1][0])
    p = transport(Packet(payload), proto, addresses, more, ports)
    return ethernet(ip4(p, proto, addresses, **ip), 0x800, tags)


def v6(proto, chain=(), tags=0, payload=b"payload", more=0, addresses=None, ports=(1026, 80)):
    addresses = addresses or (IPV6[0][0], IPV6[1][0])
    p = transport(Packet(payload), proto, addresses, more, ports)
    return ethernet(ip6(p, proto, addresses, chain), 0x86dd, tags)


# -- kinds of packets -----------------------------------------------------------------------

def plain():
    """Without tags, and with up to two."""
    for tags in range(3):
        for proto in TCP, UDP, ICMP, AH, GRE:
            yield v4(proto, tags)
        for proto in TCP, UDP, ICMP6, AH:
            yield v6(proto, (), tags)
        yield ethernet(arp(), 0x806, tags)
    for options in 1, 5, 10:
        yield v4(TCP, more=options)
        yield v4(UDP, options=options)
        yield v4(TCP, more=10, options=options)
        yield v6(TCP, more=options)
    for fragment in 0x2000, 0x2001, 0x1fff:
        yield v4(UDP, fragment=fragment)
    for size in 0, 1, 46:
        yield v4(UDP, payload=bytes(size))
        yield v4(TCP, payload=bytes(size))
        yield v6(UDP, payload=bytes(size))
    inner = v4(UDP).data[14:]
    yield v4(ICMP, payload=inner)
    yield ethernet(Packet(bytes(46)), 0)
    yield ethernet(Packet(b"\x01\x01\x40\x02" * 6), 0x88cc)     # of tests/chain/mpls.nfl
    yield ethernet(Packet(b"\x1f" + bytes(20)).under(b"", Field(0, bits=5)), 0x600)


def chained():
    """Extension headers: one of each, many, all that may be parsed and one more."""
    for kind in HOP, ROUTE, FRAG, DST:
        for units in range(3):
            yield v6(UDP, [(kind, units)])
        yield v6(TCP, [(kind, 0)], 1)
    yield v6(TCP, [(HOP, 0), (ROUTE, 1), (FRAG, 0), (DST, 0)])
    yield v6(ICMP6, [(DST, 0), (ROUTE, 0), (DST, 2)])
    for n in 12, 13, 14, 15, 40:
        yield v6(UDP, [(DST, 0)] * n)
    for units in 17, 20, 21, 22, 23, 24, 255:       # to 256 bytes and beyond
        yield v6(UDP, [(DST, units)])
        yield v6(TCP, [(HOP, units - 17), (DST, 17)])
    loop = v6(UDP, [(HOP, 0)] * 3)
    loop.data = loop.data[:54] + (b"\0\0" + bytes(6)) * 30      # that never ends
    yield loop


def tagged():
    """Stacks of tags to the last header that is parsed, and beyond; to 256 bytes."""
    for tags in 12, 13, 14, 15, 16, 17, 59, 60, 61, 62:
        yield v4(TCP, tags)
        yield v6(UDP, (), tags)
        yield v4(UDP, tags, options=10)
        yield ethernet(arp(), 0x806, tags)


def jumbo():
    """Frames as they are, at and beyond what a port takes; few, since they are large."""
    for size in 1500, 1514, 1515, 1518, 1522, 9000, 16384, FRAME_MAX - 1, FRAME_MAX, \
            FRAME_MAX + 1, FRAME_MAX + 14, 2 * FRAME_MAX:
        for p in v4(UDP), v6(TCP), v4(TCP, 2), v6(UDP, [(DST, 3)]):
            yield p.data + bytes(size - len(p.data))
    most = v4(UDP, payload=bytes(65535 - 28)).data, v6(UDP, payload=bytes(65535 - 8)).data
    for data in most:       # their own lengths are the largest
        for n in len(data), FRAME_MAX, FRAME_MAX - 1:
            yield data[:n]


def with_values(p):
    """Each field with each value, each pair of fields with values at the edges."""
    for field in p.fields:
        for value in field.values(p.data):
            frame = bytearray(p.data)
            field.put(frame, value)
            yield bytes(frame)
    for a, b in itertools.combinations(p.fields, 2):
        for x, y in itertools.product(a.edges(p.data)[::2], b.edges(p.data)[1::3]):
            frame = bytearray(p.data)
            a.put(frame, x)
            b.put(frame, y)
            yield bytes(frame)


def systematic():
    for p in *plain(), *chained(), *tagged():
        yield from with_values(p)
        for n in range(len(p.data)):
            yield p.data[:n]
        for n in 1, 2, 7, 46, 1500:
            yield p.data + bytes(n)
    for n in range(14):
        yield b"\xff" * n
        yield bytes(n)
    yield from jumbo()


# -- random ones ----------------------------------------------------------------------------

def random_packet(r, side):
    tags = r.choice((0, 0, 0, 1, 1, 2, 3, r.randrange(20), r.randrange(64)))
    payload = r.randbytes(r.choice((0, 1, 2, 3, 20, 64, 301)))
    more, ports = r.choice((0, 0, 1, 5, 10)), (r.choice(packets.PORTS), r.choice(packets.PORTS))
    if r.random() < .04:
        return ethernet(arp(r.choice((1, 2))), 0x806, tags)
    family = r.choice((IPV4, IPV6))
    addresses = r.choice(family[side]), r.choice(family[1 - side])
    if family is IPV4:
        if side and r.random() < .5:
            addresses = addresses[0], packets.OWN
        return v4(r.choice((TCP, TCP, UDP, UDP, ICMP, AH, GRE)), tags, payload, more, addresses,
                  ports, options=r.choice((0, 0, 1, 2, 10)),
                  fragment=r.choice((0, 0, 0, 0, 0x4000, 0x2000, 1)))
    most = r.choice((0, 0, 1, 2, 4, 16, 30))
    chain = [(r.choice((HOP, ROUTE, DST, DST, FRAG)), r.choice((0, 0, 0, 1, 2, r.randrange(30))))
             for _ in range(r.randrange(most + 1))]
    return v6(r.choice((TCP, TCP, UDP, UDP, ICMP6, AH)), chain, tags, payload, more, addresses,
              ports)


def random_wrong(r, side):
    p = random_packet(r, side)
    frame = bytearray(p.data)
    for field in r.sample(p.fields, min(len(p.fields), r.choice((1, 1, 1, 2, 3)))):
        values = field.edges(frame) if r.random() < .7 else field.values(frame)
        field.put(frame, r.choice(values))
    cut = r.random()
    if cut < .15 or not p.fields:
        del frame[max(0, r.choice(p.starts) + r.randrange(-2, 12)):]
    elif cut < .2:
        del frame[r.randrange(len(frame)):]
    elif cut < .25:
        frame += r.randbytes(r.choice((1, 3, 46)))
    return bytes(frame)


def write(seed, n, paths, todo):
    r = random.Random(f"lengths {seed}")
    r.shuffle(todo)
    captures, time, wrong = (packets.Capture(), packets.Capture()), packets.START, 0
    while wrong < n or todo:
        side = r.randrange(2)
        if r.random() < .15:
            side, frame = packets.good(r)
        else:
            wrong += 1
            frame = todo.pop() if todo and r.random() < .7 else random_wrong(r, side)
        captures[side].add(time, frame)
        time = max(packets.START, time + r.choices(packets.STEPS, packets.STEP_WEIGHTS)[0])
    for capture, path in zip(captures, paths):
        capture.write(path)
    print(wrong)


def main(args):
    if len(args) == 4 and args[0] == "all":
        write(args[1], 0, args[2:], list(systematic()))
    elif len(args) == 5 and args[0] == "random":
        write(args[1], int(args[2]), args[3:], [])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
