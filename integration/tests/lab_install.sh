#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installing as docs/how-to/install.md and run-under-systemd.md say, on hosts with
# systemd: their commands are typed as they stand.  Only the copying of the
# programs is done by the lab instead of scp.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-inst
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"

test_cleanup() { lab down; }

[[ $(awk '$3 == "cgroup2"' /proc/self/mounts) ]] || skip "no cgroup2 mount"
lab image || skip "no image can be built (apt)"
lab down
lab up 3
"$TREE/tools/build"

# The prompts of these pages are root@machineN: the lab's nodeN.
page_shell() { # PLACE COMMAND
	printf '%q exec %q bash -c %q' "$TREE/integration/lab/lab" \
		"node${1#machine}" "$2"
}

copy_programs_to() { # NODE
	local program
	for program in microovnd microovn; do
		lab push "$1" "$TREE/build/bin/$program" "/usr/bin/$program"
	done
	for program in "$TREE"/build/bin/microovn.*; do
		on "$1" ln -sf microovn "/usr/bin/${program##*/}"
	done
}
for node in node1 node2 node3; do copy_programs_to "$node"; done
# As the pages have them; node2 is not a member at the end.
units_are node1 "$UNIT_PREFIX"
units_are node3 east.

case_name "the commands of docs/how-to/install.md work as written"
run_page docs/how-to/install.md loose
healthy() { [[ $(microovn node1 status -f json | jq -r .status.health) == HEALTH_HEALTHY ]]; }

case_name "the cluster that was installed is healthy"
expect_within 60 healthy

case_name "another root and another prefix work as run-under-systemd.md says"
run_page docs/how-to/run-under-systemd.md loose

finish
