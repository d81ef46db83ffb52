"""microNF's chain of its Fig. 11: elements that NFs have in common are run once, against NFs that
do all by themselves (examples/micro-nf, tests/bench/micronf). Each packet is a request of the
web, an answer to one, or an acknowledgement; all pass."""
import random
import struct

import method
import programs
import subject
import traffic

FLOWS, PACKETS = 1_000, 8_192
ELEMENTS = programs.SRC / "examples/micro-nf/micro-nf.nfl"
MONOLITHS = programs.SRC / "tests/bench/micronf/monolithic.nfl"
REQUEST = b"GET /index.html HTTP/1.1\r\nHost: example.net\r\nAccept: */*\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + bytes(400)


def frame(i, side, payload):
    """A TCP packet of flow i with PSH and ACK."""
    ends = struct.pack(">I", (10 << 24) + 256 + i), bytes((198, 51, 100, 80))
    ports = 1024 + i, 80
    if side:
        ends, ports = ends[::-1], ports[::-1]
    l4 = struct.pack(">HHIIBBHHH", *ports, 1000, 2000, 5 << 4, 0x18, 512, 0, 0) + payload
    check = traffic.ones_sum(ends[0] + ends[1] + struct.pack(">HH", 6, len(l4)) + l4 +
                             bytes(len(l4) % 2))
    l4 = l4[:16] + struct.pack(">H", check) + l4[18:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(l4), 0, 0x4000, 64, 6, 0) + ends[0] + ends[1]
    head = head[:10] + struct.pack(">H", traffic.ones_sum(head)) + head[12:]
    return traffic.MAC[1 - side] + traffic.MAC[side] + b"\x08\0" + head + l4


def captures(folder):
    r = random.Random(11)
    packets = [(0, frame(i, 0, b"")) for i in range(FLOWS)]
    while len(packets) < PACKETS:
        side = len(packets) // traffic.BURST % 2
        payload = r.choice((b"", ANSWER) if side else (b"", REQUEST))
        packets.append((side, frame(r.randrange(FLOWS), side, payload)))
    files = {"internet": folder / "micro.internet.pcap", "servers": folder / "micro.servers.pcap"}
    for side, file in enumerate(files.values()):
        traffic.write(file, [(traffic.START + i * traffic.STEP, f)
                             for i, (s, f) in enumerate(packets) if s == side])
    return files


def measure(bench):
    ports = captures(bench.folder)
    built = [programs.build(bench.nflc, source, bench.folder / source.stem)
             for source in (ELEMENTS, MONOLITHS)]

    def cycles(program):
        started = bench.start_on(program, ELEMENTS.parent, ports, subject.PACKETS // PACKETS,
                                 bench.cores[:1])
        return bench.finish(started)["round"]["p10"]
    sides = method.alternate([lambda p=p: cycles(p) for p in built], bench.rounds)
    return method.Figure(100 * (1 - sides.ratio), method.spoken([sides]), sides.steady)


ROWS = [subject.Row("micronf/saved", "%", "higher", measure, paper=16.8)]
