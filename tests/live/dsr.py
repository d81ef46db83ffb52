"""The backend of tests/live/dsr: takes packets out of IP in IP, GRE and GUE, and gives them to the
kernel through the interface `tun`; prints for each from where, and in what."""
import fcntl
import select
import socket
import struct

IFF_TUN, IFF_NO_PI, TUNSETIFF, UDP_GUE = 1, 0x1000, 0x400454ca, 6080


def inner(kind, data):
    """What is behind the outer headers; raw sockets hand over that of IPv4."""
    if kind == "gue":
        return data[4:] if data[0] == 0 and data[1] in (4, 41) else b""
    data = data[(data[0] & 15) * 4:]
    if kind == "gre":
        return data[4:] if data[:4] in (b"\0\0\x08\0", b"\0\0\x86\xdd") else b""
    return data


def main():
    with open("/dev/net/tun", "r+b", buffering=0) as tun:
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"tun", IFF_TUN | IFF_NO_PI))
        ends = {socket.socket(socket.AF_INET, socket.SOCK_RAW, proto): kind
                for proto, kind in ((4, "ipip"), (41, "ipip"), (47, "gre"))}
        gue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        gue.bind(("", UDP_GUE))
        ends[gue] = "gue"
        print("ready", flush=True)
        while True:
            for end in select.select(list(ends), [], [])[0]:
                data, peer = end.recvfrom(65535)
                packet = inner(ends[end], data)
                if packet and peer[0] == "10.9.0.100":
                    print(ends[end], packet[0] >> 4, flush=True)
                    tun.write(packet)


main()
