#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# People with certificates, on a machine that is no member: what each role may,
# what a revocation and a certificate's end do, and what is said of what does not
# fit.  "laptop" is a place on the members' network.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/pages.sh
. "$TREE/integration/harness/pages.sh"

readonly GRPCURL=v1.9.3

need_cluster
client=$(program //integration/harness:reflection_client)
scratch=$(mktemp -d)
test_cleanup() {
	rm -rf "$scratch"
	rm -f "$CLUSTER_DIR"/bin/{grpcurl,reflection_client}
}
at_laptop() { # CMD...
	quickstart net env -i HOME="$scratch" TERM=dumb LANG=C.UTF-8 \
		PATH="$CLUSTER_DIR/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@"
}
from_afar() { # USER NODE ARG...
	at_laptop microovn --endpoint "$(address_of "$2")" --cert "$scratch/$1.pem" "${@:3}"
}
give() { # USER ROLE ARG...
	microovn node1 cluster user add "$1" --role "$2" --output "$scratch/$1.pem" "${@:3}"
}

if grpcurl=$("$TREE/tools/go-tool" github.com/fullstorydev/grpcurl/cmd/grpcurl \
	"$GRPCURL" 2>/dev/null); then
	cp "$grpcurl" "$CLUSTER_DIR/bin/grpcurl"
else
	echo "grpcurl cannot be built here: its lines are run by the reflection client"
	cp "$TREE/integration/harness/grpcurl" "$client" "$CLUSTER_DIR/bin/"
fi

mkdir "$scratch/page"
case_name "the commands of docs/how-to/administer-from-afar.md work as written"
page_shell() { # PLACE CMD
	case $1 in
	laptop) printf './quickstart net env -i HOME=/ TERM=dumb LANG=C.UTF-8 PATH=%q bash -c %q' \
		"$CLUSTER_DIR/bin:/usr/sbin:/usr/bin:/sbin:/bin" "cd $scratch/page; $2" ;;
	*) printf './quickstart exec %q bash -c %q' "$1" "cd $scratch/page; $2" ;;
	esac
}
run_page docs/how-to/administer-from-afar.md loose

case_name "keys are for their owners' eyes, and in no state, log or event"
give ada admin >/dev/null
expect_equal 600 "$(stat -c %a "$scratch/ada.pem")"
grep -q "BEGIN PRIVATE KEY" "$scratch/ada.pem" || fail "no key in ada.pem"
secret=$(sed -n '/BEGIN PRIVATE/,/END PRIVATE/p' "$scratch/ada.pem" | sed -n 2p)
for node in node1 node2 node3; do
	if grep -rqF "$secret" "$CLUSTER_DIR/$node"; then fail "$node has ada's key"; fi
done

case_name "each role does its own and no more, asked of a member that does not lead"
give otto operator >/dev/null
give vera viewer >/dev/null
make_leader node1
expect from_afar vera node2 status
expect from_afar vera node2 cluster user list
expect from_afar otto node2 config set cluster.voter-timeout 30
expect from_afar otto node2 cluster add node9 --worker
out=$(from_afar otto node2 cluster add node8 2>&1) && fail "an operator let one in"
expect_match 'needs the role admin' "$out"
out=$(from_afar otto node3 cluster user add eve --role admin --output - 2>&1) &&
	fail "an operator made an administrator"
expect_match '"otto" is operator, .* needs the role admin' "$out"
expect from_afar ada node3 cluster add node8
expect_equal "otto node2" "$(microovn node1 events -o json --type CONFIG_SET | tail -n 1 |
	jq -r '"\(.asker.operator) \(.asker.member)"')"

case_name "a viewer changes nothing, whatever the command"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 900 \
	-subj /CN=own -keyout "$scratch/own.key" -out "$scratch/own.crt" 2>/dev/null
cat "$scratch/own.crt" "$scratch/own.key" >"$scratch/own.pem"
before=$(microovn node1 events -o json | tail -n 1 | jq -r .revision)
out=$(at_laptop env MICROOVN_ENDPOINT="$(address_of node2)" \
	MICROOVN_CERT="$scratch/vera.pem" PYTHONDONTWRITEBYTECODE=1 \
	"$TREE/integration/harness/viewer_matrix.py" microovn "$scratch/own.pem") ||
	fail "$(grep -B1 FAILED <<<"$out")"
(($(grep -c ^ok <<<"$out") >= 15)) || fail "few commands were tried: $out"
expect_equal "$before" "$(microovn node1 events -o json | tail -n 1 | jq -r .revision)"

