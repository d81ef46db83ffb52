"""What consolidation brings: chains of tests/bench/consolidation as nflc makes them, beside the
same NF by NF, and by hand. Ratios are of processing alone. Cycles that a row holds to a number are
with I/O, from and to memory, and those of the machine on which the targets were set: measured times
53 over what the bare limit takes in the same run."""
import json
import re

import chains
import method
import programs
import subject
import traffic

THERE = 53      # cycles of the bare limit there, at 1,000 flows, with I/O
BARE = chains.CHAIN1, "bare"
FLOWS = (1, 1_000, 100_000, 1_000_000)


def row(name, unit, better, measure, target=None, paper=None, packets=True):
    return subject.Row(name, unit, better, measure, target, paper, packets)


def figure(value, note, results, met=True):
    return method.Figure(value, f"{note}; {method.spoken(results)}",
                         all(r.steady for r in results), met)


def listed(names, values):
    return ", ".join(f"{n} {v:.3g}" for n, v in zip(names, values))


SERIES = "consolidated", "by hand", "NF by NF"

# -- chain 1 --------------------------------------------------------------------------------

def chain1(bench, flows):
    kinds = ["ours", "hand", "alone"] + ["bare"] * (flows == 1_000)
    rounds = min(bench.rounds, 2) if bench.rounds < method.ROUNDS and flows > 100_000 else None
    result = bench.chain_sides([(chains.CHAIN1, k) for k in kinds], flows, rounds)
    bench.plots["chain1"].points[flows] = dict(zip(SERIES, result.p10))
    return result


def over_limit(flows):
    def measure(bench):
        result = chain1(bench, flows)
        return figure(result.ratio, "cycles: " + listed(
            ("here", "by hand", "NF by NF", "bare limit"), result.p10) +
            f"; with I/O {result.io[0] / result.io[1]:.3g} times by hand", [result])
    return measure


def there(cycles, bare):
    return cycles * THERE / bare


def chain1_cycles(bench):
    result = chain1(bench, 1_000)
    return figure(there(result.io[0], result.io[3]), "with I/O: " + listed(
        ("here", "by hand", "NF by NF", "bare limit"), result.io), [result])


def million(bench):
    many, few = chain1(bench, 1_000_000), chain1(bench, 1_000)
    return figure(many.p10[0] / few.p10[0], f"{many.p10[0]:.4g} and {few.p10[0]:.3g} cycles",
                  [many, few])


# -- firewalls ------------------------------------------------------------------------------

