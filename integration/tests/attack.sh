#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the certificate of one stand-by is good for: its own reports, and what
# people ask at its socket; none of the commands that only a leader may propose.
# And what root may ask at its socket, and at a worker's.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
client=$(program //integration/harness:reflection_client)
propose_all=$(program //integration/attack:propose_all)
scratch=$(mktemp -d)
test_cleanup() { rm -rf "$scratch"; }

role_of() { # MEMBER
	microovn node1 cluster list -f json |
		jq -r --arg name "$1" '.[] | select(.name == $name) | .role'
}
has_role() { [[ $(role_of "$1") == "$2" ]]; }
identity_of() { # NODE FIELD
	jq -r ".$2" "$CLUSTER_DIR/$1/state/identity.json"
}

if ! quickstart add >"$scratch/add" 2>&1; then
	die "add failed:"$'\n'"$(<"$scratch/add")"
fi
# Names are not used again, so earlier tests may have used up node4.
liar=$(members_via node1 | tail -n 1)
wait_until 30 has_role "$liar" stand-by || die "$liar is no stand-by"
leader=$(leader_of node1)
other=$(printf 'node%s\n' 1 2 3 | grep -vx "$leader" | head -n 1)

as_liar() { # PROGRAM ARG...
	on "$liar" "$1" --cacert "$ROOT/state/cluster-ca.crt" \
		--cert "$ROOT/state/member.crt" --key "$ROOT/state/member.key" \
		"${@:2}"
}
# All that a command could change, but for what the agents report.
what_is() {
	cluster_fingerprint node1
	microovn node1 config list -f json
	microovn node1 cluster list -f json |
		jq -S '[.[] | {name, address, role, certificate}]'
	microovn node1 certificates list -f json
	microovn node1 cluster token list -f json
}

case_name "each kind of command that is not its own is refused, by a stable reason"
before=$(what_is)
as_liar "$propose_all" "$(address_of "$leader"):6686" \
	"$(identity_of "$liar" clusterId)" "$(identity_of "$liar" memberId)" \
	"$(identity_of "$leader" memberId)" "$(identity_of "$other" memberId)" \
	>"$scratch/table" 2>&1 || fail "propose_all: $?"$'\n'"$(<"$scratch/table")"
column -t -s $'\t' "$scratch/table"
expect_equal "confirm_member itself OK -" \
	"$(head -n 1 "$scratch/table" | xargs)"
expect_match '^[1-9][0-9]+$' "$(($(wc -l <"$scratch/table") - 1))"
expect_equal "" "$(tail -n +2 "$scratch/table" |
	grep -vP '\tanother\tPERMISSION_DENIED\t(METHOD_NOT_ALLOWED|IDENTITY_MISMATCH)$')"
for kind in set_config admit_member set_authority record_certificates \
	update_operation remove_member start_operation create_token; do
	expect grep -qP "^$kind\tanother\tPERMISSION_DENIED\tMETHOD_NOT_ALLOWED$" \
		"$scratch/table"
done
for kind in renew_member report_member withdraw_member; do
	expect grep -qP "^$kind\tanother\tPERMISSION_DENIED\tIDENTITY_MISMATCH$" \
		"$scratch/table"
done

case_name "nothing has changed"
expect_equal "$before" "$(what_is)"
expect_within 20 log_is_even node1 4

case_name "the leader's security events name it, once for each kind"
refusals() {
	grep -hE "security=true .*event=authz_fail .*subject=member:$liar " \
		"$CLUSTER_DIR/state/$leader/console.log" \
		"$CLUSTER_DIR/state/$leader/agent.log" 2>/dev/null || true
}
refusals | tail -n 3
expect_equal "$(($(wc -l <"$scratch/table") - 1))" \
	"$(refusals | grep -oE 'action=propose_[a-z_]+' | sort -u | wc -l)"

case_name "with its certificate alone no method changes the cluster"
method_refused() { # METHOD JSON
	local out
	if out=$(as_liar "$client" "$(address_of "$leader"):6686" call "$1" "$2" 2>&1); then
		fail "was let in: $1"$'\n'"$out"
	fi
	expect_match 'METHOD_NOT_ALLOWED|NOT_FOUND|UNIMPLEMENTED' "$out"
}
method_refused microovn.v1.ConfigService/UpdateConfig \
	'{"config":{"name":"configs/cluster.voters","value":"5"}}'
method_refused microovn.v1.ClusterService/RemoveMember "{\"name\":\"members/$other\"}"
method_refused microovn.v1.ClusterService/CreateJoinToken '{"member":"mallory"}'
method_refused microovn.v1.CertificateService/ReissueCertificates \
	"{\"parent\":\"members/$other\",\"service\":\"all\"}"
method_refused microovn.internal.peer.v1.PeerService/IssueToken '{}'
expect_equal "$before" "$(what_is)"

case_name "what people ask at its socket is done, and told of with who asked"
expect microovn "$liar" config set cluster.voter-timeout 31
expect_equal 31 "$(microovn node1 config get cluster.voter-timeout)"
expect_match "by root on $liar" \
	"$(microovn node1 events | tail -n 5)"
expect microovn "$liar" config delete cluster.voter-timeout
expect_match '^eyJ' "$(microovn "$liar" cluster add attack-token 2>/dev/null)"

case_name "and refused in the leader's words"
for command in "config set cluster.voters 4" "cluster remove nobody" \
	"cluster add $other"; do
	# shellcheck disable=SC2086
	expect_refused microovn "$liar" $command
	there=$error
	# shellcheck disable=SC2086
	expect_refused microovn "$leader" $command
	expect_equal "$error" "$there"
done

case_name "a retried request is one, whoever leads"
ask() { # NODE
	on "$1" "$client" "unix:$ROOT/state/control.socket" call \
		microovn.v1.ConfigService/UpdateConfig \
		'{"config":{"name":"configs/cluster.voter-timeout","value":"32"},"requestId":"attack-once"}' |
		jq -r .config.etag
}
first=$(ask "$liar")
expect_match '^[0-9]+$' "$first"
expect_equal "$first" "$(ask "$other")"
expect_equal "$first" "$(ask "$leader")"
expect microovn node1 config delete cluster.voter-timeout

case_name "it asks the next leader when one is gone"
quickstart kill "$leader"
expect microovn "$liar" config set cluster.voter-timeout 33
expect microovn "$liar" config delete cluster.voter-timeout
quickstart start "$leader"
expect_within 30 all_online node1 4

# ---- where the cluster is administered ----

# Root at the socket of a member on which nobody administers.
refused_on() { # MEMBER
	local command
	for command in "config set cluster.voters 5" "config delete cluster.voters" \
		"config set cluster.administration members" \
		"config delete cluster.administration" "cluster add mallory" \
		"cluster add mallory --worker" "cluster token revoke attack-token" \
		"cluster remove $voter" "cluster remove $1 --force" \
		"enable central --node $1" "disable chassis --node $voter" \
		"certificates reissue client --node $voter" \
		"certificates regenerate-ca" "cluster rotate-ca" "upgrade hold"; do
		# shellcheck disable=SC2086
		expect_refused microovn "$1" $command
		expect_match "administer" "$error"
	done
}
may_administer() { # MEMBER
	expect microovn "$1" config set cluster.voter-timeout 34
	expect microovn "$1" config delete cluster.voter-timeout
}

leader=$(leader_of node1)
voter=$(microovn node1 cluster list -f json | jq -r --arg leader "$leader" \
	'[.[] | select(.role == "voter" and .name != $leader) | .name][0]')
liar=$(microovn node1 cluster list -f json |
	jq -r '[.[] | select(.role == "stand-by") | .name][0]')

case_name "who does not vote cannot leave administration to the voters"
expect_refused microovn "$liar" config set cluster.administration voters
expect_match "does not vote" "$error"
expect_refused microovn "$voter" config set cluster.administration certificates
expect_equal "" "$(microovn node1 config get cluster.administration)"

case_name "with voters a stand-by's root changes nothing, and reads"
expect microovn "$voter" config set cluster.administration voters
before=$(what_is)
refused_on "$liar"
expect_equal "$before" "$(what_is)"
expect microovn "$liar" status
expect microovn "$liar" cluster token list
expect microovn "$liar" certificates reissue client
may_administer "$voter"
may_administer "$leader"
expect microovn "$leader" config delete cluster.administration
may_administer "$liar"

case_name "the leader's security events say who was refused, and on which member"
expect_match 'action=UpdateConfig .*outcome=NOT_ADMINISTERED_HERE' \
	"$(grep -hE "security=true .*event=authz_fail .*subject=\"?admin@$liar" \
		"$CLUSTER_DIR/state/$leader/console.log" \
		"$CLUSTER_DIR/state/$leader/agent.log" 2>/dev/null)"

