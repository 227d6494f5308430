#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a member's stolen keys are good for while it is removed, and how long.

    shut_out.py PKI-DIRECTORY STATE-DIRECTORY HOST SECONDS

Opens new connections to HOST's ports all the time, and holds one open on each
that it opened first: the agent's (6686) with the member's certificate, the
databases' (6641, 6642) with OVN's client certificate. When SECONDS are over it
prints, in JSON and in seconds since 1970, the last moment at which a new
connection was answered, and the moment at which the held one was closed, null
for one that was not.
"""

import json
import os
import select
import socket
import ssl
import sys
import time

PATIENCE = 3
PAUSE = 0.05
ECHO = b'{"method":"echo","params":[],"id":"probe"}'
# The preface of HTTP/2 and empty settings.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"


def context(ca, certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    # Who is served is looked at here, not who serves.
    made.verify_mode = ssl.CERT_NONE
    made.load_verify_locations(ca)
    made.load_cert_chain(certificate, key)
    return made


class Port:
    def __init__(self, host, number, tls, hello):
        self.host, self.number, self.tls, self.hello = host, number, tls, hello
        self.held = self.connect()
        self.closed = None
        self.answered = time.time() if self.held else None
        if self.held is None:
            sys.exit(f"shut_out: {host}:{number} does not answer at first")

    def connect(self):
        """A connection that the server has answered, or None."""
        try:
            plain = socket.create_connection((self.host, self.number), PATIENCE)
            plain.settimeout(PATIENCE)
            made = self.tls.wrap_socket(plain)
            made.sendall(self.hello)
            if made.recv(4096):
                return made
        except OSError:
            pass
        return None

    def look_at_held(self):
        if self.closed is not None:
            return
        try:
            while True:
                self.held.settimeout(0.01)
                if not self.held.recv(4096):
                    raise ConnectionError
                if self.hello is ECHO:
                    self.held.sendall(ECHO)
        except (TimeoutError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.closed = time.time()

    def try_anew(self):
        began = time.time()
        made = self.connect()
        if made is not None:
            self.answered = max(self.answered, began)
            made.close()


def main():
    pki, state, host, seconds = sys.argv[1:5]
    ovn = context(f"{pki}/cacert.pem", f"{pki}/client-cert.pem",
                  f"{pki}/client-privkey.pem")
    agent = context(f"{state}/cluster-ca.crt", f"{state}/member.crt",
                    f"{state}/member.key")
    agent.set_alpn_protocols(["h2"])
    ports = [Port(host, 6686, agent, PREFACE), Port(host, 6641, ovn, ECHO),
             Port(host, 6642, ovn, ECHO)]
    print("ready", flush=True)
    end = time.time() + float(seconds)
    while time.time() < end:
        for port in ports:
            port.try_anew()
            port.look_at_held()
        select.select([], [], [], PAUSE)
    print(json.dumps({str(port.number): {"answered": port.answered,
                                         "closed": port.closed}
                      for port in ports}), flush=True)
    os._exit(0)


main()
