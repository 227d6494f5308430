#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The API as a stranger's client meets it: found by reflection, called with
# JSON, over the local socket and over mutual TLS; refused to everybody else.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

readonly GRPCURL=v1.9.3

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
	microovn.v1.StatusService microovn.v1.EventService microovn.v1.UserService \
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

health() { # NODE [SERVICE]
	on "$1" "$client" "$LOCAL" call grpc.health.v1.Health/Check \
		"{\"service\":\"${2:-}\"}" | jq -r .status
}
health_is() { [[ $(health "$1" "$3") == "$2" ]]; } # NODE STATUS SERVICE

case_name "health is SERVING, for the agent and for each service by its full name"
expect_equal SERVING "$(health node1)"
for service in $services; do
	expect_equal "$service SERVING" "$service $(health node1 "$service")"
done

case_name "a service that is not there has no health"
out=$(health node1 ConfigService 2>&1) && fail "it has one: $out"
expect_match '^NOT_FOUND' "$out"

case_name "without a quorum what needs one is NOT_SERVING, and a watcher hears so"
on node1 "$client" "$LOCAL" call grpc.health.v1.Health/Watch \
	'{"service":"microovn.v1.ConfigService"}' >"$scratch/watch" 2>/dev/null &
watcher=$!
quickstart stop node2
quickstart stop node3
expect_within 20 health_is node1 NOT_SERVING microovn.v1.ConfigService
for service in microovn.v1.ClusterService microovn.v1.OvnService \
	microovn.v1.CertificateService google.longrunning.Operations; do
	expect_equal "$service NOT_SERVING" "$service $(health node1 "$service")"
done
for service in microovn.v1.StatusService microovn.v1.EventService ""; do
	expect_equal "$service SERVING" "$service $(health node1 "$service")"
done
quickstart start node2
quickstart start node3
expect_within 20 health_is node1 SERVING microovn.v1.ConfigService
# It ends with its time, and prints what it heard.
wait "$watcher" || true
expect_match '^SERVING NOT_SERVING' "$(jq -r .status <"$scratch/watch" | xargs)"
expect_within 30 all_online node1 3

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

# With the real one where Go can build it; that there is only the stand-in is said.
if ! grpcurl=$("$TREE/tools/go-tool" github.com/fullstorydev/grpcurl/cmd/grpcurl \
	"$GRPCURL" 2>/dev/null); then
	grpcurl=
	echo "grpcurl cannot be built here: its recipes are run by the reflection client"
fi
for how in ${grpcurl:+grpcurl} stand-in; do
	case_name "the recipes of docs/reference/api.md work ($how)"
	rm -f "$CLUSTER_DIR"/bin/{grpcurl,reflection_client}
	if [[ $how == grpcurl ]]; then
		cp "$grpcurl" "$CLUSTER_DIR/bin/grpcurl"
	else
		cp "$TREE/integration/harness/grpcurl" "$client" "$CLUSTER_DIR/bin/"
	fi
	run_page docs/reference/api.md loose
done

case_name "a node that is no member serves what makes it one"
expect quickstart add --no-join
joiner=$(basename "$(printf '%s\n' "$CLUSTER_DIR"/node* | sort -V | tail -n 1)")
expect_equal SERVING "$(health "$joiner" microovn.v1.ClusterService)"
for service in microovn.v1.ConfigService microovn.v1.StatusService; do
	expect_equal "$service NOT_SERVING" "$service $(health "$joiner" "$service")"
done

finish
