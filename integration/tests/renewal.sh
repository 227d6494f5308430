#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All certificates are renewed while the cluster works: their lives are a
# minute, and fresh connections from every member to every port meet no refusal.
# With --long dozens of renewals pass, and then all members are off until
# everything has expired.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

rounds=2
if [[ -n ${MICROOVN_LONG:-} || ${1:-} == --long ]]; then rounds=24; fi
readonly NODES=(node1 node2 node3)
readonly LIFE=60

need_cluster
work=$(mktemp -d)
probes=()
test_cleanup() {
	local pid
	for pid in "${probes[@]}"; do kill "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}

# Serial numbers of what a member has now: its own certificate, and each that
# OVN's daemons read.
serials_of() { # NODE
	local file
	for file in "$CLUSTER_DIR/$1/state/member.crt" \
		"$CLUSTER_DIR/$1"/data/pki/current/*-cert.pem; do
		echo "$(basename "$file") $(openssl x509 -noout -serial -in "$file")"
	done
}
# Nothing is as it was before.
all_renewed() { # NODE FILE-OF-SERIALS
	local now
	now=$(serials_of "$1") && ! grep -qxF -f "$2" <<<"$now"
}
served_is_published() { # NODE
	microovn "$1" certificates list --format json >/dev/null &&
		[[ $(microovn "$1" certificates list --verbose |
			grep -c '^served: ') == 2 ]] &&
		! microovn "$1" certificates list --verbose | grep '^not served'
}
agent_start() { # NODE
	on "$1" ps -C microovnd -o pid=,lstart=
}
term_of() { # nb|sb
	database_status node1 "$1" | sed -n 's/^Term: //p'
}
daemons_of() { # NODE -> pids of its agent and of its databases
	on "$1" pgrep -x 'microovnd|ovsdb-server'
}
descriptors_of() { # NODE
	local pid sum=0
	for pid in $(daemons_of "$1"); do
		sum=$((sum + $(on "$1" ls "/proc/$pid/fd" | wc -l)))
	done
	echo "$sum"
}
kilobytes_of() { # NODE
	local pid sum=0 one
	for pid in $(daemons_of "$1"); do
		one=$(on "$1" cat "/proc/$pid/status" |
			sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p')
		sum=$((sum + one))
	done
	echo "$sum"
}
start_probes() {
	local node
	for node in "${NODES[@]}"; do
		on "$node" "$TREE/integration/harness/mtls_probe.py" "$ROOT" \
			"$(address_of node1)" "$(address_of node2)" \
			"$(address_of node3)" >"$work/$node.probe" 2>&1 &
		probes+=($!)
	done
}
stop_probes() {
	local node
	for node in "${NODES[@]}"; do on "$node" pkill -TERM -f mtls_probe.py || true; done
	wait "${probes[@]}" || true
	probes=()
}

case_name "lives of a minute are set, and certificates of that life issued"
declare -A started
for node in "${NODES[@]}"; do started[$node]=$(agent_start "$node"); done
nb_term=$(term_of nb)
sb_term=$(term_of sb)
start_probes
expect microovn node1 config set cluster.certificate-lifetime "$LIFE"
expect microovn node1 config set ovn.certificate-lifetime "$LIFE"
for node in "${NODES[@]}"; do
	serials_of "$node" >"$work/$node.serials"
	expect microovn "$node" certificates reissue all
done
short_lived() { # NODE: everything that it has
	local file
	for file in "$CLUSTER_DIR/$1/state/member.crt" \
		"$CLUSTER_DIR/$1"/data/pki/current/*-cert.pem; do
		! openssl x509 -noout -checkend "$LIFE" -in "$file" >/dev/null ||
			return 1
	done
}
for node in "${NODES[@]}"; do
	expect_within 60 short_lived "$node"
done

case_name "everything is renewed, $rounds times on each member, without a restart"
for ((round = 1; round <= rounds; round++)); do
	for node in "${NODES[@]}"; do serials_of "$node" >"$work/$node.serials"; done
	for node in "${NODES[@]}"; do
		expect_within 60 all_renewed "$node" "$work/$node.serials"
	done
	# What was there when the first third had passed is what there may be.
	if ((round == (rounds + 2) / 3)); then
		for node in "${NODES[@]}"; do
			descriptors_of "$node" >"$work/$node.fds"
			kilobytes_of "$node" >"$work/$node.kb"
		done
	fi
	expect nbctl node2 --may-exist ls-add "renewal-$((round % 5))"
done
for node in "${NODES[@]}"; do
	expect_equal "${started[$node]}" "$(agent_start "$node")" "the agent of $node"
	expect_within 10 served_is_published "$node"
done
expect all_online node1 3

case_name "an agent that is killed between two renewals comes back"
answers() { microovn "$1" waitready -t 1; }
stop_probes
quickstart kill node2
expect_within 10 answers node2
expect_within 20 all_online node1 3

case_name "no fresh connection from any member to any port was refused"
tried=0
for node in "${NODES[@]}"; do
	said=$(<"$work/$node.probe")
	echo "  $node: $(tail -n 1 <<<"$said")"
	expect_match '^tried [0-9]+ refused 0$' "$said"
	tried=$((tried + $(sed -n 's/^tried \([0-9]*\) .*/\1/p' <<<"$said")))
done
((tried >= 100 * rounds)) || fail "$tried connections were tried"
expect_equal "$nb_term" "$(term_of nb)" "the term of nb"
expect_equal "$sb_term" "$(term_of sb)" "the term of sb"

case_name "descriptors and memory stay as they were"
for node in node1 node3; do
	read -r before <"$work/$node.fds"
	now=$(descriptors_of "$node")
	echo "  $node: descriptors $before, then $now"
	((now <= before + 12)) || fail "$node: $before descriptors became $now"
	read -r before <"$work/$node.kb"
	now=$(kilobytes_of "$node")
	echo "  $node: kB $before, then $now"
	((now <= before + before / 5 + 8192)) || fail "$node: $before kB became $now"
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
for node in "${NODES[@]}"; do expect_within 30 one_key "$node"; done

if ((rounds > 2)); then
	case_name "all members that were off past the end of everything are healthy by themselves"
	for node in "${NODES[@]}"; do quickstart kill "$node" --power; done
	expired() { # NODE
		local file
		for file in "$CLUSTER_DIR/$1/state/member.crt" \
			"$CLUSTER_DIR/$1"/data/pki/current/*-cert.pem; do
			! openssl x509 -noout -checkend 0 -in "$file" >/dev/null || return 1
		done
	}
	for node in "${NODES[@]}"; do
		expect_within $((LIFE + 10)) expired "$node"
	done
	for node in "${NODES[@]}"; do quickstart start "$node" --power; done
	healthy() { microovn "$1" status --exit-code; }
	for node in "${NODES[@]}"; do expect_within 90 healthy "$node"; done
	expect nbctl node3 ls-add after-the-night
fi

case_name "the usual lives are set again, and hold from the next issue on"
expect microovn node1 config delete cluster.certificate-lifetime
expect microovn node1 config delete ovn.certificate-lifetime
for node in "${NODES[@]}"; do expect microovn "$node" certificates reissue all; done
long_lived() { # NODE
	local file
	for file in "$CLUSTER_DIR/$1/state/member.crt" \
		"$CLUSTER_DIR/$1"/data/pki/current/*-cert.pem; do
		openssl x509 -noout -checkend 1000000 -in "$file" >/dev/null || return 1
	done
}
for node in "${NODES[@]}"; do expect_within 60 long_lived "$node"; done
expect all_online node1 3

finish
