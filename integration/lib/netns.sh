# SPDX-License-Identifier: Apache-2.0
# Network namespaces and what joins them: one outer namespace with a bridge per
# network, so that nothing shows in the machine's own.
# shellcheck shell=bash

# Tunnelled frames of 1500 bytes fit without fragmentation.
readonly NET_MTU=9000

netns_exists() { [[ -e /run/netns/$1 ]]; }

netns_add() { # NAME
	netns_exists "$1" || ip netns add "$1"
	ip -n "$1" link set lo up
}

netns_del() { # NAME
	if netns_exists "$1"; then ip netns del "$1"; fi
}

device_exists() { # NETNS DEVICE
	ip -n "$1" link show "$2" >/dev/null 2>&1
}

bridge_add() { # NETNS BRIDGE
	device_exists "$1" "$2" && return
	ip -n "$1" link add "$2" type bridge forward_delay 0 stp_state 0 \
		mcast_snooping 0
	ip -n "$1" link set "$2" mtu "$NET_MTU" up
}

# A cable from a bridge of the outer namespace to a device of an inner one.
cable_add() { # OUTER BRIDGE PORT INNER DEVICE
	ip -n "$1" link add "$3" mtu "$NET_MTU" type veth \
		peer name "$5" netns "$4" mtu "$NET_MTU"
	ip -n "$1" link set "$3" master "$2" up
	ip -n "$4" link set "$5" up
}

# A namespace dies with its last user only, a cable at once from either end.
cable_del() { # NETNS DEVICE
	if netns_exists "$1" && device_exists "$1" "$2"; then
		ip -n "$1" link del "$2"
	fi
}
