"""Programs to measure: nflc's, and those written by hand, with the same flags and libraries."""
import os
import pathlib
import shlex
import subprocess
import sys

SRC = pathlib.Path(os.environ.get("NFL_SRC") or pathlib.Path(__file__).resolve().parents[2])
EDGE = SRC / "examples/edge/edge.nfl"


def run(argv, **more):
    """What it printed on both; ends the program if that fails."""
    r = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, check=False, **more)
    text = r.stdout.decode("utf-8", "backslashreplace")
    if r.returncode:
        sys.exit(f"{shlex.join(map(str, argv))}: status {r.returncode}\n{text}")
    return text


def commands(nflc, source, folder, flags):
    """How nflc compiles and links the program: two commands, as lists."""
    text = run([nflc, "build", "-v", "--no-cache", "--lto=no", *flags, source,
                "-o", folder / "like"])
    found = [shlex.split(line) for line in text.splitlines() if " -o " in line]
    compile_ = next(c for c in found if "-c" in c and c[-1].endswith(f"/{source.stem}.o"))
    link = next(c for c in found if compile_[-1] in c and "-c" not in c)
    return compile_, link


def build(nflc, source, to, flags=()):
    """A program of NFL."""
    run([nflc, "build", *flags, source, "-o", to])
    return to


def build_by_hand(nflc, name, to, flags=(), define=()):
    """tests/bench/NAME/*.c, in the place of the C that nflc makes of edge. define: (MACRO, value)
    of each; strings in their quotes."""
    define = [f"-D{name}={value}" for name, value in define]
    compile_, link = commands(nflc, EDGE, to.parent, flags)
    at = compile_.index("-c")
    objects = []
    sources = sorted((SRC / "tests/bench" / name).glob("*.c"))
    sources.append(SRC / "tests/bench/consolidation/scan.c")
    for source in sources:
        objects.append(to.with_name(f"{to.name}.{source.stem}.o"))
        run([*compile_[:at], "-Wshadow", *define, "-c", source, "-o", objects[-1]])
    words = []
    for word in link:
        words += objects if word == compile_[-1] else [word]
    words[words.index("-o") + 1] = to
    run(words)
    for o in objects:
        o.unlink()
    return to
