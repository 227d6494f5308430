#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A new user's first half hour: a clone, then what README and tutorials say, typed
# on a terminal, until a member was removed and has come back.  Nothing may fail,
# nothing may be printed that the pages do not show, and each command's time is
# printed.  What is committed is what is cloned.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

# The clone builds for itself.
unset MICROOVN_BUILT
readonly CLONE=$TREE/build/first-half-hour/microovn

clone_down() {
	if [[ -x $CLONE/quickstart ]]; then
		"$CLONE/quickstart" down
		# The clone's own server and what it built, and no other's.
		(cd "$CLONE" && bazel clean --expunge) >/dev/null 2>&1 || true
	fi
	rm -rf --one-file-system "${CLONE%/*}"
}
test_cleanup() { clone_down; }

took=()
timed() { # WHAT CMD...
	local began=$SECONDS
	"${@:2}"
	took+=("$(printf '%6d s  %s' $((SECONDS - began)) "$1")")
}

health() { # of the cluster as it is left
	(cd "$CLONE" && ./quickstart exec node1 microovn status -f json) |
		jq -r .status.health
}
is_healthy() { [[ $(health) == HEALTH_HEALTHY ]]; }

clone_down
mkdir -p "${CLONE%/*}"
case_name "it can be cloned"
timed "git clone" expect git clone --quiet "$TREE" "$CLONE"
page_home=$CLONE
cd "$CLONE"

case_name "the README does what it says"
timed "README, with the first build" run_page README.md strict

case_name "a cluster of one machine"
timed "docs/tutorial/single-node.md" run_page docs/tutorial/single-node.md strict
expect_within 20 is_healthy
expect ./quickstart down

case_name "a cluster of three, a member removed and back"
timed "docs/tutorial/three-nodes.md" run_page docs/tutorial/three-nodes.md strict
expect_within 20 is_healthy

case_end
printf '%s\n' "${took[@]}"
finish
