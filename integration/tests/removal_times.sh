#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long the keys of a member that was removed by force open OVN's databases:
# new connections, and those that it holds open.  What it may ask the agents is
# looked at in attack.sh.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
scratch=$(mktemp -d)
test_cleanup() { rm -rf "$scratch"; }

# Adds a member, and has its keys in $scratch/NAME as a thief would.
add_and_copy() { # -> sets `gone`
	quickstart add >"$scratch/add" 2>&1 || die "add: $(<"$scratch/add")"
	gone=$(members_via node1 | tail -n 1)
	mkdir -p "$scratch/$gone/pki"
	cp -L "$CLUSTER_DIR/$gone"/data/pki/{cacert,client-cert,client-privkey}.pem \
		"$scratch/$gone/pki"
}
try_keys() { # NODE SECONDS
	quickstart net python3 "$TREE/integration/harness/shut_out.py" \
		"$scratch/$1/pki" "$(address_of node1)" "$2" \
		>"$scratch/times" 2>&1 &
	tries=$!
	wait_until 10 grep -q ready "$scratch/times" || fail "$(<"$scratch/times")"
}
# Seconds from $done_at to the moment, "never" for one that did not come.
after() { # PORT answered|closed
	tail -n 1 "$scratch/times" | jq -r --arg port "$1" --arg what "$2" \
		--argjson at "$done_at" '.[$port][$what] |
			if . == null then "never" else ((. - $at) * 10 | round / 10) end'
}
print_times() {
	local port
	for port in 6641 6642; do
		echo "$1: port $port: last new connection $(after "$port" answered) s," \
			"open one closed $(after "$port" closed) s after the command's end"
	done
}
is_within() { # SECONDS PORT answered|closed
	local seconds
	seconds=$(after "$2" "$3")
	[[ $seconds =~ ^-?[0-9.]+$ ]] && awk -v s="$seconds" -v most="$1" 'BEGIN { exit !(s <= most) }'
}
no_rotation_runs() {
	[[ $(microovn node1 operation list -f json |
		jq '[.operations[]? | select(.done != true)] | length') == 0 ]]
}

case_name "a member that is removed by force: its keys open no database once the CA is replaced"
add_and_copy
try_keys "$gone" 60
quickstart kill "$gone" --power
expect microovn node1 cluster remove "$gone" --force
done_at=$(date +%s.%N)
wait "$tries" || fail "$(<"$scratch/times")"
print_times "removed by force"
for port in 6641 6642; do
	expect is_within 50 "$port" answered
	expect is_within 55 "$port" closed
done
expect_within 60 no_rotation_runs
expect_within 30 quickstart ping node1 node2

last_case
