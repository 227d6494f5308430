#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/release, in a clone: what it refuses, and what it leaves.
set -euo pipefail
# shellcheck source=../harness/case.sh
. "$(dirname "$0")/../harness/case.sh"

command -v dh >/dev/null || skip "no debhelper"
[[ -e $TREE/.git ]] || skip "no history to clone"
work=$(mktemp -d)
test_cleanup() { rm -rf "$work"; }
git -c advice.detachedHead=false clone -q "$TREE" "$work/clone"
cd "$work/clone"
git config user.name "somebody"
git config user.email "somebody@example.org"
git config --unset user.signingkey || true
release() { tools/release "$@"; }
refused() { # WHY ARG...
	local rc=0 said
	said=$(tools/release "${@:2}" 2>&1) || rc=$?
	expect_equal 1 "$rc" "the exit code of: $said"
	expect_match "$1" "$said"
}
version=$(tools/version)

case_name "no release is made of a tree that is not clean, nor without a tag"
refused "is not v$version" build
echo "more" >>README.md
refused 'not committed' tag
git checkout -q README.md

case_name "the tag has the change log with its date"
expect release tag
expect_equal tag "$(git cat-file -t "v$version")"
expect_match "^## $version, [0-9]{4}-[0-9]{2}-[0-9]{2}\$" "$(git show "v$version:CHANGELOG.md")"
refused "there is a tag v$version" tag

case_name "a release has its package, what that is made of, and sums"
expect release build "$work/out"
deb=$work/out/microovn_${version}_amd64.deb
expect_equal "$version" "$(dpkg-deb -f "$deb" Version)"
(cd "$work/out" && expect sha256sum --quiet --check SHA256SUMS)
for file in "$work"/out/*; do
	[[ $file == */SHA256SUMS ]] || expect grep -q " ${file##*/}\$" "$work/out/SHA256SUMS"
done
expect_match "^## $version" "$(head -n 1 "$work/out/NOTES.md")"
expect_equal 1 "$(grep -c '^## ' "$work/out/NOTES.md")"
refused 'is not empty' build "$work/out"

case_name "the list of what is in it is that of the tree"
sbom=${deb%.deb}.spdx.json
expect_equal "$(sha256sum "$deb" | cut -d' ' -f1)" \
	"$(jq -r '.packages[0].checksums[0].checksumValue' "$sbom")"
linked() {
	jq -r '[.relationships[] | select(.relationshipType == "STATIC_LINK").relatedSpdxElement] as $in
		| .packages[] | select(.SPDXID as $id | $in | index($id)) | .name + " " + .versionInfo' "$sbom"
}
expect_equal "$(tools/linked-packages | cut -d' ' -f1,2)" "$(linked)"
expect_match '^librocksdb-dev ' "$(linked)"
expect_equal "" "$(jq -r '[.packages[].SPDXID] | group_by(.)[] | select(length > 1)[0]' "$sbom")"

case_name "the next version is opened"
expect release next 99.0.1
expect_equal 99.0.1 "$(tools/version)"
expect_equal "## 99.0.1, not released" "$(grep -m1 '^## ' CHANGELOG.md)"
expect_match "^## $version, " "$(cat CHANGELOG.md)"

finish
