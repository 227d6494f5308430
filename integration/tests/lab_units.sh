#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Units are started as --print-units prints them and the node is used, for each
# prefix and root; and what a bootstrap that fails leaves.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-units
# shellcheck source=../lib/lab_members.sh
. "$TREE/integration/lib/lab_members.sh"

listener=
test_cleanup() {
	[[ -z $listener ]] || kill "$listener" 2>/dev/null || true
	lab down
}

[[ $(awk '$3 == "cgroup2"' /proc/self/mounts) ]] || skip "no cgroup2 mount"
lab image || skip "no image can be built (apt)"
lab down
lab up 4
"$TREE/tools/build"

healthy() { microovn "$1" status --exit-code; } # NODE
files_below() { # NODE DIRECTORY; regular ones
	on "$1" find "$2" -type f -size +0
}
database_address() { # NODE -> of its server of the northbound database
	on "$1" env "SNAP_COMMON=$LAB_ROOT" microovn.ovn-appctl \
		-t "$LAB_ROOT/run/ovn/ovnnb_db.ctl" cluster/status OVN_Northbound |
		sed -n 's/^Address: //p'
}
# RESTARTED: the one unit that the test has kept from starting.
uses_it() { # NODE [RESTARTED]
	expect_within 60 healthy "$1"
	for service in daemon ovn-ovsdb-server-nb ovn-ovsdb-server-sb ovn-northd \
		chassis switch ovs-ovsdb-server; do
		expect on "$1" systemctl is-active --quiet "$UNIT_PREFIX$service"
	done
	expect on "$1" env "SNAP_COMMON=$LAB_ROOT" microovn.ovn-nbctl \
		--timeout=20 ls-add used
	expect_equal "" "$(restarts_of "$1" | grep -v "^${2:-none} " || true)"
	# The agent stopped and started finds its own again.
	expect on "$1" systemctl restart "$(agent_unit)"
	expect_within 30 healthy "$1"
	expect_equal used "$(on "$1" env "SNAP_COMMON=$LAB_ROOT" \
		microovn.ovn-nbctl --timeout=20 --bare --columns=name list \
		Logical_Switch)"
}

# ---- the agent's defaults; a daemon that cannot start ----

case_name "a bootstrap whose services do not run is no success, and goes on"
expect install_on node1
expect microovn node1 waitready -t 20
expect on node1 chmod 644 /usr/bin/ovn-northd
rc=0
said=$(bootstrap_on node1 2>&1) || rc=$?
expect_equal 13 "$rc" "the exit code of: $said"
expect_match 'northd' "$said"
brought_about[node1]='microovn\.ovn-northd\.service [0-9]+'
expect_match 'microovn status' "$said"
expect on node1 chmod 755 /usr/bin/ovn-northd
expect_within 90 healthy node1

case_name "units of the defaults"
uses_it node1 microovn.ovn-northd.service
expect on node1 microovn status
expect on node1 microovn.ovn-nbctl --timeout=20 show

# ---- MicroOVN's names ----

UNIT_PREFIX=snap.microovn.
LAB_ROOT=/var/snap/microovn/common

case_name "units with MicroOVN's names and root"
expect install_on node2
expect microovn node2 waitready -t 20
expect bootstrap_on node2
uses_it node2
# This root is found without being named.
expect on node2 microovn status
expect on node2 microovn.ovn-nbctl --timeout=20 show

# ---- a root and a prefix of one's own; a bootstrap that fails ----

UNIT_PREFIX=east-1.ovn.
LAB_ROOT=/srv/east-1

case_name "a bootstrap that cannot listen leaves nothing"
expect install_on node3
expect microovn node3 waitready -t 20
ip netns exec "movn-$LAB_ID-node3" openssl s_server -quiet -nocert \
	-accept "$(management node3):6686" </dev/null >/dev/null 2>&1 &
listener=$!
listens() { ip netns exec "movn-$LAB_ID-node3" ss -Hltn 'sport = :6686' | grep -q .; }
expect_within 10 listens
expect_refused bootstrap_on node3
expect_match 'cannot listen|in use' "$error"
expect_equal "" "$(on node3 pgrep -l '^(ovs|ovn)' || true)"
expect_equal "" "$(files_below node3 "$LAB_ROOT/data")"
expect_equal "" "$(on node3 find "$LAB_ROOT/state" -name 'identity*')"
kill "$listener"
wait "$listener" 2>/dev/null || true
listener=

case_name "a link-local address is refused before anything is made"
for address in fe80::1 169.254.3.3; do
	expect_refused microovn node3 cluster bootstrap --address "$address"
	expect_match 'link-local' "$error"
done
expect_equal "" "$(files_below node3 "$LAB_ROOT/data")"

case_name "a bootstrap adopts nothing that lay there"
# shellcheck disable=SC2016
expect on node3 sh -c 'echo "of another cluster" >"$1/data/central/db/ovnnb_db.db"' \
	- "$LAB_ROOT"
expect microovn node3 cluster bootstrap --address "$(underlay node3)" \
	--encap-ip "$(management node3)"
expect_equal "ssl:$(underlay node3):6643" "$(database_address node3)"
# shellcheck disable=SC2016
expect_equal "of another cluster" "$(on node3 sh -c \
	'cat "$1"/backup_*/data/central/db/ovnnb_db.db' - "$LAB_ROOT")"

case_name "units with a root and a prefix of one's own"
uses_it node3
expect on node3 microovn --state-dir "$LAB_ROOT/state" status

# ---- a root that wants quoting ----

UNIT_PREFIX=microovn.
LAB_ROOT='/srv/o\n 100% "east"'

case_name "units with a root of blanks, quotes, percents and backslashes"
expect install_on node4
expect microovn node4 waitready -t 20
expect bootstrap_on node4
uses_it node4
expect on node4 microovn --state-dir "$LAB_ROOT/state" status

case_name "what units cannot hold is refused"
for root in /tmp/x "$(printf '/srv/a\nb')" "/srv/$(printf 'x%.0s' {1..80})"; do
	rc=0
	said=$(on node3 microovnd --print-units=/run "--root=$root" 2>&1) || rc=$?
	expect_equal 1 "$rc" "the exit code of: $said"
	expect_match '^Error: ' "$said"
done
expect_equal "" "$(on node3 find /run -maxdepth 1 -name '*.service')"

finish
