#!/usr/bin/env bash
# Members whose certificates have expired while their agents were off come back
# by themselves: by minutes, one alone and all together, and by ten years.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

readonly NODES=(node1 node2 node3)
readonly FAKETIME=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1

lasts() { # NODE SECONDS: its certificate is valid for longer than that
	on "$1" openssl x509 -noout -checkend "$2" -in "$ROOT/state/member.crt"
}
short_lived() { ! lasts "$1" 70; }
expired() { ! lasts "$1" 0; }
has_leader() { # NODE
	local leader
	leader=$(microovn "$1" status -f json | jq -r .leader) && [[ $leader == */* ]]
}
findings() { # NODE
	microovn "$1" status -f json | jq -r '.findings[].reason'
}
finds_expired() { findings "$1" | grep -qx CERTIFICATE_EXPIRED_IN_USE; }
finds_none_expired() { ! finds_expired "$1"; }

# What the agents are started with, a line each (node-init).
environment() { # [NAME=VALUE]
	local node
	for node in "${NODES[@]}"; do
		echo "${1:-}" >"$CLUSTER_DIR/state/$node/environment"
	done
}
test_cleanup() { environment; }

all_stop() {
	local node
	for node in "${NODES[@]}"; do quickstart stop "$node"; done
}

short_lives() {
	expect microovn node1 config set cluster.certificate-lifetime 60
	local node
	for node in "${NODES[@]}"; do expect_within 60 short_lived "$node"; done
}

short_lives

case_name "one member that was off past expiry comes back to two that renewed"
quickstart stop node3
expect_within 90 expired node3
expect_within 30 finds_expired node1
quickstart start node3
expect_within 20 all_online node1 3
expect_within 20 lasts node3 1
expect_within 20 finds_none_expired node1

case_name "all members that were off past expiry come back"
all_stop
for node in "${NODES[@]}"; do expect_within 90 expired "$node"; done
quickstart start node1
expect_within 10 finds_expired node1
quickstart start node2
quickstart start node3
expect_within 15 has_leader node1
expect_within 30 all_online node1 3
for node in "${NODES[@]}"; do
	expect_within 20 lasts "$node" 1
	expect_within 20 finds_none_expired "$node"
done
expect microovn node2 cluster add expired-1

case_name "the usual life is back"
expect microovn node1 config delete cluster.certificate-lifetime
for node in "${NODES[@]}"; do expect_within 60 lasts "$node" 1000000; done

if [[ -e $FAKETIME ]]; then
	case_name "all members that were off for ten years come back"
	all_stop
	environment "LD_PRELOAD=$FAKETIME FAKETIME=+3660d DONT_FAKE_MONOTONIC=1"
	for node in "${NODES[@]}"; do quickstart start "$node"; done
	expect_within 20 has_leader node1
	for node in "${NODES[@]}"; do expect_within 30 lasts "$node" 316000000; done
	expect microovn node2 config set cluster.voter-timeout 31
	expect microovn node2 config delete cluster.voter-timeout

	# The same as a clock that was wrong and is set right: every certificate
	# is of the future.
	case_name "and when the clocks are set back"
	all_stop
	environment
	for node in "${NODES[@]}"; do quickstart start "$node"; done
	expect_within 20 has_leader node1
	short_again() { # NODE
		! on "$1" openssl x509 -noout -checkend 100000000 \
			-in "$ROOT/state/member.crt"
	}
	for node in "${NODES[@]}"; do expect_within 30 short_again "$node"; done
	expect_within 30 all_online node1 3
else
	echo "not run  expired_together: ten years: there is no libfaketime"
fi

finish
