#!/usr/bin/env bats
# before_start and after_stop.

bats_require_minimum_version 1.5.0
load helpers

# hooked COMMAND KEYS...: a tree with the one process "a".
hooked() {
	local command=$1
	shift
	conf <<-END
		supervisor "root" {
		    max_restarts = 1
		    process "a" { command = "$command" $* }
		}
	END
}

REPORT="sh -c 'echo after \$SERVICE_RESULT \$EXIT_CODE \$EXIT_STATUS \$SUPD_PATH >>$BATS_TEST_TMPDIR/log'"

@test "before_start runs to its end before the program, after_stop after it" {
	hooked "$CHILD -l $LOG" "before_start = \"sh -c 'sleep 0.2; echo before %n \$SUPD_PATH >>$LOG'\"" \
		"after_stop = \"$REPORT\""
	start_tree "$CONF"
	wait_for 5 lines_in 2 "$LOG"
	[[ $(field exit a) == null ]]
	ctl stop a
	log_is "before a a" "start a" "stop a" "after success exited 0 a"
}

@test "a before_start that fails is a failed start" {
	hooked "$CHILD -l $LOG" 'before_start = "false"' "after_stop = \"$REPORT\""
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	said "a: before_start: exited with status 1"
	[[ ! -e $LOG ]]
}

@test "a before_start that takes too long is a failed start" {
	hooked "$CHILD -l $LOG" 'before_start = "sleep 10020"' "start_timeout = 200ms"
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	[[ ! -e $LOG ]]
}

@test "a before_start that is not there is a failed start" {
	hooked "$CHILD -l $LOG" 'before_start = "/nonexistent/hook"'
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	said "before_start: exec: No such file"
}

@test "after_stop runs after a death, before the restart, and knows how it ended" {
	hooked "$CHILD -l $LOG" "after_stop = \"$REPORT\"" "backoff = 0"
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$LOG"
	local pid
	pid=$(pid_of a)
	kill -USR1 "$pid"
	wait_for 5 reborn a "$pid"
	wait_for 5 lines_in 3 "$LOG"
	log_is "start a" "after signal killed USR1 a" "start a"
}

@test "after_stop knows an exit status and a stop that took too long" {
	hooked "$CHILD -i -l $LOG" "after_stop = \"$REPORT\"" "shutdown = 200ms"
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$LOG"
	ctl stop a
	log_is "start a" "stop a" "after timeout killed KILL a"
	rm "$LOG"
	stop_supd
	hooked "$CHILD -x 7" "after_stop = \"$REPORT\"" "restart = temporary"
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$LOG"
	log_is "after exit-code exited 7 a"
}

@test "after_stop knows that a core file was left" {
	[[ $(ulimit -Hc) != 0 ]] || skip "no core files here"
	hooked "$CHILD -l $LOG" "after_stop = \"$REPORT\"" "restart = transient" \
		"directory = \"$BATS_TEST_TMPDIR\" limits { core = 100M }" "success_exit = {ABRT}"
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$LOG"
	kill -ABRT "$(pid_of a)"
	wait_for 5 lines_in 2 "$LOG"
	log_is "start a" "after success dumped ABRT a"
	wait_for 5 is_state a exited
	said "a: killed by SIGABRT, core dumped"
	run -0 ctl why a
	assert_output --partial "left a core file"
}

@test "an after_stop that fails is logged, and changes nothing" {
	hooked "$CHILD -l $LOG" 'after_stop = "sh -c '"'exit 3'"'"'
	start_tree "$CONF"
	ctl stop a
	is_state a stopped
	said "a: after_stop: exited with status 3"
}

@test "an after_stop that takes longer than hook_timeout is killed" {
	hooked "$CHILD -l $LOG" 'after_stop = "sleep 10021"' "hook_timeout = 300ms"
	start_tree "$CONF"
	local before
	before=$(now_ms)
	ctl stop a
	(($(now_ms) - before < 3000))
	is_state a stopped
	said "a: after_stop: killed by SIGKILL"
}

@test "instances of a dynamic supervisor have hooks with their own names" {
	conf <<-END
		supervisor "root" {
		    dynamic "jobs" {
		        process "job" {
		            command = "$CHILD"
		            restart = temporary
		            before_start = "sh -c 'echo before %n %p 100%% >>$LOG'"
		            after_stop = "sh -c 'echo after %n >>$LOG'"
		        }
		    }
		}
	END
	start_tree "$CONF"
	ctl start-child jobs one
	wait_for 5 lines_in 1 "$LOG"
	ctl stop jobs/one
	wait_for 5 lines_in 2 "$LOG"
	log_is "before one jobs/one 100%" "after one"
}

@test "an inspection shows them" {
	hooked "$CHILD" 'before_start = "true 1"' 'after_stop = "true 2"' "hook_timeout = 5s"
	start_tree "$CONF"
	run -0 ctl --json inspect a
	assert_equal "$(jq -c '[.spec.before_start, .spec.after_stop, .spec.hook_timeout]' <<<"$output")" \
		'[["true","1"],["true","2"],"5s"]'
}
