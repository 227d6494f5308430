#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for private keys, in every form in which bytes of them could lie, in
all files below some directories.

    scan_keys.py KEYS DIRECTORY...     one "FILE KEY FORM" a line for each hit

KEYS holds PEM files. Forms: the number itself (so also any DER, PKCS#8 or
SEC 1), its hexadecimal digits, and the base64 of it at each of the three
offsets at which an encoder may have met it (so also any PEM).
"""

import base64
import pathlib
import re
import subprocess
import sys


def scalar(pem):
    """The private number of an EC or Ed25519 key."""
    text = subprocess.run(
        ["openssl", "pkey", "-in", pem, "-noout", "-text"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    digits = re.search(r"priv:\s*((?:[0-9a-f]{2}:?\s*)+)", text).group(1)
    number = bytes.fromhex(re.sub(r"[^0-9a-f]", "", digits))
    # Its sign, not a part of it.
    return number.lstrip(b"\0")


def forms(number):
    yield "binary", number
    yield "hex", number.hex().encode()
    yield "HEX", number.hex().upper().encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + number)
        # Without the digits that hold bits of what was before or comes after.
        yield "base64", encoded[4 if before else 0 : -4]


def main():
    keys, *directories = map(pathlib.Path, sys.argv[1:])
    sought = [
        (key.stem, name, form)
        for key in sorted(keys.glob("*.pem"))
        for name, form in forms(scalar(key))
    ]
    if not sought:
        sys.exit("no keys to look for")
    scanned = 0
    for directory in directories:
        for path in sorted([directory, *directory.rglob("*")]):
            if not path.is_file() or path.is_symlink():
                continue
            data = path.read_bytes()
            scanned += len(data)
            # A PEM's lines break the base64.
            joined = data.replace(b"\n", b"")
            for key, name, form in sought:
                if form in data or (name == "base64" and form in joined):
                    print(path, key, name)
    print(f"{scanned} bytes, {len(sought)} forms", file=sys.stderr)


if __name__ == "__main__":
    main()
