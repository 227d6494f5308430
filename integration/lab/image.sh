# SPDX-License-Identifier: Apache-2.0
# The Debian tree that all nodes share: systemd, and OVN with what the built
# programs are linked to, or snapd.
# shellcheck shell=bash

readonly OVN_PACKAGES=(systemd systemd-sysv dbus iproute2 iputils-ping ethtool
	openssl procps lsof netbase libstdc++6 libsystemd0 libunwind8 ovn-central
	ovn-host openvswitch-switch)
# Of what is built for this machine alone.
readonly LIBRARY_PACKAGES=(libgrpc++1.51 libprotobuf32 librocksdb7.8
	libgoogle-glog0v6 libgflags2.2 libyaml-cpp0.7)

# snap-confine of later suites wants a capability that a host may lack.
readonly SNAPD_SUITE=trixie
readonly SNAPD_PACKAGES=(systemd systemd-sysv dbus iproute2 iputils-ping
	ethtool openssl procps lsof netbase nftables bash-completion snapd
	squashfs-tools squashfuse fuse3)

# Only Debian's own sources: others on this machine may not be reachable.
image_sources() {
	local file
	for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
		if [[ -s $file ]]; then
			echo "$file"
			return
		fi
	done
	die "no apt sources of Debian's"
}

image_make() {
	local tmp
	[[ ! -e $IMAGE/.finished ]] || return 0
	command -v mmdebstrap >/dev/null || die "needs mmdebstrap"
	mkdir -p "$(dirname "$IMAGE")"
	tmp=$(mktemp -d -p "${IMAGE%/*}")
	case $LAB_KIND in
	bare-*) bare_debian "$tmp" "${LAB_KIND#bare-}" ;;
	snapd)
		image_debian minbase "$tmp" "$SNAPD_SUITE" \
			"$(mirror_line "$SNAPD_SUITE")" "${SNAPD_PACKAGES[@]}"
		;;
	trixie)
		image_debian minbase "$tmp" trixie "$(mirror_line trixie)" \
			"${OVN_PACKAGES[@]}"
		;;
	*)
		image_debian minbase "$tmp" bookworm "$(image_sources)" \
			"${OVN_PACKAGES[@]}" "${LIBRARY_PACKAGES[@]}"
		;;
	esac
	image_quiet "$tmp"
	if [[ $LAB_KIND == snapd ]]; then snapd_prepare "$tmp"; fi
	chmod 755 "$tmp"
	touch "$tmp/.finished"
	rm -rf --one-file-system "$IMAGE"
	mv -T "$tmp" "$IMAGE"
}

image_debian() { # VARIANT DIRECTORY SUITE SOURCE PACKAGE...
	mmdebstrap --quiet --variant="$1" \
		--include="$(IFS=, && echo "${*:5}")" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$3" "$2" "$4"
}

# Another suite from the mirror that this machine's apt uses.
mirror_line() { # SUITE
	local mirror
	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' 'Component: main' |
		grep -v security | sort -u | head -n 1)
	[[ -n $mirror ]] || die "apt knows no mirror of Debian's"
	echo "deb $mirror $1 main"
}

# No services of the packages' own, no terminals, no timers, no writes to the
# settings of the machine that the nodes share.
image_quiet() { # ROOT
	rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*
	chroot "$1" systemctl --quiet disable ovn-central.service ovn-host.service \
		openvswitch-switch.service 2>/dev/null || true
	chroot "$1" systemctl --quiet mask getty.target console-getty.service \
		systemd-sysctl.service systemd-modules-load.service dev-hugepages.mount \
		sys-kernel-debug.mount sys-kernel-tracing.mount \
		sys-kernel-config.mount sys-fs-fuse-connections.mount \
		proc-sys-fs-binfmt_misc.automount apt-daily.timer \
		apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
		fstrim.timer 2>/dev/null || true
	chroot "$1" systemctl --quiet set-default multi-user.target
	mkdir -p "$1/var/log/journal"
	: >"$1/etc/machine-id"
}
