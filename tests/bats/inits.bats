#!/usr/bin/env bats
# supd -- COMMAND beside tini, dumb-init and catatonit: a short form of tests/container, whose whole
# is make test-init and make bench-reap.

load helpers

SCENARIOS=$BATS_TEST_DIRNAME/../container/init-scenarios
export SHORT=1 SUPD TOOLS

@test "supd does what an init has to, in every scenario" {
	INITS=supd run "$SCENARIOS"
	assert_success
}

@test "supd is equal or better than the other inits, in those that are quick" {
	run "$SCENARIOS" exit_statuses deaths group orphans left_pid1 status_ignored no_command closed
	assert_success
	[[ $output != *"NOT COMPARED"* ]] || skip "$(grep -m1 'NOT COMPARED' <<<"$output")"
}

@test "all orphans are reaped, beside them (make bench-reap says how fast)" {
	# A few orphans on a machine that has other things to do: whether it works, not how fast.
	ORPHANS=300 BURST=100 ROUNDS=1 run "$BATS_TEST_DIRNAME/../container/bench-reap"
	assert_output --partial "300 orphans"
	refute_output --partial "failed"
}
