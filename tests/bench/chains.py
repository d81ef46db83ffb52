"""The chains of tests/bench/consolidation, each in four ways: `ours` as nflc makes it, `alone` with
--no-consolidate, `hand` written in C for this chain only, and `bare`: that with a CRC for a hash
and without any check of packets and flows."""
import dataclasses

import programs
import traffic

FOLDER = programs.SRC / "tests/bench/consolidation"
HEAD = "use std.net\nuse std.firewall\nuse std.maglev\nuse std.monitor\nuse nat\n\n"
FLOWS = "with flows(1250k, idle = 5min, full = refuse)"
NFS = {
    "Nat": "Nat",
    "Maglev": 'Maglev(vip = 198.51.100.9, port = 80, backends = file("web.backends"))',
    "Monitor": "Monitor",
    "Firewall": 'Firewall(rules = file("allow.acl"))',
}


@dataclasses.dataclass(frozen=True)
class Chain:
    name: str
    text: str = ""              # "": FOLDER/NAME.nfl
    order: str = ""             # of the program by hand; "": there is none
    walls: int = 0              # firewalls in it
    last: str = "allow.acl"     # rules of the last one
    addrs: int = 0              # of Nat
    drops: bool = False
    translates: bool = False

    def define(self, kind):
        """What makes tests/bench/edge this chain: programs.build_by_hand."""
        return (("EDGE_NAME", f'"{self.name}"'), ("EDGE_ORDER", self.order),
                ("EDGE_WALLS", self.walls), ("EDGE_FLOWS", 1_250_000), ("EDGE_ADDRS", self.addrs),
                ("EDGE_RULES", '"allow.acl"'), ("EDGE_LAST", f'"{self.last}"'),
                ("EDGE_DROPS", "true" if self.drops else "false"),
                ("EDGE_BARE", "true" if kind == "bare" else "false"))

    def source(self, folder):
        if not self.text:
            return FOLDER / f"{self.name}.nfl"
        path = folder / f"{self.name}.nfl"
        path.write_text(self.text)
        return path

    def build(self, nflc, kind, folder, flags=()):
        to = folder / f"{self.name}-{kind}"
        if kind in ("hand", "bare"):
            return programs.build_by_hand(nflc, "edge", to, flags, self.define(kind))
        more = ["--no-consolidate"] if kind == "alone" else []
        return programs.build(nflc, self.source(folder), to, [*flags, *more, "-I", FOLDER])

    def traffic(self, program, flows, folder):
        """The captures of both ports; program: one of the chain."""
        if self.drops:
            return traffic.one_way(flows, folder, f"one-way{flows}")
        if self.translates:
            return traffic.make(program(), flows, folder, FOLDER, f"{self.name}.")
        return traffic.make(None, flows, folder, FOLDER, "plain")


def chain_of(name, nfs, flows=FLOWS):
    return f"{HEAD}chain {name} (inside lan <-> outside wan)\n    {flows} =\n    " + \
        "\n    -> ".join(nfs) + "\n"


def walls(n):
    """n firewalls."""
    return Chain(f"firewalls{n}", chain_of(f"firewalls{n}", [NFS["Firewall"]] * n),
                 ", ".join(f"WALL + {i}" for i in range(n)), n)


def single(nf):
    return Chain(f"single{nf}", chain_of(f"single{nf}", [NFS[nf]]), translates=nf != "Firewall")


CHAIN1 = Chain("chain1", "", "NAT, MAGLEV, MONITOR, WALL", 1, addrs=20, translates=True)
CHAIN2 = Chain("chain2", "", "WALL, SIGNATURES, MONITOR", 1)
UNREAD = Chain("unread", "-", "WALL, MONITOR", 1)   # by hand only: chain 2 but for the payload
DROP3 = Chain("drop3", "", "WALL, WALL + 1, WALL + 2", 3, last="deny.acl", drops=True)
DROP_FIRST = Chain("dropfirst", drops=True)
LINEAR = Chain("linear", drops=True)


def brief(chain, idle="1ms"):
    """The chain, in which flows end between two rounds, or with a packet long after them; with the
    stdlib's SymmetricNat, since they are few."""
    text = (FOLDER / f"{chain.name}.nfl").read_text().replace("5min", idle)
    text = text.replace("use nat", "use std.symmetric_nat")
    text = text.replace("    Nat\n", "    SymmetricNat(outside = 203.0.113.7) as Nat\n")
    return dataclasses.replace(chain, name=f"brief{chain.name}{idle}", text=text)