def draw_walls(bench):
    """Rounds are fewer: nothing is judged by the plot."""
    for n in range(1, 10) if bench.rounds >= method.ROUNDS else (1, 9):
        result = bench.chain_sides([(chains.walls(n), k) for k in ("ours", "hand", "alone")],
                                   1_000, max(1, bench.rounds // 10))
        bench.plots["firewalls"].points[n] = dict(zip(SERIES, result.p10))


def nine(bench):
    sides = [(chains.walls(9), "ours"), (chains.walls(1), "ours"), (chains.walls(9), "hand"),
             (chains.walls(9), "alone")]
    result = bench.chain_sides(sides, 1_000)
    draw_walls(bench)
    return figure(result.ratio, "cycles: " + listed(
        ("nine", "one", "nine by hand", "nine NF by NF"), result.p10), [result])


def drop3(bench):
    """Giving the buffers back is in it, and nothing else of I/O."""
    return bench.chain_sides([(chains.DROP3, "ours"), (chains.DROP_FIRST, "ours"),
                              (chains.LINEAR, "ours"), (chains.DROP3, "alone"),
                              (chains.DROP3, "hand"), BARE], 1_000)


NOISE = 1.03    # of two sides that do the same


def drop3_cycles(bench):
    result = drop3(bench)
    ours, first, _, alone, hand, _ = result.p10
    bare = result.io[5]
    note = f"{ours:.3g} measured, dropping first {first:.3g}, by hand {hand:.3g}, NF by NF " \
           f"{alone:.3g}, the bare limit of chain 1 with I/O {bare:.3g}"
    return figure(there(ours, bare), note, [result], ours <= NOISE * first)


def drop3_saved(bench):
    result = drop3(bench)
    ours, _, linear, alone, _, _ = result.p10
    return figure(100 * (1 - ours / linear),
                  f"of {linear:.4g} cycles where each firewall scans its rules; of {alone:.3g} "
                  f"where they are indexed and asked once a flow {100 * (1 - ours / alone):.3g} %",
                  [result])


def single(bench):
    results = {nf: bench.chain_sides([(chains.single(nf), "ours"), (chains.single(nf), "alone")],
                                     1_000) for nf in chains.NFS}
    return figure(max(r.ratio for r in results.values()), ", ".join(
        f"{nf} {r.p10[0]:.3g} of {r.p10[1]:.3g}" for nf, r in results.items()), results.values())


# -- chain 2 --------------------------------------------------------------------------------

def beyond_payload(bench):
    result = bench.chain_sides([(chains.CHAIN2, "ours"), (chains.CHAIN2, "hand"),
                                (chains.UNREAD, "hand"), (chains.CHAIN2, "alone"), BARE], 1_000)
    ours, hand, unread, alone, bare = result.io
    payload = hand - unread
    return figure(there(ours - payload, bare),
                  f"with I/O {ours:.3g} measured, of which the payload function {payload:.3g}; "
                  f"by hand {hand:.3g}, NF by NF {alone:.3g}, the bare limit of chain 1 {bare:.3g}",
                  [result])


# -- flows that come and go -----------------------------------------------------------------

def round_cycles(bench, chain, kind, ports, times=8):
    return bench.chain_row(chain, kind, ports, times)["round"]["p10"]


def first_sides(bench):
    flows, chain = 20_000, chains.brief(chains.CHAIN1)
    ports = bench.keep("fresh", lambda: traffic.fresh(flows, bench.folder, "fresh"))
    return bench.keep("first", lambda: method.alternate(
        [lambda k=k: round_cycles(bench, chain, k, ports) for k in ("ours", "alone")],
        bench.rounds))


def first_packet(bench):
    result = first_sides(bench)
    return figure(result.ratio, f"{result.p10[0]:.4g} and {result.p10[1]:.4g} cycles", [result])


def sessions(bench):
    """Each packet opens a flow; those of the round before end in the middle of the round."""
    flows, chain = 20_000, chains.brief(chains.CHAIN1, "300ms")
    frames = [(0, traffic.frame(0, *traffic.flow(i))) for i in range(flows)]
    # The first burst is of flows that the end of the round before finds alive.
    times = [0] * traffic.BURST + [400_000_000 + 20 * i for i in range(flows - traffic.BURST)]
    ports = bench.keep("churn", lambda: traffic.both(frames, bench.folder, "churn", times=times))
    hz = []

    def one():
        found = bench.chain_row(chain, "ours", ports, 8)
        hz.append(found["hz"])
        return found["round"]["p10"]
    ended = method.alternate([one], bench.rounds)
    opened = first_sides(bench)
    return figure(hz[0] / ended.p10[0], f"with the end of as many, {ended.p10[0]:.4g} cycles; "
                  f"{hz[0] / opened.p10[0]:.4g} a second if nothing ends", [ended, opened])


def rebuild(bench):
    """A parameter changes before each round, in which each flow has one packet."""
    flows, times = 1_000, 40
    out = [traffic.frame(0, *traffic.flow(i)) for i in range(flows)]
    at = [9_000_000 * i // (flows - 1) for i in range(flows)]     # ns; a round takes 10 ms
    ports = traffic.both([(0, f) for f in out], bench.folder, "rebuild", times=at)
    changes = bench.folder / "rebuild.changes"
    changes.write_text("".join(f"+{i / 100:.3f} chain1.Maglev.port = {8000 + i % 2}\n"
                               for i in range(1, 2 * times + 2)))
    hz = []

    def one(options):
        found = bench.chain_row(chains.CHAIN1, "ours", ports, times, options=options)
        hz.append(found["hz"])
        return found["round"]["p10"]
    result = method.alternate([lambda: one([f"--changes={changes}"]), lambda: one([])],
                              bench.rounds)
    changed, same = result.p10
    return figure((changed - same) / hz[0] * 1e6, f"{changed:.4g} cycles with a packet after a "
                  f"change of parameters, {same:.3g} without; judging again is in it", [result])


# The mix: flows of so many packets, and their share.
CLASSES = {"1 to 3": (range(1, 4), 3_000), "4 to 30": (range(4, 31), 1_500),
           "31 to 1,000": (range(31, 1001), 60)}
MEDIAN = 17     # of 25 % below 4, 50 % of 4 to 30 and 25 % above


def spread(sizes, n):
    return [sizes[i * len(sizes) // n] for i in range(n)]


def flow_time(bench):
    """Flow completion time: the cycles of all packets of a flow."""
    chain = chains.brief(chains.CHAIN1)
    saved, times, results = {}, {}, []
    for name, sizes in [*((n, spread(s, c)) for n, (s, c) in CLASSES.items()),
                        ("median", [MEDIAN] * 1_500)]:
        ports, packets = traffic.sized(sizes, bench.folder, f"sized{len(times)}")
        result = method.alternate([lambda k=k, p=ports: round_cycles(bench, chain, k, p)
                                   for k in ("ours", "alone")], bench.rounds)
        results.append(result)
        times[name] = [c * packets / len(sizes) for c in result.p10]
        saved[name] = 100 * (1 - result.ratio)
        bench.plots["flow-time"].points[name if name != "median" else f"{MEDIAN} (median)"] = {
            "consolidated": times[name][0], "NF by NF": times[name][1]}
    note = "; ".join(f"{n} packets: {t[0]:,.0f} of {t[1]:,.0f} cycles a flow, {saved[n]:.3g} % less"
                     for n, t in times.items() if n != "median")
    return figure(saved["median"], f"a flow of the median, {MEDIAN} packets: "
                  f"{times['median'][0]:,.0f} of {times['median'][1]:,.0f} cycles; {note}", results)


# -- memory ---------------------------------------------------------------------------------

def session_bytes(bench):
    """As nflc explain says, whom tests/chain/million holds to it. The table is 1.25 times flows:
    of that its lines of references are used all over, entries and what belongs to them (28 bytes
    each) only where there is a flow."""
    text = programs.run([bench.nflc, "explain", chains.CHAIN1.source(bench.folder)])
    found = re.search(r"memory: (\d+) bytes a flow of IPv4 \(its entry (\d+)\), (\d+) of IPv6 "
                      r"\((\d+)\)", text)
    each4, entry4, each6, entry6 = map(int, found.groups())
    v4, v6 = (each + 0.25 * (each - entry - 28) for each, entry in ((each4, entry4),
                                                                   (each6, entry6)))
    return method.Figure(v4, f"IPv6 {v6:.0f}, where 320 are allowed; {each4} and {each6} in a full "
                         "table", met=v6 <= 320)


ROWS = [
    *(row(f"chain1/{flows}/over-limit", "ratio", "lower", over_limit(flows), 1.15)
      for flows in FLOWS),
    row("chain1/1000/cycles", "cycles/packet", "lower", chain1_cycles, 75, paper=860),
    row("chain1/1m-over-1k", "ratio", "lower", million, 4),
    row("firewalls/9-over-1", "ratio", "lower", nine, 1.1, paper=8.64),
    row("drop3/cycles", "cycles/packet", "lower", drop3_cycles, 40),
    row("drop3/saved", "%", "higher", drop3_saved, 95, paper=65),
    row("single/over-unconsolidated", "ratio", "lower", single, 1),
    row("chain2/cycles-beyond-payload", "cycles/packet", "lower", beyond_payload, 80),
    row("first-packet/over-unconsolidated", "ratio", "lower", first_packet, 1.3),
    row("sessions-per-second", "sessions/s", "higher", sessions, 2e6),
    row("row-rebuild-us", "us", "lower", rebuild, 1),
    row("flow-time/saved", "%", "higher", flow_time, 60, paper=39.6),
    row("bytes-per-session", "bytes", "lower", session_bytes, 192, packets=False),
]
