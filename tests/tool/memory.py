"""Folders in memory for tests that write many small files: on a disk, that takes as long as the
runs that are tested."""
import os
import pathlib
import shutil

ROOM = 2 << 30      # bytes that must be free


def gone(pid):
    return not pathlib.Path(f"/proc/{pid}").is_dir()


def folder(name, otherwise):
    """A folder of this process, or below OTHERWISE where there is no room. Those of processes that
    were interrupted are removed."""
    memory = pathlib.Path("/dev/shm")
    room = os.statvfs(memory) if memory.is_dir() else None
    if not room or room.f_bavail * room.f_frsize < ROOM or room.f_flag & os.ST_NOEXEC:
        found = pathlib.Path(otherwise) / name
        found.mkdir(parents=True, exist_ok=True)
        return found
    ours = f"nfl-{name}-{os.getuid()}-"
    for old in memory.glob(f"{ours}*"):
        if gone(old.name.removeprefix(ours)):
            shutil.rmtree(old, ignore_errors=True)
    found = memory / f"{ours}{os.getpid()}"
    found.mkdir(0o700)
    return found
