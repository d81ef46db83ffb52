"""Program and runtime optimised as one by LLVM, against gcc and a linker."""
import subject


def measure(bench):
    return subject.by_flows(bench.edges(), lambda r: r.p10[0] / r.p10[2])


ROWS = [subject.Row("lto/over-gcc", "ratio", "lower", measure, target=1)]
