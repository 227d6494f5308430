# SPDX-License-Identifier: Apache-2.0
# The names that MicroOVN's documentation gives; all of them call scripts that
# do the work.

SHELL := /bin/bash
# Whose OVN and Open vSwitch the snap carries: this system's, or another
# suite's, as with `make SUITE=trixie`.
SUITE ?=
BATS := $(patsubst integration/tests/%.sh,tests/%.bats,$(wildcard integration/tests/*.sh))

.PHONY: all build deb snap check check-lint check-unit check-system clean

all: snap

build:
	tools/install-packages
	tools/build

# build/deb/microovn_VERSION_amd64.deb, for Debian 12 and 13.
deb:
	tools/install-packages
	tools/deb

# With snapcraft, which builds as an ordinary user in a container of its own;
# where there is none, of what Debian has. Both read snap/snapcraft.yaml.
ifneq ($(and $(shell command -v snapcraft),$(if $(SUITE),,yes)),)
snap:
	snapcraft pack --output microovn.snap
else
snap: build
	tools/snap/build $(if $(SUITE),--suite $(SUITE)) microovn.snap
endif

check:
	./run-tests

check-lint:
	./run-tests --lint

check-unit:
	./run-tests --unit

check-system:
	./run-tests --integration

# One suite by MicroOVN's name for it: make tests/contracts.bats
.PHONY: $(BATS)
$(BATS): tests/%.bats:
	./run-tests --only $*

clean:
	rm -rf build/bin build/deb build/node build/test-logs build/tidy compile_commands.json microovn.snap
	bazel clean
