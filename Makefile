# supd - a process supervisor with the semantics of Erlang/OTP.
#
#   make               build/supd, build/supctl, build/suplog and the helpers supprobe and supsink
#   make run           set up, build, supervise examples/hello.conf in the foreground
#   make test          set up, build, run every suite; the last line is "N passed, M failed"
#   make lint          static analysis of everything; quiet when clean
#   make format        clang-format; make format-check only looks
#   make install       DESTDIR=… PREFIX=…
#   make asan          the programs and tests with sanitizers, in build/asan; make test-asan
#   make soak          10,000 restarts in the sanitizer build
#   make kills         5 minutes of random kills of real programs; SEED=the one that was printed
#   make test-logs     suplog killed at random, 8 writers with a million lines each
#   make bench-logs    suplog beside s6-log, svlogd, multilog and cat
#   make bench-clients what idle and busy clients cost the restart of a child
#   make bench         BENCH=directory of the benchmark
#   make test-init     supd -- COMMAND beside tini, dumb-init and catatonit, in full
#   make bench-reap    20,000 orphans, as PID 1, beside them and s6-svscan
#   make static        supd, supctl, suplog and supprobe without shared libraries, in build/static
#   make deb           a Debian package, in build/deb
#   make test-vm       supd as process 1 of a virtual machine; make test-container: of containers

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec/supd
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/supd
BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
VERSION := $(shell cat VERSION)
JOBS ?= $(shell nproc)

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wswitch-enum -Wimplicit-fallthrough \
	-Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Wcast-qual -Wnull-dereference \
	-Wwrite-strings -Werror
HARDEN := -fstack-protector-strong -fPIE -ffunction-sections -fdata-sections
FORTIFY := -D_FORTIFY_SOURCE=2
CPP_FLAGS := -std=gnu17 -D_GNU_SOURCE -DHASH_NONFATAL_OOM=1 -DSUPD_VERSION='"$(VERSION)"' \
	-DSUPD_LIBEXECDIR='"$(LIBEXECDIR)"' \
	-I. -I$(BUILD)/gen
ALL_CFLAGS := $(CPP_FLAGS) $(WARN) $(HARDEN) $(FORTIFY) -MMD -MP $(CFLAGS)
PIE := -pie
ALL_LDFLAGS := $(PIE) -Wl,--gc-sections -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS)

# libconfuse, jansson and libseccomp go into the programs, where their archives are installed: a
# shared library costs a small program more private memory than the few functions it takes from it.
LINK_STATIC ?= 1
archive = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))
lib = $(if $(and $(filter 1,$(LINK_STATIC)),$(call archive,$(1))),-Wl$(comma)-Bstatic -l$(1) \
	-Wl$(comma)-Bdynamic,-l$(1))
comma := ,
CONFUSE := $(call lib,confuse)
JANSSON := $(call lib,jansson)
SECCOMP := $(call lib,seccomp)

