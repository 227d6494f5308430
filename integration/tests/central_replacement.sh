#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Another member takes the place of a central that is removed, and of one whose
# machine is off for too long.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
log=$(mktemp)
quickstart add >"$log" 2>&1 || fail "add failed:"$'\n'"$(<"$log")"
rm -f "$log"
fourth=$(members_via node1 | tail -n 1)
readonly fourth

centrals_are() { # NAME...
	[[ $(status_of node1 |
		jq -r '.members[].member | select(.services[]? == "SERVICE_CENTRAL") |
			.name | sub("^members/"; "")' | sort -V | xargs) == "$*" ]]
}
servers_are() { # NAME..., of both databases
	local database wanted name
	wanted=$(for name in "$@"; do address_of "$name"; done | sort | xargs)
	for database in nb sb; do
		[[ $(database_status node1 "$database" |
			sed -nE 's|^ +[0-9a-f]{4} .* at ssl:([0-9.]+):.*|\1|p' |
			sort | xargs) == "$wanted" ]] || return
	done
}
has_nothing_wrong() { [[ -z $(findings_of node1) ]]; }
switches() { nbctl "$1" --bare --columns=name list Logical_Switch | sort | xargs; }

case_name "who takes no central's place by the setting, takes none"
expect centrals_are node1 node2 node3
expect_refused microovn node1 config set ovn.central-replacement 59
expect microovn node1 config set ovn.central-replacement 60
before=$(switches node1)

case_name "a member takes the place of a central that is removed"
ping_start node1 "$fourth"
expect microovn node1 cluster remove node3
expect_within 60 centrals_are node1 node2 "$fourth"
expect_within 60 servers_are node1 node2 "$fourth"
expect_no_loss
expect_equal "$before" "$(switches "$fourth")"
expect_match 'SERVICE_ENABLED' \
	"$(microovn node1 events --format json)"
token=$(microovn node1 cluster add node3)
expect microovn node3 cluster join "$token" --address "$(address_of node3)" \
	--encap-ip "$(underlay_of node3)"
expect centrals_are node1 node2 "$fourth"
expect_within 60 has_nothing_wrong

case_name "a central that is off for a minute is replaced, and put out"
make_leader node1
ping_start node1 "$fourth"
quickstart kill node2 --power
expect_within 180 centrals_are node1 node3 "$fourth"
expect_within 60 servers_are node1 node3 "$fourth"
expect_no_loss
expect_equal "$before" "$(switches node3)"
expect nbctl node1 ls-add written-without-node2

case_name "when it is back it has no central, and all is well"
quickstart start node2 --power
expect_within 60 all_online node1 4
expect_within 60 has_nothing_wrong
expect centrals_are node1 node3 "$fourth"
expect_equal "" "$(on node2 ps -C ovn-northd -o pid= || true)" "ovn-northd"
expect_within 30 quickstart ping node2 node1

case_name "where central was disabled by command, nobody gets it"
expect microovn node1 disable central --node "$fourth"
expect microovn node1 enable central --node node2
expect_within 60 servers_are node1 node2 node3
expect centrals_are node1 node2 node3
expect nbctl node1 ls-del written-without-node2
expect microovn node1 cluster remove "$fourth"
expect_within 20 uninitialised "$fourth"
quickstart kill "$fourth" --power
expect microovn node1 config delete ovn.central-replacement
expect_within 60 has_nothing_wrong

last_case
