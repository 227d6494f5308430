#!/usr/bin/env bash
# Runs the documentation as it is written: each command in a ```console block, on
# the machine that its prompt names. The tutorials begin with machines that nobody
# has set up, the other pages with a cluster of three.
#
#   root@node1:~# CMD     runs on node1
#   root@host:~# CMD      runs here, in the tree
#
# And the README's session: each indented line "# ./quickstart ...".  Other lines are answers.  A word eyJ... stands for the
# token that was printed last.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

test_cleanup() { quickstart down; }

commands_of() { # FILE -> "PLACE<tab>CMD"
	awk '/^ *```console/ { inside = 1; next }
		/^ *```/ { inside = 0 }
		!inside { next }
		match($0, /^ *root@[a-z0-9]+:~# /) {
			place = $0
			sub(/^ *root@/, "", place)
			sub(/:~#.*/, "", place)
			print place "\t" substr($0, RLENGTH + 1)
		}
		' "$1"
}

session_of() { # FILE -> the same
	sed -n 's,^    # \(\./quickstart .*\),host\t\1,p' "$1"
}

shopt -s extglob
token=
run_command() { # PLACE CMD
	local command out
	command=${2//eyJ*([^ ])/$token}
	if [[ $1 == host ]]; then
		out=$(cd "$TREE" && bash -c "$command" 2>&1) || {
			fail "$ $2"$'\n'"$out"
			return
		}
	else
		out=$(on "$1" bash -c "$command" 2>&1 </dev/null) || {
			fail "$1# $2"$'\n'"$out"
			return
		}
	fi
	if [[ $out == eyJ* ]]; then token=$out; fi
}

run_commands() { # FILE FUNCTION-THAT-FINDS-THEM
	local place command count=0
	while IFS=$'\t' read -r place command; do
		count=$((count + 1))
		run_command "$place" "$command" </dev/null
	done < <("$2" "$1")
	((count > 0)) || fail "$1 has no command to run"
}

pages=(docs/tutorial/*.md)
[[ -e ${pages[0]} ]] || skip "there is no docs/tutorial"
for page in "${pages[@]}"; do
	case_name "the commands of $page work as written"
	quickstart down
	quickstart up --no-join 3 >/dev/null
	run_commands "$page" commands_of
	expect_nothing_restarted
done

for page in docs/how-to/*.md docs/reference/*.md; do
	[[ -n $(commands_of "$page") ]] || continue
	case_name "the commands of $page work as written"
	quickstart down
	quickstart up >/dev/null
	run_commands "$page" commands_of
	expect_nothing_restarted
done

case_name "the session of README.md works as written"
quickstart down
quickstart up >/dev/null
run_commands README.md session_of
finish
