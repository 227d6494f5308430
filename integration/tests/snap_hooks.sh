#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The snap's hooks, with a snapctl and a microovn that only write down what they
# are asked.  What snapd itself does with them is not seen here.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

readonly HOOKS=$TREE/snap/hooks
scratch=$(mktemp -d)
test_cleanup() { rm -rf "$scratch"; }

export SNAP=$scratch/snap SNAP_INSTANCE_NAME=microovn SNAP_COMMON=$scratch/common CALLS=$scratch/calls
export HEALTH_PATIENCE=0 SYS_CLASS_NET=$scratch/net PATH=$scratch/bin:$PATH
mkdir -p "$SNAP/bin" "$SNAP_COMMON/run/ovn" "$SNAP_COMMON/run/switch" \
	"$SYS_CLASS_NET" "$scratch/bin"

# A program that logs its arguments, prints $ANSWER and exits with $STATUS.
fake() { # PATH
	cat >"$1" <<-'FAKE'
		#!/bin/bash
		echo "${0##*/} $*" >>"$CALLS"
		[[ -z ${ANSWER:-} ]] || echo "$ANSWER"
		exit "${STATUS:-0}"
	FAKE
	chmod +x "$1"
}
# The status is that of the tools asked, not of snapctl.
for tool in microovn microovn.ovn-appctl microovn.ovs-appctl; do
	fake "$SNAP/bin/$tool"
done
cat >"$scratch/bin/snapctl" <<'FAKE'
#!/bin/bash
echo "snapctl $*" >>"$CALLS"
[[ $1 != services ]] || printf '%s\n' "${SERVICES:-}"
[[ $1 != get ]] || echo "${SETTING:-}"
FAKE
chmod +x "$scratch/bin/snapctl"

calls() { cat "$CALLS" 2>/dev/null || true; }
reset() { : >"$CALLS"; }

case_name "install refuses a host whose data path is somebody else's"
expect "$HOOKS/install"
touch "$SYS_CLASS_NET/ovs-system"
out=$("$HOOKS/install" 2>&1) && fail "was accepted"
expect_match 'ovs-system' "$out"
touch "$SNAP_COMMON/break_system_ovs"
expect "$HOOKS/install"

case_name "configure takes true, false and nothing"
for value in "" true false; do
	export SETTING=$value
	expect "$HOOKS/configure"
done
export SETTING=invalid
out=$("$HOOKS/configure" 2>&1) && fail "was accepted"
expect_equal 'security-logging must be "true" or "false", got "invalid"' "$out"

case_name "the agent writes security events unless the setting says no"
fake "$SNAP/bin/microovnd"
for value in "" true; do
	reset
	SETTING=$value expect "$TREE/snap/local/agent"
	expect_equal "microovnd " "$(calls | grep microovnd)"
done
reset
SETTING=false expect "$TREE/snap/local/agent"
expect_equal "microovnd --disable-security-logging" "$(calls | grep microovnd)"

case_name "pre-refresh ends what runs so that flows stay"
reset
unset SETTING
expect "$HOOKS/pre-refresh"
expect_equal "microovn upgrade begin" "$(calls | grep -v '^snapctl get')"
reset
echo $$ >"$SNAP_COMMON/run/ovn/ovn-controller.pid"
echo $$ >"$SNAP_COMMON/run/switch/ovs-vswitchd.pid"
expect "$HOOKS/pre-refresh"
expect_equal "microovn upgrade begin
microovn.ovn-appctl -t ovn-controller exit --restart
microovn.ovs-appctl -t ovs-vswitchd exit" "$(calls | grep -v '^snapctl get')"

# Not yet, no quorum, timed out: the refresh is refused, and nothing ends.
case_name "pre-refresh is refused where the cluster says no, with the reason"
fails_as() { # STATUS PROGRAM
	fake "$SNAP/bin/$2"
	sed -i "s/^exit .*/exit $1/" "$SNAP/bin/$2"
}
for status in 10 11 8 1; do
	reset
	fails_as "$status" microovn
	out=$(ANSWER="Error: not yet" "$HOOKS/pre-refresh" 2>&1) &&
		fail "was accepted: $status"
	expect_match '^Error: not yet$' "$out"
	expect_match 'snap set microovn force-refresh=true' "$out"
	expect_no_match 'appctl' "$(calls)"
done

case_name "pre-refresh goes on without an agent, without a cluster, and by force"
for status in 3 7; do
	reset
	fails_as "$status" microovn
	expect "$HOOKS/pre-refresh"
	expect_match 'ovs-vswitchd exit' "$(calls)"
done
reset
fails_as 10 microovn
SETTING=true expect "$HOOKS/pre-refresh"
expect_no_match 'upgrade begin' "$(calls)"
expect_match 'ovs-vswitchd exit' "$(calls)"

