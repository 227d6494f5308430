#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a user can get wrong: each is refused with one line that says what is
# wrong, and nothing has changed afterwards.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
quickstart add --no-join >/dev/null
spare=$(basename "$(printf '%s\n' "$CLUSTER_DIR"/node* | sort -V | tail -n 1)")
before=$(cluster_fingerprint node1)

# ---- argument counts, words and flags ----

case_name "C26: wrong argument counts are refused"
for arguments in "cluster add" "cluster add a b" "cluster remove" \
	"cluster remove a b" "cluster join" "cluster join a b" \
	"cluster bootstrap invalid_arg" "cluster list extra" \
	"certificates reissue" "certificates reissue a b" \
	"certificates list extra" "enable" "enable switch chassis" "disable" \
	"disable a b" "config get" "config get a b" "config set" \
	"config set ovn.central-ips" "config set a b c" "config delete" \
	"config delete a b" "config list extra" "waitready extra" "status extra"; do
	# shellcheck disable=SC2086
	expect_refused microovn node1 $arguments
done

case_name "a node that could have no tunnels hears so before it is a member"
datapath=$(microovn node1 status -f json | jq -r '.status.members[0].datapath')
if [[ $datapath == netdev ]]; then
	warned=$(microovn "$spare" cluster bootstrap --dry-run 2>&1 >/dev/null)
	expect_match '^Warning: tunnels to other members do not work' "$warned"
fi
warned=$(microovn "$spare" cluster bootstrap --dry-run \
	--encap-ip "$(underlay_of "$spare")" 2>&1 >/dev/null)
expect_no_match 'tunnels' "$warned"

case_name "unknown commands and flags are refused"
expect_refused microovn node1 nonsense
expect_refused microovn node1 cluster nonsense
expect_refused microovn node1 cluster list --nonsense
expect_refused microovn node1 cluster list -f nonsense
expect_refused microovn node1 waitready -t never
expect_refused microovn node1 cluster add name --timeout never
expect_refused microovn node1 cluster add name --timeout -5
expect_refused microovn node1 cluster add name --timeout 0

case_name "unknown members and services are refused"
expect_refused microovn node1 cluster remove nobody
expect_refused microovn node1 enable switchh
expect_refused microovn node1 disable switchh
expect_refused microovn node1 enable central --node nobody
expect_match 'nobody' "$error"
expect_refused microovn node1 disable central --node nobody
for service in nonsense "" " " ALL OVNNB ca member cacert ovnnb,ovnsb "ovnnb ovnsb" \
	../ovnnb -- "$(printf 'o%.0s' {1..5000})"; do
	expect_refused microovn node1 certificates reissue "$service"
done
expect_refused microovn node1 certificates reissue all --node nobody
expect_match 'nobody' "$error"
expect_refused microovn node1 certificates reissue all --node ../node1
expect_refused microovn node1 certificates list --node nobody

case_name "names that are no host names are refused"
for name in "" " " "-x" "x-" "a_b" "a b" "ü" "../x" "$(printf 'a%.0s' {1..300})"; do
	expect_refused microovn node1 cluster add "$name"
done

case_name "the name of a member cannot be added again"
expect_refused microovn node1 cluster add node2
expect_match 'node2' "$error"

case_name "C26: bad values of configuration are refused"
for value in "" "10.0.0.1," ",10.0.0.1" "127.0.0" "[::1]" "10.0.0.1 10.0.0.2" \
	"host" "10.0.0.1,,10.0.0.2" "$(printf '10.0.0.1,%.0s' {1..5000})"; do
	expect_refused microovn node1 config set ovn.central-ips "$value"
done
for key in "" "ovn" "nonsense" "ovn.central-ips " "$(printf 'k%.0s' {1..5000})"; do
	expect_refused microovn node1 config set "$key" 10.0.0.1
	expect_refused microovn node1 config get "$key"
done

