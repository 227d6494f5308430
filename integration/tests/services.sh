#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# enable and disable, seen from the commands and from the daemons: C6, C7.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

servers_of() { # NODE nb|sb -> how many servers the database has
	database_status "$1" "$2" | grep -cE '^ +[0-9a-f]{4} .* at ssl:' || true
}
has_servers() { # NODE nb|sb COUNT
	[[ $(servers_of "$1" "$2") == "$3" ]]
}
services_of() { # NODE
	microovn node1 status | grep -A1 "^- $1 " | sed -n 's/.*Services: //p'
}

case_name "C7: going from three to two centrals warns on stderr"
warnings=$(microovn node3 disable central -v 2>&1 >/dev/null)
expect_match '\[central\] Warning: OVN Cluster with even number of members has same fault tolerance, but higher quorum requirements, than cluster with one less member\.' "$warnings"
expect_match "\[central\] Warning: OVN Cluster with less than 3 nodes can't tolerate any node failures\." "$warnings"

case_name "the disabled central leaves both databases and stops its daemons"
for database in nb sb; do
	expect_within 30 has_servers node1 "$database" 2
done
expect_equal "chassis, switch" "$(services_of node3)"
for daemon in ovnnb_db ovnsb_db ovn-northd; do
	no_daemon() { on node3 true && ! daemon_identity node3 "ovn/$daemon.pid"; }
	expect_within 20 no_daemon
done

case_name "the others' connection lists shrink with it"
shrunk() {
	local env
	env=$(on node1 cat "$ROOT/data/env/ovn.env") &&
		[[ $env == *NB_CONNECT* && $env != *"$(address_of node3):6641"* ]]
}
expect_within 20 shrunk
no_remote() {
	local remote
	remote=$(vsctl node2 get Open_vSwitch . external_ids:ovn-remote) &&
		[[ $remote == *ssl:* && $remote != *"$(address_of node3)"* ]]
}
expect_within 20 no_remote

case_name "enabled again, it joins both databases"
expect_equal "Service central enabled" \
	"$(microovn node3 enable central 2>/dev/null)"
for database in nb sb; do
	expect_within 30 has_servers node1 "$database" 3
done
expect_equal "central, chassis, switch" "$(services_of node3)"

case_name "enable and disable of another member through --node"
expect_equal "Service switch disabled" "$(microovn node1 disable switch --node node3 2>&1)"
expect_equal "central, chassis" "$(services_of node3)"
expect_equal "Service switch enabled" "$(microovn node1 enable switch --node node3 2>&1)"
expect_within 30 quickstart ping node3 node1

case_name "a central made again after the last was disabled is taken by every chassis"
connected() { # NODE
	[[ $(on "$1" microovn.ovn-appctl -t ovn-controller connection-status) == connected ]]
}
forgotten() { # NODE -> how often its ovn-controller was told to forget
	on "$1" grep -c "Resetting southbound database cluster state" \
		"$ROOT/logs/ovn-controller.log" || true
}
# The network of a northbound database that begins again.
define_ports() {
	local node octet
	nbctl node1 --may-exist ls-add quickstart || return
	for node in node1 node2 node3; do
		octet=$((10 + ${node#node}))
		nbctl node1 --may-exist lsp-add quickstart "$node" -- \
			lsp-set-addresses "$node" \
			"$(printf '02:98:02:00:00:%02x' "$octet") 10.98.2.$octet" || return
	done
}
raise_index() { # so that what comes after is far behind what clients have seen
	local i
	for i in {1..60}; do
		sbctl node1 set SB_Global . external_ids:itest="$i" || return
	done
}
has_all_chassis() {
	[[ $(sbctl node1 --bare --columns=name list Chassis | grep -c .) == 3 ]]
}
before=()
for node in node1 node2 node3; do
	expect_within 30 connected "$node"
	on "$node" microovn.ovn-appctl -t ovn-controller vlog/set file:info
	before+=("$(forgotten "$node")")
done
raise_index
microovn node2 disable central >/dev/null 2>&1
microovn node3 disable central >/dev/null 2>&1
microovn node1 disable central --allow-disable-last-central >/dev/null 2>&1
cut_off() { ! connected node2; }
expect_within 30 cut_off
microovn node1 enable central >/dev/null 2>&1
for node in node1 node2 node3; do
	expect_within 30 connected "$node"
done
expect_within 30 has_all_chassis
after=()
for node in node1 node2 node3; do
	after+=("$(forgotten "$node")")
done
for i in 0 1 2; do
	expect_equal "$((before[i] + 1))" "${after[i]}"
done
define_ports
expect_within 30 quickstart ping node2 node3

case_name "so is a database that was put back from a copy"
database=$ROOT/data/central/db/ovnsb_db.db
on node1 cp "$database" "$database.copy"
raise_index
on node1 rm "$database"
expect_within 60 cut_off
on node1 mv "$database.copy" "$database"
for node in node1 node2 node3; do
	expect_within 120 connected "$node"
done
expect_within 30 has_all_chassis

case_name "what only comes and goes is no reason to forget"
for i in 0 1 2; do
	before[i]=$(forgotten "node$((i + 1))")
done
microovn node2 enable central >/dev/null 2>&1
microovn node3 enable central >/dev/null 2>&1
for database in nb sb; do
	expect_within 60 has_servers node1 "$database" 3
done
for i in 0 1 2; do
	expect_within 30 connected "node$((i + 1))"
	expect_equal "${before[i]}" "$(forgotten "node$((i + 1))")"
done

finish
