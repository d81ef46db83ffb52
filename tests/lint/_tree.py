"""The files of the source tree, for the lint tests."""
import os
import pathlib
import subprocess
import sys

SRC = pathlib.Path(os.environ.get("NFL_SRC") or
                   pathlib.Path(__file__).resolve().parents[2])
FOLDERS = ("compiler", "runtime", "stdlib", "examples", "tests", "editors")


def files(*suffixes, under=FOLDERS):
    """Paths relative to SRC, sorted: git's, or in a tarball all there are."""
    r = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"],
                       cwd=SRC, capture_output=True, text=True)
    if r.returncode == 0 and (SRC / ".git").exists():
        names = r.stdout.split("\0")
    else:
        names = [str(p.relative_to(SRC)) for p in SRC.rglob("*")]
    paths = (pathlib.PurePosixPath(n) for n in names if n)
    generated = ("compiler/front/parse", "compiler/front/lex")
    return sorted(p for p in paths if p.parts[0] in under and
                  (not suffixes or p.suffix in suffixes) and
                  (SRC / p).is_file() and
                  not (str(p.with_suffix("")) in generated and
                       p.suffix in (".c", ".h")))


def lines(path):
    return (SRC / path).read_text(errors="replace").splitlines()


class Findings:
    """Prints each finding as compilers do; done() is the exit status."""

    def __init__(self):
        self.count = 0

    def add(self, path, line, what):
        self.count += 1
        print(f"{path}:{line}: {what}")

    def done(self):
        sys.exit(1 if self.count else 0)
