# SPDX-License-Identifier: Apache-2.0
# Processes told apart for certain, and waiting with a deadline.
# shellcheck shell=bash

# A pid alone may have been reused; pid and start time together may not.
start_time() { # PID
	sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

# A record is a file with one line, "PID START-TIME".  Prints the pid if that
# process still lives.
recorded_process() { # FILE
	local pid=0 began=
	read -r pid began 2>/dev/null <"$1" || return 1
	[[ -n $began && $(start_time "$pid") == "$began" ]] && echo "$pid"
}

signal_recorded() { # FILE SIGNAL
	local pid
	pid=$(recorded_process "$1") || return 0
	kill "-$2" "$pid" 2>/dev/null || true
}

recorded_gone() { # FILE
	! recorded_process "$1" >/dev/null
}

# Tries a command until it succeeds; fails when SECONDS are over.  The command
# is tried at least once, in a subshell; what the last try said is in $last_try.
last_try=
wait_until() { # SECONDS CMD...
	local limit=$1 now end
	shift
	now=${EPOCHREALTIME/./}
	end=$((now + limit * 1000000))
	# shellcheck disable=SC2034 # read by who calls
	until last_try=$("$@" 2>&1); do
		now=${EPOCHREALTIME/./}
		((now < end)) || return 1
		sleep 0.05
	done
}