src = $(wildcard $(addsuffix /*.c,$(1)))
obj = $(patsubst %.c,$(BUILD)/%.o,$(call src,$(1)))

CONFIG_OBJ := $(call obj,config)
ENGINE_OBJ := $(call obj,supervisor/engine)
WIRE_OBJ := $(call obj,supervisor/wire)
OS_OBJ := $(call obj,supervisor/os)
SIM_OBJ := $(call obj,tests/sim)
SUPCTL_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/supctl*.c) cmd/self_filter.c)
# In the place of functions of the C library, so not from an archive.
NO_NSS := $(BUILD)/config/no_nss.o
SUPD_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/supd*.c))
SUPMETRICS_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/supmetrics*.c))
SUPTOP_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/suptop*.c))
SUPLOG_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/suplog*.c))
LOG_OBJ := $(call obj,supervisor/log)
PROGRAMS := $(BUILD)/supd $(BUILD)/supctl $(BUILD)/supprobe $(BUILD)/suplog $(BUILD)/supsink

# Programs beside supctl that need a library which may be absent: then they are not built, and the
# commands that use them say so.
has_header = $(shell printf '%s\n' '\#include <$(1)>' | $(CC) -E -x c - >/dev/null 2>&1 && echo yes)
SUPTOP := $(if $(call has_header,curses.h),$(BUILD)/suptop)
SUPMETRICS := $(if $(call has_header,microhttpd.h),$(BUILD)/supmetrics)
PROGRAMS += $(SUPTOP) $(SUPMETRICS)

# A room is one archive, so that a program or a test takes only the members that it needs, and a
# test may put its own function in the place of a room's.
ROOMS := $(addprefix $(BUILD)/room/,os.a wire.a engine.a config.a)

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(call src,tests/unit tests/prop))
TEST_TOOLS := $(patsubst %.c,$(BUILD)/%,$(call src,tests/tools))

all: $(PROGRAMS)

$(BUILD)/supd: $(SUPD_OBJ) $(NO_NSS) $(ROOMS)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $(SUPD_OBJ) $(NO_NSS) -Wl,--start-group $(ROOMS) -Wl,--end-group \
		$(CONFUSE) $(JANSSON) $(SECCOMP)

$(BUILD)/supctl: $(SUPCTL_OBJ) $(NO_NSS) $(ROOMS)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $(SUPCTL_OBJ) $(NO_NSS) -Wl,--start-group \
		$(filter-out %/os.a,$(ROOMS)) -Wl,--end-group $(CONFUSE) $(JANSSON)

$(BUILD)/suptop: $(SUPTOP_OBJ) $(BUILD)/room/supctl.a $(ROOMS)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $(SUPTOP_OBJ) -Wl,--start-group \
		$(filter-out %/os.a,$(filter %.a,$^)) -Wl,--end-group $(JANSSON) -lncursesw -ltinfo

$(BUILD)/supmetrics: $(SUPMETRICS_OBJ) $(BUILD)/room/supctl.a $(ROOMS)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $(SUPMETRICS_OBJ) -Wl,--start-group \
		$(filter-out %/os.a,$(filter %.a,$^)) -Wl,--end-group $(JANSSON) -lmicrohttpd

$(BUILD)/supprobe: $(BUILD)/cmd/supprobe.o $(BUILD)/cmd/self_filter.o $(BUILD)/room/config.a
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $^

$(BUILD)/suplog: $(BUILD)/cmd/suplog.o $(BUILD)/room/suplog.a $(BUILD)/room/log.a \
		$(BUILD)/room/wire.a $(BUILD)/room/config.a
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(JANSSON)

$(BUILD)/supsink: $(BUILD)/cmd/supsink.o $(BUILD)/room/config.a
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(JANSSON)

$(BUILD)/room/os.a: $(OS_OBJ)
$(BUILD)/room/wire.a: $(WIRE_OBJ)
$(BUILD)/room/engine.a: $(ENGINE_OBJ)
$(BUILD)/room/config.a: $(CONFIG_OBJ)
$(BUILD)/room/sim.a: $(SIM_OBJ)
# Of suptop what needs no screen.
$(BUILD)/room/suptop.a: $(BUILD)/cmd/suptop_model.o $(BUILD)/cmd/suptop_task.o
$(BUILD)/room/supctl.a: $(filter-out %/supctl.o,$(SUPCTL_OBJ))
$(BUILD)/room/log.a: $(LOG_OBJ)
$(BUILD)/room/suplog.a: $(filter-out %/suplog.o,$(SUPLOG_OBJ))
$(BUILD)/room/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $(filter %.o,$^)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Changes when the flags or the version do, so that a build never mixes two settings.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(CONFUSE))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(CONFUSE))' >$@

# ---- tests

tests: $(UNIT_TESTS) $(TEST_TOOLS)

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/room/sim.a $(BUILD)/room/suptop.a \
		$(BUILD)/room/supctl.a $(BUILD)/room/suplog.a $(BUILD)/room/log.a $(ROOMS)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) \
		-Wl,--end-group -lcmocka -lconfuse -ljansson -lseccomp

# Helper programs of the tests stand alone; they are children to look at, never sanitized.
$(TEST_TOOLS): $(BUILD)/%: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPP_FLAGS) $(WARN) $(HARDEN) -O2 -g -MMD -MP -MF $@.d -pie -o $@ $< -Wl,--as-needed -ljansson

# Builds in parallel by itself, unless make was already told how.
submake = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))

ASAN := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
asan_make = $(submake) BUILD=build/asan CFLAGS='$(ASAN)' FORTIFY=

test: deps-test
	@$(submake) --quiet all tests
	@$(asan_make) --quiet all
	@BUILD=$(BUILD) ASAN_BUILD=build/asan tests/run

asan: deps-test
	@$(asan_make) all tests

test-asan: asan
	@BUILD=build/asan ASAN_BUILD=build/asan SHORT=1 tests/run

soak: deps-test
	@$(asan_make) --quiet all
	@BUILD=build/asan ASAN_BUILD=build/asan SOAK=10000 bats tests/bats/soak.bats tests/bats/tasks.bats

kills: deps-test
	@$(submake) --quiet all tests
	@KILLS=300 SEED=$(SEED) SUPD='$(abspath $(BUILD)/supd)' SUPCTL='$(abspath $(BUILD)/supctl)' \
		TOOLS='$(abspath $(BUILD)/tests/tools)' bats tests/bats/programs.bats

# ---- running, installing

deps: deps-test

deps-build:
	@scripts/deps build
deps-test:
	@scripts/deps build test
deps-lint:
	@scripts/deps build test lint

run: deps-build
	@$(submake) --quiet all
	@BUILD=$(BUILD) scripts/demo examples/hello.conf

test-logs: deps-test
	@$(submake) --quiet all tests
	@LONG_LOGS=1 BUILD=$(BUILD) tests/run tests/bats/suplog.bats

bench-logs: all
	@$(submake) --quiet tests
	@BUILD=$(BUILD) tests/bench-logs

bench: all
	@test -n '$(BENCH)' || { echo 'make bench BENCH=directory of bench.py' >&2; exit 2; }
	cd '$(BENCH)' && SUPD='$(abspath $(BUILD)/supd)' SUPCTL='$(abspath $(BUILD)/supctl)' \
		./bench.py $(BENCH_ARGS)

# What clients cost a restart; on a quiet machine.
bench-clients: all tests
	@BUILD=$(BUILD) tests/bench-clients

test-init: deps-test
	@$(submake) --quiet all tests
	@SUPD='$(abspath $(BUILD)/supd)' TOOLS='$(abspath $(BUILD)/tests/tools)' tests/container/init-scenarios

bench-reap: deps-test
	@$(submake) --quiet all tests
	@SUPD='$(abspath $(BUILD)/supd)' TOOLS='$(abspath $(BUILD)/tests/tools)' tests/container/bench-reap

install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) \
		$(DESTDIR)$(DOCDIR)/examples $(DESTDIR)$(DOCDIR)/schemas
	install -m 755 $(BUILD)/supd $(DESTDIR)$(SBINDIR)/supd
	install -m 755 $(BUILD)/supctl $(DESTDIR)$(BINDIR)/supctl
	install -m 755 $(BUILD)/suplog $(DESTDIR)$(SBINDIR)/suplog
	install -m 755 $(BUILD)/supprobe $(DESTDIR)$(LIBEXECDIR)/supprobe
	for program in $(SUPTOP) $(SUPMETRICS); do \
		install -m 755 $$program $(DESTDIR)$(LIBEXECDIR)/ || exit 1; \
	done
	install -m 755 $(BUILD)/supsink $(DESTDIR)$(LIBEXECDIR)/supsink
	install -m 644 README.md CHANGES LICENSE $(DESTDIR)$(DOCDIR)
	for section in 1 5 7 8; do \
		for page in man/*.$$section; do \
			test -e "$$page" || continue; \
			install -d $(DESTDIR)$(MANDIR)/man$$section || exit 1; \
			install -m 644 "$$page" $(DESTDIR)$(MANDIR)/man$$section/ || exit 1; \
		done; \
	done
	install -m 644 schemas/*.json $(DESTDIR)$(DOCDIR)/schemas
	for file in examples/* examples/*/*; do \
		test -f "$$file" || continue; \
		mode=644; test ! -x "$$file" || mode=755; \
		install -D -m $$mode "$$file" $(DESTDIR)$(DOCDIR)/"$$file" || exit 1; \
	done

	install -d $(DESTDIR)$(DATADIR)/bash-completion/completions \
		$(DESTDIR)$(DATADIR)/zsh/site-functions $(DESTDIR)$(DATADIR)/fish/vendor_completions.d
	install -m 644 completion/supctl.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/supctl
	install -m 644 completion/supd.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/supd
	install -m 644 completion/_supctl completion/_supd $(DESTDIR)$(DATADIR)/zsh/site-functions
	install -m 644 completion/supctl.fish completion/supd.fish \
		$(DESTDIR)$(DATADIR)/fish/vendor_completions.d

clean:
	rm -rf $(BUILD)

# ---- looking at the code

C_FILES := $(wildcard config/*.c supervisor/*/*.c cmd/*.c)
TEST_C_FILES := $(wildcard tests/*/*.c)
HEADERS := $(wildcard config/*.h supervisor/*.h supervisor/*/*.h cmd/*.h tests/*/*.h)

format:
	clang-format -i $(C_FILES) $(TEST_C_FILES) $(HEADERS)
format-check:
	clang-format --dry-run -Werror $(C_FILES) $(TEST_C_FILES) $(HEADERS)

# One stamp a file and tool: a second lint looks only at what changed.
LINT_STAMPS := $(patsubst %.c,$(BUILD)/lint/%.analyzer,$(C_FILES)) \
	$(patsubst %.c,$(BUILD)/lint/%.tidy,$(C_FILES)) \
	$(patsubst %.h,$(BUILD)/lint/%.alone,$(HEADERS))

lint: deps-lint
	@$(submake) --quiet all
	@$(submake) --quiet --keep-going lint-files lint-cppcheck lint-shell lint-man format-check

lint-files: $(LINT_STAMPS)
$(LINT_STAMPS): $(HEADERS)

# gcc 12 loses sight of an allocation that is stored in a struct's initializer and calls it leaked;
# leaks are found by the sanitizer build.
$(BUILD)/lint/%.analyzer: %.c
	@mkdir -p $(@D)
	$(CC) $(CPP_FLAGS) $(WARN) -O1 -fanalyzer -Wno-analyzer-malloc-leak -c -o /dev/null $<
	@touch $@
$(BUILD)/lint/%.tidy: %.c .clang-tidy
	@mkdir -p $(@D)
	BUILD=$(BUILD) tests/lint tidy $< -- $(CPP_FLAGS)
	@touch $@
$(BUILD)/lint/%.alone: %.h
	@mkdir -p $(@D)
	$(CC) $(CPP_FLAGS) $(WARN) -fsyntax-only -x c $<
	@touch $@
lint-cppcheck:
	tests/lint cppcheck $(BUILD) $(C_FILES)
lint-shell:
	tests/lint shell
lint-man:
	tests/lint man

-include supervisor/wire/wire.mk
-include tests/otp/otp.mk
-include packaging/packaging.mk
-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)

FORCE:
.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all tests test test-init bench-reap asan test-asan soak kills deps deps-build deps-test deps-lint run bench bench-clients bench-logs test-logs install clean format \
	format-check lint lint-files lint-cppcheck lint-shell lint-man FORCE
