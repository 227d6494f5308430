#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to three members that ping, and what they say of themselves.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

readonly NODES=(node1 node2 node3)

case_name "quickstart makes three members that ping within 15 s"
quickstart down
log=$(mktemp)
quickstart up >"$log" 2>&1 || {
	fail "quickstart failed:"$'\n'"$(<"$log")"
	finish
	exit 1
}
seconds=$(sed -n 's/.*done: \([0-9.]*\) s from the first.*/\1/p' "$log")
echo "  $seconds s from the first agent's start to the last ping"
awk -v s="$seconds" 'BEGIN { exit !(s > 0 && s <= 15) }' ||
	fail "took $seconds s, limit 15"
expect_equal 6 "$(grep -c answered "$log")" "directed pairs that ping"
rm -f "$log"

case_name "every member sees three members, all ONLINE"
for node in "${NODES[@]}"; do
	expect all_online "$node" 3
	expect_equal "node1 node2 node3" "$(members_via "$node" | xargs)" "$node"
done

case_name "status and cluster list agree on every member"
wanted=$(for n in "${NODES[@]}"; do echo "$n $(address_of "$n")"; done)
for node in "${NODES[@]}"; do
	expect_equal "$wanted" "$(microovn "$node" status |
		sed -n 's/^- \([^ ]*\) (\(.*\))$/\1 \2/p')" "status on $node"
	expect_equal "$wanted" "$(microovn "$node" cluster list -f json |
		jq -r '.[] | "\(.name) \(.address | sub(":6686$"; ""))"' | sort -V)" \
		"cluster list on $node"
done

case_name "NB and SB are cluster members on all three"
for node in "${NODES[@]}"; do
	for database in nb sb; do
		expect_match '^Status: cluster member$' \
			"$(database_status "$node" "$database")"
	done
done

case_name "three chassis, each with its own encapsulation address"
for node in "${NODES[@]}"; do
	expect_equal "node1 node2 node3" \
		"$(sbctl "$node" --bare --columns=name find Chassis | sort -V | xargs)"
	expect_match "\"$(underlay_of "$node")\"" "$(sbctl node1 show)"
done

case_name "cluster add works on every member"
for node in "${NODES[@]}"; do
	token=$(microovn "$node" cluster add "spare-of-$node") || fail "on $node"
	expect_match '^eyJ[A-Za-z0-9+/=_-]+$' "$token"
done

case_name "the log of each member is shown, and is the same"
for node in "${NODES[@]}"; do
	expect_within 10 log_is_even "$node" 3
	expect_equal "" "$(microovn "$node" cluster log -f json |
		jq -r '.replicas[] | select(.writes.count == "0") | .member')" \
		"who has written nothing, seen on $node"
	expect_equal 3 "$(microovn "$node" cluster log | grep -c ' ok$')" "on $node"
	expect_match '^Leader node[123] in term ' "$(microovn "$node" cluster log)"
done

case_name "the datapath and why it was chosen are said in status"
if [[ -d /sys/module/openvswitch ]]; then
	datapath=system
else
	datapath=netdev
fi
expect_equal "$datapath" "$(vsctl node1 get bridge br-int datapath_type |
	sed 's/""/system/; s/^$/system/')"
if [[ $datapath == netdev ]]; then
	expect_match 'netdev' "$(microovn node1 status -f json)"
fi

case_name "quickstart run twice changes nothing"
before=$(cluster_fingerprint node1)
expect quickstart up
expect_equal "$before" "$(cluster_fingerprint node1)"

case_name "the machine itself shows none of it"
expect_equal "" "$(ip -o link | grep -E 'br-int|br-phy|vif-|node[0-9]' || true)"
[[ -e /var/snap/microovn ]] && [[ -n $(ls -A /var/snap/microovn/common 2>/dev/null) ]] &&
	fail "something of it is in /var/snap/microovn"

finish
