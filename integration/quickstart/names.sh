# Names, addresses and places of the quickstart's cluster.
#
# Everything carries QUICKSTART_ID, so that clusters of different ids live
# beside each other, with the same addresses, and never meet.
# shellcheck shell=bash

QUICKSTART_ID=${QUICKSTART_ID:-quickstart}
[[ $QUICKSTART_ID =~ ^[a-z][a-z0-9-]{0,15}$ ]] || {
	echo "quickstart: QUICKSTART_ID is up to 16 small letters, digits and -" >&2
	exit 1
}

readonly OUTER=movn-$QUICKSTART_ID
readonly HOME_DIR=$TREE/build/${OUTER#movn-}
readonly STATE_DIR=$HOME_DIR/state
# The cluster's own copy of the programs: a build does not change it.
# shellcheck disable=SC2034
readonly BIN_DIR=$HOME_DIR/bin
readonly MAX_NODES=30

# MicroOVN's own place, which is where a member finds its root.
# shellcheck disable=SC2034
readonly MEMBER_ROOT=/var/snap/microovn/common

check_node() { # NAME
	[[ $1 =~ ^node[1-9][0-9]?$ && ${1#node} -le $MAX_NODES ]] ||
		die "$1 is no name of a node: they are node1, node2 and so on"
}

node_ns() { echo "$OUTER-$1"; }
port_ns() { echo "$OUTER-${1/node/port}"; }
node_root() { echo "$HOME_DIR/$1"; }
node_state() { echo "$STATE_DIR/$1"; }

# One network each for the agents, for Geneve and for the tenants.
management_address() { echo "10.98.0.$((10 + ${1#node}))"; }
underlay_address() { echo "10.98.1.$((10 + ${1#node}))"; }
port_address() { echo "10.98.2.$((10 + ${1#node}))"; }
port_mac() { printf '02:98:02:00:00:%02x\n' "$((10 + ${1#node}))"; }

known_nodes() {
	local dir
	for dir in "$STATE_DIR"/node*/; do
		if [[ -d $dir ]]; then basename "$dir"; fi
	done | sort -V
}

running_nodes() {
	local node
	for node in $(known_nodes); do
		if node_running "$node"; then echo "$node"; fi
	done
}
