#!/usr/bin/env python3
"""nftables.py --macs LAN WAN [--seed N] [--sessions N]: the kernel and ours, packet by packet.

The same packets of generated sessions go through the kernel, by its two interfaces, and through
the program $TMPDIR/x, as captures. What the outside sends is addressed to the port that stands for
its flow there, so it is rendered for each of the two. Then the same packets must have passed, with
the same bytes: but for time to live, and for the port of the outside. For that one there must be
a bijection: all packets of a flow have one, and at one peer no two hosts of the inside have the
same. Wrong checksums must be wrong by as much. What either made itself (RSTs, ICMP errors) must be
the same, too.

What differs on purpose is in DIFFERENCES; it must differ, or the row is to go. Not looked at is the
checksum of TCP in what an error quotes: the kernel translates it, where so much is quoted; here it
stays, since of TCP eight bytes are what an error must quote, and nobody can verify more.
"""
import argparse
import collections
import os
import random
import socket
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import conversations as conv
SRC, TMP = os.environ["NFL_SRC"], os.environ["TMPDIR"]
sys.path.insert(0, f"{SRC}/tests/tool")
import capfile  # noqa: E402  (beside the tools)

# A packet that the kernel drops and ours passes, and why.
DIFFERENCES = {
    "checksum": "the kernel finds it INVALID; here a wrong checksum stays wrong, for the receiver"
                " to drop (LANGUAGE.md, section 6)",
    "window": "the kernel follows TCP's windows; here the receiver does, and a RST that is not"
              " valid ends nothing (LANGUAGE.md, section 3)",
    "redirect": "the kernel lets none through its NAT; here they are errors as others",
}
# Of ICMP errors that a firewall sends: here it has no address, so they come from who was asked.
PROHIBITED = {4: (conv.ICMP, 3, 13), 6: (conv.ICMP6, 1, 1)}
MARK = 0xfffff
BASE = 1_700_000_000 * 10**9


# ---- what packets are ----

class Seen:
    """A packet that came out: its number, what it is but for what may differ, its outside port."""

    def __init__(self, data):
        self.version = data[0] >> 4
        size = struct.unpack_from("!H", data, 2 if self.version == 4 else 4)[0]
        data = bytearray(data[:size if self.version == 4 else 40 + size])
        self.number = struct.unpack_from("!H", data, 4)[0] if self.version == 4 else \
            struct.unpack_from("!I", data)[0] & 0xfffff
        self.ports = set()
        self.sums = []
        self.proto, self.at = self.head(data, 0)
        self.made = self.is_made(data)
        if self.made:
            self.number = 0
            self.unname(data)
        self.body(data, self.at, self.proto, 0, False)
        self.what = bytes(data), tuple(self.sums)

    def head(self, data, at):
        """Blanks what routers change; returns the protocol and where it begins."""
        if self.version == 6:
            data[at + 7] = 0
            return data[at + 6], at + 40
        self.sums.append(conv.ones(bytes(data[at:at + 20])))
        data[at + 8] = 0
        data[at + 10:at + 12] = bytes(2)
        return data[at + 9], at + 20

    def is_made(self, data):
        kind = self.proto, data[self.at], data[self.at + 1]
        rst = self.proto == conv.TCP and data[self.at + 13] & conv.RST
        return kind == PROHIBITED[self.version] or rst and self.number == 0

    def unname(self, data):
        """A made packet has an identification of its own, and an error a sender and a class."""
        if self.version == 4:
            data[4:8] = bytes(4)
        if self.proto != conv.TCP:
            data[:4] = bytes(2) + data[2:4] if self.version == 4 else bytes(4)
        if self.proto != conv.TCP:
            size = 4 if self.version == 4 else 16
            where = 12 if self.version == 4 else 8
            data[where:where + size] = bytes(size)
            data[self.at + 2:self.at + 4] = bytes(2)

    def blank(self, data, at, outside):
        """The port of the outside may be any."""
        if outside:
            self.ports.add(struct.unpack_from("!H", data, at)[0])
            data[at:at + 2] = bytes(2)

    def body(self, data, at, proto, ip, quoted):
        """A transport header: its sum over all that is there, then without it and the port."""
        where = {conv.TCP: 16, conv.UDP: 6, conv.ICMP: 2, conv.ICMP6: 2}.get(proto)
        if where is None or at + where + 2 > len(data):
            where = None
        v4 = self.version == 4
        src, dst = (bytes(data[ip + 12:ip + 16]), bytes(data[ip + 16:ip + 20])) if v4 else \
            (bytes(data[ip + 8:ip + 24]), bytes(data[ip + 24:ip + 40]))
        if where is not None and not (self.made and not quoted and proto != conv.TCP):
            if proto == conv.UDP and data[at + 6:at + 8] == b"\0\0":
                self.sums.append("none")
            elif not (quoted and proto == conv.TCP):
                size = len(data) - at
                covered = bytes(data[at:])
                if proto != conv.ICMP:
                    covered += b"\0" * (size % 2) + conv.pseudo(src, dst, proto, size)
                self.sums.append(conv.ones(covered))
            data[at + where:at + where + 2] = bytes(2)
        from_us, to_us = src == conv.OUTSIDE, dst == conv.OUTSIDE
        if proto in (conv.TCP, conv.UDP):
            self.blank(data, at, from_us)
            self.blank(data, at + 2, to_us)
        elif proto == conv.ICMP and data[at] in (0, 8):
            self.blank(data, at + 4, from_us or to_us)
        elif proto in (conv.ICMP, conv.ICMP6) and not quoted and len(data) > at + 28 \
                and (data[at] in (3, 4, 5, 11, 12) if v4 else data[at] < 128):
            inner, behind = self.head(data, at + 8)
            self.body(data, behind, inner, at + 8, True)


