# The Debian tree that all nodes share: systemd, OVN, and what the built
# programs are linked to.
# shellcheck shell=bash

readonly IMAGE_PACKAGES=(systemd systemd-sysv dbus iproute2 iputils-ping
	ethtool openssl procps lsof netbase libstdc++6 ovn-central ovn-host
	openvswitch-switch libgrpc++1.51 libprotobuf32 librocksdb7.8
	libgoogle-glog0v6 libgflags2.2 libyaml-cpp0.7 libsystemd0)

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
	tmp=$(mktemp -d "$IMAGE.XXXXXX")
	mmdebstrap --quiet --variant=minbase \
		--include="$(IFS=, && echo "${IMAGE_PACKAGES[*]}")" \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		bookworm "$tmp" "$(image_sources)"
	image_quiet "$tmp"
	chmod 755 "$tmp"
	touch "$tmp/.finished"
	rm -rf --one-file-system "$IMAGE"
	mv -T "$tmp" "$IMAGE"
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
