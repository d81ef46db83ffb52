"""TCP packets, and a monitor that is fed with them (tests/ustack/tcp)."""
import os
import socket
import struct
import subprocess

PROGRAM = os.environ["NFL_BUILD"] + "/tests/ustack/tcp"
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
OVERLAP = ["linux", "first", "last", "bsd", "windows", "solaris"]


def signs_by_number():
    """The rows of tcp_sign.def: number to name."""
    path = os.environ["NFL_SRC"] + "/runtime/include/nfl/tcp_sign.def"
    names = {}
    with open(path) as f:
        for line in f:
            if line.startswith("SIGN("):
                name, number = line[5:].split(",")[:2]
                names[int(number)] = name
    return names


SIGNS = signs_by_number()


def checksum(data):
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack(f">{len(data) // 2}H", data))
    n = (n & 0xffff) + (n >> 16)
    return ~((n & 0xffff) + (n >> 16)) & 0xffff


def option_stamp(value, echo=0):
    return b"\x01\x01\x08\x0a" + struct.pack(">II", value & 0xffffffff, echo)


class Ends:
    """Addresses and ports of both sides; side 0 opens."""

    def __init__(self, client, server, sport, dport):
        family = socket.AF_INET6 if ":" in client else socket.AF_INET
        self.v6 = family == socket.AF_INET6
        self.addr = [socket.inet_pton(family, a) for a in (client, server)]
        self.port = [sport, dport]

    def packet(self, side, flags, seq, ack=0, data=b"", window=8192,
               options=b"", urgent=0, wrong_sum=0, ttl=64):
        """An IP packet that `side` sends."""
        options += b"\0" * (-len(options) % 4)
        src, dst = self.addr[side], self.addr[1 - side]
        tcp = struct.pack(
            ">HHIIBBHHH", self.port[side], self.port[1 - side],
            seq & 0xffffffff, ack & 0xffffffff, (5 + len(options) // 4) << 4,
            flags, window, 0, urgent) + options + data
        pseudo = src + dst + struct.pack(">II", len(tcp), 6)
        right = checksum(pseudo + tcp) ^ wrong_sum
        tcp = tcp[:16] + struct.pack(">H", right) + tcp[18:]
        if self.v6:
            return struct.pack(">IHBB", 6 << 28, len(tcp), 6, ttl) + \
                src + dst + tcp
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0x4000,
                         ttl, 6, 0, src, dst)
        return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp


class Segment:
    """What is in an IP packet with TCP."""

    def __init__(self, ip):
        at = 40 if ip[0] >> 4 == 6 else (ip[0] & 15) * 4
        tcp = ip[at:]
        (self.sport, self.dport, self.seq, self.ack, head, self.flags,
         self.window) = struct.unpack(">HHIIBBH", tcp[:16])
        self.data = tcp[(head >> 4) * 4:]
        self.options = tcp[20:(head >> 4) * 4]

    def __repr__(self):
        names = "".join(c for i, c in enumerate("FSRPAU")
                        if self.flags >> i & 1)
        return f"{names} seq {self.seq} ack {self.ack} win {self.window} " \
            f"{self.data!r}"


class Said:
    """What the monitor says of a packet."""

    def __init__(self, line):
        signs, offset, gap, fresh, was, now, pieces = line.split()
        bits = int(signs, 16)
        self.signs = {SIGNS[i] for i in range(64) if bits >> i & 1}
        self.offset, self.gap, self.pieces = int(offset), int(gap), int(pieces)
        self.fresh, self.was, self.now = (
            b"" if x == "-" else bytes.fromhex(x) for x in (fresh, was, now))

    def __repr__(self):
        return f"{sorted(self.signs)} gap {self.gap} {self.fresh!r}"


class Monitor:
    """One of the engines that the test program knows."""

    def __init__(self, engine):
        self.child = subprocess.Popen(
            [PROGRAM, "feed", engine], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.stream = [b"", b""]

    def new(self, overlap="linux", ahead=65536, keep=16384, pieces=65536,
            ignore=False, trust=False):
        self.stream = [b"", b""]
        self.tell(f"n {OVERLAP.index(overlap)} {ahead} {keep} {pieces} "
                  f"{int(ignore)} {int(trust)}")

    def tell(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def feed(self, side, ip, watch=3):
        self.tell(f"p {side} {watch} {ip.hex()}")
        said = Said(self.child.stdout.readline())
        self.stream[side] += said.fresh
        return said

    def sleep(self):
        self.tell("s")

    def keep(self, slot, at):
        self.tell(f"k {slot} {at}")
        return self.child.stdout.readline() == "1\n"

    def release(self, slot):
        self.tell(f"r {slot}")

    def bytes(self, slot):
        self.tell(f"b {slot}")
        offset, fresh, data = self.child.stdout.readline().split()
        return int(offset), int(fresh), \
            b"" if data == "-" else bytes.fromhex(data)


def run(*args):
    """The exit status and the output of the test program."""
    r = subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE, text=True)
    return r.returncode, r.stdout


def engines():
    return run("engines")[1].split()
