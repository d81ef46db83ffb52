"""The ends of tests/live/sessions: many connections at once, names, and which rules hold.

    sessions.py fetch N URL SHA256    N connections, all open before the first one asks
    sessions.py names HOST            serves names over UDP and TCP
    sessions.py ask HOST              asks it, both ways
    sessions.py count HOST            takes datagrams at the ports 7001 to 7004, until SIGTERM,
                                      and prints their numbers
    sessions.py send HOST N           sends N, each from a port of its own, to these in turn
"""
import asyncio
import hashlib
import select
import signal
import socket
import struct
import sys
import threading
import time
from urllib.parse import urlsplit

PORTS = 7001, 7002, 7003, 7004
QUESTION = struct.pack(">6H", 77, 0x100, 1, 0, 0, 0) + b"\x04name\x07example\0\0\x01\0\x01"
ANSWER = QUESTION[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0) + QUESTION[12:] + \
    struct.pack(">3HIH4s", 0xc00c, 1, 1, 60, 4, bytes((192, 0, 2, 5)))


async def fetch(count, url, digest):
    at = urlsplit(url)
    limit = asyncio.Semaphore(100)

    async def connect():
        async with limit:
            return await asyncio.wait_for(asyncio.open_connection(at.hostname, at.port or 80), 30)

    async def get(reader, writer):
        writer.write(f"GET {at.path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        body = (await asyncio.wait_for(reader.read(), 60)).partition(b"\r\n\r\n")[2]
        writer.close()
        return hashlib.sha256(body).hexdigest() == digest

    opened = await asyncio.gather(*(connect() for _ in range(count)))
    good = sum(await asyncio.gather(*(get(*pair) for pair in opened)))
    print(f"{good} of {count} connections got the file")
    sys.exit(good != count)


def names(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    def serve_tcp():
        with socket.create_server((host, 53), family=family) as listener:
            while True:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(2 + len(QUESTION))
                    peer.sendall(struct.pack(">H", len(ANSWER)) + ANSWER)

    threading.Thread(target=serve_tcp, daemon=True).start()
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 53))
        while True:
            _, peer = sock.recvfrom(512)
            sock.sendto(ANSWER, peer)


def ask(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect((host, 53))
        sock.send(QUESTION)
        if sock.recv(512) != ANSWER:
            sys.exit("another answer by UDP")
    with socket.create_connection((host, 53), timeout=5) as sock:
        sock.sendall(struct.pack(">H", len(QUESTION)) + QUESTION)
        if sock.recv(512)[2:] != ANSWER:
            sys.exit("another answer by TCP")


def count(host):
    ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in PORTS]
    going = True

    def stop(*_):
        nonlocal going
        going = False

    signal.signal(signal.SIGTERM, stop)
    for end, port in zip(ends, PORTS):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        end.bind((host, port))
    while going:
        for end in select.select(ends, [], [], .2)[0]:
            print(end.recv(16).decode(), flush=True)


def send(host, number):
    for i in range(number):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(str(i).encode(), (host, PORTS[i % 4]))
        time.sleep(.001)


def main():
    what, *args = sys.argv[1:]
    if what == "fetch":
        asyncio.run(fetch(int(args[0]), args[1], args[2]))
    elif what == "send":
        send(args[0], int(args[1]))
    else:
        {"names": names, "ask": ask, "count": count}[what](args[0])


main()
