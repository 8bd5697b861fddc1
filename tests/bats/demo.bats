#!/usr/bin/env bats
# What `make run` shows.

load helpers

start_demo() {
	mkdir -p "$RUN"
	SUPD_RUNTIME_DIR=$RUN BUILD=$(dirname "$SUPD") "$BATS_TEST_DIRNAME/../../scripts/demo" \
		examples/hello.conf >"$BATS_TEST_TMPDIR/supd.out" 2>"$BATS_TEST_TMPDIR/supd.log" \
		3>&- </dev/null &
	SUPD_PID=$!
}

@test "hello says how to look at it, crashes once within ten seconds and heals by itself" {
	start_demo
	wait_for 10 is_state / running
	run cat "$BATS_TEST_TMPDIR/supd.out"
	assert_output --partial "supctl -d $RUN status"
	local clumsy steady greeter
	clumsy=$(pid_of pair/clumsy)
	steady=$(pid_of pair/steady)
	greeter=$(pid_of greeter)
	wait_for 10 reborn pair/clumsy "$clumsy"
	wait_for 5 reborn pair/steady "$steady"
	[ "$(pid_of greeter)" = "$greeter" ]
	run field restarts pair/clumsy
	assert_output 1
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "the examples are valid" {
	run "$SUPD" --check -c "$EXAMPLES/hello.conf"
	assert_success
	refute_output --partial error:
	run "$SUPD" --check -c "$EXAMPLES/logs.conf"
	assert_success
	refute_output --partial error:
	run "$SUPD" --check -c "$EXAMPLES/shop.conf"
	assert_success
	refute_output --partial error:
}

@test "hello has no red flag" {
	run "$SUPD" --check -c "$EXAMPLES/hello.conf"
	assert_success
	refute_output --partial warning:
}
