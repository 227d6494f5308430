#!/usr/bin/env bash
# The agents' own certificates are renewed while the cluster works.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

# The certificate that a member shows to who connects.
shown() { # NODE
	local address
	address=$(address_of "$1")
	on node1 sh -c "openssl s_client -connect $address:6686 \
		-cert $ROOT/state/member.crt -key $ROOT/state/member.key \
		-CAfile $ROOT/state/cluster-ca.crt </dev/null 2>/dev/null |
		openssl x509 -noout -serial"
}
differs() { # NODE SERIAL
	local now
	now=$(shown "$1") && [[ -n $now && $now != "$2" ]]
}
agent_start() { # NODE
	on "$1" ps -C microovnd -o pid=,lstart=
}

declare -A before started
for node in node1 node2 node3; do
	before[$node]=$(shown "$node")
	started[$node]=$(agent_start "$node")
done

case_name "a shorter life makes all members renew, without a restart"
expect microovn node1 config set cluster.certificate-lifetime 60
for node in node1 node2 node3; do
	expect_within 60 differs "$node" "${before[$node]}"
	expect_equal "${started[$node]}" "$(agent_start "$node")" "the agent of $node"
done
expect all_online node1 3

case_name "members go on when their first certificates have expired"
expect microovn node1 config set cluster.certificate-lifetime 60
for round in 1 2 3; do
	for node in node1 node2 node3; do
		now=$(shown "$node")
		expect_within 60 differs "$node" "$now"
	done
	expect_faster 5 microovn node2 cluster add "renewal-$round"
	expect_faster 3 microovn node3 status
	expect all_online node1 3
done

case_name "only the key in use is registered"
one_key() { # NODE: what the file holds is what the cluster lists
	local listed kept
	listed=$(microovn node1 cluster list -f json |
		jq -r --arg name "$1" '.[] | select(.name == $name) | .certificate' |
		openssl x509 -noout -serial)
	kept=$(on "$1" openssl x509 -noout -serial -in "$ROOT/state/member.crt")
	[[ $listed == "$kept" ]]
}
for node in node1 node2 node3; do expect_within 30 one_key "$node"; done

case_name "an agent that is killed between two renewals comes back"
answers() { microovn "$1" waitready -t 1; }
quickstart kill node2
expect_within 10 answers node2
expect_within 20 all_online node1 3

case_name "the usual life is set again, and holds from the next renewal on"
expect microovn node1 config delete cluster.certificate-lifetime
long_lived() { # NODE
	on "$1" openssl x509 -noout -checkend 1000000 -in "$ROOT/state/member.crt"
}
for node in node1 node2 node3; do expect_within 60 long_lived "$node"; done
expect all_online node1 3

finish
