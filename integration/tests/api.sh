#!/usr/bin/env bash
# The API as a stranger's client meets it: found by reflection, called with
# JSON, over the local socket and over mutual TLS; refused to everybody else.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

readonly LIST=microovn.v1.ClusterService/ListMembers
readonly LOCAL=unix:$ROOT/state/control.socket
REMOTE=$(address_of node2):6686
readonly REMOTE

need_cluster
client=$(program //integration/harness:reflection_client)
scratch=$(mktemp -d)
test_cleanup() { rm -rf "$scratch"; }

ask() { # TARGET ARG...; on node1, without certificates
	on node1 "$client" "$@"
}
ask_as_member() { # TARGET ARG...
	on node1 "$client" --cacert "$ROOT/state/cluster-ca.crt" \
		--cert "$ROOT/state/member.crt" --key "$ROOT/state/member.key" "$@"
}

case_name "reflection lists the services, health among them"
services=$(ask "$LOCAL" list)
for service in microovn.v1.ClusterService microovn.v1.OvnService \
	microovn.v1.CertificateService microovn.v1.ConfigService \
	microovn.v1.StatusService microovn.v1.EventService \
	google.longrunning.Operations grpc.health.v1.Health; do
	expect grep -qx "$service" <<<"$services"
	expect ask "$LOCAL" describe "$service"
done

case_name "ListMembers over the unix socket"
expect_equal "members/node1 members/node2 members/node3" \
	"$(ask "$LOCAL" call "$LIST" | jq -r '.members[].name' | sort | xargs)"

case_name "ListMembers over mutual TLS, asked of another member"
expect_equal "members/node1 members/node2 members/node3" \
	"$(ask_as_member "$REMOTE" call "$LIST" | jq -r '.members[].name' | sort | xargs)"

case_name "health is SERVING"
expect_equal SERVING "$(ask "$LOCAL" call grpc.health.v1.Health/Check | jq -r .status)"

refuse() { # CMD...
	local out
	if out=$("$@" 2>&1); then fail "was let in: $*"$'\n'"$out"; fi
	expect_match 'UNAVAILABLE|UNAUTHENTICATED|PERMISSION_DENIED' "$out"
	expect_no_match 'members/' "$out"
}

case_name "without a client certificate it is refused"
refuse ask "$REMOTE" call "$LIST"
refuse on node1 "$client" --cacert "$ROOT/state/cluster-ca.crt" "$REMOTE" call "$LIST"
refuse on node1 "$client" --cacert "$ROOT/state/cluster-ca.crt" "$REMOTE" list

case_name "with a certificate of another CA it is refused"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
	-subj "/O=MicroOVN/OU=admin/CN=node1" -keyout "$scratch/key" \
	-out "$scratch/cert" 2>/dev/null
refuse on node1 "$client" --cacert "$ROOT/state/cluster-ca.crt" \
	--cert "$scratch/cert" --key "$scratch/key" "$REMOTE" call "$LIST"

case_name "with a certificate of the OVN CA it is refused"
refuse on node1 "$client" --cacert "$ROOT/state/cluster-ca.crt" \
	--cert "$ROOT/data/pki/client-cert.pem" \
	--key "$ROOT/data/pki/client-privkey.pem" "$REMOTE" call "$LIST"

case_name "a failure has a code and a stable reason"
out=$(ask "$LOCAL" call microovn.v1.ClusterService/GetMember '{"name":"members/nobody"}' 2>&1) &&
	fail "was found"
expect_match '^NOT_FOUND: ' "$out"
expect_match '^reason: [A-Z_]+$' "$out"

case_name "validate_only plans and changes nothing"
before=$(cluster_fingerprint node1)
expect ask "$LOCAL" call microovn.v1.ClusterService/RemoveMember \
	'{"name":"members/node3","validateOnly":true}'
expect_equal "$before" "$(cluster_fingerprint node1)"

case_name "and who is let in still is"
expect ask_as_member "$REMOTE" call "$LIST"

if command -v grpcurl >/dev/null; then
	case_name "grpcurl lists and calls"
	expect on node1 grpcurl -unix -plaintext "$ROOT/state/control.socket" list
	expect on node1 grpcurl -unix -plaintext "$ROOT/state/control.socket" "$LIST"
fi

finish
