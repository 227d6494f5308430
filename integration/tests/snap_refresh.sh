#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three nodes on a real snapd from the snap with OVN 23.03 to the one with 25.03,
# one after the other, back again before "upgrade finalize", and once more to
# the end.  Meanwhile workloads ping each other and a writer writes to the
# Northbound database: what it was told is written is there at the end.
# MICROOVN_KEEP=1 leaves the nodes.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-ref
readonly NODES=(node1 node2 node3)
# shellcheck source=../lib/lab_snaps.sh
. "$TREE/integration/lib/lab_snaps.sh"
# shellcheck source=../lib/lab_ports.sh
. "$TREE/integration/lib/lab_ports.sh"
# shellcheck source=../lib/lab_loads.sh
. "$TREE/integration/lib/lab_loads.sh"

work=$(mktemp -d)
test_cleanup() {
	end_loads
	rm -rf "$work"
	[[ -n ${MICROOVN_KEEP:-} ]] || lab down >/dev/null 2>&1 || true
}

why=$(snapd_impossible)
[[ -z $why ]] || skip "$why"
readonly OLDER=bookworm NEWER=trixie
lab image >/dev/null 2>&1 || skip "no image of Debian 13 can be made here"
[[ $(
	. /etc/os-release
	echo "$VERSION_CODENAME"
) == "$OLDER" ]] || skip "the older OVN is Debian 12's"
(
	cd "$TREE"
	tools/build
	tools/snap/build --suite "$OLDER" "$work/older.snap"
	tools/snap/build --suite "$NEWER" "$work/newer.snap"
) >"$work/build.log" 2>&1 || skip "no snap with another OVN: $(tail -n 1 "$work/build.log")"
lab down >/dev/null 2>&1 || true
lab up "${#NODES[@]}"

# ---- what is looked at ----