case_name "an administrator makes no membership from afar"
for words in "cluster bootstrap" "init --help"; do
	[[ $words == init* ]] && continue
	# shellcheck disable=SC2086
	out=$(from_afar ada node2 $words 2>&1) && fail "it was done: $words"
	expect_match 'may not call .* from afar' "$out"
done

case_name "a revocation ends what is open, and what comes"
from_afar vera node3 events --follow >"$scratch/followed" 2>&1 &
follower=$!
expect_within 10 test -s "$scratch/followed"
microovn node2 cluster user revoke vera
ended() { ! kill -0 "$follower" 2>/dev/null; }
expect_within 5 ended
for node in node1 node2 node3; do
	out=$(from_afar vera "$node" status 2>&1) && fail "$node answers"
	expect_match 'the certificate of "vera" was revoked' "$out"
done
expect_equal revoked "$(microovn node1 cluster user list -f csv | awk -F, '$1 == "vera" { print $4 }')"
rm "$scratch/vera.pem"
expect give vera viewer
expect from_afar vera node3 status

case_name "a certificate's end does, too"
microovn node1 cluster user revoke vera
rm "$scratch/vera.pem"
give vera viewer --ttl 60s >/dev/null
from_afar vera node2 events --follow >"$scratch/followed" 2>&1 &
follower=$!
expect_within 10 test -s "$scratch/followed"
expect_within 75 ended
out=$(from_afar vera node2 status 2>&1) && fail "it is let in"
expect_match 'has expired' "$out"
# Past that check of its own the agent says the same.
out=$(at_laptop grpcurl -cacert "$scratch/vera.pem" -cert "$scratch/vera.pem" \
	-key "$scratch/vera.pem" "$(address_of node2):6686" \
	microovn.v1.ClusterService/ListMembers 2>&1) && fail "it is let in"
expect_no_match 'members/node1' "$out"
expect_equal expired "$(microovn node1 cluster user list -f csv | awk -F, '$1 == "vera" { print $4 }')"

case_name "what does not fit is said"
out=$(at_laptop microovn --endpoint 10.98.0.99 --cert "$scratch/ada.pem" status 2>&1) &&
	fail "somebody answers"
expect_match 'cannot reach the MicroOVN agent at 10\.98\.0\.99:6686' "$out"
out=$(at_laptop microovn --endpoint "$(address_of node1):6641" --cert "$scratch/ada.pem" \
	status 2>&1) && fail "a database answers"
expect_match 'does not prove to be a member|cannot reach' "$out"
out=$(at_laptop microovn --endpoint "$(address_of node1)" --cert "$scratch/ada.pem" \
	--ca "$scratch/own.crt" status 2>&1) && fail "another CA is good enough"
expect_match 'is not signed by the CA in' "$out"
out=$(at_laptop microovn --endpoint "$(address_of node1)" --cert "$scratch/own.pem" \
	status 2>&1) && fail "its own CA is good enough"
expect_match 'does not prove to be a member' "$out"
out=$(at_laptop microovn --endpoint "$(address_of node1)" --cert "$scratch/ada.pem" \
	--key "$scratch/own.key" status 2>&1) && fail "another key is good enough"
expect_match 'is not that of the certificate' "$out"

case_name "a cluster that is left to certificates is changed by nobody else, and comes back"
expect from_afar ada node1 config set cluster.administration certificates
for node in node1 node2 node3; do
	out=$(microovn "$node" config set cluster.voters 5 2>&1) && fail "root on $node did it"
	expect_match 'by people with certificates only' "$out"
done
expect microovn node1 status
expect from_afar ada node2 config set cluster.voter-timeout 31
# The last administrator's key is lost: root on a voter, by one command alone.
out=$(microovn node2 cluster user add eve --role admin --output - 2>&1) && fail "root made one"
expect_match 'by people with certificates only' "$out"
expect microovn node2 config set cluster.administration voters
expect_equal "root node2" "$(microovn node1 events -o json --type CONFIG_SET | tail -n 1 |
	jq -r '"\(.asker.user) \(.asker.member)"')"
# And once none is valid any more, by itself.
expect from_afar ada node1 config set cluster.administration certificates
expect from_afar ada node1 cluster user revoke ada
expect microovn node3 config delete cluster.administration
out=$(microovn node3 config set cluster.administration certificates 2>&1) && fail "nobody is left"
expect_match 'nobody has a valid certificate' "$out"

microovn node1 config delete cluster.voter-timeout >/dev/null
for name in node8 node9; do microovn node1 cluster token revoke "$name"; done
for user in otto vera; do microovn node1 cluster user revoke "$user"; done
finish
