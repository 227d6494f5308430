# SPDX-License-Identifier: Apache-2.0
# What a node needs so that snapd works in it without the store: a stand-in for
# the snap "snapd", without which each app waits for the store's, and a base.
#
# Shown by it: services, hooks, settings, refreshes of local files, seccomp
# filters, mount namespaces, a read-only snap.  Not shown: AppArmor's rules,
# device groups, anything of the store.
# shellcheck shell=bash

readonly SNAP_DIR=$TREE/build/snap
# Debian in the place of core24: bash, coreutils and the C library are what a
# snap counts on.
readonly SNAP_BASE=core24

# Why snapd cannot run in a node here; empty when it can.
snapd_lacks() {
	[[ -c /dev/fuse ]] || echo "no /dev/fuse"
	grep -qw fuse /proc/filesystems || echo "no fuse in the kernel"
	grep -qw cgroup2 /proc/filesystems || echo "no cgroup2"
	command -v mksquashfs >/dev/null || echo "no mksquashfs"
	command -v taskset >/dev/null || echo "no taskset"
}

snapd_squash() { # DIRECTORY FILE
	mksquashfs "$1" "$2.new" -noappend -comp lzo -no-xattrs -no-fragments \
		-all-root -quiet -no-progress
	mv "$2.new" "$2"
}

# It holds no program: Debian's snapd does the work.
snapd_stand_in() {
	local dir
	[[ ! -e $SNAP_DIR/snapd.snap ]] || return 0
	dir=$(mktemp -d)
	mkdir -p "$dir/meta" "$dir/usr/lib/snapd"
	printf 'name: snapd\ntype: snapd\nversion: "1"\nsummary: stand-in\n' \
		>"$dir/meta/snap.yaml"
	printf 'description: nothing\n' >>"$dir/meta/snap.yaml"
	echo VERSION=1 >"$dir/usr/lib/snapd/info"
	chmod 755 "$dir"
	snapd_squash "$dir" "$SNAP_DIR/snapd.snap"
	rm -rf "$dir"
}

snapd_base() {
	local dir mount
	[[ ! -e $SNAP_DIR/$SNAP_BASE.snap ]] || return 0
	dir=$(mktemp -d -p "$SNAP_DIR")
	image_debian essential "$dir" "$SNAPD_SUITE" \
		"$(mirror_line "$SNAPD_SUITE")" hostname
	rm -rf "$dir"/var/lib/apt/* "$dir"/var/cache/* "${dir:?}"/dev/*
	for mount in snap var/snap var/lib/snapd usr/lib/snapd lib/modules \
		usr/src media mnt run/netns; do
		mkdir -p "$dir/$mount"
	done
	# Hooks and daemons call it by its name.
	ln -sfn ../lib/snapd/snapctl "$dir/usr/bin/snapctl"
	mkdir -p "$dir/meta"
	printf 'name: %s\ntype: base\nversion: "1"\nsummary: stand-in\n' \
		"$SNAP_BASE" >"$dir/meta/snap.yaml"
	printf 'description: Debian\n' >>"$dir/meta/snap.yaml"
	chmod 755 "$dir"
	snapd_squash "$dir" "$SNAP_DIR/$SNAP_BASE.snap"
	rm -rf --one-file-system "$dir"
}

# Into an image: what each node's snapd needs.
snapd_prepare() { # ROOT
	local lacks
	lacks=$(snapd_lacks)
	[[ -z $lacks ]] || die "snapd cannot run in a node: ${lacks//$'\n'/, }"
	mkdir -p "$SNAP_DIR" "$1/srv/snaps"
	# It waits for the store at each boot.
	chroot "$1" systemctl --quiet mask snapd.seeded.service
	snapd_stand_in
	snapd_base
	cp "$SNAP_DIR/snapd.snap" "$SNAP_DIR/$SNAP_BASE.snap" "$1/srv/snaps/"
}
