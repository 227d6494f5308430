# SPDX-License-Identifier: Apache-2.0
# What a test needs to know of who runs it: Bazel (`bazel test
# //integration/tests:NAME`) or somebody at a shell, for whom the cluster stays
# as the test left it.  Needs TREE; sourced by case.sh.
# shellcheck shell=bash

# Bazel has no word for a test that could not run; integration/run finds the
# line that skip prints.
# shellcheck disable=SC2034 # read by case.sh
bazel_skipped=77

# One cluster of its own for each test of each tree, always of the same name:
# what a test that was killed left behind is found by the next.
bazel_id() {
	echo "it-$(md5sum <<<"$TREE $TEST_TARGET" | cut -c1-6)"
}

if [[ -n ${TEST_TARGET:-} ]]; then
	# shellcheck disable=SC2034
	bazel_skipped=0
	export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export HOME=${HOME:-/root} LANG=C.UTF-8
	export MICROOVN_BUILT=$TEST_SRCDIR/$TEST_WORKSPACE
	QUICKSTART_ID=${QUICKSTART_ID:-$(bazel_id)}
	export QUICKSTART_ID
fi

# Before and after.  MICROOVN_KEEP leaves the cluster to be looked at, with
# QUICKSTART_ID as the test's log says.
bazel_cleanup() {
	[[ -n ${TEST_TARGET:-} && -d $TREE/build/$QUICKSTART_ID ]] || return 0
	if [[ -n ${MICROOVN_KEEP:-} ]]; then
		echo "the cluster stays: QUICKSTART_ID=$QUICKSTART_ID ./quickstart status"
	else
		"$TREE/quickstart" down
	fi
}

# Where a program of this tree is: what Bazel gave the test, or built now.
program() { # //FOLDER:NAME
	local path=${1#//} bin=${MICROOVN_BUILT:-}
	if [[ -z $bin ]]; then
		bazel build --show_result=0 "$1" >&2
		bin=$(bazel info bazel-bin 2>/dev/null)
	fi
	echo "$bin/${path/://}"
}
