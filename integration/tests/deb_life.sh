#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The life of the Debian package on three hosts with systemd on which nothing
# else is installed, of Debian 12, of Debian 13, or of both:
#   deb_life.sh bookworm trixie trixie
# A fourth node has what the package depends on and nothing of ours, and so has a
# fifth where suites are mixed: what the others are compared with when the package
# has gone.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-life
readonly NODES=(node1 node2 node3)
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"
# In the end nothing is installed any more; restarts are counted before that.
last_case() { :; }
# shellcheck source=../lib/lab_debs.sh
. "$TREE/integration/lib/lab_debs.sh"
# shellcheck source=../lib/lab_ports.sh
. "$TREE/integration/lib/lab_ports.sh"
# shellcheck source=../lib/host_state.sh
. "$TREE/integration/lib/host_state.sh"

(($#)) || set -- bookworm bookworm trixie
(($# == 3)) || die "usage: deb_life.sh SUITE SUITE SUITE"

work=$(mktemp -d)
test_cleanup() {
	lab down
	rm -rf "$work"
}

why=$(debs_impossible)
[[ -z $why ]] || skip "$why"
deb=$(lab_deb "$work")
PACKAGE=$(deb_on_node "$deb")
readonly PACKAGE

host_daemons() { # NODE
	on "$1" ps -eo comm= | grep -E '^ov[sn]' || true
}

# Members with another OVN are told of, and nothing else is.
healthy() { # NODE
	[[ $(microovn "$1" status -f json |
		jq -r '[.status.findings[]?.reason] - ["SCHEMA_OUTDATED"] | length') == 0 ]]
}

suite_of() { # NODE SUITE OF NODE1, NODE2...
	local suites=("${@:2}")
	echo "${suites[${1#node} - 1]}"
}

deb_nodes_up "$deb" "$@" "$1"
[[ " $* " != *" trixie "* || $1 == trixie ]] || LAB_KIND=bare-trixie lab up 5
[[ ! -d $TREE/build/lab-run/$LAB_ID/node5 ]] || {
	offer_deb node5 "$deb"
	install_dependencies node5
}
install_dependencies node4

case_name "apt installs it on a bare host, and nothing of Debian's runs"
for node in "${NODES[@]}"; do
	expect apt_install "$node" install "$PACKAGE"
	expect_equal "" "$(host_daemons "$node")" "daemons of $node"
	expect on "$node" systemctl is-active microovn.daemon.service \
		microovn.refresh-expiring-certs.timer
	expect_equal "" "$(on "$node" systemctl --failed --plain --no-legend)"
	expect microovn "$node" waitready -t 20
done

case_name "systemd accepts the units and finds them little exposed"
for node in "${NODES[@]}"; do
	# shellcheck disable=SC2016
	expect on "$node" sh -ec 'cd /usr/lib/systemd/system
		systemd-analyze verify --man=no ./microovn.*.service ./microovn.*.timer
		for unit in microovn.*.service; do
			systemd-analyze security --threshold=55 "$unit" >/dev/null
		done'
done

case_name "three nodes form a cluster"
expect bootstrap_on node1
expect join_through node1 node2
expect join_through node1 node3
expect_within 30 all_online node2 3
for node in "${NODES[@]}"; do
	expect_within 90 healthy "$node"
	for unit in ovn-ovsdb-server-nb ovn-northd chassis switch; do
		# A newer one leaves the databases to those of the older OVN.
		[[ $unit != ovn-northd || $(suite_of "$node" "$@") == "$1" ]] || continue
		expect on "$node" systemctl is-active "microovn.$unit.service"
		expect on "$node" systemctl is-enabled "microovn.$unit.service"
	done
	expect port_up "$node"
done
all_ping "${NODES[@]}"

case_name "the group may use it, the timer's command works"
expect on node1 setpriv --reuid=nobody --regid=microovn --clear-groups \
	microovn cluster list
expect_refused on node1 setpriv --reuid=nobody --regid=nogroup --clear-groups \
	microovn cluster list
expect on node1 systemctl start microovn.refresh-expiring-certs.service

case_name "the package anew restarts the agent and no daemon"
before=$(on node2 systemctl show -P MainPID microovn.switch microovn.chassis)
agent=$(on node2 systemctl show -P MainPID microovn.daemon)
expect apt_install node2 install --reinstall "$PACKAGE"
expect_equal "$before" \
	"$(on node2 systemctl show -P MainPID microovn.switch microovn.chassis)"
expect test "$agent" != "$(on node2 systemctl show -P MainPID microovn.daemon)"
expect_within 30 healthy node2
all_ping node1 node2

case_name "a reboot of each node brings it back"
for node in "${NODES[@]}"; do
	expect_equal "" "$(restarts_of "$node")"
	before=$(pid_of_init "$node")
	on "$node" systemctl reboot || true
	expect_within 60 rebooted "$node" "$before"
	expect_within 60 all_online "$node" 3
	expect_within 90 healthy "$node"
	expect port_up "$node"
done
all_ping "${NODES[@]}"

case_name "Debian's own units do not start beside it"
on node1 systemctl restart openvswitch-switch ovn-central ovn-host || true
expect_equal 1 "$(on node1 pgrep -c '^ovs-vswitchd')"
expect_within 30 healthy node1

case_name "removed and installed again it is the same member"
expect apt_install node3 remove microovn
expect_equal "" "$(host_daemons node3)"
expect_equal "" "$(on node3 ip -o link show type openvswitch)"
expect apt_install node3 install "$PACKAGE"
expect_within 90 healthy node3
expect port_up node3
all_ping node3 node1

case_name "purge leaves nothing"
expect microovn node1 cluster remove node3
for node in node3 node2 node1; do
	expect on "$node" dpkg -P microovn
	suite=$(suite_of "$node" "$@")
	reference=node4
	[[ $suite == "$1" ]] || reference=node5
	expect_same_host "$reference" "$node"
done

finish
