#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Who can open the keys of the CAs: what keeps a node's sealing key, what
# happens when that is out of reach or lost, and that it is the voters and
# nobody else.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
work=$(mktemp -d)
test_cleanup() { rm -rf "$work"; }

readonly NODES=(node1 node2 node3)

key_file() { echo "$CLUSTER_DIR/$1/state/sealing/sealing-key.pem"; } # NODE
custody_of() { # NODE -> how the member says that it keeps its key
	status_of node1 | jq -er --arg name "members/$1" \
		'.members[] | select(.member.name == $name) | .custody'
}
is_kept() { [[ $(custody_of "$1") == "$2" ]]; } # NODE HOW
restart() { # NODE
	quickstart stop "$1"
	quickstart start "$1"
}
# systemd's secret of the host, of a member that has none of its own.
use_host_secret() { # NODE
	echo "SYSTEMD_CREDENTIAL_SECRET=$work/$1.secret" \
		>"$CLUSTER_DIR/state/$1/environment"
	echo "--sealing=host" >"$CLUSTER_DIR/state/$1/flags"
}
use_defaults() { # NODE
	rm -f "$CLUSTER_DIR/state/$1/environment" "$CLUSTER_DIR/state/$1/flags"
}
events() { microovn node1 events --format json | grep -c "\"$1\"" || true; }
another_leads() { # NODE
	local leader
	leader=$(leader_of node3) && [[ $leader != "$1" ]]
}
leads() { [[ $(leader_of "$1") == "$1" ]]; } # NODE
issues() { microovn "$1" certificates reissue client; } # NODE

# ---- how it is kept ----

case_name "where nothing better is, a file of mode 0600 keeps the sealing key, and status says so"
for node in "${NODES[@]}"; do
	expect_equal "file (mode 0600)" "$(custody_of "$node")" "$node"
	expect_equal 600 "$(stat -c %a "$(key_file "$node")")"
done
expect_match '^Sealing key: file \(mode 0600\)' "$(microovn node1 cluster show node2)"
expect_match 'sealing key is kept by: file' \
	"$(microovn node1 certificates list --verbose)"

case_name "a choice that cannot be kept is told, and the key stays where it is"
cp "$(key_file node2)" "$work/before"
echo "--sealing=tpm2" >"$CLUSTER_DIR/state/node2/flags"
restart node2
expect_within 20 has_finding node1 SEALING_MEANS_NOT_AVAILABLE node2
expect cmp "$(key_file node2)" "$work/before"
expect_equal "file (mode 0600)" "$(custody_of node2)"
use_defaults node2

if ! type systemd-creds >/dev/null; then
	case_end
	echo "  systemd-creds is not installed: nothing is sealed by a host's secret"
	finish
	exit
fi

case_name "it is moved to the host's secret, without another key"
fingerprint() { # NODE: of the sealing certificate that it says to have
	microovn node1 events --format json | grep -c SEALING_KEY_CHANGED || true
}
before=$(fingerprint node2)
use_host_secret node2
restart node2
expect_within 20 is_kept node2 "host key"
expect_match 'MICROOVN KEY SEALED BY HOST' "$(head -n 1 "$(key_file node2)")"
expect_no_match 'PRIVATE KEY' "$(<"$(key_file node2)")"
expect_equal 600 "$(stat -c %a "$(key_file node2)")"
expect_equal "$before" "$(fingerprint node2)" "keys announced"

# ---- out of reach ----

case_name "a leader whose sealing key is out of reach says so, replaces nothing, and hands over"
expect make_leader node2
cp "$(key_file node2)" "$work/before"
mv "$work/node2.secret" "$work/hidden"
restart node2
expect_within 20 has_finding node1 SEALING_KEY_OUT_OF_REACH node2
expect_within 20 is_kept node2 "out of reach"
expect cmp "$(key_file node2)" "$work/before"
make_leader node2 || true
expect_within 30 another_leads node2
expect issues node2
expect_faster 5 microovn node2 cluster add custody-1
expect_within 10 all_online node1 3

case_name "when it is within reach again, the agent finds out by itself"
mv "$work/hidden" "$work/node2.secret"
expect_within 60 has_no_finding node1 SEALING_KEY_OUT_OF_REACH
expect_equal "host key" "$(custody_of node2)"

case_name "one that is lost for good is replaced on request, and another voter seals for it"
quickstart stop node2
rm "$work/node2.secret"
expect on node2 microovnd --recover --new-sealing-key --root="$ROOT"
expect_match 'KEY SEALED BY HOST' \
	"$(head -n 1 "$(key_file node2)".20*)"
quickstart start node2
announced() { (($(events SEALING_KEY_CHANGED) >= 1)); }
expect_within 20 announced
expect_within 20 has_no_finding node1 SEALING_KEY_OUT_OF_REACH
expect make_leader node2
sleep_free_issue() { leads node2 && issues node2; }
expect_within 20 sleep_free_issue

# ---- nobody ----

case_name "when no voter can open the keys, services go on, issuing waits, and a finding says what to do"
for node in "${NODES[@]}"; do quickstart stop "$node"; done
for node in "${NODES[@]}"; do
	cp "$(key_file "$node")" "$work/$node.pem"
	expect on "$node" microovnd --recover --new-sealing-key --root="$ROOT"
