#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From snap/snapcraft.yaml on stdin to meta/snap.yaml on stdout.

What snapcraft does with the keys that this snap has. A key that this program
does not know is an error, so that nothing of snapcraft.yaml gets lost.
"""

import argparse
import sys

import yaml

COPIED = ("name", "summary", "description", "license", "base", "grade",
          "confinement", "environment", "plugs", "slots", "layout", "hooks")
READ = COPIED + ("adopt-info", "platforms", "apps", "parts")
APP_KEYS = ("command", "stop-command", "daemon", "install-mode",
            "restart-condition", "restart-delay", "stop-timeout", "plugs",
            "slots", "timer", "completer", "after", "before", "environment")


def expand(value, variables):
    """Replaces snapcraft's own variables; $SNAP and the like are snapd's."""
    if isinstance(value, dict):
        return {key: expand(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item, variables) for item in value]
    if isinstance(value, str):
        for name, replacement in variables.items():
            value = value.replace("$" + name, replacement)
        if "$CRAFT" in value:
            sys.exit(f"snap_yaml: {value} is not known")
    return value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", required=True)
    parser.add_argument("--triplet", required=True)
    parser.add_argument("--architecture", required=True)
    options = parser.parse_args()
    source = yaml.safe_load(sys.stdin)
    unknown = set(source) - set(READ)
    if unknown:
        sys.exit(f"snap_yaml: no meaning of {sorted(unknown)} is known")
    snap = {key: source[key] for key in COPIED if key in source}
    snap["version"] = options.version
    snap["architectures"] = [options.architecture]
    snap["apps"] = {}
    for name, app in source["apps"].items():
        strange = set(app) - set(APP_KEYS)
        if strange:
            sys.exit(f"snap_yaml: app {name}: {sorted(strange)} is not known")
        snap["apps"][name] = app
    snap = expand(snap, {"CRAFT_ARCH_TRIPLET_BUILD_FOR": options.triplet})
    # Without anchors, which a reader of snap.yaml need not know.
    yaml.SafeDumper.ignore_aliases = lambda *unused: True
    yaml.safe_dump(snap, sys.stdout, sort_keys=False)


if __name__ == "__main__":
    main()
