#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The snap on a real snapd, three nodes: the way in, settings, logs, refresh,
# a refresh that fails, back, off and on, and the way out.  Nodes are Debian 13
# with no OVN of their own (integration/lab/snapd.sh says what they can show).
# MICROOVN_KEEP=1 leaves them.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"
# shellcheck source=../lib/netns.sh
. "$TREE/integration/lib/netns.sh"

[[ -n ${MICROOVN_LONG:-} ]] || skip "takes minutes and a suite of Debian 13"
export LAB_ID=${QUICKSTART_ID:-itest}-snap
# shellcheck source=../lib/lab_snaps.sh
. "$TREE/integration/lib/lab_snaps.sh"
why=$(snapd_impossible)
[[ -z $why ]] || skip "$why"
(cd "$TREE" && tools/build && tools/snap/build) >/dev/null
lab image >/dev/null 2>&1 || skip "no image of Debian 13 can be made here"

scratch=$(mktemp -d)
test_cleanup() {
	rm -rf "$scratch"
	[[ -n ${MICROOVN_KEEP:-} ]] || lab down >/dev/null 2>&1 || true
}
readonly SNAP_FILE=$TREE/microovn.snap
nodes=(node1 node2 node3)

# A refresh to a tree that differs in one file.
variant() { # NAME FILE TEXT
	local tree=$scratch/$1
	cp -a "$TREE/build/snap/bookworm/tree" "$tree"
	printf '%s\n' "$3" >"$tree/$2"
	squash "$tree" "$scratch/$1.snap"
	rm -rf "$tree"
}

lab down >/dev/null 2>&1 || true
lab up 3
declare -A before=()
for node in "${nodes[@]}"; do before[$node]=$(snap_traces "$node"); done

case_name "F100: snapd installs the snap"
expect prepare_snapd "${nodes[@]}"
for node in "${nodes[@]}"; do
	expect install_snap "$node" "$SNAP_FILE"
	expect connect_plugs "$node"
done

case_name "S80 to S86: its services, all but the agent and the timer off"
for node in "${nodes[@]}"; do
	expect_equal "$SERVICES_OF_NOBODY" "$(services_of "$node")" "$node"
done
calendar=$(on node1 systemctl show -P TimersCalendar \
	snap.microovn.refresh-expiring-certs.timer)
expect_match 'OnCalendar=\*-\*-\* 02:([012][0-9]|30)' "$calendar"

case_name "C30: before bootstrap status fails and the switch can be started"
expect_refused microovn node1 status
expect on node1 snap start microovn.switch
switch_answers() { on node1 microovn.ovs-vsctl show; }
expect_within 20 switch_answers
expect on node1 snap stop microovn.switch microovn.ovs-ovsdb-server

case_name "F106: configure takes true, false and nothing"
out=$(on node1 snap set microovn security-logging=invalid 2>&1) &&
	fail "was accepted"
expect_match 'must be "true" or "false", got "invalid"' \
	"$(tr -s '\n ' ' ' <<<"$out")"
expect on node1 snap set microovn security-logging=false
expect_equal false "$(on node1 snap get microovn security-logging)"
expect on node1 snap unset microovn security-logging

case_name "bootstrap and two joins"
expect bootstrap_on node1
for node in node2 node3; do expect join_through node1 "$node"; done
expect_whole_cluster "${nodes[@]}"

case_name "S83 to S86: each service is its daemon, enabled and active"
expect_whole_cluster "${nodes[@]}"
for row in chassis:ovn-controller daemon:microovnd ovn-northd:ovn-northd \
	ovn-ovsdb-server-nb:ovsdb-server ovn-ovsdb-server-sb:ovsdb-server \
	switch:ovs-vswitchd; do
	expect_equal "${row#*:}" "$(process_of node2 "${row%:*}")" "$row"
done
# Under snapd's filter, with nothing that it refused.
pid=$(on node2 systemctl show -P MainPID snap.microovn.daemon.service)
expect_match '^Seccomp:.2$' "$(on node2 grep Seccomp: "/proc/$pid/status")"
expect_no_match 'Operation not permitted|cannot drive' \
	"$(on node2 journalctl -q -u snap.microovn.daemon)"

