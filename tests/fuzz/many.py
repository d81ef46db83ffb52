"""Many programs in one file of modules, and many cases in one process (soak.c).

A batch is a folder with programs; each becomes C, consolidated and not, and all of one kind are
linked to one file of modules. No DPDK and no optimiser: compiling is what costs.
"""
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys

sys.dont_write_bytecode = True
SRC = pathlib.Path(os.environ["NFL_SRC"])
BUILD = pathlib.Path(os.environ["NFL_BUILD"])
sys.path[:0] = [str(SRC / "tests" / d) for d in ("chain", "fuzz", "tool")]
import memory
import programs
import traffic

CC = os.environ.get("NFL_FUZZ_CC", "clang-19")
ACL = ("deny proto tcp to any port 80\nallow from 10.0.0.0/30\ndeny proto udp from any to any "
       "port 53\nallow from 2001:db8:1::/48\ndefault deny\n",
       "deny from 10.0.0.1\ndeny proto icmp\nallow proto tcp to any port 1024-5000\n"
       "default allow\n")
TOO_MUCH = "E0806"  # a chain that might raise very many events: it is drawn again

# number; seed; path; ports; params: (name, kind) of each; text
Program = collections.namedtuple("Program", "number seed path ports params text")


class Refused(Exception):
    pass


class Broken(Exception):
    """C that does not compile."""


def call(argv, **more):
    r = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True,
                       text=True, errors="replace", check=False, **more)
    return r.returncode, r.stdout, r.stderr


def scratch(name):
    """A folder for what is temporary."""
    return memory.folder(name, os.environ.get("TMPDIR") or BUILD / "tests")


def need(argv, **more):
    status, out, err = call(argv, **more)
    if status:
        sys.exit(f"{' '.join(map(str, argv))}: status {status}\n{out}{err}")
    return out


class Tools:
    """What a tree and its build give; another one for a mutant."""

    def __init__(self, work, src=SRC, build=BUILD, optimise="-O0"):
        self.src, self.build, self.work = src, build, work
        self.nflc, self.include = build / "nflc", src / "runtime/include"
        self.optimise = optimise
        help_text = need([self.nflc, "build", "--help"])
        # Each way to compile a program; the first one is run with and without a trace.
        self.ways = [[]] + [["--no-consolidate"]] * ("--no-consolidate" in help_text)
        # It looks for headers where nflc does: from its own place.
        self.runner = build / f"tests/soak.{os.getpid()}"

    def make_runner(self, instead=()):
        """instead: sources that take the place of others in the archives."""
        roots = [self.build, self.build / "compiler", self.src / "compiler", self.src / "runtime",
                 SRC / "tests/fuzz"]
        flags = ["-std=gnu11", "-D_GNU_SOURCE", "-g", "-O1", "-w", "-fcf-protection=none",
                 *(w for d in roots for w in ("-iquote", d)), "-I", self.include]
        # The first main() is the runner's, not that of the test back end.
        need([CC, *flags, "-rdynamic", "-Wl,-z,muldefs", *instead, SRC / "tests/fuzz/soak.c",
              SRC / "tests/fuzz/answer.c", "-Wl,--whole-archive",
              *(self.build / f"libnfl{n}.a" for n in ("heap", "flow", "core")),
              "-Wl,--no-whole-archive",
              *(self.build / f"libnfl{n}.a" for n in ("c", "paths", "c", "core")),
              "-lpcap", "-ljansson", "-lcrypto", "-lm", "-ldl", "-lpthread", "-o", self.runner])

    def close(self):
        self.runner.unlink(missing_ok=True)

    def compile(self, program, way):
        """An object with the module nfl_module_NUMBER."""
        c = program.path.with_suffix(f".{way}.c")
        status, _, err = call([self.nflc, "build", "-S", *self.ways[way], program.path, "-o", c])
        if status:
            raise Refused(err)
        to = c.with_suffix(".o")
        argv = [CC, "-std=gnu11", self.optimise, "-w", "-fPIC", "-march=native",
                '-DNFLG_CPU="any"', "-DNFLG_NO_INLINE",
                f"-Dnfl_module=nfl_module_{program.number}", "-I", self.include,
                "-fsanitize-coverage=edge,inline-8bit-counters", "-c", c, "-o", to]
        status, _, err = call(argv)
        if status:
            raise Broken(err)
        return to, c

    def link(self, objects, to):
        need([CC, "-shared", *objects, "-o", to])


