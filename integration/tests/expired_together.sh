#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Members whose certificates have expired while their agents were off come back
# by themselves: one alone and a majority together, by days and by ten years.
# The agents' clocks are moved, and nobody waits.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

readonly NODES=(node1 node2 node3)
readonly EXPIRED=CERTIFICATE_EXPIRED_IN_USE
readonly DAY=86400

lasts() { # NODE SECONDS: its certificate is valid for longer than that
	on "$1" openssl x509 -noout -checkend "$2" -in "$ROOT/state/member.crt"
}
ends_before() { ! lasts "$1" "$2"; }

all_stop_and_shift() { # SECONDS
	local node
	for node in "${NODES[@]}"; do quickstart stop "$node"; done
	for node in "${NODES[@]}"; do shift_clock "$node" "$1"; done
}
expect_usual_life() {
	expect_within 30 all_online node1 3
	expect_within 10 has_no_finding node1 "$EXPIRED"
	expect microovn node2 config set cluster.voter-timeout 31
	expect microovn node3 config delete cluster.voter-timeout
}

case_name "one alone that has expired serves nobody, and says so"
for node in "${NODES[@]}"; do
	expect ends_before "$node" $((31 * DAY))
	expect lasts "$node" $((29 * DAY))
done
all_stop_and_shift $((40 * DAY))
quickstart start node1
for node in "${NODES[@]}"; do
	expect_within 10 has_finding node1 "$EXPIRED" "$node"
done
expect ends_before node1 $((40 * DAY))

case_name "a majority whose certificates have expired comes back"
quickstart start node2
expect_within 15 leader_of node1
for node in node1 node2; do
	expect_within 20 lasts "$node" $((60 * DAY))
	expect_within 10 has_no_finding node1 "$EXPIRED" "$node"
done

case_name "one member that was off past expiry comes back to others that renewed"
expect has_finding node1 "$EXPIRED" node3
quickstart start node3
expect_within 20 lasts node3 $((60 * DAY))
expect_usual_life
expect microovn node2 cluster add expired-1

case_name "all members that were off for ten years come back"
all_stop_and_shift $((3660 * DAY))
for node in "${NODES[@]}"; do quickstart start "$node"; done
expect_within 20 leader_of node1
for node in "${NODES[@]}"; do
	expect_within 30 lasts "$node" $((3670 * DAY))
done
expect_usual_life

# The same as a clock that was wrong and is set right: every certificate is of
# the future.  The last comes when the others' old keys are registered no more.
renewals() { # an event for each new key, and for each that is retired
	microovn node1 events --format json |
		grep -c '"MEMBER_CERTIFICATE_RENEWED"'
}
has_renewals() { (($(renewals) >= $1)); }
case_name "and when the clocks are set back"
before=$(renewals)
all_stop_and_shift 0
quickstart start node1
quickstart start node2
expect_within 20 leader_of node1
expect_within 40 has_renewals $((before + 4))
quickstart start node3
for node in "${NODES[@]}"; do
	expect_within 30 ends_before "$node" $((31 * DAY))
done
expect_usual_life

finish
