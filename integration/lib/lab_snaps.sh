# SPDX-License-Identifier: Apache-2.0
# Members in the lab that are MicroOVN's snap on a real snapd.  Needs
# process.sh, netns.sh and TREE; the caller sets LAB_ID.
# shellcheck shell=bash

export LAB_KIND=snapd
# snapd connects these only for snaps of the store that may have them.
readonly SNAP_PLUGS=(firewall-control hardware-observe hugepages-control
	network-control openvswitch-support process-control system-trace
	network-setup-control kernel-module-observe)

# shellcheck source=lab_nodes.sh
. "$TREE/integration/lib/lab_nodes.sh"

# Why there can be no such nodes here; empty when there can.
snapd_impossible() {
	if ((EUID != 0)); then
		echo "needs root"
	elif [[ ! -c /dev/fuse ]] || ! grep -qw fuse /proc/filesystems; then
		echo "needs /dev/fuse, by which snapd mounts snaps in a node"
	elif ! grep -q ' cgroup2 ' /proc/self/mounts; then
		echo "needs a cgroup2 mount"
	elif ! command -v mksquashfs >/dev/null; then
		echo "needs mksquashfs"
	fi
}

# A snap out of a tree.
squash() { # TREE FILE
	mksquashfs "$1" "$2" -noappend -comp lzo -Xcompression-level 1 -no-xattrs \
		-no-fragments -all-root -quiet -no-progress
}

# snapd and its base, without which no other snap runs.  At the first it is slow,
# for it asks for the store: several nodes at the same time.
prepare_snapd() { # NODE...
	local node failed=0 logs
	local -A preparing=()
	logs=$(mktemp -d)
	for node in "$@"; do
		prepare_one_snapd "$node" >"$logs/$node" 2>&1 &
		preparing[$node]=$!
	done
	for node in "$@"; do
		if ! wait "${preparing[$node]}"; then
			echo "$node has no snapd: $(tail -n 20 "$logs/$node")"
			failed=1
		fi
	done
	rm -rf "$logs"
	((failed == 0))
}
# Whoever waits for it has switched off that a failure ends it.
prepare_one_snapd() { # NODE
	on "$1" snap install --dangerous /srv/snaps/snapd.snap &&
		on "$1" snap install --dangerous /srv/snaps/core24.snap
}

install_snap() { # NODE FILE
	lab push "$1" "$2" "/srv/${2##*/}"
	on "$1" snap install --dangerous "/srv/${2##*/}"
}

connect_plugs() { # NODE
	local plug
	for plug in "${SNAP_PLUGS[@]}"; do on "$1" snap connect "microovn:$plug"; done
}

# "SERVICE STARTUP CURRENT" of each.
services_of() { # NODE
	on "$1" snap services microovn | awk 'NR > 1 { print $1, $2, $3 }'
}

# Of a member with all services.
readonly SERVICES_OF_MEMBER="microovn.central disabled inactive
microovn.chassis enabled active
microovn.daemon enabled active
microovn.ovn-northd enabled active
microovn.ovn-ovsdb-server-nb enabled active
microovn.ovn-ovsdb-server-sb enabled active
microovn.ovs-ovsdb-server enabled active
microovn.refresh-expiring-certs enabled inactive
microovn.switch enabled active"
# Of a node that is no member.
readonly SERVICES_OF_NOBODY="microovn.central disabled inactive
microovn.chassis disabled inactive
microovn.daemon enabled active
microovn.ovn-northd disabled inactive
microovn.ovn-ovsdb-server-nb disabled inactive
microovn.ovn-ovsdb-server-sb disabled inactive
microovn.ovs-ovsdb-server disabled inactive
microovn.refresh-expiring-certs enabled inactive
microovn.switch disabled inactive"
serves_all() { [[ $(services_of "$1") == "$SERVICES_OF_MEMBER" ]]; }   # NODE
serves_none() { [[ $(services_of "$1") == "$SERVICES_OF_NOBODY" ]]; } # NODE

# What a node's host has that a snap could leave behind.
snap_traces() { # NODE
	# shellcheck disable=SC2016
	on "$1" sh -c '
		ip -o link | cut -d: -f2 | cut -d@ -f1
		find /etc/systemd/system /run/netns /var/snap /snap -maxdepth 1 \
			-name "*microovn*" 2>/dev/null
		ls /var/lib/snapd/seccomp/bpf 2>/dev/null | grep microovn
		nft list ruleset
		ps -eo comm | grep -E "^(ov[ns]|microovn)"
		true'
}

chassis_are() { # NODE COUNT
	[[ $(on "$1" microovn.ovn-sbctl show | grep -c '^Chassis') == "$2" ]]
}
# All of these and nobody else are members, and each of them is whole.
expect_whole_cluster() { # NODE...
	local node
	for node in "$@"; do
		expect_within 60 all_online "$node" $#
		expect_within 90 serves_all "$node"
		expect_within 60 central_answers "$node"
		expect_within 60 chassis_are "$node" $#
		# Of less than three one is told.
		(($# < 3)) || expect_within 90 finds "$node" ""
	done
}

revision_of() { # NODE
	on "$1" snap list microovn | awk 'NR == 2 { print $3 }'
}

process_of() { # NODE SERVICE -> the name of its process
	local pid
	pid=$(on "$1" systemctl show -P MainPID "snap.microovn.$2.service")
	on "$1" cat "/proc/$pid/comm"
}

central_answers() { # NODE
	[[ $(microovn "$1" status) == *"OVN Northbound: OK"*"OVN Southbound: OK"* ]]
}
# What the databases are told arrives, whoever is missing.
databases_work() { # NODE
	on "$1" microovn.ovn-nbctl --timeout=15 --wait=sb set NB_Global . \
		"external_ids:mark=$RANDOM"
}
