#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Disks that lose what they had acknowledged: of an only voter, and of two of
# three.  What is refused, what is said, and the way out by microovnd --recover.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

# The end of the write-ahead log of a node whose agent does not run: the last
# writes that it acknowledged, as long as nothing has opened the log since.
lose_tail() { # NODE
	local newest
	newest=$(find "$CLUSTER_DIR/$1/state/raft" -name '*.log' -size +0 \
		-printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
	truncate -s -6000 "$newest"
}
write_some() { # NODE
	local i
	for i in {11..20}; do
		expect microovn "$1" config set cluster.voter-timeout "$i"
	done
}
recover() { # NODE ARG...
	local node=$1
	shift
	on "$node" microovnd --recover "--root=$ROOT" "$@"
}
is_stuck() { has_finding "$1" QUORUM_QUARANTINED; }
is_sound() {
	has_no_finding "$1" QUORUM_QUARANTINED &&
		has_no_finding "$1" LOG_QUARANTINED
}
takes_changes() { microovn "$1" config set cluster.voter-timeout 21; }
value() { microovn "$1" config get cluster.voter-timeout; }
has_value() { [[ $(value "$1") == "$2" ]]; }
has_recoveries() { # NODE COUNT
	local events
	events=$(microovn "$1" events --format json) &&
		[[ $(grep -c '"RECOVERED"' <<<"$events") == "$2" ]]
}
make_cluster() { # SIZE
	local log=$TREE/build/quickstart-$QUICKSTART_ID.log
	quickstart up "$1" >"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "no cluster to test"
	}
}

# ---- the only voter ----

bazel_cleanup
make_cluster 1

case_name "a sound member has nothing to recover"
write_some node1
expect_refused recover node1
expect_match 'ROOT_IN_USE' "$error"
quickstart stop node1
expect_match 'nothing to recover' "$(recover node1)"
expect_refused recover node1 --end-quarantine --member=node1 --accept-loss=test
expect_match 'NOT_IN_QUARANTINE' "$error"

case_name "an only voter that lost acknowledged writes does not go on, and says so"
quickstart start node1
write_some node1
quickstart stop node1
lose_tail node1
quickstart start node1
expect_within 20 is_stuck node1
expect_match 'microovnd --recover' "$(status_of node1)"
expect_refused takes_changes node1

case_name "--recover shows what may be lost, and decides only when told so for this member"
quickstart stop node1
shown=$(recover node1)
expect_match 'Loss +entries [0-9]+ to [0-9]+ may be lost' "$shown"
expect_match 'end-quarantine --member=node1' "$shown"
expect_refused recover node1 --end-quarantine --accept-loss=test
expect_match 'RECOVERY_NOT_CONFIRMED' "$error"
expect_refused recover node1 --end-quarantine --member=node2 --accept-loss=test
expect_match 'RECOVERY_NOT_CONFIRMED' "$error"
expect_refused recover node1 --end-quarantine --member=node1
expect_match 'LOSS_NOT_ACCEPTED' "$error"
expect_equal "$shown" "$(recover node1)" "what was refused changes nothing"

case_name "the only voter comes back by the command, and the cluster's events say why"
expect recover node1 --end-quarantine --member=node1 "--accept-loss=only a test"
quickstart start node1
expect_within 20 takes_changes node1
expect_within 20 has_recoveries node1 1
expect_match 'only a test' "$(microovn node1 events)"
expect is_sound node1
quickstart stop node1
quickstart start node1
expect_within 20 takes_changes node1
expect has_recoveries node1 1

# ---- a majority ----

case_name "two of three that lost their tails in a power cut are a critical finding"
make_cluster 3
voters() {
	[[ $(microovn node1 cluster list -f json |
		jq '[.[] | select(.role == "voter")] | length') == 3 ]]
}
expect_within 30 voters
write_some node1
expect_within 10 has_value node3 20
for node in node1 node2 node3; do quickstart kill "$node" --power; done
for node in node1 node2; do lose_tail "$node"; done
for node in node1 node2 node3; do quickstart start "$node" --power; done
expect_within 20 is_stuck node3
expect_refused takes_changes node3

case_name "one of them is enough, and what the sound member has is not lost"
quickstart stop node1
expect recover node1 --end-quarantine --member=node1 "--accept-loss=two of three"
quickstart start node1
for node in node1 node2 node3; do expect_within 20 has_value "$node" 20; done
expect_within 20 has_recoveries node2 2
expect takes_changes node2
for node in node1 node2 node3; do
	expect_within 20 is_sound "$node"
	expect_within 20 log_is_even "$node" 3
done

finish
