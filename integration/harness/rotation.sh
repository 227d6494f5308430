# SPDX-License-Identifier: Apache-2.0
# CAs that are rotated under load: new connections to every port of every member
# from every member, writes, and what members have and serve afterwards. Needs
# cluster.sh, $work, and rotation_cleanup in the test's cleanup.
# shellcheck shell=bash disable=SC2154

NODES="node1 node2 node3"
load_pids=()
writes_pid=
rotation_cleanup() {
	[[ -z $writes_pid ]] || kill "$writes_pid" 2>/dev/null || true
	((${#load_pids[@]} == 0)) || kill "${load_pids[@]}" 2>/dev/null || true
}

# ---- load ----

# From each node to each port of each node, and writes to the databases.
load_start() { # PORT...
	local node other port
	load_pids=()
	for node in $NODES; do
		local targets=()
		for other in $NODES; do
			for port in "$@"; do targets+=("$(address_of "$other"):$port"); done
		done
		on "$node" python3 "$TREE/integration/harness/tls_load.py" \
			"$ROOT/data/pki" "$ROOT/state" "${targets[@]}" \
			>"$work/load-$node" 2>"$work/refused-$node" &
		load_pids+=($!)
	done
	: >"$work/writes"
	while [[ ! -e $work/stop ]]; do
		if nbctl node2 set nb_global . external_ids:rotation=$RANDOM \
			>/dev/null 2>>"$work/refused-writes"; then
			echo written >>"$work/writes"
		else
			echo failed >>"$work/writes"
		fi
	done &
	writes_pid=$!
}

# Prints what was tried and refused, and expects nothing to be refused.
load_stop() { # OF WHAT
	local node tried=0 refused=0 line
	touch "$work/stop"
	wait "$writes_pid"
	writes_pid=
	rm -f "$work/stop"
	for node in $NODES; do
		on "$node" pkill -TERM -f "tls_load.py $ROOT/data/pki" || true
	done
	wait "${load_pids[@]}" || true
	load_pids=()
	for node in $NODES; do
		line=$(<"$work/load-$node")
		[[ -n $line ]] || fail "the load on $node has ended early"
		tried=$((tried + ${line% *}))
		refused=$((refused + ${line#* }))
	done
	echo "$1: $tried connections tried, $refused refused;" \
		"$(grep -c written "$work/writes" || true) writes," \
		"$(grep -c failed "$work/writes" || true) failed"
	((tried > 100)) || fail "only $tried connections were tried"
	expect_equal 0 "$refused" "$(head -n 3 "$work"/refused-node* || true)"
	expect_equal 0 "$(grep -c failed "$work/writes" || true)" \
		"failed writes: $(head -n 3 "$work/refused-writes" || true)"
}

terms() {
	database_status node1 nb | grep '^Term:'
	database_status node1 sb | grep '^Term:'
}

# ---- what members have ----

ca_of() { # NODE -> fingerprints of all trusted CAs
	on "$1" openssl crl2pkcs7 -nocrl -certfile "$ROOT/data/pki/cacert.pem" |
		openssl pkcs7 -print_certs -noout | grep subject
}
served_by() { # NODE PORT -> issuer
	on "$1" sh -c "openssl s_client -connect $(address_of "$1"):$2 \
		-cert $ROOT/data/pki/client-cert.pem \
		-key $ROOT/data/pki/client-privkey.pem </dev/null 2>/dev/null |
		openssl x509 -noout -issuer"
}
# All members trust one CA of this name, or any, and serve its certificates.
expect_one_ca() { # [EXTENDED-REGULAR-EXPRESSION]
	local node port
	for node in $NODES; do
		expect_equal "$(ca_of node1)" "$(ca_of "$node")" "trusted on $node"
		expect_match "${1:-MicroOVN CA}" "$(ca_of "$node")"
		for port in 6641 6642 6643 6644; do
			expect_match "${1:-MicroOVN CA}" "$(served_by "$node" "$port")"
		done
		expect on "$node" openssl verify -CAfile "$ROOT/data/pki/cacert.pem" \
			"$ROOT/data/pki/ovnnb-cert.pem" "$ROOT/data/pki/client-cert.pem"
	done
}

# A later -days is the one that counts.
make_ca() { # NAME KEY-ARGUMENTS... -> NAME.crt, NAME.key
	local name=$1
	shift
	openssl req -x509 -nodes -days 1000 -newkey "$@" \
		-keyout "$work/$name.key" -out "$work/$name.crt" -subj "/CN=$name" \
		-addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
}

# What an agent's port serves is of the one CA that all agents trust.
cluster_ca_of() { # NODE
	on "$1" openssl x509 -noout -fingerprint -in "$ROOT/state/cluster-ca.crt"
}
expect_one_cluster_ca() {
	local node
	for node in $NODES; do
		expect_equal "$(cluster_ca_of node1)" "$(cluster_ca_of "$node")" "$node"
		expect_equal 1 "$(on "$node" grep -c BEGIN "$ROOT/state/cluster-ca.crt")"
		expect on "$node" openssl verify -CAfile "$ROOT/state/cluster-ca.crt" \
			"$ROOT/state/member.crt"
	done
}

# ---- operations ----

operation_of() { # NAME [ASKED] -> JSON
	microovn "${2:-node1}" operation show "$1" -f json
}
ended() { # NAME [ASKED]
	[[ $(operation_of "$@" | jq -r .done) == true ]]
}

# The rotation NAME has come to its step STEP (0 to 4), or further.
reached() { # ASKED NAME STEP
	microovn "$1" operation show "$2" -f json |
		jq -e --argjson step "$3" \
			'.metadata.plan.steps[$step].state != "STATE_PENDING"'
}
