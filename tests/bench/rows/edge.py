"""The chain of examples/edge: emitted code, and the program written by hand (tests/bench/edge)."""
import subject


ROWS = [
    subject.Row("edge/cycles", "cycles/packet", "lower",
                lambda bench: subject.by_flows(bench.edges(), lambda r: r.p10[0])),
    subject.Row("edge/over-handwritten", "ratio", "lower",
                lambda bench: subject.by_flows(bench.edges(), lambda r: r.ratio)),
]
