#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What scripts and tools rely on: the output contracts C1 to C31 of MicroOVN
# as far as they concern what is built.  Each case does what those scripts do.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

readonly NODES=(node1 node2 node3)
need_cluster

case_name "C1: the address is what stands between parentheses"
for node in "${NODES[@]}"; do
	got=$(microovn node1 status |
		awk -F\( "/$node/{sub(/\)\$/,\"\");print \$2}")
	expect_equal "$(address_of "$node")" "$got"
done

case_name "C2: the services follow the member's line"
got=$(microovn node1 status | grep -A1 node2 | tr -d ',' |
	awk -F: '/Services:/{print $2}')
expect_equal "central chassis switch" "$(xargs <<<"$got")"

case_name "C3: from a member's line to the next '-' only its services"
for node in "${NODES[@]}"; do
	for service in central chassis switch; do
		expect test -n "$(microovn node1 status |
			grep -ozE "${node}[^-]*" | tr '\0' '\n' | grep "$service")"
	done
done
tail=$(microovn node1 status | sed -n '/^OVN Database summary/,$p')
expect_no_match 'switch|central|chassis|-' "$tail"

case_name "C4: the databases are OK, with their schema's version"
for node in "${NODES[@]}"; do
	status=$(microovn "$node" status)
	expect_match '^OVN Northbound: OK \([0-9]+\.[0-9]+\.[0-9]+\)$' "$status"
	expect_match '^OVN Southbound: OK \([0-9]+\.[0-9]+\.[0-9]+\)$' "$status"
done

case_name "C5: cluster list as JSON"
expect_equal 3 "$(microovn node2 cluster list --format json | jq length)"
expect_equal ONLINE "$(microovn node2 cluster list -f json |
	jq -r '.[].status' | sort -u)"
keys=name,address,certificate,role,schema_internal_version
keys+=,schema_external_version,last_heartbeat,status,extensions,secret
expect_equal "$keys" "$(microovn node2 cluster list -f json |
	jq -r '.[0] | keys_unsorted | join(",")')"

case_name "C6: enable and disable say one line, and so do their refusals"
merged() { microovn "$@" 2>&1 || true; }
expect_equal "Error: failed to enable service 'switch': 'this service is already enabled'" \
	"$(merged node3 enable switch | sed 's/^Error: Command.*: //')"
expect_equal 'Error: invalid argument "switchh" for "microovn enable"' \
	"$(merged node3 enable switchh)"
expect_equal 'Error: invalid argument "switchh" for "microovn disable"' \
	"$(merged node3 disable switchh)"

case_name "C8: stdout of cluster add is the token and nothing else"
token=$(microovn node1 cluster add contracts-c8 2>/dev/null)
expect_equal 1 "$(wc -l <<<"$token")"
expect_match '^eyJ' "$token"
expect base64 -d <<<"$token"

case_name "C9: the environment file names every central"
for node in "${NODES[@]}"; do
	file=$(on "$node" cat "$ROOT/data/env/ovn.env")
	for central in "${NODES[@]}"; do
		expect_match "^OVN_NB_CONNECT=.*ssl:$(address_of "$central"):6641" "$file"
		expect_match "^OVN_SB_CONNECT=.*ssl:$(address_of "$central"):6642" "$file"
	done
	expect_match "^OVN_LOCAL_IP=\"?$(address_of "$node")\"?$" "$file"
done

case_name "C10: Open vSwitch knows the Southbound servers and the tunnel's end"
for node in "${NODES[@]}"; do
	remote=$(vsctl "$node" get Open_vSwitch . external_ids:ovn-remote)
	for central in "${NODES[@]}"; do
		expect_match "ssl:$(address_of "$central"):6642" "$remote"
	done
	expect_match "$(underlay_of "$node")" \
		"$(vsctl "$node" get Open_vSwitch . external_ids:ovn-encap-ip)"
done

case_name "C11: northd's command line names every central"
for node in "${NODES[@]}"; do
	pid=$(daemon_pid "$node" ovn/ovn-northd.pid)
	command=$(on "$node" ps -ww -o cmd= -p "$pid")
	for central in "${NODES[@]}"; do
		expect_match "ssl:$(address_of "$central"):6641" "$command"
		expect_match "ssl:$(address_of "$central"):6642" "$command"
	done
done

case_name "C12: cluster/status of both databases on every central"
check_database() { # NODE nb|sb PORT
	local status
	status=$(database_status "$1" "$2")
	expect_match '^Cluster ID: [0-9a-f]{4} \([0-9a-f-]{36}\)$' "$status"
	expect_match "^Address: ssl:$(address_of "$1"):$3\$" "$status"
	expect_match '^Status: cluster member$' "$status"
	expect_match '^Connections:.* ->[0-9a-f]{4}' "$status"
	expect_match '^Entries not yet applied: 0$' "$status"
}
for node in "${NODES[@]}"; do
	check_database "$node" nb 6643
	check_database "$node" sb 6644
done

case_name "C13: ovsdb-client waits, and TLS options given again do no harm"
expect on node1 timeout 32 microovn.ovsdb-client wait \
	"unix:$ROOT/run/ovn/ovnnb_db.sock" OVN_Northbound connected
