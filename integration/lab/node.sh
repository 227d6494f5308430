# SPDX-License-Identifier: Apache-2.0
# A node from outside: its power, commands in it.
# shellcheck shell=bash

readonly BOOT_LIMIT=60

# As it was switched on, whatever LAB_KIND is by now: the nodes of a lab may
# differ.
kind_of() { # NODE
	cat "$(node_dir "$1")/kind"
}

# What begins a command that has to run where the node does.  snapd keeps the
# mount namespace of a snap by a bind mount of /proc/PID/ns/mnt in its own one.
# The kernel takes that only from a namespace with a higher number, and hands
# numbers out to each processor in batches: a node with snapd has one processor.
pinning() { # NODE -> words
	[[ $(kind_of "$1") == snapd ]] || return 0
	echo "taskset -c $((${1#node} % $(nproc)))"
}

# ---- power ----

node_running() { # NODE
	recorded_process "$(node_dir "$1")/init" >/dev/null
}

need_running() { # NODE -> the pid of its PID 1
	recorded_process "$(node_dir "$1")/init" || die "$1 is not running"
}

# What makes this disk this node's.
write_identity() { # NODE
	local etc i
	etc=$(node_dir "$1")/upper/etc
	[[ ! -e $etc/machine-id ]] || return 0
	mkdir -p "$etc"
	echo "$1" >"$etc/hostname"
	printf '%s/%s' "$LAB_ID" "$1" | md5sum | cut -c1-32 >"$etc/machine-id"
	{
		echo "127.0.0.1 localhost"
		for ((i = 1; i <= MAX_NODES; i++)); do
			echo "$(management_address "node$i") node$i"
		done
	} >"$etc/hosts"
}

power_on() { # NODE; does not wait for its boot
	local dir
	node_running "$1" && return
	dir=$(node_dir "$1")
	mkdir -p "$dir/root" "$dir/upper" "$dir/work"
	write_identity "$1"
	rm -f "$dir/init"
	echo "$LAB_KIND" >"$dir/kind"
	# shellcheck disable=SC2046
	setsid $(pinning "$1") "$LAB_SELF" __power "$1" </dev/null >>"$dir/console.log" 2>&1 &
	echo "$! $(start_time $!)" >"$dir/power"
	disown
	wait_until 10 node_running "$1" ||
		die "$1 did not start: see $dir/console.log"
}

# Ends every process of the node at once.
power_off() { # NODE
	local record
	# The one that would start it again first.
	for record in "$(node_dir "$1")"/{power,init}; do
		signal_recorded "$record" KILL
		wait_until 10 recorded_gone "$record" || die "$1 does not die"
		rm -f "$record"
	done
	node_net_down "$1"
	cgroup_remove "$(node_cgroup "$1")"
}

wait_booted() { # NODE
	local state
	wait_until "$BOOT_LIMIT" in_node "$1" test -S /run/systemd/private ||
		die "$1 has no systemd"
	state=$(timeout "$BOOT_LIMIT" "$LAB_SELF" exec "$1" \
		systemctl is-system-running --wait 2>/dev/null) || true
	case $state in
	running) ;;
	degraded) echo "lab: $1 is degraded: lab exec $1 systemctl --failed" >&2 ;;
	*) die "$1 did not boot (${state:-no answer}): lab journal $1" ;;
	esac
}

# ---- commands ----

# The command joins the node's control group itself: nsenter, which stays
# outside of the pid namespace, would show in there as pid 0, which systemd
# cannot stand.
in_node() { # NODE CMD...
	local node=$1 pid group
	pid=$(need_running "$1") || return 1
	group=$(node_cgroup "$1")/lab-exec
	mkdir -p "$group"
	shift
	# shellcheck disable=SC2016,SC2046
	$(pinning "$node") nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root --wd \
		env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin \
		/bin/sh -c 'echo 0 >/sys/fs/cgroup/lab-exec/cgroup.procs; exec "$@"' \
		lab-exec "$@"
}
