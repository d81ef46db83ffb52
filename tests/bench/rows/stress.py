"""What attacks and sheer numbers cost: tuples chosen to meet in the flow table, a million new flows
against a full table, and the timers of a million sessions."""
import json
import struct

import chains
import machine
import method
import programs
import subject
import traffic
from rows import lookup

# -- chosen tuples --------------------------------------------------------------------------

CALM, ATTACK = 100_000, 20_000


def flooded(known):
    """Cycles of a look-up where ATTACK sessions have chosen tuples, over those where they have
    any. They meet in a small part of the table, under the key that the attacker thinks it has."""
    def measure(bench):
        def side(how, column):
            return lookup.run(bench, CALM, [how, str(ATTACK)])[column]

        how = "known" if known else "guessed"
        others = method.alternate([lambda: side(how, 0), lambda: side("any", 0)],
                                  min(7, bench.rounds))
        own = method.alternate([lambda: side(how, 1), lambda: side("any", 1)],
                               min(3, bench.rounds))
        return method.Figure(
            others.ratio, f"{others.p10[0]:.4g} and {others.p10[1]:.4g} cycles of {CALM:,} "
            f"sessions beside {ATTACK:,} of the attacker, whose own take {own.p10[0]:.4g} and "
            f"{own.p10[1]:.4g}; {method.spoken([others])}", others.steady)
    return measure


# -- a million new flows in a second --------------------------------------------------------

NEW, LIVE = 1_000_000, 100_000
FULL = chains.Chain("full", f"""use std.monitor
use std.firewall

chain full (inside lan <-> outside wan)
    with flows({LIVE}, idle = 5min, full = refuse, shards = 1) =
    Monitor -> Firewall(rules = file("allow.acl"))
""")
MANY = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0"


def syn(i):
    """The first segment of a flow that nobody knows."""
    src, dst = struct.pack(">I", (11 << 24) + i), bytes((198, 51, 100, 1))
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 46, 0, 0x4000, 64, 6, 0) + src + dst
    return MANY + ip + struct.pack(">HHIIBBHHH6x", 1000, 80, 1, 0, 0x50, 2, 1000, 0, 0)


def storm(bench):
    """Captures: all LIVE flows, then a second in which they have as many packets as there are new
    flows."""
    def make():
        known = [traffic.frame(0, *traffic.flow(i)) for i in range(LIVE)]
        packets, times = [(0, f) for f in known], list(range(LIVE))
        for i in range(NEW):
            packets += [(0, syn(i)), (0, known[i * 7919 % LIVE])]
            times += [10**9 + i * 1000] * 2
        return traffic.both(packets, bench.folder, "storm", times)
    return bench.keep("storm", make)


def lost(bench):
    """Packets of known flows that a full table's refusals cost."""
    ports, program = storm(bench), bench.program(FULL, "ours")
    out = programs.run([program, "--json", "--quiet", f"--files={chains.FOLDER}", "--seed=1",
                        f"--port=lan=pcap:{ports[0]}", f"--port=wan=pcap:{ports[1]},/dev/null"],
                       preexec_fn=lambda: machine.prefer(bench.cores[:1]))
    report = json.loads(out[out.index("{"):])
    sent = next(p["tx_packets"] for p in report["ports"] if p["name"] == "wan")
    reasons = {d["reason"]: d["packets"] for d in report["drops"]}
    flows = report["flows"][0]
    counted = reasons == {"flow table full": NEW} and flows["live"] == flows["opened"] == LIVE
    return method.Figure(LIVE + NEW - sent, f"{sent:,} of {LIVE + NEW:,} packets of known flows "
                         f"passed; dropped: {reasons}", met=counted)


def refused(bench):
    """A packet that finds the table full, over one of a known flow."""
    few = 20_000
    known = [(0, traffic.frame(0, *traffic.flow(i))) for i in range(LIVE)]

    def captures():
        fill = known + known[:few]
        flood = known + [(0, syn(i)) for i in range(few)]
        return [traffic.both(p, bench.folder, n, list(range(len(p))))
                for p, n in ((flood, "refused"), (fill, "accepted"))]
    both = bench.keep("refused", captures)

    def side(ports):
        """Of all packets of a round: those that fill are known ones on both sides."""
        started = bench.start_on(bench.program(FULL, "ours"), chains.FOLDER,
                                 dict(zip(("lan", "wan"), ports)), 4, bench.cores[:1])
        out, err = started.communicate()
        if started.returncode:
            raise RuntimeError(err.decode("utf-8", "backslashreplace").strip())
        return next(r for r in json.loads(out)["rows"] if r["name"] == "known")["round"]["p10"]
    result = method.alternate([lambda p=p: side(p) for p in both], min(7, bench.rounds))
    cycles = [c * (LIVE + few) for c in result.p10]
    each, more = cycles[1] / (LIVE + few), (cycles[0] - cycles[1]) / few
    return method.Figure((each + more) / each, f"{each + more:.4g} cycles for a packet that is "
                         f"refused, {each:.4g} for one of a known flow; {method.spoken([result])}",
                         result.steady)


# -- timers ---------------------------------------------------------------------------------

SESSIONS, IDLE, ROUND = 1_000_000, 60, 40       # seconds
RATES = 1_000_000, 10_000_000                   # packets a second, of the note


def timed(idle):
    return chains.Chain(f"timed{idle}", f"""use std.monitor
use std.firewall

chain timed{idle} (inside lan <-> outside wan) with flows(1250k, idle = {idle}s, full = refuse) =
    Monitor -> Firewall(rules = file("allow.acl"))
""")


def timers(bench):
    """Of a core that is busy with packets, the share that goes into timers. A session is looked at
    when it would have ended but for the packets that came since, so about once in IDLE. Of two
    equal programs one does that in each round at each session: packets are ROUND apart there."""
    def make():
        out = [(0, traffic.frame(0, *traffic.flow(i))) for i in range(SESSIONS)]
        step = ROUND * 10**9 // SESSIONS
        return traffic.both(out, bench.folder, "timers", [i * step for i in range(SESSIONS)])
    ports, hz = bench.keep("timers", make), []

    def side(idle):
        found = bench.chain_row(timed(idle), "ours", ports, 4)
        hz.append(found["hz"])
        return found["round"]["p10"]
    result = method.alternate([lambda: side(IDLE), lambda: side(3600)], min(5, bench.rounds))
    with_, without = result.p10
    each = max(0.0, with_ - without)
    looks = SESSIONS / IDLE                     # a second
    shares = ", ".join(f"{100 * each * looks / r / without:.3g} % of the path at {r:,} packets a "
                       "second" for r in RATES)
    return method.Figure(100 * each * looks / hz[0],
                         f"{each:.4g} cycles a look, {looks:,.0f} looks a second with idle = "
                         f"{IDLE}s; {shares}; a packet takes {without:.4g} cycles; "
                         f"{method.spoken([result])}", result.steady)


ROWS = [
    subject.Row("stress/chosen-tuples", "ratio", "lower", flooded(False), 1.1),
    subject.Row("stress/chosen-tuples-known-seed", "ratio", "lower", flooded(True)),
    subject.Row("stress/million-new-lost", "packets", "lower", lost, 0),
    subject.Row("stress/refused-over-known", "ratio", "lower", refused),
    subject.Row("stress/timers-of-million", "%", "lower", timers, 5),
]