done
for node in "${NODES[@]}"; do quickstart start "$node"; done
expect_within 30 all_online node1 3
expect_within 30 has_finding node1 CA_SEALED
expect_equal 2 "$(findings_of node1 | grep -c '^CA_SEALED')"
expect_equal HEALTH_CRITICAL "$(status_of node1 | jq -r .health)"
said=$(status_of node1 | jq -r '.findings[].remedy')
expect_match 'regenerate-ca' "$said"
expect_match 'rotate-ca' "$said"
refused=$(microovn node1 certificates reissue client 2>&1) && fail "it was issued"
expect_match 'CA cannot be used|CA_NOT_AVAILABLE' "$refused"
expect nbctl node1 ls-add custody
expect microovn node3 config set cluster.voter-timeout 31
expect microovn node3 config delete cluster.voter-timeout

case_name "one key that is found again opens them for all"
quickstart stop node3
cp "$work/node3.pem" "$(key_file node3)"
quickstart start node3
expect_within 30 has_no_finding node1 CA_SEALED
expect_within 20 issues node1
for node in "${NODES[@]}"; do
	expect make_leader "$node"
	expect_within 20 issues "$node"
done

case_name "CAs that nobody will open again are replaced, as the finding says"
for node in "${NODES[@]}"; do quickstart stop "$node"; done
for node in "${NODES[@]}"; do
	expect on "$node" microovnd --recover --new-sealing-key --root="$ROOT"
done
for node in "${NODES[@]}"; do quickstart start "$node"; done
expect_within 30 all_online node1 3
expect_within 30 has_finding node1 CA_SEALED
ca_files=(data/pki/cacert.pem state/cluster-ca.crt)
cas_of() { # NODE
	local file
	for file in "${ca_files[@]}"; do
		openssl x509 -noout -subject -in "$CLUSTER_DIR/$1/$file"
	done
}
before=$(cas_of node1)
expect microovn node1 certificates regenerate-ca
expect microovn node2 cluster rotate-ca
expect_within 20 has_no_finding node1 CA_SEALED
for node in "${NODES[@]}"; do
	expect_equal "$(cas_of node1)" "$(cas_of "$node")" "CAs of $node"
	expect_equal 0 "$(cas_of "$node" | grep -cxF "$before" || true)" "old CAs"
done
for node in "${NODES[@]}"; do
	expect make_leader "$node"
	expect_within 20 issues "$node"
	expect microovn "$node" cluster add "sealed-$node"
done

# ---- exactly the voters ----

# Every sealed key that is on a member's disk, as DER.
wraps_of() { # NODE DIRECTORY
	"$TREE/integration/harness/sealed_keys.py" \
		"$CLUSTER_DIR/$1/state/raft" "$2" >/dev/null
}
opens() { # SEALING-KEY DER -> the CA's public key
	openssl cms -decrypt -inform DER -binary -in "$2" -inkey "$1" \
		-recip "$1" 2>/dev/null | openssl pkey -pubout 2>/dev/null
}
plane_of() { # PUBLIC KEY -> cluster, ovn, or nothing
	local node=node1
	[[ $1 != "$(openssl x509 -noout -pubkey -in "$CLUSTER_DIR/$node/state/cluster-ca.crt")" ]] || echo cluster
	[[ $1 != "$(openssl x509 -noout -pubkey -in "$CLUSTER_DIR/$node/data/pki/cacert.pem")" ]] || echo ovn
}

case_name "a member that votes no more opens nothing that is sealed after that"
echo "--sealing=file" >"$CLUSTER_DIR/state/node2/flags"
restart node2
expect_within 20 is_kept node2 "file (mode 0600)"
expect make_leader node1
for node in "${NODES[@]}"; do cp "$(key_file "$node")" "$work/$node.pem"; done
wraps_of node1 "$work/wraps-before"
(($(find "$work/wraps-before" -name '*.der' | wc -l) >= 2)) ||
	fail "no sealed key is found on the disk"
resealed=$(events AUTHORITY_RESEALED)
# Of two members one votes.
expect microovn node1 cluster remove node3
sealed_again() { (($(events AUTHORITY_RESEALED) >= resealed + 2)); }
expect_within 30 sealed_again
voters=$(microovn node1 cluster list -f json |
	jq -r '.[] | select(.role == "voter") | .name')
expect_equal node1 "$voters"
wraps_of node1 "$work/wraps-after"
planes=
new=0
for der in "$work"/wraps-after/*.der; do
	[[ ! -e $work/wraps-before/$(basename "$der") ]] || continue
	new=$((new + 1))
	planes+=$(plane_of "$(opens "$work/node1.pem" "$der")")
	for node in node2 node3; do
		expect_equal "" "$(opens "$work/$node.pem" "$der")" "$node opens $der"
	done
done
((new >= 2)) || fail "$new keys were sealed anew"
expect_match 'cluster' "$planes"
expect_match 'ovn' "$planes"
# The test itself would see one that opens.
opened=0
for der in "$work"/wraps-before/*.der; do
	[[ -z $(opens "$work/node2.pem" "$der") ]] || opened=$((opened + 1))
done
((opened >= 2)) || fail "node2's key opens nothing of what was sealed for it"

finish
