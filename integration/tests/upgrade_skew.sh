#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# This build and an earlier one in one cluster: each leads, members of each are
# asked for every command that changes the replicated state, and all come to
# the same state.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../lib/pinned_build.sh
. "$TREE/integration/lib/pinned_build.sh"

# The earlier build.  It moves to the last commit that has another format of
# commands or state, or to a release's.
readonly PINNED=${MICROOVN_PINNED:-14540ff45c61}
readonly NODES=(node1 node2 node3)
readonly JOINER=node4

need_pinned_build "$PINNED"

# ---- the cluster ----

declare -A build
make_cluster() { # BUILD-OF-node1 -of-node2 -of-node3
	local node
	quickstart down
	for node in "${NODES[@]}"; do
		build[$node]=$1
		shift
		[[ ${build[$node]} == old ]] || continue
		mkdir -p "$CLUSTER_DIR/state/$node"
		cp -a "$(pinned_bin "$PINNED")" "$CLUSTER_DIR/state/$node/bin"
	done
	expect quickstart up
	expect quickstart add --no-join
}

lead_by() { # BUILD
	local leader
	wait_until 20 leader_of node1 || return 1
	leader=$(leader_of node1)
	[[ ${build[$leader]} == "$1" ]] || make_leader "$(member_of "$1")"
}
member_of() { # BUILD [NOT-THIS-MEMBER]
	local node
	for node in "${NODES[@]}"; do
		if [[ ${build[$node]} == "$1" && $node != "${2:-}" ]]; then
			echo "$node"
			return
		fi
	done
	return 1
}

expect_same_state() { # MEMBERS
	local node
	for node in "${NODES[@]}"; do expect_within 20 log_is_even "$node" "$1"; done
	expect has_no_finding node1 LOG_QUARANTINED
}

# ---- the commands ----

join() { # TOKEN
	microovn "$JOINER" cluster join "$1" --address "$(address_of "$JOINER")" \
		--encap-ip "$(underlay_of "$JOINER")"
}
settings() { # VIA
	expect microovn "$1" config set cluster.voter-timeout 31
	expect microovn "$1" config delete cluster.voter-timeout
	expect_refused microovn "$1" config set cluster.voters 4
	expect_refused microovn "$1" config set no.such 4
}
tokens() { # VIA
	expect microovn "$1" cluster add someone
	expect microovn "$1" cluster add someone
	expect microovn "$1" cluster token revoke someone
	expect_refused microovn "$1" cluster token revoke someone
	expect_refused microovn "$1" cluster add node1
}
services() { # VIA MEMBER
	expect microovn "$1" disable switch --node "$2"
	expect microovn "$1" enable switch --node "$2"
	expect_refused microovn "$1" enable switch --node "$2"
	expect microovn "$1" disable central --node "$2"
	expect microovn "$1" enable central --node "$2"
	expect microovn "$1" certificates reissue all --node "$2"
}
members() { # VIA
	expect join "$(microovn "$1" cluster add "$JOINER")"
	expect_same_state 4
	expect microovn "$1" cluster remove "$JOINER"
	expect_within 60 uninitialised "$JOINER"
}
# The cluster cannot reach the joiner, which gives up after a while.
taken_back() { # VIA
	local token
	token=$(microovn "$1" cluster add "$JOINER")
	on "$JOINER" ip addr add 10.97.0.1/32 dev lo
	expect_refused microovn "$JOINER" cluster join "$token" --address 10.97.0.1
	on "$JOINER" ip addr del 10.97.0.1/32 dev lo
	expect_within 30 uninitialised "$JOINER"
}
forced_removal() { # VIA
	expect join "$(microovn "$1" cluster add "$JOINER")"
	quickstart kill "$JOINER" --power
	expect microovn "$1" cluster remove "$JOINER" --force
	quickstart start "$JOINER" --power
	expect_within 60 uninitialised "$JOINER"
}
renewed() { # NODE
	! on "$1" openssl x509 -noout -checkend 100 -in "$ROOT/state/member.crt"
}
renewals() { # VIA
	local node
	expect microovn "$1" config set cluster.certificate-lifetime 60
	for node in "${NODES[@]}"; do expect_within 60 renewed "$node"; done
	expect microovn "$1" config delete cluster.certificate-lifetime
	expect_within 60 usual_life
}
usual_life() {
	local node
	for node in "${NODES[@]}"; do
		on "$node" openssl x509 -noout -checkend 1000000 \
			-in "$ROOT/state/member.crt" || return 1
	done
}

# What of all that left its trace: each kind of event, but those of recovery, of
# failures, of wrong proofs, which no command makes, and of an operation that is
# forced while it runs.
readonly EVENTS="AUTHORITY_RESEALED CLUSTER_CREATED CONFIG_DELETED CONFIG_SET
DATABASE_CREATED DATABASE_JOINED DATABASE_LEFT MEMBER_ADDED
MEMBER_CERTIFICATE_RENEWED MEMBER_JOINED MEMBER_LEAVING MEMBER_REMOVED
MEMBER_TAKEN_BACK OPERATION_DONE OPERATION_STARTED
SERVICE_DISABLED SERVICE_ENABLED TOKEN_CREATED TOKEN_REPLACED TOKEN_REVOKED"
expect_events() { # NODE
	local seen event
	seen=$(microovn "$1" events --format json)
	for event in $EVENTS; do
		grep -q "\"$event\"" <<<"$seen" || fail "no $event in the events"
	done
}
expect_same_events() {
	local first
	first=$(microovn node1 events --format json | jq -cs 'map(del(.message))')
	expect_equal "$first" \
		"$(microovn node2 events --format json | jq -cs 'map(del(.message))')" \
		"events on node2"
}

# ---- cases ----

for order in "old new old" "new old new"; do
	case_name "$order: a cluster of both builds is made"
	# shellcheck disable=SC2086
	make_cluster $order
	expect_same_state 3
	for leading in old new; do
		for asked in old new; do
			case_name "$order: $leading leads, $asked is asked for every command"
			expect lead_by "$leading"
			via=$(member_of "$asked")
			settings "$via"
			tokens "$via"
			services "$via" "$(member_of old "$via" || member_of new "$via")"
			services "$via" "$via"
			expect_same_state 3
			members "$via"
			forced_removal "$via"
			expect_same_state 3
		done
	done

	# What takes a minute each, while the build leads that is the fewer.
	few=${order#* } few=${few% *}
	case_name "$order: $few leads, a join is taken back and certificates are renewed"
	expect lead_by "$few"
	taken_back "$(member_of "$few")"
	renewals "$(member_of "$few")"
	expect_same_state 3

	case_name "$order: nothing was left out, and both tell the same"
	expect_events node1
	expect_same_events
	expect has_no_finding node1 LOG_QUARANTINED
done

finish
