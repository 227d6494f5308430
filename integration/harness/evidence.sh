# SPDX-License-Identifier: Apache-2.0
# What is left of a cluster whose case failed, for those who come later: the
# ends of its logs, a list of its files, what its members say.  No file but
# logs is copied, for others are keys.  Needs TREE; sourced by case.sh.
# shellcheck shell=bash

readonly EVIDENCE_LINES=20000
readonly EVIDENCE_LOG_BYTES=262144
readonly EVIDENCE_LOGS=300
evidence_kept=

# At the first failed case, while its state is still there.  Bazel packs the
# folder into the test's outputs.
keep_evidence() {
	[[ -n ${TEST_UNDECLARED_OUTPUTS_DIR:-} && -z $evidence_kept ]] || return 0
	evidence_kept=1
	{
		cat "$TREE/build/quickstart-$QUICKSTART_ID.log"
		evidence_of "$TREE/build/$QUICKSTART_ID" "$TREE/quickstart"
		evidence_of "$TREE/build/lab-run/${LAB_ID:-$QUICKSTART_ID}" \
			"$TREE/integration/lab/lab"
	} >"$TEST_UNDECLARED_OUTPUTS_DIR/evidence.log" 2>&1 || true
}

evidence_of() { # DISKS SCRIPT-THAT-RUNS-COMMANDS-IN-NODES
	local disks=$1 out=$TEST_UNDECLARED_OUTPUTS_DIR node
	[[ -d $disks ]] || return 0
	find "$disks" -xdev -printf '%M %8s %TT %P\n' |
		head -n "$EVIDENCE_LINES" >"$out/files.txt"
	evidence_logs "$disks" "$out/logs"
	for node in "$disks"/node*/; do
		node=$(basename "$node")
		evidence_said "$2" "$node" >"$out/$node.txt" 2>&1
	done
}

evidence_logs() { # FROM TO
	local file
	# The store's own .log files are data.
	find "$1" -xdev -path '*/state/raft' -prune -o -type f -name '*.log' \
		-size +0 -printf '%P\n' |
		head -n "$EVIDENCE_LOGS" | while read -r file; do
		mkdir -p "$2/$(dirname "$file")"
		tail -c "$EVIDENCE_LOG_BYTES" "$1/$file" >"$2/$file"
	done
	find "$1" -xdev -type d -path '*/var/log/journal' -printf '%P\n' |
		while read -r file; do
			journalctl --no-pager -q -n "$EVIDENCE_LINES" -D "$1/$file" \
				>"$2/${file%%/*}.journal"
		done
}

evidence_said() { # SCRIPT NODE
	local command
	for command in "ps -ef" "ss -tlnp" "microovn cluster list" \
		"microovn status" "microovn cluster log" \
		"systemctl list-units --no-pager --all microovn.*"; do
		echo "# $command"
		# shellcheck disable=SC2086
		timeout 10 "$1" exec "$2" $command </dev/null || true
	done
}
