# SPDX-License-Identifier: Apache-2.0
# Three members of integration/bench/kv's server, or of etcd, as processes of this machine.
# Needs process.sh.  The caller sets KV_DIR (a new directory) and KV_BIN (where
# Bazel puts its programs), then:
#   kv_certificates; kv_addresses; kv_start_all raft|etcd; ...; kv_end_all
# shellcheck shell=bash

readonly KV_MEMBERS=(1 2 3)
kv_system=raft
kv_hosts=(127.0.0.1 127.0.0.1 127.0.0.1)
kv_client_ports=()
kv_peer_ports=()
# Goes before a member's command; kv_enter may set it for each member.
kv_prefix=()
kv_enter() { :; } # MEMBER

# One CA for all links of both systems: P-256, as the agent's.
kv_certificates() {
	local name tls=$KV_DIR/tls
	mkdir -p "$tls"
	{
		openssl ecparam -name prime256v1 -genkey -noout -out "$tls/ca.key"
		openssl req -x509 -new -key "$tls/ca.key" -subj /CN=bench -days 30 \
			-out "$tls/ca.crt"
		for name in member1 member2 member3 client; do
			openssl ecparam -name prime256v1 -genkey -noout -out "$tls/$name.key"
			openssl req -new -key "$tls/$name.key" -subj "/CN=$name" \
				-out "$tls/$name.csr"
			openssl x509 -req -in "$tls/$name.csr" -CA "$tls/ca.crt" \
				-CAkey "$tls/ca.key" -CAcreateserial -days 30 \
				-extfile <(kv_extensions) -out "$tls/$name.crt"
		done
	} 2>"$KV_DIR/openssl.log"
}

kv_extensions() {
	local host names=DNS:localhost
	for host in $(printf '%s\n' "${kv_hosts[@]}" | sort -u); do
		names+=,IP:$host
	done
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names"
}

# Ports that nobody listens on, below those that the kernel gives to clients.
kv_addresses() {
	local port found=()
	while ((${#found[@]} < 6)); do
		port=$((12000 + RANDOM % 18000))
		[[ " ${found[*]} " == *" $port "* ]] && continue
		[[ -z $(ss -Hltn "sport = :$port") ]] && found+=("$port")
	done
	kv_client_ports=("${found[@]:0:3}")
	kv_peer_ports=("${found[@]:3:3}")
}

kv_address() { # MEMBER
	echo "${kv_hosts[$1 - 1]}:${kv_client_ports[$1 - 1]}"
}

# Where clients find the members, separated by commas.
kv_clients() {
	kv_survivors none
}
kv_survivors() { # EXCEPT
	local member list=''
	for member in "${KV_MEMBERS[@]}"; do
		[[ $member == "$1" ]] || list+=,$(kv_address "$member")
	done
	echo "${list#,}"
}

kv_record() { echo "$KV_DIR/member$1.process"; }
kv_pid() { recorded_process "$(kv_record "$1")"; } # MEMBER
kv_signal() { signal_recorded "$(kv_record "$1")" "$2"; } # MEMBER SIGNAL

kv_start() { # MEMBER
	local pid
	kv_enter "$1"
	"kv_start_$kv_system" "$1" </dev/null >>"$KV_DIR/member$1.log" 2>&1 &
	pid=$!
	disown "$pid"
	echo "$pid $(start_time "$pid")" >"$(kv_record "$1")"
}

kv_start_raft() { # MEMBER
	exec "${kv_prefix[@]}" "$KV_BIN/integration/bench/kv/raft_kv" --id="$1" \
		--members="$(kv_clients)" --directory="$KV_DIR/data$1" \
		--tls="$KV_DIR/tls"
}

kv_start_etcd() { # MEMBER
	local member cluster='' tls=$KV_DIR/tls
	local host=${kv_hosts[$1 - 1]}
	local peer=https://$host:${kv_peer_ports[$1 - 1]}
	for member in "${KV_MEMBERS[@]}"; do
		cluster+=,member$member=https://${kv_hosts[$member - 1]}
		cluster+=:${kv_peer_ports[$member - 1]}
	done
	exec "${kv_prefix[@]}" etcd --name "member$1" --data-dir "$KV_DIR/data$1" \
		--listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
		--listen-client-urls "https://$(kv_address "$1")" \
		--advertise-client-urls "https://$(kv_address "$1")" \
		--initial-cluster "${cluster#,}" \
		--trusted-ca-file "$tls/ca.crt" --client-cert-auth \
		--cert-file "$tls/member$1.crt" --key-file "$tls/member$1.key" \
		--peer-trusted-ca-file "$tls/ca.crt" --peer-client-cert-auth \
		--peer-cert-file "$tls/member$1.crt" --peer-key-file "$tls/member$1.key" \
		--logger zap --log-level error
}

kv_start_all() { # raft|etcd
	local member
	kv_system=$1
	for member in "${KV_MEMBERS[@]}"; do
		rm -rf "$KV_DIR/data$member"
		: >"$KV_DIR/member$member.log"
		kv_start "$member"
	done
}

kv_gone() { # MEMBER
	recorded_gone "$(kv_record "$1")"
}

kv_end_all() {
	local member
	for member in "${KV_MEMBERS[@]}"; do kv_signal "$member" KILL; done
	for member in "${KV_MEMBERS[@]}"; do wait_until 5 kv_gone "$member" || true; done
}

kv_load() { # OPTIONS...
	"$KV_BIN/integration/bench/kv/kv_load" --members="$(kv_clients)" --tls="$KV_DIR/tls" "$@"
}

# Resident memory of a member in MiB.
kv_rss() { # MEMBER
	awk '/^VmRSS:/ { printf "%.1f\n", $2 / 1024 }' "/proc/$(kv_pid "$1")/status"
}
