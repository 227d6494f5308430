# SPDX-License-Identifier: Apache-2.0
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
# shellcheck disable=SC2034
readonly MAX_NODES=30

# MicroOVN's own place, which is where a member finds its root.
# shellcheck disable=SC2034
readonly MEMBER_ROOT=/var/snap/microovn/common

node_root() { echo "$HOME_DIR/$1"; }
node_state() { echo "$STATE_DIR/$1"; }

# A member may have programs of another build, which a test puts there.
node_bin() {
	local own
	own=$(node_state "$1")/bin
	if [[ -d $own ]]; then echo "$own"; else echo "$BIN_DIR"; fi
}

running_nodes() {
	local node
	for node in $(known_nodes); do
		if node_running "$node"; then echo "$node"; fi
	done
}
