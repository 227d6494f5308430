#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One cluster of the snap on Debian 13, the package on Debian 12, and the
# programs of the tree under the units that they print: whatever a member came
# by, the others cannot tell.  All have the same OVN.
# MICROOVN_KEEP=1 leaves the nodes.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-mix
readonly NODES=(node1 node2 node3)
readonly SNAP=node1 DEB=node2 BUILT=node3
# shellcheck source=../lib/lab_snaps.sh
. "$TREE/integration/lib/lab_snaps.sh"
# shellcheck source=../lib/lab_debs.sh
. "$TREE/integration/lib/lab_debs.sh"
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"
# shellcheck source=../lib/lab_ports.sh
. "$TREE/integration/lib/lab_ports.sh"

work=$(mktemp -d)
test_cleanup() {
	rm -rf "$work"
	[[ -n ${MICROOVN_KEEP:-} ]] || lab down >/dev/null 2>&1 || true
}

why=$(snapd_impossible)
[[ -z $why ]] || skip "$why"
command -v dh >/dev/null || skip "no debhelper"
declare -A kind_of=([$SNAP]=snapd [$DEB]=bare-bookworm [$BUILT]=bookworm)
for kind in "${kind_of[@]}"; do
	LAB_KIND=$kind lab image >/dev/null 2>&1 ||
		skip "no image of kind $kind can be made (apt)"
done
(cd "$TREE" && tools/build && tools/snap/build) >/dev/null
deb=$(lab_deb "$work")
lab down >/dev/null 2>&1 || true
for node in "${NODES[@]}"; do
	LAB_KIND=${kind_of[$node]} lab up "${node#node}"
done

# ---- what is looked at ----

# Where each keeps what is the agent's.
declare -A root_of=([$SNAP]=/var/snap/microovn/common
	[$DEB]=/var/lib/microovn [$BUILT]=/var/lib/microovn)

all_find_nothing() {
	local node
	for node in "${NODES[@]}"; do
		microovn "$node" status --exit-code >/dev/null || return 1
	done
}
expect_healthy() {
	expect_within 90 all_find_nothing
	expect_equal HEALTH_HEALTHY "$(status_of "$DEB" | jq -r .health)"
}
ca_of() { # NODE
	on "$1" openssl x509 -noout -fingerprint -sha256 \
		-in "${root_of[$1]}/data/pki/cacert.pem"
}
same_ca() { # NODE...
	local node
	for node in "$@"; do
		[[ $(ca_of "$node") == "$(ca_of "$1")" ]] || return 1
	done
}
# A change of the Northbound database is answered by each chassis.
reaches_all() { # NODE
	on "$1" microovn.ovn-nbctl --timeout=15 --wait=hv set NB_Global . \
		"external_ids:mark=$RANDOM"
}
election_timer() { # NODE
	on "$1" microovn.ovn-appctl -t "${root_of[$1]}/run/ovn/ovnnb_db.ctl" \
		cluster/status OVN_Northbound | sed -n 's/^Election timer: //p'
}
has_timer() { [[ $(election_timer "$1") == "$2" ]]; } # NODE MILLISECONDS
says() { # NODE KEY VALUE
	[[ $(microovn "$1" config get "$2") == "$3" ]]
}
seconds_since() { echo "$((SECONDS - $1)) s"; }

# ---- in ----

case_name "the snap, the package and the programs of the tree are installed"
expect prepare_snapd "$SNAP"
expect install_snap "$SNAP" "$TREE/microovn.snap"
expect connect_plugs "$SNAP"
expect offer_deb "$DEB" "$deb"
expect apt_install "$DEB" install "$(deb_on_node "$deb")"
expect install_on "$BUILT"
units_are "$SNAP" snap.microovn.
units_are "$DEB" microovn.
for node in "${NODES[@]}"; do expect microovn "$node" waitready -t 30; done

case_name "they form a cluster, and it is healthy"
began=$SECONDS
expect bootstrap_on "$SNAP"
expect join_through "$SNAP" "$DEB"
expect join_through "$DEB" "$BUILT"
for node in "${NODES[@]}"; do expect_within 60 all_online "$node" 3; done
expect_healthy
echo "  healthy $(seconds_since $began) after bootstrap began"
versions=$(status_of "$BUILT" |
	jq -r '.members[] | "\(.ovnVersion) \(.ovsVersion)"' | sort -u)
expect_equal 1 "$(wc -l <<<"$versions")" "versions of OVN and Open vSwitch"

case_name "workloads ping across all three"
for node in "${NODES[@]}"; do expect port_up "$node"; done
all_ping "${NODES[@]}"
expect reaches_all "$DEB"

# ---- in use ----

case_name "a setting that one is told is followed by each"
timer=2000
for node in "${NODES[@]}"; do
	expect microovn "$node" config set ovn.election-timer "$timer"
	for other in "${NODES[@]}"; do
		expect_within 30 says "$other" ovn.election-timer "$timer"
		expect_within 60 has_timer "$other" "$timer"
	done
	timer=$((timer + 1000))
done
expect microovn "$SNAP" config delete ovn.election-timer
for node in "${NODES[@]}"; do expect_within 60 has_timer "$node" 1000; done

case_name "each replaces the OVN CA for all"
for node in "${NODES[@]}"; do
	before=$(ca_of "$node")
	began=$SECONDS
	expect microovn "$node" certificates regenerate-ca
	expect_within 60 same_ca "${NODES[@]}"
	expect test "$before" != "$(ca_of "$node")"
	echo "  asked on $node: $(seconds_since $began)"
done
expect_healthy
expect reaches_all "$BUILT"
all_ping "${NODES[@]}"

# ---- out and in ----

case_name "each comes back from a reboot"
for node in "${NODES[@]}"; do
	began=$SECONDS
	before=$(pid_of_init "$node")
	on "$node" systemctl reboot || true
	expect_within 120 rebooted "$node" "$before"
	expect_healthy
	echo "  $node: healthy again after $(seconds_since $began)"
	expect port_up "$node"
done
all_ping "${NODES[@]}"
expect reaches_all "$SNAP"

case_name "each agent is started again and no daemon with it"
for node in "${NODES[@]}"; do
	UNIT_PREFIX=$(prefix_of "$node")
	before=$(on "$node" systemctl show -P MainPID "${UNIT_PREFIX}switch" \
		"${UNIT_PREFIX}chassis")
	expect on "$node" systemctl restart "$(agent_unit)"
	expect microovn "$node" waitready -t 30
	expect_equal "$before" "$(on "$node" systemctl show -P MainPID \
		"${UNIT_PREFIX}switch" "${UNIT_PREFIX}chassis")" "$node"
done
expect_healthy

case_name "each is removed by another, and joins again"
for pair in "$SNAP $DEB" "$DEB $BUILT" "$BUILT $SNAP"; do
	read -r by node <<<"$pair"
	expect microovn "$by" cluster remove "$node"
	expect_within 60 all_online "$by" 2
	expect join_through "$by" "$node"
	expect_healthy
	expect port_up "$node"
done
all_ping "${NODES[@]}"

case_name "without the snap the other two are whole"
expect on "$SNAP" snap remove --purge microovn
rm "$(unit_record "$SNAP")"
expect_within 60 all_online "$DEB" 2
expect_within 60 pings "$DEB" "$BUILT"
expect reaches_all "$BUILT"

finish
