"""Sessions of all kinds between hosts of an inside and peers of an outside, as packets that are
rendered when it is known which port of the outside stands for a flow."""
import random
import struct

OUTSIDE = bytes((203, 0, 113, 7))
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ECHO = {4: (8, 0), 6: (128, 129)}


class Flow:
    """Who the inside is and who its peer, each (address, port); a ping has its identifier twice."""

    def __init__(self, proto, inside, peer):
        self.proto, self.inside, self.peer = proto, inside, peer
        self.version = 4 if len(inside[0]) == 4 else 6


class Step:
    """One packet: from "in" or "out", of a flow. What it says else:

    kind: tcp, udp, echo, error, other;  source: another sender;  port: whom the outside sends to
    if nobody stands for the flow;  spoil: "ip" or "l4", a wrong checksum;  quote: the step that an
    error quotes, of which `cut` bytes behind the IP header;  differs: a row of the table."""

    def __init__(self, side, flow, kind, **more):
        self.side, self.flow, self.kind = side, flow, kind
        self.source = self.port = self.spoil = self.quote = self.differs = None
        self.flags = self.seq = self.ack = 0
        self.reply, self.type, self.code, self.word, self.cut = False, 0, 0, 0, 8
        self.data, self.proto = b"", flow.proto
        vars(self).update(more)


def ones(data):
    """The sum of 16 bit words, in one's complement."""
    if len(data) % 2:
        data += b"\0"
    return sum(struct.unpack(f"!{len(data) // 2}H", data)) % 0xffff


def checksum(data):
    return 0xffff - ones(data)


def pseudo(src, dst, proto, size):
    return src + dst + struct.pack("!II", size, proto)


def ends(step, view, port):
    """Source and destination as they are inside, or outside where `port` stands for the flow."""
    flow = step.flow
    inside = flow.inside
    if view == "out" and flow.version == 4:
        inside = OUTSIDE, port
    pair = (inside, flow.peer) if step.side == "in" else (flow.peer, inside)
    return (step.source, pair[1]) if step.source else pair


def transport(step, view, port):
    """What follows the IP header, its proto, and where its checksum is."""
    src, dst = ends(step, view, port)
    if step.kind == "tcp":
        return struct.pack("!HHIIBBHHH", src[1], dst[1], step.seq, step.ack, 0x50, step.flags,
                           65535, 0, 0) + step.data, TCP, 16
    if step.kind == "udp":
        return struct.pack("!HHHH", src[1], dst[1], 8 + len(step.data), 0) + step.data, UDP, 6
    proto = ICMP if step.flow.version == 4 else ICMP6
    if step.kind == "echo":
        number = dst[1] if step.side == "out" else src[1]
        return struct.pack("!BBHHH", ECHO[step.flow.version][step.reply], 0, 0, number,
                           step.seq) + step.data, proto, 2
    if step.kind == "error":
        head = 20 if step.flow.version == 4 else 40
        quoted = packet(step.quote, 0x7777, view, port)[:head + step.cut]
        return struct.pack("!BBHI", step.type, step.code, 0, step.word) + quoted, proto, 2
    return step.data, step.proto, None


def packet(step, number, view=None, port=None):
    """The bytes of an IP packet, known by its number: the identification, or the flow label."""
    view = view or step.side
    body, proto, at = transport(step, view, port if port is not None else step.port or 1)
    (src, _), (dst, _) = ends(step, view, port)
    if at is not None and step.spoil != "zero":
        covered = body if proto == ICMP else pseudo(src, dst, proto, len(body)) + body
        value = checksum(covered) or 0xffff
        if step.spoil == "l4":
            value = (value + 0x1234) % 0xffff or 1
        body = body[:at] + struct.pack("!H", value) + body[at + 2:]
    if step.flow.version == 6:
        return struct.pack("!IHBB", 6 << 28 | number, len(body), proto, 64) + src + dst + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), number, 0x4000, 64, proto, 0)
    value = checksum(head + src + dst) ^ (0x0100 if step.spoil == "ip" else 0)
    return head[:10] + struct.pack("!H", value) + src + dst + body


