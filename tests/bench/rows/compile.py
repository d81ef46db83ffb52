"""How long nflc takes."""
import os
import shutil
import tempfile

import method
import programs
import subject

NF = """
/// Counts, and limits what comes from the client.
nf Limit{i}(most: u32 = {i}) {{
    flow sent: u32
    split refused: u64

    on FLOW/NEW (f) {{
        if f.dport in {{22, 23, {i}}} || f.dst in 192.0.2.0/24 {{
            refused += 1
            drop flow "refused"
        }}
    }}
    on PKT/TCP from client (p) {{
        sent += 1
        if sent > most && p.tcp.flags.syn {{ drop "limit" }}
        if p has ip {{ p.ip.dscp = u6(p.tcp.dport & 7) }}
    }}
    on FLOW/END {{ sent = 0 }}
}}
"""


def long_source(path, lines=1000):
    """A chain of NFs, of just so many lines."""
    count = lines // NF.count("\n") - 1
    text = ["use std.net\n", *(NF.format(i=i) for i in range(1, count + 1)),
            "\nchain long (lan <-> wan) with flows(10k, idle = 1min, full = refuse) =\n    ",
            "\n    -> ".join(f"Limit{i}" for i in range(1, min(count, 30) + 1)), "\n"]
    text = "".join(text)
    path.write_text(text + "// to the length that is measured\n" * (lines - text.count("\n")))
    return path


def figure(result, note):
    return method.Figure(result.p10[0], f"{note}; {method.spoken([result])}", result.steady)


def empty_cache(bench):
    """The environment of a user whose cache is empty."""
    for old in bench.folder.glob("cache-*"):
        shutil.rmtree(old)
    return {"env": {**os.environ, "XDG_CACHE_HOME": tempfile.mkdtemp(prefix="cache-",
                                                                     dir=bench.folder)}}


def build(bench):
    argv = [bench.nflc, "build", programs.EDGE, "-o", bench.folder / "timed"]
    return figure(bench.seconds(argv, lambda: empty_cache(bench)), "the cache is empty")


def cached(bench):
    argv = [bench.nflc, "build", programs.EDGE, "-o", bench.folder / "timed"]
    full = empty_cache(bench)
    programs.run(argv, **full)
    return figure(bench.seconds(argv, lambda: full), "built before")


def run(bench):
    """To the end of a run of one packet: what a user waits for the first, and a little more."""
    one, none = bench.folder / "one.pcap", bench.folder / "none.pcap"
    subject.traffic.write(one, [(subject.traffic.START,
                                 subject.traffic.frame(0, *subject.traffic.flow(0)))])
    subject.traffic.write(none, [])
    argv = [bench.nflc, "run", programs.EDGE, "--port", f"lan=pcap:{one}",
            "--port", f"wan=pcap:{none}"]
    return figure(bench.seconds(argv, lambda: empty_cache(bench)),
                  "to the end of a run of one packet, the cache is empty")


def check(bench):
    argv = [bench.nflc, "check", long_source(bench.folder / "long.nfl")]
    return figure(bench.seconds(argv), "nflc check")


def row(name, measure, target):
    return subject.Row(name, "seconds", "lower", measure, target, packets=False)


ROWS = [
    row("compile/edge-seconds", build, 2),
    row("compile/edge-cached-seconds", cached, 0.1),
    row("compile/run-seconds", run, 1.5),
    row("compile/check-1000-lines", check, 0.05),
]
