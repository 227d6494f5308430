#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two of the three machines with OVN's databases are gone for good, while the
# cluster itself still has its majority: one command, and nothing that the last
# copy holds is lost.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

server_count() { # NODE nb|sb
	database_status "$1" "$2" | grep -cE '^ +[0-9a-f]{4} .* at ssl:' || true
}
has_servers() { [[ $(server_count "$1" "$2") == "$3" ]]; }
voters() { # COUNT
	[[ $(microovn node1 cluster list -f json |
		jq '[.[] | select(.role == "voter")] | length') == "$1" ]]
}
switches() { nbctl node1 --bare --columns=name list Logical_Switch | sort | xargs; }
recover() { microovn node1 ovn recover "$@"; }

bazel_cleanup
log=$TREE/build/quickstart-$QUICKSTART_ID.log
quickstart up 5 >"$log" 2>&1 || {
	tail -n 40 "$log" >&2
	die "no cluster to test"
}

# Who joins first has central, whatever its name.
mapfile -t others < <(status_of node1 | jq -r '.members[].member |
	[(.services | any(. == "SERVICE_CENTRAL") | not), .name] | @tsv' |
	sed 's|members/||' | grep -vw node1 | sort | cut -f 2)
readonly second=${others[0]} third=${others[1]} spare=${others[2]}

case_name "a database with its quorum is not given up"
expect_refused recover
expect_match 'both OVN databases have their quorum' "$error"
expect_refused recover nb --accept-risk data-loss
expect_match 'DATABASE_HAS_QUORUM|has its quorum' "$error"
expect_refused recover xb

case_name "without two of three centrals OVN's databases take no changes"
expect microovn node1 config set cluster.voters 5
expect_within 60 voters 5
for i in {1..20}; do nbctl node1 ls-add "kept$i"; done
before=$(switches)
for node in "$second" "$third"; do quickstart kill "$node" --power; done
expect_within 40 has_finding node1 DATABASE_HAS_NO_LEADER
expect_match 'microovn ovn recover' "$(status_of node1)"

case_name "what would be lost is shown, and nothing is done that was not accepted"
# An election has its time before it is called lost, of each database.
can_be_planned() { [[ $(recover --dry-run 2>/dev/null) == *Southbound* ]]; }
expect_within 60 can_be_planned
shown=$(recover --dry-run) || fail "the dry run failed"
expect_match 'Northbound +node1 ' "$shown"
expect_match 'anew from the copy of node1' "$shown"
expect_match "only ($second, $third|$third, $second) have is lost" "$shown"
expect_match 'accept-risk=data-loss' "$shown"
expect_refused recover
expect_match 'data-loss' "$error"
expect_refused recover nb --node "$second" --accept-risk data-loss
expect has_finding node1 DATABASE_HAS_NO_LEADER

case_name "followed: one command, and every logical network is there"
start=$SECONDS
said=$(recover --accept-risk data-loss 2>&1) || fail "failed: $said"
echo "  both databases after $((SECONDS - start)) s"
expect_match 'Northbound database was made anew from the copy of node1' "$said"
expect_match 'Southbound database was made anew from the copy of node1' "$said"
expect_equal "$before" "$(switches)"
expect nbctl node1 ls-add after
expect_within 40 nbctl node1 --wait=sb sync
expect has_no_finding node1 DATABASE_HAS_NO_LEADER
expect compgen -G "$CLUSTER_DIR/node1/data/central/db/ovnnb_db_backup_*"
expect quickstart ping node1 "$spare"

case_name "chassis and northd have forgotten the old database"
expect_within 60 has_no_finding "$spare" DAEMON_NOT_CONNECTED
expect nbctl "$spare" ls-add through-"$spare"
expect_within 40 nbctl node1 --wait=sb sync

case_name "a machine that comes back after all joins with what the others have"
quickstart start "$third" --power
for database in nb sb; do expect_within 60 has_servers node1 "$database" 2; done
expect compgen -G "$CLUSTER_DIR/$third/data/central/db/ovnnb_db_backup_*"
expect nbctl "$third" ls-add through-"$third"

case_name "the lost member goes and another takes its place as a central"
expect microovn node1 cluster remove "$second" --force --no-rotate
for database in nb sb; do expect_within 60 has_servers node1 "$database" 3; done
for finding in DATABASE_SERVER_DEAD DATABASE_NO_FAULT_TOLERANCE; do
	expect_within 60 has_no_finding node1 "$finding"
done
expect_equal "$(xargs -n 1 <<<"$before after through-$third through-$spare" |
	sort | xargs)" "$(switches)"

last_case
