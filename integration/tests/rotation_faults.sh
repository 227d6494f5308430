#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A rotation of either CA whose leader dies, whose members die or are off, whose
# publisher has no space left, and that is asked for twice: it ends, or is taken
# back, and is never in between. The steps are drawn from a seed; with --long it
# is each of them.
# shellcheck disable=SC2119
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/rotation.sh
. "$(dirname "$0")/../harness/rotation.sh"

need_cluster
work=$(mktemp -d)
test_cleanup() {
	rotation_cleanup
	rm -rf "$work"
}
RANDOM=${MICROOVN_ROTATION_SEED:=$((EPOCHSECONDS % 32768))}
echo "seed: MICROOVN_ROTATION_SEED=$MICROOVN_ROTATION_SEED"
steps_to_try() { # -> of 1 to 4
	if [[ -n ${MICROOVN_LONG:-} ]]; then
		echo 1 2 3 4
	else
		echo $((1 + RANDOM % 4))
	fi
}

# One step, and who is hit in it; then the rotation ends by itself.
rotate_and_hit() { # regenerate-ca|rotate-ca STEP leader|member kill|off
	local leader name before node plane=certificates others=()
	[[ $1 != rotate-ca ]] || plane=cluster
	wait_until 20 leader_of node1 || fail "nobody leads"
	leader=$(leader_of node1)
	for node in $NODES; do
		[[ $node == "$leader" ]] || others+=("$node")
	done
	local asked=${others[0]} hit=${others[1]}
	[[ $3 != leader ]] || hit=$leader
	before="$(ca_of node1) $(cluster_ca_of node1)"
	name=$(microovn "$asked" "$plane" "$1" --async) || fail "$1 is refused"
	wait_until 20 reached "$asked" "$name" "$2" || fail "step $2 is not reached"
	if [[ $4 == kill ]]; then
		quickstart kill "$hit"
	else
		quickstart stop "$hit" --power
		quickstart start "$hit" --power
	fi
	expect_within 90 ended "$name" "$asked"
	expect_within 30 all_online node1 3
	expect_within 30 same_everywhere
	expect_one_ca
	expect_one_cluster_ca
	[[ "$(ca_of node1) $(cluster_ca_of node1)" != "$before" ]] ||
		fail "the CA is the same ($*)"
}
same_everywhere() {
	local node
	for node in $NODES; do
		[[ $(ca_of "$node") == "$(ca_of node1)" &&
			$(cluster_ca_of "$node") == "$(cluster_ca_of node1)" ]] || return 1
	done
}

case_name "the leader's agent dies in each step of an OVN CA's rotation: another one goes on"
for step in $(steps_to_try); do
	rotate_and_hit regenerate-ca "$step" leader kill
done

case_name "the leader's agent dies in each step of a cluster CA's rotation"
for step in $(steps_to_try); do
	rotate_and_hit rotate-ca "$step" leader kill
done

case_name "another member dies, or loses its power, in each step of either"
for step in $(steps_to_try); do
	rotate_and_hit regenerate-ca "$step" member off
	rotate_and_hit rotate-ca "$step" member kill
done

