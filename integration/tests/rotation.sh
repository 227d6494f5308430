#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# CAs are replaced while everybody connects: to a new one of the cluster's, to
# one of a user's, to one whose key never leaves, and back. With --long twenty
# times each.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/rotation.sh
. "$(dirname "$0")/../harness/rotation.sh"

rounds=3
if [[ -n ${MICROOVN_LONG:-} || ${1:-} == --long ]]; then rounds=20; fi
readonly rounds
need_cluster
work=$(mktemp -d)
test_cleanup() {
	rotation_cleanup
	rm -rf "$work"
}

readonly REPORT="New CA certificate: Issued

Service certificate re-issued for following services:
[Host node1]
ovnnb: Success
ovnsb: Success
ovn-northd: Success
ovn-controller: Success
client: Success

[Host node2]
ovnnb: Success
ovnsb: Success
ovn-northd: Success
ovn-controller: Success
client: Success

[Host node3]
ovnnb: Success
ovnsb: Success
ovn-northd: Success
ovn-controller: Success
client: Success"

# ---- both CAs, under load ----

before_terms=$(terms)
load_start 6641 6642 6643 6644 6686

case_name "regenerate-ca refuses nobody, says what MicroOVN says, and is soon done"
before=$(ca_of node1)
for ((round = 1; round <= rounds; round++)); do
	start=${EPOCHREALTIME/./}
	said=$(microovn node1 certificates regenerate-ca) || fail "failed: $said"
	echo "regenerate-ca $round took $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
	expect_equal "$REPORT" "$said"
	expect_one_ca
	now=$(ca_of node1)
	[[ $now != "$before" ]] || fail "the CA is the same"
	expect_equal 1 "$(wc -l <<<"$now")" "the old CA is trusted no more"
	before=$now
done

case_name "set-ca: RSA, ECDSA and Ed25519 CAs, and back to one of the cluster's"
make_ca rsa-ca rsa:3072
make_ca ec-ca ec -pkeyopt ec_paramgen_curve:P-384
make_ca ed-ca ed25519
for name in rsa-ca ec-ca ed-ca; do
	cp "$work/$name".* "$CLUSTER_DIR/"
	expect microovn node2 certificates set-ca \
		--cert "$CLUSTER_DIR/$name.crt" --key "$CLUSTER_DIR/$name.key"
	expect_one_ca "CN ?= ?$name"
done
said=$(cat "$work/ed-ca.crt" "$work/ed-ca.key" |
	microovn node1 certificates set-ca --combined) || fail "refused: $said"
expect_equal "New CA certificate: Not Issued" "$(head -n 1 <<<"$said")"

case_name "set-ca --combined: a chain of an intermediate and its root"
make_ca root-ca rsa:2048
openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
	-keyout "$work/middle.key" -out "$work/middle.csr" -subj "/CN=middle-ca" \
	2>/dev/null
openssl x509 -req -in "$work/middle.csr" -CA "$work/root-ca.crt" \
	-CAkey "$work/root-ca.key" -CAcreateserial -days 900 -out "$work/middle.crt" \
	-extfile <(printf '%s\n' basicConstraints=critical,CA:TRUE \
		keyUsage=critical,keyCertSign subjectKeyIdentifier=hash) 2>/dev/null
said=$(cat "$work/middle.crt" "$work/root-ca.crt" "$work/middle.key" |
	microovn node3 certificates set-ca --combined) || fail "failed: $said"
expect_one_ca "CN ?= ?middle-ca"

