"""Where the headers of an Ethernet frame are: VLAN tags, IPv4, IPv6, TCP, UDP, ICMP echo."""
import struct
from collections import namedtuple

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
TAGS = 0x8100, 0x88A8, 0x9100
# IPv6 extension headers that are a length away from the next one.
EXTENSIONS = 0, 43, 60, 135

# l3: offset of the IP header; src, dst: addresses as bytes; frag: (identification, offset) or
# None for a whole datagram; l4: offset of the transport header, None where there is none.
Frame = namedtuple("Frame", "l3 version src dst proto frag l4")


def word(data, at):
    return data[at] << 8 | data[at + 1]


def l3_offset(data):
    """The offset and the EtherType behind all VLAN tags, or (None, None)."""
    at = 12
    while at + 2 <= len(data):
        kind = word(data, at)
        if kind not in TAGS:
            return at + 2, kind
        at += 4
    return None, None


def parse(data):
    """The Frame of an IP packet whose IP header is whole, else None."""
    at, kind = l3_offset(data)
    if kind == 0x0800:
        return parse_ip(data, at)
    if kind == 0x86DD:
        return parse_ip6(data, at)
    return None


def parse_ip(data, at):
    if len(data) < at + 20:
        return None
    size = (data[at] & 15) * 4
    if data[at] >> 4 != 4 or size < 20 or len(data) < at + size:
        return None
    flags = word(data, at + 6)
    frag = (word(data, at + 4), flags & 0x1FFF) if flags & 0x3FFF else None
    l4 = at + size if not flags & 0x1FFF else None
    proto = data[at + 9]
    return Frame(at, 4, data[at + 12:at + 16], data[at + 16:at + 20], proto, frag,
                 whole(data, proto, l4))


def parse_ip6(data, at):
    if len(data) < at + 40 or data[at] >> 4 != 6:
        return None
    proto, l4, frag = data[at + 6], at + 40, None
    while l4 is not None and (proto in EXTENSIONS or proto == 44) and len(data) >= l4 + 8:
        following = data[l4]
        if proto == 44:
            offset = word(data, l4 + 2)
            frag = struct.unpack_from(">I", data, l4 + 4)[0], offset >> 3
            l4 = l4 + 8 if not offset >> 3 else None
        else:
            l4 += 8 + data[l4 + 1] * 8
        proto = following
    return Frame(at, 6, data[at + 8:at + 24], data[at + 24:at + 40], proto, frag,
                 whole(data, proto, l4))


def whole(data, proto, l4):
    """l4, if the transport header there is whole as far as its checksum."""
    need = {TCP: 18, UDP: 8, ICMP: 8, ICMP6: 8}.get(proto)
    return l4 if need and l4 is not None and len(data) >= l4 + need else None


def ports(data, frame):
    """(source port, destination port); an echo's identifier is the port of who asked."""
    if frame.l4 is None:
        return None
    if frame.proto in (TCP, UDP):
        return word(data, frame.l4), word(data, frame.l4 + 2)
    kind = data[frame.l4]
    if kind in (8, 128):
        return word(data, frame.l4 + 4), 0
    if kind in (0, 129):
        return 0, word(data, frame.l4 + 4)
    return None
