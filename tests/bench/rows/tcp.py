"""The TCP monitor, at connections that open, speak and close: what it costs beside the same chain
without it, one for all NFs beside one for each, what subscriptions save, and the five NFs of
Microboxes' Fig. 8 (tests/bench/tcp).

Each round plays the same connections again: their SYNs take the place of those that were closed.
So all figures are of whole connections, of which a part is handshakes and FINs."""
import random
import re
import resource
import struct

import machine
import method
import programs
import subject
import traffic

FOLDER = programs.SRC / "tests/bench/tcp"
FIN, SYN, PSH, ACK = 1, 2, 8, 16
HEAD = struct.Struct(">12s HBB HHHBBH 4s4s HHIIBBHHH")
ISN = 1000, 2000

NF = """
nf {name} {{
    flow seen, got: u32
    split opened, closed: u64
    on PKT/TCP {{ seen += 1 }}
    on FLOW/TCP/ESTABLISHED {{ opened += 1 }}
    on FLOW/TCP/TERMINATE {{ closed += 1 }}
    on DATA/READY (d) {{ got += d.bytes.len }}
}}
"""
PLAIN = "nf Count { flow seen: u32\n on PKT/TCP { seen += 1 } }\n"
MONITOR = """nf Count {
    flow seen: u32
    split opened, closed: u64
    on PKT/TCP { seen += 1 }
    on FLOW/TCP/ESTABLISHED { opened += 1 }
    on FLOW/TCP/TERMINATE { closed += 1 }
}
"""
ASLEEP = """nf Count {{
    flow seen: u32
    split found: u64
    on PKT/TCP {{ seen += 1 }}
    on FLOW/NEW (f) if f.dport == 7777 {{ subscribe {event} }}
    on {event} asleep {{ found += 1 }}
}}
"""
CHAIN = """chain tcp (inside lan <-> outside wan) with flows(100k, idle = 5min, full = refuse) = """
INLINE = CHAIN.replace("refuse)", "refuse, mode = inline)")
UNACKED = INLINE.replace("inline)", "inline, streams = 64M, unacked = 64k)")


# ---- traffic ----

def frame(i, side, seq, ack, flags, payload=b""):
    """A TCP packet of connection i, of 60 bytes at least."""
    ends = struct.pack(">I", (10 << 24) + 256 + i), struct.pack(">I", (198 << 24) + i % 65000)
    ports = 1024 + i % 60000, 80
    if side:
        ends, ports = ends[::-1], ports[::-1]
    l4 = struct.pack(">HHIIBBHHH", *ports, seq, ack if flags & ACK else 0, 5 << 4, flags, 65535, 0,
                     0) + payload
    check = traffic.ones_sum(ends[0] + ends[1] + struct.pack(">HH", 6, len(l4)) + l4 +
                             bytes(len(l4) % 2))
    l4 = l4[:16] + struct.pack(">H", check) + l4[18:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(l4), 0, 0x4000, 64, 6, 0) + ends[0] + ends[1]
    head = head[:10] + struct.pack(">H", traffic.ones_sum(head)) + head[12:]
    whole = traffic.MAC[1 - side] + traffic.MAC[side] + b"\x08\0" + head + l4
    return whole + bytes(max(0, 60 - len(whole)))


def opening(i):
    c, s = ISN
    return [(0, frame(i, 0, c, 0, SYN)), (1, frame(i, 1, s, c + 1, SYN | ACK)),
            (0, frame(i, 0, c + 1, s + 1, ACK))]


def closing(i, sent):
    c, s = (n + 1 + k for n, k in zip(ISN, sent))
    return [(0, frame(i, 0, c, s, FIN | ACK)), (1, frame(i, 1, s, c + 1, FIN | ACK)),
            (0, frame(i, 0, c + 1, s + 1, ACK))]


