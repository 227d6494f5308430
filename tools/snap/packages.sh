# SPDX-License-Identifier: Apache-2.0
# The Debian packages whose programs the snap carries, and where their files
# are: in this system, or unpacked from another suite.  Source it.
# shellcheck shell=bash

readonly SNAP_PACKAGES=(ovn-central ovn-host openvswitch-switch iproute2)
# What a snap's base has; a second C library beside it does not start.
# shellcheck disable=SC2034
readonly BASE_LIBRARIES='^(ld-linux.*|libc|libm|libdl|librt|libpthread|libresolv|libutil|libanl|libnss_.*)\.so\.[0-9]+$'

host_suite() {
	local VERSION_CODENAME
	# shellcheck disable=SC1091
	. /etc/os-release
	echo "$VERSION_CODENAME"
}

# The mirror that this machine's apt uses for Debian itself.
debian_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' "Codename: $(host_suite)" | sort -u | head -n 1
}

# Of a suite that is not this system's: with an apt state of its own, so that
# nothing of this system's changes.
suite_apt() { # DIRECTORY ARG...
	local dir=$1
	shift
	apt-get -qq -o "Dir::Etc::SourceList=$dir/sources.list" \
		-o Dir::Etc::SourceParts=- -o "Dir::State=$dir/state" \
		-o "Dir::State::status=$dir/status" -o "Dir::Cache=$dir/cache" \
		-o APT::Sandbox::User=root -o Debug::NoLocking=true \
		-o APT::Install-Recommends=false "$@"
}

# The root below which the suite's files are.
suite_root() { # SUITE CACHE
	local suite=$1 dir=$2/$1 mirror deb
	if [[ $suite == "$(host_suite)" ]]; then
		echo /
		return
	fi
	if [[ ! -e $dir/root/.finished ]]; then
		mirror=$(debian_mirror)
		[[ -n $mirror ]] || die "apt knows no mirror of Debian's"
		rm -rf "$dir"
		mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" \
			"$dir/root"
		: >"$dir/status"
		echo "deb $mirror $suite main" >"$dir/sources.list"
		suite_apt "$dir" update >&2
		# The dependencies are for their libraries.
		suite_apt "$dir" --download-only -y install "${SNAP_PACKAGES[@]}" \
			libsystemd0 libssl3t64 libstdc++6 libunwind8 >&2
		for deb in "$dir"/cache/archives/*.deb; do
			dpkg-deb --extract "$deb" "$dir/root"
		done
		touch "$dir/root/.finished"
	fi
	echo "$dir/root"
}
