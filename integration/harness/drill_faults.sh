# SPDX-License-Identifier: Apache-2.0
# Faults that a member can have, for the blind drill.  Each kind has a line in
# the table, and says how it is brought in and how it is mended; what a finding
# advises is how it is mended wherever that can be typed.
#
#   kind NAME REASON [any] [heals]
#
# REASON: of the finding that names the cause, an extended regular expression.
# any: the finding is not of the member that has the fault.  heals: the agent
# mends it by itself, and `healed_NAME NODE` says whether it has.
# after_NAME NODE: whether all is as it was, once it was healthy again.
# kind_causes[NAME]: what the injection causes besides, an expression as well.
# Needs cluster.sh.
# shellcheck shell=bash

# shellcheck disable=SC2034 # read by the drill
kinds=()
declare -A kind_reason=() kind_any=() kind_heals=() kind_causes=()
kind() { # NAME REASON [any] [heals]
	kinds+=("$1")
	kind_reason[$1]=$2
	[[ " ${*:3} " != *" any "* ]] || kind_any[$1]=1
	[[ " ${*:3} " != *" heals "* ]] || kind_heals[$1]=1
}

others() { # NODE -> the other two
	local node
	for node in node1 node2 node3; do
		[[ $node == "$1" ]] || echo "$node"
	done
}
other() { others "$1" | head -n 1; }

# ---- daemons that hang ----

declare -rA PIDFILES=([nb]=ovn/ovnnb_db.pid [sb]=ovn/ovnsb_db.pid
	[northd]=ovn/ovn-northd.pid [controller]=ovn/ovn-controller.pid
	[ovsdb]=switch/ovsdb-server.pid [vswitchd]=switch/ovs-vswitchd.pid)

signal_daemon() { # NODE DAEMON SIGNAL
	on "$1" kill "-$3" "$(daemon_pid "$1" "${PIDFILES[$2]}")"
}

for daemon in nb sb northd controller ovsdb vswitchd; do
	kind "frozen_$daemon" DAEMON_FROZEN
	eval "inject_frozen_$daemon() { signal_daemon \$1 $daemon STOP; }"
	eval "mend_frozen_$daemon() { signal_daemon \$1 $daemon CONT; }"
done

kind no_majority_nb DATABASE_HAS_NO_LEADER any
kind_causes[no_majority_nb]=DAEMON_FROZEN
inject_no_majority_nb() {
	local node
	for node in $(others "$1"); do signal_daemon "$node" nb STOP; done
}
mend_no_majority_nb() {
	local node
	for node in $(others "$1"); do signal_daemon "$node" nb CONT; done
}

# ---- daemons that end again and again ----

crash_loop=
crash_daemon() { # NODE PIDFILE
	while :; do
		kill_daemon "$1" "$2"
		sleep 1
	done >/dev/null 2>&1
}
for daemon in nb sb northd controller ovsdb vswitchd; do
	kind "crashing_$daemon" 'DAEMON_RESTARTS|SERVICE_NOT_READY'
	eval "inject_crashing_$daemon() { crash_daemon \$1 ${PIDFILES[$daemon]} & crash_loop=\$!; }"
	eval "mend_crashing_$daemon() { end_crash_loop; }"
done
end_crash_loop() {
	[[ -n $crash_loop ]] || return 0
	kill "$crash_loop" 2>/dev/null || true
	wait "$crash_loop" 2>/dev/null || true
	crash_loop=
}

# ---- daemons that were told to do nothing ----

kind paused_northd DAEMON_PAUSED
inject_paused_northd() { on "$1" microovn.ovn-appctl -t ovn-northd pause; }
mend_paused_northd() { on "$1" microovn.ovn-appctl -t ovn-northd resume; }

kind paused_controller DAEMON_PAUSED
inject_paused_controller() {
	on "$1" microovn.ovn-appctl -t ovn-controller debug/pause
}
mend_paused_controller() {
	on "$1" microovn.ovn-appctl -t ovn-controller debug/resume
}

# ---- sockets that are gone ----

