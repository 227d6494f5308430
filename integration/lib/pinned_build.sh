# SPDX-License-Identifier: Apache-2.0
# The programs of another commit of this repository, built from it once and
# kept below build/pinned.  Needs TREE and skip.
# shellcheck shell=bash

pinned_bin() { echo "$TREE/build/pinned/$1/bin"; } # COMMIT

# Skips the test where the repository does not have the commit.
need_pinned_build() { # COMMIT
	local home=$TREE/build/pinned/$1 new=$TREE/build/pinned/$1.new
	[[ ! -d $home ]] || return 0
	git -C "$TREE" cat-file -e "$1^{commit}" 2>/dev/null ||
		skip "commit $1 is not in this clone"
	rm -rf "$new"
	mkdir -p "$new/tree"
	git -C "$TREE" archive "$1" | tar -x -C "$new/tree"
	# Not what this test was given, but what that tree makes.
	env -u MICROOVN_BUILT "$new/tree/tools/build" >"$new.log" 2>&1 || {
		tail -n 40 "$new.log" >&2
		die "commit $1 does not build: see $new.log"
	}
	cp -a "$new/tree/build/bin" "$new/bin"
	(cd "$new/tree" && bazel clean --expunge >>"$new.log" 2>&1)
	rm -rf "$new/tree"
	mv "$new" "$home"
	rm -f "$new.log"
}