def captures(bench, connections, each, payload, words=(b"",)):
    """`each` packets of data of each connection, of `payload` bytes, both ways."""
    def make():
        r, sent = random.Random(5), [[0, 0] for _ in range(connections)]
        packets = [x for i in range(connections) for x in opening(i)]
        turns = [i for i in range(connections) for _ in range(each)]
        r.shuffle(turns)
        for n, i in enumerate(turns):
            side = n // traffic.BURST % 2
            mine, other = sent[i][side], sent[i][1 - side]
            word = words[(i + mine) % len(words)]
            data = (word + b"x" * payload)[:payload]
            packets.append((side, frame(i, side, ISN[side] + 1 + mine, ISN[1 - side] + 1 + other,
                                        PSH | ACK, data)))
            sent[i][side] += payload
        packets += [x for i in range(connections) for x in closing(i, sent[i])]
        name = f"tcp-{connections}-{each}-{payload}-{len(words)}"
        return traffic.both(packets, bench.folder, name), len(packets)
    return bench.keep(("tcp", connections, each, payload, len(words)), make)


# ---- programs ----

def program(bench, name, text, *flags):
    def make():
        source = bench.folder / f"{name}.nfl"
        source.write_text("use std.tcp\n" + text)
        return programs.build(bench.nflc, source, bench.folder / f"tcp-{name}", flags)
    return bench.keep(("tcp program", name), make)