case_name "S52: logs"
expect_match ovn-controller\|northd\|chassis \
	"$(on node1 snap logs microovn.chassis 2>&1)"
expect test -n "$(on node1 journalctl -q -u snap.microovn.chassis)"
expect_match 'security=true.*event=sys_startup' \
	"$(on node1 journalctl -q -u snap.microovn.daemon)"
# What follows does not end by itself.
follows() { # NODE CMD...
	local out
	out=$(on "$1" timeout 5 "${@:2}" 2>&1 || true)
	[[ -n $out ]]
}
expect follows node1 snap logs -f microovn.chassis
expect follows node1 journalctl -q -f -u snap.microovn.daemon
expect_whole_cluster "${nodes[@]}"

case_name "set, get and unset on a member"
for node in "${nodes[@]}"; do
	expect on "$node" snap set microovn security-logging=true
	expect_equal true "$(on "$node" snap get microovn security-logging)"
	expect on "$node" snap unset microovn security-logging
done
expect_whole_cluster "${nodes[@]}"

case_name "S94: a plug that is disconnected and connected again"
on node3 snap disconnect microovn:system-trace
expect_match '^system-trace +microovn:system-trace +- +-$' \
	"$(on node3 snap connections microovn)"
expect connect_plugs node3
expect_match '^system-trace +microovn:system-trace +:system-trace +manual$' \
	"$(on node3 snap connections microovn)"
expect_whole_cluster "${nodes[@]}"

case_name "a daemon that is killed comes back, and the agent's stop stops none"
before_pid=$(on node2 systemctl show -P MainPID snap.microovn.chassis.service)
on node2 kill -9 "$before_pid"
back() { [[ $(process_of node2 chassis) == ovn-controller ]]; }
expect_within 30 back
switch_pid=$(on node2 systemctl show -P MainPID snap.microovn.switch.service)
expect on node2 snap restart microovn.daemon
expect_equal "$switch_pid" \
	"$(on node2 systemctl show -P MainPID snap.microovn.switch.service)"

case_name "a service that is stopped and disabled by hand comes back"
expect on node3 snap stop --disable microovn.chassis
expect_within 60 serves_all node3

case_name "S82: microovn.central starts and enables the three"
expect microovn node3 disable central
gone() { [[ $(services_of node3) == *"ovn-northd disabled inactive"* ]]; }
expect_within 60 gone
expect microovn node3 enable central
expect_within 60 serves_all node3
expect on node3 snap start microovn.central
expect_within 60 serves_all node3

case_name "S86: the timer's service runs"
expect on node1 systemctl start snap.microovn.refresh-expiring-certs.service

# snapd puts each source below the target, by its last name.
case_name "F104: a second snap reads certificates, environment and sockets"
mkdir -p "$scratch/reader/meta" "$scratch/reader/bin" \
	"$scratch/reader"/{certificates,env,chassis}
cat >"$scratch/reader/meta/snap.yaml" <<'YAML'
name: ovn-reader
version: "1"
summary: reads as LXD does
description: a test
base: core24
apps: {look: {command: bin/look, plugs: [ovn-certificates, ovn-env, ovn-chassis]}}
plugs:
  ovn-certificates: {interface: content, content: ovn-certificates, target: $SNAP/certificates}
  ovn-env: {interface: content, content: ovn-env, target: $SNAP/env}
  ovn-chassis: {interface: content, content: ovn-chassis, target: $SNAP/chassis}
YAML
cat >"$scratch/reader/bin/look" <<'LOOK'
#!/bin/bash
find "$SNAP/certificates" "$SNAP/env" "$SNAP/chassis" 2>&1
cat "$SNAP/env/env/ovn.env" "$SNAP/certificates/pki/client-cert.pem"
LOOK
chmod 755 "$scratch/reader/bin/look"
squash "$scratch/reader" "$scratch/reader.snap"
expect install_snap node1 "$scratch/reader.snap"
for plug in ovn-certificates ovn-env ovn-chassis; do
	expect on node1 snap connect "ovn-reader:$plug" "microovn:$plug"
