#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Callers that would shut out the others: half-open handshakes from many
# addresses, streams that stay, calls that are reset, one member that floods.
# Meanwhile the socket and the other members are answered within a second, the
# lead stays where it is, and the agent's memory is bounded; afterwards all is as
# before. Figures are printed.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

readonly CROWD=$TREE/integration/harness/crowd.py
readonly OUTSIDE=movn-$QUICKSTART_ID
crowd=
work=$(mktemp -d)
test_cleanup() {
	local at
	[[ -z $crowd ]] || kill "$crowd" 2>/dev/null || true
	for at in {100..149}; do
		ip -n "$OUTSIDE" address del "10.98.0.$at/24" dev management 2>/dev/null || true
	done
	rm -rf "$work"
}

need_cluster
expect_within 30 leader_of node1
leader=$(leader_of node1)
greedy=node3
[[ $leader != node3 ]] || greedy=node2
host=$(address_of "$leader")

memory_of() { # NODE -> MiB of its agent
	local pid kilobytes
	pid=$(on "$1" pgrep -x microovnd)
	kilobytes=$(on "$1" sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
	echo $((kilobytes / 1024))
}

# Milliseconds of a command.
time_of() { # CMD...
	local start=${EPOCHREALTIME/./}
	"$@" >/dev/null || return 1
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}
slowest() { # CMD... -> of twelve, in a row
	local worst=0 one _
	for _ in {1..12}; do
		one=$(time_of "$@") || return 1
		((one <= worst)) || worst=$one
	done
	echo "$worst"
}
begin() { # WORDS: of crowd.py, run where nobody is a member, or on a member
	"$@" >"$work/said" 2>&1 &
	crowd=$!
	expect_within 90 grep -qE '^(holds|made)' "$work/said"
}
end() {
	kill -TERM "$crowd" 2>/dev/null || true
	wait "$crowd" 2>/dev/null || true
	crowd=
}
rows=()
expect_served() { # WHAT: all are, with the crowd at the door
	local socket other afterwards
	socket=$(slowest microovn "$leader" cluster list) || fail "the socket is not served"
	other=$(slowest microovn "$bystander" config list) ||
		fail "$bystander is not served"
	afterwards=$(memory_of "$leader")
	((socket <= 1000)) || fail "at the socket a command took $socket ms"
	((other <= 1000)) || fail "on $bystander a command took $other ms"
	((afterwards <= before + 512)) || fail "$before MiB became $afterwards"
	expect_equal "$leader" "$(leader_of "$bystander")" "the leader"
	rows+=("$1 $socket $other $before $afterwards")
}
for bystander in node1 node2 node3; do
	[[ $bystander == "$leader" || $bystander == "$greedy" ]] || break
done
state_of_greedy=$ROOT/state

case_name "ten thousand half-open handshakes from fifty addresses"
sources=()
for at in {100..149}; do
	ip -n "$OUTSIDE" address add "10.98.0.$at/24" dev management
	sources+=("10.98.0.$at")
done
before=$(memory_of "$leader")
begin ip netns exec "$OUTSIDE" python3 "$CROWD" hellos "$host" 10000 "${sources[@]}"
expect_served 10000-hellos
end

case_name "a thousand streams of one member"
before=$(memory_of "$leader")
begin on "$greedy" python3 "$CROWD" streams "$host" 1000 "$state_of_greedy"
expect_served 1000-streams
end

case_name "a thousand streams of a service that asks nobody who calls"
before=$(memory_of "$leader")
begin on "$greedy" python3 "$CROWD" reflections "$host" 1000 "$state_of_greedy"
expect_served 1000-reflections
end

case_name "calls that are reset at once"
before=$(memory_of "$leader")
on "$greedy" python3 "$CROWD" resets "$host" 50000 "$state_of_greedy" >"$work/said" 2>&1 &
crowd=$!
expect_served resets
end

case_name "a member that calls as fast as it can"
before=$(memory_of "$leader")
on "$greedy" python3 "$CROWD" calls "$host" 60 "$state_of_greedy" >"$work/said" 2>&1 &
crowd=$!
expect_served calls
end

case_name "what a removed member has open ends, and it is refused"
on "$greedy" python3 "$CROWD" streams "$host" 20 "$state_of_greedy" >"$work/said" 2>&1 &
crowd=$!
expect_within 30 grep -q '^holds' "$work/said"
expect microovn "$leader" cluster remove "$greedy"
start=${EPOCHREALTIME/./}
expect_within 10 grep -q '^all have ended' "$work/said"
echo "  its streams had ended $(((${EPOCHREALTIME/./} - start) / 1000)) ms after the command"
end
case_end

echo
{
	echo "CROWD SOCKET_MS MEMBER_MS BEFORE_MIB MEANWHILE_MIB"
	printf '%s\n' "${rows[@]}"
} | column -t
finish
