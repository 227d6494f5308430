#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A join that fails leaves nothing, on either side, and can be done again with
# the same token: the joiner's agent is killed at each step, the leader dies,
# the cluster cannot reach the joiner, OVN's databases do not answer, the user
# goes away.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

quickstart add --no-join >/dev/null 2>&1 || die "no machine that could join"
# Names are not used again, so earlier tests may have used up node4.
JOINER=$(compgen -G "$CLUSTER_DIR/node*" | sort -V | tail -n 1)
readonly JOINER=${JOINER##*/}
readonly IDENTITY=$CLUSTER_DIR/$JOINER/state/identity.json

# Its agent has been started again, whatever it is.
answers_at_all() {
	local said
	said=$(microovn "$1" cluster list 2>&1) || true
	[[ $said != *"cannot reach"* ]]
}
listed() { members_via node1 | grep -qx "$JOINER"; }
not_listed() {
	local members
	members=$(members_via node1) && ! grep -qx "$JOINER" <<<"$members"
}
# The state directory has nothing that makes a member.
no_trace() {
	[[ ! -e $IDENTITY && ! -e ${IDENTITY%/*}/member.key &&
		! -e ${IDENTITY%/*}/raft ]]
}
leader_name() {
	microovn node1 status -f json |
		jq -r 'first(.. | objects | select(.leader? == true) | .name) |
			sub("^members/"; "")'
}
server_count() { # NODE nb|sb
	database_status "$1" "$2" | grep -cE '^ +[0-9a-f]{4} .* at ssl:' || true
}
signal_databases() { # NODE SIGNAL
	local database
	for database in nb sb; do
		on "$1" kill "-$2" "$(daemon_pid "$1" "ovn/ovn${database}_db.pid")"
	done
}
has_servers() { [[ $(server_count "$1" "$2") == "$3" ]]; }

join() { # TOKEN ARG...
	local token=$1
	shift
	microovn "$JOINER" cluster join "$token" \
		--address "$(address_of "$JOINER")" \
		--encap-ip "$(underlay_of "$JOINER")" "$@"
}
# In the background; its pid is in $joining, what it says in $said.
said=$(mktemp)
begin_join() { # TOKEN ARG...
	join "$@" >"$said" 2>&1 &
	joining=$!
}
join_ended() { ! kill -0 "$joining" 2>/dev/null; }

leave() {
	expect microovn node1 cluster remove "$JOINER"
	expect_within 60 uninitialised "$JOINER"
	expect_within 20 not_listed
}

nothing_is_left() {
	expect_within 75 not_listed
	expect_within 30 uninitialised "$JOINER"
	expect no_trace
	expect_equal "node1 node2 node3" "$(members_via node1 | xargs)"
	for database in nb sb; do
		expect_within 30 has_servers node1 "$database" 3
	done
}

# What was refused must not keep anybody out: not even the same token.
joins_with() { # TOKEN
	join "$1" >"$said" 2>&1
}
can_be_repeated() { # TOKEN
	expect joins_with "$1"
	expect_within 40 all_online node1 4
	leave
}

test_cleanup() {
	for node in node1 node2 node3; do
		signal_databases "$node" CONT 2>/dev/null || true
	done
	microovn node1 cluster remove "$JOINER" >/dev/null 2>&1 || true
	quickstart kill "$JOINER" --power || true
	rm -f "$said"
}

# ---- refusals ----

case_name "a token that has expired opens nothing and leaves nothing"
token=$(microovn node1 cluster add "$JOINER" --timeout 1)
added=$EPOCHSECONDS
token_is_old() { ((EPOCHSECONDS > added + 2)); }
expect_within 10 token_is_old
expect_refused join "$token"
expect_match expired "$error"
nothing_is_left

case_name "a token for another name opens nothing and leaves nothing"
token=$(microovn node1 cluster add someone-else)
expect_refused join "$token"
nothing_is_left

# ---- the log does not arrive ----

case_name "a join whose address the members cannot reach is undone on both sides"
token=$(microovn node1 cluster add "$JOINER")
on "$JOINER" ip addr add 10.97.0.1/32 dev lo
expect_refused microovn "$JOINER" cluster join "$token" --address 10.97.0.1
expect_match 'the join was undone' "$error"
on "$JOINER" ip addr del 10.97.0.1/32 dev lo
nothing_is_left

case_name "it can be repeated with the same token"
can_be_repeated "$token"

# ---- the joiner's agent is killed ----

phase() { grep -o 'PHASE_[A-Z]*' "$IDENTITY" 2>/dev/null; }
asked() { true; }
admitted() { listed || join_ended; }
identity_kept() { [[ -e $IDENTITY ]] || join_ended; }
credentials_kept() { [[ -e ${IDENTITY%/*}/member.key ]] || join_ended; }
log_opened() { [[ -e ${IDENTITY%/*}/raft/CURRENT ]] || join_ended; }
is_member() { [[ $(phase) == PHASE_MEMBER ]] || join_ended; }

for step in asked admitted identity_kept credentials_kept log_opened is_member; do
	case_name "the joiner's agent is killed when it has come to: $step"
	token=$(microovn node1 cluster add "$JOINER")
	begin_join "$token"
	expect_within 20 "$step"
	quickstart kill "$JOINER"
	wait "$joining" || true
	expect_within 20 answers_at_all "$JOINER"
	# Either it had become a member, or nothing of it is left.
	settled() { all_online node1 4 || { uninitialised "$JOINER" && not_listed; }; }
	expect_within 90 settled
	if listed; then
		echo "  after $step: it is a member"
		leave
	else
		echo "  after $step: it is none"
		nothing_is_left
		can_be_repeated "$token"
	fi
done

# ---- the leader dies ----

case_name "the leader is killed during a join, which succeeds"
for _ in 1 2 3; do
	leader=$(leader_name)
	token=$(microovn "$leader" cluster add "$JOINER")
	begin_join "$token"
	quickstart kill "$leader"
	wait "$joining" || fail "the join failed: $(<"$said")"
	expect_within 40 all_online node1 4
	leave
done

# ---- the user goes away ----

case_name "Ctrl-C during a join is told that the agent goes on, and it does"
token=$(microovn node1 cluster add "$JOINER")
begin_join "$token"
waiting_pid() { on "$JOINER" ps -C microovn -o pid= | xargs; }
waits() { [[ -n $(waiting_pid) ]]; }
expect_within 10 waits
on "$JOINER" kill -INT "$(waiting_pid)"
rc=0
wait "$joining" || rc=$?
expect_equal 130 "$rc" "the exit code"
expect_match 'stopped waiting; the agent goes on with the join' "$(<"$said")"
expect_within 60 all_online node1 4
leave

# ---- the databases do not answer ----

case_name "a central that joins while OVN's databases are silent is told, and joins them later"
token=$(microovn node1 cluster add "$JOINER")
for node in node1 node2 node3; do
	signal_databases "$node" STOP
done
begin_join "$token" --services central,chassis,switch
rc=0
wait "$joining" || rc=$?
expect_equal 13 "$rc" "the exit code"
expect_match 'is a member now, but does not run yet: nb-database: ' "$(<"$said")"
for node in node1 node2 node3; do
	signal_databases "$node" CONT
done
for database in nb sb; do
	expect_within 90 has_servers node1 "$database" 4
done
leave
for database in nb sb; do
	expect_within 60 has_servers node1 "$database" 3
done

finish
