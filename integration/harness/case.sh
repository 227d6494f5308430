# SPDX-License-Identifier: Apache-2.0
# Cases and expectations.  A test file sources this (or cluster.sh, which does),
# names each case and states what it expects; a failed expectation marks its
# case and the file goes on.
#
#   case_name "C5: cluster list is JSON"
#   expect test -s "$file"
#   expect_equal ONLINE "$status"
# shellcheck shell=bash

# Where Bazel runs it the files are links into the tree, and the tree is where
# its disks and logs are: below build/, whatever started it.
TREE=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
# shellcheck source=bazel.sh
. "$TREE/integration/harness/bazel.sh"
# shellcheck source=../../tools/lib/common.sh
. "$TREE/tools/lib/common.sh"
# shellcheck source=../../tools/lib/tally.sh
. "$TREE/tools/lib/tally.sh"
# shellcheck source=../lib/process.sh
. "$TREE/integration/lib/process.sh"
# shellcheck source=evidence.sh
. "$TREE/integration/harness/evidence.sh"

test_name=$(basename "$0" .sh)
current=
# Not empty once an expectation of the current case has failed: a file, for it
# may have been in a subshell.
current_failed=$(mktemp)
failed_cases=0
# What the last refused command said.
# shellcheck disable=SC2034
error=

case_name() { # WHAT HOLDS
	case_end
	current=$1
	: >"$current_failed"
}

case_end() {
	[[ -n $current ]] || return 0
	if [[ -s $current_failed ]]; then
		failed_cases=$((failed_cases + 1))
		tally_fail "$test_name: $current"
		echo "FAILED   $test_name: $current"
		keep_evidence
	else
		tally_pass "$test_name: $current"
		echo "ok       $test_name: $current"
	fi
	current=
}

# Called by a failed expectation, and by a test that knows better.
fail() { # WHY
	echo failed >>"$current_failed"
	cut -c1-400 <<<"  $*" >&2
}

# ---- expectations ----

expect() { # CMD...
	local output
	output=$("$@" 2>&1) || fail "failed ($?): $*"$'\n'"$output"
}

expect_equal() { # WANTED GOT [OF WHAT]
	[[ $2 == "$1" ]] || fail "${3:+$3: }wanted '$1', got '$2'"
}

expect_match() { # EXTENDED-REGULAR-EXPRESSION GOT
	grep -qE -e "$1" <<<"$2" || fail "no match of '$1' in:"$'\n'"$2"
}

expect_no_match() { # EXTENDED-REGULAR-EXPRESSION GOT
	if grep -qE -e "$1" <<<"$2"; then fail "'$1' matches in:"$'\n'"$2"; fi
}

# A user's mistake: one line on stderr that begins "Error: ", nothing on
# stdout, and a status that is not 0.  Leaves the line in $error.
expect_refused() { # CMD...
	local out rc=0 err_file
	err_file=$(mktemp)
	out=$("$@" 2>"$err_file" </dev/null) || rc=$?
	error=$(<"$err_file")
	rm -f "$err_file"
	((rc != 0)) || fail "was accepted: $*"
	((rc < 126)) || fail "crashed or is missing ($rc): $*"$'\n'"$error"
	[[ -z $out ]] || fail "wrote to stdout: $*"$'\n'"$out"
	[[ $error == "Error: "* && $error != *$'\n'* ]] ||
		fail "not one line of error: $*"$'\n'"$error"
}

# What the last try said tells a question that cannot be asked from an answer
# that has not come.
expect_within() { # SECONDS CMD...
	wait_until "$@" || fail "not within $1 s: ${*:2}${last_try:+$'\n'$last_try}"
}

# Seconds a command took, with three decimals; its output is dropped, its
# failure is one of the case.
seconds_of() { # CMD...
	local start=${EPOCHREALTIME/./} taken
	expect "$@"
	taken=$((${EPOCHREALTIME/./} - start))
	printf '%d.%03d\n' $((taken / 1000000)) $((taken / 1000 % 1000))
}

# A limit on what a command takes, which the issue sets and no machine's
# slowness excuses.
expect_faster() { # SECONDS CMD...
	local limit=$1 start=${EPOCHREALTIME/./} taken
	shift
	expect "$@"
	taken=$(((${EPOCHREALTIME/./} - start) / 1000))
	((taken <= limit * 1000)) || fail "took $taken ms, limit $limit s: $*"
}

# ---- the end of a file ----

on_exit() {
	local rc=$?
	if ((rc != 0 && rc != SKIPPED && rc != 1)) || [[ -n $current ]]; then
		((rc == 0)) || fail "the test itself ended with status $rc"
		case_end
	fi
	if declare -F test_cleanup >/dev/null; then test_cleanup; fi
	bazel_cleanup
	rm -f "$current_failed"
	tally_forget
	if [[ $rc == "$SKIPPED" ]]; then exit "$bazel_skipped"; fi
}
trap on_exit EXIT

# The last line of each test file.
finish() {
	if declare -F last_case >/dev/null; then last_case; fi
	case_end
	((failed_cases == 0))
}
