#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who votes: three of four members do, and a stand-by takes the place of one
# that has lost its power.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

role_of() { # NODE MEMBER
	microovn "$1" cluster list -f json |
		jq -r --arg name "$2" '.[] | select(.name == $name) | .role'
}
has_role() { [[ $(role_of "$1" "$2") == "$3" ]]; }
voters() { # NODE
	microovn "$1" cluster list -f json |
		jq -r '.[] | select(.role == "voter") | .name' | sort -V | xargs
}
has_voters() { [[ $(voters "$1") == "$2" ]]; }

case_name "F33, F35: the role's column and words are MicroOVN's"
expect_within 30 has_voters node1 "node1 node2 node3"
expect_match '^\| *NAME *\| *ADDRESS *\| *ROLE *\| *FINGERPRINT *\| *STATUS' \
	"$(microovn node1 cluster list)"
expect_match '^node1,10\.98\.0\.11:6686,voter,' \
	"$(microovn node1 cluster list -f csv)"

case_name "cluster.voters takes 3 or 5 and says so"
for value in 1 2 4 7 three ''; do
	expect_refused microovn node1 config set cluster.voters "$value"
	expect_match '3 or 5' "$error"
done

case_name "a fourth member is a stand-by"
log=$(mktemp)
quickstart add >"$log" 2>&1 || fail "add failed:"$'\n'"$(<"$log")"
rm -f "$log"
# Names are not used again, so earlier tests may have used up node4.
fourth=$(members_via node1 | tail -n 1)
expect_within 20 has_role node1 "$fourth" stand-by
expect_equal "node1 node2 node3" "$(voters node1)"

case_name "it votes within 30 s of the moment a voter loses its power"
quickstart kill node2 --power
start=$SECONDS
expect_within 30 has_role node1 "$fourth" voter
echo "  a stand-by voted after $((SECONDS - start)) s"
expect_equal "node1 node3 $fourth" "$(voters node1)"
expect_equal stand-by "$(role_of node1 node2)"
expect_faster 5 microovn "$fourth" cluster add while-node2-is-dark

case_name "another voter may fail then, and the cluster still takes changes"
quickstart kill node3 --power
takes_changes() { microovn node1 config set cluster.voter-timeout 20; }
expect_within 20 takes_changes
quickstart start node3 --power
expect_within 30 all_online node1 3
expect microovn node1 config delete cluster.voter-timeout

case_name "the old voter comes back as a stand-by"
quickstart start node2 --power
expect_within 40 all_online node1 4
expect_within 10 has_role node1 node2 stand-by
expect_equal "node1 node3 $fourth" "$(voters node1)"
expect_equal "node1 node3 $fourth" "$(voters node2)"

case_name "it takes the place of a voter that is removed"
expect microovn node1 cluster remove "$fourth"
expect_within 30 has_voters node1 "node1 node2 node3"
quickstart kill "$fourth" --power

finish