readonly SNAP_SHARE=/snap/microovn/current/usr/share/ovn
live_schema() { # NODE nb|sb
	local name=OVN_Southbound
	[[ $2 == sb ]] || name=OVN_Northbound
	on "$1" microovn.ovsdb-client get-schema-version \
		"unix:/var/snap/microovn/common/run/ovn/ovn${2}_db.sock" "$name"
}
live_schemas() { echo "$(live_schema "$1" nb) $(live_schema "$1" sb)"; } # NODE
installed_schemas() { # NODE
	echo "$(on "$1" microovn.ovsdb-tool schema-version "$SNAP_SHARE/ovn-nb.ovsschema")" \
		"$(on "$1" microovn.ovsdb-tool schema-version "$SNAP_SHARE/ovn-sb.ovsschema")"
}
is_current() { [[ $(live_schemas "$1") == "$(installed_schemas "$1")" ]]; } # NODE
ovn_of() { # NODE
	status_of "$1" | jq -r ".members[] |
		select(.member.name == \"members/$1\") | .ovnVersion"
}
# A change of the Northbound database is answered by each chassis.
reaches_all() { # NODE
	on "$1" microovn.ovn-nbctl --timeout=10 --wait=hv set NB_Global . \
		"external_ids:mark=$RANDOM"
}
# Nothing is wrong but that versions differ, as another member sees it.
well_but_for() { # NODE REASONS...
	local seen
	seen=$(reasons "$1")
	[[ " ${*:2} " == *" ${seen:-none} "* ]]
}

# ---- one step, under load ----

# The node is away while the others' workloads ping each other and one of them
# pings the node's; the writer is on a node that stays.
step() { # LABEL NODE COMMAND...
	local label=$1 node=$2 others=() other began taken sent lost sent_in lost_in
	local writes=$work/writes-$label-$2 stays=$work/stays-$label-$2
	local comes=$work/comes-$label-$2
	for other in "${NODES[@]}"; do
		[[ $other == "$node" ]] || others+=("$other")
	done
	# What the node before has lost is not this one's.
	all_ping "${others[@]}"
	expect_within 30 pings "${others[0]}" "$node"
	ping_between "${others[0]}" "${others[1]}" "$stays"
	ping_between "${others[0]}" "$node" "$comes"
	write_all_the_time "${others[0]}" "$writes"
	began=${EPOCHREALTIME/./}
	expect "${@:3}"
	taken=$(((${EPOCHREALTIME/./} - began) / 100000))
	expect_within 90 all_online "${others[0]}" 3
	expect_within 90 well_but_for "${others[0]}" none SCHEMA_OUTDATED
	began=$(((${EPOCHREALTIME/./} - began) / 100000))
	expect_within 60 has_pinged "$stays" 150
	end_loads
	read -r sent lost < <(ping_result "$stays")
	read -r sent_in lost_in < <(ping_result "$comes")
	printf '  %s: %d.%d s, well after %d.%d s; of others %d pings, %d lost; to it %d, %d lost;' \
		"$label $node" $((taken / 10)) $((taken % 10)) $((began / 10)) \
		$((began % 10)) "$sent" "$lost" "$sent_in" "$lost_in"
	printf ' %d writes, %d refused, longest time without one %d ms\n' \
		"$(written ok "$writes")" "$(written refused "$writes")" \
		"$(longest_gap "$writes")"
	expect_equal 0 "$lost" "pings lost between those that stayed"
	(($(written ok "$writes") > 10)) || fail "the writer did not run"
	(($(longest_gap "$writes") < 8000)) ||
		fail "no write for long: $(sort "$writes.errors" | uniq -c)"
}
expect_no_write_lost() {
	local files
	mapfile -t files < <(compgen -G "$work/writes-*" | grep -v '\.errors$')
	expect_equal "" "$(lost_writes node1 "${files[@]}")" "acknowledged and lost"
	echo "  $(cat "${files[@]}" | grep -c '^ok ') writes were acknowledged so far"
}
pings_all() {
	local node
	for node in "${NODES[@]}"; do expect plug "$node"; done
	all_ping "${NODES[@]}"
}

# ---- a cluster of the older OVN ----

case_name "three members on the snap with the older OVN"
expect prepare_snapd "${NODES[@]}"
for node in "${NODES[@]}"; do
	expect install_snap "$node" "$work/older.snap"
	expect connect_plugs "$node"
	expect microovn "$node" waitready -t 30
done
expect bootstrap_on node1
expect join_through node1 node2
expect join_through node1 node3
expect_within 90 finds node1 ""
for node in "${NODES[@]}"; do expect port_up "$node"; done
all_ping "${NODES[@]}"
before=$(live_schemas node1)
older=$(ovn_of node1)
expect test -n "$older"

# ---- the one slot ----

refuses_to_go() { # NODE
	local rc=0
	microovn "$1" upgrade begin --dry-run >/dev/null 2>&1 || rc=$?
	((rc == 10))
}
# What snapd and systemd have of it.
snap_state() { # NODE
	echo "$(revision_of "$1") $(services_of "$1")"
	on "$1" systemctl show -P MainPID snap.microovn.switch \
		snap.microovn.chassis snap.microovn.ovn-ovsdb-server-nb
}
slot_is_free() { # NODE
	[[ $(microovn "$1" upgrade status) != *"upgrade slot"* ]]
}

case_name "a refresh that would cost a quorum is refused, and nothing has ended"
lab kill node3
expect_within 60 refuses_to_go node1
before_it=$(snap_state node1)
out=$(install_snap node1 "$work/newer.snap" 2>&1) && fail "was refreshed"
out=$(tr -s '\n ' ' ' <<<"$out")
expect_match 'without node1 they are no majority' "$out"
expect_match 'snap set microovn force-refresh=true' "$out"
echo "  $(grep -oE 'Error: not yet.*first' <<<"$out" | head -n 1)"
expect_equal "$before_it" "$(snap_state node1)"
expect pings node1 node2
lab start node3
expect_within 120 finds node1 ""
expect port_up node3
all_ping "${NODES[@]}"

case_name "of two that are refreshed at the same time one is refused"
declare -A refresh=()
for node in node1 node2; do
	install_snap "$node" "$work/older.snap" >"$work/both-$node" 2>&1 &
	refresh[$node]=$!
done
refreshed=0
for node in node1 node2; do
	if wait "${refresh[$node]}"; then
		refreshed=$((refreshed + 1))
	else
		expect_match 'upgrade slot' "$(tr -s '\n ' ' ' <"$work/both-$node")"
	fi
done
expect_equal 1 "$refreshed" "refreshed at the same time"
expect_within 120 finds node1 ""
expect_within 60 slot_is_free node3
pings_all

mapfile -t order < <(microovn node1 upgrade plan |
	sed -n 's/^[0-9]*\. upgrade \(node[0-9]\) .*/\1/p')
expect_equal 3 "${#order[@]}"
expect microovn node1 upgrade hold

# ---- forth, and back ----

case_name "forth on hold: nothing is lost between the others, no write either"
for node in "${order[@]}"; do
	step forth "$node" install_snap "$node" "$work/newer.snap"
	expect test "$(ovn_of "$node")" != "$older"
	expect_equal "$before" "$(live_schemas "$node")"
done
newer=$(ovn_of node1)
echo "  OVN $older to $newer"
expect_no_write_lost
pings_all

# snapd asks nobody before it goes back. While it starts a service for the agent
# it takes no other order.
goes_back() { # NODE
	microovn "$1" upgrade begin && wait_until 60 on "$1" snap revert microovn
}

case_name "back before finalize: the same, and the older OVN works as before"
for node in "${order[@]}"; do
	step back "$node" goes_back "$node"
	expect microovn "$node" upgrade end
	expect_equal "$older" "$(ovn_of "$node")"
	expect_equal "$before" "$(live_schemas "$node")"
done
expect_no_write_lost
expect_within 60 finds node1 ""
expect_within 30 reaches_all node2
pings_all

# ---- to the end ----

case_name "forth once more, and finalize"
for node in "${order[@]}"; do
	step again "$node" install_snap "$node" "$work/newer.snap"
done
ping_between node1 node2 "$work/ping-end"
began=${EPOCHREALTIME/./}
expect microovn node2 upgrade finalize
for node in "${NODES[@]}"; do expect_within 30 is_current "$node"; done
echo "  converted after $(((${EPOCHREALTIME/./} - began) / 1000)) ms," \
	"from $before to $(live_schemas node1)"
expect_within 60 finds node1 ""
expect_within 30 reaches_all node3
echo "  changes arrive after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
expect_within 60 has_pinged "$work/ping-end" 100
end_loads
read -r sent lost < <(ping_result "$work/ping-end")
echo "  $sent pings, $lost lost"
expect_equal 0 "$lost" "pings lost"
expect_no_write_lost
pings_all

finish
