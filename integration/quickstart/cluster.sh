# SPDX-License-Identifier: Apache-2.0
# The cluster and its workload: bootstrap, joins, ports, pings.  Needs
# member.sh.
# shellcheck shell=bash

# ---- members ----

# An agent that belongs to a cluster can list it.
initialised() { # NODE
	in_node "$1" microovn cluster list -f csv >/dev/null 2>&1
}

bootstrap() { # NODE
	initialised "$1" && return
	in_node "$1" microovn cluster bootstrap \
		--address "$(management_address "$1")" \
		--encap-ip "$(underlay_address "$1")"
}

join() { # NODE THROUGH
	local token
	initialised "$1" && return
	token=$(in_node "$2" microovn cluster add "$1")
	in_node "$1" microovn cluster join "$token" \
		--address "$(management_address "$1")" \
		--encap-ip "$(underlay_address "$1")"
}

# A member that answers for the cluster.
some_member() {
	local node
	for node in $(running_nodes); do
		if initialised "$node"; then
			echo "$node"
			return
		fi
	done
	return 1
}

# ---- ports ----

# The logical switch is made once; each member has one port of it, named like
# the member.
port_define() { # NODE VIA
	in_node "$2" microovn.ovn-nbctl --timeout=20 \
		--may-exist ls-add quickstart \
		-- --may-exist lsp-add quickstart "$1" \
		-- lsp-set-addresses "$1" "$(port_mac "$1") $(port_address "$1")"
}

has_bridge() { # NODE
	in_node "$1" microovn.ovs-vsctl --timeout=2 br-exists br-int 2>/dev/null
}

port_plug() { # NODE
	wait_until 20 has_bridge "$1" ||
		die "$1 has no integration bridge: ./quickstart logs $1"
	in_node "$1" microovn.ovs-vsctl --timeout=10 \
		--may-exist add-port br-int "vif-$1" \
		-- set interface "vif-$1" "external_ids:iface-id=$1"
}

port_is_up() { # NODE VIA
	[[ $(in_node "$2" microovn.ovn-nbctl --timeout=2 lsp-get-up "$1") == up ]]
}

port_wait() { # NODE VIA
	wait_until 20 port_is_up "$1" "$2" ||
		die "the port of $1 is not bound: ./quickstart exec $2 microovn.ovn-sbctl show"
}

port_is_plugged() { # NODE
	in_node "$1" microovn.ovs-vsctl --timeout=2 port-to-br "vif-$1" >/dev/null 2>&1
}

# Of a cluster that has ports.
has_ports() { # VIA
	in_node "$1" microovn.ovn-nbctl --timeout=3 --no-leader-only \
		--bare --columns=name list Logical_Switch 2>/dev/null |
		grep -qx quickstart
}

# A member that left and came back has another switch, without its port.  What
# cannot be mended now is left as it is.
ports_mend() {
	local node via=
	for node in $(running_nodes); do
		if port_is_plugged "$node" || ! has_bridge "$node"; then continue; fi
		[[ -n $via ]] || via=$(some_member) || return 0
		has_ports "$via" || return 0
		port_define "$node" "$via" 2>/dev/null || return 0
		port_plug "$node"
		port_wait "$node" "$via"
	done
}

# ---- pings ----

ping_once() { # FROM TO
	in_port "$1" ping -n -q -c 1 -W 1 "$(port_address "$2")"
}

ping_answered() { # FROM TO; the first packets may come before the flows
	wait_until 10 ping_once "$1" "$2"
}

ping_pairs() { # NODE...
	local from to failed=0
	for from in "$@"; do
		for to in "$@"; do
			[[ $from != "$to" ]] || continue
			if ping_answered "$from" "$to"; then
				echo "  $from -> $to answered"
			else
				echo "  $from -> $to NO ANSWER"
				failed=1
			fi
		done
	done
	return "$failed"
}
