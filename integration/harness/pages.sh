# SPDX-License-Identifier: Apache-2.0
# The commands of documentation, typed as the page has them and compared with
# what the page says that they print.  Needs case.sh.
#
# In a ```console block:
#   root@node1:~# CMD     is typed on node1
#   root@host:~# CMD      is typed here, in the tree
# The lines below a command are its answer: "..." in a line stands for anything,
# a line of only "..." for any lines, more blanks for fewer.  A word eyJ... is a
# token: any in an answer, the one that was printed last in a command.
# shellcheck shell=bash

shopt -s extglob

# Where the commands of "host" are typed.
page_home=$TREE
# What runs those of another place; a test of other machines has its own.
page_shell() { # PLACE CMD
	printf './quickstart exec %q bash -c %q' "$1" "$2"
}
page_width=100
# An extended regular expression of steps, as "PLACE# CMD", that a test's
# machines have no use for, as what makes the machines of a tutorial.
page_skips=
page_token=
page_count=0

# Lines "PLACE<tab>CMD<tab>ANSWER", with \n in the answer; of one section or of
# the whole page.
page_steps() { # FILE [HEADING]
	awk -v wanted="${2:-}" '
		!inside && /^## / { heading = substr($0, 4) }
		wanted != "" && heading != wanted { next }
		/^ *```console/ { inside = 1; next }
		/^ *```/ { inside = 0 }
		{ sub(/\r$/, "") }
		inside && match($0, /^ *root@[a-z0-9]+:~# /) {
			if (step) print step
			place = $0
			sub(/^ *root@/, "", place)
			sub(/:~#.*/, "", place)
			step = place "\t" substr($0, RLENGTH + 1) "\t"
			next
		}
		inside && step { gsub(/\\/, "\\\\"); step = step $0 "\\n" }
		!inside && step { print step; step = "" }
		END { if (step) print step }' "$1"
}

# What is printed on a terminal, without its colours.
type_it() { # PLACE CMD
	local command=$2
	[[ $1 == host ]] || command=$(page_shell "$1" "$command")
	(cd "$page_home" &&
		script -qec "stty cols $page_width; $command" /dev/null </dev/null) |
		sed -e 's/\x1b\[[0-9;?]*[a-zA-Z]//g' -e 's/.*\r\([^\r]\)/\1/' -e 's/\r//g'
	return "${PIPESTATUS[0]}"
}

# Whether what was printed is what the page has.
is_answer() { # PAGE'S PRINTED
	local line pattern=
	while IFS= read -r line; do
		if [[ $line =~ ^[[:blank:]]*\.\.\.$ ]]; then
			pattern+=$'([^\n]*\n)*'
			continue
		fi
		line=$(sed -E -e 's/[][(){}*+?|^$\\]/\\&/g' -e 's/\.\.\.|eyJ[^ ]*/\x01/g' \
			-e 's/\./\\./g' -e 's/[[:blank:]]+/[[:blank:]]+/g' \
			-e 's/\x01/[^\n]*/g' <<<"$line")
		pattern+="${line//'[^\n]*'/[^$'\n']*}[[:blank:]]*"$'\n'
	done < <(printf '%s' "$1")
	[[ $2 =~ ^$pattern$ ]]
}

# Who looks after a fault looks again: for the first seconds another member may
# still be on its way to lead.
readonly LOOKS_AGAIN=20
comes_to_be() { # PLACE CMD ANSWER: the output in $out
	local until=$((SECONDS + LOOKS_AGAIN))
	[[ $2 == *"microovn status"* && -n $3 ]] || return 1
	while ((SECONDS < until)); do
		sleep 1
		out=$(type_it "$1" "$2") || return 1
		if is_answer "$3" "$out"$'\n' || is_answer "$3" "$out"; then return 0; fi
	done
	return 1
}

# A page says all that is printed; loose: what it says is printed, and of the
# other commands it says nothing.
run_step() { # PAGE strict|loose PLACE CMD ANSWER
	local command out answer began=${EPOCHREALTIME/./} taken rc=0
	if [[ -n $page_skips && "$3# $4" =~ $page_skips ]]; then
		printf '     not here  %s# %.80s\n' "$3" "$4"
		return
	fi
	command=${4//eyJ*([^ ])/$page_token}
	out=$(type_it "$3" "$command" && printf x) || rc=$?
	out=${out%x}
	taken=$(((${EPOCHREALTIME/./} - began) / 1000))
	page_count=$((page_count + 1))
	printf '%9d.%d s  %s# %.80s\n' $((taken / 1000)) $((taken / 100 % 10)) "$3" "$4"
	if ((rc)); then
		fail "$1: $3# $4 ended with $rc"$'\n'"$out"
		return
	fi
	if [[ $out == eyJ* ]]; then page_token=${out%%[[:space:]]*}; fi
	printf -v answer '%b' "$5"
	[[ -n $answer || $2 == strict ]] || return 0
	is_answer "$answer" "$out" || comes_to_be "$3" "$command" "$answer" ||
		fail "$1: $3# $4"$'\n'"  the page has:"$'\n'"$answer"$'  it printed:\n'"$out"
}

run_page() { # FILE strict|loose [HEADING]
	local place command answer before=$page_count
	while IFS=$'\t' read -r place command answer <&3; do
		run_step "$1" "$2" "$place" "$command" "$answer"
	done 3< <(page_steps "$1" "${3:-}")
	((page_count > before)) || fail "$1 has no command to run${3:+ in \"$3\"}"
}