done
seen=$(on node1 ovn-reader.look 2>&1) || true
for what in 'certificates/pki/cacert.pem' 'certificates/pki/client-cert.pem' \
	'certificates/pki/client-privkey.pem' 'env/env/ovn.env' \
	'chassis/switch/db.sock' 'chassis/ovn/ovnsb_db.sock' \
	'OVN_SB_CONNECT="ssl:' 'BEGIN CERTIFICATE'; do
	expect_match "$what" "$seen"
done

case_name "a refresh keeps members, services and rows"
was=$(revision_of node3)
variant changed usr/share/doc/microovn/CHANGELOG.md "another revision"
expect install_snap node3 "$scratch/changed.snap"
expect_no_match "^$was\$" "$(revision_of node3)"
expect_whole_cluster "${nodes[@]}"
expect_equal "-" "$(on node3 snap list microovn | awk 'NR == 2 { print $NF }')" \
	"health"

has_slot() { # NODE, as another one sees it; "" for nobody
	[[ $(microovn node1 config get cluster.upgrade-slot) == "$1" ]]
}
case_name "a refresh whose hook fails is rolled back, and nobody follows unseen"
was=$(revision_of node3)
variant broken meta/hooks/post-refresh $'#!/bin/bash\necho broken >&2\nexit 1'
out=$(install_snap node3 "$scratch/broken.snap" 2>&1) && fail "was installed"
expect_match broken "$out"
expect_equal "$was" "$(revision_of node3)"
expect_whole_cluster "${nodes[@]}"
expect has_slot node3
out=$(install_snap node2 "$scratch/changed.snap" 2>&1) && fail "was refreshed"
expect_match 'node3 has the upgrade slot' "$(tr -s '\n ' ' ' <<<"$out")"
expect microovn node3 upgrade end

case_name "revert, with the slot that snapd does not ask for"
expect microovn node3 upgrade begin
expect on node3 snap revert microovn
expect_no_match "^$was\$" "$(revision_of node3)"
expect_whole_cluster "${nodes[@]}"
expect has_slot node3
expect microovn node3 upgrade end
expect has_slot ""

case_name "C29: snap disable and enable"
expect on node2 snap disable microovn
for node in node1 node3; do
	expect_within 60 all_online "$node" 2
	expect_within 60 databases_work "$node"
	expect serves_all "$node"
done
expect_no_match '^(ov[ns]|microovn)' "$(on node2 ps -eo comm)"
expect on node2 snap enable microovn
expect_whole_cluster "${nodes[@]}"
expect on node2 microovn.ovs-vsctl show
expect on node2 microovn.ovn-nbctl --wait=sb lr-add lr-c29

case_name "a reboot brings it back"
before_pid=$(pid_of_init node2)
on node2 systemctl reboot || true
up() { [[ $(pid_of_init node2) != "$before_pid" ]] && serves_all node2; }
expect_within 120 up
expect_whole_cluster "${nodes[@]}"

case_name "F141: remove --purge leaves nothing"
expect on node3 snap remove --purge microovn
expect_whole_cluster node1 node2
expect_equal "${before[node3]}" "$(snap_traces node3)"
expect_no_match microovn "$(on node3 snap saved 2>&1)"

case_name "installed again it joins; remove leaves the cluster, and nothing on the host"
expect install_snap node3 "$SNAP_FILE"
expect connect_plugs node3
expect join_through node2 node3
expect_whole_cluster "${nodes[@]}"
expect on node3 snap remove microovn
expect_whole_cluster node1 node2
expect_equal "${before[node3]}" "$(snap_traces node3)"

# Its hook asks in vain, and meanwhile its agent starts what a member runs.
case_name "one that reaches nobody is taken off, and nothing of it runs on"
lab partition node2
expect on node2 snap remove --purge microovn
lab heal node2
expect_equal "${before[node2]}" "$(snap_traces node2)"

case_name "one whose cluster is gone is taken off, too"
expect on node1 snap remove --purge microovn
expect_equal "${before[node1]}" "$(snap_traces node1)"

finish
