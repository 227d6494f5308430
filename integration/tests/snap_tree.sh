#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The snap's tree without snapd: that it is complete, that snapd would take it,
# and that the same commit gives the same bytes.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

((EUID == 0)) || skip "needs root, for namespaces and mounts"
if ! command -v mksquashfs >/dev/null || ! python3 -c 'import yaml' 2>/dev/null; then
	skip "needs squashfs-tools and python3-yaml"
fi
scratch=$(mktemp -d)
test_cleanup() { rm -rf "$scratch"; }

(cd "$TREE" && tools/build) >/dev/null
staged=$TREE/build/snap/$(. /etc/os-release && echo "$VERSION_CODENAME")/tree

case_name "the snap is built without snapcraft and without a network"
expect unshare --net "$TREE/tools/snap/build" "$scratch/one.snap"

case_name "two builds of one commit are equal"
expect "$TREE/tools/snap/build" "$scratch/two.snap"
expect cmp "$scratch/one.snap" "$scratch/two.snap"

case_name "snap.yaml has each app, hook and slot of snapcraft.yaml"
expect python3 - "$TREE/snap/snapcraft.yaml" "$staged/meta/snap.yaml" <<'PYTHON'
import sys, yaml
craft, snap = (yaml.safe_load(open(path)) for path in sys.argv[1:])
for key in ("apps", "hooks", "slots"):
    assert set(craft[key]) == set(snap[key]), key
assert "<<" not in open(sys.argv[2]).read()
PYTHON

case_name "a command that snapd does not take is found"
cp -a "$staged" "$scratch/tree"
sed -i 's/--launch chassis/--launch=chassis/' "$scratch/tree/meta/snap.yaml"
out=$("$TREE/tools/snap/review" "$scratch/tree" 2>&1) && fail "was accepted"
expect_match '^review: command-characters: chassis' "$out"

case_name "every app runs with all else out of sight"
out=$("$TREE/tools/snap/run-every-app" "$staged" 2>/dev/null) ||
	fail "some app failed"
echo "$out"
expect_no_match FAILED "$out"
expect_equal "$(grep -c '^  [a-z-]*:$' <(sed -n '/^apps:/,/^[a-z]*:$/p' \
	"$staged/meta/snap.yaml"))" "$(wc -l <<<"$out")" "apps"

case_name "a library that is missing is noticed"
rm "$scratch"/tree/usr/lib/*/libunwind.so.*
out=$("$TREE/tools/snap/run-every-app" "$scratch/tree" 2>/dev/null) &&
	fail "was not noticed"

finish
