#!/usr/bin/env bash
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

finish
