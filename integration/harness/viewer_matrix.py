#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every command that changes something, as a viewer from afar: each is
refused, and says which role it takes.  What they are is command_matrix.py's to
know: a command that is new there and changes something is tried here.

  viewer_matrix.py MICROOVN SET-CA-FILE

MICROOVN_ENDPOINT and MICROOVN_CERT say where and who.  A join token for node9
is there.  Prints "ok NAME" or "FAILED NAME" for each, after the reason.
"""

import subprocess
import sys

import command_matrix

# Those that are made on a machine, whatever the role.
LOCAL = {"cluster bootstrap", "cluster join", "init"}
# Given more than nothing, or something that is there.
GIVEN = {
    "cluster token revoke": ["node9"],
    "cluster user revoke": ["vera"],
    "cluster user add": ["mallory", "--role", "admin", "--output", "/nowhere"],
    "cluster remove": ["node3"],
    "cluster add": ["node8"],
    "config set": ["cluster.voters", "5"],
    "config delete": ["cluster.voters"],
    "enable": ["central"],
    "disable": ["chassis"],
    "certificates reissue": ["client"],
    "upgrade begin": [],
}


def changes():
    for name, (arguments, columns) in command_matrix.EXPECTED.items():
        # Without a quorum it is refused: it changes something.
        refused = 11 in columns[1] and "--exit-code" not in name
        if (refused or name == "certificates set-ca") and name not in LOCAL:
            plain = [a for a in arguments if a != "--dry-run"]
            yield name, GIVEN.get(name, plain)


def main():
    program, ca_file = sys.argv[1:]
    status = 0
    for name, arguments in changes():
        if name == "certificates set-ca":
            arguments = ["--combined"]
        with open(ca_file, "rb") as given:
            run = subprocess.run([program] + name.split() + arguments,
                                 stdin=given, capture_output=True, timeout=30,
                                 check=False)
        said = (run.stdout + run.stderr).decode(errors="replace").strip()
        wrong = run.returncode != 4 or "needs the role" not in said
        if wrong:
            print(f"  exit {run.returncode}: {said[-300:]}")
            status = 1
        print(("FAILED " if wrong else "ok ") + f"microovn {name}")
    return status


if __name__ == "__main__":
    sys.exit(main())
