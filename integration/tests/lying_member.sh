#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A stand-by and a worker that lie to the log of all others, each for a while:
# nothing ends, no term moves, nobody is erased, no write is lost.  --long: ten
# minutes each.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

seconds=15
if [[ -n ${MICROOVN_LONG:-} || ${1:-} == --long ]]; then seconds=600; fi

need_cluster
lying_member=$(program //integration/attack:lying_member)
scratch=$(mktemp -d)
test_cleanup() { rm -rf "$scratch"; }

identity_of() { # NODE FIELD
	jq -r ".$2" "$CLUSTER_DIR/$1/state/identity.json"
}
stands_by() { # MEMBER
	microovn node1 cluster list -f json | jq -e --arg name "$1" \
		'.[] | select(.name == $name and .role == "stand-by")' >/dev/null
}
leaders_log() { # FIELD
	microovn node1 cluster log -f json |
		jq -r ".replicas[] | select(.role == \"leader\") | .$1"
}
agents() { # -> a line for each voter's process
	local node
	for node in node1 node2 node3; do
		on "$node" pgrep -x microovnd | head -n 1
	done
}

# Lies from NODE to all others, with a write a second beside it.
lie() { # NODE TARGETS...
	local liar=$1 targets=() node written=0 refused=0 began
	shift
	for node in "$@"; do
		targets+=("$(address_of "$node"):6686=$(identity_of "$node" memberId)")
	done
	on "$liar" "$lying_member" --cacert "$ROOT/state/cluster-ca.crt" \
		--cert "$ROOT/state/member.crt" --key "$ROOT/state/member.key" \
		--seconds "$seconds" --seed "$RANDOM" --term "$(leaders_log term)" \
		--index "$(leaders_log lastIndex)" "$(identity_of "$liar" clusterId)" \
		"$(identity_of "$liar" memberId)" "${targets[@]}" \
		>"$scratch/lies" 2>&1 &
	local lies=$!
	began=$SECONDS
	while ((SECONDS - began < seconds)); do
		if microovn node1 config set cluster.voter-timeout "$((30 + written % 30))" \
			>/dev/null 2>"$scratch/error"; then
			written=$((written + 1))
		else
			refused=$((refused + 1))
			cat "$scratch/error"
		fi
	done
	wait "$lies" || fail "lying_member: $(<"$scratch/lies")"
	cat "$scratch/lies"
	echo "$written writes, $refused refused"
	expect_equal 0 "$refused" "writes that were refused"
	expect test "$written" -gt 0
	expect_equal "$((30 + (written - 1) % 30))" \
		"$(microovn node2 config get cluster.voter-timeout)" "the last write"
}

if ! quickstart add >"$scratch/add" 2>&1; then
	die "add failed:"$'\n'"$(<"$scratch/add")"
fi
standby=$(members_via node1 | tail -n 1)
wait_until 30 stands_by "$standby" || die "$standby is no stand-by"
quickstart add --no-join >"$scratch/add" 2>&1 || die "add: $(<"$scratch/add")"
worker=$(grep -oE 'starting node[0-9]+' "$scratch/add" | cut -d ' ' -f 2)
token=$(microovn node1 cluster add "$worker" --worker)
expect microovn "$worker" cluster join "$token" --address "$(address_of "$worker")" \
	--encap-ip "$(underlay_of "$worker")"
wait_until 30 stands_by "$worker" || die "$worker does not stand by"
members=$(members_via node1)
term=$(leaders_log term)
before=$(agents)

check() {
	expect_equal "$term" "$(leaders_log term)" "the term"
	expect_equal "$before" "$(agents)" "the voters' processes"
	expect_equal "$members" "$(members_via node2)"
	expect_within 30 all_online node1 5
	expect_within 30 log_is_even node1 5
	expect_equal "" "$(findings_of node1 | grep -E 'QUARANTINED|DIVERGED' || true)"
}

case_name "a stand-by that lies for $seconds s ends nothing and moves no term"
lie "$standby" node1 node2 node3 "$worker"
check

case_name "nor does a worker"
lie "$worker" node1 node2 node3 "$standby"
check

case_name "both go as members go"
expect microovn node1 config delete cluster.voter-timeout
for gone in "$worker" "$standby"; do
	expect microovn node1 cluster remove "$gone"
	expect_within 20 uninitialised "$gone"
	quickstart kill "$gone" --power
done

last_case
