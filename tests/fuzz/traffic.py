"""Packet sequences that a program is likely to tell apart.

Its constants give the addresses, ports, sizes and times. A few flows speak in turn, most of them
more than once in a row: handshakes, data both ways, FINs, RSTs, the same ends again; pauses about
as long as the program's timeouts; and now and then a packet that is wrong, tagged, fragmented, of
another kind, or inside a tunnel. Programs that look at fragments get more of them, in disorder.
"""
import random
import re
import struct

import fragments
import packets

START = packets.START
FIN, SYN, RST, ACK = 1, 2, 4, 16
SECOND = 10**9
UNITS = {"ms": 10**6, "s": SECOND, "min": 60 * SECOND}


def v4(text):
    return bytes(map(int, text.split(".")))


def v6(text):
    head, _, tail = text.partition("::")
    words = [head.split(":") if head else [], tail.split(":") if tail else []]
    words = words[0] + ["0"] * (8 - len(words[0]) - len(words[1])) + words[1]
    return b"".join(int(w, 16).to_bytes(2, "big") for w in words)


class Constants:
    """Of a program's text."""

    def __init__(self, text):
        self.text = text
        self.v4 = sorted({v4(a) for a in re.findall(r"\d+\.\d+\.\d+\.\d+", text)} - {bytes(4)})
        self.v6 = sorted({v6(a) for a in re.findall(r"\b[0-9a-f]+:[0-9a-f:]*::?[0-9a-f]*", text)})
        numbers = {int(n) for n in re.findall(r"(?<![\w.:])(\d{1,5})(?![\w.:])", text)}
        self.numbers = sorted(n for n in numbers if n < 65536)
        self.ports = sorted({n + d for n in self.numbers for d in (-1, 0, 1)
                             if 0 <= n + d < 65536 and (n > 20 or d == 0)})
        self.sizes = [n for n in self.numbers if n < 1400]
        self.times = [int(n) * UNITS[u] for n, u in re.findall(r"\b(\d+)(ms|s|min)\b", text)]
        self.texts = re.findall(r'(?:starts|contains|ends|find)\("([^"]*)"', text)
        self.size = int((re.findall(r"flows\((\d+)", text) or "9")[0])
        self.thin = "header thin" in text
        self.quotes = "icmp_error" in text
        self.fragments = "fragments = " in text
        self.tunnels = [t for t in ("gre", "vxlan", "mpls", "ipip") if f"use std.{t}" in text]

    def payload(self, r):
        size = r.choice((0, 0, 1, 2, 3, 4, 5, 7, 18, 64, 101, 120))
        if self.sizes and r.random() < .1:
            size = max(0, r.choice(self.sizes) + r.choice((-55, -54, -42, -41, -1, 0, 1)))
        data = r.randbytes(size)
        if self.texts and r.random() < .4:
            at = r.choice((0, size, r.randrange(size + 1)))
            text = r.choice(self.texts).encode().decode("unicode_escape").encode("latin-1")
            data = data[:at] + text + data[at:]
        return data


