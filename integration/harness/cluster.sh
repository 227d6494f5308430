# SPDX-License-Identifier: Apache-2.0
# The quickstart's cluster as tests see it: only through its verbs and through
# what the members' own commands say.
# shellcheck shell=bash

readonly ROOT=/var/snap/microovn/common
# shellcheck source=../harness/case.sh
. "$(dirname "${BASH_SOURCE[0]}")/case.sh"
((EUID == 0)) || skip "needs root, for network namespaces"
export QUICKSTART_ID=${QUICKSTART_ID:-itest}
# shellcheck disable=SC2034
readonly CLUSTER_DIR=$TREE/build/$QUICKSTART_ID

quickstart() { "$TREE/quickstart" "$@"; }

# Makes the cluster, or mends it, or finds it as it should be.
need_cluster() {
	local log=$TREE/build/quickstart-$QUICKSTART_ID.log
	bazel_cleanup
	quickstart up >"$log" 2>&1 || {
		tail -n 40 "$log" >&2
		die "no cluster to test: see $log"
	}
}

on() { # NODE CMD...
	quickstart exec "$@"
}

microovn() { # NODE ARG...
	local node=$1
	shift
	on "$node" microovn "$@"
}

nbctl() { # NODE ARG...
	local node=$1
	shift
	on "$node" microovn.ovn-nbctl --timeout=20 "$@"
}

sbctl() { # NODE ARG...
	local node=$1
	shift
	on "$node" microovn.ovn-sbctl --timeout=20 "$@"
}

vsctl() { # NODE ARG...
	local node=$1
	shift
	on "$node" microovn.ovs-vsctl --timeout=20 "$@"
}

# nb or sb, and what OVN calls them.
database_status() { # NODE nb|sb
	local name=OVN_Northbound
	[[ $2 == nb ]] || name=OVN_Southbound
	on "$1" microovn.ovn-appctl -t "$ROOT/run/ovn/ovn${2}_db.ctl" \
		cluster/status "$name"
}

address_of() { echo "10.98.0.$((10 + ${1#node}))"; }
underlay_of() { echo "10.98.1.$((10 + ${1#node}))"; }

members_via() { # NODE -> names, one a line
	microovn "$1" cluster list -f json | jq -r '.[].name' | sort -V
}

# What `microovn status` says, one JSON object; no answer is a failure.
status_of() { # NODE
	microovn "$1" status -f json | jq -es ".[0].status"
}

# Of the member that leads; fails while none is known.
leader_of() { # NODE -> name
	status_of "$1" | jq -er '.leader | select(. != "")'
}

make_leader() { # NODE
	wait_until 20 microovn node1 cluster transfer-leader "$1"
}

findings_of() { # NODE -> lines "REASON MEMBER"
	status_of "$1" | jq -r '.findings[] | "\(.reason) \(.member)"'
}
# Both fail while the status cannot be had.
has_finding() { # NODE REASON [MEMBER]
	local found
	found=$(findings_of "$1") && grep -qE "^$2 ${3:-.*}\$" <<<"$found"
}
has_no_finding() { # NODE REASON [MEMBER]
	local found
	found=$(findings_of "$1") && ! grep -E "^$2 ${3:-.*}\$" <<<"$found"
}

