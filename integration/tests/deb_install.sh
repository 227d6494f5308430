#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package on a host whose Open vSwitch is in use, and on hosts of
# Debian 12 and 13 as its page has it.  deb_life is about all the rest.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

export LAB_ID=${QUICKSTART_ID:-itest}-deb
# shellcheck source=../lib/lab_nodes.sh
. "$TREE/integration/lib/lab_nodes.sh"
# shellcheck source=../lib/lab_debs.sh
. "$TREE/integration/lib/lab_debs.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

work=$(mktemp -d)
test_cleanup() {
	lab down
	rm -rf "$work"
}

why=$(debs_impossible)
[[ -z $why ]] || skip "$why"
deb=$(lab_deb "$work")
PACKAGE=$(deb_on_node "$deb")
readonly PACKAGE

expect_gone() { # NODE PATH
	expect on "$1" test ! -e "$2"
}

refuses() { # NODE
	rc=0
	said=$(apt_install "$1" install "$PACKAGE" 2>&1) || rc=$?
	expect test "$rc" != 0
	expect_match 'already runs Open vSwitch' "$said"
	expect_match 'systemctl disable --now' "$said"
	expect_gone "$1" /usr/sbin/microovnd
}

foreign_switch() { # NODE
	# shellcheck disable=SC2016
	on "$1" sh -ec 'mkdir -p /run/openvswitch
		ovsdb-tool create /tmp/conf.db
		ovsdb-server /tmp/conf.db --remote=punix:/run/openvswitch/db.sock \
			--detach --no-chdir --pidfile
		ovs-vswitchd unix:/run/openvswitch/db.sock --detach --no-chdir --pidfile'
}

case_name "a host whose Open vSwitch is in use is left alone, with a way out"
deb_nodes_up "$deb" bookworm
install_dependencies node1
expect foreign_switch node1
vswitchd=$(on node1 pgrep ovs-vswitchd)
refuses node1
expect_equal "$vswitchd" "$(on node1 pgrep ovs-vswitchd)"
on node1 sh -c 'install -d -m 711 /var/lib/microovn && touch /var/lib/microovn/break_system_ovs'
expect apt_install node1 install "$PACKAGE"
on node1 dpkg -P microovn
expect_gone node1 /var/lib/microovn
refuses node1
on node1 pkill ovs-vswitchd
expect_within 10 test -z "$(on node1 pgrep ovs-vswitchd || true)"
expect apt_install node1 install "$PACKAGE"
expect microovn node1 waitready -t 20

# ---- as the page says ----

page_shell() { # PLACE COMMAND; machine1 is node1
	printf '%q exec %q bash -c %q' "$TREE/integration/lab/lab" \
		"node${1#machine}" "cd; $2"
}
case_name "the commands of docs/how-to/install-the-package.md work as written"
deb_nodes_up "$deb" bookworm trixie
run_page docs/how-to/install-the-package.md loose

finish
