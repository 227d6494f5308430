#!/usr/bin/env bash
# A disk that lies: acknowledged writes are gone, of an only voter, and of two
# of three. What is refused, what is said, and the way out.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

export QUICKSTART_ID=$QUICKSTART_ID-recover
test_cleanup() { quickstart down; }

# Some of what the stopped agent's log acknowledged last: the end of RocksDB's
# write-ahead log, which has a record for each change.
lose_tail() { # NODE
	# shellcheck disable=SC2016
	on "$1" bash -c '
		cd "$1/state/raft"
		newest=$(find . -name "*.log" -size +0 -printf "%T@ %p\n" |
			sort -n | tail -n 1 | cut -d" " -f2)
		truncate -s -6000 "$newest"' _ "$ROOT"
}
write_some() { # NODE
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		expect microovn "$1" config set cluster.voter-timeout "$((10 + i))"
	done
}
recover() { # NODE ARG...
	local node=$1
	shift
	on "$node" microovnd --recover "--root=$ROOT" "$@"
}
critical() { # NODE -> the reasons of what is critical
	microovn "$1" status -f json |
		jq -r '.findings[] | select(.severity | test("CRITICAL")) | .reason'
}
is_stuck() { critical "$1" | grep -qx QUORUM_QUARANTINED; }
takes_changes() { microovn "$1" config set cluster.voter-timeout 21; }
recovered_events() { # NODE
	microovn "$1" events -f json | grep -c '"RECOVERED"'
}
has_recovered_events() { [[ $(recovered_events "$1") == "$2" ]]; }

case_name "the only voter that lost acknowledged writes does not go on, and says so"
log=$(mktemp)
quickstart up 1 >"$log" 2>&1 || {
	tail -n 40 "$log" >&2
	die "no cluster to test"
}
rm -f "$log"
write_some node1
expect_refused recover node1
expect_match 'ROOT_IN_USE' "$error"
quickstart stop node1
expect_match 'nothing to recover' "$(recover node1)"
expect_refused recover node1 --end-quarantine --member=node1 --accept-loss=test
expect_match 'NOT_IN_QUARANTINE' "$error"
lose_tail node1
quickstart start node1
expect_within 20 is_stuck node1
expect_match 'microovnd --recover' "$(microovn node1 status -f json)"
expect_refused takes_changes node1

case_name "--recover shows what may be lost, and decides only when told so for this member"
quickstart stop node1
shown=$(recover node1)
expect_match 'may be lost' "$shown"
expect_match 'end-quarantine --member=node1' "$shown"
expect_refused recover node1 --end-quarantine --accept-loss=test
expect_match 'RECOVERY_NOT_CONFIRMED' "$error"
expect_refused recover node1 --end-quarantine --member=node2 --accept-loss=test
expect_match 'RECOVERY_NOT_CONFIRMED' "$error"
expect_refused recover node1 --end-quarantine --member=node1
expect_match 'LOSS_NOT_ACCEPTED' "$error"
expect_match 'lost acknowledged writes' "$(recover node1)"

case_name "the only voter comes back by the command, and the cluster's events say why"
expect recover node1 --end-quarantine --member=node1 "--accept-loss=only a test"
quickstart start node1
expect_within 20 takes_changes node1
expect_within 20 has_recovered_events node1 1
expect_match 'only a test' "$(microovn node1 events)"
expect_equal '' "$(critical node1)"
quickstart stop node1
quickstart start node1
expect_within 20 takes_changes node1
expect_equal 1 "$(recovered_events node1)"

case_name "two of three that lost their tails are a finding that is critical"
log=$(mktemp)
quickstart up 3 >"$log" 2>&1 || {
	tail -n 40 "$log" >&2
	die "no cluster to test"
}
rm -f "$log"
voters() {
	[[ $(microovn node1 cluster list -f json |
		jq '[.[] | select(.role == "voter")] | length') == 3 ]]
}
expect_within 30 voters
write_some node1
kept=$(microovn node3 config get cluster.voter-timeout)
for node in node1 node2 node3; do quickstart stop "$node"; done
for node in node1 node2; do lose_tail "$node"; done
for node in node1 node2 node3; do quickstart start "$node"; done
expect_within 20 is_stuck node3
expect_refused takes_changes node3

case_name "one of them is enough, and what the sound member has is not lost"
quickstart stop node1
expect recover node1 --end-quarantine --member=node1 "--accept-loss=two of three"
quickstart start node1
has_kept() { [[ $(microovn "$1" config get cluster.voter-timeout) == "$kept" ]]; }
for node in node1 node2 node3; do expect_within 20 has_kept "$node"; done
expect_within 20 has_recovered_events node2 2
expect takes_changes node2
healed() { ! microovn node1 status -f json | grep -q QUARANTINED; }
expect_within 20 healed

finish
