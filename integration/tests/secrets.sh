#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No CA key in clear anywhere, and no file that others may read and should not.
set -euo pipefail
# shellcheck source=../harness/cluster.sh
. "$(dirname "$0")/../harness/cluster.sh"

need_cluster
work=$(mktemp -d)
test_cleanup() { rm -rf "$work"; }
readonly NODES=(node1 node2 node3)

# The keys a node has for itself: its OVN services', its API certificate's, and
# the one that what is sealed for it is opened with.
readonly OWN_KEYS='^data/pki/(generations/[0-9]+/)?(client|ovnnb|ovnsb|ovn-northd|ovn-controller)-privkey\.pem$|^state/member\.key$|^state/sealing/sealing-key\.pem$'

# grep's and find's answer; that they could not look is a failure.
found_by() { # CMD...
	local rc=0
	"$@" || rc=$?
	((rc <= 1)) || fail "failed ($rc): $*"
}

# ---- what is scanned ----

# Everything that has keys in its hands, while the agents say all that they can.
for node in "${NODES[@]}"; do
	echo "--v=9" >"$CLUSTER_DIR/state/$node/flags"
	quickstart stop "$node"
	quickstart start "$node"
done
expect_within 30 all_online node1 3
for node in "${NODES[@]}"; do
	microovn "$node" certificates reissue all >/dev/null
	microovn "$node" certificates list --verbose >/dev/null
done
microovn node1 cluster add secrets-scan >/dev/null
microovn node1 config set cluster.voter-timeout 31 >/dev/null
microovn node1 config delete cluster.voter-timeout >/dev/null
# It seals the CAs' keys anew, and leaves a backup.
make_leader node1

