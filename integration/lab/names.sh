# SPDX-License-Identifier: Apache-2.0
# Names, addresses and places of the lab.  Labs of different LAB_ID live beside
# each other with the same addresses.
# shellcheck shell=bash

LAB_ID=${LAB_ID:-lab}
[[ $LAB_ID =~ ^[a-z][a-z0-9-]{0,15}$ ]] || {
	echo "lab: LAB_ID is up to 16 small letters, digits and -" >&2
	exit 1
}

readonly OUTER=movn-$LAB_ID
readonly STATE_DIR=$TREE/build/lab-run/$LAB_ID

# What a node is when it is switched on: Debian 12 or 13 with OVN's packages, the
# same without them, or Debian 13 with snapd and no OVN.
LAB_KIND=${LAB_KIND:-bookworm}
# shellcheck disable=SC2034
case $LAB_KIND in
bookworm) readonly IMAGE=$TREE/build/lab-image ;;
trixie | snapd | bare-bookworm | bare-trixie)
	readonly IMAGE=$TREE/build/lab-image-$LAB_KIND
	;;
*)
	echo "lab: LAB_KIND is bookworm, trixie, bare-bookworm, bare-trixie or snapd" >&2
	exit 1
	;;
esac
# systemd takes about six of the machine's 128 inotify instances.
# shellcheck disable=SC2034
readonly MAX_NODES=15

node_dir() { echo "$STATE_DIR/$1"; }

# Where this lab's control groups are: a cgroup2 of its own per node, which is
# what systemd in there finds at its root.
cgroup_top() {
	local mount
	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	[[ -n $mount ]] || die "this machine has no cgroup2 mount"
	echo "$mount/$OUTER"
}
node_cgroup() { echo "$(cgroup_top)/$1"; }

cgroup_remove() { # DIRECTORY
	[[ -d $1 ]] || return 0
	find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
}
