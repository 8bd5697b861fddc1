#!/usr/bin/env bats
# A day's worth of restarts in the sanitizer build: nothing reported, nothing leaked, nothing left.
# 500 restarts in `make test`, 10,000 in `make soak`.

load helpers

RESTARTS=${SOAK:-500}

setup() {
	SUPD=${ASAN_SUPD:-$BATS_TEST_DIRNAME/../../build/asan/supd}
	[ -x "$SUPD" ] || skip "NO SANITIZER BUILD: make asan"
}

restarts() {
	ctl --json status | jq '[.children[].restarts] | add'
}

restarted() {
	(($(restarts) >= $1))
}

descriptors() {
	find "/proc/$SUPD_PID/fd" -mindepth 1 | wc -l
}

no_zombies() {
	! grep -lsE "^[0-9]+ \(.*\) Z $SUPD_PID " /proc/[0-9]*/stat
}

# Each child ends in its own way, at once, and is brought back at once.
@test "a day of restarts leaves no leak, descriptor or zombie" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 100000
		    max_seconds = 1
		    defaults { backoff = 0 }
		    process "steady" { command = "$TOOLS/pause" }
		    process "exits" { command = "$CHILD -x 0" }
		    process "fails" { command = "$CHILD -x 7" }
		    process "killed" { command = "sh -c 'kill -KILL \$\$'" }
		    process "ready" { command = "$CHILD -r -x 1" ready = notify }
		    supervisor "pair" {
		        strategy = one_for_all
		        max_restarts = 100000
		        max_seconds = 1
		        process "steady" { command = "$TOOLS/pause" shutdown = brutal_kill }
		        process "exits" { command = "$CHILD -x 0" backoff = 0 }
		    }
		}
	END
	start_tree "$CONF" --log-level error
	wait_for 30 restarted 50
	local before after
	before=$(descriptors)
	wait_for 250 restarted "$RESTARTS"
	measured "$(restarts) restarts"
	# Everyone comes to rest: what is then left, is left for good.
	kill -STOP "$SUPD_PID"
	after=$(descriptors)
	kill -CONT "$SUPD_PID"
	echo "descriptors before $before, after $after"
	# A start under way holds a few.
	((after <= before + 4))
	ctl stop exits fails killed ready pair
	wait_for 10 no_zombies
	stop_supd
	assert_equal "$SUPD_STATUS" 0
	run cat "$BATS_TEST_TMPDIR/supd.log"
	refute_output --partial Sanitizer
	refute_output --partial "runtime error"
}
