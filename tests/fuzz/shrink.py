"""A case that differs, kept in a folder and made smaller.

The folder has program.nfl, the captures, perhaps `changes`, and `words` for soak.c. Peers' answers
become part of the captures first; then packets go, then NFs of chains, chains, handlers,
statements, and packets again, while something still differs.
"""
import re
import shutil
import time

import compare
import many
import packets
import traffic


def keep(batch, number, where, to):
    """A case of a batch; where: its folder, or the program's file."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    if number >= 0:
        shutil.copy(batch.folder / f"p{number}.nfl", to / "program.nfl")
    folder = batch.folder / where
    for f in folder.iterdir() if folder.is_dir() else ():
        shutil.copy(f, to)
    words = [line.split()[2:] for file in batch.folder.glob("list*")
             for line in file.read_text().splitlines() if line.split()[1] == str(folder)]
    (to / "words").write_text(" ".join(words[0]) if words else "")
    companions(to)


def companions(to):
    (to / "bytes.c").write_bytes((many.SRC / "tests/chain/bytes.c").read_bytes())
    for name, text in zip("ab", many.ACL):
        (to / f"{name}.acl").write_text(text)
    for name, text in many.programs.FILES.items():
        (to / name).write_text(text)


def draw(seed, sequence, count, to, tools):
    """The case of a seed."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    folder = tools.work / "draw"
    shutil.rmtree(folder, ignore_errors=True)
    b = many.Batch(tools, folder)
    with many.pool(1) as pool:
        b.build([seed], pool)
    for n, line in enumerate(next(iter(b.cases(sequence + 1, count)))):
        if n == sequence + 1:
            (folder / "list").write_text(line + "\n")
            keep(b, 0, line.split()[1], to)


class Trial:
    """A program on the packets of each port."""

    def __init__(self, tools, words):
        self.tools, self.words, self.n = tools, words, 0

    def differs(self, text, ports, changes="", show=False, built=None):
        """What, or None, also where it is no program. built: a batch with the program."""
        batch = built or self.build(text)
        if not batch:
            return None
        folder = batch.folder / "case"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for port in batch.programs[0].ports:
            traffic.write(folder / f"{port}.pcap", ports.get(port, []))
        (folder / "changes").write_text(changes)
        words = [w for w in self.words if w != "changes"] + ["changes"] * (changes != "")
        lines = [f"program 0 {batch.programs[0].path}", " ".join(["case", str(folder), *words])]
        found = batch.run(lines, "0")[1]
        if found and show:
            explain(batch.folder / "work0", found[0][2])
        return found[0][2] if found else None

    def build(self, text):
        folder = self.tools.work / "trial"
        shutil.rmtree(folder, ignore_errors=True)
        batch = many.Batch(self.tools, folder)
        try:
            program, objects = batch.one(0, "trial", text)
        except (many.Refused, many.Broken, SystemExit):
            return None
        batch.programs = [program]
        many.need([many.CC, "-c", "-fPIC", folder / "bytes.c", "-o", folder / "bytes.o"])
        for way, to in enumerate(batch.files):
            self.tools.link([objects[way], folder / "bytes.o"], to)
        return batch


def explain(work, what):
    """What differs, in people's terms."""
    layout = what.split(":")[0]
    a, b = work / ("ordered" if layout == "cores" else "interp"), work / layout
    how = {"trace": compare.traces, "state": compare.states, "report": compare.reports}
    for f in sorted(a.iterdir()) if a.is_dir() and b.is_dir() else ():
        text = how.get(f.name, compare.captures)(f, b / f.name)
        if text:
            print(f"{f.name}: {text}")


def load(kept):
    ports = {f.stem: list(packets.read(f)) for f in sorted(kept.glob("*.pcap"))}
    changes = (kept / "changes").read_text() if (kept / "changes").exists() else ""
    return (kept / "program.nfl").read_text(), ports, changes, (kept / "words").read_text().split()


def test(tools, kept, show=False):
    text, ports, changes, words = load(kept)
    return Trial(tools, words).differs(text, ports, changes, show)


# -- smaller ----------------------------------------------------------------------------------