class Flow:
    """Its ends; turned: who speaks first is on the right."""

    def __init__(self, r, c):
        self.v6 = r.random() < .25
        own = packets.IPV6 if self.v6 else packets.IPV4
        more = c.v6 if self.v6 else c.v4
        self.turned = r.random() < .2
        ends = [r.choice(own[0]), r.choice(own[1])]
        if self.turned:
            ends.reverse()
        for i in range(2):
            if more and r.random() < (.1, .4)[i]:
                ends[i] = r.choice(more)
        self.ends = ends
        ports = c.ports if c.ports and r.random() < .6 else packets.PORTS
        self.ports = [r.choice((r.choice(packets.PORTS), r.randrange(65536), r.choice(ports))),
                      r.choice((r.choice(ports), r.choice(packets.PORTS)))]
        self.proto = r.choices((packets.TCP, packets.UDP, packets.ICMP, 47), (10, 6, 3, 1))[0]
        self.macs = [r.choice(packets.MACS), r.choice(packets.MACS)]
        self.state, self.seq = "closed", [r.choice(packets.NUMBERS), r.choice(packets.NUMBERS)]
        self.tags = r.choices((b"", b"\x81\0\0\5", b"\x88\xa8\0\1\x81\0\x40\7"), (7, 1, 1))[0]
        self.sick = r.random() < .06    # its checksums are all wrong

    def flags(self, r, back):
        """Of TCP: as a connection goes, mostly."""
        luck = r.random()
        if luck < .06:
            return r.choices(packets.FLAGS, packets.FLAG_WEIGHTS)[0]
        if self.state == "closed" and not back:
            self.state = "opening" if luck < .9 else "open"
            return SYN if luck < .9 else ACK
        if self.state == "opening":
            if back:
                self.state = "open"
                return SYN | ACK
            return SYN if luck < .3 else ACK
        if self.state == "closing" and luck < .5:
            self.state = "closed"
            return FIN | ACK
        if luck < .12:
            self.state = "closing"
            return FIN | ACK
        if luck < .15:
            self.state = "closed"
            return RST | (ACK if luck < .14 else 0)
        return ACK | (8 if luck < .6 else 0)

    def transport(self, r, c, back):
        sport, dport = self.ports[::-1] if back else self.ports
        data = c.payload(r)
        if self.proto == packets.TCP:
            flags = self.flags(r, back)
            seq, ack = self.seq[::-1] if back else self.seq
            self.seq[back] = (seq + len(data) + (flags & 3 > 0)) % 2**32
            options = b"\2\4\5\xb4" if flags & SYN else b"\1\1\1\0" if r.random() < .05 else b""
            return packets.TCP, struct.pack(
                ">HHIIBBHHH", sport, dport, seq, ack, (20 + len(options)) << 2, flags,
                r.choice((0, 512, 65535)), 0, 0) + options + data
        if self.proto == packets.UDP:
            return packets.UDP, packets.udp(r, sport, dport, len(data)) + data
        if self.proto == packets.ICMP:
            kind = (129 if back else 128) if self.v6 else (0 if back else 8)
            return (packets.ICMP6 if self.v6 else packets.ICMP), struct.pack(
                ">BBHHH", kind, 0, 0, self.ports[0], self.seq[0] & 0xffff) + data
        return r.choice(packets.OTHERS), data

    def network(self, r, c, back):
        src, dst = self.ends[::-1] if back else self.ends
        proto, l4 = self.transport(r, c, back)
        at = packets.SUM_AT.get(proto)
        luck = r.random()
        if at is not None and luck < .98 and not (proto == packets.UDP and luck < .1):
            if self.v6:
                pseudo = src + dst + struct.pack(">II", len(l4), proto)
            else:
                pseudo = src + dst + struct.pack(">HH", proto, len(l4))
            total = packets.ones_sum((b"" if proto == packets.ICMP else pseudo) + l4)
            if self.sick:
                total ^= 0x0400
            if proto == packets.UDP and total == 0:
                total = 0xffff
            if proto == packets.UDP and .1 < luck < .2 and not self.v6 and c.v4:
                total = becomes_zero(src, r.choice(c.v4))
            l4 = l4[:at] + total.to_bytes(2, "big") + l4[at + 2:]
        ttl = r.choice((64, 64, 64, 255, 1, 2, 0))
        if self.v6:
            if luck > .9:
                l4, proto = packets.extension(r, r.choice((0, 60, 43, 44)), proto) + l4, \
                    r.choice((0, 60, 43, 44))
            return 0x86dd, struct.pack(">IHBB", 6 << 28 | r.choice((0, 7, 0x5000000)), len(l4),
                                       proto, ttl) + src + dst + l4
        options = r.choice((b"\1\1\1\0", b"\x94\4\0\0" * 2)) if luck > .95 else b""
        frag = r.choice((0x2000, 0x2001, 0x00b9)) if .9 < luck < .94 else \
            r.choice((0, 0x4000, 0x4000))
        head = struct.pack(">BBHHHBB", 0x45 + len(options) // 4, r.choice((0, 0, 0, 0xb8, 3)),
                           20 + len(options) + len(l4), r.randrange(65536), frag, ttl, proto)
        total = packets.ones_sum(head + b"\0\0" + src + dst + options)
        if self.sick or r.random() < .01:
            total ^= 1 << r.randrange(16)
        return 0x0800, head + total.to_bytes(2, "big") + src + dst + options + l4

    def error(self, r, c, back):
        """An ICMP error about a packet of the other direction, cut short."""
        kind, quoted = self.network(r, c, not back)
        quoted = quoted[:r.choice((28, 28, 36, 48, 60, 548, r.randrange(70)))]
        own = packets.IPV6 if self.v6 else packets.IPV4
        src, dst = self.ends[::-1] if back else self.ends
        if r.random() < .4:
            src = r.choice(own[0] + own[1])
        code = r.choice((1, 3, 4) if self.v6 else (3, 3, 11, 12, 5))
        body = struct.pack(">BBHI", code, r.choice((0, 1, 3)), 0, 0) + quoted
        proto = packets.ICMP6 if self.v6 else packets.ICMP
        pseudo = src + dst + struct.pack(">II", len(body), proto) if self.v6 else b""
        total = packets.ones_sum(pseudo + body) ^ (0x0400 if self.sick else 0)
        body = body[:2] + total.to_bytes(2, "big") + body[4:]
        if self.v6:
            return kind, struct.pack(">IHBB", 6 << 28, len(body), proto, 9) + src + dst + body
        head = struct.pack(">BBHHHBB", 0x45, 0, 20 + len(body), 7, 0, 9, proto)
        total = packets.ones_sum(head + b"\0\0" + src + dst)
        return kind, head + total.to_bytes(2, "big") + src + dst + body

    def frame(self, r, c, back):
        error = c.quotes and r.random() < .15
        kind, rest = self.error(r, c, back) if error else self.network(r, c, back)
        if c.thin and kind == 0x0800 and rest[0] == 0x45 and r.random() < .4:
            kind, rest = 0x88b5, rest[12:20] + b"\0" + rest[9:10] + rest[20:]
        if c.tunnels and r.random() < .15:
            kind, rest = outer(r, c, kind, rest, self.macs)
        macs = self.macs[::-1] if back else self.macs
        tags = self.tags if r.random() < .95 else b"\x81\0\x20\5"
        return macs[0] + macs[1] + tags + kind.to_bytes(2, "big") + rest


