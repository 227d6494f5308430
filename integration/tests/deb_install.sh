#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package on hosts with systemd on which nothing else is installed:
# three of Debian 12, three of Debian 13, and a mixture.  A fourth node has what
# the package depends on and nothing of ours: what the others are compared with
# when the package has gone.
#   MICROOVN_DEB_NODES="bookworm trixie trixie" integration/run --long deb_install
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-deb
readonly NODES=(node1 node2 node3)
readonly DEPENDENCIES=(openvswitch-switch ovn-central ovn-host libunwind8)
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"
# In the end nothing is installed any more; restarts are counted before that.
last_case() { :; }
# shellcheck source=../lib/lab_debs.sh
. "$TREE/integration/lib/lab_debs.sh"
# shellcheck source=../lib/lab_ports.sh
. "$TREE/integration/lib/lab_ports.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"
# shellcheck source=../lib/host_state.sh
. "$TREE/integration/lib/host_state.sh"

work=$(mktemp -d)
test_cleanup() {
	lab down
	rm -rf "$work"
}

[[ $(awk '$3 == "cgroup2"' /proc/self/mounts) ]] || skip "no cgroup2 mount"
command -v dh >/dev/null || skip "no debhelper"
for suite in bookworm trixie; do
	LAB_KIND=bare-$suite lab image || skip "no image of $suite can be built (apt)"
done
deb=$(lab_deb "$work")
PACKAGE=$(deb_on_node "$deb")
readonly PACKAGE

# Each suite that is among the nodes has a node to compare with.
up() { # SUITE OF NODE1, NODE2...
	local i=0 suite
	lab down
	for suite in "$@"; do
		i=$((i + 1))
		LAB_KIND=bare-$suite lab up "$i"
		offer_deb "node$i" "$deb"
	done
}

# Nothing of theirs is started, as where tools/install-packages has been.
install_dependencies() { # NODE
	# shellcheck disable=SC2016
	on "$1" sh -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d'
	apt_install "$1" install "${DEPENDENCIES[@]}" >/dev/null
	on "$1" rm /usr/sbin/policy-rc.d
}

host_daemons() { # NODE
	on "$1" ps -eo comm= | grep -E '^ov[sn]' || true
}

# Members with another OVN are told of, and nothing else is.
healthy() { # NODE
	[[ $(microovn "$1" status -f json |
		jq -r '[.status.findings[]?.reason] - ["SCHEMA_OUTDATED"] | length') == 0 ]]
}

# ---- one set of nodes ----

suite_of() { # NODE SUITE OF NODE1, NODE2...
	local suites=("${@:2}")
	echo "${suites[${1#node} - 1]}"
}