def frame(data, mac):
    kind = 0x0800 if data[0] >> 4 == 4 else 0x86dd
    return mac + bytes.fromhex("02000000000e") + struct.pack("!H", kind) + data


class Outputs:
    """What came out, by number and side, and which port stands for which flow."""

    def __init__(self, packets):
        self.packets = packets
        self.by_number = {}
        self.made = collections.Counter()
        self.ports = {}
        self.wrong = []

    def take(self, side, data):
        if data[0] >> 4 not in (4, 6):
            return
        seen = Seen(data)
        if seen.number == MARK:
            return
        if seen.made:
            self.made[side, seen.what] += 1
            return
        key = seen.version, seen.number
        if key in self.by_number:
            self.wrong.append(f"packet {key} comes out twice")
        self.by_number[key] = side, seen
        step = self.packets.get(key)
        if step is None:
            self.wrong.append(f"a packet {key} that was not sent comes out")
        elif side == "out" and seen.ports:
            self.ports.setdefault(step.flow, set()).update(seen.ports)

    def port(self, flow):
        return min(self.ports[flow]) if flow in self.ports else None


# ---- the kernel ----

class Kernel:
    """Packets go in at one interface and come out at the other."""

    def __init__(self, macs, out):
        self.macs = dict(zip(("in", "out"), macs))
        self.sockets = {"in": self.open("one"), "out": self.open("two")}
        self.out = out

    @staticmethod
    def open(name):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.setsockopt(263, 23, 1)  # PACKET_IGNORE_OUTGOING
        s.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
        s.bind((name, 0))
        s.settimeout(5)
        return s

    def run(self, order):
        for sent in order:
            for key, step in sent:
                data = conv.packet(step, key[1], port=self.out.port(step.flow))
                self.sockets[step.side].send(frame(data, self.macs[step.side]))
            self.drain()

    def drain(self):
        """A mark from either side: what was sent before it has come out when it has."""
        inside = b"\x20\x01\x0d\xb8\x0a" + bytes(10) + b"\xfe"
        peer = b"\x20\x01\x0d\xb8\xc6" + bytes(10) + b"\xfe"
        for side, other in ("in", "out"), ("out", "in"):
            flow = conv.Flow(conv.UDP, (inside, 9), (peer, 9))
            data = conv.packet(conv.Step(side, flow, "udp", data=b"mark"), MARK)
            self.sockets[side].send(frame(data, self.macs[side]))
            while True:
                got = self.sockets[other].recv(65536)
                if got[12:14] not in (b"\x08\0", b"\x86\xdd"):
                    continue
                self.out.take(other, got[14:])
                if got[14] >> 4 == 6 and struct.unpack_from("!I", got, 14)[0] & 0xfffff == MARK:
                    break


# ---- ours ----

def ours(order, packets):
    """The packets as captures; again, until what was taken for the outside's ports is so."""
    known = {}
    for _ in range(8):
        out = replay(order, packets, known)
        found = {flow: out.port(flow) for flow in out.ports}
        if found == known:
            return out
        known = found
    sys.exit("the ports of the outside are others in each run of the program")


def replay(order, packets, known):
    files = {(side, v): [] for side in ("in", "out") for v in (4, 6)}
    mac = bytes.fromhex("02000000000f")
    for n, (key, step) in enumerate(pair for sent in order for pair in sent):
        if step.side == "out" and key[0] == 4 and step.flow not in known and not step.port:
            # Nobody knows where it would go.
            port = 1
        else:
            port = known.get(step.flow)
        data = frame(conv.packet(step, key[1], port=port), mac)
        files[step.side, key[0]].append(capfile.Packet(BASE + n * 10000, data, len(data), 1))
    argv = [f"{TMP}/x", "--quiet", f"--files={SRC}/tests/live", f"--state={TMP}/state"]
    names = {("in", 4): "lan", ("out", 4): "wan", ("in", 6): "lan6", ("out", 6): "wan6"}
    for at, name in names.items():
        capfile.write(f"{TMP}/{name}.pcap", files[at])
        argv += ["--port", f"{name}=pcap:{TMP}/{name}.pcap,{TMP}/{name}.out.pcap"]
    run = subprocess.run(argv, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"the program ends with {run.returncode}: {run.stdout}{run.stderr}")
    out = Outputs(packets)
    for (side, _), name in names.items():
        for p in capfile.read(f"{TMP}/{name}.out.pcap"):
            out.take(side, p.data[14:])
    return out


