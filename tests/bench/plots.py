"""Plots of what rows measured, as SVG: lines over numbers, or bars over names."""
import dataclasses
import math
from xml.sax.saxutils import escape

WIDE, HIGH = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 64, 50
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#7d5ba6")      # told apart by the colour-blind, too
DASHES = ("", "6 3", "2 3", "9 3 2 3")


@dataclasses.dataclass
class Plot:
    title: str
    x: str
    y: str
    log: bool = False       # both scales
    points: dict = dataclasses.field(default_factory=dict)      # {x: {series: y}}

    def series(self):
        found = {}
        for values in self.points.values():
            found.update(dict.fromkeys(values))
        return list(found)


def nice(most):
    """A step of the scale: at most six of them reach `most`."""
    raw = most / 5
    base = 10 ** math.floor(math.log10(raw))
    return next(base * m for m in (1, 2, 2.5, 5, 10) if base * m >= raw)


class Drawing:
    def __init__(self, plot):
        self.plot, self.out = plot, []
        self.names = all(isinstance(x, str) for x in plot.points)
        self.xs = list(plot.points) if self.names else sorted(plot.points)
        values = [v for row in plot.points.values() for v in row.values()]
        if plot.log:
            self.low = 10 ** math.floor(math.log10(min(values)))
            self.high = 10 ** math.ceil(math.log10(max(values) * 1.01))
        else:
            self.low, self.high = 0, nice(max(values)) * math.ceil(max(values) / nice(max(values)))

    def x(self, at):
        room, n = WIDE - LEFT - RIGHT, len(self.xs)
        if self.names:
            return LEFT + room * (self.xs.index(at) + .5) / n
        lo, hi = self.xs[0], self.xs[-1]
        if lo == hi:
            return LEFT + room / 2
        if self.plot.log:
            lo, hi, at = math.log(lo), math.log(hi), math.log(at)
        return LEFT + 15 + (room - 30) * (at - lo) / (hi - lo)

    def y(self, v):
        lo, hi = self.low, self.high
        if self.plot.log:
            lo, hi, v = math.log(lo), math.log(hi), math.log(v)
        return HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * (v - lo) / (hi - lo)

    def text(self, x, y, text, more='text-anchor="middle"'):
        self.out.append(f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, colour="#ddd"):
        self.out.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                        f'stroke="{colour}"/>')

    def scales(self):
        if self.plot.log:
            ticks = [m * 10 ** e for e in range(round(math.log10(self.low)),
                                                round(math.log10(self.high)) + 1)
                     for m in (1, 2, 5) if m * 10 ** e <= self.high]
        else:
            step = nice(self.high)
            ticks = [i * step for i in range(round(self.high / step) + 1)]
        for v in ticks:
            self.line(LEFT, self.y(v), WIDE - RIGHT, self.y(v))
            self.text(LEFT - 6, self.y(v) + 4, f"{v:,.0f}" if v >= 10 else f"{v:g}",
                      'text-anchor="end"')
        for x in self.xs:
            self.text(self.x(x), HIGH - BOTTOM + 18, x if self.names else f"{x:,}")
        self.line(LEFT, HIGH - BOTTOM, WIDE - RIGHT, HIGH - BOTTOM, "#444")

    def legend(self, i, name):
        x = LEFT + 150 * i
        self.out.append(f'<rect x="{x}" y="38" width="12" height="12" fill="{COLOURS[i]}"/>')
        self.text(x + 17, 48, name, "")

    def lines(self, i, name):
        points = [(self.x(x), self.y(self.plot.points[x][name])) for x in self.xs
                  if name in self.plot.points[x]]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i]}" '
                        f'stroke-width="2" stroke-dasharray="{DASHES[i]}"/>')
        self.out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[i]}"/>'
                     for x, y in points]

    def bars(self, i, name, n):
        wide = (WIDE - LEFT - RIGHT) / len(self.xs) * .7 / n
        for x in self.xs:
            if name not in self.plot.points[x]:
                continue
            v = self.plot.points[x][name]
            left = self.x(x) + wide * (i - n / 2)
            self.out.append(f'<rect x="{left:.1f}" y="{self.y(v):.1f}" width="{wide - 2:.1f}" '
                            f'height="{self.y(self.low) - self.y(v):.1f}" fill="{COLOURS[i]}"/>')
            self.text(left + wide / 2, self.y(v) - 4, f"{v:,.0f}")

    def svg(self):
        self.text(WIDE / 2, 22, self.plot.title, 'text-anchor="middle" font-size="15"')
        self.text(WIDE / 2, HIGH - 12, self.plot.x)
        self.text(16, HIGH / 2, self.plot.y,
                  f'text-anchor="middle" transform="rotate(-90 16 {HIGH / 2:g})"')
        self.scales()
        names = self.plot.series()
        for i, name in enumerate(names):
            self.legend(i, name)
            if self.names:
                self.bars(i, name, len(names))
            else:
                self.lines(i, name)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" '
                'font-family="sans-serif" font-size="12">\n'
                f'<rect width="{WIDE}" height="{HIGH}" fill="white"/>\n' +
                "\n".join(self.out) + "\n</svg>\n")


def draw(plots, folder):
    """Files of the plots that have points, by name: bench-NAME.svg. Their paths."""
    made = []
    for name, plot in plots.items():
        if plot.points:
            made.append(folder / f"bench-{name}.svg")
            made[-1].write_text(Drawing(plot).svg())
    return made