life_of() { # SUITE OF NODE1, NODE2, NODE3
	local label="$*" node before suite reference
	up "$@" "$1"
	[[ " $* " != *" trixie "* || $1 == trixie ]] || LAB_KIND=bare-trixie lab up 5
	[[ ! -d $TREE/build/lab-run/$LAB_ID/node5 ]] || {
		offer_deb node5 "$deb"
		install_dependencies node5
	}
	install_dependencies node4

	case_name "$label: apt installs it on a bare host, and nothing of Debian's runs"
	for node in "${NODES[@]}"; do
		expect apt_install "$node" install "$PACKAGE"
		expect_equal "" "$(host_daemons "$node")" "daemons of $node"
		expect on "$node" systemctl is-active microovn.daemon.service \
			microovn.refresh-expiring-certs.timer
		expect_equal "" "$(on "$node" systemctl --failed --plain --no-legend)"
		expect microovn "$node" waitready -t 20
	done

	case_name "$label: systemd accepts the units and finds them little exposed"
	for node in "${NODES[@]}"; do
		# shellcheck disable=SC2016
		expect on "$node" sh -ec 'cd /usr/lib/systemd/system
			systemd-analyze verify --man=no ./microovn.*.service ./microovn.*.timer
			for unit in microovn.*.service; do
				systemd-analyze security --threshold=55 "$unit" >/dev/null
			done'
	done

	case_name "$label: three nodes form a cluster"
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

	case_name "$label: the group may use it, the timer's command works"
	expect on node1 setpriv --reuid=nobody --regid=microovn --clear-groups \
		microovn cluster list
	expect_refused on node1 setpriv --reuid=nobody --regid=nogroup --clear-groups \
		microovn cluster list
	expect on node1 systemctl start microovn.refresh-expiring-certs.service

	case_name "$label: the package anew restarts the agent and no daemon"
	before=$(on node2 systemctl show -P MainPID microovn.switch microovn.chassis)
	agent=$(on node2 systemctl show -P MainPID microovn.daemon)
	expect apt_install node2 install --reinstall "$PACKAGE"
	expect_equal "$before" \
		"$(on node2 systemctl show -P MainPID microovn.switch microovn.chassis)"
	expect test "$agent" != "$(on node2 systemctl show -P MainPID microovn.daemon)"
	expect_within 30 healthy node2
	all_ping node1 node2

	case_name "$label: a reboot of each node brings it back"
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

	case_name "$label: Debian's own units do not start beside it"
	on node1 systemctl restart openvswitch-switch ovn-central ovn-host || true
	expect_equal 1 "$(on node1 pgrep -c '^ovs-vswitchd')"
	expect_within 30 healthy node1

	case_name "$label: removed and installed again it is the same member"
	expect apt_install node3 remove microovn
	expect_equal "" "$(host_daemons node3)"
	expect_equal "" "$(on node3 ip -o link show type openvswitch)"
	expect apt_install node3 install "$PACKAGE"
	expect_within 90 healthy node3
	expect port_up node3
	all_ping node3 node1

	case_name "$label: purge leaves nothing"
	expect microovn node1 cluster remove node3
	for node in node3 node2 node1; do
		expect on "$node" dpkg -P microovn
		suite=$(suite_of "$node" "$@")
		reference=node4
		[[ $suite == "$1" ]] || reference=node5
		expect_same_host "$reference" "$node"
	done
	lab down
}

# ---- a host that is in use ----

expect_gone() { # NODE PATH
	expect on "$1" test ! -e "$2"
}

refuses() { # NODE
	rc=0
	said=$(apt_install "$1" install "$PACKAGE" 2>&1) || rc=$?
	expect test "$rc" != 0
	expect_match 'already runs Open vSwitch' "$said"
	expect_match 'systemctl disable --now' "$said"
	expect_gone "$1" /usr/sbin/microovnd
}

foreign_switch() { # NODE
	# shellcheck disable=SC2016
	on "$1" sh -ec 'mkdir -p /run/openvswitch
		ovsdb-tool create /tmp/conf.db
		ovsdb-server /tmp/conf.db --remote=punix:/run/openvswitch/db.sock \
			--detach --no-chdir --pidfile
		ovs-vswitchd unix:/run/openvswitch/db.sock --detach --no-chdir --pidfile'
}

case_name "a host whose Open vSwitch is in use is left alone, with a way out"
up bookworm
install_dependencies node1
expect foreign_switch node1
vswitchd=$(on node1 pgrep ovs-vswitchd)
refuses node1
expect_equal "$vswitchd" "$(on node1 pgrep ovs-vswitchd)"
on node1 sh -c 'install -d -m 711 /var/lib/microovn && touch /var/lib/microovn/break_system_ovs'
expect apt_install node1 install "$PACKAGE"
on node1 dpkg -P microovn
expect_gone node1 /var/lib/microovn
refuses node1
on node1 pkill ovs-vswitchd
expect_within 10 test -z "$(on node1 pgrep ovs-vswitchd || true)"
expect apt_install node1 install "$PACKAGE"
expect microovn node1 waitready -t 20

# ---- as the page says ----

page_shell() { # PLACE COMMAND; machine1 is node1
	printf '%q exec %q bash -c %q' "$TREE/integration/lab/lab" \
		"node${1#machine}" "cd; $2"
}
case_name "the commands of docs/how-to/install-the-package.md work as written"
up bookworm trixie
run_page docs/how-to/install-the-package.md loose

if [[ -n ${MICROOVN_DEB_NODES:-} ]]; then
	read -ra suites <<<"$MICROOVN_DEB_NODES"
	life_of "${suites[@]}"
else
	life_of bookworm bookworm bookworm
	life_of trixie trixie trixie
	life_of bookworm bookworm trixie
fi

finish
