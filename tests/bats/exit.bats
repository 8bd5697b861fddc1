#!/usr/bin/env bats
# Exit statuses, signals and the flags that start nothing.

bats_require_minimum_version 1.5.0
load helpers

quiet_tree() {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -l $LOG" }
		    process "b" { command = "$CHILD -l $LOG" }
		}
	END
}

stubborn_tree() {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -l $LOG" }
		    process "mule" { command = "$CHILD -i -l $LOG" shutdown = infinity }
		}
	END
}

@test "TERM: everything stops, status 0" {
	quiet_tree
	start_tree "$CONF"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "INT: everything stops, status 0" {
	quiet_tree
	start_tree "$CONF"
	kill -INT "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "a second TERM stops at once what ignores the first" {
	stubborn_tree
	start_tree "$CONF"
	local mule
	mule=$(pid_of mule)
	wait_for 5 lines_in 2 "$LOG"
	kill -TERM "$SUPD_PID"
	wait_for 5 lines_in 3 "$LOG"
	wait_for 5 is_state mule stopping
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	gone "$mule"
}

@test "QUIT stops at once" {
	stubborn_tree
	start_tree "$CONF"
	kill -QUIT "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "HUP, USR1, USR2, PIPE, WINCH do no harm" {
	quiet_tree
	start_tree "$CONF"
	local a signal
	a=$(pid_of a)
	for signal in HUP USR1 USR2 PIPE WINCH; do
		kill -s "$signal" "$SUPD_PID"
		ctl ping
	done
	assert_equal "$(pid_of a)" "$a"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "supctl shutdown: status 0" {
	quiet_tree
	start_tree "$CONF"
	ctl shutdown
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "the root gives up: status 1" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 2
		    process "a" { command = "$CHILD -l $LOG" }
		    process "crash" { command = "$CHILD -x 7" backoff = 0 }
		}
	END
	start_supd "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
	said crash
}

@test "the root cannot start: status 1, and what had started is stopped" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -r -l $LOG" ready = notify }
		    process "missing" { command = "/nonexistent/program" }
		    process "c" { command = "$CHILD -r -l $LOG" ready = notify }
		}
	END
	start_supd "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
	log_is "start a" "stop a"
}

@test "a configuration error: status 2, FILE:LINE on stderr, nothing started" {
	conf <<-END
		supervisor "root" {
		    strategy = one_for_noone
		    process "a" { command = "$CHILD -l $LOG" }
		}
	END
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 2
	said "supd.conf:2: error:"
	[ ! -e "$LOG" ]
}

@test "no such file, no such option, too many arguments: status 2" {
	run "$SUPD" -c /nonexistent.conf -d "$RUN"
	assert_failure 2
	run "$SUPD" --no-such-option
	assert_failure 2
	run "$SUPD" -c
	assert_failure 2
}

@test "a runtime directory that cannot be: status 3" {
	quiet_tree
	touch "$BATS_TEST_TMPDIR/file"
	run "$SUPD" -c "$CONF" -d "$BATS_TEST_TMPDIR/file/run"
	assert_failure 3
	assert_output --partial "$BATS_TEST_TMPDIR/file/run"
}

@test "a second supd on the same directory is refused, the first is not disturbed" {
	quiet_tree
	start_tree "$CONF"
	local a
	a=$(pid_of a)
	run timeout 10 "$SUPD" -c "$CONF" -d "$RUN"
	assert_failure 3
	assert_equal "$(pid_of a)" "$a"
	ctl ping
}

@test "a killed supd leaves a socket that the next one replaces" {
	quiet_tree
	start_tree "$CONF"
	local left
	left=$(descendants "$SUPD_PID")
	kill -KILL "$SUPD_PID"
	supd_ended 5 2>/dev/null
	# shellcheck disable=SC2086 # a list of pids
	kill -KILL $left
	start_tree "$CONF"
	ctl ping
}

@test "--version and --help: status 0 on stdout" {
	run "$SUPD" --version
	assert_success
	assert_output --partial "$(cat "$BATS_TEST_DIRNAME/../../VERSION")"
	run "$SUPD" --help
	assert_success
	assert_output --partial "--check"
}

@test "--check: 0 for a valid file, 2 for a broken one, nothing started" {
	quiet_tree
	run "$SUPD" --check -c "$CONF"
	assert_success
	conf <<-END
		supervisor "root" { proces "a" { command = "true" } }
	END
	run "$SUPD" -t -c "$CONF"
	assert_failure 2
	assert_output --partial "supd.conf:1: error:"
	[ ! -e "$LOG" ]
}

@test "--print-config is JSON with the defaults filled in" {
	quiet_tree
	run --separate-stderr "$SUPD" --print-config -c "$CONF"
	assert_success
	jq -e . <<<"$output"
	assert_output --partial one_for_one
}