case_name "pre-refresh that fails on its way gives the slot back"
reset
fake "$SNAP/bin/microovn"
fails_as 1 microovn.ovs-appctl
"$HOOKS/pre-refresh" >/dev/null 2>&1 && fail "was accepted"
expect_equal "microovn upgrade end" "$(calls | tail -n 1)"
fake "$SNAP/bin/microovn.ovs-appctl"

case_name "post-refresh writes the README and moves an old environment file"
reset
mkdir -p "$SNAP_COMMON/data"
echo old >"$SNAP_COMMON/data/ovn.env"
expect "$HOOKS/post-refresh"
expect_match '^snapctl unset force-refresh$' "$(calls)"
expect test -s "$SNAP_COMMON/logs/README"
expect_equal old "$(<"$SNAP_COMMON/data/env/ovn.env")"
echo older >"$SNAP_COMMON/data/ovn.env"
expect "$HOOKS/post-refresh"
expect_equal old "$(<"$SNAP_COMMON/data/env/ovn.env")"

# As "snapctl services" prints them.
readonly DAEMONS_OFF="microovn.daemon    enabled   active    -
microovn.switch    disabled  inactive  -"
readonly ALL_OFF="microovn.daemon    enabled   inactive  -
microovn.switch    disabled  inactive  -"
readonly SWITCH_TO_COME="microovn.switch    enabled   inactive  -"
readonly SWITCH_RUNS="microovn.switch    disabled  active    -"

case_name "check-health tells snapd each state"
for row in 0:okay 10:waiting 11:error 7:waiting 3:error 12:waiting; do
	reset
	SERVICES=$SWITCH_TO_COME STATUS=${row%:*} expect "$HOOKS/check-health"
	expect_match "^snapctl set-health ${row#*:}( --code=[a-z-]{3,30} .*)?\$" "$(calls)"
	# Whose slot it was is over, once the member is back.
	case ${row%:*} in
	0 | 10) expect_match '^microovn upgrade end$' "$(calls)" ;;
	*) expect_no_match 'upgrade end' "$(calls)" ;;
	esac
done

case_name "check-health waits for daemons that snapd has started, and for no others"
reset
SERVICES=$DAEMONS_OFF STATUS=10 HEALTH_PATIENCE=60 \
	expect_faster 5 "$HOOKS/check-health"
expect_equal 1 "$(calls | grep -c '^microovn status')"
# After a revert the member is away still.
expect_no_match 'upgrade end' "$(calls)"
reset
SERVICES=$SWITCH_TO_COME STATUS=10 HEALTH_PATIENCE=1 expect "$HOOKS/check-health"
expect test "$(calls | grep -c '^microovn status')" -gt 1

case_name "remove leaves the cluster, and goes on if it may not"
reset
ANSWER="[{\"name\":\"$(hostname)\"}]" expect "$HOOKS/remove"
expect_no_match remove "$(calls)"
mkdir -p "$SNAP_COMMON/state"
ANSWER="[{\"name\":\"$(hostname)\"}]" expect "$HOOKS/remove"
expect_match "^microovn cluster remove $(hostname)\$" "$(calls)"
reset
STATUS=3 REMOVE_PATIENCE=0 expect "$HOOKS/remove"
expect_no_match 'remove' "$(calls)"

case_name "remove ends what the agent has started meanwhile, and what it cannot it says"
reset
SERVICES=$ALL_OFF expect "$HOOKS/remove"
expect_no_match '^snapctl stop' "$(calls)"
reset
out=$(SERVICES=$SWITCH_RUNS REMOVE_PATIENCE=0 "$HOOKS/remove" 2>&1) || fail "failed"
expect_match '^snapctl stop microovn$' "$(calls)"
expect_match 'services of the snap run on' "$out"

case_name "remove takes the switch's ports and bridges from the host"
reset
mkdir -p "$SNAP_COMMON/data/switch/db"
touch "$SNAP_COMMON/data/switch/db/conf.db"
expect "$HOOKS/remove"
expect_match '^microovnd --launch ovs-ovsdb-server$' "$(calls)"
expect_match '^microovnd --launch switch$' "$(calls)"
expect_match '^microovn.ovs-appctl -t ovs-vswitchd exit --cleanup$' "$(calls)"

case_name "snapcraft.yaml names MicroOVN's services, commands and slots"
yaml=$(<"$TREE/snap/snapcraft.yaml")
for app in daemon ovn-ovsdb-server-nb ovn-ovsdb-server-sb ovn-northd chassis \
	switch refresh-expiring-certs microovn ovn-appctl ovn-nbctl ovn-sbctl \
	ovn-trace ovs-appctl ovs-dpctl ovs-ofctl ovs-vsctl ovsdb-tool ovsdb-client \
	ovn-certificates ovn-env ovn-chassis ovn-central-data; do
	expect grep -qE "^  $app:" <<<"$yaml"
done
for hook in "$HOOKS"/*; do
	expect grep -q "^  ${hook##*/}:" <<<"$yaml"
done

finish
