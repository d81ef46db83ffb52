"""Captures to measure with: flows that the inside opened and that go on, 60-byte frames (64 with
their check sequence), four of five TCP, the rest UDP, from both sides in bursts of 32. One of five
goes to the site whose servers Maglev chooses.

Each flow has a host of its own, since Nat's ports are divided by the inside address. The first
packets are one of each flow from the inside; the rest comes in random order. What answers must
say is taken from what a program sends."""
import random
import struct
import sys
import programs

sys.path.insert(0, str(programs.SRC / "tests/tool"))
import capfile

MAC = bytes((2, 0, 0, 0, 0, 1)), bytes((2, 0, 0, 0, 0, 2))
TCP, UDP = 6, 17
SITE = bytes((198, 51, 100, 9)), 80         # of Maglev
START, STEP = 1_700_000_000 * 10**9, 100    # ns: 10 million packets a second
LEAST = 8192                                # packets
BURST = 32


def ones_sum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def frame(side, proto, src, dst, sport, dport):
    """60 bytes."""
    size = 26
    if proto == TCP:
        l4 = struct.pack(">HHIIBBHHH", sport, dport, 1000, 2000, 5 << 4, 0x10, 512, 0, 0)
    else:
        l4 = struct.pack(">HHHH", sport, dport, size, 0)
    l4 += bytes(size - len(l4))
    at = 16 if proto == TCP else 6
    total = ones_sum(src + dst + struct.pack(">HH", proto, size) + l4)
    l4 = l4[:at] + struct.pack(">H", total or 0xffff) + l4[at + 2:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 0, 0x4000, 64, proto, 0) + src + dst
    head = head[:10] + struct.pack(">H", ones_sum(head)) + head[12:]
    return MAC[1 - side] + MAC[side] + b"\x08\0" + head + l4


def flow(i):
    """(protocol, inside address, outside address, ports) of the i-th flow."""
    proto = UDP if i % 5 == 4 else TCP
    src = struct.pack(">I", (10 << 24) + 256 + i)
    dst = struct.pack(">I", (198 << 24) + (51 << 16) + (100 << 8) + 1 + i % 250)
    port = 53 if proto == UDP else 443
    if i % 5 == 3:
        dst, port = SITE
    return proto, src, dst, 1024 + i * 7 % 60000, port


def answer(data):
    """What the other side says to a frame that left."""
    sport, dport = struct.unpack_from(">HH", data, 34)
    return frame(1, data[23], data[30:34], data[26:30], dport, sport)


def write(path, frames):
    """frames: (time, bytes)"""
    capfile.write(str(path), [capfile.Packet(t, f, len(f), capfile.ETHERNET) for t, f in frames])


def translated(program, out, folder):
    """What leaves for each frame, in the order of sending."""
    files = folder / "open.pcap", folder / "opened.pcap"
    write(files[0], [(START + i * STEP, f) for i, f in enumerate(out)])
    programs.run([program, "--quiet", f"--files={programs.EDGE.parent}",
                  f"--port=lan=pcap:{files[0]}", f"--port=wan=pcap:,{files[1]}"])
    sent = [p.data for p in capfile.read(str(files[1]))]
    if len(sent) != len(out):
        sys.exit(f"{program} sent {len(sent)} of {len(out)} packets")
    return sent


def make(program, flows, folder):
    """The captures of both ports, for so many flows through the chain of examples/edge."""
    files = folder / f"{flows}.lan.pcap", folder / f"{flows}.wan.pcap"
    r = random.Random(flows)
    out = [frame(0, *flow(i)) for i in range(flows)]
    r.shuffle(out)
    back = [answer(f) for f in translated(program, out, folder)]
    packets = [(0, f) for f in out]
    while len(packets) < max(LEAST, 2 * flows):
        side = len(packets) // BURST % 2
        packets.append((side, r.choice(back if side else out)))
    for side, file in enumerate(files):
        write(file, [(START + i * STEP, f) for i, (s, f) in enumerate(packets) if s == side])
    return files
