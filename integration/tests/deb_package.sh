#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package as a file: what is in it, what it says of itself, and that
# the same tree gives the same bytes.  deb_install and deb_life install it.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

command -v dh >/dev/null || skip "no debhelper"
work=$(mktemp -d)
test_cleanup() { rm -rf "$work"; }

case_name "make deb builds microovn_VERSION_amd64.deb"
rc=0
said=$("$TREE/tools/deb" "$work/first" 2>&1) || rc=$?
expect_equal 0 "$rc" "the exit code of tools/deb: $said"
deb=$work/first/microovn_$("$TREE/tools/version")_amd64.deb
expect test -s "$deb"
expect_equal "$("$TREE/tools/version")" "$(dpkg-deb -f "$deb" Version)"
expect dpkg-deb -x "$deb" "$work/root"
root=$work/root

case_name "built again elsewhere, later and by another shell it has the same bytes"
# A tree without the history that the date comes from is given the date.
mkdir -p "$work/elsewhere/a tree"
(cd "$TREE" && tar -c --exclude=./build --exclude='./bazel-*' --exclude=./.git .) |
	tar -x -C "$work/elsewhere/a tree"
again() {
	umask 077
	env -i PATH="$PATH" HOME="$work" TZ=Pacific/Apia LANG=C DEB_BUILD_OPTIONS=parallel=1 \
		MICROOVN_BUILT="${MICROOVN_BUILT:-$(bazel info bazel-bin 2>/dev/null)}" \
		SOURCE_DATE_EPOCH="$(git -C "$TREE" log -1 --format=%ct)" \
		"$work/elsewhere/a tree/tools/deb" "$work/second"
}
expect again
expect cmp "$deb" "$work/second/${deb##*/}"

case_name "its units are those that --print-units prints"
mkdir "$work/units"
expect "$root/usr/sbin/microovnd" --print-units="$work/units" \
	--root=/var/lib/microovn --unit-program=/usr/sbin/microovnd
for unit in "$work"/units/*; do
	expect cmp "$unit" "$root/usr/lib/systemd/system/${unit##*/}"
done
expect_equal "$(cd "$work/units" && ls)" \
	"$(cd "$root/usr/lib/systemd/system" && find . -maxdepth 1 -type f -printf '%P\n' | sort)"

case_name "every unit of Debian's Open vSwitch and OVN yields"
for unit in $(dpkg -L openvswitch-switch ovn-central ovn-host |
	sed -n 's#^/lib/systemd/system/\(.*\.service\)$#\1#p'); do
	expect_match '^ConditionPathExists=/etc/microovn/' \
		"$(cat "$root/usr/lib/systemd/system/$unit.d/microovn.conf" 2>&1)"
done

case_name "every program has a manual page, and the pages have no warnings"
for program in "$root"/usr/bin/* "$root"/usr/sbin/*; do
	page=$root/usr/share/man/man8/${program##*/}.8.gz
	expect test -e "$page"
	expect_match 'SH NAME' "$(zcat "$page")"
	if command -v man >/dev/null; then
		expect_equal "" "$(MANWIDTH=80 man --warnings -l -Tutf8 "$page" 2>&1 >/dev/null)"
	fi
done
expect_match '\.SS microovn cluster add' "$(zcat "$root/usr/share/man/man8/microovn.8.gz")"
expect_match 'print\\-units' "$(zcat "$root/usr/share/man/man8/microovnd.8.gz")"

case_name "completions are the program's own"
completions=$root/usr/share/bash-completion/completions
expect_equal "$("$root/usr/bin/microovn" completion bash)" "$(cat "$completions/microovn")"
expect bash -n "$completions/microovn"

# What differs between Debian 12 and 13 has to be inside.
case_name "its libraries have one name in Debian 12 and 13"
expect_equal "libbz2-1.0 libc6 libssl3 libsystemd0 libunwind8 zlib1g" \
	"$(dpkg-deb -f "$deb" Depends | grep -oE '\b(lib[a-z0-9.+-]+|zlib1g)\b' | sort -u | paste -sd' ')"
expect_match 'grpc \(= .*rocksdb \(= ' "$(dpkg-deb -f "$deb" Built-Using)"

case_name "lintian has no error and no warning"
if command -v lintian >/dev/null; then
	rc=0
	said=$(lintian --allow-root --fail-on error,warning --tag-display-limit 0 \
		"${deb%.deb}.changes" 2>&1) || rc=$?
	expect_equal 0 "$rc" "the exit code of lintian: $said"
	expect_equal "" "$said"
else
	echo "  lintian is not installed"
fi

finish