# Killed, a daemon makes its sockets anew: what the finding advises.
socket_kind() { # NAME DAEMON FILE
	kind "$1" DAEMON_FROZEN
	eval "inject_$1() { on \$1 rm \"$ROOT/run/$3\"; }"
	eval "mend_$1() { kill_daemon \$1 ${PIDFILES[$2]}; }"
}
socket_kind no_control_nb nb ovn/ovnnb_db.ctl
socket_kind no_socket_sb sb ovn/ovnsb_db.sock
socket_kind no_socket_ovsdb ovsdb switch/db.sock

kind no_control_northd DAEMON_FROZEN
inject_no_control_northd() {
	on "$1" rm "$ROOT/run/ovn/ovn-northd.$(daemon_pid "$1" ovn/ovn-northd.pid).ctl"
}
mend_no_control_northd() { kill_daemon "$1" ovn/ovn-northd.pid; }

kind no_control_controller DAEMON_FROZEN
inject_no_control_controller() {
	on "$1" rm "$ROOT/run/ovn/ovn-controller.$(daemon_pid "$1" ovn/ovn-controller.pid).ctl"
}
mend_no_control_controller() { kill_daemon "$1" ovn/ovn-controller.pid; }

# ---- members that are away ----

kind agent_off MEMBER_UNREACHABLE
inject_agent_off() { quickstart stop "$1"; }
mend_agent_off() { quickstart start "$1"; }

signal_agent() { # NODE SIGNAL
	on "$1" "$TREE/integration/lib/signal-recorded" \
		"$CLUSTER_DIR/state/$1/agent" "$2"
}
kind agent_frozen MEMBER_UNREACHABLE
inject_agent_frozen() { signal_agent "$1" STOP; }
mend_agent_frozen() { signal_agent "$1" CONT; }

kind power_off MEMBER_UNREACHABLE
inject_power_off() { quickstart stop "$1" --power; }
mend_power_off() { quickstart start "$1" --power; }

# What passes a rule is not what it names: `reject` ends connections at once.
filter() { # NODE RULE...
	on "$1" nft add table inet drill
	on "$1" nft add chain inet drill out \
		'{ type filter hook output priority 0; }'
	on "$1" nft add chain inet drill in \
		'{ type filter hook input priority 0; }'
	on "$1" nft add rule inet drill out "${@:2}"
	on "$1" nft add rule inet drill in "${@:2}"
}
unfilter() { on "$1" nft delete table inet drill; }

kind cut_off MEMBER_UNREACHABLE
inject_cut_off() {
	filter "$1" ip daddr 10.98.0.0/24 ip daddr != "$(address_of "$1")" drop
	on "$1" nft add rule inet drill in ip saddr 10.98.0.0/24 \
		ip saddr != "$(address_of "$1")" drop
}
mend_cut_off() { unfilter "$1"; }

kind no_address MEMBER_UNREACHABLE
inject_no_address() { on "$1" ip link set eth0 down; }
mend_no_address() { on "$1" ip link set eth0 up; }

# ---- databases ----

kind raft_blocked 'DATABASE_SERVER_(BEHIND|DOWN)|MEMBER_NOT_CONVERGED'
inject_raft_blocked() {
	filter "$1" tcp dport '{ 6643, 6644 }' drop
	on "$1" nft add rule inet drill out tcp sport '{ 6643, 6644 }' drop
}
mend_raft_blocked() { unfilter "$1"; }

kind southbound_blocked DAEMON_NOT_CONNECTED
inject_southbound_blocked() {
	filter "$1" tcp dport 1 drop
	on "$1" nft add rule inet drill out tcp dport 6642 reject with tcp reset
}
mend_southbound_blocked() { unfilter "$1"; }

listener_kind() { # nb|sb PORT
	kind "no_listener_$1" DATABASE_LISTENER_MISSING any heals
	eval "inject_no_listener_$1() { on_database \$1 $1 del-connection; }"
	eval "mend_no_listener_$1() { on_database \$1 $1 set-connection 'pssl:$2:[::]'; }"
	eval "healed_no_listener_$1() { ports_are_open $2; }"
}
on_database() { # NODE nb|sb ARG...
	# As the finding writes it.
	on "$1" "microovn.ovn-${2}ctl" "--db=unix:../ovn/ovn${2}_db.sock" \
		--no-leader-only --timeout=5 "${@:3}"
}
ports_are_open() { # PORT
	local node
	for node in node1 node2 node3; do
		on "$node" ss -Hltn "sport = :$1" | grep -q . || return 1
	done
}
listener_kind nb 6641
listener_kind sb 6642