case_name "bootstrap of a member is refused"
expect_refused microovn node1 cluster bootstrap

# ---- tokens, on a machine that is no member ----

redo() { # JQ-FILTER -> the token, changed
	base64 -d <<<"$token" | jq -c "$1" | base64 -w 0
}
join_options=(--address "$(address_of "$spare")" --encap-ip "$(underlay_of "$spare")")
refuse_join() { # TOKEN
	expect_refused microovn "$spare" cluster join "$1" "${join_options[@]}"
	expect uninitialised "$spare"
}

case_name "an expired token is refused"
short=$(microovn node1 cluster add "$spare" --timeout 1)
deadline=$((EPOCHSECONDS + 1))
expired() { ((EPOCHSECONDS > deadline)); }
wait_until 5 expired
refuse_join "$short"
expect_match 'expired' "$error"

token=$(microovn node1 cluster add "$spare")

case_name "malformed tokens are refused"
for bad in "" "x" "not base64!" "$(base64 -w 0 <<<'{}')" \
	"$(base64 -w 0 <<<'[1,2]')" "$(base64 -w 0 <<<'{"secret":1}')" \
	"${token:0:40}" "${token}A" "$(redo 'del(.secret)')" \
	"$(redo 'del(.fingerprint)')" "$(redo 'del(.join_addresses)')" \
	"$(redo '.join_addresses = []')" "$(redo '.join_addresses = ["nonsense"]')"; do
	refuse_join "$bad"
done

case_name "an over-long token is refused"
refuse_join "$(head -c 60000 /dev/zero | base64 -w 0)"

case_name "a token whose parts were changed is refused"
refuse_join "$(redo '.fingerprint |= (explode | reverse | implode)')"
refuse_join "$(redo '.secret |= (explode | reverse | implode)')"
refuse_join "$(redo '.expires = "2099-01-01T00:00:00Z"')"
refuse_join "$(redo ".name = \"$spare\" | .cluster |= (explode | reverse | implode)")"

case_name "a token of another cluster is refused"
foreign=$QUICKSTART_ID-x
QUICKSTART_ID=$foreign quickstart up 1 >/dev/null 2>&1 || fail "no other cluster"
token_there=$(QUICKSTART_ID=$foreign microovn node1 cluster add "$spare")
refuse_join "$token_there"
QUICKSTART_ID=$foreign quickstart down

case_name "bad addresses are refused"
for address in nonsense 10.98.0 10.98.0.300 10.98.0.14:0 10.98.0.14:99999 \
	192.0.2.1 "[::1" 0.0.0.0; do
	expect_refused microovn "$spare" cluster join "$token" --address "$address"
	expect uninitialised "$spare"
done
for address in nonsense 10.98.1 "10.98.1.14:5"; do
	expect_refused microovn "$spare" cluster join "$token" \
		--address "$(address_of "$spare")" --encap-ip "$address"
	expect uninitialised "$spare"
done

case_name "a token for another name is refused"
other=$(microovn node1 cluster add somebody-else)
refuse_join "$other"
expect_match 'somebody-else' "$error"

case_name "before it joins, a machine says so"
expect_refused microovn "$spare" status
expect_refused microovn "$spare" cluster list
expect_refused microovn "$spare" cluster add x
expect_refused microovn "$spare" config set ovn.central-ips 10.0.0.1
expect_refused microovn "$spare" enable switch

case_name "all of that changed nothing"
expect_equal "$before" "$(cluster_fingerprint node1)"

case_name "after all of it the good token still joins"
good=$(microovn node1 cluster add "$spare")
expect microovn "$spare" cluster join - "${join_options[@]}" <<<"$good"
expect_within 20 all_online node1 4

case_name "a used token is refused"
expect microovn node1 cluster remove "$spare"
expect_within 20 uninitialised "$spare"
refuse_join "$good"

# The cluster is as it was for whoever comes next.
quickstart kill "$spare" --power
finish
