# SPDX-License-Identifier: Apache-2.0
# What the user can ask for.
# shellcheck shell=bash

# ---- up ----

began=
since() { # START -> seconds with one decimal
	local tenths=$(((${EPOCHREALTIME/./} - ${1/./}) / 100000))
	echo "$((tenths / 10)).$((tenths % 10))"
}

step() { printf '[%5s s] %s\n' "$(since "$began")" "$*"; }

prepare() {
	step "looking for packages to install"
	"$TREE/tools/install-packages"
	if [[ -x $TREE/build/bin/microovnd ]]; then
		step "building microovnd and microovn"
	else
		step "building microovnd and microovn, the first time: ten minutes on two cores"
		echo "          of [N / M] steps; M grows until all are known. What is built is"
		echo "          kept for other clones."
	fi
	"$TREE/tools/build"
	copy_programs
	[[ -c /dev/net/tun ]] ||
		die "this machine has no /dev/net/tun, which the userspace datapath needs"
}

# By rename, for they may be running.
copy_programs() {
	rm -rf "$BIN_DIR.new"
	mkdir -p "$HOME_DIR"
	cp -a "$TREE/build/bin" "$BIN_DIR.new"
	if [[ -d $BIN_DIR ]]; then
		mv -f "$BIN_DIR.new"/* "$BIN_DIR/"
		rmdir "$BIN_DIR.new"
	else
		mv "$BIN_DIR.new" "$BIN_DIR"
	fi
}

# Runs one function for each node, all at the same time.
each_at_once() { # FUNCTION NODES [ARG...]
	local function=$1 nodes=$2 node pids=() pid failed=0
	shift 2
	for node in $nodes; do
		"$function" "$node" "$@" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
	return "$failed"
}

ensure_running() { # NODE
	if node_running "$1"; then want_agent "$1" on; else power_on "$1"; fi
}

start_machines() { # NODES
	local node
	step "starting $(xargs <<<"$1")"
	for node in $1; do ensure_running "$node"; done
	each_at_once agent_answers "$1"
}

make_cluster() { # FIRST OTHERS
	step "making a cluster on $1"
	bootstrap "$1"
	[[ -n $2 ]] || return 0
	step "joining $(xargs <<<"$2")"
	each_at_once join "$2" "$1"
}

make_ports() { # FIRST NODES
	local node
	step "a logical switch with a port on each member"
	for node in $2; do port_define "$node" "$1"; done
	each_at_once port_plug "$2"
	each_at_once port_wait "$2" "$1"
}

say_how_to_go_on() {
	echo
	in_node node1 microovn status
	echo
	echo "The cluster keeps running: try ./quickstart exec node1 microovn cluster list"
	echo "and end it with ./quickstart down"
}

verb_up() {
	local clock nodes count=3 bare=
	if [[ ${1:-} == --no-join ]]; then
		bare=1
		shift
	fi
	if (($#)); then
		count=$1
		shift
	fi
	[[ $# == 0 && $count =~ ^[1-9][0-9]?$ && $count -le $MAX_NODES ]] || usage
	nodes=$(seq -f node%g "$count")
	began=$EPOCHREALTIME
	prepare
	outer_up
	clock=$EPOCHREALTIME
	start_machines "$nodes"
	[[ -z $bare ]] || return 0
	make_cluster node1 "$(sed 1d <<<"$nodes")"
	make_ports node1 "$nodes"
	step "pinging between all pairs"
	# shellcheck disable=SC2086
	ping_pairs $nodes
	step "done: $(since "$clock") s from the first agent's start to the last ping"
	say_how_to_go_on
}

verb_add() {
	local node last via
	[[ $# == 0 || $* == --no-join ]] || usage
	last=$(known_nodes | tail -n 1)
	[[ -n $last ]] || die "there is no cluster: ./quickstart"
	node=node$((${last#node} + 1))
	check_node "$node"
	began=$EPOCHREALTIME
	step "starting $node"
	power_on "$node"
	agent_answers "$node"
	(($# == 0)) || return 0
	via=$(some_member) || die "no member answers"
	step "joining it through $via"
	join "$node" "$via"
	step "giving it a port"
	port_define "$node" "$via"
	port_plug "$node"
	port_wait "$node" "$via"
	step "pinging between $via and $node"
	ping_pairs "$via" "$node"
}

# ---- power and agents ----

# Sets node and power from "nodeN [--power]".
node_arguments() {
	node=${1:-} power=${2:-}
	(($# == 1 || $# == 2)) || usage
	[[ -z $power || $power == --power ]] || usage
	check_node "$node"
	[[ -d $(node_state "$node") ]] || die "there is no $node"
}

verb_stop() {
	local node power
	node_arguments "$@"
	if [[ -n $power ]]; then
		power_off "$node"
		return
	fi
	need_running "$node"
	agent_stop "$node"
}

verb_start() {
	local node power
	node_arguments "$@"
	if [[ -n $power ]] && ! node_running "$node"; then
		power_on "$node"
		agent_answers "$node"
	else
		need_running "$node"
		agent_start "$node"
	fi
	ports_mend
}

verb_kill() {
	local node power
	node_arguments "$@"
	if [[ -n $power ]]; then
		power_off "$node"
		return
	fi
	need_running "$node"
	signal_agent "$node" KILL
}

# ---- looking ----

# A member that joins anew, or gets its switch anew, gets its port anew.
makes_a_switch() { # NODE CMD...
	[[ " ${*:2} " == *" microovn "*" join "* ||
		" ${*:2} " == *" microovn init "* ||
		" ${*:2} " == *" microovn enable "* ]]
}

verb_exec() {
	local rc=0
	(($# >= 2)) || usage
	need_running "$1"
	makes_a_switch "$@" || {
		in_node "$@"
		return
	}
	in_node "$@" || rc=$?
	if ((rc == 0)); then wait_until 5 has_bridge "$1" && ports_mend; fi
	return "$rc"
}

verb_net() {
	(($# >= 1)) || usage
	netns_exists "$OUTER" || die "there is no cluster: ./quickstart"
	exec ip netns exec "$OUTER" "$@"
}

verb_ping() {
	ports_mend
	if (($# == 0)); then
		# shellcheck disable=SC2046
		ping_pairs $(running_nodes)
		return
	fi
	(($# == 2)) || usage
	need_running "$1"
	check_node "$2"
	ping_answered "$1" "$2" || die "$2's port does not answer $1's"
	echo "$1 -> $2 answered"
}

verb_status() {
	local via
	(($# == 0)) || usage
	via=$(some_member) || die "no member answers (./quickstart starts them)"
	in_node "$via" microovn status
}

verb_logs() {
	local log
	(($# == 1 || $# == 2)) || usage
	check_node "$1"
	log=$(node_state "$1")/agent.log
	[[ -e $log ]] || die "there is no $log"
	case ${2:-} in
	'') cat "$log" ;;
	-f) exec tail -n 100 -f "$log" ;;
	*) usage ;;
	esac
}

# ---- down ----

verb_down() {
	local node
	(($# == 0)) || usage
	for node in $(known_nodes); do power_off "$node"; done
	netns_del "$OUTER"
	rm -rf --one-file-system "$HOME_DIR"
}
