#!/usr/bin/env bash
# No CA key in clear anywhere, and no file that others may read and should not.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster

# The keys a node has for itself: its OVN services', its API certificate's, and
# the one that what is sealed for it is opened with.
readonly OWN_KEYS='^data/pki/(generations/[0-9]+/)?(client|ovnnb|ovnsb|ovn-northd|ovn-controller)-privkey\.pem$|^state/member\.key$|^state/sealing/sealing-key\.pem$'

# grep's and find's answer; that they could not look is a failure.
found_by() { # CMD...
	local rc=0
	"$@" || rc=$?
	((rc <= 1)) || fail "failed ($rc): $*"
}

case_name "no file of a member holds a PEM private key but the leaves' own"
for node in node1 node2 node3; do
	found=$(grep -rlaE 'BEGIN ([A-Z]+ )?PRIVATE KEY' "$CLUSTER_DIR/$node" |
		sed "s,^$CLUSTER_DIR/$node/,,")
	expect_match '^state/member\.key$' "$found"
	expect_equal "" "$(found_by grep -vE "$OWN_KEYS" <<<"$found")" "on $node"
done

case_name "none of those keys belongs to a CA"
ca_keys=$(for node in node1 node2 node3; do
	find "$CLUSTER_DIR/$node" -name '*.pem' -o -name '*.crt' | while read -r file; do
		openssl x509 -in "$file" -noout -text 2>/dev/null | grep -q 'CA:TRUE' &&
			openssl x509 -in "$file" -noout -pubkey
	done || true
done)
expect_match 'BEGIN PUBLIC KEY' "$ca_keys"
for node in node1 node2 node3; do
	while read -r file; do
		public=$(openssl pkey -in "$file" -pubout 2>/dev/null | sed -n 2p)
		[[ -n $public ]] || continue
		if grep -qF "$public" <<<"$ca_keys"; then fail "$file is a CA's key"; fi
	done < <(find "$CLUSTER_DIR/$node" -type f -name '*key*')
done

case_name "strings over the store, the logs and the state finds no private key"
for node in node1 node2 node3; do
	while read -r file; do
		[[ ! ${file#"$CLUSTER_DIR/$node/"} =~ $OWN_KEYS ]] || continue
		if strings -n 8 "$file" | grep 'PRIVATE KEY' >/dev/null; then
			fail "$file"
		fi
	done < <(find "$CLUSTER_DIR/$node/state" "$CLUSTER_DIR/$node/logs" \
		"$CLUSTER_DIR/state/$node/agent.log" -type f)
done

case_name "no join token and no secret of one is in a log"
token=$(microovn node1 cluster add secrets-test)
secret=$(base64 -d <<<"$token" | jq -r .secret)
for node in node1 node2 node3; do
	expect_equal "" "$(found_by grep -rlaF -e "$token" -e "$secret" \
		"$CLUSTER_DIR/$node/logs" "$CLUSTER_DIR/state/$node/agent.log" \
		"$CLUSTER_DIR/$node/state")" "$node"
done

case_name "F118: directories are 0700 and keys and certificates 0600"
for node in node1 node2 node3; do
	# What RocksDB makes has its own modes, below a directory that is closed.
	loose=$(find "$CLUSTER_DIR/$node/state" "$CLUSTER_DIR/$node/data/pki" \
		-type d -perm /077 -print -o -path '*/state/raft/*' -prune -o \
		-type f -perm /077 -print)
	expect_equal "" "$loose" "$node"
	expect_equal 644 "$(stat -c %a "$CLUSTER_DIR/$node/data/env/ovn.env")"
done

case_name "the agent's socket is for root and the group only"
socket=$(find "$CLUSTER_DIR/node1/state" "$CLUSTER_DIR/node1/run" -type s \
	-name '*.sock*' -path '*microovn*' -o -type s -name control.socket |
	head -n 1)
expect test -S "$socket"
expect_match '^6[06]0$' "$(stat -c %a "$socket")"

finish
