# SPDX-License-Identifier: Apache-2.0
# A node from inside: what runs between the power button and systemd.  The lab
# calls itself with these verbs.
# shellcheck shell=bash

# One of these per running node, on the machine.  A node that reboots itself
# ends with SIGHUP, 129 here, and is started again; any other end is a
# power-off.
boot___power() { # NODE
	local node=$1 rc
	cd /
	while :; do
		rc=0
		node_net_up "$node"
		mkdir -p "$(node_cgroup "$node")"
		nsenter --net="/run/netns/$(node_ns "$node")" \
			unshare --mount --uts --ipc --pid --fork --kill-child \
			"$LAB_SELF" __enter "$node" || rc=$?
		node_net_down "$node"
		cgroup_remove "$(node_cgroup "$node")"
		((rc == 129)) || break
	done
}

# PID 1 of the node from here on, still with the machine's files.  It alone
# enters the node's control group, for unshare is outside of the pid namespace.
boot___enter() { # NODE
	echo 0 >"$(node_cgroup "$1")/cgroup.procs"
	exec unshare --cgroup "$LAB_SELF" __init "$1"
}

boot___init() { # NODE
	local node=$1 dir root pid record
	dir=$(node_dir "$node")
	root=$dir/root
	read -r pid _ </proc/self/stat
	record="$pid $(start_time "$pid")"
	# Open through the change of root: the node counts as running once its
	# line is in there, and a command let in before would see the machine.
	exec 3>"$dir/init"
	mount -t overlay "$node" \
		-o "lowerdir=$IMAGE,upperdir=$dir/upper,workdir=$dir/work" "$root"
	mount_kernel_files "$root"
	make_devices "$root"
	mount -t tmpfs -o mode=755,nosuid,nodev run "$root/run"
	mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
	hostname "$node"
	enter_root "$root" "$record"
}

# Settings of the whole machine are read-only, those of this network not.
mount_kernel_files() { # ROOT
	mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
	mount --bind "$1/proc/sys" "$1/proc/sys"
	mount --bind "$1/proc/sys/net" "$1/proc/sys/net"
	mount -o remount,bind,ro "$1/proc/sys"
	if [[ -e $1/proc/sysrq-trigger ]]; then
		mount --bind /dev/null "$1/proc/sysrq-trigger"
	fi
	mount -t sysfs -o nosuid,nodev,noexec,ro sysfs "$1/sys"
	mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$1/sys/fs/cgroup"
}

make_devices() { # ROOT
	local dev root=$1
	mount -t tmpfs -o mode=755,nosuid,strictatime dev "$root/dev"
	mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/net"
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts \
		"$root/dev/pts"
	mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	for dev in 0:stdin 1:stdout 2:stderr; do
		ln -s "/proc/self/fd/${dev%:*}" "$root/dev/${dev#*:}"
	done
	for dev in null zero full random urandom tty net/tun; do
		cp -a "/dev/$dev" "$root/dev/$dev"
	done
	# snapd mounts its snaps by it, so that no loop device is shared.
	[[ ! -e /dev/fuse ]] || cp -a /dev/fuse "$root/dev/fuse"
}

enter_root() { # ROOT RECORD
	mkdir -p "$1/run/host/old"
	cd "$1" || exit 1
	pivot_root . run/host/old
	# shellcheck disable=SC2016
	exec /usr/bin/env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		/bin/sh -ec '
			umount -l /run/host/old
			rmdir /run/host/old
			echo "$1" >&3
			exec 3>&- /lib/systemd/systemd' lab-init "$2"
}
