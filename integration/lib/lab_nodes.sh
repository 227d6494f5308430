# SPDX-License-Identifier: Apache-2.0
# Nodes of the lab, however they became members.  Needs process.sh and TREE; the
# caller sets LAB_ID, and LAB_ROOT if it is not the agent's default: inside a
# snap it is snapd who says where the root is.
# shellcheck shell=bash

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

# ---- how it is ----

status_of() { # NODE
	microovn "$1" status -f json | jq -e .status
}
# "REASON REASON", each once, notices left out.
reasons() { # NODE
	status_of "$1" | jq -r '[.findings[]? |
		select(.severity != "SEVERITY_NOTICE") | .reason] | unique | join(" ")'
}
finds() { [[ $(reasons "$1") == "$2" ]]; } # NODE REASONS

# ---- power ----

pid_of_init() { # NODE
	cut -d' ' -f1 "$TREE/build/lab-run/$LAB_ID/$1/init"
}
rebooted() { # NODE PID-BEFORE
	[[ $(pid_of_init "$1") != "$2" ]] && on "$1" systemctl is-system-running
}
