# otp.mk - the engine beside Erlang/OTP (tests/otp/README).
#
#   make test-otp [N=100000] [SEED=1]      N generated cases
#   make test-otp-real [N=30] [SEED=1]     with supd and real processes

OTP_SRC := $(addprefix tests/otp/,beside.c case.c erlang.c file.c generate.c plan.c play.c \
	show.c shrink.c trace.c worker.c)
OTP_OBJ := $(OTP_SRC:%.c=$(BUILD)/%.o)
OTP_SUITES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/otp/suite_*.c))
N ?= 2000
SEED ?= 1

tests: $(BUILD)/tests/otp/beside $(BUILD)/tests/otp/otp_player.beam $(OTP_SUITES)

$(BUILD)/tests/otp/beside: $(OTP_OBJ) $(BUILD)/room/sim.a $(BUILD)/room/engine.a $(BUILD)/room/config.a
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $(OTP_OBJ) -Wl,--start-group $(filter %.a,$^) \
		-Wl,--end-group -lcmocka -lconfuse

$(BUILD)/tests/otp/otp_player.beam: tests/otp/otp_player.erl
	@mkdir -p $(@D)
	erlc -Wall -Werror -o $(@D) $<

$(OTP_SUITES): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/room/sim.a $(BUILD)/room/engine.a \
	$(BUILD)/room/config.a
	$(CC) $(CFLAGS) $(ALL_LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) \
		-Wl,--end-group -lcmocka -lconfuse

test-otp: $(BUILD)/tests/otp/beside $(BUILD)/tests/otp/otp_player.beam
	@BUILD=$(BUILD) tests/otp/run-otp --cases $(N) --seed $(SEED)

test-otp-real: all tests
	@BUILD=$(BUILD) tests/otp/run-real --cases $(if $(filter file,$(origin N)),30,$(N)) --seed $(SEED)

.PHONY: test-otp test-otp-real