case_name "a worker is one by its token, and does not join with central"
quickstart add --no-join >"$scratch/add" 2>&1 || fail "add: $(<"$scratch/add")"
worker=$(grep -oE 'starting node[0-9]+' "$scratch/add" | cut -d ' ' -f 2)
expect_match "$worker, as a worker" \
	"$(microovn "$voter" cluster add "$worker" --worker --dry-run)"
token=$(microovn "$voter" cluster add "$worker" --worker)
expect_equal true "$(microovn node1 cluster token list -f json | jq -s \
	--arg name "$worker" '.[0].joinTokens[] | select(.member == $name) | .worker')"
join_worker() { # FLAG...
	microovn "$worker" cluster join "$token" --address "$(address_of "$worker")" \
		--encap-ip "$(underlay_of "$worker")" "$@"
}
expect_refused join_worker --services central,chassis,switch
expect_match "is a worker, which runs chassis and switch only" "$error"
expect join_worker
expect_equal true "$(microovn node1 cluster list -f json | jq \
	--arg name "$worker" '.[] | select(.name == $name) | .worker')"
expect_match ",yes$" "$(microovn node1 cluster list -f csv | grep "^$worker,")"
expect_equal "" "$(microovn node1 cluster list -f csv | grep -v "^$worker," |
	grep -v ',no$')"
