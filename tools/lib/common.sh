# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts of this folder and by run-tests.  Source it; it moves
# to the top of the tree.
# shellcheck shell=bash

TREE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly TREE
cd "$TREE" || exit 1

# A gate that cannot run says why and ends with this status.
readonly SKIPPED=77

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

skip() { # WHY
	echo "skipped: $*"
	exit "$SKIPPED"
}

# The C++ that this project wrote, as git knows it.
own_sources() {
	git ls-files -- 'agent/*.cc' 'agent/*.h' 'base/*.cc' 'base/*.h' \
		'ctl/*.cc' 'ctl/*.h' 'integration/*.cc' 'integration/*.h' \
		'pki/*.cc' 'pki/*.h' 'raft/*.cc' 'raft/*.h' \
		'supervisor/*.cc' 'supervisor/*.h' | existing
}

# Every script: by its ending or by its first line.
own_scripts() {
	local file first
	git ls-files | existing | while read -r file; do
		[[ -f $file && ! -L $file ]] || continue
		if [[ $file == *.sh ]]; then
			echo "$file"
			continue
		fi
		[[ $file != *.* || $file == .ci/* ]] || continue
		IFS= read -r first <"$file" || continue
		[[ $first =~ ^#!.*[/\ ](ba)?sh$ ]] && echo "$file"
	done || true
}

# Drops names that git knows and the disk does not (a move not yet committed).
existing() {
	local file
	while read -r file; do
		if [[ -e $file ]]; then echo "$file"; fi
	done
}