class Tcp:
    """A connection: what each side has sent, and how far."""

    def __init__(self, rand, flow):
        self.flow, self.steps = flow, []
        self.next = {side: rand.getrandbits(32) for side in ("in", "out")}
        self.heard = set()

    def send(self, side, flags, size=0, **more):
        other = "out" if side == "in" else "in"
        step = Step(side, self.flow, "tcp", flags=flags, seq=self.next[side],
                    ack=self.next[other] if flags & ACK else 0, data=b"d" * size)
        vars(step).update(more)
        self.steps.append(step)
        if step.spoil is None and step.differs is None:
            grows = size + bool(flags & SYN) + bool(flags & FIN)
            self.next[side] = self.next[side] + grows & 0xffffffff
        return step

    def again(self):
        self.steps.append(self.steps[-1])

    def open(self):
        self.send("in", SYN)
        self.send("out", SYN | ACK)
        self.send("in", ACK)

    def talk(self, rand):
        for _ in range(rand.randrange(1, 4)):
            self.send("in", ACK | PSH, rand.randrange(1, 400))
            self.send("out", ACK | PSH, rand.randrange(1, 1200))
        self.send("in", ACK)

    def close(self, first="in"):
        last = "out" if first == "in" else "in"
        self.send(first, FIN | ACK)
        self.send(last, FIN | ACK)
        self.send(first, ACK)


