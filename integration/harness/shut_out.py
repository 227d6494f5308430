#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a member's stolen keys are good for while it is removed, and how long.

    shut_out.py PKI-DIRECTORY HOST SECONDS

Opens new connections to the databases' ports of HOST (6641, 6642) all the time,
with OVN's client certificate, and holds one open on each that it opened first.
When SECONDS are over it
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


def context(ca, certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    # Who is served is looked at here, not who serves.
    made.verify_mode = ssl.CERT_NONE
    made.load_verify_locations(ca)
    made.load_cert_chain(certificate, key)
    return made


class Port:
    def __init__(self, host, number, tls):
        self.host, self.number, self.tls = host, number, tls
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
            made.sendall(ECHO)
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
    pki, host, seconds = sys.argv[1:4]
    ovn = context(f"{pki}/cacert.pem", f"{pki}/client-cert.pem",
                  f"{pki}/client-privkey.pem")
    ports = [Port(host, 6641, ovn), Port(host, 6642, ovn)]
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
