#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A member comes and goes: what joins, what leaves, what is kept.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

server_count() { # NODE nb|sb
	database_status "$1" "$2" | grep -cE '^ +[0-9a-f]{4} .* at ssl:' || true
}
has_servers() { [[ $(server_count "$1" "$2") == "$3" ]]; }
chassis() { sbctl "$1" --bare --columns=name list Chassis | sort -V | xargs; }
has_chassis() { [[ $(chassis "$1") == "$2" ]]; }

# ---- growth ----

case_name "C17: the cluster grows and ovn-controller does not restart"
before=$(daemon_identity node1 ovn/ovn-controller.pid)
log=$(mktemp)
quickstart add >"$log" 2>&1 || fail "add failed:"$'\n'"$(<"$log")"
rm -f "$log"
expect_equal "$before" "$(daemon_identity node1 ovn/ovn-controller.pid)"
fourth=$(members_via node1 | tail -n 1)

case_name "a fourth member runs no central, by MicroOVN's default"
expect_match 'Services: chassis, switch$' \
	"$(microovn node1 status | grep -A1 "^- $fourth ")"
expect_within 30 quickstart ping "$fourth" node1
expect microovn "$fourth" cluster add asked-of-the-fourth

case_name "the fourth member leaves again"
expect microovn node1 cluster remove "$fourth"
expect_within 20 uninitialised "$fourth"
expect_equal "node1 node2 node3" "$(members_via node1 | xargs)"
expect_within 20 has_chassis node1 "node1 node2 node3"
quickstart kill "$fourth" --power

# ---- removal of a central ----

case_name "cluster remove node3 prints nothing, warns, and leaves two members"
warnings=$(mktemp)
out=$(microovn node1 cluster remove node3 2>"$warnings") ||
	fail "failed: $(<"$warnings")"
expect_equal "" "$out"
expect_match 'Warning: OVN Cluster has even number of members' \
	"$(<"$warnings")"
rm -f "$warnings"
expect_equal "node1 node2" "$(members_via node1 | xargs)"
expect_equal "node1 node2" "$(members_via node2 | xargs)"

case_name "it has left both databases and the chassis list"
for database in nb sb; do
	expect_within 20 has_servers node1 "$database" 2
	expect_no_match "$(address_of node3)" "$(database_status node1 "$database")"
done
expect_within 20 has_chassis node1 "node1 node2"
expect_no_match "$(address_of node3)" "$(on node1 cat "$ROOT/data/env/ovn.env")"

case_name "its services are stopped"
expect_within 20 uninitialised node3
for daemon in ovnnb_db ovnsb_db ovn-northd ovn-controller ovs-vswitchd; do
	expect_equal "" "$(on node3 ps -C "$daemon" -o pid= || true)" "$daemon"
done
expect_equal "" "$(on node3 ps -C ovsdb-server -o pid= || true)" "ovsdb-server"

case_name "what it had is in backup_TIMESTAMP"
mapfile -t backups < <(compgen -G "$CLUSTER_DIR/node3/backup_*" || true)
expect_equal 1 "${#backups[@]}" "backup directories"
backup=${backups[0]:-/nonexistent}
expect_match '/backup_[0-9]+$' "$backup"
for kept in data/switch/db/conf.db data/pki/ovnnb-cert.pem \
	data/pki/cacert.pem logs state/identity.json state/member.crt state/raft; do
	expect test -e "$backup/$kept"
done
expect_equal "700 700" "$(stat -c %a "$backup" "$backup/state" | xargs)" "modes"
# A member that has left must not be able to come back with what it kept, nor
# may the log that it kept open the keys of the CAs.
expect_equal "" "$(find "$backup" -name "*privkey*" -o -name "member.key" \
	-o -name "sealing*")" "private keys"
expect_equal "" "$(find "$CLUSTER_DIR/node3/state" -name "identity.json" \
	-o -name "member.*" -o -name "sealing" -o -name "raft")" "what is left"
# Moved aside when the server left its cluster, under a name with the date.  A
# central that was disabled here before has left a copy as well.
for database in ovnnb_db ovnsb_db; do
	mapfile -t kept < <(compgen -G "$backup/data/central/db/$database*.db")
	expect test "${#kept[@]}" -ge 1
done

case_name "its port's traffic is gone and the others' is not"
expect quickstart ping node1 node2

case_name "it joins again with a new token, and is whole"
token=$(microovn node2 cluster add node3)
expect microovn node3 cluster join "$token" --address "$(address_of node3)" \
	--encap-ip "$(underlay_of node3)"
expect_within 30 all_online node1 3
for database in nb sb; do
	expect_within 30 has_servers node1 "$database" 3
done
expect_within 20 has_chassis node1 "node1 node2 node3"
expect_within 30 quickstart ping node3 node1

case_name "a member that removes itself says nothing"
out=$(microovn node3 cluster remove node3 2>/dev/null) || fail "exit $?: $out"
expect_equal "" "$out"
expect uninitialised node3
expect_equal "node1 node2" "$(members_via node1 | xargs)"
token=$(microovn node2 cluster add node3)
expect microovn node3 cluster join "$token" --address 10.98.0.0/24 \
	--encap-ip 10.98.1.0/24
expect_within 30 all_online node1 3
expect_within 30 quickstart ping node3 node1

case_name "the removed identity is not the new one"
removed_cert=$(openssl x509 -noout -fingerprint -in "$backup/data/pki/client-cert.pem")
new_cert=$(on node3 openssl x509 -noout -fingerprint -in "$ROOT/data/pki/client-cert.pem")
[[ $removed_cert != "$new_cert" ]] || fail "the same certificate again"

finish
