"""The tricks of Ptacek and Newsham, "Insertion, Evasion, and Denial of Service",
and of later ones, by name: what a client sends so that a monitor sees another
stream than the server, and what the server sees.

A case is a name, its steps, and the client's stream in the end. A step is what
the client sends: its offset in the stream, bytes, the signs that it must have
(of those in JUDGED), and what is not as it should be: flags, ack (beyond the
right one), stamp (beyond the right one), wrong_sum, window, options, ttl."""
from packets import ACK, FIN, PSH, RST, SYN, URG

# Signs that say what is odd; others may come with them.
JUDGED = {"bad_checksum", "bad_flags", "bad_syn", "bad_ack", "bad_sequence",
          "bad_reset", "bad_timestamp", "bad_fin", "bad_signature",
          "bad_options", "after_fin", "after_close", "conflict", "reset",
          "retransmission", "overlap", "out_of_order", "keep_alive", "urgent",
          "end"}


def step(at, data, *signs, flags=ACK | PSH, **odd):
    return at, data, set(signs), flags, odd


def bytewise(data, order):
    """One byte a segment."""
    seen, steps = set(), []
    for i in order:
        early = any(k not in seen for k in range(i))
        steps.append(step(i, data[i:i + 1], *(["out_of_order"] if early else [])))
        seen.add(i)
    return steps


ATTACK = b"GET /secret"
MD5 = b"\x13\x12" + b"m" * 16