def fewer(items, fails, until):
    """Of a list of items one with which it still fails: ever smaller parts are left out."""
    size = max(1, len(items) // 2)
    while items and time.monotonic() < until:
        at, gone = 0, False
        while at < len(items) and time.monotonic() < until:
            rest = items[:at] + items[at + size:]
            if fails(rest):
                items, gone = rest, True
            else:
                at += size
        if size == 1 and not gone:
            break
        size = max(1, size // 2)
    return items


def pieces(text):
    """Parts of a program that might go: (first line, last line + 1), long ones first."""
    lines, found, open_ = text.split("\n"), [], []
    for i, line in enumerate(lines):
        if line.lstrip().startswith("}") and open_:
            begin = open_.pop()
            found.append((begin, i + 1))
        if line.rstrip().endswith("{"):
            open_.append(i)
        elif not line.lstrip().startswith("}"):
            found.append((i, i + 1))
    for i, line in enumerate(lines):    # chains
        if line.startswith("chain "):
            end = next((j for j in range(i + 1, len(lines)) if not lines[j].strip()), len(lines))
            found.append((i, end))
    return sorted(set(found), key=lambda p: p[0] - p[1])


def shorter(text):
    """Programs with one thing less."""
    lines = text.split("\n")
    for a, b in pieces(text):
        yield "\n".join(lines[:a] + lines[b:])
        if b > a + 2 and "nf " not in lines[a] and " on " not in lines[a]:  # what it holds stays
            yield "\n".join(lines[:a] + [x for x in lines[a + 1:b - 1] if "} else {" not in x] +
                            lines[b:])
    for i, line in enumerate(lines):
        for how, by in ((r"\w+(\([^()]*\))? -> (?!.*\{)", ""), (r" -> \w+(\([^()]*\))?$", ""),
                        (r"C\d \{.*\}", "C0"), (r" if .*(?= \{$)", ""), (r" && .*(?= \{$)", ""),
                        (r" (from|at) \w+(?= [({])", ""), (r" with \w+", "")):
            for m in re.finditer(how, line):
                yield "\n".join(lines[:i] + [line[:m.start()] + by + line[m.end():]] +
                                lines[i + 1:])


def smaller(tools, kept, limit=600):
    """Writes the smaller case to KEPT/small; returns what differs there."""
    until = time.monotonic() + limit
    text, ports, changes, words = load(kept)
    trial = Trial(tools, words)
    batch = trial.build(text)
    if not batch or not trial.differs(text, ports, changes, built=batch):
        print(f"{kept}: it does not fail again")
        return None
    answered = batch.folder / "work0/in"
    if any(w.startswith("answer") for w in words) and answered.is_dir():
        with_answers = {f.stem: list(packets.read(f)) for f in answered.glob("*.pcap")}
        plain = Trial(tools, [w for w in words if not w.startswith("answer")])
        if plain.differs(text, with_answers, changes, built=batch):
            trial, ports = plain, with_answers

    def all_of(items):
        found = {p: [] for p in ports}
        for port, packet in items:
            found[port].append(packet)
        return found

    def packets_of(some, built, until):
        return fewer(some, lambda x: trial.differs(text, all_of(x), changes, built=built), until)

    items = [(p, x) for p in ports for x in ports[p]]
    items = packets_of(items, batch, time.monotonic() + limit / 3)
    if changes:
        lines = fewer(changes.splitlines(True), lambda x: trial.differs(
            text, all_of(items), "".join(x), built=batch), until)
        changes = "".join(lines)
    gone = True
    while gone and time.monotonic() < until:
        gone = False
        for less in shorter(text):
            if time.monotonic() > until:
                break
            if trial.differs(less, all_of(items), changes):
                text, gone = less, True
                break
    batch = trial.build(text)
    items = packets_of(items, batch, time.monotonic() + 30)
    to = kept / "small"
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    companions(to)
    (to / "program.nfl").write_text(text)
    (to / "words").write_text(" ".join(trial.words))
    for port, some in all_of(items).items():
        traffic.write(to / f"{port}.pcap", some)
    if changes:
        (to / "changes").write_text(changes)
    what = trial.differs(text, all_of(items), changes, show=True, built=batch)
    print(f"smaller: {len(items)} packets, {len(text.splitlines())} lines, in {to}\n{text}\n"
          f"{changes}it differs: {what}", flush=True)
    return what
