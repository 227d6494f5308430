#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds every sealed CA key in a member's log and state, as who has its disk
would, and writes each once, as DER.

    sealed_keys.py DIRECTORY OUT

RocksDB compresses nothing here, and its log breaks records at its blocks only.
"""

import hashlib
import pathlib
import sys

# CMS ContentInfo of id-ct-authEnvelopedData (RFC 5083).
OID = bytes.fromhex("060b2a864886f70d0109100117")
# Of RocksDB's log: a block, and the header of a record that goes on in it.
BLOCK = 32 << 10
HEADER = 7
RECYCLABLE_HEADER = 11


def der_end(data, begin):
    """Where the SEQUENCE at `begin` ends; None if it is not one."""
    if data[begin] != 0x30 or data[begin + 1] != 0x82:
        return None
    return begin + 4 + int.from_bytes(data[begin + 2 : begin + 4], "big")


def sealed_in(data):
    at = data.find(OID)
    while at >= 0:
        begin = at - 4
        end = der_end(data, begin) if begin >= 0 else None
        if end is not None and end <= len(data):
            yield data[begin:end]
        at = data.find(OID, at + 1)


def without_headers(data, header):
    """A log's bytes as if no record went over the end of a block."""
    return b"".join(
        data[at + (header if at else 0) : at + BLOCK]
        for at in range(0, len(data), BLOCK)
    )


def main():
    directory, out = map(pathlib.Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    found = {}
    for path in sorted(directory.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for bytes_ in (
            data,
            without_headers(data, HEADER),
            without_headers(data, RECYCLABLE_HEADER),
        ):
            for der in sealed_in(bytes_):
                found[hashlib.sha256(der).hexdigest()] = der
    for digest, der in found.items():
        (out / f"{digest}.der").write_bytes(der)
    print(len(found))


if __name__ == "__main__":
    main()
