#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The expectations that all other tests stand on can fail.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

# Runs one case with a count of its own; says whether it passed.
verdict() { # SCRIPT
	local script
	script=$(mktemp)
	printf 'set -euo pipefail\n. %q\ncase_name tried\n%s\nfinish\n' \
		"$TREE/integration/harness/case.sh" "$1" >"$script"
	if TALLY='' bash "$script" >/dev/null 2>&1; then
		echo passed
	else
		echo failed
	fi
	rm -f "$script"
}

case_name "what is as expected passes"
for script in 'expect true' 'expect_equal a a' 'expect_match "^a$" a' \
	'expect_no_match b a' 'expect_within 1 true' 'expect_faster 1 true' \
	'expect_refused sh -c "echo Error: no >&2; exit 1"'; do
	expect_equal passed "$(verdict "$script")" "$script"
done

case_name "what is not as expected fails"
# shellcheck disable=SC2016
for script in 'expect false' 'expect_equal a b' 'expect_match b a' \
	'expect_no_match a a' 'expect_within 1 false' \
	'expect_faster 0 sleep 0.1' 'expect_refused true' \
	'expect_refused sh -c "echo no >&2; exit 1"' \
	'expect_refused sh -c "echo Error: no >&2; echo more >&2; exit 1"' \
	'expect_refused sh -c "echo out; echo Error: no >&2; exit 1"' \
	'expect_refused no-such-command' 'fail because' '(fail because)' \
	'said=$(fail because; echo said)' 'expect_equal "" "$(fail because)"' \
	'true | while true; do fail because; break; done'; do
	expect_equal failed "$(verdict "$script")" "$script"
done

case_name "what the last try said is shown"
# shellcheck disable=SC2016
expect_match 'no such field' "$(
	TALLY='' bash -c '. "$1"; asks() { echo "no such field"; false; }
		case_name tried; expect_within 0 asks' - \
		"$TREE/integration/harness/case.sh" 2>&1
)"

case_name "a status that cannot be read has no finding and lacks none"
asked() { # STATUS QUESTION...; as if a member had answered so
	TALLY='' bash -c 'set -euo pipefail
		. "$0/integration/harness/cluster.sh"
		answer=$1
		microovn() { echo "$answer"; }
		"${@:2}"' "$TREE" "$@" >/dev/null 2>&1
}
refused() { ! asked "$@"; }
good='{"status":{"findings":[{"reason":"A","member":"node2"}],"leader":""}}'
expect asked "$good" has_finding node1 A
expect asked "$good" has_finding node1 A node2
expect asked "$good" has_no_finding node1 A node1
expect asked "$good" has_no_finding node1 B
expect refused "$good" has_finding node1 A node1
expect refused "$good" has_finding node1 B
expect refused "$good" has_no_finding node1 A
expect refused "$good" leader_of node1
for bad in '' '{}' '{"findings":[],"leader":"node1"}' '{"status":{}}'; do
	expect refused "$bad" has_finding node1 A
	expect refused "$bad" has_no_finding node1 A
	expect refused "$bad" leader_of node1
done

case_name "an agent or a daemon that ended unasked is found"
state=$(mktemp -d)
ended() { # CONSOLE AGENT-LOG SIGNALS KILLED
	printf '%s' "$1" >"$state/console.log"
	printf '%s' "$2" >"$state/agent.log"
	printf '%s' "$3" >"$state/signals"
	printf '%s' "$4" >"$state/killed"
	TALLY='' bash -c 'set -euo pipefail
		. "$0/integration/harness/cluster.sh"; ended_unasked "$1"' "$TREE" "$state"
}
line() { echo "2026-01-01T00:00:00Z node1: microovnd ended with status $1"; }
daemon='x] chassis (process 7) ended, status 139; now backoff
'
restarted='x] ovn-northd (process 7) ended, status 0; now starting
'
expect_equal "" "$(ended "" "" "" "")"
expect_equal "" "$(ended "$(line 0)" "$restarted" $'TERM\n' "")"
expect_equal "" "$(ended "$(line 137)" "$daemon" $'KILL\n' "chassis")"
for console in 0 1 134 137 139; do
	expect_match "$console" "$(ended "$(line "$console")" "" "" "")"
done
expect_match 137 "$(ended "$(line 137)" "" $'TERM\n' "")"
expect_match chassis "$(ended "" "$daemon" "" "")"
expect_match chassis "$(ended "" "$daemon$daemon" "" "chassis")"
rm -rf "$state"

case_name "what a page does not say is no answer of it"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"
differs() { ! is_answer "$@"; }
expect is_answer $'a b\n' $'a   b  \n'
expect is_answer $'...\nx\n' $'p\nq\nx\n'
expect is_answer $'[...] done: ... s\n...\n' $'[ 0.1 s] done: 3.3 s\nmore\n'
expect is_answer '' ''
expect is_answer $'eyJabc...\n' $'eyJdef\n'
expect differs $'a b\n' $'a c\n'
expect differs $'a...\n' $'abc\ndef\n'
expect differs $'a.b\n' $'axb\n'
expect differs '' $'surprise\n'
page=$(mktemp)
typed() { # COMMAND ANSWER strict|loose -> passed or failed
	# shellcheck disable=SC2016
	printf '```console\nroot@host:~# %s\n%s```\n' "$1" "$2" >"$page"
	verdict ". $TREE/integration/harness/pages.sh; run_page $page $3"
}
expect_equal passed "$(typed 'echo one' $'one\n' strict)"
expect_equal failed "$(typed 'echo one' $'two\n' loose)"
expect_equal passed "$(typed 'echo one' '' loose)"
expect_equal failed "$(typed 'echo one' '' strict)"
expect_equal failed "$(typed 'echo one; false' $'one\n' strict)"
expect_equal passed "$(typed 'test -t 1' '' strict)"
# A section alone, and what is not typed here.
# shellcheck disable=SC2016
printf '## %s\n\n```console\nroot@host:~# %s\n```\n\n' One true Two false >"$page"
section() { # HEADING SKIPS -> passed or failed
	verdict ". $TREE/integration/harness/pages.sh; page_skips='$2'
		run_page $page loose '$1'"
}
expect_equal passed "$(section One '')"
expect_equal failed "$(section Two '')"
expect_equal failed "$(section Three '')" "no such section"
expect_equal failed "$(section '' '')"
expect_equal passed "$(section '' '^host# false')"
expect_equal failed "$(section '' '^host#')" "nothing is typed"
rm -f "$page"

case_name "a test that ends in the middle is a failure"
expect_equal failed "$(verdict 'exit 3')" "exit"
expect_equal failed "$(verdict 'false')" "set -e"
# shellcheck disable=SC2016
expect_equal failed "$(verdict 'echo "$unset_variable"')" "set -u"

finish