database_file() { echo "$CLUSTER_DIR/$1/data/central/db/ovn${2}_db.db"; }
lose_file() { # NODE nb|sb CMD...
	quickstart stop "$1" --power
	"${@:3}" "$(database_file "$1" "$2")"
	quickstart start "$1" --power
}
renew_central() { # NODE: what the finding advises
	microovn "$1" disable central --node "$1"
	microovn "$1" enable central --node "$1"
}

kind file_lost_nb DATABASE_SERVER_DEAD heals
# A member that was switched on a moment ago has services that still start.
kind_causes[file_lost_nb]=SERVICE_NOT_READY
inject_file_lost_nb() { lose_file "$1" nb rm; }
mend_file_lost_nb() { renew_central "$1"; }
healed_file_lost_nb() { server_count nb 3; }

server_count() { # nb|sb COUNT
	local node
	for node in node1 node2 node3; do
		[[ $(database_status "$node" "$1" | sed -n '/^Servers:/,$p' |
			grep -c ' at ') == "$2" ]] || return 1
	done
}

kind file_empty_sb 'SERVICE_NOT_READY|DAEMON_RESTARTS|DATABASE_SERVER_DEAD' heals
# Its server ends again and again, as it should.
inject_file_empty_sb() {
	local _
	for _ in {1..10}; do echo ovn/ovnsb_db.pid; done \
		>>"$CLUSTER_DIR/state/$1/killed"
	lose_file "$1" sb truncate -s 0
}
mend_file_empty_sb() { renew_central "$1"; }
healed_file_empty_sb() { server_count sb 3 && is_member_of "$1" sb; }
is_member_of() { # NODE nb|sb
	database_status "$1" "$2" | grep -q '^Status: cluster member$'
}

kind put_out_sb 'DATABASE_SERVER_(DEAD|DOWN)|MEMBER_NOT_CONVERGED|SERVICE_NOT_READY' heals
inject_put_out_sb() {
	local sid node
	sid=$(database_status "$1" sb | sed -n 's/^Server ID: \(....\).*/\1/p')
	for node in $(others "$1"); do
		if on "$node" microovn.ovn-appctl -t "$ROOT/run/ovn/ovnsb_db.ctl" \
			cluster/kick OVN_Southbound "$sid"; then return; fi
	done
}
mend_put_out_sb() { renew_central "$1"; }
healed_put_out_sb() { server_count sb 3 && is_member_of "$1" sb; }

kind two_centrals DATABASE_NO_FAULT_TOLERANCE any
inject_two_centrals() { microovn "$(other "$1")" disable central --node "$1"; }
mend_two_centrals() { microovn "$(other "$1")" enable central --node "$1"; }

kind old_schema SCHEMA_OUTDATED any heals
inject_old_schema() {
	on "$1" sh -c "sed -E 's/(\"version\": \"[0-9]+\\.[0-9]+)\\.[0-9]+\"/\\1.0\"/;
		s/\"version\": \"20\\.[0-9]+/\"version\": \"20.26/;
		/\"cksum\"/d' /usr/share/ovn/ovn-sb.ovsschema >/tmp/old.ovsschema"
	convert_schema "$1" /tmp/old.ovsschema
}
mend_old_schema() { convert_schema "$1" /usr/share/ovn/ovn-sb.ovsschema; }
healed_old_schema() { # NODE
	[[ $(live_schema "$1" sb) == "$(on "$1" ovsdb-tool schema-version \
		/usr/share/ovn/ovn-sb.ovsschema)" ]]
}
live_schema() { # NODE nb|sb
	local name=OVN_Southbound
	[[ $2 == sb ]] || name=OVN_Northbound
	on "$1" ovsdb-client get-schema-version "unix:$ROOT/run/ovn/ovn${2}_db.sock" "$name"
}
convert_schema() { # NODE FILE
	on "$1" microovn.ovsdb-client convert \
		"unix:$ROOT/run/ovn/ovnsb_db.sock" "$2"
}

