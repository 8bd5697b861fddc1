# supd - a process supervisor with the semantics of Erlang/OTP.
#
#   make run       set up, build, supervise examples/hello.conf in the foreground
#   make test      set up, build, run every suite; the last line is "N passed, M failed"
#   make lint      static analysis; make format; make install DESTDIR=… PREFIX=…; make asan (build/asan)

PREFIX ?= /usr/local
BUILD ?= build
CC ?= gcc
VERSION := $(shell cat VERSION)

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wswitch-enum -Wimplicit-fallthrough \
	-Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla -Wundef -Wcast-qual -Wnull-dereference \
	-Wwrite-strings -Werror
HARDEN := -fstack-protector-strong -fPIE
FORTIFY := -D_FORTIFY_SOURCE=2
ALL_CFLAGS := -std=gnu17 $(WARN) $(HARDEN) $(FORTIFY) -D_GNU_SOURCE -DHASH_NONFATAL_OOM=1 \
	-DSUPD_VERSION='"$(VERSION)"' -I. -I$(BUILD)/gen -MMD -MP $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now $(LDFLAGS)

src = $(wildcard $(addsuffix /*.c,$(1)))
obj = $(patsubst %.c,$(BUILD)/%.o,$(call src,$(1)))

CONFIG_OBJ := $(call obj,config)
ENGINE_OBJ := $(call obj,supervisor/engine)
WIRE_OBJ := $(call obj,supervisor/wire)
OS_OBJ := $(call obj,supervisor/os)
SPEC_OBJ := $(BUILD)/config/spec.o
SUPCTL_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/supctl*.c))
SUPD_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/supd*.c))
PROGRAMS := $(BUILD)/supd $(BUILD)/supctl

all: $(PROGRAMS)

$(BUILD)/supd: $(SUPD_OBJ) $(OS_OBJ) $(WIRE_OBJ) $(ENGINE_OBJ) $(CONFIG_OBJ)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $^ -lconfuse -ljansson

$(BUILD)/supctl: $(SUPCTL_OBJ) $(WIRE_OBJ) $(ENGINE_OBJ) $(SPEC_OBJ)
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $^ -ljansson

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all
