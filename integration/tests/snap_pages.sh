#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pages on a real snapd: who has installed the snap as its page says types
# the tutorials and the pages about services, logs, removals and certificates as
# they are printed.
# MICROOVN_KEEP=1 leaves the nodes.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-page
readonly NODES=(node1 node2 node3)
# shellcheck source=../lib/lab_snaps.sh
. "$TREE/integration/lib/lab_snaps.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

test_cleanup() {
	[[ -n ${MICROOVN_KEEP:-} ]] || lab down >/dev/null 2>&1 || true
}

why=$(snapd_impossible)
[[ -z $why ]] || skip "$why"
(cd "$TREE" && tools/build && tools/snap/build) >/dev/null
lab image >/dev/null 2>&1 || skip "no image of Debian 13 can be made here"
lab down >/dev/null 2>&1 || true
lab up "${#NODES[@]}"

readonly PAGE=docs/how-to/install-the-snap.md
# Pages about the lives of machines say machine1; of each one the page says the
# same.
machine=
page_shell() { # PLACE COMMAND
	local node=$1
	[[ $node != machine* ]] || node=${machine:-node${node#machine}}
	printf '%q exec %q bash -c %q' "$TREE/integration/lab/lab" "$node" "cd; $2"
}
# The machines of the tutorials are there, and the snap has no microovnd on the
# path.
page_skips='^host#|# microovnd '

# As far as the page says it for one machine.
install_by_page() { # NODE
	machine=$1
	run_page "$PAGE" loose "Put it on each machine"
	machine=
	expect microovn "$1" waitready -t 30
}

case_name "S92 to S94: the snap is put on three machines as its page says"
expect prepare_snapd "${NODES[@]}"
declare -A before=()
for node in "${NODES[@]}"; do
	before[$node]=$(snap_traces "$node")
	lab push "$node" "$TREE/microovn.snap" /root/microovn.snap
	install_by_page "$node"
	expect serves_none "$node"
done

case_name "S60 to S62: the tutorial of one machine works and prints what it says"
run_page docs/tutorial/single-node.md strict
expect_whole_cluster node1

case_name "taken off and put on again it is a machine that nobody has set up"
expect on node1 snap remove --purge microovn
expect_equal "${before[node1]}" "$(snap_traces node1)"
install_by_page node1
expect serves_none node1

case_name "S70 to S76: the tutorial of three machines works and prints what it says"
run_page docs/tutorial/three-nodes.md strict
expect_whole_cluster "${NODES[@]}"

case_name "S80 to S86, S52: what the snap's page says of services, logs and settings"
for section in Services Settings; do run_page "$PAGE" loose "$section"; done
expect_whole_cluster "${NODES[@]}"

case_name "S51 to S55: the page about logs"
run_page docs/how-to/read-logs.md loose
for node in "${NODES[@]}"; do
	expect_match '^ovn-controller.log$' "$(on "$node" ls /var/snap/microovn/common/logs)"
done

case_name "S44 to S50: a member is removed as the page says, and comes back"
run_page docs/how-to/remove-a-member.md loose "A member that answers"
expect_whole_cluster "${NODES[@]}"
kept=$(on node3 sh -c 'ls -d /var/snap/microovn/common/backup_*')
expect test -n "$kept"

case_name "S46: what is removed has no services, after a reboot, too"
expect microovn node1 cluster remove node3
expect_within 60 serves_none node3
before_pid=$(pid_of_init node3)
on node3 systemctl reboot || true
expect_within 60 rebooted node3 "$before_pid"
expect_within 30 serves_none node3
expect join_through node2 node3
expect_whole_cluster "${NODES[@]}"

case_name "the page about services"
run_page docs/how-to/move-services.md loose
expect microovn node1 enable central --node node3
expect_whole_cluster "${NODES[@]}"

case_name "S10 to S29: the page about certificates"
run_page docs/how-to/tls.md loose
expect on node1 systemctl start snap.microovn.refresh-expiring-certs
expect_whole_cluster "${NODES[@]}"

case_name "newer, back, and off, as the snap's page says"
for section in "Newer, and back" "Take it off"; do run_page "$PAGE" loose "$section"; done
expect_whole_cluster node1 node2
expect_equal "${before[node3]}" "$(snap_traces node3)"

finish
