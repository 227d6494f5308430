# SPDX-License-Identifier: Apache-2.0
# The Debian package on bare nodes of the lab.  Needs lab_nodes.sh.
# shellcheck shell=bash

# Built by the caller: a file of this machine, and where the nodes have it.
lab_deb() { # DIRECTORY -> FILE
	"$TREE/tools/deb" "$1" >/dev/null
	echo "$1/microovn_$("$TREE/tools/version")_amd64.deb"
}
deb_on_node() { echo "/root/${1##*/}"; } # FILE

offer_deb() { # NODE FILE
	lab push "$1" "$2" "$(deb_on_node "$2")"
	on "$1" apt-get -qq update
}

apt_install() { # NODE WHAT...
	on "$1" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		--no-install-recommends "${@:2}"
}

# What the package depends on; nothing of theirs is started, as where
# tools/install-packages has been.
readonly DEB_DEPENDENCIES=(openvswitch-switch ovn-central ovn-host libunwind8)
install_dependencies() { # NODE
	# shellcheck disable=SC2016
	on "$1" sh -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d'
	apt_install "$1" install "${DEB_DEPENDENCIES[@]}" >/dev/null
	on "$1" rm /usr/sbin/policy-rc.d
}

# Bare nodes that are offered the package, and no others.
deb_nodes_up() { # FILE SUITE OF NODE1, NODE2...
	local i=0 deb=$1 suite
	lab down
	for suite in "${@:2}"; do
		i=$((i + 1))
		LAB_KIND=bare-$suite lab up "$i"
		offer_deb "node$i" "$deb"
	done
}

# Why there can be no such nodes here; empty when there can.
debs_impossible() {
	local suite
	if [[ -z $(awk '$3 == "cgroup2"' /proc/self/mounts) ]]; then
		echo "no cgroup2 mount"
		return
	elif ! command -v dh >/dev/null; then
		echo "no debhelper"
		return
	fi
	for suite in bookworm trixie; do
		LAB_KIND=bare-$suite lab image >&2 ||
			echo "no image of $suite can be built (apt)"
	done
}
