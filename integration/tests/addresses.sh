#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A member's tunnels move to another of its addresses, and back, while workloads
# talk to each other.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
readonly MOVED=node2
HOME_ADDRESS=$(underlay_of "$MOVED")
readonly HOME_ADDRESS
readonly SECOND=10.98.1.112

device_of() { # NODE ADDRESS -> the interface that has it
	on "$1" ip -json address show to "$2" | jq -r '.[0].ifname'
}
tunnel_address_is() { # ADDRESS
	[[ $(sbctl node1 --bare --columns=ip find Encap \
		chassis_name="$MOVED") == "$1" ]] &&
		[[ $(vsctl "$MOVED" get Open_vSwitch . external_ids:ovn-encap-ip) == "\"$1\"" ]]
}
tunnels_lead_to() { # ADDRESS
	local node
	for node in node1 node3; do
		vsctl "$node" --bare --columns=options find Interface type=geneve |
			grep -qF "remote_ip=$1" || return
	done
}
has_nothing_wrong() { [[ -z $(findings_of node1) ]]; }
workloads_talk() { # FROM TO
	in_port "$1" ping -c 1 -W 1 "$(port_address "$2")" >/dev/null
}

case_name "an address that the member does not have is refused, and changes nothing"
refusal_of() { # REASON ARG...
	local reason=$1
	shift
	expect_match "$reason" "$(microovn node1 cluster set-encap-ip "$@" 2>&1 || true)"
}
refusal_of 'no interface of node2 that is up has the address 10.98.1.112' "$SECOND" --node "$MOVED"
refusal_of 'is the one of member "node1"' "$(underlay_of node1)" --node "$MOVED" --force
refusal_of 'one is IPv4 and one IPv6' fd00::1 --node "$MOVED" --force
refusal_of 'loopback' 127.0.0.1 --force
refusal_of 'there is no member "node9"' "$SECOND" --node node9 --force
refusal_of 'address' "$SECOND:6081"
expect tunnel_address_is "$HOME_ADDRESS"

case_name "the tunnels of a member end at another of its addresses"
on "$MOVED" ip address add "$SECOND/24" dev "$(device_of "$MOVED" "$HOME_ADDRESS")"
expect_match "change the tunnel address of $MOVED from $HOME_ADDRESS to $SECOND" \
	"$(microovn node1 cluster set-encap-ip "$SECOND" --node "$MOVED" --dry-run)"
ping_start node1 "$MOVED"
expect_equal "the tunnels of $MOVED end at $SECOND" \
	"$(microovn node3 cluster set-encap-ip "$SECOND" --node "$MOVED")"
expect_within 20 tunnel_address_is "$SECOND"
expect_within 20 tunnels_lead_to "$SECOND"
expect_within 20 workloads_talk node3 "$MOVED"
expect_within 20 workloads_talk node1 "$MOVED"
echo "packets answered, lost: $(ping_stop)"
expect_within 20 has_nothing_wrong
expect_match "$SECOND" "$(microovn node1 cluster show "$MOVED" --format json)"
expect_match "the tunnels of $MOVED end at $SECOND instead of $HOME_ADDRESS" \
	"$(microovn node1 events)"

case_name "and back, asked on the member itself"
ping_start node3 "$MOVED"
expect microovn "$MOVED" cluster set-encap-ip "$HOME_ADDRESS"
expect_within 20 tunnel_address_is "$HOME_ADDRESS"
expect_within 20 tunnels_lead_to "$HOME_ADDRESS"
expect_within 20 workloads_talk node1 "$MOVED"
echo "packets answered, lost: $(ping_stop)"
expect_within 20 has_nothing_wrong

last_case