def becomes_zero(src, to):
    """A checksum, mostly a wrong one, that is zero when the source becomes TO: old + ~new words."""
    total = sum(0xffff - w for w in struct.unpack(">HH", src)) + sum(struct.unpack(">HH", to))
    return total % 0xffff or 0xffff


def outer(r, c, kind, rest, macs):
    """What was sent, inside a tunnel."""
    how = r.choice(c.tunnels)
    if how == "mpls":
        label = struct.pack(">I", r.randrange(2**20) << 12 | 0x100 | 64)
        return 0x8847, (struct.pack(">I", 9 << 12 | 64) if r.random() < .3 else b"") + label + rest
    inner = macs[0] + macs[1] + kind.to_bytes(2, "big") + rest
    if how == "gre":
        proto, body = 47, struct.pack(">HH", 0x2000, kind) + r.randbytes(4) + rest
    elif how == "vxlan":
        body = b"\x08\0\0\0" + r.randbytes(3) + b"\0" + inner
        proto, body = 17, struct.pack(">HHHH", r.randrange(65536), 4789, 8 + len(body), 0) + body
    else:
        proto, body = (4 if kind == 0x0800 else 41), rest
    src, dst = r.choice(packets.IPV4[0]), r.choice(packets.IPV4[1])
    head = struct.pack(">BBHHHBB", 0x45, 0, 20 + len(body), 7, 0, 9, proto)
    total = packets.ones_sum(head + b"\0\0" + src + dst)
    return 0x0800, head + total.to_bytes(2, "big") + src + dst + body


def pause(r, c):
    luck = r.random()
    if luck < .8:
        return r.choice((0, 1000, 1000, 40_000, 300_000, 1_000_000))
    if luck < .97 and c.times:
        time = r.choice(c.times) // r.choice((1, 1, 1, 2, 3))
        return max(0, time + r.choice((-2, -1, 0, 0, 1)) * 10**6)
    if luck < .985:
        return -r.choice((1000, 2_000_000, SECOND))
    return r.choice((10**8, SECOND, 12 * SECOND, 70 * SECOND))


def sequence(r, c, count):
    """(side, time, frame) of about so many packets."""
    most = r.choice((1, 2, 3, 3, 6, 12, c.size + 3 if c.size < 40 else 20))
    flows, time = [], START
    for i in range(most):
        flows.append(Flow(r, c))
        if i and r.random() < .3:   # the same, but for one end
            flows[-1].ends, flows[-1].v6 = list(flows[0].ends), flows[0].v6
            if flows[-1].proto == flows[0].proto and r.random() < .7:
                flows[-1].ports[1] = flows[0].ports[1]
    while count > 0:
        if r.random() < .04:        # all at once: as due as one another
            for flow in r.sample(flows, len(flows)):
                count -= 1
                yield int(flow.turned), time, flow.frame(r, c, False)
        flow = r.choice(flows)
        for _ in range(r.choice((1, 1, 2, 2, 3, 5, 9))):
            count -= 1
            back = r.random() < (.12 if flow.state == "closed" else .3)
            side, data = int(back != flow.turned), flow.frame(r, c, back)
            luck = r.random()
            if luck < .02:
                side = 1 - side
            elif luck < .05:
                data = packets.broken(r, data)
            elif luck < .09:
                side, data = packets.good(r)
            elif luck < .1:
                data = b""
            time = max(START, time + pause(r, c))
            if c.fragments and r.random() < .3:
                for piece in fragments.shuffled(r, fragments.cut(r, data, r.randrange(9))):
                    yield side, time, piece
                    time += r.choice((0, 0, 1000, 300_000))
                continue
            yield side, time, data


def write(path, frames):
    capture = packets.Capture()
    for time, data in frames:
        capture.add(time, data)
    capture.write(path)


def changes(r, params):
    """A file of changes: of params, (name, kind) of each."""
    lines, at = [], 0
    for _ in range(r.choice((1, 2, 4, 8))):
        at += r.choice((0, .001, .003, .2, 1, 5))
        name, kind = r.choice(params)
        value = r.choice(packets.PORTS) if kind != "acl" else f'file("{r.choice("ab")}.acl")'
        lines.append(f"+{at:.3f} {name} = {value}\n")
    return "".join(lines)


def case(r, c, folder, ports, params, count):
    """Writes a case; the words that soak.c takes."""
    folder.mkdir(parents=True, exist_ok=True)
    sides = [[] for _ in ports]
    for side, time, data in sequence(r, c, count):
        if side and len(ports) > 2 and r.random() < .3:
            side = 2
        sides[min(side, len(ports) - 1)].append((time, data))
    for port, frames in zip(ports, sides):
        write(folder / f"{port}.pcap", frames)
    words = [f"answer={r.randrange(10**9)}"] if r.random() < .8 else []
    if params and r.random() < .7:
        (folder / "changes").write_text(changes(r, params))
        words.append("changes")
    return words
