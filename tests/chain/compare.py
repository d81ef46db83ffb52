"""What differs between two runs, in terms of packets, fields, events and state."""
import json
import struct

# Of each header: its fields as (name, bytes); the rest of a header has no name.
ETH = (("eth.dst", 6), ("eth.src", 6), ("eth.type", 2))
VLAN = (("vlan.pcp+dei+id", 2), ("vlan.type", 2))
ARP = (("arp.htype", 2), ("arp.ptype", 2), ("arp.hlen", 1), ("arp.plen", 1), ("arp.op", 2),
       ("arp.sha", 6), ("arp.spa", 4), ("arp.tha", 6), ("arp.tpa", 4))
IP = (("ip.version+ihl", 1), ("ip.dscp+ecn", 1), ("ip.len", 2), ("ip.id", 2),
      ("ip.flags+frag", 2), ("ip.ttl", 1), ("ip.proto", 1), ("ip.sum", 2), ("ip.src", 4),
      ("ip.dst", 4))
IP6 = (("ip6.version+class+label", 4), ("ip6.len", 2), ("ip6.nh", 1), ("ip6.hops", 1),
       ("ip6.src", 16), ("ip6.dst", 16))
TCP = (("tcp.sport", 2), ("tcp.dport", 2), ("tcp.seq", 4), ("tcp.ack", 4), ("tcp.offset", 1),
       ("tcp.flags", 1), ("tcp.window", 2), ("tcp.sum", 2), ("tcp.urgent", 2))
UDP = ("udp.sport", 2), ("udp.dport", 2), ("udp.len", 2), ("udp.sum", 2)
ICMP = ("icmp.type", 1), ("icmp.code", 1), ("icmp.sum", 2), ("icmp.id", 2), ("icmp.seq", 2)
L4 = {6: TCP, 17: UDP, 1: ICMP, 58: ICMP}
EXTENSIONS = 0, 43, 44, 60


# -- packets --------------------------------------------------------------------------------

def read(path):
    """(time, bytes) of each packet of a pcap in nanoseconds, as nflc writes them."""
    with open(path, "rb") as f:
        data = f.read()
    at = 24
    while at + 16 <= len(data):
        sec, frac, size, _ = struct.unpack_from("<IIII", data, at)
        yield sec * 10**9 + frac, data[at + 16:at + 16 + size]
        at += 16 + size


def word(data, at):
    return int.from_bytes(data[at:at + 2], "big")


def headers(data):
    """(offset, fields) of each header of a frame, as far as it is there."""
    yield 0, ETH
    at, kind = 14, word(data, 12)
    while kind in (0x8100, 0x88a8):
        yield at, VLAN
        kind, at = word(data, at + 2), at + 4
    if kind == 0x0806:
        yield at, ARP
    elif kind == 0x0800 and at < len(data):
        yield at, IP
        proto, frag = data[at + 9:at + 10], word(data, at + 6) & 0x1fff
        if proto and not frag:
            yield at + (data[at] & 15) * 4, L4.get(proto[0], ())
    elif kind == 0x86dd:
        yield at, IP6
        proto, at = data[at + 6:at + 7], at + 40
        while proto and proto[0] in EXTENSIONS and at + 2 < len(data):
            size = 8 if proto[0] == 44 else 8 + 8 * data[at + 1]
            yield at, (("ip6.extension", size),)
            proto, at = data[at:at + 1], at + size
        if proto:
            yield at, L4.get(proto[0], ())


def field_at(data, offset):
    """The name of the field that lies at an offset, where it begins and its bytes."""
    name = "payload", offset, 1
    for at, fields in headers(data):
        for field, size in fields:
            if at <= offset < at + size:
                name = field, at, size
            at += size
    return name


def value(data, at, size):
    part = data[at:at + size]
    if size in (4, 6, 16):
        return ":".join(f"{b:02x}" for b in part)
    return hex(int.from_bytes(part, "big"))


def packet_difference(a, b):
    if a[0] != b[0]:
        return f"the time is {b[0]} ns instead of {a[0]}"
    if len(a[1]) != len(b[1]):
        return f"it has {len(b[1])} bytes instead of {len(a[1])}"
    wrong, at = [], 0
    while at < len(a[1]):
        if a[1][at] == b[1][at]:
            at += 1
            continue
        name, first, size = field_at(a[1], at)
        wrong.append(f"{name} is {value(b[1], first, size)} instead of "
                     f"{value(a[1], first, size)}")
        at = max(first + size, at + 1)
    return "; ".join(wrong[:6]) + ("; ..." if len(wrong) > 6 else "")


def equal(path, other):
    with open(path, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()


def captures(path, other):
    """None, or what differs first in the capture `other`."""
    if equal(path, other):
        return None
    a, b = list(read(path)), list(read(other))
    for n, (p, q) in enumerate(zip(a, b), 1):
        if p != q:
            return (f"packet {n} of {len(a)}, sent at {p[0]} ns: {packet_difference(p, q)}\n"
                    f"    instead of {p[1].hex()}\n    there is   {q[1].hex()}")
    if len(a) != len(b):
        rest = (a if len(a) > len(b) else b)[min(len(a), len(b))]
        return (f"{len(b)} packets instead of {len(a)}; the first that is "
                f"{'missing' if len(a) > len(b) else 'too many'} was sent at {rest[0]} ns:\n"
                f"    {rest[1].hex()}")
    return "the file header"


# -- text -----------------------------------------------------------------------------------

def traces(path, other):
    if equal(path, other):
        return None
    with open(path) as a, open(other) as b:
        a, b = a.read().splitlines(), b.read().splitlines()
    if a == b:
        return "other ends of lines"
    n = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    before = "".join(f"      {line}\n" for line in a[max(0, n - 2):n])
    return (f"line {n + 1} (PACKET TICK CHAIN NF EVENTS:LINE FLOW):\n{before}"
            f"    - {a[n] if n < len(a) else 'the end'}\n"
            f"    + {b[n] if n < len(b) else 'the end'}")


def states(path, other):
    if equal(path, other):
        return None
    with open(path) as a, open(other) as b:
        a, b = a.read().splitlines(), b.read().splitlines()
    missing, more = sorted(set(a) - set(b)), sorted(set(b) - set(a))
    if not missing and not more:
        return "the order of its lines, or how often they occur"
    return (f"{len(missing)} lines are missing, {len(more)} are too many:\n" +
            "\n".join([f"    - {line}" for line in missing[:4]] +
                      [f"    + {line}" for line in more[:4]]))


def json_difference(a, b, where=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in {**a, **b}:
            found = json_difference(a.get(key), b.get(key), f"{where}.{key}")
            if found:
                return found
    elif isinstance(a, list) and isinstance(b, list):
        for i in range(max(len(a), len(b))):
            x, y = (v[i] if i < len(v) else None for v in (a, b))
            found = json_difference(x, y, f"{where}[{i}]")
            if found:
                of = x or y
                tell = [str(of[k]) for k in ("chain", "nf", "reason", "events", "name")
                        if isinstance(of, dict) and of.get(k)]
                return found if not tell else f"{found}\n    of {' '.join(tell)}"
    elif a != b:
        return f"{where.lstrip('.')} is {json.dumps(b)} instead of {json.dumps(a)}"
    return None


def reports(path, other):
    with open(path) as a, open(other) as b:
        a, b = a.read(), b.read()
    if a == b:
        return None
    try:
        return json_difference(json.loads(a), json.loads(b)) or "only its spelling"
    except ValueError as e:
        return f"it is not JSON: {e}"
