# SPDX-License-Identifier: Apache-2.0
# A workload on each node of a lab, as in the quickstart.  Needs lab_nodes.sh.
# shellcheck shell=bash

port_up() { # NODE
	local ns=movn-$LAB_ID-port${1#node} last=$((10 + ${1#node}))
	ip -n "$ns" link set eth0 address "02:98:02:00:00:$last" up
	ip -n "$ns" addr replace "10.98.2.$last/24" dev eth0
	on node1 microovn.ovn-nbctl --timeout=20 --may-exist ls-add lab \
		-- --may-exist lsp-add lab "$1" \
		-- lsp-set-addresses "$1" "02:98:02:00:00:$last 10.98.2.$last"
	plug "$1"
}
plug() { # NODE; what whoever runs workloads there does after each boot
	wait_until 20 on "$1" microovn.ovs-vsctl --timeout=2 br-exists br-int
	on "$1" microovn.ovs-vsctl --timeout=10 --may-exist add-port br-int \
		"vif-$1" -- set interface "vif-$1" "external_ids:iface-id=$1"
}
pings() { # FROM TO
	ip netns exec "movn-$LAB_ID-port${1#node}" \
		ping -n -q -c 1 -W 1 "10.98.2.$((10 + ${2#node}))"
}

all_ping() { # NODE...
	local from to
	for from in "$@"; do
		for to in "$@"; do
			[[ $from == "$to" ]] || expect_within 30 pings "$from" "$to"
		done
	done
}