# Also with timestamps that both sides have: the last field.
CASES = [
    # ---- insertion: what only a careless monitor takes ----
    ("a wrong checksum", [
        step(0, b"GET /harmls", "bad_checksum", wrong_sum=0x1234),
        step(0, ATTACK)], ATTACK),
    ("bytes without ACK", [
        step(0, b"GET /harmls", "bad_flags", flags=PSH),
        step(0, ATTACK)], ATTACK),
    ("no flag at all", [
        step(0, b"GET /harmls", "bad_flags", flags=0),
        step(0, ATTACK)], ATTACK),
    ("all flags", [
        step(0, b"GET /harmls", "bad_flags", "urgent",
             flags=FIN | SYN | PSH | ACK | URG),
        step(0, ATTACK)], ATTACK),
    ("a sequence number beyond the window", [
        step(0, b"GET /"),
        step(1 << 30, b"harmls", "bad_sequence"),
        step(5, b"secret")], ATTACK),
    ("a sequence number of long ago", [
        step(0, b"GET /"),
        step(-70000, b"harmls", "retransmission"),
        step(5, b"secret")], ATTACK),
    ("a sequence number half the circle away", [
        step(0, b"GET /"),
        step(1 << 31, b"harmls", "bad_sequence"),
        step(5, b"secret")], ATTACK),
    ("an acknowledgement of what was never sent", [
        step(0, b"GET /harmls", "bad_ack", ack=1),
        step(0, ATTACK)], ATTACK),
    ("an acknowledgement far too old", [
        step(0, b"GET /harmls", "bad_ack", ack=-100000),
        step(0, ATTACK)], ATTACK),
    ("a signature that nobody agreed on", [
        step(0, b"GET /harmls", "bad_signature", options=MD5),
        step(0, ATTACK)], ATTACK),
    ("a SYN with bytes within the connection", [
        step(0, b"GET /"),
        step(5, b"harmls", "bad_syn", flags=SYN),
        step(5, b"secret")], ATTACK),
    ("a FIN with SYN", [
        step(0, b"GET /"),
        step(5, b"", "bad_flags", flags=SYN | FIN | ACK),
        step(5, b"secret")], ATTACK),

    # ---- what ends a connection only for the monitor ----
    ("a RST beyond the window", [
        step(0, b"GET /"),
        step(1 << 30, b"", "bad_reset", flags=RST),
        step(5, b"secret")], ATTACK),
    ("a RST within the window, but not at its begin", [
        step(0, b"GET /"),
        step(6, b"", "bad_reset", flags=RST),
        step(5, b"secret")], ATTACK),
    ("a RST of before", [
        step(0, b"GET /"),
        step(2, b"", "bad_reset", flags=RST | ACK),
        step(5, b"secret")], ATTACK),
    ("a RST with a wrong checksum", [
        step(0, b"GET /"),
        step(5, b"", "bad_checksum", flags=RST, wrong_sum=1),
        step(5, b"secret")], ATTACK),
    ("a RST with a signature", [
        step(0, b"GET /"),
        step(5, b"", "bad_signature", flags=RST, options=MD5),
        step(5, b"secret")], ATTACK),
    ("a RST that counts", [
        step(0, b"GET /"),
        step(5, b"", "reset", flags=RST),
        step(5, b"secret", "after_close")], b"GET /"),
    ("a FIN beyond the window", [
        step(0, b"GET /"),
        step(1 << 30, b"", "bad_sequence", flags=FIN | ACK),
        step(5, b"secret")], ATTACK),
    ("a FIN of before", [
        step(0, b"GET /"),
        step(2, b"T", "retransmission", "bad_fin", flags=FIN | ACK),
        step(5, b"secret")], ATTACK),
    ("a FIN with a bad acknowledgement", [
        step(0, b"GET /"),
        step(5, b"", "bad_ack", flags=FIN | ACK, ack=5000),
        step(5, b"secret")], ATTACK),
    ("an early FIN that bytes cover", [
        step(7, b"", flags=FIN | ACK),
        step(5, b"secret", "after_fin", "out_of_order"),
        step(0, b"GET /")], ATTACK),
    ("bytes behind an early FIN", [
        step(5, b"", flags=FIN | ACK),
        step(8, b"behind", "after_fin", "out_of_order"),
        step(0, b"GET /", "end")], b"GET /"),
    ("bytes behind the FIN", [
        step(0, b"GET /", "end", flags=FIN | ACK),
        step(6, b"behind", "after_fin")], b"GET /"),

    # ---- segments that a careless monitor puts together wrongly ----
    ("one byte a segment", bytewise(ATTACK, range(11)), ATTACK),
    ("one byte a segment, backwards",
     bytewise(ATTACK, range(10, -1, -1)), ATTACK),
    ("one byte a segment, every other one first",
     bytewise(ATTACK, [*range(1, 11, 2), *range(0, 11, 2)]), ATTACK),
    ("everything twice", [
        step(0, b"GET /"), step(0, b"GET /", "retransmission"),
        step(5, b"secret"), step(5, b"secret", "retransmission")], ATTACK),
    ("once more, with other bytes", [
        step(0, b"GET /secret"),
        step(0, b"GET /harmls", "retransmission")], ATTACK),
    ("once more, with other bytes and one more", [
        step(0, b"GET /secre"),
        step(0, b"GET /harmlt", "overlap")], ATTACK),
    ("early bytes that another segment covers", [
        step(5, b"harmls", "out_of_order"),
        step(4, b"/secrets", "out_of_order", "overlap", "conflict"),
        step(0, b"GET ")], b"GET /secrets"),
    ("early bytes again, with others", [
        step(5, b"secret", "out_of_order"),
        step(5, b"harmls", "out_of_order", "retransmission", "conflict"),
        step(0, b"GET /")], ATTACK),
    ("early bytes again, with others and one more", [
        step(5, b"harmls", "out_of_order"),
        step(5, b"secrets", "out_of_order", "overlap", "conflict"),
        step(0, b"GET /")], b"GET /secrets"),
    ("early bytes that begin within others", [
        step(5, b"sec", "out_of_order"),
        step(7, b"XrET", "out_of_order", "overlap", "conflict"),
        step(0, b"GET /")], b"GET /secrET"),
    ("bytes in order that reach into early ones", [
        step(8, b"ret", "out_of_order"),
        step(0, b"GET /secXXX", "overlap", "conflict")], b"GET /secXXX"),
    ("a segment joined to one before, then one between", [
        step(4, b"/sec", "out_of_order"),
        step(8, b"ret", "out_of_order"),
        step(7, b"XXXX!", "out_of_order", "overlap", "conflict"),
        step(0, b"GET ")], b"GET /secret!"),

    # ---- what is looked at in other ways ----
    ("bytes that are urgent", [
        step(0, b"GET /s"),
        step(6, b"e", "urgent", flags=ACK | URG, urgent=1),
        step(7, b"cret")], ATTACK),
    ("options that end nowhere", [
        step(0, b"GET /", "bad_options", options=b"\x08\x00"),
        step(5, b"secret")], ATTACK),
    ("a keep-alive with a byte", [
        step(0, b"GET /"),
        step(4, b"X", "keep_alive", flags=ACK),
        step(5, b"secret")], ATTACK),
    # How far a packet gets cannot be seen: the monitor takes what passes it.
    # It says so where bytes come again that wait.
    ("a TTL that ends before the server", [
        step(5, b"harmls", "out_of_order", ttl=1),
        step(5, b"secret", "out_of_order", "retransmission", "conflict"),
        step(0, b"GET /")], b"GET /harmls"),
]

STAMPED = [
    ("a timestamp of before", [
        step(0, b"GET /"),
        step(5, b"harmls", "bad_timestamp", stamp=-1000),
        step(5, b"secret")], ATTACK),
    ("a timestamp of the future in an old segment", [
        step(0, b"GET /"),
        step(-3, b"ET", "retransmission", stamp=1 << 30),
        step(5, b"secret")], ATTACK),
    ("no timestamp any more", [
        step(0, b"GET /"),
        step(5, b"secret", stamp=None)], ATTACK),
]


def named():
    """All of them: (name, steps, stream, whether both have timestamps)."""
    return [(*c, False) for c in CASES] + [(*c, True) for c in STAMPED]