case_name "ca-csr: a CA whose key never leaves, signed by the root of a user"
csr=$(microovn node3 certificates ca-csr) || fail "no request"
expect_equal "$csr" "$(microovn node1 certificates ca-csr)" "asked again"
sign() { # NAME: the request on stdin becomes a CA below root-ca, with its chain
	openssl x509 -req -CA "$work/root-ca.crt" -CAkey "$work/root-ca.key" \
		-CAcreateserial -days 900 -copy_extensions copy 2>/dev/null \
		>"$CLUSTER_DIR/$1.crt"
	cat "$work/root-ca.crt" >>"$CLUSTER_DIR/$1.crt"
}
sign issuing-ca <<<"$csr"
rc=0
said=$(microovn node1 certificates set-ca --cert "$CLUSTER_DIR/rsa-ca.crt" 2>&1) ||
	rc=$?
expect_equal 2 "$rc" "exit code"
expect_match "the key belongs to none of the certificates" "$said"
expect microovn node2 certificates set-ca --cert "$CLUSTER_DIR/issuing-ca.crt"
expect_one_ca "CN ?= ?MicroOVN CA"
expect_match "CN ?= ?root-ca" "$(ca_of node2)"
said=$(microovn node1 certificates set-ca --cert "$CLUSTER_DIR/issuing-ca.crt")
expect_equal "New CA certificate: Not Issued" "$(head -n 1 <<<"$said")"
rc=0
said=$(microovn node1 certificates set-ca --cert "$CLUSTER_DIR/rsa-ca.crt" 2>&1) ||
	rc=$?
expect_match "no key waits for the certificate" "$said"

case_name "a CA that cannot serve changes nothing, and the reason is told"
generation() { on node1 readlink "$ROOT/data/pki/current"; }
before=$(generation)
openssl req -x509 -nodes -newkey rsa:2048 -keyout "$work/narrow.key" \
	-out "$work/narrow.crt" -subj /CN=narrow -days 100 \
	-addext keyUsage=critical,keyCertSign \
	-addext "nameConstraints=critical,permitted;DNS:corp.example" 2>/dev/null
cp "$work"/narrow.* "$CLUSTER_DIR/"
rc=0
said=$(microovn node1 certificates set-ca --cert "$CLUSTER_DIR/narrow.crt" \
	--key "$CLUSTER_DIR/narrow.key" 2>&1) || rc=$?
expect_equal 2 "$rc" "exit code"
expect_match "^New CA certificate: Not Issued$" "$said"
expect_match "permitted subtree violation" "$said"
expect_match "name constraints" "$said"
expect_equal "$before" "$(generation)" "published on node1"

case_name "clients that read their files at start only are refused until they start again"
on node1 python3 "$TREE/integration/harness/tls_load.py" --once \
	"$ROOT/data/pki" "$ROOT/state" "$(address_of node1):6641" \
	>"$work/once" 2>"$work/once-refused" &
once=$!
load_pids+=("$once")
expect microovn node1 certificates regenerate-ca
refused_once() { [[ -s $work/once-refused ]]; }
expect_within 20 refused_once
on node1 pkill -TERM -f "tls_load.py --once"
wait "$once" || true
load_pids=("${load_pids[@]:0:3}")
echo "read at start only: tried and refused: $(<"$work/once");" \
	"$(head -n 1 "$work/once-refused")"

case_name "rotate-ca gives the agents a new CA, and refuses nobody"
before=$(cluster_ca_of node1)
for ((round = 1; round <= rounds; round++)); do
	start=${EPOCHREALTIME/./}
	said=$(microovn node2 cluster rotate-ca) || fail "failed: $said"
	echo "rotate-ca $round took $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
	expect_match "^New CA certificate: Issued$" "$said"
	expect_equal 3 "$(grep -c "^member: Success$" <<<"$said")" "members"
	expect_one_cluster_ca
	now=$(cluster_ca_of node1)
	[[ $now != "$before" ]] || fail "the CA is the same"
	before=$now
	expect all_online node1 3
done

case_name "back to a CA of the cluster's; nothing was refused, and no term has passed"
expect microovn node1 certificates regenerate-ca
expect_one_ca
load_stop "rotations"
expect_equal "$before_terms" "$(terms)" "the databases' terms"

finish
