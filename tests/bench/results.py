"""What was measured so far: bench.json, written after each row, and beside it the points of plots,
so that a run can go on where another one was stopped."""
import json


def write(path, content):
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(content, indent=2) + "\n")
    new.rename(path)


def shown(line):
    def number(v):
        return "-" if v is None else f"{v:g}"
    bound = {"lower": "at most", "higher": "at least"}[line["better"]]
    target = f"{bound} {number(line['target'])}" if line["target"] is not None else ""
    return (line["id"], number(line["value"]), line["unit"], target, line["state"],
            line["note"])


def table(lines):
    cells = [("row", "value", "unit", "target", "state", "note"), *map(shown, lines)]
    wide = [max(len(c[i]) for c in cells) for i in range(5)]
    for c in cells:
        print("  ".join([c[0].ljust(wide[0]), c[1].rjust(wide[1]),
                         *(c[i].ljust(wide[i]) for i in (2, 3, 4)), c[5]]).rstrip())


def number(text):
    """A plot's x, as it was before JSON made a name of it."""
    return int(text) if text.isdigit() else text


class Results:
    """lines: of bench.json, in the order of ids."""

    def __init__(self, file, ids):
        self.file, self.ids, self.lines, self.drawn = file, ids, [], {}
        self.points = file.with_name(file.name + ".points")

    def resume(self, nflc):
        """Takes what is there; False: nothing, or another nflc's."""
        try:
            if self.file.stat().st_mtime < nflc.stat().st_mtime:
                return False
            self.lines = [r for r in json.loads(self.file.read_text()) if r["id"] in self.ids]
        except (OSError, ValueError):
            return False
        return bool(self.lines)

    def judged(self):
        return {r["id"] for r in self.lines if r["state"] != "inconclusive"}

    def plots(self, plots):
        """These get the points that are known, and give what they get to the file."""
        self.drawn = plots
        if not self.lines or not self.points.exists():
            return
        for name, points in json.loads(self.points.read_text()).items():
            if name in plots:
                plots[name].points.update({number(x): y for x, y in points.items()})

    def add(self, line):
        self.lines = [r for r in self.lines if r["id"] != line["id"]] + [line]
        self.lines.sort(key=lambda r: self.ids.index(r["id"]))
        write(self.file, self.lines)
        write(self.points, {n: p.points for n, p in self.drawn.items()})
