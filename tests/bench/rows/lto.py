"""Program and runtime optimised as one by LLVM, against gcc and a linker."""
import subject


def measure(bench):
    pairs = bench.programs(bench.edge(), bench.edge("--cc=gcc"))
    return subject.by_flows(pairs, lambda p: p.a / p.b)


ROWS = [subject.Row("lto/over-gcc", "ratio", "lower", measure, target=1)]