def sides(bench, which, given):
    """Cycles a packet of programs that alternate; given: what captures() returns."""
    ports, n = given
    files = dict(zip(("lan", "wan"), ports))

    def one(to):
        started = bench.start_on(to, bench.folder, files, max(2, subject.PACKETS // n),
                                 bench.cores[:1])
        return bench.finish(started)["round"]["p10"]
    return method.alternate([lambda p=p: one(p) for p in which], bench.rounds)


def small(bench):
    return captures(bench, 10_000, 16, 6)


def difference(of, per, results, note):
    value = (results.p10[of] - results.p10[1 - of]) / per
    return method.Figure(value, f"{note}: {results.p10[of]:.4g} and {results.p10[1 - of]:.4g} "
                         f"cycles a packet; {method.spoken([results])}", results.steady)


def monitor(bench):
    which = [program(bench, "monitor", MONITOR + CHAIN + "Count\n"),
             program(bench, "plain", PLAIN + CHAIN + "Count\n")]
    return difference(0, 1, sides(bench, which, small(bench)), "with the monitor and without")


def asleep(bench):
    which = [program(bench, name, ASLEEP.format(event=event) + CHAIN + "Count\n")
             for name, event in (("asleep", "PKT/TCP/ANOMALY"), ("asleep-plain", "PKT/TCP/SYN"))]
    return difference(0, 1, sides(bench, which, small(bench)),
                      "nobody is awake, of what the monitor tells and of something else")


def bytes_(bench, payload, per):
    which = [program(bench, "bytes", NF.format(name="Count") + CHAIN + "Count\n"),
             program(bench, "plain", PLAIN + CHAIN + "Count\n")]
    given = captures(bench, 10_000 if payload < 100 else 1_000, 16 if payload < 100 else 60,
                     payload)
    return difference(0, per, sides(bench, which, given), "with the bytes of streams and without")


def inline(bench, name, chain, than, plain, per):
    """What a chain costs more than another, at bytes that come in order."""
    which = [program(bench, n, NF.format(name="Count") + c + "Count\n")
             for n, c in ((name, chain), (than, plain))]
    return difference(0, per, sides(bench, which, captures(bench, 1_000, 60, 1460)),
                      f"{name} and {than}")


def memory(bench):
    """What explain says that a flow takes, with and without."""
    found = []
    for name, text in ("bytes", NF.format(name="Count")), ("plain", PLAIN):
        program(bench, name, text + CHAIN + "Count\n")
        said = programs.run([bench.nflc, "explain", bench.folder / f"{name}.nfl"])
        found.append(int(re.search(r"(\d+) bytes a flow of IPv4", said).group(1)))
    return method.Figure(found[0] - found[1], f"{found[0]} and {found[1]} bytes a flow")


def alone(bench, what):
    """What tests/ustack/cost says of the monitor alone."""
    said = programs.run([bench.nflc.parent / "tests/ustack/cost", 31])
    return float(re.search(rf"^{what}: +([\d.]+)$", said, re.M).group(1))


def snapshot(bench):
    r = method.alternate([lambda w=w: alone(bench, w) for w in
                          ("cycles with a snapshot", "cycles a segment of 1 byte")], bench.rounds)
    return difference(0, 1, r, "a segment with a snapshot and without")


def million(bench):
    """What a process takes that watches a million connections, of which half speak: MiB."""
    n, text = 1_000_000, NF.format(name="Count") + CHAIN.replace("100k", "1200k") + "Count\n"
    source, to = bench.folder / "million.nfl", bench.folder / "tcp-million"
    source.write_text("use std.tcp\n" + text)
    programs.build(bench.nflc, source, to, ["--backend=heap"])
    files = [bench.folder / f"million.{side}.pcap" for side in ("lan", "wan")]
    for side, file in enumerate(files):
        traffic.write(file, ((traffic.START + i * 3000 + k * 1000, f)
                             for i in range(n) for k, (s, f) in enumerate(started(i)) if s == side))
    ports = [f"--port={p}=pcap:{f}" for p, f in zip(("lan", "wan"), files)]
    said = programs.run([to, *ports], preexec_fn=lambda: machine.prefer(bench.cores))
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    for f in files:
        f.unlink()
    live = re.search(r"\btcp +([\d,]+) +[\d,]+ +([\d,]+)", said).group(2)
    return method.Figure(used, f"{live} connections are open in the end", True, live == "1,000,000")


def started(i):
    """A connection that stays open; every other one speaks."""
    c, s = ISN
    more = [(0, frame(i, 0, c + 1, s + 1, PSH | ACK, b"GET / HTTP/1.1\r\n"))] if i % 2 else []
    return opening(i) + more


def many(n):
    names = [f"Nf{i}" for i in range(n)]
    return "".join(NF.format(name=x) for x in names) + CHAIN + " -> ".join(names) + "\n"


def stack6(bench):
    which = [program(bench, "six-alone", many(6), "--no-consolidate"),
             program(bench, "six", many(6))]
    r = sides(bench, which, small(bench))
    return method.Figure(r.ratio, f"{r.p10[0]:.4g} and {r.p10[1]:.4g} cycles a packet; "
                         f"{method.spoken([r])}", r.steady)


def chain8(bench):
    r = sides(bench, [program(bench, "eight", many(8)), program(bench, "one", many(1))],
              small(bench))
    return method.Figure(r.ratio, f"{r.p10[0]:.4g} and {r.p10[1]:.4g} cycles a packet; "
                         f"{method.spoken([r])}", r.steady)


# ---- subscriptions, Fig. 7c; five NFs, Fig. 8 ----

WORDS = (b"GET /index.html HTTP/1.1\r\n", b"plain text", b"220 ready", b"more of it")


def built(bench, name):
    return bench.keep(("tcp file", name), lambda: programs.build(
        bench.nflc, FOLDER / f"{name}.nfl", bench.folder / f"tcp-{name}"))


def steps(bench, names, given, which):
    """Cycles of step `which` of those that alternate."""
    r = bench.keep(("tcp steps", tuple(names)),
                   lambda: sides(bench, [built(bench, n) for n in names], given))
    listed = ", ".join(f"{n.split('-')[-1]} {v:.4g}" for n, v in zip(names, r.p10))
    return r, listed, r.p10[which]


SUBSCRIBE = [f"subscribe-{i}" for i in range(1, 6)]


def subscribe(bench, i):
    given = captures(bench, 10_000, 16, 64, WORDS)
    r, listed, value = steps(bench, SUBSCRIBE, given, i)
    before = r.p10[i - 1] if i else None
    met = i == 0 or value < before if i < 4 else value <= 1.15 * before
    return method.Figure(value, f"{listed}; {method.spoken([r])}", r.steady, met)


FIVE = ["fivenf-default", "fivenf-dpi", "fivenf-long", "fivenf-both"]


def fivenf(bench, i):
    given = captures(bench, 10_000, 16, 64, WORDS)
    r, listed, value = steps(bench, FIVE, given, i)
    return method.Figure(value, f"{listed}; {method.spoken([r])}", r.steady)


# ---- latency of those five: their packets come one by one ----

SHARES = "p50", "p99"


def latencies(bench, given):
    """{share: Sides} of FIVE: nanoseconds from input to output, which that share of a run's packets
    do not exceed."""
    files, seen = dict(zip(("lan", "wan"), given[0])), {s: [[] for _ in FIVE] for s in SHARES}

    def one(i):
        started = bench.start_on(built(bench, FIVE[i]), bench.folder, files, 2, bench.cores[:1],
                                 ["--bench-burst=1"])
        row = bench.finish(started, of="io")
        for s in SHARES:
            seen[s][i].append(row["burst"][s] * 1e9 / row["hz"])
        return seen[SHARES[0]][i][-1]
    for name in FIVE:       # what is built is not measured
        built(bench, name)
    tries = method.alternate([lambda i=i: one(i) for i in range(len(FIVE))], bench.rounds).tries
    return {s: method.beside(seen[s], tries) for s in SHARES}


def latency(bench, i, share):
    given = captures(bench, 10_000, 16, 64, WORDS)
    r = bench.keep("tcp latencies", lambda: latencies(bench, given))[share]
    listed = ", ".join(f"{n.split('-')[-1]} {v:.4g}" for n, v in zip(FIVE, r.p10))
    return method.Figure(r.p10[i], f"{share} of packets that come one by one: {listed}; "
                         f"{method.spoken([r])}", r.steady)


ROWS = [
    subject.Row("tcp/monitor-cycles", "cycles/packet", "lower", monitor, 150),
    subject.Row("tcp/unwatched-cycles", "cycles/packet", "lower", asleep, 5),
    subject.Row("tcp/reassembly-cycles-per-byte", "cycles/byte", "lower",
                lambda b: bytes_(b, 1460, 1460), 1.5),
    subject.Row("tcp/reassembly-64-cycles", "cycles/packet", "lower",
                lambda b: bytes_(b, 10, 1), 120),
    subject.Row("tcp/inline-cycles", "cycles/packet", "lower",
                lambda b: inline(b, "inline", INLINE, "bytes", CHAIN, 1)),
    subject.Row("tcp/unacked-cycles-per-byte", "cycles/byte", "lower",
                lambda b: inline(b, "unacked", UNACKED, "inline", INLINE, 1460)),
    subject.Row("tcp/bytes-per-connection", "bytes", "lower", memory, 256, packets=False),
    subject.Row("tcp/snapshot-bytes", "bytes", "lower",
                lambda b: method.Figure(alone(b, "bytes a snapshot")), 24, 23, packets=False),
    subject.Row("tcp/snapshot-cycles", "cycles", "lower", snapshot, 20, 76, packets=False),
    subject.Row("tcp/million-connections", "MiB", "lower", million, 2048, packets=False),
    subject.Row("tcp/stack6-over-per-nf", "ratio", "higher", stack6, 3, 2.05),
    subject.Row("tcp/chain8-over-1", "ratio", "lower", chain8, 1.5),
    *(subject.Row(f"tcp/subscribe/{i + 1}", "cycles/packet", "lower",
                  lambda b, i=i: subscribe(b, i)) for i in range(5)),
    *(subject.Row(f"tcp/{name.replace('-', '/')}", "cycles/packet", "lower",
                  lambda b, i=i: fivenf(b, i)) for i, name in enumerate(FIVE)),
    *(subject.Row(f"tcp/{name.replace('-', '/')}/latency-{s}", "ns", "lower",
                  lambda b, i=i, s=s: latency(b, i, s))
      for i, name in enumerate(FIVE) for s in SHARES),
]
