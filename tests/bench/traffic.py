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
    return check(total)


FRAME = {TCP: struct.Struct(">12s HBB HHHBBH 4s4s HHIIBBHHH 6x"),
         UDP: struct.Struct(">12s HBB HHHBBH 4s4s HHHH 18x")}
SIZE = 26           # behind the header of IP


def sums(src, dst, sport, dport):
    """Of the addresses' words, and with the ports."""
    a, b = int.from_bytes(src, "big"), int.from_bytes(dst, "big")
    ends = (a >> 16) + (a & 0xffff) + (b >> 16) + (b & 0xffff)
    return ends, ends + sport + dport


def check(total):
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def frame(side, proto, src, dst, sport, dport):
    """60 bytes."""
    ends, all_ = sums(src, dst, sport, dport)
    macs = MAC[1 - side] + MAC[side]
    head = (macs, 0x0800, 0x45, 0, 20 + SIZE, 0, 0x4000, 64, proto,
            check(0x4500 + 20 + SIZE + 0x4000 + (64 << 8 | proto) + ends), src, dst, sport, dport)
    all_ += proto + SIZE
    if proto == TCP:
        return FRAME[TCP].pack(*head, 1000, 2000, 5 << 4, 0x10, 512,
                               check(all_ + 1000 + 2000 + 0x5010 + 512) or 0xffff, 0)
    return FRAME[UDP].pack(*head, SIZE, check(all_ + SIZE) or 0xffff)


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
    with open(path, "wb") as to:
        to.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
        to.writelines(x for t, f in frames
                      for x in (struct.pack("<IIII", t // 10**9, t % 10**9, len(f), len(f)), f))


def translated(program, out, folder, files=programs.EDGE.parent):
    """What leaves for each frame, in the order of sending."""
    pair = folder / "open.pcap", folder / "opened.pcap"
    write(pair[0], [(START + i * STEP, f) for i, f in enumerate(out)])
    programs.run([program, "--quiet", f"--files={files}",
                  f"--port=lan=pcap:{pair[0]}", f"--port=wan=pcap:,{pair[1]}"])
    sent = [p.data for p in capfile.read(str(pair[1]))]
    if len(sent) != len(out):
        sys.exit(f"{program} sent {len(sent)} of {len(out)} packets")
    return sent


def make(program, flows, folder, files=programs.EDGE.parent, name=""):
    """The captures of both ports, for so many flows through the program's chain. Without a program
    nothing is translated."""
    r = random.Random(flows)
    out = [frame(0, *flow(i)) for i in range(flows)]
    r.shuffle(out)
    back = [answer(f) for f in (translated(program, out, folder, files) if program else out)]
    packets, sides = [(0, f) for f in out], (out, back)
    while len(packets) < max(LEAST, 2 * flows):
        side = len(packets) // BURST % 2
        packets.append((side, sides[side][int(r.random() * flows)]))
    return both(packets, folder, f"{name}{flows}")


def both(packets, folder, name, times=None):
    """Captures of packets: (side, bytes). times: of each, from the start; else they are STEP
    apart."""
    files = folder / f"{name}.lan.pcap", folder / f"{name}.wan.pcap"
    for side, file in enumerate(files):
        write(file, [(START + (times[i] if times else i * STEP), f)
                     for i, (s, f) in enumerate(packets) if s == side])
    return files


def one_way(flows, folder, name):
    """Packets of the inside alone, for chains that drop them."""
    r = random.Random(flows)
    out = [frame(0, *flow(i)) for i in range(flows)]
    packets = [(0, f) for f in out]
    packets += [(0, out[int(r.random() * flows)]) for _ in range(max(LEAST, 2 * flows) - flows)]
    return both(packets, folder, name)


def fresh(flows, folder, name):
    """A packet of each flow, within a tick."""
    out = [frame(0, *flow(i)) for i in range(flows)]
    return both([(0, f) for f in out], folder, name, times=tick(flows))


def tick(n):
    """Times of n packets: in half a tick, so that with the 1 ms between rounds of --bench each
    round lies in one tick, and flows that live for one end between two rounds."""
    return [500_000 * i // (n - 1) for i in range(n)]


def sized(sizes, folder, name):
    """Flows of so many packets each, 32 of them at a time, within a tick: the captures, and how
    many packets there are. All come from the inside: what answers would say changes from round to
    round, as ports are leased again."""
    waiting, active, packets = [[i, n] for i, n in enumerate(sizes)][::-1], [], []
    while waiting or active:
        while waiting and len(active) < BURST:
            active.append(waiting.pop())
        for a in active:
            packets.append((0, frame(0, *flow(a[0]))))
            a[1] -= 1
        active = [a for a in active if a[1]]
    return both(packets, folder, name, tick(len(packets))), len(packets)
