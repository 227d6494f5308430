#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every command that `microovn --help` names, on terminals of 50, 80 and 200
# columns and in a pipe: as root, as a user in the group microovn, as one who
# is not, without an agent and without a quorum.
#
# No line is wider than its terminal where it can be folded, exit codes are
# those of docs/reference/scripting.md, nothing speaks of what is below the
# API, and without a quorum every command answers within three seconds with
# the true cause.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
need_cluster

readonly GROUP_ID=4242

# The group, as the member sees it; the agent looks it up when it starts.
give_group() { # NODE
	local pid file=$CLUSTER_DIR/state/$1/group
	{
		cat /etc/group
		echo "microovn:x:$GROUP_ID:"
	} >"$file"
	pid=$(recorded_process "$CLUSTER_DIR/state/$1/init")
	nsenter --target "$pid" --mount mount --bind "$file" /etc/group
	quickstart stop "$1"
	quickstart start "$1"
}

# A case for each command.
matrix() { # NODE SITUATION WHO
	local line pid reasons=()
	pid=$(recorded_process "$CLUSTER_DIR/state/$1/init")
	while read -r line; do
		case $line in
		"ok "* | "FAILED "*)
			case_name "${line#* }"
			[[ $line == "ok "* ]] || fail "$(printf '%s\n' "${reasons[@]}")"
			reasons=()
			;;
		*) reasons+=("$line") ;;
		esac
	done < <(python3 "$TREE/integration/harness/command_matrix.py" \
		"$pid" "$CLUSTER_DIR/bin" "$ROOT" "$2" "$3" || true)
}

give_group node1
expect_within 20 all_online node1 3

matrix node1 well root
matrix node1 well "group:$GROUP_ID"
matrix node1 well nobody

case_name "the socket is the group's, and others see that it is there"
expect_equal "750 root $GROUP_ID" \
	"$(on node1 stat -c '%a %U %g' "$ROOT/control")"
expect_equal "660 root $GROUP_ID" \
	"$(on node1 stat -c '%a %U %g' "$ROOT/control/control.socket")"

case_name "tools say to a user who may not why"
pid=$(recorded_process "$CLUSTER_DIR/state/node1/init")
out=$(nsenter --target "$pid" --mount --net --pid -- \
	setpriv --reuid=65534 --regid=65534 --clear-groups \
	env SNAP_COMMON="$ROOT" "$CLUSTER_DIR/bin/microovn.ovn-sbctl" show 2>&1) &&
	fail "was accepted"
expect_match 'not allowed to read' "$out"

quickstart stop node1
matrix node1 no-agent root
matrix node1 no-agent nobody
quickstart start node1

case_name "two of three members are off"
quickstart stop node2 --power
quickstart stop node3 --power
expect_within 20 has_finding node1 'NO_QUORUM|NO_LEADER'
matrix node1 no-quorum root
matrix node1 no-quorum "group:$GROUP_ID"
matrix node1 no-quorum nobody

case_name "with both back there is a quorum again"
quickstart start node2 --power
quickstart start node3 --power
expect_within 60 all_online node1 3

finish
