# The names that MicroOVN's documentation gives; all of them call scripts that
# do the work.

SHELL := /bin/bash
BATS := $(patsubst integration/tests/%.sh,tests/%.bats,$(wildcard integration/tests/*.sh))

.PHONY: all build snap check check-lint check-unit check-system clean

ifneq ($(shell command -v snapcraft),)
all: snap
else
all: build
endif

build:
	tools/install-packages
	tools/build

# snapcraft builds as an ordinary user in a container of its own.
snap: microovn.snap
microovn.snap:
	snapcraft pack --output $@

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
	rm -rf build/bin build/node build/test-logs build/tidy compile_commands.json microovn.snap
	bazel clean