# Every member has applied as much and come to the same state, and one leads.
log_is_even() { # NODE MEMBERS
	microovn "$1" cluster log -f json | jq -es --argjson members "$2" '.[0] |
		(.replicas | length) == $members and
		(.replicas | map([.appliedIndex, .stateHash]) | unique | length) == 1 and
		(.replicas | map(select(.role == "leader")) | length) == 1 and
		all(.replicas[]; (.quarantine // "") == "")'
}

online_count() { # NODE
	microovn "$1" cluster list -f json |
		jq '[.[] | select(.status == "ONLINE")] | length'
}

all_online() { # NODE COUNT
	[[ $(online_count "$1") == "$2" ]]
}

# What the cluster is, in a form that can be compared: members, services,
# configuration and whatever OVN knows of chassis.
cluster_fingerprint() { # NODE
	members_via "$1"
	microovn "$1" status | grep -E '^- |Services:'
	microovn "$1" config get ovn.central-ips
	sbctl "$1" --bare --columns=name list Chassis | sort
}

# A node whose agent answers that it is no member; silence is not that.
uninitialised() { # NODE
	local said
	if said=$(microovn "$1" cluster list 2>&1); then return 1; fi
	[[ $said == *"not yet initialized"* ]]
}

# ---- clocks ----

# From its agent's next start on, the clock that it reads is so far ahead.  The
# library must be data of the test.
shift_clock() { # NODE SECONDS
	local library
	library=$(program //integration/harness:libshifted_clock.so)
	echo "LD_PRELOAD=$library SHIFTED_CLOCK_SECONDS=$2" \
		>"$CLUSTER_DIR/state/$1/environment"
}

# ---- daemons ----

# The pid of a daemon, as the member knows it.
daemon_pid() { # NODE PIDFILE
	on "$1" cat "$ROOT/run/$2"
}

# The pid and start time of a daemon that lives, which no other process has.
daemon_identity() { # NODE PIDFILE
	local pid
	pid=$(daemon_pid "$1" "$2" 2>/dev/null) &&
		on "$1" ps -o pid=,lstart= -p "$pid"
}

daemon_differs() { # NODE PIDFILE IDENTITY
	local now
	now=$(daemon_identity "$1" "$2") && [[ $now != "$3" ]]
}

# ---- what ended and was started again ----

# So that its end is one that the test wanted.
kill_daemon() { # NODE PIDFILE
	echo "$2" >>"$CLUSTER_DIR/state/$1/killed"
	on "$1" kill -KILL "$(daemon_pid "$1" "$2")"
}

lines_of() { # FILE EXTENDED-REGULAR-EXPRESSION -> how many match
	grep -cE "$2" "$1" 2>/dev/null || true
}

# Of one member; its files are read, for it may be without power.  An agent
# that was stopped ends with 0, or by the signal where it had just begun.
ended_unasked() { # STATE -> lines, none if all is well
	local ended asked row
	for row in "TERM 0|143" "KILL 137" "ABRT 134"; do
		ended=$(lines_of "$1/console.log" "ended with status (${row#* })\$")
		asked=$(lines_of "$1/signals" "^${row% *}\$")
		((${ended:-0} <= ${asked:-0})) ||
			echo "the agent: $ended ends of ${row#* }, $asked asked for"
	done
	grep -E 'ended with status' "$1/console.log" |
		grep -vE 'status (0|143|137|134)$' || true
	ended=$(lines_of "$1/agent.log" ' ended, .*; now backoff$')
	asked=$(lines_of "$1/killed" .)
	if ((${ended:-0} > ${asked:-0})); then
		grep -E ' ended, .*; now backoff$' "$1/agent.log"
	fi
}

expect_nothing_restarted() {
	local state
	for state in "$CLUSTER_DIR"/state/node*/; do
		[[ -e $state/console.log ]] || continue
		expect_equal "" "$(ended_unasked "$state")" "$(basename "$state")"
	done
}
last_case() {
	case_name "no agent and no daemon ended that the test did not end"
	expect_nothing_restarted
}

# ---- workload ----

in_port() { # NODE CMD...
	local ns=movn-$QUICKSTART_ID-port${1#node}
	shift
	ip netns exec "$ns" "$@"
}

port_address() { echo "10.98.2.$((10 + ${1#node}))"; }

# Pings five times a second until ping_stop; one at a time.  -O says of each
# packet that was not answered when the next one left.
ping_start() { # FROM TO
	ping_log=$(mktemp)
	ip netns exec "movn-$QUICKSTART_ID-port${1#node}" \
		ping -n -O -i 0.2 "$(port_address "$2")" >"$ping_log" 2>&1 &
	ping_pid=$!
}

# Prints how many packets were answered, and how many never.
ping_stop() {
	kill "$ping_pid"
	wait "$ping_pid" 2>/dev/null || true
	awk -F'icmp_seq=' '!NF || NF < 2 { next }
		{ split($2, number, " ") }
		/bytes from/ { answered[number[1]] = 1; next }
		{ missed[number[1]] = 1 }
		END {
			for (n in missed) if (!(n in answered)) lost++
			print length(answered), lost + 0
		}' "$ping_log"
	rm -f "$ping_log"
}

expect_no_loss() { # after ping_start
	local answered lost
	read -r answered lost <<<"$(ping_stop)"
	((answered > 0)) || fail "the running ping had no answer"
	((lost == 0)) || fail "the running ping lost $lost of $((answered + lost)) packets"
}
