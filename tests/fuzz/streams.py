"""TCP connections as networks and attackers have them, side by side.

    streams.py new SEED N INSIDE OUTSIDE [BOTH]   about N packets in two captures, and in one

Two hosts speak to each other: handshakes (also simultaneous, with data in the SYN, none at all),
lines of text both ways, windows with scale, timestamps, FINs, half-closed connections, RSTs. What
they send comes late, twice, never, in other pieces, with other bytes; pieces are lost and come
again, cut anew; numbers, checksums, flags and options are wrong; closed connections open again.
The same seed gives the same packets.
"""
import random
import struct
import sys

import packets

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
WORDS = (b"GET /index.html HTTP/1.1\r\n", b"Host: example.org\r\n", b"\r\n", b"220 ready\r\n",
         b"USER anonymous\r\n", b"attack", b" OR 1=1 --", b"\x16\x03\x01", b"x" * 300, b"\n")


class Host:
    """One end: what it has sent, and what it knows of the other."""

    def __init__(self, r, addr, port, v6):
        self.addr, self.port, self.v6 = addr, port, v6
        self.isn = r.choice((r.getrandbits(32), 2**32 - r.randrange(1, 3000)))
        self.text = b"".join(r.choice(WORDS) for _ in range(r.randrange(0, 30)))
        self.sent = 0       # bytes
        self.ack = 0        # the next number that it expects
        self.scale = r.choice((None, 0, 2, 7, 14))
        self.stamp = r.choice((None, r.getrandbits(32)))
        self.window = r.choice((65535, 65535, 8192, 400))
        self.done = False   # it has sent its FIN


def options(r, host, syn, now, sack):
    o = b""
    if syn:
        o += struct.pack(">BBH", 2, 4, 1460)
        if host.scale is not None:
            o += struct.pack(">BBBB", 1, 3, 3, host.scale)
        if sack:
            o += b"\1\1\4\2"
    if host.stamp is not None:
        o += struct.pack(">BBBBII", 1, 1, 8, 10, (host.stamp + now) & 0xffffffff, 0)
    if r.random() < .01:
        o = r.randbytes(4) + o
    return o[:40] + b"\1" * (-len(o) % 4)


