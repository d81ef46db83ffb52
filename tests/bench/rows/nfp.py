"""Which of NFP's NFs (table 2 of Sun et al., SIGCOMM 2017) may run at the same time, as
tests/bench/nfp writes them in NFL: the share of ordered pairs of the six that are weighted there,
by the product of their shares of deployed middleboxes. A packet comes from the inside and visits
the first NF first. `buffered`: if effects of the second may wait for the first's verdict."""
import functools
import json
import pathlib
import subprocess

import method
import subject

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "nfp"

# NF: its module, its use, what NFP says of its fields (source, destination, ports, payload: r, w or
# b for both), whether it adds or removes headers, whether it drops, its share in %.
NFS = {
    "Firewall": ("firewall", 'Firewall(rules = file("rules.acl"))', "rrrr-", False, True, 26),
    "NIDS": ("nids", "Nids", "rrrrr", False, False, 20),
    "Gateway": ("gateway", "Gateway", "rr---", False, False, 19),
    "LoadBalancer": ("balancer", 'Maglev(vip = 198.51.100.2, port = 80, '
                     'backends = file("web.backends"))', "bbrr-", False, False, 10),
    "Caching": ("caching", "Caching", "r-r-r", False, False, 10),
    "VPN": ("vpn", "Vpn", "rr--b", True, False, 7),
    "NAT": ("nat", "SymmetricNat(outside = 203.0.113.7) as Nat", "bbbb-", False, False, None),
    "Proxy": ("proxy", "Proxy", "bb---", False, False, None),
    "Compression": ("compression", "Compression", "----b", False, False, None),
    "Shaper": ("shaper", "Shaper", "-----", False, False, None),
    "Monitor": ("monitor", "Monitor", "rrrr-", False, False, None),
}
WEIGHTED = [n for n in NFS if NFS[n][5]]
PAIRS = [(a, b) for a in WEIGHTED for b in WEIGHTED if a != b]


# -- NFP's own answers ----------------------------------------------------------------------

def by_table(first, second, buffered):
    """What NFP's table says: parallel, copy or ordered."""
    a, b = NFS[first], NFS[second]
    if (a[4] and not buffered) or a[3]:
        return "ordered"
    fields = list(zip(a[2], b[2]))
    if any(x in "wb" and y in "rb" for x, y in fields):
        return "ordered"
    copy = b[3] or any(x in "rwb" and y in "wb" for x, y in fields)
    return "copy" if copy else "parallel"


# -- ours -----------------------------------------------------------------------------------

def program():
    uses = "".join(f"use {n[0]}\n" for n in NFS.values())
    chains = "".join(
        f"chain {a}_{b} (inside {a}_{b}_in <-> outside {a}_{b}_out)\n"
        "    with flows(1k, idle = 1min, full = idle, shards = 1) =\n"
        f"    {NFS[a][1]} -> {NFS[b][1]}\n" for a in NFS for b in NFS if a != b)
    return f"use std.net\n{uses}\n{chains}"


@functools.cache
def answers(nflc, folder):
    """{(first, second): the pair as nflc graph --json tells it}, of all NFs."""
    path = pathlib.Path(folder) / "nfp-pairs.nfl"
    path.write_text(program())
    text = subprocess.run([nflc, "graph", "--json", "-I", FOLDER, path], check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout
    return {tuple(c["chain"].split("_")): c["ways"][0]["pairs"][0]
            for c in json.loads(text)["chains"]}


def answer(pair, buffered):
    return pair["buffered" if buffered else "answer"]


def share(of, good):
    """In %, of the pairs that are answered so."""
    weight = {p: NFS[p[0]][5] * NFS[p[1]][5] for p in PAIRS}
    return 100 * sum(weight[p] for p in PAIRS if of(p) in good) / sum(weight.values())


def why(pair, ours):
    """The acts that cause the answer."""
    needs = ["order", "verdict", "copy"] if ours == "ordered" else ["copy"]
    found = {r["needs"]: r for r in pair["reasons"]}
    reason = next((found[n] for n in needs if n in found), None)
    if not reason:
        return "nothing they do meets"
    return f"{reason['first']['does']}, then {reason['second']['does']}"


def differences(found, buffered, pairs=None):
    """Sentences about the pairs that NFP's table answers otherwise."""
    for p in pairs or PAIRS:
        ours, theirs = answer(found[p], buffered), by_table(*p, buffered)
        if ours != theirs:
            yield f"{p[0]}-{p[1]} {ours}, NFP {theirs}: {why(found[p], ours)}"


def measure(buffered, good):
    def figure(bench):
        found = answers(str(bench.nflc), str(bench.folder))
        value = share(lambda p: answer(found[p], buffered), good)
        theirs = share(lambda p: by_table(*p, buffered), good)
        other = list(differences(found, buffered))
        return method.Figure(value, f"NFP's table gives {theirs:.1f}; {len(other)} of {len(PAIRS)} "
                             f"pairs differ: {'; '.join(other)}")
    return figure


ROWS = [
    subject.Row(f"nfp/{name}{suffix}", "%", "higher", measure(buffered, good), paper=paper,
                packets=False)
    for buffered, suffix, papers in ((False, "", (53.8, 41.5)), (True, "-buffered", (79.1, 60.3)))
    for name, good, paper in zip(("parallel", "no-copy"),
                                 (("parallel", "copy"), ("parallel",)), papers)
]
