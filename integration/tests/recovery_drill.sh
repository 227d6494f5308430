#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three members with logical networks, and two machines are destroyed.  One
# command for the log and one for OVN's databases on the one that is left, new
# members join, and every logical network is there.
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
networks() { # NODE -> switches, ports and routers
	local table
	for table in Logical_Switch Logical_Switch_Port Logical_Router; do
		nbctl "$1" --no-leader-only --bare --columns=name list "$table"
	done | grep . | sort | xargs
}
look() { on node1 microovnd --recover "--root=$ROOT"; }
go_on() { # ARG...
	on node1 microovnd --recover "--root=$ROOT" --become-only-voter "$@"
}
value() { microovn node1 config get cluster.voter-timeout; }
takes_changes() { microovn node1 config set cluster.voter-timeout 33; }
has_recovery() {
	local events
	events=$(microovn node1 events --format json) && grep -q '"RECOVERED"' <<<"$events"
}

bazel_cleanup
log=$TREE/build/quickstart-$QUICKSTART_ID.log
quickstart up 3 >"$log" 2>&1 || {
	tail -n 40 "$log" >&2
	die "no cluster to test"
}

case_name "a cluster that has its majority is not recovered"
expect_within 30 voters 3
expect_refused microovn node1 cluster recover
expect_match 'has its majority' "$error"
for i in {1..30}; do
	nbctl node1 ls-add "net$i" -- lsp-add "net$i" "port$i"
done
nbctl node1 lr-add router1
expect microovn node1 config set cluster.voter-timeout 27
before=$(networks node1)

case_name "two of three machines are destroyed"
for node in node2 node3; do
	quickstart kill "$node" --power
	rm -rf "${CLUSTER_DIR:?}/$node"
done
started=$SECONDS
expect_within 20 has_finding node1 NO_QUORUM
expect_match 'microovn cluster recover' "$(status_of node1)"
expect_refused takes_changes

case_name "cluster recover says which member goes on, and changes nothing"
shown=$(microovn node1 cluster recover) || fail "failed: $shown"
expect_match 'node1 +yes +[0-9]+ +[0-9]+' "$shown"
expect_match 'node3 +yes +\? ' "$shown"
expect_match 'become-only-voter --member=node1' "$(tr -s ' \n' ' ' <<<"$shown")"
expect_refused go_on --member=node1 --accept-loss=test
expect_match 'ROOT_IN_USE' "$error"

case_name "followed: the log goes on with one command on the machine that is left"
quickstart stop node1
expect_match 'become-only-voter' "$(look)"
expect_refused go_on --member=node2 --accept-loss=test
expect_match 'RECOVERY_NOT_CONFIRMED' "$error"
expect_refused go_on --member=node1
expect_match 'LOSS_NOT_ACCEPTED' "$error"
at=$SECONDS
expect go_on --member=node1 "--accept-loss=two of three burned"
quickstart start node1
expect_within 20 takes_changes
echo "  the log takes changes $((SECONDS - at)) s after the command"
expect_within 20 has_recovery
expect_match 'two of three burned' "$(microovn node1 events)"
expect_equal 33 "$(value)"

case_name "the lost members are removed, and OVN's databases are recovered"
expect_within 30 has_finding node1 DATABASE_HAS_NO_LEADER
at=$SECONDS
said=$(microovn node1 ovn recover --accept-risk data-loss 2>&1) ||
	fail "failed: $said"
echo "  both databases are made anew after $((SECONDS - at)) s"
expect_equal "$before" "$(networks node1)"
expect nbctl node1 ls-add after
for node in node2 node3; do
	expect microovn node1 cluster remove "$node" --force --no-rotate
done
expect_equal node1 "$(members_via node1)"

case_name "new members join, and all logical networks are everywhere"
for _ in 1 2; do
	quickstart add >"$log" 2>&1 || fail "add failed:"$'\n'"$(<"$log")"
done
for database in nb sb; do expect_within 60 has_servers node1 "$database" 3; done
expect_within 60 voters 3
newest=$(members_via node1 | tail -n 1)
wanted=$(xargs -n 1 <<<"$before after" | grep -vE '^(port[0-9]+|router1)$' | sort | xargs)
present() { # whatever the new members have brought beside it
	local missing
	missing=$(comm -23 <(xargs -n 1 <<<"$wanted" | sort) \
		<(networks "$newest" | xargs -n 1 | sort))
	[[ -z $missing ]]
}
expect_within 30 present
expect_within 60 quickstart ping node1 "$newest"
echo "  from the loss to three members: $((SECONDS - started)) s"

finish