def segment(r, a, b, seq, flags, data=b"", ack=None, window=None, now=0, sack=False):
    """A frame from a to b."""
    head = options(r, a, flags & SYN, now, sack)
    window = a.window if window is None else window
    ack = a.ack if ack is None else ack
    tcp = struct.pack(">HHIIBBHHH", a.port, b.port, seq & 0xffffffff,
                      ack & 0xffffffff if flags & ACK else 0, (20 + len(head)) << 2, flags,
                      window, 0, 0) + head + data
    total = packets.ones_sum(a.addr + b.addr + struct.pack(">HH", packets.TCP, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack(">H", total) + tcp[18:]
    if r.random() < .02:
        at = r.randrange(len(tcp))
        tcp = tcp[:at] + bytes((tcp[at] ^ 1 << r.randrange(8),)) + tcp[at + 1:]
    macs = packets.MACS[0] + packets.MACS[1]
    if a.v6:
        ip = struct.pack(">IHBB", 6 << 28, len(tcp), packets.TCP, 64) + a.addr + b.addr
        frame = macs + b"\x86\xdd" + ip + tcp
    else:
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, packets.TCP, 0)
        ip += a.addr + b.addr
        ip = ip[:10] + struct.pack(">H", packets.ones_sum(ip)) + ip[12:]
        frame = macs + b"\x08\0" + ip + tcp
    if r.random() < .01:
        frame = frame[:-r.randrange(1, 20)]
    return frame + bytes(r.choice((0, 0, 0, max(0, 60 - len(frame)))))


def handshake(r, c, s, now):
    """(who, frame) pairs, and both know each other's numbers."""
    sack, fast = r.random() < .5, b""
    way = r.choices(("usual", "none", "fast", "both", "half"), (80, 6, 6, 3, 5))[0]
    c.ack, s.ack = (s.isn + 1) & 0xffffffff, (c.isn + 1) & 0xffffffff
    if way == "none":
        return []
    if way == "fast":
        fast = c.text[:r.randrange(1, 40)]
    frames = [(0, segment(r, c, s, c.isn, SYN, fast, now=now, sack=sack))]
    if way == "half":
        return frames
    if way == "both":
        frames.append((1, segment(r, s, c, s.isn, SYN, now=now, sack=sack)))
        frames.append((1, segment(r, s, c, s.isn, SYN | ACK, now=now)))
        frames.append((0, segment(r, c, s, c.isn, SYN | ACK, now=now)))
    else:
        taken = r.choice((0, len(fast)))
        s.ack += taken
        c.sent += taken
        frames.append((1, segment(r, s, c, s.isn, SYN | ACK, now=now, sack=sack)))
    frames.append((0, segment(r, c, s, c.isn + 1 + c.sent, ACK, now=now)))
    if r.random() < .1:
        frames.insert(1, frames[0])
    return frames


def speak(r, who, a, b, now):
    """a sends some of its text; b may acknowledge."""
    frames, flags = [], ACK | PSH
    for _ in range(r.randrange(1, 5)):
        data = a.text[a.sent:a.sent + r.choice((1, 3, 10, 100, 500))]
        frames.append((who, segment(r, a, b, a.isn + 1 + a.sent, flags, data, now=now)))
        if data and r.random() < .12:     # again, in another piece, perhaps with other bytes
            at = max(0, a.sent - r.randrange(0, 20))
            again = a.text[at:at + r.randrange(1, 60)]
            if r.random() < .4:
                again = bytes(x ^ 0x20 for x in again)
            frames.insert(r.randrange(len(frames) + 1),
                          (who, segment(r, a, b, a.isn + 1 + at, flags, again, now=now)))
        a.sent += len(data)
    b.ack = (a.isn + 1 + a.sent) & 0xffffffff
    if r.random() < .3:
        r.shuffle(frames)
    if r.random() < .15:
        frames.pop(r.randrange(len(frames)))
    if r.random() < .7:
        frames.append((1 - who, segment(r, b, a, b.isn + 1 + b.sent, ACK, now=now)))
    return frames


def pieces(r, text, at, end):
    """What lies there, cut as it comes."""
    while at < end:
        n = min(r.choice((1, 3, 7, 20, 60, 150)), end - at)
        yield at, text[at:at + n]
        at += n


def lose(r, who, a, b, now):
    """a sends some of its text, a piece is lost; b says so, and a sends it again from there, or a
    bit before, in other pieces."""
    end = min(len(a.text), a.sent + r.choice((15, 60, 200, 400)))
    first = list(pieces(r, a.text, a.sent, end))
    if not first:
        return []
    hole, _ = lost = r.choice(first)
    again = list(pieces(r, a.text, max(0, hole - r.choice((0, 0, 2, 30, 200))), end))
    first.remove(lost)
    for some in (first, again):
        if r.random() < .4:
            r.shuffle(some)
    number = a.isn + 1
    frames = [(who, segment(r, a, b, number + at, ACK, data, now=now)) for at, data in first]
    b.ack = (number + hole) & 0xffffffff
    frames += [(1 - who, segment(r, b, a, b.isn + 1 + b.sent, ACK, now=now))] * r.randrange(3)
    for at, data in again[:30]:
        if r.random() < .08:
            data = bytes(x ^ 0x20 for x in data)
        frames.append((who, segment(r, a, b, number + at, ACK | PSH, data, now=now)))
    a.sent = end
    if r.random() < .8:
        b.ack = (number + r.choice((end, end, (hole + end) // 2))) & 0xffffffff
        frames.insert(len(frames) - r.randrange(3) % len(frames),
                      (1 - who, segment(r, b, a, b.isn + 1 + b.sent, ACK, now=now)))
    return frames


def odd(r, who, a, b, now):
    """Something that is not as it should be."""
    seq = a.isn + 1 + a.sent
    kind = r.randrange(12)
    if kind == 0:
        f = segment(r, a, b, seq + r.choice((1, 70000, 2**31, -5)), RST | ACK, now=now)
    elif kind == 1:
        f = segment(r, a, b, seq, SYN, now=now)
    elif kind == 2:
        f = segment(r, a, b, seq + r.choice((10**6, -10**6)), ACK, b"far", now=now)
    elif kind == 3:
        f = segment(r, a, b, seq, ACK, ack=a.ack + r.choice((1, 5000, -70000)), now=now)
    elif kind == 4:
        f = segment(r, a, b, seq - 1, ACK, r.choice((b"", b"k")), now=now)
    elif kind == 5:
        flags = r.choice((0, FIN, SYN | FIN, SYN | RST, FIN | RST, 0xff))
        f = segment(r, a, b, seq, flags, now=now)
    elif kind == 6:
        f = segment(r, a, b, seq, ACK, window=r.choice((0, 1, 65535)), now=now)
    elif kind == 7:
        f = segment(r, a, b, seq, ACK, b"old", now=now - 10**6)
    elif kind == 8:
        f = segment(r, a, b, seq, ACK | URG | PSH, b"urgent", now=now)
    elif kind == 9:
        f = segment(r, a, b, seq + r.randrange(1, 50), ACK | FIN, now=now)
    elif kind == 10:
        f = segment(r, a, b, seq + r.randrange(1, 3000), ACK, r.randbytes(r.randrange(1, 60)),
                    now=now)
    else:
        f = segment(r, a, b, a.isn, SYN | ACK, now=now)
    return [(who, f)]


def close(r, who, a, b, now):
    frames = []
    if r.random() < .2:
        a.done = b.done = True
        return [(who, segment(r, a, b, a.isn + 1 + a.sent, RST | r.choice((0, ACK)), now=now))]
    data = a.text[a.sent:a.sent + 20] if r.random() < .3 else b""
    frames.append((who, segment(r, a, b, a.isn + 1 + a.sent, FIN | ACK, data, now=now)))
    a.sent += len(data) + 1
    a.done = True
    b.ack = (a.isn + 1 + a.sent) & 0xffffffff
    frames.append((1 - who, segment(r, b, a, b.isn + 1 + b.sent, ACK, now=now)))
    return frames


def connection(r, ends):
    """Its packets, one after the other: (who, frame)."""
    v6 = ends[0][2]
    c, s = (Host(r, *end[:2], v6) for end in ends)
    yield from handshake(r, c, s, 0)
    for now in range(1, r.randrange(2, 40)):
        who = r.randrange(2)
        a, b = (c, s) if who == 0 else (s, c)
        luck = r.random()
        if luck < .12:
            yield from odd(r, who, a, b, now * 1000)
        elif luck < .2 and not a.done:
            yield from close(r, who, a, b, now * 1000)
        elif luck < .45 and not a.done:
            yield from lose(r, who, a, b, now * 1000)
        elif not a.done or luck > .9:
            yield from speak(r, who, a, b, now * 1000)


def ends_of(r):
    v6 = r.random() < .3
    of = packets.IPV6 if v6 else packets.IPV4
    return ((r.choice(of[0]), r.choice((1024, 1025, 5000)), v6),
            (r.choice(of[1]), r.choice((80, 443, 21)), v6))


def new(seed, n, paths):
    r = random.Random(int(seed))
    sides, both, now = ([], []), [], packets.START
    open_ones = []
    while len(both) < n:
        if len(open_ones) < 12:
            open_ones.append(connection(r, ends_of(r)))
        one = r.choice(open_ones)
        for who, frame in [x for x in [next(one, None)] if x] or [(None, None)]:
            if frame is None:
                open_ones.remove(one)
                continue
            now += r.choice((1_000, 100_000, 1_000_000, 5_000_000))
            if r.random() < .002:
                now += 40 * 10**9
            sides[who].append((now, frame))
            both.append((now, frame))
    for path, side in zip(paths, (*sides, both)):
        capture = packets.Capture()
        for time, frame in side:
            capture.add(time, frame)
        capture.write(path)


def main(args):
    if len(args) not in (5, 6) or args[0] != "new":
        sys.exit(__doc__)
    new(args[1], int(args[2]), args[3:])


if __name__ == "__main__":
    main(sys.argv[1:])
