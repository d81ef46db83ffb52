"""What takes long is done in three turns: NFL_TURN=0, 1 or 2 says which one this is. Without it, or
with NFL_TURN=all, a run does everything. tests/check takes turns by the date."""
import os
import zlib

TURNS = 3
NOW = os.environ.get("NFL_TURN") or "all"
if NOW not in ("all", *map(str, range(TURNS))):
    raise SystemExit(f"NFL_TURN={NOW}: it is all, or 0 to {TURNS - 1}")


def number():
    """Of this turn; 0 if there is only one."""
    return 0 if NOW == "all" else int(NOW)


def mine(name):
    """Whether it is the turn of what is called so."""
    return NOW == "all" or zlib.crc32(str(name).encode()) % TURNS == int(NOW)


def part(things):
    """Those of this turn; all of fewer than there are turns, as of what was asked for by hand."""
    return things if NOW == "all" or len(things) < TURNS else things[int(NOW)::TURNS]
