#!/usr/bin/env bats
# suspend, resume, and why.

bats_require_minimum_version 1.5.0
load helpers

# A process that counts in a file.
counting() {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "bash -c 'while :; do echo x >>$LOG; sleep 0.02; done'"
		        shutdown = 2s
		        $*
		    }
		}
	END
	start_tree "$CONF"
	wait_for 5 lines_in 2 "$LOG"
}

# Does the file grow? Looked at until it has, or for so many milliseconds.
grows() {
	local n end
	n=$(wc -l <"$LOG")
	end=$(($(now_ms) + $1))
	while (($(now_ms) < end)); do
		(($(wc -l <"$LOG") == n)) || return 0
		sleep 0.02
	done
	return 1
}

# frozen: nothing in its control group, or in its group, runs.
stands_still() {
	ctl suspend a
	wait_for 2 not_growing
}

not_growing() {
	! grows 200
}

@test "a suspended process stands still until it is resumed" {
	counting
	stands_still
	is_state a running
	[[ $(field suspended a) == true ]]
	ctl status a | grep -q ' suspended '
	run -0 ctl why a
	assert_output --partial "a is suspended: its processes stand still"
	ctl resume a
	grows 5000
	[[ $(field suspended a) == null ]]
}

@test "a process that somebody else has stopped ends by its stop signal" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -l $LOG" shutdown = 1h }
		}
	END
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$LOG"
	ctl signal STOP a
	ctl stop a
	log_is "start a" "stop a"
}

@test "both may be repeated" {
	counting
	ctl suspend a
	ctl suspend a
	ctl resume a
	ctl resume a
	grows 5000
}

@test "a stop of a suspended process wakes it: it ends by its stop signal" {
	counting
	stands_still
	ctl stop a
	[[ $(ctl --json status a | jq -r '.children[0].exit.signal') == TERM ]]
	rm "$LOG"
	ctl start a
	wait_for 5 lines_in 2 "$LOG"
}

@test "a suspended process that is killed comes back running" {
	counting backoff = 0
	stands_still
	local pid
	pid=$(pid_of a)
	kill -KILL "$pid"
	wait_for 5 reborn a "$pid"
	[[ $(field suspended a) == null ]]
	grows 5000
}

@test "only what runs can be suspended" {
	counting
	ctl stop a
	run -1 ctl suspend a
	assert_output --partial "stopped"
	run -1 ctl suspend /
	run -1 ctl resume a
}

@test "its watchdog pauses meanwhile" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 0
		    process "a" {
		        command = "bash -c 'while :; do echo x >>$LOG; systemd-notify WATCHDOG=1; sleep 0.1; done'"
		        watchdog = 1s
		        shutdown = 2s
		    }
		}
	END
	type systemd-notify >/dev/null || skip "systemd-notify is not installed"
	start_tree "$CONF"
	wait_for 5 lines_in 2 "$LOG"
	local pid
	pid=$(pid_of a)
	ctl suspend a
	local end=$(($(now_ms) + 2500))
	wait_for 5 eval "(( \$(now_ms) > $end ))"
	ctl resume a
	grows 5000
	assert_equal "$(pid_of a)" "$pid"
}

why_says() {
	[[ $(ctl why "$1" | tr '\n' ' ') == *"$2"* ]]
}

@test "why says what happened, and when the next try comes" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 100
		    process "crash" { command = "$CHILD -x 3" backoff { initial = 30s max = 1m } }
		    process "calm" { command = "$CHILD" }
		    process "once" { command = "$CHILD -x 0" restart = transient }
		}
	END
	start_tree "$CONF"
	wait_for 5 is_state crash backoff
	why_says crash "crash is waiting to be started again"
	why_says crash "It last ended with exit status 3"
	why_says crash "The next try comes in "
	why_says crash "its present streak is 2"
	why_says calm "calm is running, pid $(pid_of calm), since 20"
	wait_for 5 is_state once exited
	why_says once "once is finished, and not to be started again by itself"
	ctl stop calm
	why_says calm "calm is stopped"
	why_says calm "an operator asked for it"
	run -0 ctl --json why calm
	assert_equal "$(jq -r .child.path <<<"$output")" calm
	run -1 ctl why clam
	assert_output --partial "did you mean calm?"
	stop_supd
	run -4 ctl why calm
	assert_output --partial "has ended; this is the last it wrote"
}
