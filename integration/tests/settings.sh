#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Settings that OVN's daemons obey, on all members: set, and deleted again.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
readonly MEMBERS=(node1 node2 node3)

everywhere() { # CMD... NODE, for each member
	local node
	for node in "${MEMBERS[@]}"; do "$@" "$node" || return; done
}

case_name "ovn.encapsulation: the chassis have tunnels of the protocol that is set"
encapsulations() { # WANTED, as lines that are sorted
	[[ $(sbctl node1 --bare --columns=type list Encap | grep . | sort) == "$1" ]]
}
thrice() { printf '%s\n' "$1" "$1" "$1"; }
tunnels_are() { # PROTOCOL NODE
	local types
	types=$(vsctl "$2" --bare --columns=type find Interface options:remote_ip!='""') &&
		[[ $(sort -u <<<"$types" | grep .) == "$1" ]]
}
expect_within 10 encapsulations "$(thrice geneve)"
expect_match '^Warning: .* 4095 ' \
	"$(microovn node2 config set ovn.encapsulation vxlan --dry-run)"
expect encapsulations "$(thrice geneve)"
expect microovn node2 config set ovn.encapsulation vxlan
expect_within 10 encapsulations "$(thrice vxlan)"
expect_within 10 everywhere tunnels_are vxlan
expect_within 20 quickstart ping node1 node3
expect_within 10 has_no_finding node3 '.*'
expect microovn node3 config set ovn.encapsulation geneve,vxlan
expect_within 10 encapsulations "$(sort <<<"$(thrice geneve)"$'\n'"$(thrice vxlan)")"
expect_within 10 everywhere tunnels_are geneve
expect_within 10 has_no_finding node3 '.*'
expect_refused microovn node1 config set ovn.encapsulation stt

case_name "ovn.encapsulation: a chassis that is told otherwise by hand is a finding"
expect vsctl node2 set Open_vSwitch . external_ids:ovn-encap-type-node2=vxlan
expect_within 30 has_finding node1 SETTINGS_DIFFER node2
expect vsctl node2 remove Open_vSwitch . external_ids ovn-encap-type-node2
expect_within 15 has_no_finding node1 '.*'

case_name "ovn.encapsulation: deleted, it is Geneve again"
expect microovn node1 config delete ovn.encapsulation
expect_within 10 encapsulations "$(thrice geneve)"
expect_within 20 quickstart ping node3 node1
expect_within 10 has_no_finding node3 '.*'

case_name "ovn.election-timer: both databases have it on all members, and the default again"
timer_is() { # MILLISECONDS NODE
	local database status
	for database in nb sb; do
		status=$(database_status "$2" "$database") &&
			grep -qx "Election timer: $1" <<<"$status" || return
	done
}
expect everywhere timer_is 1000
expect microovn node3 config set ovn.election-timer 5000
expect_within 20 everywhere timer_is 5000
expect has_no_finding node2 '.*'
expect_refused microovn node1 config set ovn.election-timer 500
expect microovn node2 config delete ovn.election-timer
expect_within 10 everywhere timer_is 1000

case_name "ovn.log-level: every daemon has it, one that is started again, too"
levels_are() { # LEVEL NODE
	local control levels
	for control in switch/ovs-vswitchd switch/ovsdb-server ovn/ovn-controller \
		ovn/ovn-northd ovn/ovnnb_db ovn/ovnsb_db; do
		levels=$(daemon_levels "$2" "$control") && [[ $levels == "$1" ]] || return
	done
}
daemon_levels() { # NODE DAEMON -> the levels of its console, each once
	local socket=$ROOT/run/$2
	[[ $2 == */*_db ]] || socket+=.$(daemon_pid "$1" "$2.pid") || return
	on "$1" microovn.ovs-appctl -t "$socket.ctl" vlog/list |
		awk 'NR > 2 { print $2 }' | sort -u
}
expect everywhere levels_are INFO
expect microovn node1 config set ovn.log-level warn
expect_within 10 everywhere levels_are WARN
kill_daemon node2 ovn/ovn-controller.pid
expect_within 20 levels_are WARN node2
expect_refused microovn node1 config set ovn.log-level debug
expect microovn node3 config delete ovn.log-level
expect_within 10 everywhere levels_are INFO
expect_within 20 has_no_finding node1 '.*'

case_name "ovn.probe-interval: whoever asks or is asked has it, and then what was there before"
listener_probe() { # nb|sb PORT
	"$1ctl" node1 get Connection "pssl:$2:[::]" inactivity_probe
}
northd_probe() {
	nbctl node2 --if-exists get NB_Global . options:northd_probe_interval
}
probes_are() { # LISTENERS NORTHD, as the tools print them
	[[ $(listener_probe nb 6641) == "$1" && $(listener_probe sb 6642) == "$1" &&
		$(northd_probe) == "$2" ]]
}
chassis_has() { # KEY VALUE NODE
	[[ $(vsctl "$3" --if-exists get Open_vSwitch . "external_ids:$1") == "$2" ]]
}
chassis_probes_are() { # MILLISECONDS SECONDS NODE
	chassis_has ovn-remote-probe-interval "$1" "$3" &&
		chassis_has ovn-openflow-probe-interval "$2" "$3"
}
expect probes_are "[]" ""
expect everywhere chassis_probes_are "" ""
expect_refused microovn node1 config set ovn.probe-interval 500
expect_match '^Warning: .* TCP' \
	"$(microovn node2 config set ovn.probe-interval 0 --dry-run)"
expect_match '^Warning: nobody notices' \
	"$(microovn node2 config set ovn.probe-interval 0 2>&1 >/dev/null)"
expect microovn node2 config set ovn.probe-interval 60000
expect_within 20 probes_are 60000 '"60000"'
expect_within 20 everywhere chassis_probes_are '"60000"' '"60"'
expect_within 20 quickstart ping node1 node3
expect has_no_finding node3 '.*'
# While it is set a change by hand does not last.
expect nbctl node1 set NB_Global . options:northd_probe_interval=7000
expect vsctl node2 set Open_vSwitch . external_ids:ovn-remote-probe-interval=7000
expect_within 60 probes_are 60000 '"60000"'
expect_within 60 everywhere chassis_probes_are '"60000"' '"60"'
expect microovn node1 config delete ovn.probe-interval
expect_within 20 probes_are "[]" ""
expect_within 20 everywhere chassis_probes_are "" ""
expect everywhere chassis_has microovn-probe-interval ""

case_name "ovn.probe-interval: what is set by hand stays where it is not set"
expect sbctl node1 set Connection "pssl:6642:[::]" inactivity_probe=30000
expect vsctl node2 set Open_vSwitch . external_ids:ovn-remote-probe-interval=30000
# Another setting has all of them look.
expect microovn node3 config set ovn.encapsulation geneve,vxlan
expect_within 20 chassis_has ovn-encap-type '"geneve,vxlan"' node2
expect chassis_has ovn-remote-probe-interval '"30000"' node2
expect_equal 30000 "$(listener_probe sb 6642)"
expect microovn node3 config delete ovn.encapsulation
expect sbctl node1 clear Connection "pssl:6642:[::]" inactivity_probe
expect vsctl node2 remove Open_vSwitch . external_ids ovn-remote-probe-interval
expect_within 20 has_no_finding node1 '.*'

finish
