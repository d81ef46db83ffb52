"""The machine: cores of their own for what is measured, and hugepages for its packets."""
import contextlib
import fcntl
import os
import pathlib

PAGES = 1536        # of 2 MiB: 3 GiB
FOLDER = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB")


def cores():
    """Where programs are measured, the best first: interrupts mostly come to core 0."""
    return sorted(os.sched_getaffinity(0), reverse=True)


def step_aside(cpus):
    """This process, and what it starts without a core of its own, leaves the first one alone."""
    if len(cpus) > 1:
        os.sched_setaffinity(0, cpus[1:])


def prefer(cpus):
    """For a process that is measured, before it begins: on these cores, and, if we may, before all
    others that want to run there. Linux divides a core among sessions first (autogroups)."""
    os.sched_setaffinity(0, cpus)
    with contextlib.suppress(OSError):
        os.setsid()
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)


def number(name):
    return int((FOLDER / name).read_text())


def more(say):
    """Asks the kernel for what is missing. How many pages there were, or None."""
    total, free = number("nr_hugepages"), number("free_hugepages")
    if free >= PAGES:
        say(f"hugepages: {free} of 2 MiB are free")
        return None
    (FOLDER / "nr_hugepages").write_text(str(total + PAGES - free))
    say(f"hugepages: asked the kernel for {PAGES - free} of 2 MiB; "
        f"{number('free_hugepages')} are free now")
    return total


@contextlib.contextmanager
def hugepages(say, wanted=True):
    """3 GiB for as long as this lasts; yields whether they are there."""
    if not wanted:
        say("no-huge: no hugepages, as asked")
        yield False
        return
    before, lock = None, None
    try:
        lock = open(FOLDER / "nr_hugepages", encoding="ascii")
        fcntl.flock(lock, fcntl.LOCK_EX)    # two of us would take each other's back
        before = more(say)
        there = number("free_hugepages") >= PAGES
        if not there:
            say("no-huge: the kernel has not so much memory in one piece")
    except OSError as e:
        there = False
        say(f"no-huge: no hugepages: {e.strerror}; as root they are set up by themselves")
    try:
        yield there
    finally:
        if before is not None:
            (FOLDER / "nr_hugepages").write_text(str(before))
            say(f"hugepages: back to {number('nr_hugepages')}")
        if lock:
            lock.close()
