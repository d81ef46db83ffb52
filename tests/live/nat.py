"""The ends of tests/live/nat, with a protocol that is like FTP: a connection over which the server
says where the next one goes to, and that one carries the data.

    nat.py serve FILE         on ports 2121 and 2020; prints the peers of both kinds
    nat.py fetch HOST PORT    prints the SHA-256 of what comes, or ends with 1
"""
import hashlib
import socket
import sys

DATA = 2020


def listener(port):
    sock = socket.socket(socket.AF_INET6)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("::", port))
    sock.listen(16)
    return sock


def peer(address):
    return address[0].removeprefix("::ffff:")


def serve(path):
    content = open(path, "rb").read()
    control, data = listener(2121), listener(DATA)
    print("ready", flush=True)
    while True:
        asking, where = control.accept()
        with asking, asking.makefile("rw") as lines:
            asking.settimeout(20)
            print("control", peer(where), flush=True)
            print("220 ready", file=lines, flush=True)
            if lines.readline() != "EPSV\n":
                continue
            print(f"229 Entering Extended Passive Mode (|||{DATA}|)", file=lines, flush=True)
            data.settimeout(20)
            carrying, where = data.accept()
            print("data", peer(where), flush=True)
            with carrying:
                carrying.settimeout(20)
                carrying.sendall(content)
            print("226 done", file=lines, flush=True)


def fetch(host, port):
    got = hashlib.sha256()
    with socket.create_connection((host, port), 10) as asking, asking.makefile("rw") as lines:
        assert lines.readline().startswith("220 ")
        print("EPSV", file=lines, flush=True)
        named = int(lines.readline().split("|")[3])
        with socket.create_connection((host, named), 10) as carrying:
            while chunk := carrying.recv(65536):
                got.update(chunk)
        assert lines.readline().startswith("226 ")
    print(got.hexdigest())


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    fetch(sys.argv[2], int(sys.argv[3]))
