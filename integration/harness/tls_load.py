#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Connects anew, all the time, to ports that want a client's certificate.

  tls_load.py [--once] PKI-DIRECTORY STATE-DIRECTORY HOST:PORT...

A database's port (6641 to 6644) is shown the client certificate of OVN, an
agent's (6686) the member's. A connection counts when the server has answered
through it, so that it has looked at our certificate as well. On SIGTERM it
prints "TRIED REFUSED"; each refusal goes to stderr when it happens. With --once
the databases' files are read at the start only, as LXD and other clients do.
"""

import os
import signal
import socket
import ssl
import sys
import time

PATIENCE = 5
stopping = False


def stop(*_):
    global stopping
    stopping = True


def context_of(ca, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(ca)
    context.load_cert_chain(certificate, key)
    return context


def ovn_context(pki):
    # One set: what the link shows may change between two files.
    current = os.path.realpath(os.path.join(pki, "current"))
    return context_of(os.path.join(current, "cacert.pem"),
                      os.path.join(current, "client-cert.pem"),
                      os.path.join(current, "client-privkey.pem"))


def agent_context(state):
    files = [os.path.join(state, name) for name in (
        "cluster-ca.crt", "member.crt", "member.key")]
    while True:
        try:
            context = context_of(*files)
            break
        except ssl.SSLError as error:
            # The agent's own files are renamed one after the other: between two
            # of them a key is beside another's certificate.
            if error.reason != "KEY_VALUES_MISMATCH":
                raise
    context.set_alpn_protocols(["h2"])
    return context


def talk(stream, port):
    if port == 6686:
        # HTTP/2's preface and empty settings; settings come back.
        stream.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                       b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    else:
        stream.sendall(b'{"id":"load","method":"echo","params":[]}')
    if not stream.recv(9):
        raise OSError("closed without an answer")


def connect(host, port, state, ovn):
    context = agent_context(state) if port == 6686 else ovn()
    with socket.create_connection((host, port), PATIENCE) as plain:
        with context.wrap_socket(plain, server_hostname=host) as stream:
            talk(stream, port)


def main():
    arguments = sys.argv[1:]
    once = arguments[0] == "--once"
    pki, state, *targets = arguments[1:] if once else arguments
    read = ovn_context(pki) if once else None
    signal.signal(signal.SIGTERM, stop)
    tried = refused = 0
    while not stopping:
        for target in targets:
            host, port = target.rsplit(":", 1)
            tried += 1
            try:
                connect(host, int(port), state,
                        lambda: read or ovn_context(pki))
            except (OSError, ssl.SSLError) as error:
                refused += 1
                print(f"{time.time():.3f} {target}: {error}", file=sys.stderr,
                      flush=True)
            if stopping:
                break
            # Slower than what an agent takes from one address.
            time.sleep(0.01)
    print(tried, refused, flush=True)


main()
