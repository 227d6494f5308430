#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One that would shut out the others: comes to an agent's port with too much.

    crowd.py hellos HOST COUNT SOURCE...    ClientHellos that do not go on
    crowd.py streams HOST COUNT STATE       streams of events, with the member's
                                            certificate in STATE, that stay open
    crowd.py reflections HOST COUNT STATE   the same of gRPC's reflection
    crowd.py resets HOST COUNT STATE        calls, each reset at once
    crowd.py calls HOST SECONDS STATE       calls, as many as are answered

The first three say how many they hold, and hold them until they are ended.
"""

import resource
import select
import signal
import socket
import ssl
import sys
import time

PORT = 6686
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4
EVENTS = "/microovn.v1.EventService/WatchEvents"
FOLLOW = b"\x10\x01"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
LIST_SERVICES = b"\x3a\x01*"
GET_CLUSTER = "/microovn.v1.ClusterService/GetCluster"


def frame(kind, flags, stream, payload=b""):
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + payload


# RFC 7541 6.2.2, without Huffman's code; no text here has 127 bytes.
def literal(name, value):
    return b"\0" + b"".join(
        bytes([len(text)]) + text.encode() for text in (name, value)
    )


def call(stream, path, message, ends):
    # ":method: POST" and ":scheme: https" are in the static table.
    headers = (
        b"\x83\x87"
        + literal(":path", path)
        + literal(":authority", "crowd")
        + literal("content-type", "application/grpc")
        + literal("te", "trailers")
    )
    body = b"\0" + len(message).to_bytes(4, "big") + message
    return frame(HEADERS, 4, stream, headers) + frame(
        DATA, 1 if ends else 0, stream, body
    )


class Connection:
    """Of HTTP/2, with what of it one needs who only asks."""

    def __init__(self, host, state):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname = False
        made.load_verify_locations(f"{state}/cluster-ca.crt")
        made.load_cert_chain(f"{state}/member.crt", f"{state}/member.key")
        made.set_alpn_protocols(["h2"])
        plain = socket.create_connection((host, PORT), 10)
        self.tls = made.wrap_socket(plain)
        self.unread = b""
        self.asked = 0
        self.ended = 0
        self.send(PREFACE + frame(SETTINGS, 0, 0))

    def send(self, frames):
        self.tls.settimeout(10)
        self.tls.sendall(frames)

    def ask(self, path, message, ends=True, then=b""):
        stream = 2 * self.asked + 1
        self.asked += 1
        if then:
            then = frame(RST_STREAM, 0, stream, then)
        self.send(call(stream, path, message, ends) + then)

    def read(self):
        """What has come; whether the server is still there."""
        self.tls.settimeout(0.01)
        try:
            while True:
                some = self.tls.recv(1 << 16)
                if not some:
                    return False
                self.unread += some
                self.count()
        except (TimeoutError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False

    def count(self):
        while len(self.unread) >= 9:
            size = int.from_bytes(self.unread[:3], "big")
            if len(self.unread) < 9 + size:
                return
            kind, flags = self.unread[3], self.unread[4]
            if kind == RST_STREAM or (kind == HEADERS and flags & 1):
                self.ended += 1
            self.unread = self.unread[9 + size :]

    def close(self):
        self.tls.close()


def hold(what, count, alive):
    print(f"holds {count} {what}", flush=True)
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    while not ended:
        alive()
        time.sleep(0.2)


def half_hello():
    out = ssl.MemoryBIO()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    try:
        made.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()[:200]


# What the agent has hung up on is made anew, so that there are always COUNT.
def hellos(host, count, sources):
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
    half = half_hello()
    held = {}
    watch = select.poll()
    made = 0

    def more():
        nonlocal made
        for number, _ in watch.poll(0):
            watch.unregister(number)
            held.pop(number).close()
        for _ in range(min(1000, count - len(held))):
            plain = socket.socket()
            plain.settimeout(2)
            try:
                plain.bind((sources[made % len(sources)], 0))
                made += 1
                plain.connect((host, PORT))
                plain.sendall(half)
            except OSError:
                plain.close()
                continue
            held[plain.fileno()] = plain
            watch.register(plain, select.POLLIN | select.POLLHUP)

    while made < count:
        more()
    hold("half handshakes, some hung up on", made, more)


def streams(host, count, state, path, message):
    connections = []
    asked = 0
    while asked < count:
        connection = Connection(host, state)
        # What one connection may have open, by the server's own settings.
        for _ in range(min(40, count - asked)):
            connection.ask(path, message, ends=path == EVENTS)
            asked += 1
        connections.append(connection)
    told = []

    def look():
        there = [each.read() for each in connections]
        ended = sum(each.ended for each in connections)
        if not told and (ended >= asked or not any(there)):
            told.append(True)
            print("all have ended", flush=True)

    hold("streams that were asked for", asked, look)


def resets(host, count, state):
    made = 0
    cancel = (8).to_bytes(4, "big")
    while made < count:
        try:
            connection = Connection(host, state)
            for i in range(min(5000, count - made)):
                connection.ask(GET_CLUSTER, b"", then=cancel)
                made += 1
                if i % 100 == 0 and not connection.read():
                    break
            connection.close()
        except OSError:
            time.sleep(0.1)
    print(f"made {made} resets", flush=True)


def calls(host, seconds, state):
    made = answered = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            connection = Connection(host, state)
            for _ in range(100):
                connection.ask(GET_CLUSTER, b"")
                made += 1
            connection.read()
            answered += connection.ended
            connection.close()
        except OSError:
            time.sleep(0.1)
    print(f"made {made} calls, {answered} answered", flush=True)


def main():
    what, host, number, *rest = sys.argv[1:]
    if what == "hellos":
        hellos(host, int(number), rest)
    elif what == "streams":
        streams(host, int(number), rest[0], EVENTS, FOLLOW)
    elif what == "reflections":
        streams(host, int(number), rest[0], REFLECTION, LIST_SERVICES)
    elif what == "resets":
        resets(host, int(number), rest[0])
    elif what == "calls":
        calls(host, int(number), rest[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
