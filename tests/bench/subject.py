"""What is measured: programs with captures, and commands. Each is made when a row first asks for
it, and kept for the rows after it."""
import dataclasses
import json
import pathlib
import subprocess
import time

import chains
import machine
import method
import plots
import programs
import traffic

FLOWS = (1, 1_000, 50_000)      # as many as one outside address has ports for
PACKETS = 200_000               # of a round, about


@dataclasses.dataclass
class Row:
    """One line of bench.json. measure(bench) returns a method.Figure."""
    id: str
    unit: str
    better: str                 # "lower", "higher"
    measure: object
    target: float | None = None     # None: nothing to hold it to yet
    paper: float | None = None      # what was published, if it is comparable
    packets: bool = True        # runs packets, so it wants hugepages


class Bench:
    def __init__(self, nflc, folder, rounds):
        self.nflc, self.folder, self.rounds = pathlib.Path(nflc), folder, rounds
        self.huge = False
        self.cores = machine.cores()
        self.made = {}
        self.plots = {
            "chain1": plots.Plot("Chain 1: Nat, Maglev, Monitor, Firewall", "flows",
                                 "cycles per packet", log=True),
            "firewalls": plots.Plot("Firewalls of 100 rules, 1,000 flows", "firewalls",
                                    "cycles per packet"),
            "flow-time": plots.Plot("Flow completion time of chain 1", "packets of a flow",
                                    "cycles per flow", log=True),
        }

    def keep(self, key, make):
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    # ---- programs of examples/edge ----

    def edge(self, *flags):
        to = self.folder / "-".join(["edge", *(f.strip("-") for f in flags)])
        return self.keep(to, lambda: programs.build(self.nflc, programs.EDGE, to, flags))

    def by_hand(self):
        to = self.folder / "edge-by-hand"
        return self.keep(to, lambda: programs.build_by_hand(self.nflc, "edge", to))

    def traffic(self, flows):
        return self.keep(("traffic", flows),
                         lambda: traffic.make(self.edge(), flows, self.folder))

    # ---- chains of tests/bench/consolidation ----

    def program(self, chain, kind):
        """A program of a chains.Chain; kind: see chains.py."""
        return self.keep((chain.name, kind), lambda: chain.build(self.nflc, kind, self.folder))

    def chain_row(self, chain, kind, ports, times, options=()):
        """What chain and kind measure of known flows."""
        started = self.start_on(self.program(chain, kind), chains.FOLDER,
                                dict(zip(("lan", "wan"), ports)), times, self.cores[:1], options)
        return self.finish(started, chain.drops)

    def chain_round(self, chain, kind, flows):
        ports = self.keep(("traffic", chain.translates and chain.name, chain.drops, flows),
                          lambda: chain.traffic(lambda: self.program(chain, "ours"), flows,
                                                self.folder))
        each = max(2 * flows, traffic.LEAST)
        return self.chain_row(chain, kind, ports, PACKETS // each)

    def chain_sides(self, sides, flows, rounds=None):
        """Sides of cycles per packet of (chain, kind) pairs, processed alone and with I/O."""
        io = [[] for _ in sides]

        def one(i):
            row = self.chain_round(*sides[i], flows)
            io[i].append(row["io"])
            return row["round"]["p10"]

        def all_():
            for chain, kind in sides:       # what is built is not measured
                self.program(chain, kind)
            result = method.alternate([lambda i=i: one(i) for i in range(len(sides))],
                                      rounds or self.rounds)
            result.io = [method.p10(v) for v in io]
            return result
        return self.keep(("sides", tuple((c.name, k) for c, k in sides), flows, rounds), all_)

    # ---- one round ----

    def start(self, program, flows, cores, options=(), packets=PACKETS):
        """A process on these cores that measures itself."""
        ports = dict(zip(("lan", "wan"), self.traffic(flows)))
        each = max(2 * flows, traffic.LEAST)
        return self.start_on(program, programs.EDGE.parent, ports, packets // each, cores, options)

    def start_on(self, program, files, ports, times, cores, options=()):
        """.. with captures {port: path} of its own, which it runs so many times."""
        argv = [program, f"--bench={max(2, times)}", "--json", "--quiet", *options,
                f"--files={files}", *(f"--port={p}=pcap:{c}" for p, c in ports.items())]
        return subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=lambda: machine.prefer(cores))

    def finish(self, process, drops=False, of="known"):
        """Its figures of known flows, processed alone, or of another row. drops: all packets, else
        none."""
        try:
            out, err = process.communicate()
        finally:
            process.kill()      # if we were stopped
        if process.returncode:
            raise RuntimeError(err.decode("utf-8", "backslashreplace").strip())
        found = json.loads(out)
        row = next(r for r in found["rows"] if r["name"] == of)
        row["hz"] = found["tsc_hz"]
        row["io"] = next(r for r in found["rows"] if r["name"] == "io")["round"]["p10"]
        if row["sent" if drops else "dropped"]:
            raise RuntimeError(f"{found['program']} dropped {row['dropped']} packets "
                               f"and sent {row['sent']}")
        if self.huge and not found["huge"]:
            raise RuntimeError(f"{found['program']} found no hugepages")
        return row

    def cycles(self, program, flows):
        """Cycles per packet of a process on the first core."""
        return self.finish(self.start(program, flows, self.cores[:1]))["round"]["p10"]

    # ---- sides ----

    def edges(self):
        """{flows: Sides} of cycles per packet: nflc's, by hand, nflc's with gcc."""
        def sides(flows):
            built = self.edge(), self.by_hand(), self.edge("--cc=gcc")
            return [lambda p=p: self.cycles(p, flows) for p in built]
        return self.keep("edges",
                         lambda: {f: method.alternate(sides(f), self.rounds) for f in FLOWS})

    def seconds(self, argv, before=dict):
        """Sides of a command alone; before() is not timed, and returns what run() wants."""
        def one():
            more = before()
            begin = time.perf_counter()
            programs.run(argv, preexec_fn=lambda: machine.prefer(self.cores), **more)
            return time.perf_counter() - begin
        return method.alternate([one], self.rounds)


def by_flows(results, value):
    """The worst of a figure by flows, and all of them for the note."""
    values = {f: value(r) for f, r in results.items()}
    note = ", ".join(f"{v:.3g} with {f:,} flow{'s'[:f != 1]}" for f, v in values.items())
    steady = all(r.steady for r in results.values())
    return method.Figure(max(values.values()), f"{note}; {method.spoken(results.values())}",
                         steady)
