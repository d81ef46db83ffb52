"""How everything here is measured.

Other programs, the host and chance make a run longer and nothing makes it shorter. So the two sides
alternate, round by round: A, B, A. A side's figure is the 10th percentile of its rounds, a row's
value the ratio of two of them. Both A's measure the same: where their 10th percentiles differ by
more than 5 %, so may the value, and all is measured again, at most three times."""
from dataclasses import dataclass

ROUNDS = 31         # the least from which a row may pass or fail
RETRIES = 3
APART = 0.05


@dataclass
class Figure:
    """What a row measured. value None: nothing. steady: it may be judged."""
    value: float | None
    note: str = ""
    steady: bool = True


@dataclass
class Pair:
    """The 10th percentiles of both sides; b is None where there is one side only."""
    a: float
    b: float | None
    apart: float    # of A against A: 0.05 is 5 %
    tries: int

    @property
    def steady(self):
        return self.apart <= APART


def p10(values):
    """As runtime/core/measure.c counts: the least that a tenth does not exceed."""
    v = sorted(values)
    return v[max(0, -(-len(v) // 10) - 1)]


def once(a, b, rounds):
    first, second, other = [], [], []
    for _ in range(rounds):
        first.append(a())
        if b:
            other.append(b())
        second.append(a())
    x, y = p10(first), p10(second)
    return Pair(p10(first + second), p10(other) if b else None, max(x, y) / min(x, y) - 1, 1)


def alternate(a, b, rounds):
    """a(), b(): one round each, as a number; b may be None. The steadiest of up to four tries."""
    best = None
    for i in range(1 + RETRIES):
        pair = once(a, b, rounds)
        if not best or pair.apart < best.apart:
            best = pair
        best.tries = i + 1
        if best.steady:
            break
    return best


def spoken(pairs):
    """Of a note: how far the sides may be trusted."""
    worst = max(p.apart for p in pairs)
    tries = max(p.tries for p in pairs)
    return f"A/A {worst:.1%}" + (f", {tries} tries" if tries > 1 else "")
