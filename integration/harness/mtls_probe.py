#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens a fresh mutually authenticated TLS connection to each target, over and
over, until it is ended, and says how many were refused.

    mtls_probe.py ROOT HOST...

On each host the databases' ports (6641, 6642) with the client certificate that
ROOT/data/pki publishes, and the agent's (6686) with ROOT/state's. A connection
counts when the server has answered: with TLS 1.3 a client is refused after its
own handshake has ended. Files are read for each connection, as they are then.
"""

import os
import signal
import socket
import ssl
import sys
import time

TIMEOUT = 5
ECHO = b'{"method":"echo","params":[],"id":"probe"}'
# The preface of HTTP/2 and empty settings.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


class NotNow(Exception):
    """The own files are being replaced."""


def context(ca, certificate, key, alpn):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    try:
        made.load_verify_locations(ca)
        made.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise NotNow from error
    if alpn:
        made.set_alpn_protocols([alpn])
    return made


def ovn_context(root):
    # One generation of the three.
    current = os.path.realpath(f"{root}/data/pki/current")
    return context(
        f"{current}/cacert.pem",
        f"{current}/client-cert.pem",
        f"{current}/client-privkey.pem",
        None,
    )


def agent_context(root):
    state = f"{root}/state"
    return context(
        f"{state}/cluster-ca.crt",
        f"{state}/member.crt",
        f"{state}/member.key",
        "h2",
    )


def ask(make, host, port, question):
    for _ in range(50):
        try:
            made = make()
            break
        except NotNow:
            time.sleep(0.02)
    else:
        raise OSError("the own certificates cannot be read")
    with socket.create_connection((host, port), TIMEOUT) as plain:
        plain.settimeout(TIMEOUT)
        with made.wrap_socket(plain) as tls:
            tls.sendall(question)
            if not tls.recv(1):
                raise OSError("closed without an answer")


def main():
    root, *hosts = sys.argv[1:]
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    targets = []
    for host in hosts:
        targets.append((lambda: ovn_context(root), host, 6641, ECHO))
        targets.append((lambda: ovn_context(root), host, 6642, ECHO))
        targets.append((lambda: agent_context(root), host, 6686, PREFACE))
    tried = refused = 0
    while not ended:
        for target in targets:
            tried += 1
            try:
                ask(*target)
            except OSError as error:
                refused += 1
                when = time.strftime("%H:%M:%S")
                print(f"{when} {target[1]}:{target[2]}: {error}", flush=True)
            time.sleep(0.05)
    print(f"tried {tried} refused {refused}", flush=True)


if __name__ == "__main__":
    main()
