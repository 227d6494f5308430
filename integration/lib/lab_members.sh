# SPDX-License-Identifier: Apache-2.0
# Members in the lab: nodes with systemd as PID 1, installed as a package would
# and run under the units that --print-units prints.  Needs process.sh and TREE;
# the caller sets LAB_ID, and UNIT_PREFIX and LAB_ROOT if they are not the
# agent's defaults.
# shellcheck shell=bash

UNIT_PREFIX=${UNIT_PREFIX:-microovn.}

# shellcheck source=lab_nodes.sh
. "$TREE/integration/lib/lab_nodes.sh"

# Whoever has installed them: the names of all units of a node, the agent's
# included.
units_of() { # NODE
	on "$1" find /etc/systemd/system /usr/lib/systemd/system -maxdepth 1 \
		-type f -name "$UNIT_PREFIX*.service" -printf '%f\n'
}
agent_unit() { echo "${UNIT_PREFIX}daemon.service"; }

# Which units of a node are the agent's and its daemons'.  In a file, for it may
# be told in a subshell.
unit_record() { echo "$TREE/build/lab-run/$LAB_ID/$1/units"; } # NODE
units_are() { echo "$2" >"$(unit_record "$1")"; }             # NODE PREFIX
prefix_of() { cat "$(unit_record "$1")"; }                    # NODE

# What a package would do.
install_on() { # NODE
	local program
	units_are "$1" "$UNIT_PREFIX"
	for program in microovnd microovn; do
		lab push "$1" "$TREE/build/bin/$program" "/usr/bin/$program"
	done
	for program in "$TREE"/build/bin/microovn.*; do
		on "$1" ln -sf microovn "/usr/bin/${program##*/}"
	done
	on "$1" install -d -m 700 "$LAB_ROOT"
	on "$1" microovnd --print-units=/etc/systemd/system \
		"--unit-prefix=$UNIT_PREFIX" "--root=$LAB_ROOT"
	on "$1" systemctl daemon-reload
	on "$1" systemctl enable --quiet --now "$(agent_unit)"
}

# ---- what a service manager did by itself ----

unit_restarts() { # NODE UNIT
	on "$1" systemctl show -P NRestarts "$2"
}

# The lines "UNIT COUNT" of all units of a node that systemd has started again;
# empty when there is none.
restarts_of() { # NODE
	local units unit count
	units=$(units_of "$1")
	[[ -n $units ]] || echo "no units on $1"
	for unit in $units; do
		count=$(unit_restarts "$1" "$unit") || true
		[[ $count == 0 ]] || echo "$unit $count"
	done
}

# Of a node, which of those lines the test has brought about: an extended
# regular expression.
declare -A brought_about=()
last_case() {
	local node record
	case_name "no agent and no daemon ended that the test did not end"
	for record in "$TREE/build/lab-run/$LAB_ID"/node*/units; do
		node=$(basename "${record%/units}")
		UNIT_PREFIX=$(prefix_of "$node")
		expect_equal "" "$(restarts_of "$node" |
			grep -vxE "${brought_about[$node]:-none}" || true)" "$node"
	done
}

# ---- one thread that is stuck ----

# Freezes the threads of that name of the agent, and nothing else of it, from
# outside: a control group of their own that does not run.
freeze_thread() { # NODE NAME
	# shellcheck disable=SC2016
	on "$1" sh -ec '
		pid=$(systemctl show -P MainPID "$1")
		group=/sys/fs/cgroup$(sed -n "s/^0:://p" "/proc/$pid/cgroup")
		mkdir -p "$group/stuck"
		echo threaded >"$group/stuck/cgroup.type"
		found=
		for task in /proc/"$pid"/task/*; do
			[ "$(cat "$task/comm")" = "$2" ] || continue
			echo "${task##*/}" >"$group/stuck/cgroup.threads"
			found=1
		done
		[ -n "$found" ]
		echo 1 >"$group/stuck/cgroup.freeze"' - "$(agent_unit)" "$2"
}
