#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A cluster from OVN 23.03 to 25.03, one machine after the other: Debian 12
# becomes Debian 13 below the same disk, as after an upgrade of the system.
# Meanwhile workloads ping each other and a writer writes to the databases.
# What cannot be taken back waits for the end of the hold.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-ovn
readonly NODES=(node1 node2 node3)
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"
# shellcheck source=../lib/lab_ports.sh
. "$TREE/integration/lib/lab_ports.sh"
# shellcheck source=../lib/lab_loads.sh
. "$TREE/integration/lib/lab_loads.sh"

work=$(mktemp -d)
test_cleanup() {
	end_loads
	lab down
	rm -rf "$work"
}

((EUID == 0)) || skip "needs root, for namespaces and mounts"
[[ $(awk '$3 == "cgroup2"' /proc/self/mounts) ]] || skip "no cgroup2 mount"
lab image || skip "no image can be built (apt)"
LAB_KIND=trixie lab image || skip "no image of Debian 13 can be built (apt)"
lab down
lab up "${#NODES[@]}"
"$TREE/tools/build"

# ---- what is looked at ----

live_schema() { # NODE nb|sb
	local name=OVN_Southbound
	[[ $2 == sb ]] || name=OVN_Northbound
	on "$1" ovsdb-client get-schema-version \
		"unix:$LAB_ROOT/run/ovn/ovn${2}_db.sock" "$name"
}
installed_schema() { # NODE nb|sb
	on "$1" ovsdb-tool schema-version "/usr/share/ovn/ovn-$2.ovsschema"
}
is_current() { # NODE
	local database
	for database in nb sb; do
		[[ $(live_schema "$1" "$database") == \
			"$(installed_schema "$1" "$database")" ]] || return 1
	done
}
# A change of the Northbound database is answered by each chassis.
reaches_all() { # NODE
	on "$1" microovn.ovn-nbctl --timeout=10 --wait=hv set NB_Global . \
		"external_ids:mark=$RANDOM"
}

# The machine is off, gets the newer system, and is on again.
upgrade_node() { # NODE
	lab kill "$1"
	LAB_KIND=trixie lab start "$1"
}

# ---- a cluster of the older OVN ----

case_name "three members of OVN 23.03"
for node in "${NODES[@]}"; do expect install_on "$node"; done
for node in "${NODES[@]}"; do expect microovn "$node" waitready -t 20; done
expect bootstrap_on node1
expect join_through node1 node2
expect join_through node1 node3
expect_within 60 finds node1 ""
for node in "${NODES[@]}"; do expect port_up "$node"; done
all_ping "${NODES[@]}"
before="$(live_schema node1 nb) $(live_schema node1 sb)"

case_name "the plan has an order, and the hold begins"
mapfile -t order < <(microovn node1 upgrade plan |
	sed -n 's/^[0-9]*\. upgrade \(node[0-9]\) .*/\1/p')
expect_equal 3 "${#order[@]}"
expect microovn node1 upgrade hold

# ---- one machine after the other ----

for node in "${order[@]}"; do
	others=()
	for other in "${NODES[@]}"; do
		[[ $other == "$node" ]] || others+=("$other")
	done
	case_name "$node: the others ping and write meanwhile"
	ping_between "${others[0]}" "${others[1]}" "$work/ping-$node"
	write_all_the_time "${others[0]}" "$work/writes-$node"
	began=$SECONDS
	expect upgrade_node "$node"
	expect_within 90 all_online "$node" 3
	expect_within 60 finds "${others[0]}" SCHEMA_OUTDATED
	took=$((SECONDS - began))
	expect_within 60 has_pinged "$work/ping-$node" 150
	end_loads
	read -r sent lost < <(ping_result "$work/ping-$node")
	writes=$(written ok "$work/writes-$node")
	refused=$(written refused "$work/writes-$node")
	gap=$(longest_gap "$work/writes-$node")
	echo "  $node: $took s; $sent pings, $lost lost; $writes writes," \
		"$refused refused, the longest time without one $gap ms"
	expect_equal 0 "$lost" "pings lost"
	((writes > 10)) || fail "the writer did not run"
	# An election of the database.
	((gap < 8000)) ||
		fail "no write for $gap ms: $(sort "$work/writes-$node.errors" | uniq -c)"
	expect port_up "$node"
	expect_equal "$before" "$(live_schema "$node" nb) $(live_schema "$node" sb)"
done

case_name "no write that was acknowledged is lost"
expect_equal "" "$(lost_writes node1 "$work"/writes-node[123])"

case_name "what is held is said, and what the chassis have stays"
all_ping "${NODES[@]}"
expect_match 'The upgrade is held' "$(microovn node1 upgrade status)"
expect_match 'upgrade finalize' \
	"$(status_of node2 | jq -r '.findings[].remedy')"
status=$(microovn node3 status)
expect_match 'OVN Southbound: Upgrade or attention required!' "$status"
expect_match "Currently active schema: ${before#* }" "$status"

# ---- the end ----

case_name "finalize: the agents convert both databases, and changes arrive again"
ping_between node1 node2 "$work/ping-end"
began=$SECONDS
expect microovn node2 upgrade finalize
expect_within 30 is_current node1
echo "  converted after $((SECONDS - began)) s:" \
	"from $before to $(live_schema node1 nb) $(live_schema node1 sb)"
expect_within 60 finds node1 ""
expect_within 30 reaches_all node3
echo "  changes arrive after $((SECONDS - began)) s"
expect_within 60 has_pinged "$work/ping-end" 100
end_loads
read -r sent lost < <(ping_result "$work/ping-end")
echo "  $sent pings, $lost lost"
expect_equal 0 "$lost" "pings lost"
for node in "${NODES[@]}"; do
	expect is_current "$node"
	expect on "$node" systemctl is-active microovn.ovn-northd.service
done
expect_equal "0" "$(microovn node1 upgrade status -f json | jq '[.status.findings[]?] | length')"

case_name "a reboot of each brings it back as it is"
for node in "${NODES[@]}"; do
	lab kill "$node"
	LAB_KIND=trixie lab start "$node"
	expect_within 60 finds "$node" ""
	expect port_up "$node"
done
all_ping "${NODES[@]}"

finish
