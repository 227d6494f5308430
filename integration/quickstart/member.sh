# SPDX-License-Identifier: Apache-2.0
# One member: its namespaces, its agent.  Needs names.sh, process.sh and
# machine.sh.
# shellcheck shell=bash

# ---- power ----

node_running() { # NODE
	recorded_process "$(node_state "$1")/init" >/dev/null
}

need_running() { # NODE
	check_node "$1"
	node_running "$1" ||
		die "$1 is not running (./quickstart start $1 --power)"
}

power_on() { # NODE; its agent starts with it
	local node=$1 state
	state=$(node_state "$node")
	mkdir -p "$(node_root "$node")" "$state"
	[[ -p $state/control ]] || mkfifo -m 600 "$state/control"
	rm -f "$state/init" "$state/agent"
	echo on >"$state/wanted"
	node_net_up "$node"
	setsid nsenter --net="/run/netns/$(node_ns "$node")" \
		unshare --mount --uts --ipc --pid --fork --kill-child \
		"$TREE/integration/quickstart/node-init" "$node" "$(node_root "$node")" \
		"$MEMBER_ROOT" "$state" "$(node_bin "$node")" </dev/null >>"$state/console.log" 2>&1 &
	echo "$! $(start_time $!)" >"$state/launcher"
	disown
	wait_until 10 node_running "$node" ||
		die "$node did not come up: see $state/console.log"
}

power_off() { # NODE
	local node=$1 record
	# The second is there alone if the first never came to write its record;
	# its end is the first one's too.
	for record in "$(node_state "$node")"/{init,launcher}; do
		signal_recorded "$record" KILL
		wait_until 10 recorded_gone "$record" || die "$node does not die"
		rm -f "$record"
	done
	node_net_down "$node"
}

# ---- commands in a member ----

# Runs a command as somebody logged in there would.
in_node() { # NODE CMD...
	local pid bin
	pid=$(recorded_process "$(node_state "$1")/init") || {
		echo "$1 is not running" >&2
		return 1
	}
	bin=$(node_bin "$1")
	shift
	nsenter --target "$pid" --mount --uts --ipc --net --pid --wd \
		env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
		MICROOVN_SOCKET="$MEMBER_ROOT/state/control.socket" \
		PATH="$bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
		"$@"
}

in_port() { # NODE CMD...
	local ns
	ns=$(port_ns "$1")
	shift
	ip netns exec "$ns" "$@"
}

# ---- the agent ----

want_agent() { # NODE on|off
	local state
	state=$(node_state "$1")
	echo "$2" >"$state/wanted"
	# Opened for both so that it does not wait for a reader.
	echo "$2" 1<>"$state/control"
}

# The record holds the pid that the member knows, so the member looks it up.
SIGNAL_RECORDED=$TREE/integration/lib/signal-recorded

# What was ended on purpose is written down, for tests that ask what was not.
signal_agent() { # NODE SIGNAL
	if agent_running "$1"; then echo "$2" >>"$(node_state "$1")/signals"; fi
	in_node "$1" "$SIGNAL_RECORDED" "$(node_state "$1")/agent" "$2"
}

agent_running() { # NODE
	in_node "$1" "$SIGNAL_RECORDED" "$(node_state "$1")/agent"
}

agent_stopped() { ! agent_running "$1"; }

agent_stop() { # NODE
	want_agent "$1" off
	signal_agent "$1" TERM
	wait_until 30 agent_stopped "$1" || die "the agent of $1 does not end"
}

agent_start() { # NODE
	want_agent "$1" on
	agent_answers "$1"
}

# The socket first: waitready asks twice a second only.
agent_answers() { # NODE
	wait_until 20 test -S "$(node_root "$1")/state/control.socket" || true
	wait_until 20 in_node "$1" microovn waitready -t 2 ||
		die "the agent of $1 does not answer: ./quickstart logs $1"
}
