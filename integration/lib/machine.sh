# SPDX-License-Identifier: Apache-2.0
# What the machines of the quickstart and of the lab have in common: their
# names, their addresses, their networks.  Needs netns.sh, OUTER, STATE_DIR,
# MAX_NODES.
# shellcheck shell=bash

# ---- names ----

check_node() { # NAME
	[[ $1 =~ ^node[1-9][0-9]?$ && ${1#node} -le $MAX_NODES ]] ||
		die "$1 is no name of a node: they are node1, node2 and so on"
}

node_ns() { echo "$OUTER-$1"; }
port_ns() { echo "$OUTER-${1/node/port}"; }

# One network each for the agents, for Geneve and for the tenants.
management_address() { echo "10.98.0.$((10 + ${1#node}))"; }
underlay_address() { echo "10.98.1.$((10 + ${1#node}))"; }
port_address() { echo "10.98.2.$((10 + ${1#node}))"; }
card_mac() { printf '02:98:0%d:00:01:%02x\n' "$1" "$((10 + ${2#node}))"; } # 0|1 NODE
port_mac() { printf '02:98:02:00:00:%02x\n' "$((10 + ${1#node}))"; }

known_nodes() {
	local dir
	for dir in "$STATE_DIR"/node*/; do
		if [[ -d $dir ]]; then basename "$dir"; fi
	done | sort -V
}

# ---- networks ----

outer_up() {
	netns_add "$OUTER"
	bridge_add "$OUTER" management
	bridge_add "$OUTER" underlay
	ip -n "$OUTER" addr replace 10.98.0.1/24 dev management
}

# What the machine a member stands for would find at its start: two network
# cards with addresses, and the workload's cable, which whoever runs workloads
# there would plug in.
node_net_up() { # NODE
	local node=$1 ns
	ns=$(node_ns "$node")
	node_net_down "$node"
	netns_add "$ns"
	cable_add "$OUTER" management "$node-0" "$ns" eth0
	cable_add "$OUTER" underlay "$node-1" "$ns" eth1
	# As a card's, it stays the same when the power was off: others have it in
	# their caches, the switch in its database.
	ip -n "$ns" link set eth0 address "$(card_mac 0 "$node")"
	ip -n "$ns" link set eth1 address "$(card_mac 1 "$node")"
	ip -n "$ns" addr add "$(management_address "$node")/24" dev eth0
	ip -n "$ns" addr add "$(underlay_address "$node")/24" dev eth1
	port_net_up "$node"
}

node_net_down() { # NODE
	cable_del "$OUTER" "$1-0"
	cable_del "$OUTER" "$1-1"
	netns_del "$(port_ns "$1")"
	netns_del "$(node_ns "$1")"
}

# The workload: a namespace with one network card, whose other end the
# member's switch takes.
port_net_up() { # NODE
	local node=$1 ns inner
	ns=$(node_ns "$node")
	inner=$(port_ns "$node")
	netns_add "$inner"
	ip -n "$ns" link add "vif-$node" type veth peer name eth0 netns "$inner"
	ip -n "$inner" link set eth0 address "$(port_mac "$node")" up
	ip -n "$inner" addr add "$(port_address "$node")/24" dev eth0
	ip -n "$ns" link set "vif-$node" up
	# The userspace datapath does not complete checksums that a veth pair
	# leaves to hardware: pings would pass and TCP would not.
	ip netns exec "$ns" ethtool -K "vif-$node" tx off >/dev/null
	ip netns exec "$inner" ethtool -K eth0 tx off >/dev/null
}
