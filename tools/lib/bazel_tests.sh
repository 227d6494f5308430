# SPDX-License-Identifier: Apache-2.0
# Bazel's tests as items of the tally.  Source after tally.sh.
# shellcheck shell=bash

# One line per target of Bazel's closing summary:
#   //base/file:file_test   (cached) PASSED in 0.1s
#   //base:mutex_test  FAILED in 0.2s
readonly PASSED_LINE='^//[^ ]+ +(\(cached\) )?(PASSED|FLAKY)'
readonly FAILED_LINE='^//[^ ]+ +(\(cached\) )?(FAILED|TIMEOUT|NO STATUS|REMOTE FAILURE|INCOMPLETE)'

run_bazel() { # LOG OPTION|TARGET...
	local log=$1
	shift
	mkdir -p "$(dirname "$log")"
	bazel test --keep_going --noshow_progress "$@" >"$log" 2>&1 </dev/null
}

# "TARGET VERDICT SECONDS" of each test in a log of run_bazel.
bazel_verdicts() { # LOG
	sed -nE 's/^(\/\/[^ ]+) +(\(cached\) )?([A-Z][A-Z ]*[A-Z])( in ([0-9]+ out of [0-9]+ in )?([0-9.]+s))?.*$/\1\t\3\t\6/p' "$1" |
		sed 's/NO STATUS/NO_STATUS/; s/REMOTE FAILURE/REMOTE_FAILURE/'
}

# Where Bazel left what a test printed.
bazel_test_log() { # //FOLDER:NAME
	local path=${1#//}
	echo "$(bazel info bazel-testlogs 2>/dev/null)/${path/://}/test.log"
}

# Runs tests and counts each target under LABEL.  The log is left for those who
# look for figures in it.
bazel_tests() { # LABEL LOG OPTION|TARGET...
	local label=$1 log=$2 rc=0 target failed=0 began=$SECONDS
	shift 2
	run_bazel "$log" "$@" || rc=$?
	while read -r target _; do
		tally_pass "$label $target"
	done < <(grep -E "$PASSED_LINE" "$log")
	while read -r target _; do
		tally_fail "$label $target"
		failed=1
	done < <(grep -E "$FAILED_LINE" "$log")
	# A build that fails may leave no test to name.
	if ((rc != 0 && failed == 0)); then
		tally_fail "$label (build)"
		failed=1
	fi
	if ((failed)); then tail -n 200 "$log"; fi
	echo "$label: $(grep -cE "$PASSED_LINE" "$log" || true) targets passed," \
		"$(grep -cE "$FAILED_LINE" "$log" || true) failed ($((SECONDS - began)) s)"
}
