"""leaks.py NETNS: starts the program $TMPDIR/x again and again between the interfaces lan and wan
of a network name space, ends it at some moment in some way, and looks for what is left of it."""
import collections
import concurrent.futures
import errno
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

TMP = pathlib.Path(os.environ["TMPDIR"])
EDGE = pathlib.Path(os.environ["NFL_SRC"]) / "examples/edge"
OUT = TMP / "out"
PAGES = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
STARTS, AT_ONCE = int(os.environ.get("NFL_STARTS", "300")), 3
SIGNALS = signal.SIGTERM, signal.SIGINT, signal.SIGKILL
NETNS = sys.argv[1]

seen = collections.Counter()
pids = set()


def fail(what):
    sys.exit(f"FAIL: {what}")


def nameless_files():
    """Can a file be written before it has a name?"""
    try:
        os.close(os.open(OUT, os.O_WRONLY | os.O_TMPFILE))
        return True
    except OSError as e:
        return e.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)


class Run:
    """One program: its ports, and how it ends."""

    def __init__(self, number):
        r = random.Random(number)
        self.number, self.signal = number, SIGNALS[number % 3]
        self.kind = ("iface", "iface", "tap", "pcap")[number // 3 % 4]
        self.in_traffic = r.random() < 0.5
        self.wait = r.random() * (0.03 if self.in_traffic else 0.25)
        self.user = r.random() < 0.5
        self.files = [OUT / f"{what}.{number}" for what in ("state", "trace")]

    def ports(self):
        if self.kind == "pcap":
            out = OUT / f"wan.{self.number}.pcap"
            self.files.append(out)
            return f"left=pcap:{EDGE}/lan.pcapng,{out}", f"right=pcap:{EDGE}/wan.pcapng"
        if self.kind == "tap":
            return f"left=tap:nfl{self.number}", "right=iface:wan"
        return "left=iface:lan", "right=iface:wan"

    def argv(self):
        state, trace = self.files[:2]
        argv = ["nsenter", f"--net={NETNS}", str(TMP / "x"), "--quiet", "--json",
                f"--state={state}", f"--trace={trace}"]
        for port in self.ports():
            argv += ["--port", port]
        return argv + (["--user", "nobody"] if self.user else [])

    def name(self):
        return f"{self.kind}, {self.signal.name} {'in traffic' if self.in_traffic else 'at start'}"

    def go(self):
        path = TMP / f"notify.{self.number}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            path.chmod(0o666)
            listener.settimeout(0.5)
            with subprocess.Popen(self.argv(), env=dict(os.environ, NOTIFY_SOCKET=str(path)),
                                  cwd=TMP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as p:
                pids.add(p.pid)
                try:
                    out, err = self.end(p, listener)
                finally:
                    p.kill()
        path.unlink()
        self.judge(p.returncode, out.decode(), err.decode())

    def wait_ready(self, p, listener):
        for _ in range(60):
            try:
                listener.recv(200)
                return
            except TimeoutError:
                if p.poll() is not None:
                    break
        p.kill()
        fail(f"{self.name()}: not ready\n" + p.communicate()[1].decode())

    def end(self, p, listener):
        if self.in_traffic and self.kind != "pcap":
            self.wait_ready(p, listener)
        time.sleep(self.wait)
        if p.poll() is None:
            p.send_signal(self.signal)
        return p.communicate(timeout=30)

    def judge(self, status, out, err):
        good = {0, -self.signal} | ({1} if self.kind == "pcap" else set())
        if status not in good or (status == 0 and '"program"' not in out):
            fail(f"{self.name()}: status {status}\n{out}{err}")
        if status == 0:
            missing = [f for f in self.files if not f.exists()]
            if missing:
                fail(f"{self.name()}: no {missing}\n{err}")
        for file in self.files:
            file.unlink(missing_ok=True)
        seen["finished" if status == 0 else "broken off" if status == 1 else "killed"] += 1


def left():
    """What a program could leave, and is not others'."""
    for top in "/run/dpdk", "/tmp/dpdk", "/dev/hugepages":
        for path in pathlib.Path(top).glob("*"):
            if any(str(pid) in path.name for pid in pids):
                yield str(path)
    if nameless:
        yield from map(str, OUT.iterdir())
    for table in "packet", "tcp", "udp", "raw":
        lines = subprocess.run(["nsenter", f"--net={NETNS}", "cat", f"/proc/net/{table}"],
                               capture_output=True, text=True, check=True).stdout.splitlines()[1:]
        yield from (f"{table}: {line}" for line in lines)
    links = subprocess.run(["nsenter", f"--net={NETNS}", "ip", "-d", "-o", "link"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    for line in links:
        name = line.split(":")[1].strip().split("@")[0]
        if name not in ("lo", "lan", "wan") or "promiscuity 0" not in line or "xdp" in line:
            yield line
    for path in pathlib.Path("/dev/shm").glob("*"):
        if path not in shared and not path.is_dir():    # folders are other tests'
            yield str(path)


def number(path):
    return int(path.read_text()) if path.exists() else 0


def pages_of_nobody():
    """Hugepages in use that no process has."""
    had = 0
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            for line in status.read_text().splitlines():
                if line.startswith("HugetlbPages:"):
                    had += int(line.split()[1]) // 2048
        except OSError:
            pass        # it has ended
    return number(PAGES / "nr_hugepages") - number(PAGES / "free_hugepages") - had


def pages_left():
    """Others take and free some at the same time."""
    least = pages_of_nobody()
    for _ in range(50):
        least = min(least, pages_of_nobody())
        if least <= taken:
            return 0
        time.sleep(0.1)
    return least - taken


signal.signal(signal.SIGINT, signal.SIG_DFL)     # not ignored, as in the background of a script
OUT.mkdir()
OUT.chmod(0o777)
nameless = nameless_files()
shared = set(pathlib.Path("/dev/shm").glob("*"))
taken = pages_of_nobody()
spaces = set(os.listdir("/run/netns"))
begin = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
    futures = [pool.submit(Run(n).go) for n in range(STARTS)]
    try:
        for future in futures:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)
rest = list(left())
if rest:
    fail("this is left:\n  " + "\n  ".join(rest))
kept = pages_left()
if kept > 0:
    fail(f"{kept} hugepages are left")
mine = [n for n in set(os.listdir("/run/netns")) - spaces if any(str(p) in n for p in pids)]
if mine:
    fail(f"name spaces are left: {mine}")
print(f"{STARTS} starts in {time.monotonic() - begin:.0f} s: " +
      ", ".join(f"{n} {what}" for what, n in seen.items()))
