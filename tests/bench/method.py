"""How everything here is measured.

Other programs, the host and chance make a run longer and nothing makes it shorter. So the two sides
alternate, round by round: A, B, A. A side's figure is the 10th percentile of its rounds, a row's
value the ratio of two of them. Both A's measure the same: where their 10th percentiles differ by
more than 5 %, so may the value, and all is measured again, at most three times."""
import time
from dataclasses import dataclass

ROUNDS = 31         # the least from which a row may pass or fail
RETRIES = 3
APART = 0.05


@dataclass
class Figure:
    """What a row measured. value None: nothing. steady: it may be judged. met: what else the row
    promises holds."""
    value: float | None
    note: str = ""
    steady: bool = True
    met: bool = True


@dataclass
class Sides:
    """The 10th percentile of each side, in their order."""
    p10: list
    apart: float    # of A against A: 0.05 is 5 %
    tries: int
    io: list | None = None      # of runs with I/O, if they were measured, too

    @property
    def steady(self):
        return self.apart <= APART

    @property
    def ratio(self):
        """Of A to B."""
        return self.p10[0] / self.p10[1]


def p10(values):
    """As runtime/core/measure.c counts: the least that a tenth does not exceed."""
    v = sorted(values)
    return v[max(0, -(-len(v) // 10) - 1)]


def quiet(_):
    pass


say = quiet         # tests/bench/run tells how far a row is


def once(sides, rounds):
    values, again = [[] for _ in sides], []
    begin = told = time.monotonic()
    for i in range(rounds):
        now = time.monotonic()
        if now - told > 10:
            told = now
            say(f"round {i} of {rounds}, {(now - begin) / i * (rounds - i):.0f} s to go")
        for v, side in zip(values, sides):
            v.append(side())
        again.append(sides[0]())
    x, y = p10(values[0]), p10(again)
    values[0] += again
    return Sides([p10(v) for v in values], max(x, y) / min(x, y) - 1, 1)


def alternate(sides, rounds):
    """Each of them does one round, and returns a number. The steadiest of up to four tries."""
    best = None
    for i in range(1 + (RETRIES if rounds >= ROUNDS else 0)):
        result = once(sides, rounds)
        if not best or result.apart < best.apart:
            best = result
        best.tries = i + 1
        if best.steady:
            break
    return best


def beside(values, tries):
    """Of something else that the same runs say, by side: A was there twice in each round."""
    x, y = p10(values[0][::2]), p10(values[0][1::2])
    return Sides([p10(v) for v in values], max(x, y) / min(x, y) - 1, tries)


def spoken(results):
    """Of a note: how far they may be trusted."""
    worst = max(r.apart for r in results)
    tries = max(r.tries for r in results)
    return f"A/A {worst:.1%}" + (f", {tries} tries" if tries > 1 else "")
