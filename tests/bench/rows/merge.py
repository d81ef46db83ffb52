"""Ways to write what a row says into headers (tests/bench/merge): what nflc emits, a copy and
stores, beside one masked merge of 64 bytes. In turns in one process; both also change checksums.
Values of the ratio are of IPv4 with addresses, ports and DSCP, five fields."""
import subprocess

import machine
import method
import programs
import subject

VARIANTS = ("avx512", "avx2", "sse", "scalar")
JUDGED = "ipv4-dscp"
TIMES = 10      # rounds are short


def build(bench):
    to = bench.folder / "merge"
    programs.run(["gcc", "-O3", "-march=native", "-std=gnu11",
                  programs.SRC / "tests/bench/merge/merge.c", "-o", to])
    return to


def one(bench, program):
    """{side: cycles of the copy, of the copy again, of the variants}"""
    out = subprocess.run([program, str(TIMES * bench.rounds)], check=True, stdin=subprocess.DEVNULL,
                         text=True, stdout=subprocess.PIPE,
                         preexec_fn=lambda: machine.prefer(bench.cores[:1]))
    return {w[0]: [float(v) for v in w[1:]] for w in map(str.split, out.stdout.splitlines())}


def apart(side):
    return max(side[:2]) / min(side[:2]) - 1


def sides(bench):
    """The steadiest of up to four tries, and how many there were."""
    program, best = build(bench), None
    for tries in range(1, 2 + method.RETRIES):
        found = one(bench, program)
        if not best or apart(found[JUDGED]) < apart(best[JUDGED]):
            best = found
        if apart(best[JUDGED]) <= method.APART:
            break
    return best, tries


def measure(bench, at):
    found, tries = bench.keep("merge", lambda: sides(bench))
    copy, cycles = min(found[JUDGED][:2]), found[JUDGED][2 + at]
    if not cycles:
        return method.Figure(None, "this processor lacks the instructions", False)
    others = ", ".join(f"{name} {side[2 + at]:.3g} to {min(side[:2]):.3g}"
                       for name, side in found.items())
    return method.Figure(cycles / copy, f"cycles: {others}; A/A {apart(found[JUDGED]):.1%}, "
                         f"{tries} tries", apart(found[JUDGED]) <= method.APART)


ROWS = [subject.Row(f"merge/{name}/over-copy", "ratio", "lower",
                    lambda bench, at=at: measure(bench, at), packets=False)
        for at, name in enumerate(VARIANTS)]
