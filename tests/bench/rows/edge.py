"""The chain of examples/edge: emitted code, and the program written by hand (tests/bench/edge)."""
import subject


def pairs(bench):
    return bench.programs(bench.edge(), bench.by_hand())


ROWS = [
    subject.Row("edge/cycles", "cycles/packet", "lower",
                lambda bench: subject.by_flows(pairs(bench), lambda p: p.a)),
    subject.Row("edge/over-handwritten", "ratio", "lower",
                lambda bench: subject.by_flows(pairs(bench), lambda p: p.a / p.b)),
]
