# SPDX-License-Identifier: Apache-2.0
# Faults of the blind drill whose cause is a disk that is full.  Needs
# cluster.sh and drill_faults.sh.
# shellcheck shell=bash

# shellcheck disable=SC2034 # read by the drill
declare -A kind_causes
# Puts a directory of a member on a small disk of its own, and takes it off
# again. Nothing may have it open meanwhile: the agent is off, and so are the
# daemons with these pid files. The agent makes its reserve anew, as large as
# the disk allows.
on_small_disk() { # NODE DIRECTORY SIZE PIDFILE...
	move_directory "$1" "$2" "${@:4}" <<-MOVE
		rm -f '$ROOT/$2/reserve'
		mv '$ROOT/$2' '$ROOT/$2.kept'
		mkdir -m 700 '$ROOT/$2'
		mount -t tmpfs -o size=$3,mode=700 drill '$ROOT/$2'
		cp -a '$ROOT/$2.kept/.' '$ROOT/$2'
		rm -r '$ROOT/$2.kept'
	MOVE
}
off_small_disk() { # NODE DIRECTORY PIDFILE...
	move_directory "$1" "$2" "${@:3}" <<-MOVE
		rm -f '$ROOT/$2/reserve'
		cp -a '$ROOT/$2' '$ROOT/$2.kept'
		umount '$ROOT/$2'
		rmdir '$ROOT/$2'
		mv '$ROOT/$2.kept' '$ROOT/$2'
	MOVE
}
move_directory() { # NODE DIRECTORY PIDFILE...; the commands are read
	local pidfile commands
	commands=$(cat)
	quickstart stop "$1"
	for pidfile in "${@:3}"; do
		kill_daemon "$1" "$pidfile"
		wait_until 10 daemon_gone "$1" "$pidfile"
	done
	on "$1" sh -ec "$commands"
	quickstart start "$1"
}
daemon_gone() { # NODE PIDFILE
	! on "$1" kill -0 "$(daemon_pid "$1" "$2")" 2>/dev/null
}
fill_disk() { # NODE DIRECTORY KIB: what is left
	on "$1" sh -ec "cd '$ROOT/$2'
		left=\$(df --output=avail -k . | tail -n 1)
		fallocate -l \$((left - $3))K filler"
}
empty_disk() { # NODE DIRECTORY
	on "$1" rm "$ROOT/$2/filler"
}

# A server that cannot write goes on in its memory. Unless its file is written
# anew when there is space again, it does not start on it any more.
kind no_space_db DATABASE_STORAGE_FAILED
kind_causes[no_space_db]=DATABASE_SERVER_BEHIND
inject_no_space_db() {
	local i
	on_small_disk "$1" data/central/db 8m "${PIDFILES[nb]}" "${PIDFILES[sb]}" &&
		wait_until 60 is_calm "$1" &&
		nbctl "$1" --may-exist ls-add drill &&
		fill_disk "$1" data/central/db 0 || return 1
	for i in {1..12}; do
		nbctl "$(other "$1")" set Logical_Switch drill \
			"external_ids:drill=$(printf '%01000d' "$i")" || return 1
	done
	grep -q "No space left" "$CLUSTER_DIR/$1/logs/ovn-ovsdb-server-nb.console.log"
}
mend_no_space_db() { empty_disk "$1" data/central/db; }
after_no_space_db() {
	kill_daemon "$1" "${PIDFILES[nb]}"
	kill_daemon "$1" "${PIDFILES[sb]}"
	wait_until 20 is_calm "$1" &&
		off_small_disk "$1" data/central/db "${PIDFILES[nb]}" "${PIDFILES[sb]}" &&
		nbctl "$(other "$1")" ls-del drill
}

kind no_space_log DISK_SPACE_LOW
inject_no_space_log() {
	on_small_disk "$1" state/raft 64m &&
		wait_until 60 is_calm "$1" &&
		fill_disk "$1" state/raft 1024
}
mend_no_space_log() { empty_disk "$1" state/raft; }
after_no_space_log() { off_small_disk "$1" state/raft; }