# ---- settings ----

setting_kind() { # NAME KEY VALUE
	kind "$1" 'SETTINGS_DIFFER|MEMBER_NOT_CONVERGED' heals
	eval "inject_$1() { remember_setting \$1 $2; vsctl \$1 set open_vswitch . external_ids:$2=$3; }"
	eval "healed_$1() { [[ \$(setting \$1 $2) == \"\$remembered\" ]]; }"
	eval "mend_$1() { vsctl \$1 set open_vswitch . \"external_ids:$2=\$remembered\"; }"
}
remembered=
setting() { vsctl "$1" get open_vswitch . "external_ids:$2"; }
remember_setting() { remembered=$(setting "$@"); }
setting_kind other_remote ovn-remote ssl:192.0.2.1:6642
setting_kind other_encap_ip ovn-encap-ip 192.0.2.1
setting_kind other_encap_type ovn-encap-type vxlan
setting_kind other_system_id system-id somebody-else

file_kind() { # NAME FILE CMD...
	kind "$1" 'SETTINGS_DIFFER|MEMBER_NOT_CONVERGED|CERTIFICATE_NOT_SERVED' heals
	eval "inject_$1() { remember_file \$1 $2; on \$1 ${*:3} $ROOT/$2; }"
	eval "healed_$1() { [[ \$(on \$1 sha256sum <$CLUSTER_DIR/\$1/$2) == \"\$remembered\" ]] || file_is_new \$1 $2; }"
	eval "mend_$1() { :; }"
}
remember_file() { remembered=$(sha256sum <"$CLUSTER_DIR/$1/$2"); }
# Issued again: another text, and one that OpenSSL reads.
file_is_new() { # NODE FILE
	[[ $2 == *.pem ]] && on "$1" openssl x509 -noout -in "$ROOT/$2"
}
file_kind env_gone data/env/ovn.env rm -f
file_kind env_changed data/env/ovn.env sed -i s/10.98/192.0/
file_kind certificate_gone data/pki/ovnnb-cert.pem rm -f
file_kind certificate_broken data/pki/ovn-controller-cert.pem truncate -s 0
file_kind bundle_gone data/pki/cacert.pem rm -f

kind pki_gone 'CERTIFICATE_NOT_SERVED|MEMBER_NOT_CONVERGED' heals
# At once: its agent would fill what `rm` empties.
inject_pki_gone() {
	on "$1" mv "$ROOT/data/pki" "$ROOT/data/pki-gone" &&
		on "$1" rm -rf "$ROOT/data/pki-gone"
}
healed_pki_gone() {
	local name
	for name in client ovnnb ovnsb ovn-northd ovn-controller; do
		on "$1" openssl x509 -noout -in "$ROOT/data/pki/$name-cert.pem" || return 1
	done
}
mend_pki_gone() { :; }

kind tunnel_address_gone 'TUNNELS_NOT_POSSIBLE|MEMBER_NOT_CONVERGED' heals
inject_tunnel_address_gone() {
	on "$1" ip address flush dev br-phy
}
healed_tunnel_address_gone() {
	on "$1" ip -o address show | grep -qF " $(underlay_of "$1")/"
}
mend_tunnel_address_gone() {
	on "$1" ip address add "$(underlay_of "$1")/24" dev br-phy
}

# In one transaction, or ovn-controller is back before the other has come.
kind ghost_chassis TUNNEL_ADDRESS_SHARED
inject_ghost_chassis() {
	sbctl "$1" chassis-del "$1" -- \
		chassis-add ghost geneve "$(underlay_of "$1")"
}
mend_ghost_chassis() { sbctl "$1" chassis-del ghost; }

# ---- clocks ----

kind clock_ahead CLOCK_SKEW
inject_clock_ahead() {
	shift_clock "$1" 600
	quickstart stop "$1"
	quickstart start "$1"
}
mend_clock_ahead() {
	rm "$CLUSTER_DIR/state/$1/environment"
	quickstart stop "$1"
	quickstart start "$1"
}
