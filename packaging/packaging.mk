# packaging.mk - ways to get supd: static programs, a Debian package; and the tests that need a
# machine or a container of their own.

# For size, and without tables for unwinding, which nobody reads in a stripped program. gcc 12 takes
# some variables for uninitialized with -Os only.
STATIC_DIR := build/static
STATIC_CFLAGS := -Os -fno-asynchronous-unwind-tables -fno-unwind-tables -Wno-maybe-uninitialized
STATIC_PROGRAMS := $(addprefix $(STATIC_DIR)/,$(filter supd supctl suplog supprobe,$(notdir $(PROGRAMS))))

static: deps-build
	@$(submake) --quiet BUILD=$(STATIC_DIR) PIE=-static LINK_STATIC=0 CFLAGS='$(STATIC_CFLAGS)' \
		LDFLAGS='-s -Wl,-T,packaging/static.ld $(LDFLAGS)' $(STATIC_PROGRAMS)
	@ls -l $(STATIC_PROGRAMS)

# Its programs look for each other below /usr.
deb: deps-build
	@$(submake) --quiet BUILD=build/deb PREFIX=/usr LIBEXECDIR=/usr/libexec/supd all
	@BUILD=build/deb packaging/make-deb

deps-vm:
	@scripts/deps build test vm
deps-container:
	@scripts/deps build test container

test-vm: deps-vm static
	@$(submake) --quiet tests
	@STATIC=$(STATIC_DIR) tests/vm/run

test-container: deps-container static
	@STATIC=$(STATIC_DIR) tests/run tests/bats/container.bats tests/container/runc.bats tests/container/pod.bats

.PHONY: static deb deps-vm deps-container test-vm test-container
