"""The files of the source tree, for the lint tests."""
import os
import pathlib
import shutil
import subprocess
import sys

SRC = pathlib.Path(os.environ.get("NFL_SRC") or
                   pathlib.Path(__file__).resolve().parents[2])
FOLDERS = ("compiler", "runtime", "stdlib", "examples", "tests", "editors")


def all_names():
    """Those git knows or would add; in a tarball all there are."""
    if (SRC / ".git").exists() and shutil.which("git"):
        r = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"],
                           cwd=SRC, capture_output=True, text=True)
        if r.returncode == 0:
            return r.stdout.split("\0")
    return [str(p.relative_to(SRC)) for top in FOLDERS
            for p in (SRC / top).rglob("*")
            if "__pycache__" not in p.parts]


def files(*suffixes, under=FOLDERS):
    """Paths relative to SRC, sorted."""
    paths = (pathlib.PurePosixPath(n) for n in all_names() if n)
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