pki=$ROOT/data/pki
version=$(on node1 microovn.ovsdb-client -t 10 -c "$pki/client-cert.pem" \
	-p "$pki/client-privkey.pem" -C "$pki/cacert.pem" get-schema-version \
	"unix:$ROOT/run/ovn/ovnnb_db.sock" OVN_Northbound)
expect_match '^[0-9]+\.[0-9]+\.[0-9]+$' "$version"

case_name "C14: the four ports listen on every central"
for node in "${NODES[@]}"; do
	for port in 6641 6642 6643 6644; do
		expect on "$node" lsof "-i:$port" -sTCP:LISTEN
	done
done

case_name "C15: a change goes from NB to SB within 10 s on every node"
for node in "${NODES[@]}"; do
	expect on "$node" microovn.ovn-nbctl --timeout=10 --wait=sb \
		ha-chassis-group-add testnet
	expect on "$node" microovn.ovn-nbctl --timeout=10 --wait=sb \
		ha-chassis-group-del testnet
done

case_name "C16: the chassis' name is the member's, without quotes"
for node in "${NODES[@]}"; do
	expect_match "^Chassis $node\$" "$(sbctl node1 show)"
done

case_name "C17: the pid files name their daemons"
for node in "${NODES[@]}"; do
	for daemon in ovn-controller ovn-northd; do
		expect_match "$daemon" "$(on "$node" ps -o comm= -p \
			"$(daemon_pid "$node" "ovn/$daemon.pid")")"
	done
done

case_name "C18: certificates list as JSON, in MicroOVN's order"
json=$(microovn node1 certificates list --format json)
expect_equal "ca,ovnnb,ovnsb,ovn-northd,ovn-controller,client" \
	"$(jq -r 'keys_unsorted | join(",")' <<<"$json")"
expect_equal "cert,auto_renew,expiration_date" \
	"$(jq -r '.ca | keys_unsorted | join(",")' <<<"$json")"
expect_equal true "$(jq .ca.auto_renew <<<"$json")"
expect_equal "cert,key,expiration_date" \
	"$(jq -r '.ovnnb | keys_unsorted | join(",")' <<<"$json")"

case_name "C19: TLS with the client certificate on the four ports"
handshake() { # NODE PORT
	on "$1" openssl s_client -CAfile "$pki/cacert.pem" \
		-cert "$pki/client-cert.pem" -key "$pki/client-privkey.pem" \
		-verify_return_error -connect "$(address_of "$1"):$2" <<<Q
}
for port in 6641 6642 6643 6644; do expect handshake node2 "$port"; done

case_name "C20: certificate and key belong together, and the CA issued them"
public_of_certificate() { on "$1" openssl x509 -noout -pubkey -in "$pki/$2-cert.pem"; }
public_of_key() { on "$1" openssl ec -pubout -in "$pki/$2-privkey.pem" 2>/dev/null; }
for name in client ovnnb ovnsb ovn-northd ovn-controller; do
	expect_match 'BEGIN PUBLIC KEY' "$(public_of_key node1 "$name")"
	expect_equal "$(public_of_certificate node1 "$name")" \
		"$(public_of_key node1 "$name")" "$name"
	expect on node1 openssl verify -CAfile "$pki/cacert.pem" "$pki/$name-cert.pem"
done

case_name "C21: the CA is called MicroOVN CA"
expect_match 'CN ?= ?MicroOVN CA' \
	"$(on node1 openssl x509 -noout -subject -in "$pki/cacert.pem")"

case_name "C24: reissue for a service that is not enabled here"
out=$(microovn node1 certificates reissue bird 2>&1) && fail "was accepted"
expect_match '^Error: ' "$out"

case_name "C25: --version has three lines"
mapfile -t lines < <(microovn node1 --version)
expect_match '^microovn: \S+' "${lines[0]:-}"
expect_match '^ovn: \S+' "${lines[1]:-}"
expect_match '^openvswitch: \S+' "${lines[2]:-}"

case_name "C28: config list names its keys"
expect_match 'Available options' "$(microovn node1 config list)"
expect_match 'ovn\.central-ips' "$(microovn node1 config list)"

case_name "C31: the agent's log has the security events"
agent_log=$CLUSTER_DIR/state/node1/agent.log
expect_match 'security=true .*event=sys_startup' "$(<"$agent_log")"
before=$(lines_of "$agent_log" 'security=true .*event=authz_admin')
microovn node1 config set cluster.voters 3 >/dev/null
microovn node1 config delete cluster.voters >/dev/null
microovn node1 config get cluster.voters >/dev/null
expect_equal $((before + 2)) \
	"$(lines_of "$agent_log" 'security=true .*event=authz_admin')"

case_name "F66: what the daily timer runs reissues what ends soon"
expect_equal "" "$(on node1 microovnd --root="$ROOT" --refresh-expiring-certs)"
expect_match '^client: reissued$' "$(on node1 microovnd --root="$ROOT" \
	--refresh-expiring-certs --days=800)"

case_name "S48: the documented path run/central works"
expect_match '^Status: cluster member$' "$(on node1 microovn.ovn-appctl \
	-t "$ROOT/run/central/ovnsb_db.ctl" cluster/status OVN_Southbound)"

case_name "every wrapper answers"
for tool in ovn-appctl ovn-nbctl ovn-sbctl ovn-trace ovs-appctl ovs-dpctl \
	ovs-ofctl ovs-vsctl ovsdb-client ovsdb-tool; do
	expect on node1 "microovn.$tool" --version
done

finish
