#!/usr/bin/env python3
"""inline.py serve BYTES | ask HOST BYTES: both sides send so many bytes, a pattern; the server says
what came, the client gets stars."""
import socket
import sys
import threading

PORT = 9000
PATTERN = bytes(range(251))


def pattern(n):
    return (PATTERN * (n // len(PATTERN) + 1))[:n]


def exchange(s, n):
    """Sends while it reads, and returns what it read."""
    sender = threading.Thread(target=s.sendall, args=(pattern(n),))
    sender.start()
    got = bytearray()
    while len(got) < n and (more := s.recv(1 << 16)):
        got += more
    sender.join()
    return bytes(got)


def serve(n):
    listener = socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True)
    print("ready", flush=True)
    while True:
        s, _ = listener.accept()
        with s:
            print("good" if exchange(s, n) == pattern(n) else "bad", flush=True)


def ask(host, n):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # So that few segments are on their way: 32 changes of a side are remembered.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    s.settimeout(180)
    s.connect((host, PORT))
    got = exchange(s, n)
    if got != b"*" * n:
        sys.exit(f"{len(got)} bytes, of which {len(got) - got.count(b'*')} are no stars")


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
else:
    ask(sys.argv[2], int(sys.argv[3]))