class Maker:
    """Makes sessions; each is a list of steps."""

    def __init__(self, seed, version):
        self.rand = random.Random(f"{seed} {version}")
        self.version, self.used = version, set()

    def address(self, network, host):
        if self.version == 4:
            return bytes(network) + struct.pack("!B", host)
        return b"\x20\x01\x0d\xb8" + bytes(network).ljust(11, b"\0") + struct.pack("!B", host)

    def host(self):
        return self.address((10, 0, self.rand.randrange(4)), self.rand.randrange(1, 250))

    def peer(self):
        return self.address((198, 51, 100), self.rand.randrange(1, 60))

    def router(self):
        return self.address((192, 0, 2), self.rand.randrange(1, 250))

    def flow(self, proto, port=None, peer=None, inside=None):
        rand = self.rand
        while not inside or (proto, inside) in self.used:
            inside = self.host(), rand.randrange(1024, 65536)
        self.used.add((proto, inside))
        port = port or rand.choice((80, 443, 8080, rand.randrange(1024, 65536)))
        icmp = proto in (ICMP, ICMP6)
        return Flow(proto, inside, (peer or self.peer(), inside[1] if icmp else port))

    def tcp(self, **more):
        return Tcp(self.rand, self.flow(TCP, **more))

    # ---- TCP ----

    def complete(self):
        c = self.tcp()
        c.open()
        c.talk(self.rand)
        c.close(self.rand.choice(("in", "out")))
        return c.steps

    def refused(self):
        c = self.tcp()
        c.send("in", SYN)
        c.send("out", RST | ACK)
        return c.steps

    def reset(self):
        c = self.tcp()
        c.open()
        c.talk(self.rand)
        side = self.rand.choice(("in", "out"))
        c.send(side, RST | ACK if side == "in" else RST)
        return c.steps

    def half_closed(self):
        c = self.tcp()
        c.open()
        c.send("in", FIN | ACK)
        for _ in range(self.rand.randrange(1, 5)):
            c.send("out", ACK | PSH, 500)
            c.send("in", ACK)
        c.send("out", FIN | ACK)
        c.send("in", ACK)
        return c.steps

    def repeated(self):
        c = self.tcp()
        c.send("in", SYN)
        c.again()
        c.send("out", SYN | ACK)
        c.again()
        c.send("in", ACK)
        c.send("in", ACK | PSH, 100)
        c.again()
        c.send("out", ACK)
        c.close()
        c.again()
        return c.steps

    def unanswered(self):
        c = self.tcp()
        c.send("in", SYN)
        c.again()
        c.again()
        return c.steps

    def both_open(self):
        c = self.tcp()
        c.send("in", SYN)
        c.send("out", SYN)
        c.steps[-1].ack = 0
        for side, other in (("in", "out"), ("out", "in")):
            # The SYN again, which is acknowledged now.
            c.steps.append(Step(side, c.flow, "tcp", flags=SYN | ACK, seq=c.next[side] - 1,
                                ack=c.next[other]))
        c.talk(self.rand)
        c.close()
        return c.steps

    def both_close(self):
        c = self.tcp()
        c.open()
        fins = [Step(side, c.flow, "tcp", flags=FIN | ACK, seq=c.next[side], ack=c.next[other])
                for side, other in (("in", "out"), ("out", "in"))]
        c.steps += fins
        for side in c.next:
            c.next[side] += 1
        c.send("in", ACK)
        c.send("out", ACK)
        return c.steps

    def midstream(self):
        c = self.tcp()
        c.talk(self.rand)
        c.close()
        return c.steps

    def reborn(self):
        c = self.tcp()
        c.open()
        c.close()
        again = Flow(TCP, c.flow.inside, c.flow.peer)
        c.flow = again
        c.next["in"] = c.next["in"] + 1000000 & 0xffffffff
        c.next["out"] = c.next["out"] + 2000000 & 0xffffffff
        c.open()
        c.talk(self.rand)
        c.close()
        return c.steps

    def stray(self):
        """First packets that begin nothing."""
        c = self.tcp()
        c.send("in", self.rand.choice((FIN | ACK, RST, RST | ACK, SYN | ACK, SYN | FIN, 0, PSH)))
        return c.steps

    def blind(self):
        """A RST of somebody who guesses, or data that nobody asked for."""
        c = self.tcp()
        c.open()
        c.talk(self.rand)
        far = c.next["out"] + 0x10000000 & 0xffffffff
        c.send("out", self.rand.choice((RST, ACK)), seq=far, differs="window")
        c.talk(self.rand)
        c.close()
        return c.steps

    def stopped(self):
        """To ports and networks that nobody may go to; some are told so."""
        way = self.rand.randrange(3)
        c = self.tcp(port=(25, 139, 80)[way],
                     peer=self.address((198, 51, 100), 77) if way == 2 else None)
        c.send("in", SYN)
        c.again()
        c.send("in", ACK, 20)
        return c.steps

    def spoiled(self):
        c = self.tcp()
        c.open()
        c.send("in", ACK | PSH, 30, spoil="l4", differs="checksum")
        c.send("out", ACK | PSH, 31, spoil="l4", differs="checksum")
        if self.version == 4:
            c.send("in", ACK | PSH, 30, spoil="ip")
            c.send("out", ACK | PSH, 30, spoil="ip")
        c.talk(self.rand)
        c.close()
        return c.steps

    def uninvited(self):
        """From the outside: to nobody, and to somebody who talks with others."""
        flow = self.flow(self.rand.choice((TCP, UDP)))
        kind = "tcp" if flow.proto == TCP else "udp"
        to = {"port": self.rand.randrange(1, 1024)}
        if kind == "udp":
            return [Step("out", flow, kind, data=b"hello", **to)]
        return [Step("out", flow, kind, flags=flags, seq=7, ack=9 if flags & ACK else 0, **to)
                for flags in (SYN, SYN | ACK, ACK, RST, FIN | ACK)]

    def intruder(self):
        c = self.tcp()
        c.open()
        address, port = c.flow.peer
        for who in (address, port ^ 1), (self.router(), port):
            for flags in SYN, ACK, RST:
                c.steps.append(Step("out", c.flow, "tcp", flags=flags, seq=c.next["out"],
                                    ack=c.next["in"], source=who))
        c.talk(self.rand)
        c.close()
        return c.steps

    # ---- UDP, pings and others ----

    def question(self):
        flow = self.flow(UDP, port=53)
        steps = []
        for n in range(self.rand.randrange(1, 4)):
            steps += [Step("in", flow, "udp", data=b"q" * (n + 20)),
                      Step("out", flow, "udp", data=b"a" * self.rand.randrange(1, 500))]
        return steps

    def no_checksum(self):
        if self.version == 6:
            return self.question()
        flow = self.flow(UDP)
        return [Step("in", flow, "udp", data=b"q", spoil="zero"),
                Step("out", flow, "udp", data=b"an", spoil="zero"),
                Step("in", flow, "udp", data=b"qu")]

    def several(self):
        """One endpoint and many peers."""
        first = self.flow(UDP)
        peers = [(self.address((198, 51, 100), 100 + n), 4000 + n)
                 for n in range(self.rand.randrange(2, 6))]
        flows = [first] + [Flow(UDP, first.inside, peer) for peer in peers]
        return ([Step("in", f, "udp", data=b"where") for f in flows]
                + [Step("out", f, "udp", data=b"here") for f in flows])

    def elsewhere(self):
        """Answers from another port, and from another host."""
        flow = self.flow(UDP)
        address, port = flow.peer
        return [Step("in", flow, "udp", data=b"q"),
                Step("out", flow, "udp", data=b"a", source=(address, port ^ 1)),
                Step("out", flow, "udp", data=b"a", source=(self.router(), port)),
                Step("out", flow, "udp", data=b"a")]

    def silenced(self):
        flow = self.flow(UDP, port=self.rand.choice((137, 161)))
        return [Step("in", flow, "udp", data=b"x" * 30)] * 2

    def spoiled_udp(self):
        flow = self.flow(UDP)
        return [Step("in", flow, "udp", data=b"q"),
                Step("out", flow, "udp", data=b"wrong", spoil="l4", differs="checksum"),
                Step("out", flow, "udp", data=b"right")]

    def ping(self):
        flow = self.flow(ICMP if self.version == 4 else ICMP6)
        steps = []
        for n in range(self.rand.randrange(1, 5)):
            steps += [Step("in", flow, "echo", seq=n, data=b"p" * 56),
                      Step("out", flow, "echo", seq=n, data=b"p" * 56, reply=True)]
        return steps

    def odd_ping(self):
        """Answers to nobody, and questions to nobody."""
        flow = self.flow(ICMP if self.version == 4 else ICMP6)
        return [Step("out", flow, "echo", data=b"?", reply=True),
                Step("in", flow, "echo", data=b"?", reply=True)]

    def asked(self):
        """A ping of the outside: IPv6 lets it in."""
        flow = self.flow(ICMP if self.version == 4 else ICMP6)
        return [Step("out", flow, "echo", data=b"?"),
                Step("in", flow, "echo", data=b"?", reply=True)][:2 if self.version == 6 else 1]

    def served(self):
        """A server inside: IPv6 lets connections to port 22 in."""
        host = self.host()
        while (TCP, (host, 22)) in self.used:
            host = self.host()
        if self.version == 4:
            return self.uninvited()
        c = self.tcp(inside=(host, 22))
        c.send("out", SYN)
        c.send("in", SYN | ACK)
        c.send("out", ACK)
        c.talk(self.rand)
        c.close("out")
        return c.steps

    def later(self):
        """A stray first packet, and then a connection of the same ends."""
        c = self.tcp()
        c.send("in", FIN | ACK)
        c.open()
        c.talk(self.rand)
        c.close()
        return c.steps

    def other(self):
        flow = self.flow(47)
        return [Step("in", flow, "other", data=bytes(20)),
                Step("out", flow, "other", data=bytes(20))]

    # ---- ICMP errors ----

    def kinds(self):
        """Types, codes and what stands behind, of errors from the way."""
        if self.version == 4:
            return self.rand.choice(((3, 0, 0), (3, 1, 0), (3, 3, 0), (3, 4, 1400), (11, 0, 0),
                                     (12, 0, 0)))
        return self.rand.choice(((1, 0, 0), (1, 3, 0), (1, 4, 0), (2, 0, 1400), (3, 0, 0),
                                 (4, 0, 0)))

    def error(self, side, step, source, **more):
        kind, code, word = self.kinds()
        what = {"type": kind, "code": code, "word": word}
        return Step(side, step.flow, "error", quote=step, source=(source, 0), **{**what, **more})

    def told(self):
        """Routers and hosts on either side say what went wrong."""
        steps = self.rand.choice((self.question, self.complete, self.ping))()
        there, back = steps[0], steps[1]
        cut = self.rand.choice((8, 20, 40, 1000))
        who = self.rand.choice((self.router(), there.flow.peer[0]))
        extra = [self.error("out", there, who, cut=cut)]
        if back.kind == "udp":
            extra += [self.error("in", back, back.flow.inside[0], cut=cut),
                      self.error("in", back, self.address((10, 0, 9), 9), cut=cut)]
        return [*steps[:2], *extra, *steps[2:]]

    def untold(self):
        """Errors about what nobody sent, with wrong checksums, or to send packets elsewhere."""
        steps = self.question()
        other = Step("in", self.flow(UDP), "udp", data=b"never sent")
        mapped = steps[0]
        extra = [self.error("out", other, self.router()),
                 self.error("out", mapped, self.router(), spoil="l4", differs="checksum")]
        if self.version == 4:
            extra.append(self.error("out", mapped, self.router(), type=5, code=1, word=0xc0000201,
                                    differs="redirect"))
        return [*steps[:2], *extra, *steps[2:]]

    KINDS = ("complete refused reset half_closed repeated unanswered both_open both_close "
             "midstream reborn stray blind stopped spoiled uninvited intruder question "
             "no_checksum several elsewhere silenced spoiled_udp ping odd_ping asked served "
             "other later told untold").split()

    def sessions(self, count):
        """(kind, steps) of each."""
        for n in range(count):
            kind = self.KINDS[n % len(self.KINDS)]
            yield kind, getattr(self, kind)()
