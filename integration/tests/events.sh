#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What happens is told as events: the same list from every member, in order,
# with who asked, and bounded.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

events_of() { # NODE [FLAG]... -> "TYPE RESOURCE" a line
	microovn "$1" events -o json "${@:2}" | jq -r '"\(.type) \(.resource)"'
}
last_revision() { # NODE
	microovn "$1" events -o json | tail -n 1 | jq -r .revision
}
tells() { # PATTERN [NODE]
	events_of "${2:-node2}" --after "$since" | grep -qE "$1"
}
mark() { since=$(last_revision node2); }
# "USER MEMBER VIA" of the newest event of a type.
asker_of() { # TYPE
	microovn node2 events -o json --type "$1" | tail -n 1 |
		jq -r '"\(.asker.user) \(.asker.member) \(.asker.via | if . == "" then "-" else . end)"'
}

case_name "who leads, who votes, and who made the cluster"
since=0
expect_within 30 tells '^LEADER_CHANGED members/node1$'
expect_within 60 tells '^MEMBER_PROMOTED members/node3$'
expect_equal "root node1 -" "$(asker_of CLUSTER_CREATED)"
expect_equal "root node1 -" "$(asker_of TOKEN_CREATED)"

case_name "a setting, and who asked at which member"
mark
microovn node3 config set cluster.voters 5 >/dev/null
expect_equal "root node3 -" "$(asker_of CONFIG_SET)"
expect_match '\(by root on node3\)' "$(microovn node1 events --type CONFIG_SET)"
microovn node1 config delete cluster.voters >/dev/null
expect_equal "root node1 -" "$(asker_of CONFIG_DELETED)"

case_name "a service disabled and enabled on another member"
mark
microovn node1 disable switch --node node3 >/dev/null 2>&1
microovn node1 enable switch --node node3 >/dev/null 2>&1
tells '^SERVICE_DISABLED members/node3$' || fail "no SERVICE_DISABLED"
tells '^SERVICE_ENABLED members/node3$' || fail "no SERVICE_ENABLED"
expect_equal "root node1 -" "$(asker_of SERVICE_ENABLED)"

case_name "new certificates, and who asked for them"
mark
microovn node2 certificates reissue ovnnb >/dev/null
expect_within 10 tells '^CERTIFICATES_ISSUED members/node2/certificates$'
expect_equal "root node2 -" "$(asker_of CERTIFICATES_ISSUED)"

case_name "a daemon that was killed"
mark
kill_daemon node3 ovn/ovn-northd.pid
expect_within 20 tells '^DAEMON_RESTARTED members/node3/daemons/ovn-northd$'

case_name "a daemon that is frozen, and goes on"
mark
pid=$(daemon_pid node2 switch/ovs-vswitchd.pid)
on node2 kill -STOP "$pid"
frozen='members/node2/findings/DAEMON_FROZEN$'
expect_within 60 tells "^FINDING_RAISED $frozen"
on node2 kill -CONT "$pid"
expect_within 60 tells "^FINDING_CLEARED $frozen"

case_name "the leader's agent, killed: another leads"
mark
make_leader node1
quickstart kill node1 >/dev/null
expect_within 60 tells '^LEADER_CHANGED members/node[23]$'
expect_within 30 tells '^AGENT_STARTED members/node1$'

case_name "a member that is off is lost, and back"
mark
quickstart stop node1 >/dev/null
expect_within 60 tells '^MEMBER_LOST members/node1$'
quickstart start node1 >/dev/null
expect_within 60 tells '^MEMBER_BACK members/node1$'

case_name "a member that is removed"
mark
microovn node2 cluster remove node3 >/dev/null 2>&1
tells '^MEMBER_REMOVED members/node3$' || fail "no MEMBER_REMOVED"
expect_equal "root node2 -" "$(asker_of MEMBER_LEAVING)"

case_name "the same from each member, in order, and by filters"
same() {
	local one two
	one=$(microovn node1 events -o json) && two=$(microovn node2 events -o json) &&
		[[ $one == "$two" ]]
}
expect_within 20 same
revisions=$(microovn node1 events -o json | jq -r '.revision | tonumber')
expect_equal "$(sort -n <<<"$revisions")" "$revisions"
[[ $(events_of node1 --type member_lost | sort -u) == "MEMBER_LOST members/node1" ]] ||
	fail "--type does not filter: $(events_of node1 --type member_lost)"
events_of node1 --resource node2 | grep -vqE ' members/node2(/|$)' &&
	fail "--resource does not filter"
# Times are whole seconds: this one has to be over.
none_since_now() { [[ -z $(microovn node1 events --since 0s) ]]; }
expect_within 5 none_since_now
expect_refused microovn node1 events --type NO_SUCH_TYPE
expect_refused microovn node1 events --since yesterday

case_name "what flaps is bounded"
mark
for _ in {1..8}; do
	expect_within 30 daemon_identity node2 ovn/ovn-northd.pid
	kill_daemon node2 ovn/ovn-northd.pid
	sleep 1
done
expect_within 30 tells '^DAEMON_RESTARTED members/node2/daemons/ovn-northd$'
told=$(events_of node1 --after "$since" | grep -c daemons/ovn-northd)
((told <= 8)) || fail "a flapping daemon is told $told times"

case_name "and nothing is told while nothing happens"
settled() {
	local last
	last=$(last_revision node1)
	sleep 15
	[[ $(last_revision node1) == "$last" ]]
}
expect_within 180 settled

finish
