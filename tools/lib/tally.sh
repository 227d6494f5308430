# SPDX-License-Identifier: Apache-2.0
# Counts what passed and what failed, in a file so that several programs can
# add to one count (TALLY names it).  Source after common.sh.
# shellcheck shell=bash

if [[ -z ${TALLY:-} ]]; then
	mkdir -p "$TREE/build"
	TALLY=$(mktemp "$TREE/build/tally.XXXXXX")
	export TALLY
	tally_owner=$BASHPID
	trap tally_forget EXIT
fi

# Only whoever opened the count ends it.
tally_forget() {
	if [[ ${tally_owner:-} == "$BASHPID" ]]; then rm -f "$TALLY"; fi
}

tally_pass() { # NAME
	echo "pass $1" >>"$TALLY"
}

tally_fail() { # NAME
	echo "fail $1" >>"$TALLY"
}

# Runs a command as one item: quiet when it passes, everything it said when it
# does not, its word when it skips.
tally_run() { # NAME CMD...
	local name=$1 rc=0 log began=$SECONDS
	shift
	log=$(mktemp "$TREE/build/log.XXXXXX")
	"$@" </dev/null >"$log" 2>&1 || rc=$?
	case $rc in
	0)
		tally_pass "$name"
		echo "ok       $name ($((SECONDS - began)) s)"
		;;
	"$SKIPPED") echo "skipped  $name: $(sed -n 's/^skipped: //p' "$log")" ;;
	*)
		tally_fail "$name"
		tail -n 200 "$log"
		echo "FAILED   $name ($((SECONDS - began)) s)"
		;;
	esac
	rm -f "$log"
}

tally_count() { # pass|fail
	grep -c "^$1 " "$TALLY" || true
}

# The closing line, by whoever opened the count.
tally_report() {
	local failed
	failed=$(tally_count fail)
	if [[ ${tally_owner:-} == "$BASHPID" ]]; then
		sed -n 's/^fail /failed: /p' "$TALLY"
		echo "$(tally_count pass) passed, $failed failed"
	fi
	((failed == 0))
}