# The CAs' keys as the voters can have them: from what is sealed on node1's disk.
open_authorities() { # writes $work/ca/*.pem
	local der key
	mkdir -p "$work/ca" "$work/own"
	"$TREE/integration/harness/sealed_keys.py" \
		"$CLUSTER_DIR/node1/state/raft" "$work/sealed" >/dev/null
	for der in "$work"/sealed/*.der; do
		key=$work/ca/$(basename "$der" .der | cut -c1-8).pem
		openssl cms -decrypt -inform DER -binary -in "$der" \
			-inkey "$CLUSTER_DIR/node1/state/sealing/sealing-key.pem" \
			-recip "$CLUSTER_DIR/node1/state/sealing/sealing-key.pem" \
			-out "$key" 2>/dev/null || rm -f "$key"
	done
}
public_of() { openssl pkey -in "$1" -pubout; } # KEY
scan() { # KEYS DIRECTORY...
	"$TREE/integration/harness/scan_keys.py" "$@"
}

case_name "the keys of both CAs can be had with a voter's sealing key: the scan knows what to look for"
open_authorities
found=
for key in "$work"/ca/*.pem; do found+=$(public_of "$key"); done
for certificate in state/cluster-ca.crt data/pki/cacert.pem; do
	public=$(openssl x509 -noout -pubkey -in "$CLUSTER_DIR/node1/$certificate" |
		sed -n 2p)
	[[ $found == *"$public"* ]] || fail "the key of $certificate was not opened"
done
# In each form that it looks for.
key=$(find "$work/ca" -name '*.pem' | head -n 1)
mkdir "$work/bait"
cp "$key" "$work/bait/pem"
openssl pkey -in "$key" -outform DER -out "$work/bait/der"
openssl ec -in "$key" -outform DER -out "$work/bait/sec1" 2>/dev/null
xxd -p -c 1000 "$work/bait/der" >"$work/bait/hex"
expect_equal "der hex pem sec1" \
	"$(scan "$work/ca" "$work/bait" 2>/dev/null | awk '{ print $1 }' |
		xargs -n 1 basename | sort -u | xargs)"

# Not while a file is being replaced. node3 leaves a backup behind.
removed=$(microovn node1 cluster remove node3 2>&1) || fail "$removed"
expect_within 30 uninitialised node3
[[ -n $(find "$CLUSTER_DIR/node3" -maxdepth 1 -name 'backup_*') ]] ||
	fail "there is no backup"

case_name "the CAs' keys are nowhere on the disks, in no log and in no backup, in any form"
expect_equal "" "$(scan "$work/ca" "$CLUSTER_DIR" 2>"$work/scanned")"
echo "  $(<"$work/scanned")"
expect_match '^[0-9]{7,} bytes' "$(<"$work/scanned")"

case_name "a member's own keys are in their own files and in a backup of them, and nowhere else"
for node in node1 node2; do
	for file in state/member.key state/sealing/sealing-key.pem \
		data/pki/current/{client,ovnnb,ovnsb,ovn-northd,ovn-controller}-privkey.pem; do
		openssl pkey -in "$CLUSTER_DIR/$node/$file" \
			-out "$work/own/$node-$(basename "$file" .pem).pem"
	done
done
hits=$(scan "$work/own" "$CLUSTER_DIR" 2>/dev/null | awk '{ print $1 }' | sort -u)
expect_match 'state/member\.key' "$hits"
while read -r hit; do
	relative=${hit#"$CLUSTER_DIR"/node?/}
	[[ $relative =~ $OWN_KEYS ]] || fail "a key is in $hit"
done <<<"$hits"

# ---- core dumps ----

case_name "the kernel writes no core of an agent, whatever its limits are"
agent=$(on node1 pgrep -x microovnd)
on node1 prlimit --core=unlimited --pid "$agent"
# Where cores are files at all: what is not protected leaves one.
mkdir "$work/cores"
(
	cd "$work/cores"
	bash -c 'ulimit -c unlimited; kill -ABRT $$' 2>/dev/null
) || true
touch "$work/before"
echo ABRT >>"$CLUSTER_DIR/state/node1/signals"
on node1 kill -ABRT "$agent"
expect_within 20 leader_of node1
if [[ -z $(find "$work/cores" -type f) ]]; then
	echo "  this machine's cores are no files ($(</proc/sys/kernel/core_pattern))"
fi
cores=$(find / "$CLUSTER_DIR" -maxdepth 2 -name 'core*' -type f \
	-newer "$work/before" -size +0 2>/dev/null || true)
expect_equal "" "$cores"

case_name "no file of a member holds a PEM private key but the leaves' own"
for node in node1 node2; do
	found=$(grep -rlaE 'BEGIN ([A-Z]+ )?PRIVATE KEY' "$CLUSTER_DIR/$node" |
		sed "s,^$CLUSTER_DIR/$node/,,")
	expect_match '^state/member\.key$' "$found"
	expect_equal "" "$(found_by grep -vE "$OWN_KEYS" <<<"$found")" "on $node"
done

case_name "none of those keys belongs to a CA"
ca_keys=$(for node in node1 node2; do
	find "$CLUSTER_DIR/$node" -name '*.pem' -o -name '*.crt' | while read -r file; do
		openssl x509 -in "$file" -noout -text 2>/dev/null | grep -q 'CA:TRUE' &&
			openssl x509 -in "$file" -noout -pubkey
	done || true
done)
expect_match 'BEGIN PUBLIC KEY' "$ca_keys"
for node in node1 node2; do
	while read -r file; do
		public=$(openssl pkey -in "$file" -pubout 2>/dev/null | sed -n 2p)
		[[ -n $public ]] || continue
		if grep -qF "$public" <<<"$ca_keys"; then fail "$file is a CA's key"; fi
	done < <(find "$CLUSTER_DIR/$node" -type f -name '*key*')
done

case_name "strings over the store, the logs and the state finds no private key"
for node in node1 node2; do
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
for node in node1 node2; do
	expect_equal "" "$(found_by grep -rlaF -e "$token" -e "$secret" \
		"$CLUSTER_DIR/$node/logs" "$CLUSTER_DIR/state/$node/agent.log" \
		"$CLUSTER_DIR/$node/state")" "$node"
done

case_name "F118: directories are 0700 and keys and certificates 0600"
for node in node1 node2; do
	# What RocksDB makes has its own modes, below a directory that is closed.
	loose=$(find "$CLUSTER_DIR/$node/state" "$CLUSTER_DIR/$node/data/pki" \
		-type d -perm /077 -print -o -path '*/state/raft/*' -prune -o \
		-type f -perm /077 -print)
	expect_equal "" "$loose" "$node"
	expect_equal 644 "$(stat -c %a "$CLUSTER_DIR/$node/data/env/ovn.env")"
done

case_name "the agent's socket is for root and the group only"
socket=$CLUSTER_DIR/node1/control/control.socket
expect test -S "$socket"
expect_match '^6[06]0$' "$(stat -c %a "$socket")"
expect_equal 750 "$(stat -c %a "$(dirname "$socket")")"

finish
