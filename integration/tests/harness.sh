#!/usr/bin/env bash
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
for script in 'expect false' 'expect_equal a b' 'expect_match b a' \
	'expect_no_match a a' 'expect_within 1 false' \
	'expect_faster 0 sleep 0.1' 'expect_refused true' \
	'expect_refused sh -c "echo no >&2; exit 1"' \
	'expect_refused sh -c "echo Error: no >&2; echo more >&2; exit 1"' \
	'expect_refused sh -c "echo out; echo Error: no >&2; exit 1"' \
	'expect_refused no-such-command' 'fail because'; do
	expect_equal failed "$(verdict "$script")" "$script"
done

case_name "a test that ends in the middle is a failure"
expect_equal failed "$(verdict 'exit 3')" "exit"
expect_equal failed "$(verdict 'false')" "set -e"
# shellcheck disable=SC2016
expect_equal failed "$(verdict 'echo "$unset_variable"')" "set -u"

finish