# ---- compared ----

def plan(sessions, rand):
    """The packets of all sessions, many at the same time: {key: step} and rounds of (key, step)."""
    rounds, packets = collections.defaultdict(list), {}
    for steps in sessions:
        first = rand.randrange(20)
        for n, step in enumerate(steps):
            rounds[first + n].append(step)
    numbers = {4: 0, 6: 0}
    order = []
    for n in sorted(rounds):
        rand.shuffle(rounds[n])
        order.append([])
        for step in rounds[n]:
            version = step.flow.version
            numbers[version] += 1
            packets[version, numbers[version]] = step
            order[-1].append(((version, numbers[version]), step))
    return packets, order


def bijection(out, who):
    """All packets of a flow have one port, and it tells at the peer who sent them."""
    wrong, owner = [], {}
    for flow, ports in out.ports.items():
        if len(ports) > 1:
            wrong.append(f"{who}: one flow has the outside ports {sorted(ports)}")
        for port in ports:
            seen = owner.setdefault((flow.proto, port, flow.peer[0], flow.peer[1] if flow.proto !=
                                     conv.ICMP else 0), flow.inside)
            if seen != flow.inside:
                wrong.append(f"{who}: at one peer port {port} stands for two hosts")
    return wrong


def tell(name, key, step, theirs, own):
    def short(seen):
        if seen is None:
            return "dropped"
        return f"at {seen[0]}: {seen[1].what[0].hex()} {seen[1].sums}"
    return (f"{name}: packet {key} from {step.side}, {step.kind} flags {step.flags:#x}"
            f"\n    kernel {short(theirs)}\n    ours   {short(own)}")


def differences(packets, names, theirs, own):
    wrong, met = [], collections.Counter()
    for key, step in packets.items():
        a, b = theirs.by_number.get(key), own.by_number.get(key)
        same = a is None and b is None or a and b and a[0] == b[0] and a[1].what == b[1].what
        if step.differs:
            met[step.differs] += 1
            if a is None and b is not None:
                continue
            wrong.append("no longer different, or otherwise: "
                         + tell(step.differs, key, step, a, b))
        elif not same:
            wrong.append(tell(names[step.flow], key, step, a, b))
        for seen, of in (a, theirs), (b, own):
            if seen and seen[1].ports - of.ports.get(step.flow, seen[1].ports):
                wrong.append(tell(f"another port than the flow's in {names[step.flow]}", key, step,
                                  a, b))
    for (side, what), n in ((theirs.made - own.made) | (own.made - theirs.made)).items():
        where = "ours" if (side, what) in own.made - theirs.made else "the kernel"
        wrong.append(f"only {where} makes, {n} times, at {side}: {what[0].hex()} {what[1]}")
    return wrong, met


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--macs", nargs=2, required=True)
    p.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    p.add_argument("--sessions", type=int, default=2600)
    options = p.parse_args()
    print(f"seed {options.seed}", flush=True)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # frames stay in order
    sessions, names = [], {}
    for version, share in (4, options.sessions * 3 // 4), (6, options.sessions // 4):
        for kind, steps in conv.Maker(options.seed, version).sessions(share):
            sessions.append(steps)
            names.update((step.flow, kind) for step in steps)
    packets, order = plan(sessions, random.Random(options.seed))
    theirs = Outputs(packets)
    begin = time.monotonic()
    Kernel([bytes.fromhex(m.replace(":", "")) for m in options.macs], theirs).run(order)
    middle = time.monotonic()
    own = ours(order, packets)
    wrong, met = differences(packets, names, theirs, own)
    wrong += theirs.wrong + own.wrong + bijection(theirs, "kernel") + bijection(own, "ours")
    print(f"{len(sessions)} sessions, {len(packets)} packets: {len(own.by_number)} passed, "
          f"{sum(own.made.values())} were made; the kernel took {middle - begin:.1f} s, ours "
          f"{time.monotonic() - middle:.1f} s")
    for name, why in DIFFERENCES.items():
        print(f"  {met[name]:4} packets differ, {name}: {why}")
    for text in wrong[:20]:
        print(text)
    if wrong:
        print(f"{len(wrong)} differences")
    passed = len(own.by_number)
    sys.exit(bool(wrong) or passed < len(packets) // 2 or passed > len(packets) * 9 // 10)


if __name__ == "__main__":
    main()
