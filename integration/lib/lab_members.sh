# Members in the lab: nodes with systemd as PID 1, installed as a package would
# and run under the units that --print-units prints.  Needs process.sh and TREE;
# the caller sets LAB_ID, and UNIT_PREFIX and LAB_ROOT if they are not the
# agent's defaults.
# shellcheck shell=bash

UNIT_PREFIX=${UNIT_PREFIX:-microovn.}
LAB_ROOT=${LAB_ROOT:-/var/lib/microovn}

lab() { "$TREE/integration/lab/lab" "$@"; }
on() { lab exec "$@"; } # NODE CMD...
microovn() { # NODE ARG...
	local node=$1
	shift
	on "$node" env "SNAP_COMMON=$LAB_ROOT" microovn "$@"
}

management() { echo "10.98.0.$((10 + ${1#node}))"; }
underlay() { echo "10.98.1.$((10 + ${1#node}))"; }

units_of() { # NODE -> names of all units of a node, the agent's included
	on "$1" find /etc/systemd/system -maxdepth 1 -type f \
		-name "$UNIT_PREFIX*.service" -printf '%f\n'
}
agent_unit() { echo "${UNIT_PREFIX}daemon.service"; }

# What a package would do.
declare -A prefix_of=()
install_on() { # NODE
	local program
	prefix_of[$1]=$UNIT_PREFIX
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

bootstrap_on() { # NODE
	microovn "$1" cluster bootstrap --address "$(management "$1")" \
		--encap-ip "$(underlay "$1")"
}

join_through() { # MEMBER NODE
	local token
	token=$(microovn "$1" cluster add "$2")
	microovn "$2" cluster join "$token" --address "$(management "$2")" \
		--encap-ip "$(underlay "$2")"
}

all_online() { # NODE COUNT
	[[ $(microovn "$1" cluster list -f csv | grep -c ONLINE) == "$2" ]]
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
	local node
	case_name "no agent and no daemon ended that the test did not end"
	for node in "${!prefix_of[@]}"; do
		UNIT_PREFIX=${prefix_of[$node]}
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
