#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One member whose wall clock is wrong, by minutes and by hours, ahead and
# behind: it is named, what it asks for works, and what it makes is valid.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

readonly NODES=(node1 node2 node3)
readonly WRONG=node2
joiner=

# Exactly one clock is found wrong, by so much, a second of asking included.
finds_skew() { # NODE WORDS
	local found
	found=$(status_of "$1" | jq -er \
		'.findings[] | select(.reason == "CLOCK_SKEW") | "\(.member) \(.message)"') &&
		[[ $found =~ ^"$WRONG the clock of $WRONG is "($2)$ ]]
}
leads() { [[ $(leader_of node1) == "$1" ]]; }
restart() { # NODE
	quickstart stop "$1"
	quickstart start "$1"
	expect_within 20 all_online node1 3
}

all_works() { # LEADER
	local token
	expect leads "$1"
	expect microovn "$WRONG" config set cluster.voter-timeout 31
	expect microovn "$WRONG" config delete cluster.voter-timeout
	expect microovn "$WRONG" disable switch --node node3
	expect microovn "$WRONG" enable switch --node node3
	expect microovn "$WRONG" certificates reissue client
	# A token lives by the cluster's clock, whoever makes it: the leader.
	expect leads "$1"
	token=$(microovn "$WRONG" cluster add "$joiner" --timeout 60) ||
		fail "no token"
	expect microovn "$joiner" cluster join "$token" \
		--address "$(address_of "$joiner")" \
		--encap-ip "$(underlay_of "$joiner")"
	expect_within 20 all_online node1 4
	expect microovn "$WRONG" cluster remove "$joiner"
	expect_within 60 uninitialised "$joiner"
	expect has_no_finding node1 CERTIFICATE_EXPIRED_IN_USE
}

expect quickstart add --no-join
joiner=$(basename "$(printf '%s\n' "$CLUSTER_DIR"/node* | sort -V | tail -n 1)")

for shift in "600=(9m59s|10m|10m1s) ahead" "-600=(9m59s|10m|10m1s) behind" \
	"21600=(5h59m59s|6h|6h0m1s) ahead" "-21600=(5h59m59s|6h|6h0m1s) behind"; do
	words=${shift#*=}
	shift_clock "$WRONG" "${shift%%=*}"
	restart "$WRONG"
	case_name "a clock that is off by ${shift%%=*} s is found by every member, and named"
	for node in "${NODES[@]}"; do expect_within 10 finds_skew "$node" "$words"; done

	case_name "by ${shift%%=*} s: what its member asks for works"
	expect make_leader node1
	all_works node1

	case_name "by ${shift%%=*} s: the same while its member leads"
	expect make_leader "$WRONG"
	all_works "$WRONG"
	expect finds_skew node1 "$words"
done

case_name "a clock that is set right is found no more"
shift_clock "$WRONG" 0
restart "$WRONG"
for node in "${NODES[@]}"; do expect_within 10 has_no_finding "$node" CLOCK_SKEW; done
for node in "${NODES[@]}"; do expect_within 10 log_is_even "$node" 3; done

finish
