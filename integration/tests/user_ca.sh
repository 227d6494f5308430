#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A CA that somebody brought is theirs to follow: the findings about one that
# ends, and about a member that was removed by force and holds its
# certificates, and what they advise.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"
# shellcheck source=../harness/rotation.sh
. "$(dirname "$0")/../harness/rotation.sh"

need_cluster
work=$(mktemp -d)
test_cleanup() { rm -rf "$work"; }

bring_ca() { # NAME DAYS: made, and given to the cluster
	make_ca "$1" rsa:2048 -days "$2"
	cp "$work/$1".* "$CLUSTER_DIR/"
	microovn node1 certificates set-ca --cert "$CLUSTER_DIR/$1.crt" \
		--key "$CLUSTER_DIR/$1.key"
}
field_of() { # REASON FIELD
	status_of node2 | jq -r --arg reason "$1" --arg field "$2" \
		'.findings[] | select(.reason == $reason) | .[$field]'
}
healthy() { microovn "$1" status --exit-code; }

case_name "a CA that ends in sixty days is a warning from the first day on"
expect bring_ca sixty 60
expect_within 20 has_finding node2 CA_ENDS_SOON
expect_equal SEVERITY_WARNING "$(field_of CA_ENDS_SOON severity)"
expect_match "CA_ENDS_SOON" "$(microovn node2 explain CA_ENDS_SOON)"

case_name "one that ends in three is critical, and was taken all the same"
expect bring_ca three 3
critical() { [[ $(field_of CA_ENDS_SOON severity) == SEVERITY_CRITICAL ]]; }
expect_within 20 critical

case_name "followed: its successor, and nothing is said any more"
expect bring_ca years 1000
expect_within 20 healthy node2
expect_one_ca "CN ?= ?years"

case_name "a member that was removed by force holds its certificates: the finding says so"
wait_until 30 make_leader node1 || true
quickstart stop node3 --power
silent() {
	microovn node1 cluster list -f json |
		jq -e '.[] | select(.name == "node3") | .status != "ONLINE"'
}
expect_within 30 silent
expect microovn node1 cluster remove node3 --force
expect_within 20 has_finding node2 CA_ROTATION_DUE
expect_match "node3 was removed by force" "$(field_of CA_ROTATION_DUE message)"
expect_match "CN ?= ?years" "$(ca_of node1)"

case_name "followed: a CA of which the removed member has nothing"
# shellcheck disable=SC2034 # read by rotation.sh
NODES="node1 node2"
expect bring_ca after 1000
expect_within 20 has_no_finding node2 CA_ROTATION_DUE
expect_one_ca "CN ?= ?after"

case_name "the removed member starts again, and knows what it is"
echo "the member starts again" >>"$CLUSTER_DIR/state/node3/agent.log"
quickstart start node3 --power
expect_within 30 has_finding node3 MEMBER_NOT_TRUSTED node3
expect_equal 1 "$(findings_of node3 | wc -l)" "findings"
rc=0
microovn node3 status --exit-code >/dev/null 2>&1 || rc=$?
((rc != 0)) || fail "it says that all is well"
expect_within 10 healthy node1

# Attempts to connect to an agent; what answers them is not counted.
count_dials() {
	on node3 nft -f - <<-'RULES'
		table inet dials {
			chain out {
				type filter hook output priority 0
				tcp dport 6686 tcp flags & (syn | ack) == syn counter
			}
		}
	RULES
}
dials() {
	on node3 nft list table inet dials | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
said_by_agent() { # EXTENDED-REGULAR-EXPRESSION -> lines since its start
	lines_of <(sed '1,/the member starts again/d' "$CLUSTER_DIR/state/node3/agent.log") "$1"
}

# Two ways to each of two others, and each is tried nine times in the first
# minute and once in a minute then: in seconds 30 to 60 once or twice.
case_name "it dials the others ever more rarely, and says once that they are not trusted"
started=$SECONDS
at_second() { ((SECONDS - started >= $1)); }
expect_within 40 at_second 30
expect count_dials
expect_within 40 at_second 60
expect on node3 nft list table inet dials
dialed=$(dials)
((dialed >= 1 && dialed <= 10)) || fail "$dialed dials in half a minute"
for node in node1 node2; do
	expect_equal 1 "$(said_by_agent "$node.*certificate of another cluster CA")" "lines on $node"
done
(($(said_by_agent 'gRPC: ') <= 4)) || fail "gRPC logs: $(said_by_agent 'gRPC: ') lines"
expect on node3 nft delete table inet dials

case_name "followed: it puts away what it had, and is a new member"
quickstart stop node3 --power
expect mv "$CLUSTER_DIR/node3/state" "$work/state"
expect mv "$CLUSTER_DIR/node3/data" "$work/data"
quickstart start node3 --power
token=$(microovn node1 cluster add node3) || fail "no token"
expect microovn node3 cluster join "$token" --encap-ip "$(underlay_of node3)"
NODES="node1 node2 node3"
expect_within 60 all_online node2 3
expect_within 30 healthy node3

case_name "back to a CA of the cluster's own"
expect microovn node2 certificates regenerate-ca
expect_one_ca

finish
