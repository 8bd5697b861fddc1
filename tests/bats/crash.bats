#!/usr/bin/env bats
# Programs that crash again and again: how often they are started, what it costs, what is said of
# it, and how an operator cuts the waiting short.

load helpers

# ticks: what supd has used of a processor so far, in hundredths of a second.
ticks() {
	local stat field
	read -r stat <"/proc/$SUPD_PID/stat"
	read -ra field <<<"${stat##*) }"
	echo $((field[11] + field[12]))
}

starts() {
	wc -l <"$LOG"
}

# why_says PATH TEXT: the paragraph, without its line breaks, contains the text.
why_says() {
	run ctl why "$1"
	output=${output//$'\n'/ }
	assert_output --partial "$2"
}

@test "a crash loop with default settings starts as often as the limit allows, and ends supd" {
	conf <<-END
		supervisor "app" { process "crash" { command = "sh -c 'echo >>$LOG; exit 7'" } }
	END
	start_supd "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
	assert_equal "$(starts)" 4
	why_says crash "the restart limit was reached"
	assert_output --partial "It last ended with exit status 7"
	assert_output --partial "It was restarted 3 times"
}

@test "a crash loop below a supervisor escalates no further than the limits" {
	conf <<-END
		supervisor "app" {
		    supervisor "web" { process "crash" { command = "sh -c 'echo >>$LOG; exit 7'" } }
		}
	END
	start_supd "$CONF"
	supd_ended 30
	assert_equal "$SUPD_STATUS" 1
	# four lives each of four boots
	assert_equal "$(starts)" 16
}

@test "crash loops cost supd no processor time, and why says when the next try comes" {
	conf <<-END
		supervisor "app" {
		    process "slow" { command = "sh -c 'sleep 1.8; exit 3'" }
		    supervisor "tenant" {
		        on_limit = park
		        process "crash" { command = "sh -c 'echo >>$LOG; exit 7'" }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 20 is_state tenant parked
	assert_equal "$(starts)" 4
	local before used
	before=$(ticks)
	# a time to measure, not one to wait for
	sleep 7
	used=$(($(ticks) - before))
	measured "two crash loops: $used ticks of 10 ms in 7 s, $(field restarts slow) restarts of slow"
	((used <= 2))
	assert_equal "$(starts)" 4
	why_says tenant "The next try comes in "
	assert_output --partial "the restart limit was reached. It may restart 3 times within 5s."
	wait_for 20 is_state slow backoff
	why_says slow "It last ended with exit status 3"
	assert_output --partial "its present streak is "
	assert_output --partial "The next try comes in "
}

# One that has crashed so often that it waits for a minute.
patient_tree() {
	conf <<-END
		supervisor "app" {
		    strategy = rest_for_one
		    process "db" {
		        command = "sh -c 'test -e $BATS_TEST_TMPDIR/well || exit 1; exec $CHILD'"
		        backoff { initial = 1m jitter = 0 }
		    }
		    process "web" { command = "$CHILD" }
		}
	END
	touch "$BATS_TEST_TMPDIR/well"
	start_tree "$CONF"
	rm "$BATS_TEST_TMPDIR/well"
	kill -KILL "$(pid_of db)"
	wait_for 10 is_state db backoff
	assert_equal "$(state_of web)" waiting
}

@test "start cuts a wait short, for the whole group, and returns when it runs" {
	patient_tree
	run ctl status
	assert_output --partial "again in "
	touch "$BATS_TEST_TMPDIR/well"
	ctl start db
	assert_equal "$(state_of db)" running
	wait_for 10 is_state web running
	assert_equal "$(field restarts db)" 2
}

@test "start that comes too early is one more try, and the waiting begins again" {
	patient_tree
	# ready by exec: it was started, and died then
	ctl start db
	wait_for 10 is_state db backoff
	assert_equal "$(field restarts db)" 2
	touch "$BATS_TEST_TMPDIR/well"
	ctl start db
	assert_equal "$(state_of db)" running
}
