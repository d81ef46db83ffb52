"""Packets in fragments, whole and broken ones.

    fragments.py new SEED N INSIDE OUTSIDE    about N fragments in two captures
    fragments.py answer SEED CAPTURE OUTSIDE  answers to the packets of CAPTURE, mostly cut

cut(r, frame) makes fragments of a frame with an IPv4 or IPv6 packet, in their order; shuffled(r,
frames) lets them come as networks do: late, twice, some of them never, some that overlap. The same
seed gives the same ones. Other frames are as in packets.py.
"""
import random
import struct
import sys

import packets


def ip_at(frame):
    """Where the IP header stands, and its version; None if it is none."""
    at = 12
    while frame[at:at + 2] in (b"\x81\0", b"\x88\xa8"):
        at += 4
    kind = {b"\x08\0": 4, b"\x86\xdd": 6}.get(frame[at:at + 2])
    if kind is None or len(frame) < at + 2 + (20 if kind == 4 else 40):
        return None
    return (at + 2, kind) if frame[at + 2] >> 4 == kind else None


def head4(head, size, at, more, ident):
    """An IPv4 header of a fragment."""
    head = head[:2] + struct.pack(">HHH", len(head) + size, ident, at // 8 | more << 13) + \
        head[8:10] + b"\0\0" + head[12:]
    return head[:10] + packets.ones_sum(head).to_bytes(2, "big") + head[12:]


def piece(link, head, v6, data, at, more, ident):
    if v6:
        extension = struct.pack(">BBHI", head[6], 0, at | more, ident)
        return link + head[:4] + struct.pack(">HB", 8 + len(data), 44) + head[7:] + extension + data
    return link + head4(head, len(data), at, more, ident & 0xffff) + data


def cut(r, frame, ident):
    """A list of fragments; of what cannot be cut, the frame."""
    found = ip_at(frame)
    if not found:
        return [frame]
    ip, version = found
    size = 40 if version == 6 else (frame[ip] & 15) * 4
    head, data = frame[ip:ip + size], frame[ip + size:]
    if len(head) < size or len(data) < 16:
        return [frame]
    each = r.choice((8, 24, 32, 48, 64, 64, 64, 200))
    if len(data) / each > 70:
        each = 64
    return [piece(frame[:ip], head, version == 6, data[at:at + each], at,
                  int(at + each < len(data)), ident) for at in range(0, len(data), each)]


def shuffled(r, frames):
    """How they arrive."""
    luck = r.random()
    frames = list(frames)
    if luck < .25:
        r.shuffle(frames)
    elif luck < .35:
        frames.reverse()
    elif luck < .45:
        frames.pop(r.randrange(len(frames)))
    elif luck < .55:
        frames.insert(r.randrange(len(frames) + 1), r.choice(frames))
    elif luck < .65:                    # somewhere else in the datagram: it overlaps, or is bad
        found, changed = ip_at(frames[-1]), bytearray(r.choice(frames))
        at = found[0] + (6 if found[1] == 4 else 42) if found else 0
        if found and len(changed) > at + 2:
            changed[at + r.choice((0, 1))] ^= 1 << r.randrange(8)
        frames.insert(r.randrange(len(frames) + 1), bytes(changed))
    return frames


def sequence(r, count):
    """(side, time, frame): some datagrams are under way at a time."""
    time, under_way = packets.START, []
    while count > 0:
        if len(under_way) < r.choices((1, 2, 6, 90), (50, 50, 50, 1))[0]:
            side, frame = packets.good(r)
            payload = r.randbytes(r.choice((0, 30, 64, 400)))
            if r.random() < .8 and ip_at(frame):
                v6 = ip_at(frame)[1] == 6
                src, dst = (r.choice((packets.IPV6 if v6 else packets.IPV4)[s])
                            for s in (side, 1 - side))
                if side == packets.OUTSIDE and not v6 and r.random() < .5:
                    dst = packets.OWN
                proto, l4 = packets.transport(r, v6, payload=payload)
                frame = packets.ethernet(r, *((0x86dd, packets.ipv6(r, src, dst, proto, l4)) if v6
                                              else (0x0800, packets.ipv4(r, src, dst, proto, l4))))
            if r.random() < .85:
                under_way.append((side, shuffled(r, cut(r, frame, r.randrange(60)))))
            else:
                under_way.append((side, [frame]))
        turn = r.randrange(len(under_way))
        side, frames = under_way[turn]
        if frames:
            yield side, time, frames.pop(0)
            count -= 1
        if not frames:
            under_way.pop(turn)
        time += r.choice((0, 1000, 1000, 300_000, 5_000_000))
        if r.random() < .003:
            time += r.choice((10, 29, 30, 31)) * 10**9


def new(seed, n, paths):
    captures = packets.Capture(), packets.Capture()
    for side, time, frame in sequence(random.Random(f"fragments {seed}"), n):
        captures[side].add(time, frame)
    for capture, path in zip(captures, paths):
        capture.write(path)


def answer(seed, path, to):
    r, capture = random.Random(f"answers {seed}"), packets.Capture()
    for time, frame in packets.read(path):
        back = packets.reverse(r, frame)
        if back is None:
            continue
        frames = shuffled(r, cut(r, back, r.randrange(60))) if r.random() < .8 else [back]
        for f in frames:
            time += r.choice((0, 1000, 2_000_000))
            capture.add(time, f)
    capture.write(to)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["new", seed, n, *paths]:
            new(seed, int(n), paths)
        case ["answer", seed, path, to]:
            answer(seed, path, to)
        case _:
            sys.exit(__doc__)
