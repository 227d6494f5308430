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
