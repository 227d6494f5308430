#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is no fault is not said to be one: a cluster of one at its first look, a
# database's leader whose agent alone is off, three members under load, three that
# have nothing to do. The load lasts half a minute, ten minutes with --long.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

seconds=30
if [[ -n ${MICROOVN_LONG:-} || ${1:-} == --long ]]; then seconds=600; fi

need_cluster

# "HEALTH REASON REASON..."
seen_by() { # NODE
	status_of "$1" | jq -r '[.health | ltrimstr("HEALTH_")] +
		[.findings[] | select(.severity != "SEVERITY_NOTICE") | .reason] |
		join(" ")'
}
is_seen() { # NODE WANTED
	[[ $(seen_by "$1") == "$2" ]]
}

case_name "a cluster of one is healthy at its first look"
expect quickstart add --no-join
alone=node4
expect microovn "$alone" cluster bootstrap
expect_equal HEALTHY "$(seen_by "$alone")"
expect microovn "$alone" status --exit-code
quickstart kill "$alone" --power

# ---- the agent is not the server ----

leads() { # NODE nb|sb
	database_status "$1" "$2" | grep -q '^Role: leader'
}
leader_of_database() { # nb|sb
	local node
	for node in node1 node2 node3; do
		! leads "$node" "$1" || echo "$node"
	done
}
for database in nb sb; do
	case_name "the agent beside the leader of $database is off: its server is not"
	for node in node1 node2 node3; do
		expect_within 30 is_seen "$node" HEALTHY
	done
	away=$(leader_of_database "$database")
	asked=node1
	[[ $away != node1 ]] || asked=node2
	quickstart stop "$away"
	expect_within 10 is_seen "$asked" "DEGRADED MEMBER_UNREACHABLE"
	for _ in {1..10}; do
		expect_equal "DEGRADED MEMBER_UNREACHABLE" "$(seen_by "$asked")"
		sleep 0.5
	done
	expect_equal "3 3" "$(status_of "$asked" |
		jq -r '[.databases[].servers | length] | join(" ")')"
	quickstart start "$away"
	expect_within 10 is_seen "$asked" HEALTHY
done

# ---- load ----

end=$((SECONDS + seconds))
rounds_of() { # LABEL COMMAND...  until the end; one line for each round
	local count=0
	while ((SECONDS < end)); do
		"${@:2}" "$count" >/dev/null 2>&1 || echo "$1: failed"
		count=$((count + 1))
	done
	echo "$1: $count rounds"
}
writes() {
	nbctl "$1" --may-exist ls-add "load-$1-$(($2 % 50))" -- \
		--may-exist lsp-add "load-$1-$(($2 % 50))" "port-$1-$2" &&
		nbctl "$1" lsp-del "port-$1-$2"
}
writes_of_node1() { writes node1 "$1"; }
writes_of_node2() { writes node2 "$1"; }
changes() {
	microovn node2 config set cluster.voter-timeout "$((30 + $1 % 30))" &&
		microovn node3 cluster add "guest$1" &&
		microovn node1 cluster token revoke "guest$1"
}
looks() {
	microovn node3 cluster list && microovn node2 certificates list
}

case_name "three members under load for $seconds s have nothing to be said of"
load=$(mktemp)
for round in writes_of_node1 writes_of_node2 changes looks; do
	rounds_of "$round" "$round" >>"$load" &
done
asked=0
while ((SECONDS < end)); do
	for node in node1 node2 node3; do
		if seen=$(seen_by "$node"); then
			expect_equal HEALTHY "$seen" "$node"
		else
			fail "$node does not answer"
		fi
		asked=$((asked + 1))
	done
	sleep 0.5
done
wait
sed 's/^/  /' "$load"
echo "  status asked $asked times"
expect_equal "" "$(grep failed "$load" || true)"
rm -f "$load"
microovn node1 config delete cluster.voter-timeout
for node in node1 node2; do
	for i in {0..49}; do echo "-- --if-exists ls-del load-$node-$i"; done |
		xargs "$TREE/quickstart" exec node1 microovn.ovn-nbctl --timeout=20
done

# ---- nothing to do ----

agent_lines() { wc -l <"$CLUSTER_DIR/state/$1/agent.log"; }
# What the load has begun has ended.
settled() {
	local node
	for node in node1 node2 node3; do
		((EPOCHSECONDS - $(stat -c %Y "$CLUSTER_DIR/state/$node/agent.log") >= 5)) ||
			return 1
	done
}
case_name "agents that have nothing to do say nothing in a minute"
expect_within 60 settled
declare -A lines=()
for node in node1 node2 node3; do lines[$node]=$(agent_lines "$node"); done
started=$SECONDS
a_minute_has_passed() { ((SECONDS - started >= 60)); }
expect_within 70 a_minute_has_passed
for node in node1 node2 node3; do
	expect_equal "" "$(tail -n "+$((lines[$node] + 1))" \
		"$CLUSTER_DIR/state/$node/agent.log")" "the agent of $node"
done

finish
