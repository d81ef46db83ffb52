"""What a second core brings, as a share of what it brings to two copies of the program written by
hand that know nothing of each other: caches, memory and the host are shared by them, too.

Packets are divided before, as an equal RSS of a NIC would; steering in software is not in it."""
import method
import subject

FLOWS = 10_000
PACKETS = 2_000_000     # so many that the copies run at the same time nearly all of theirs


def cycles(bench, processes, options=()):
    """Per packet, of processes that run at the same time; the median of each, since the ends of
    the one that runs longer do not count."""
    running = [bench.start(p, FLOWS, cores, options, PACKETS) for p, cores in processes]
    found = [bench.finish(r)["round"]["p50"] for r in running]
    return len(found) / sum(1 / c for c in found)


def measure(bench):
    if len(bench.cores) < 2:
        return method.Figure(None, "this machine has one core", False)
    edge, hand, (one, two) = bench.edge(), bench.by_hand(), bench.cores[:2]
    result = method.alternate([
        lambda: cycles(bench, [(edge, [one, two])], ["--cores=2"]),
        lambda: cycles(bench, [(edge, [one])]),
        lambda: cycles(bench, [(hand, [one]), (hand, [two])]),
        lambda: cycles(bench, [(hand, [one])])], bench.rounds)
    edge2, edge1, hand2, hand1 = result.p10
    ours, theirs = 2 * edge1 / edge2, 2 * hand1 / hand2
    note = (f"{ours:.3g} of two cores over one, copies of the program by hand {theirs:.3g}; "
            f"divided as by RSS, {FLOWS:,} flows; {method.spoken([result])}")
    return method.Figure(ours / theirs, note, result.steady)


ROWS = [subject.Row("cores/2-over-1", "ratio", "higher", measure, target=0.95)]
