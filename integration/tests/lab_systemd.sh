#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same cluster on hosts with systemd as PID 1: units instead of the agent's
# own children, the journal, and what a reboot leaves.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-lab
readonly NODES=(node1 node2 node3)
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"
# shellcheck source=../lib/lab_ports.sh
. "$TREE/integration/lib/lab_ports.sh"

test_cleanup() { lab down; }

((EUID == 0)) || skip "needs root, for namespaces and mounts"
[[ $(awk '$3 == "cgroup2"' /proc/self/mounts) ]] || skip "no cgroup2 mount"
lab image || skip "no image can be built (apt)"
lab down
lab up "${#NODES[@]}"
"$TREE/tools/build"

# ---- cases ----

case_name "the agent's unit starts and the agent answers"
for node in "${NODES[@]}"; do
	expect install_on "$node"
	expect microovn "$node" waitready -t 20
done

case_name "systemd accepts every unit where its programs are"
expect on node1 sh -c 'systemd-analyze verify --man=no /etc/systemd/system/microovn.*.service'

case_name "three members, each with its daemons under units"
expect bootstrap_on node1
expect join_through node1 node2
expect join_through node1 node3
began=$SECONDS
expect_within 20 all_online node2 3
for node in "${NODES[@]}"; do
	for unit in daemon ovn-ovsdb-server-nb ovn-ovsdb-server-sb ovn-northd \
		chassis switch; do
		expect_within 20 on "$node" systemctl is-active "microovn.$unit.service"
		expect on "$node" systemctl is-enabled "microovn.$unit.service"
	done
done

case_name "all pairs ping"
for node in "${NODES[@]}"; do expect port_up "$node"; done
all_ping "${NODES[@]}"

# Of the unit that --print-units writes; systemd ends who does not beat so long.
readonly WATCHDOG=30

case_name "nothing was started again after three periods of the watchdog"
past_three_periods() { ((SECONDS - began > 3 * WATCHDOG + 5)); }
expect_within 120 past_three_periods
for node in "${NODES[@]}"; do
	expect_equal "${WATCHDOG}s" \
		"$(on "$node" systemctl show -P WatchdogUSec "$(agent_unit)")"
	expect_equal "" "$(restarts_of "$node")"
	expect_match 'member '"$node"'; .*leads; all services are in place' \
		"$(on "$node" systemctl show -P StatusText "$(agent_unit)")"
done

# The most that a stuck thread may take to be noticed, from the last beat on.
restarted_agent() { # NODE COUNT
	[[ $(unit_restarts "$1" "$(agent_unit)") == "$2" ]]
}
case_name "an agent whose log thread is stuck is started again"
expect freeze_thread node3 raft
expect_within 90 restarted_agent node3 1
expect_match "the log's thread has had no turn" \
	"$(lab journal node3 -q -u "$(agent_unit)")"
expect_within 30 all_online node1 3

case_name "an agent whose reconcile thread is stuck is started again"
expect freeze_thread node3 reconcile
expect_within 120 restarted_agent node3 2
expect_match 'the reconcile thread' "$(lab journal node3 -q -u "$(agent_unit)")"
expect_within 30 all_online node1 3

case_name "an agent that is stopped as a whole is started again"
on node3 systemctl kill --signal=STOP --kill-whom=main "$(agent_unit)"
expect_within 60 restarted_agent node3 3
expect_within 30 all_online node1 3
expect_equal "" "$(restarts_of node1)"
expect_equal "$(agent_unit) 3" "$(restarts_of node3)"
brought_about[node3]="$(agent_unit) 3"

case_name "ending the agent's unit stops no daemon"
controller() { on node2 systemctl show -P MainPID microovn.chassis.service; }
before=$(controller)
expect on node2 systemctl restart microovn.daemon.service
expect_equal "$before" "$(controller)"
expect pings node1 node2

case_name "a killed daemon is started again by systemd"
on node2 systemctl kill --signal=KILL --kill-whom=main microovn.chassis.service
restarted() { [[ $(controller) != "$before" && $(controller) != 0 ]]; }
expect_within 20 restarted
expect_within 20 pings node1 node2

case_name "the journal has the agent's and the daemons' words"
expect_match 'serves' "$(lab journal node2 -q -u microovn.daemon.service)"
expect test -n "$(lab journal node2 -q -u microovn.switch.service)"

case_name "a reboot of node2 brings it back"
before=$(pid_of_init node2)
on node2 systemctl reboot || true
expect_within 60 rebooted node2 "$before"
expect_within 30 all_online node1 3
expect_within 30 all_online node2 3
is_member() { # nb|sb NAME
	on node2 microovn.ovn-appctl -t "$LAB_ROOT/run/ovn/ovn${1}_db.ctl" \
		cluster/status "$2" | grep -q '^Status: cluster member$'
}
expect_within 30 is_member nb OVN_Northbound
expect_within 30 is_member sb OVN_Southbound
expect port_up node2
expect_within 30 pings node2 node3
expect_within 30 pings node1 node2

finish
