"""Finding the sessions of a burst: nfl/find.h beside DPDK's rte_hash (tests/bench/lookup), in turns
in one process. The ratio is of cycles for one look-up of either direction, its line of the session
included."""
import shlex
import subprocess

import machine
import method
import programs
import subject

SESSIONS = (1_000, 100_000, 1_000_000)


def build(bench):
    to = bench.folder / "lookup"
    built = bench.nflc.parent
    dpdk = shlex.split(programs.run(["pkg-config", "--cflags", "--libs", "libdpdk"]))
    programs.run(["gcc", "-O3", "-march=native", "-std=gnu11", f"-I{programs.SRC}/runtime/include",
                  "-iquote", programs.SRC / "runtime", programs.SRC / "tests/bench/lookup/lookup.c",
                  built / "libnflflow.a", built / "libnflcore.a", built / "libnflflow.a", *dpdk,
                  "-march=native", "-lm", "-lcrypto", "-lpthread", "-o", to])
    return to


def run(bench, sessions, more=()):
    """What the program measures: cycles of ours, of rte_hash, of ours again; with more = (HOW, N),
    of look-ups of the sessions, and of N others whose tuples were chosen."""
    program = bench.keep("lookup", lambda: build(bench))
    memory = ["--in-memory", "-m", "1024"] if bench.huge else ["--no-huge", "-m", "1024"]
    out = subprocess.run([program, str(sessions), str(bench.rounds), *more, *memory, "--no-pci",
                          "--log-level=1"], check=True, stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, preexec_fn=lambda: machine.prefer(bench.cores[:1]))
    return [float(v) for v in out.stdout.splitlines()[-1].split()]


def figure(bench, sessions):
    for tries in range(1, 2 + method.RETRIES):
        ours, theirs, again = run(bench, sessions)
        apart = max(ours, again) / min(ours, again) - 1
        if apart <= method.APART:
            break
    note = f"{ours:.1f} to {theirs:.1f} cycles, A/A {apart:.1%}, {tries} tries"
    return method.Figure(ours / theirs, note, apart <= method.APART)


ROWS = [subject.Row(f"lookup/{n}/over-rte-hash", "ratio", "lower",
                    lambda bench, n=n: figure(bench, n), target=1.0) for n in SESSIONS]
