"""What a second core brings, as a share of what it brings to two copies of the program written by
hand that know nothing of each other: caches and memory are shared by them, too."""
import method
import subject

FLOWS = 1_000


def rate(bench, *processes):
    """Packets a cycle of processes that run at the same time; in each the median, since the ends
    of the one that ran longer do not count."""
    running = [bench.start(p, FLOWS, cores) for p, cores in processes]
    return sum(1 / bench.finish(p)["round"]["p50"] for p in running)


def copies(bench):
    hand, (one, two) = bench.by_hand(), bench.cores[:2]
    return rate(bench, (hand, [one]), (hand, [two])) / rate(bench, (hand, [one]))


def measure(bench):
    if len(bench.cores) < 2:
        return method.Figure(None, "this machine has one core", False)
    return method.Figure(None, "programs have no --cores yet", False)


ROWS = [subject.Row("cores/2-over-1", "ratio", "higher", measure, target=0.95)]
