#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What breaks, and what goes on: agents that stop, machines that lose power,
# daemons that are killed.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

readonly CENTRALS=10.98.0.11,10.98.0.12,10.98.0.13
need_cluster

value_on() { # NODE
	microovn "$1" config get ovn.central-ips
}
has_value() { # NODE VALUE
	[[ $(value_on "$1") == "$2" ]]
}

# ---- an agent stops ----

case_name "with node1's agent stopped, node2 changes the cluster within 2 s"
ping_start node1 node2
quickstart stop node1
expect_faster 2 microovn node2 config set ovn.central-ips "$CENTRALS"
expect_faster 2 microovn node2 cluster add while-node1-is-off
expect_no_loss

case_name "status names the member that does not answer, within 3 s"
expect_faster 3 microovn node2 status
expect_match 'node1' "$(microovn node2 cluster list -f json |
	jq -r '.[] | select(.status != "ONLINE") | .name')"

case_name "node1 catches up when its agent is started"
quickstart start node1
expect_within 10 has_value node1 "$CENTRALS"
expect_within 10 all_online node1 3
expect microovn node1 config delete ovn.central-ips
expect_within 10 has_value node3 ""

case_name "stopping and starting each agent loses no packet"
for node in node1 node2 node3; do
	ping_start node1 node2
	quickstart stop "$node"
	quickstart start "$node"
	expect_no_loss
	expect_within 20 all_online node1 3
done

# ---- the lead is given away ----

leads() { [[ $(leader_of "$2") == "$1" ]]; }

case_name "the lead goes to whom it is given, whoever is asked, and the cluster goes on"
for node in node1 node2 node3; do
	expect_equal "$node leads" "$(microovn node2 cluster transfer-leader "$node")"
	for other in node1 node2 node3; do expect_within 5 leads "$node" "$other"; done
	expect microovn node3 config set ovn.central-ips "$CENTRALS"
	expect microovn node3 config delete ovn.central-ips
done
expect_match "^node[12] leads$" "$(microovn node3 cluster transfer-leader)"

case_name "the lead is not given to who is off, or is nobody, and stays where it is"
expect microovn node1 cluster transfer-leader node1
quickstart stop node3
expect_refused microovn node1 cluster transfer-leader node3
expect_match 'node3.*does not answer and cannot lead' "$error"
expect_refused microovn node1 cluster transfer-leader node9
expect_match 'no member.*node9' "$error"
expect leads node1 node2
quickstart start node3
expect_within 20 all_online node1 3

# ---- an agent is killed ----

case_name "a killed agent is back by itself, nothing acknowledged is lost, no packet is"
answers() { microovn "$1" waitready -t 1; }
for node in node1 node2 node3; do
	ping_start node1 node2
	expect microovn "$node" config set ovn.central-ips "$CENTRALS"
	quickstart kill "$node"
	expect_within 10 answers "$node"
	expect_within 10 has_value "$node" "$CENTRALS"
	expect microovn "$node" config delete ovn.central-ips
	expect_no_loss
done

case_name "daemons keep their processes when the agent is killed"
daemons=(ovn/ovnnb_db.pid ovn/ovnsb_db.pid ovn/ovn-northd.pid
	ovn/ovn-controller.pid switch/ovsdb-server.pid switch/ovs-vswitchd.pid)
identities() { # NODE
	local daemon
	for daemon in "${daemons[@]}"; do daemon_identity "$1" "$daemon"; done
}
before=$(identities node2)
quickstart kill node2
expect_within 10 answers node2
expect_within 20 all_online node1 3
expect_equal "$before" "$(identities node2)"

# ---- daemons are killed ----

case_name "each killed daemon is back by itself"
for daemon in "${daemons[@]}"; do
	identity=$(daemon_identity node2 "$daemon")
	kill_daemon node2 "$daemon"
	expect_within 20 daemon_differs node2 "$daemon" "$identity"
done
expect_within 30 quickstart ping node1 node2
expect_within 30 quickstart ping node2 node3
is_member() { # NODE nb|sb
	database_status "$1" "$2" | grep -q '^Status: cluster member$'
}
expect_within 30 is_member node2 nb
expect_within 30 is_member node2 sb

# ---- a machine loses power ----

case_name "with node1 without power, a port made on node2 works on node3 within 20 s"
quickstart kill node1 --power
start=$SECONDS
make_port() {
	microovn_port=late
	on node2 microovn.ovn-nbctl --timeout=5 --may-exist lsp-add quickstart \
		"$microovn_port" -- lsp-set-addresses "$microovn_port" \
		"02:98:02:00:00:63 10.98.2.99"
}
plug_port() {
	on node3 microovn.ovs-vsctl --timeout=5 --may-exist add-port br-int late \
		-- set interface late type=internal external_ids:iface-id=late
}
expect_within 20 make_port
expect_within 20 plug_port
expect on node3 ip link set late address 02:98:02:00:00:63 up
expect on node3 ip addr add 10.98.2.99/32 dev late
late_answers() { in_port node3 ping -c 1 -W 1 10.98.2.99; }
route_late() { on node3 ip route add 10.98.2.13/32 dev late; }
expect route_late
expect_within 20 late_answers
((SECONDS - start <= 20)) || fail "took $((SECONDS - start)) s, limit 20"

case_name "status answers within 3 s and says who is unreachable"
expect_faster 3 microovn node2 status
expect_match 'node1' "$(microovn node2 cluster list -f json |
	jq -r '.[] | select(.status == "UNREACHABLE") | .name')"
expect_faster 3 microovn node3 cluster list
expect_faster 3 microovn node2 cluster log
expect_match '^node1 .* unreachable$' "$(microovn node2 cluster log)"

case_name "node2 still takes changes"
expect_faster 5 microovn node2 cluster add while-node1-is-dark

case_name "with its power back, node1 is a member again and its port pings"
quickstart start node1 --power
expect_within 30 all_online node2 3
expect_within 30 is_member node1 nb
expect_within 30 is_member node1 sb
expect_within 40 quickstart ping node2 node1
expect_within 40 quickstart ping node1 node3

nbctl node2 --if-exists lsp-del late || true
vsctl node3 --if-exists del-port br-int late || true
finish
