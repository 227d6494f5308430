# SPDX-License-Identifier: Apache-2.0
# The Debian tree of nodes on which nothing is installed yet, and below
# /srv/debian what apt takes there in the place of a mirror.
# shellcheck shell=bash

readonly BARE_PACKAGES=(systemd systemd-sysv dbus iproute2 iputils-ping procps
	netbase openssl)
# What the package depends on.
readonly BARE_FETCHED=(openvswitch-switch ovn-central ovn-host libunwind8)

bare_debian() { # DIRECTORY SUITE
	command -v dpkg-scanpackages >/dev/null || die "needs dpkg-dev"
	# shellcheck disable=SC2016 # of the hook's shell
	FETCHED=${BARE_FETCHED[*]} mmdebstrap --quiet --variant=minbase \
		--include="$(IFS=, && echo "${BARE_PACKAGES[*]}")" \
		--aptopt='APT::Install-Recommends "false"' \
		--customize-hook='set -e; mkdir -p "$1/srv/debian"
			APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -qq -y \
				--download-only install $FETCHED >/dev/null
			mv "$1"/var/cache/apt/archives/*.deb "$1/srv/debian/"
			cd "$1/srv/debian"; dpkg-scanpackages . >Packages 2>/dev/null' \
		"$2" "$1" "$(mirror_line "$2")"
	rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*
	echo "deb [trusted=yes] file:/srv/debian ./" >"$1/etc/apt/sources.list"
}
