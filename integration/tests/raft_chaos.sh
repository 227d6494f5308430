#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three members of the Raft layer as processes in namespaces of their own, under
# load, while they are killed, stopped, cut off, slowed down and deprived of
# disk space.  What the clients saw must be linearizable.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"
# shellcheck source=../lib/netns.sh
. "$TREE/integration/lib/netns.sh"
# shellcheck source=../lib/kv_cluster.sh
. "$TREE/integration/lib/kv_cluster.sh"

seconds=35
if [[ -n ${MICROOVN_LONG:-} || ${1:-} == --long ]]; then seconds=600; fi
seed=${MICROOVN_CHAOS_SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))

((EUID == 0)) || skip "needs root, for network namespaces"
program //integration/bench/kv:kv_chaos_client >/dev/null
KV_BIN=$(program //integration/bench/kv:raft_kv)
KV_BIN=${KV_BIN%/integration/bench/kv/raft_kv}
KV_DIR=$(mktemp -d /var/tmp/raft_chaos.XXXXXX)
OUTER=movn-chaos-${KV_DIR##*.}
readonly KV_BIN KV_DIR OUTER
readonly DISK=256m

member_ns() { echo "$OUTER-$1"; } # MEMBER
kv_enter() { kv_prefix=(ip netns exec "$(member_ns "$1")"); }

set_up() {
	local member
	kv_hosts=()
	netns_add "$OUTER"
	bridge_add "$OUTER" br0
	ip -n "$OUTER" address add 10.99.0.1/24 dev br0
	for member in "${KV_MEMBERS[@]}"; do
		kv_hosts+=("10.99.0.1$member")
		netns_add "$(member_ns "$member")"
		cable_add "$OUTER" br0 "port$member" "$(member_ns "$member")" eth0
		ip -n "$(member_ns "$member")" address add "10.99.0.1$member/24" dev eth0
		mkdir -p "$KV_DIR/data$member"
		mount -t tmpfs -o "size=$DISK" chaos "$KV_DIR/data$member"
	done
	kv_certificates
	kv_addresses
	for member in "${KV_MEMBERS[@]}"; do kv_start "$member"; done
}

test_cleanup() {
	local member
	kv_end_all
	for member in "${KV_MEMBERS[@]}"; do
		umount -l "$KV_DIR/data$member" || true
		netns_del "$(member_ns "$member")"
	done
	netns_del "$OUTER"
	rm -rf "$KV_DIR"
}

declare -A count=([kill]=0 [pause]=0 [partition]=0 [disk_full]=0 [slow_link]=0)

# Each lasts for a while and is then made good again.
fault_kill() { # MEMBER
	kv_signal "$1" KILL
	wait_until 5 kv_gone "$1"
	linger
	kv_start "$1"
}
fault_pause() {
	kv_signal "$1" STOP
	linger
	kv_signal "$1" CONT
}
fault_partition() {
	ip -n "$OUTER" link set "port$1" down
	linger
	ip -n "$OUTER" link set "port$1" up
}
fault_disk_full() {
	cat /dev/zero >"$KV_DIR/data$1/taken" 2>/dev/null || true
	linger
	rm -f "$KV_DIR/data$1/taken"
}
fault_slow_link() {
	ip netns exec "$(member_ns "$1")" tc qdisc add dev eth0 root \
		tbf rate 2mbit burst 16k latency 100ms
	linger
	ip netns exec "$(member_ns "$1")" tc qdisc del dev eth0 root
}

linger() { sleep "$((RANDOM % 3)).$((RANDOM % 10))"; }

# A member that ended because its disk failed is started again, as a service
# manager would.
revive() {
	local member
	for member in "${KV_MEMBERS[@]}"; do
		if kv_gone "$member"; then kv_start "$member"; fi
	done
}

nemesis() { # END
	local kinds=(kill pause partition disk_full slow_link) kind
	while ((SECONDS < $1)); do
		kind=${kinds[RANDOM % ${#kinds[@]}]}
		"fault_$kind" "${KV_MEMBERS[RANDOM % 3]}"
		count[$kind]=$((count[$kind] + 1))
		revive
		sleep "0.$((3 + RANDOM % 7))"
	done
}

case_name "under kill, pause, partition, full disk and slow link nothing acknowledged is lost (seed $seed)"
set_up
end=$((SECONDS + seconds))
ip netns exec "$OUTER" "$KV_BIN/integration/bench/kv/kv_chaos_client" \
	--members="$(kv_clients)" --tls="$KV_DIR/tls" \
	--run_ms=$((seconds * 1000)) >"$KV_DIR/verdict" 2>&1 &
client=$!
nemesis "$end"
wait "$client" || fail "$(cat "$KV_DIR/verdict" "$KV_DIR"/member*.log)"
for line in "acknowledged writes lost 0" "executed twice 0" linearizable; do
	expect grep -qx "$line" "$KV_DIR/verdict"
done
cat "$KV_DIR/verdict"
for kind in kill pause partition disk_full slow_link; do
	echo "$kind ${count[$kind]}"
done
finish
