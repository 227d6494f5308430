# The quickstart's cluster as tests see it: only through its verbs and through
# what the members' own commands say.
# shellcheck shell=bash

readonly ROOT=/var/snap/microovn/common
# shellcheck source=../harness/case.sh
. "$(dirname "${BASH_SOURCE[0]}")/case.sh"
# shellcheck disable=SC2034
readonly CLUSTER_DIR=$TREE/build/$QUICKSTART_ID

quickstart() { "$TREE/quickstart" "$@"; }

# Makes the cluster, or mends it, or finds it as it should be.
need_cluster() {
	local log=$TREE/build/quickstart-$QUICKSTART_ID.log
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

# ---- workload ----

in_port() { # NODE CMD...
	local ns=movn-$QUICKSTART_ID-port${1#node}
	shift
	ip netns exec "$ns" "$@"
}

port_address() { echo "10.98.2.$((10 + ${1#node}))"; }

# Pings five times a second until ping_stop; one at a time.
ping_start() { # FROM TO
	ping_log=$(mktemp)
	in_port "$1" ping -n -D -i 0.2 "$(port_address "$2")" >"$ping_log" 2>&1 &
	ping_pid=$!
}

# Prints how many were sent and how many were lost.
ping_stop() {
	kill -INT "$ping_pid"
	wait "$ping_pid" || true
	sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' \
		"$ping_log" | { read -r sent answered && echo "$sent $((sent - answered))"; }
	rm -f "$ping_log"
}

expect_no_loss() { # after ping_start
	local sent lost
	read -r sent lost <<<"$(ping_stop)"
	((sent > 0)) || fail "the running ping sent nothing"
	# The one in flight when ping was interrupted is no loss.
	((lost <= 1)) || fail "the running ping lost $lost of $sent packets"
}