def params_of(c):
    found = re.findall(r'\{\.chain = "(\w+)", \.nf = "(\w+)", \.name = "(\w+)",\s+'
                       r'\.type = "(\w+)"', c.read_text())
    return [(f"{chain}.{nf}.{name}", "acl" if kind == "file" else kind)
            for chain, nf, name, kind in found if name not in programs.FILES]


def ports_of(c):
    names = re.search(r"g_ports\[\] = \{\n(.*?)\};", c.read_text(), re.S)[1]
    return re.findall(r'"(\w+)"', names)


class Batch:
    """A folder of programs and their cases."""

    def __init__(self, tools, folder):
        self.tools, self.folder, self.programs, self.broken = tools, folder, [], []
        folder.mkdir(parents=True)
        (folder / "bytes.c").write_bytes((SRC / "tests/chain/bytes.c").read_bytes())
        for name, text in zip("ab", ACL):
            (folder / f"{name}.acl").write_text(text)
        for name, text in programs.FILES.items():
            (folder / name).write_text(text)
        self.files = [folder / f"modules{way}.so" for way in range(len(tools.ways))]

    def one(self, number, seed, text=None):
        """A program and its objects."""
        path = self.folder / f"p{number}.nfl"
        for again in range(99):
            path.write_text(text or programs.program(f"p{number}", f"{seed}{'+' * again}"))
            p = Program(number, f"{seed}{'+' * again}", path, (), (), "")
            try:
                made = [self.tools.compile(p, way) for way in range(len(self.tools.ways))]
                break
            except Refused as e:
                if text or TOO_MUCH not in str(e):
                    raise
        c = made[0][1]
        p = p._replace(ports=ports_of(c), params=params_of(c), text=path.read_text())
        for _, c in made:
            c.unlink()
        return p, [o for o, _ in made]

    def try_one(self, number, seed):
        """None, and what differs, if its C is wrong."""
        try:
            return self.one(number, seed)
        except Broken as e:
            what = f"seed {seed}: C that does not compile: {e}"
            self.broken.append((number, f"p{number}.nfl", what[:300]))
            return None

    def build(self, seeds, pool):
        made = [m for m in pool.map(lambda s: self.try_one(*s), enumerate(seeds)) if m]
        self.programs = [p for p, _ in made]
        need([CC, "-c", "-fPIC", "-O1", self.folder / "bytes.c", "-o", self.folder / "bytes.o"])
        for way, to in enumerate(self.files):
            self.tools.link([o[way] for _, o in made] + [self.folder / "bytes.o"], to)
        for _, objects in made:
            for o in objects:
                o.unlink()

    def cases(self, sequences, packets):
        """Writes them; by program the lines of the list."""
        for p in self.programs:
            constants, lines = traffic.Constants(p.text), [f"program {p.number} {p.path}"]
            for i in range(sequences):
                r = random.Random(f"{p.seed} {i}")
                folder = self.folder / f"c{p.number}.{i}"
                words = traffic.case(r, constants, folder, p.ports, p.params, packets)
                shards = max(map(int, re.findall(r"shards = (\d+)", p.text)), default=1)
                if shards > 1 and i % 8 == 7:
                    words.append(f"cores={min(shards, r.choice((2, 3)))}")
                lines.append(" ".join(["case", str(folder), *words]))
            yield lines

    def run(self, lines, name):
        """(number of cases that were the same, what differs, edges hit, edges in all)"""
        work = self.folder / f"work{name}"
        work.mkdir(exist_ok=True)
        listed = self.folder / f"list{name}"
        listed.write_text("\n".join(lines) + "\n")
        status, out, err = call([self.tools.runner, self.tools.src / "stdlib", work, listed,
                                 *self.files], cwd=self.folder)
        same, differ, hit, edges = 0, [], 0, 0
        for line in out.splitlines():
            word, number, *rest = line.split(" ", 2)
            if word == "same":
                same += 1
            elif word == "differ":
                differ.append((int(number), *rest[0].split(" ", 1)))
            elif word == "edges":
                hit += int(rest[0].split()[0])
            elif word == "all":
                edges = int(number)
        if status:
            differ.append((-1, "-", f"the runner: status {status}: {err[-600:]}"))
        return same, differ, hit, edges

    def test(self, pool, sequences, packets, jobs):
        """All cases of all programs."""
        lists = list(self.cases(sequences, packets))
        parts = [[x for l in lists[j::jobs] for x in l] for j in range(jobs)]
        done = list(pool.map(lambda p: self.run(p[1], p[0]), enumerate(parts)))
        same, differ, hit, edges = zip(*done)
        return sum(same), sum(differ, self.broken), sum(hit), max(edges)


def pool(jobs):
    return concurrent.futures.ThreadPoolExecutor(jobs)
