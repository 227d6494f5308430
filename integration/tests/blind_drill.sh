#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The blind drill: faults drawn by a seed, one at a time, on three members.
# `status`, asked on another member, names the cause within ten seconds, unless
# the agent has mended it by then, and says HEALTHY within ten seconds after the
# mend; between two faults it says nothing. The short run has its draw, the long
# one another each time.
#   MICROOVN_DRILL_SEED=N    the same draw again
#   MICROOVN_DRILL_KINDS="A B"    these kinds, each once, in that order
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/drill_faults.sh
. "$TREE/integration/harness/drill_faults.sh"
# shellcheck source=../harness/drill_disks.sh
. "$TREE/integration/harness/drill_disks.sh"

readonly LIMIT=10
faults=12
drawn=837132591
if [[ -n ${MICROOVN_LONG:-} || ${1:-} == --long ]]; then
	faults=64
	drawn=$((RANDOM * 32768 + RANDOM))
fi
seed=${MICROOVN_DRILL_SEED:-$drawn}
RANDOM=$((seed % 32768))

need_cluster

# ---- the draw ----

# All kinds before one comes twice.
draw_kinds() { # COUNT -> names
	local left=() count=$1 at
	while ((count-- > 0)); do
		((${#left[@]} > 0)) || left=("${kinds[@]}")
		at=$((RANDOM % ${#left[@]}))
		echo "${left[at]}"
		unset 'left[at]'
		left=("${left[@]}")
	done
}

# ---- what is seen ----

# "HEALTH REASON:MEMBER..." in one line; fails while there is no answer.
look() { # NODE
	local seen
	seen=$(status_of "$1" 2>/dev/null) || return 1
	jq -r '"\(.health | ltrimstr("HEALTH_"))" +
		([.findings[] | select(.severity != "SEVERITY_NOTICE") |
			" \(.reason):\(.member)"] | join(""))' <<<"$seen"
}
is_healthy() { [[ $(look "$1") == HEALTHY ]]; }

names_cause() { # KIND NODE SEEN
	local where=$2
	[[ -z ${kind_any[$1]:-} ]] || where='[^ ]*'
	grep -qE " (${kind_reason[$1]}):$where( |\$)" <<<"$3"
}
# What it names besides, which one fault does not justify.
named_besides() { # KIND SEEN
	tr ' ' '\n' <<<"$2" | sed 1d |
		grep -vE "^(${kind_reason[$1]}|${kind_causes[$1]:--}):" || true
}

tenths_since() { echo $(((${EPOCHREALTIME/./} - $1) / 100000)); }

# ---- one fault ----

rows=()
misses=0 alarms=0 healed=0
unmended=
drill() { # KIND NODE ASKED
	local kind=$1 node=$2 asked=$3 seen=- how=missed besides="" start took back
	case_name "$kind on $node, seen from $asked"
	wait_until 60 is_healthy "$asked" ||
		fail "not healthy before: $(look "$asked")"
	unmended="mend_$kind $node"
	expect_quietly "inject_$kind" "$node"
	start=${EPOCHREALTIME/./}
	while (($(tenths_since "$start") < LIMIT * 10)); do
		if seen=$(look "$asked") && names_cause "$kind" "$node" "$seen"; then
			how=named
			break
		fi
		if [[ -n ${kind_heals[$kind]:-} ]] &&
			"healed_$kind" "$node" >/dev/null 2>&1 &&
			[[ $seen == HEALTHY ]]; then
			how=healed
			break
		fi
		sleep 0.3
	done
	took=$(tenths_since "$start")
	if [[ $how == named ]]; then besides=$(named_besides "$kind" "$seen"); fi
	if [[ $how == missed ]]; then
		misses=$((misses + 1))
		fail "not named within $LIMIT s: $seen"
	fi
	[[ $how != healed ]] || healed=$((healed + 1))
	if [[ -n ${kind_heals[$kind]:-} ]] &&
		wait_until 5 "healed_$kind" "$node"; then :; else
		expect_quietly "mend_$kind" "$node"
	fi
	unmended=
	start=${EPOCHREALTIME/./}
	if wait_until "$LIMIT" is_calm "$asked"; then
		back=$(tenths_since "$start")
	else
		misses=$((misses + 1))
		back=-
		fail "not healthy $LIMIT s after the mend: $(look "$asked")"
	fi
	if [[ -n $besides ]]; then
		fail "one cause, but also: ${besides//$'\n'/ }"
	fi
	watch_calm "$asked"
	if declare -F "after_$kind" >/dev/null; then
		expect_quietly "after_$kind" "$node"
	fi
	rows+=("$kind $node $how $took $back $(xargs <<<"${besides:--}")")
}

# Servers that have their quorum back may elect once more, and a daemon that was
# cut off may wait before it tries again: healthy is what stays so for six
# seconds.
is_calm() { # NODE
	local _
	for _ in {1..12}; do
		is_healthy "$1" || return 1
		sleep 0.5
	done
}

# An injection may print what it likes.
expect_quietly() { # FUNCTION NODE
	"$@" >/dev/null 2>"$drill_errors" ||
		fail "failed: $* ($(tail -n 3 "$drill_errors"))"
}
drill_errors=$(mktemp)

# Nothing is wrong, and nothing is said to be.
watch_calm() { # NODE
	local seen _
	for _ in 1 2 3 4; do
		if seen=$(look "$1") && [[ $seen != HEALTHY ]]; then
			alarms=$((alarms + 1))
			fail "a false alarm: $seen"
		fi
		sleep 0.5
	done
}

test_cleanup() {
	[[ -z $unmended ]] || $unmended >/dev/null 2>&1 || true
	end_crash_loop
	rm -f "$drill_errors"
}

# ---- all of them ----

echo "blind drill: seed $seed, ${#kinds[@]} kinds of faults"
if [[ -n ${MICROOVN_DRILL_KINDS:-} ]]; then
	read -ra drawn <<<"$MICROOVN_DRILL_KINDS"
else
	mapfile -t drawn < <(draw_kinds "$faults")
fi
for kind in "${drawn[@]}"; do
	at=$((RANDOM % 3 + 1))
	drill "$kind" "node$at" "node$(((at + RANDOM % 2) % 3 + 1))"
done
case_end

echo
{
	echo "FAULT MEMBER DETECTED AFTER BACK BESIDES"
	for row in "${rows[@]}"; do
		read -r kind node how took back besides <<<"$row"
		echo "$kind $node $how $((took / 10)).$((took % 10)) \
$([[ $back == - ]] && echo - || echo "$((back / 10)).$((back % 10))") ${besides// /,}"
	done
} | column -t
echo "blind drill: seed $seed, ${#drawn[@]} faults of $(printf '%s\n' "${drawn[@]}" |
	sort -u | wc -l) kinds, $misses misses, $healed mended by the agents," \
	"$alarms false alarms"
finish
