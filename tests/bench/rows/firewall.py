"""What 10,000 rules cost a StatefulFirewall: a new flow, in microseconds with all that its begin
takes, and a packet of a known flow, beside the same with one rule. No rule but the last matches."""
import random

import method
import programs
import subject
import traffic

RULES, FLOWS, ROUNDS = 10_000, 20_000, 7
CHAIN = """use std.stateful_firewall

chain rules (inside lan <-> outside wan) with flows(1M, idle = 5min, full = refuse) =
    StatefulFirewall(rules = file("some.policy"))
"""


def rules(n):
    """So many, of which the last one holds for all."""
    r = random.Random(n)
    for _ in range(n - 1):
        where = f"203.{r.randrange(256)}.{r.randrange(256)}.0/24"
        if r.random() < 0.2:
            where = f"2001:db8:{r.randrange(65536):x}::/48"
        ports = r.choice(["22", "25", "80,443", "8000-8099"])
        yield f"deny proto {r.choice(['tcp', 'udp'])} to {where} port {ports}"
    yield "allow"


def program(bench, n):
    folder = bench.folder / f"rules-{n}"
    folder.mkdir(exist_ok=True)
    (folder / "some.policy").write_text("".join(f"{line}\n" for line in rules(n)))
    source = folder / "rules.nfl"
    source.write_text(CHAIN)
    return programs.build(bench.nflc, source, folder / "rules")


def one(bench, n, of):
    """Cycles for a packet of a known flow, microseconds for one that begins a flow."""
    to = bench.keep(("rules", n), lambda: program(bench, n))
    ports = bench.keep("firewall", lambda: traffic.fresh(FLOWS, bench.folder, "firewall"))
    started = bench.start_on(to, to.parent, dict(zip(("lan", "wan"), ports)), 10,
                             bench.cores[:1])
    found = bench.finish(started, of=of)
    return found["round"]["p10"] * (1 if of == "known" else 1e6 / found["hz"])


def known(bench):
    result = method.alternate([lambda n=n: one(bench, n, "known") for n in (RULES, 1)],
                              min(ROUNDS, bench.rounds))
    return method.Figure(result.ratio, f"{result.p10[0]:.4g} and {result.p10[1]:.4g} cycles; "
                         f"{method.spoken([result])}", result.steady)


def new(bench):
    result = method.alternate([lambda n=n: one(bench, n, "new") for n in (RULES, 1)],
                              min(ROUNDS, bench.rounds))
    return method.Figure(result.p10[0], f"with one rule {result.p10[1]:.3g}; "
                         f"{method.spoken([result])}", result.steady)


ROWS = [
    subject.Row(f"firewall/{RULES}/known-over-1", "ratio", "lower", known, 1.05),
    subject.Row(f"firewall/{RULES}/new-flow-us", "us", "lower", new, 2),
]
