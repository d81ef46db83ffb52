"""Program and runtime optimised as one by LLVM, against gcc and a linker."""
import subject


def measure(bench):
    results = bench.programs(bench.edge(), bench.edge("--cc=gcc"))
    return subject.by_flows(results, lambda r: r.ratio)


ROWS = [subject.Row("lto/over-gcc", "ratio", "lower", measure, target=1)]