expect_equal "SERVICE_CHASSIS SERVICE_SWITCH" "$(status_of "$worker" | jq -r \
	--arg name "members/$worker" '.members[].member | select(.name == $name) |
		select(.worker) | .services | sort | join(" ")')"
expect_refused microovn "$voter" enable central --node "$worker"
expect_match "is a worker" "$error"

case_name "its root changes nothing, whatever is set, and reads"
wait_until 30 has_role "$worker" stand-by || fail "it does not stand by"
before=$(what_is)
refused_on "$worker"
expect_equal "$before" "$(what_is)"
expect microovn "$worker" status
expect microovn "$worker" cluster list
expect microovn "$worker" config list
expect microovn "$worker" certificates reissue client
may_administer "$liar"

case_name "nor do commands with its key"
on "$worker" "$propose_all" --cacert "$ROOT/state/cluster-ca.crt" \
	--cert "$ROOT/state/member.crt" --key "$ROOT/state/member.key" \
	"$(address_of "$leader"):6686" "$(identity_of "$worker" clusterId)" \
	"$(identity_of "$worker" memberId)" "$(identity_of "$leader" memberId)" \
	"$(identity_of "$voter" memberId)" >"$scratch/table" 2>&1 ||
	fail "propose_all: $?"$'\n'"$(<"$scratch/table")"
expect_equal "confirm_member itself OK -" "$(head -n 1 "$scratch/table" | xargs)"
expect_equal "" "$(tail -n +2 "$scratch/table" |
	grep -vP '\tanother\tPERMISSION_DENIED\t(METHOD_NOT_ALLOWED|IDENTITY_MISMATCH)$')"

case_name "it never votes, however many voters are wanted"
expect microovn "$voter" config set cluster.voters 5
votes() { [[ $(role_of "$1") == voter ]]; }
if wait_until 4 votes "$worker"; then fail "$worker votes"; fi
expect_equal stand-by "$(role_of "$worker")"
expect microovn "$voter" config delete cluster.voters

finish