case_name "asked for twice at once it is one rotation, and the other CA's goes beside it"
for node in node1 node2 node3; do
	microovn "$node" certificates regenerate-ca --async >"$work/twice-$node" &
	twice[${node#node}]=$!
done
other=$(microovn node2 cluster rotate-ca --async)
for node in node1 node2 node3; do
	wait "${twice[${node#node}]}" || fail "refused on $node"
	expect_equal "$(<"$work/twice-node1")" "$(<"$work/twice-$node")" "$node"
done
expect_within 60 ended "$(<"$work/twice-node1")"
expect_within 60 ended "$other"
expect_one_ca
expect_one_cluster_ca

case_name "a member without space for its certificates is waited for, and serves what it had"
full=$ROOT/data/pki
expect on node3 sh -c "cp -a $full $full.kept &&
	mount -t tmpfs -o size=512k,mode=0755 full $full &&
	cp -a $full.kept/. $full && rm -r $full.kept"
on node3 sh -c "dd if=/dev/zero of=$full/filler bs=1k 2>/dev/null || true"
before=$(served_by node3 6641)
name=$(microovn node1 certificates regenerate-ca --async) ||
	fail "regenerate-ca is refused"
says_full() {
	microovn node1 operation show "$name" | grep -qi 'node3.*[Nn]o space'
}
expect_within 40 says_full
expect_equal "$before" "$(served_by node3 6641)" "served"
on node3 rm "$full/filler"
expect_within 60 ended "$name"
expect_one_ca
# What is below the mount is of long ago.
quickstart stop node3 --power
quickstart start node3 --power
expect_within 60 all_online node1 3
expect_within 60 same_everywhere
expect_one_ca

make_ca rsa-ca rsa:2048
cp "$work"/rsa-ca.* "$CLUSTER_DIR/"
case_name "a member that is off is waited for; set aside, it catches up"
quickstart stop node3 --power
name=$(microovn node1 certificates regenerate-ca --async) ||
	fail "regenerate-ca is refused"
expect_within 40 sh -c "'$TREE/quickstart' exec node1 microovn operation show \
	$name | grep 'node3 (does not answer)'"
expect_refused microovn node1 certificates set-ca \
	--cert "$CLUSTER_DIR/rsa-ca.crt" --key "$CLUSTER_DIR/rsa-ca.key"
expect_match "another rotation of the OVN CA is under way" "$error"
rc=0
said=$(microovn node1 certificates regenerate-ca --set-aside-offline 2>/dev/null) ||
	rc=$?
expect_equal 1 "$rc" "exit code"
expect_match '^\[Host node3\]$' "$said"
expect_match '^client: Failed!$' "$said"
expect ended "$name"
quickstart start node3 --power
expect_within 60 all_online node1 3
expect_within 60 sh -c "'$TREE/quickstart' exec node3 openssl verify -CAfile \
	$ROOT/data/pki/cacert.pem $ROOT/data/pki/ovnnb-cert.pem"
caught_up() { [[ $(ca_of node3) == "$(ca_of node1)" ]]; }
expect_within 60 caught_up
expect_one_ca

case_name "a member that is off is left behind by a cluster CA, comes back, and is left behind once"
wait_until 30 make_leader node1 || true
quickstart stop node3 --power
name=$(microovn node1 cluster rotate-ca --async) || fail "rotate-ca is refused"
expect_within 40 sh -c "'$TREE/quickstart' exec node1 microovn operation show \
	$name | grep 'node3 (does not answer)'"
before=$(cluster_ca_of node1)
rc=0
said=$(microovn node2 cluster rotate-ca --set-aside-offline 2>/dev/null) || rc=$?
expect_equal 1 "$rc" "exit code"
expect_match '^member: Failed!$' "$said"
expect ended "$name"
[[ $(cluster_ca_of node1) != "$before" ]] || fail "the CA is the same"
expect_equal "$(cluster_ca_of node1)" "$(cluster_ca_of node2)" "node2's"
# Not twice: the next one waits, and goes on once it is back. Agents that are
# started anew in between have the way back from their log.
name=$(microovn node1 cluster rotate-ca --set-aside-offline --async) ||
	fail "rotate-ca is refused"
expect_within 40 sh -c "'$TREE/quickstart' exec node1 microovn operation show \
	$name | grep 'node3 (does not answer, and cannot be set aside)'"
quickstart kill node1
quickstart kill node2
expect_within 60 leader_of node1
quickstart start node3 --power
expect_within 60 all_online node1 3
expect_within 90 ended "$name" node2
expect_within 30 same_everywhere
expect_one_cluster_ca
forgotten() { microovn node3 events -f json | grep -q CA_FORGOTTEN; }
expect_within 30 forgotten

case_name "also when its own certificate has ended meanwhile"
expect microovn node1 config set cluster.certificate-lifetime 60
short_lived() {
	! on node3 openssl x509 -checkend 90 -noout -in "$ROOT/state/member.crt"
}
expect_within 60 short_lived
quickstart stop node3 --power
expect_within 40 sh -c "'$TREE/quickstart' exec node1 microovn cluster list \
	-f json | jq -e '.[] | select(.name == \"node3\") | .status != \"ONLINE\"'"
said=$(microovn node1 cluster rotate-ca --set-aside-offline 2>/dev/null) || true
expect_match '^member: Failed!$' "$said"
ended_its_life() {
	! on node3 openssl x509 -checkend 0 -noout -in "$ROOT/state/member.crt"
}
expect_within 90 ended_its_life
quickstart start node3 --power
expect_within 60 all_online node1 3
expect_within 30 same_everywhere
expect_one_cluster_ca
expect microovn node1 config delete cluster.certificate-lifetime

case_name "a voter left behind follows a leader that became a voter meanwhile"
wait_until 30 make_leader node1 || true
expect quickstart add
fourth=$(members_via node1 | tail -n 1)
expect_within 30 all_online node1 4
quickstart stop node3 --power
fourth_votes() {
	microovn node1 cluster list -f json | jq -e --arg name "$fourth" \
		'.[] | select(.name == $name) | .role == "voter"'
}
expect_within 60 fourth_votes
said=$(microovn node1 cluster rotate-ca --set-aside-offline 2>/dev/null) || true
expect_match '^member: Failed!$' "$said"
# It has to follow a voter that it never heard of, with proofs and certificates
# of a CA that it never heard of. A start makes the proof anew.
quickstart stop "$fourth"
quickstart start "$fourth"
the_fourth_leads() {
	[[ $(leader_of node1) == "$fourth" ]] && return
	quickstart stop node1
	quickstart stop node2
	quickstart start node2
	quickstart start node1
	wait_until 20 leader_of node1 && [[ $(leader_of node1) == "$fourth" ]]
}
expect_within 90 the_fourth_leads
quickstart start node3 --power
expect_within 60 all_online node1 4
expect_within 30 same_everywhere
expect_one_cluster_ca
expect microovn node1 cluster remove "$fourth"
quickstart kill "$fourth" --power
expect_within 30 all_online node1 3

case_name "a rotation that waits is cancelled, and the CA is the one before it"
before=$(ca_of node1)
quickstart stop node3 --power
name=$(microovn node1 certificates regenerate-ca --async) ||
	fail "regenerate-ca is refused"
expect_within 30 sh -c "'$TREE/quickstart' exec node1 microovn operation show \
	$name | grep node3"
expect microovn node1 operation cancel "$name"
quickstart start node3 --power
expect_within 60 all_online node1 3
# It has read on its way of the rotation, too, and may have begun to follow it.
expect_within 30 log_is_even node1 3
same() { [[ $(ca_of node1) == "$before" && $(ca_of node3) == "$before" ]]; }
expect_within 60 same
expect_one_ca

case_name "after a removal by force both CAs are new ones"
before=$(ca_of node1) before_cluster=$(cluster_ca_of node1)
wait_until 30 make_leader node1 || true
quickstart stop node3 --power
expect_within 30 sh -c "'$TREE/quickstart' exec node1 microovn cluster list \
	-f json | jq -e '.[] | select(.name == \"node3\") | .status != \"ONLINE\"'"
expect microovn node1 cluster remove node3 --force
renewed() {
	[[ $(ca_of node1) != "$before" && $(ca_of node2) == "$(ca_of node1)" &&
	$(wc -l <<<"$(ca_of node1)") == 1 &&
	$(cluster_ca_of node1) != "$before_cluster" &&
	$(cluster_ca_of node1) == "$(cluster_ca_of node2)" ]]
}
expect_within 60 renewed

finish
