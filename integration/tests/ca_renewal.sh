#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The OVN CA ends while all agents are off, and is made under a clock that was
# ahead; and a member whose certificate ends while the cluster CA is rotated. The
# agents' clocks are moved, not those of OVN's daemons.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

readonly NODES=(node1 node2 node3)
readonly DAY=86400

lasts() { # NODE SECONDS: its certificate is valid for longer than that
	on "$1" openssl x509 -noout -checkend "$2" -in "$ROOT/state/member.crt"
}
all_stop_and_shift() { # SECONDS
	local node
	for node in "${NODES[@]}"; do quickstart stop "$node"; done
	for node in "${NODES[@]}"; do shift_clock "$node" "$1"; done
	for node in "${NODES[@]}"; do quickstart start "$node"; done
}
expect_usual_life() {
	expect_within 30 all_online node1 3
	expect_within 10 has_no_finding node1 CERTIFICATE_EXPIRED_IN_USE
	expect microovn node2 config set cluster.voter-timeout 31
	expect microovn node3 config delete cluster.voter-timeout
}

all_stop_and_shift $((3660 * DAY))
case_name "an OVN CA that has ended while all were off is a new one"
ovn_ca_lasts() { # NODE SECONDS
	on "$1" openssl x509 -noout -checkend "$2" -in "$ROOT/data/pki/cacert.pem"
}
for node in "${NODES[@]}"; do
	expect_within 60 ovn_ca_lasts "$node" $((4000 * DAY))
	expect_within 10 has_no_finding node1 CA_ENDS_SOON
done

case_name "one that was made under a clock that was ahead is replaced, and the databases take writes"
all_stop_and_shift 0
ovn_ca_ends_before() { ! ovn_ca_lasts "$@"; }
for node in "${NODES[@]}"; do
	expect_within 60 ovn_ca_ends_before "$node" $((3700 * DAY))
done
expect_within 60 nbctl node1 ls-add after-ten-years

case_name "a member off past its certificate's end comes back to a cluster CA that is being rotated"
quickstart stop node3
name=$(microovn node1 cluster rotate-ca --async)
waits_for_node3() {
	microovn node1 operation show "$name" | grep 'node3 (does not answer)'
}
expect_within 40 waits_for_node3
for node in node1 node2; do quickstart stop "$node"; done
for node in "${NODES[@]}"; do shift_clock "$node" $((40 * DAY)); done
for node in node1 node2; do quickstart start "$node"; done
for node in node1 node2; do expect_within 30 lasts "$node" $((60 * DAY)); done
expect waits_for_node3
quickstart start node3
rotated() {
	microovn node1 operation show "$name" -f json | jq -e '.done == true'
}
expect_within 90 rotated
expect_usual_life

finish
