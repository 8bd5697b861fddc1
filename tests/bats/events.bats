#!/usr/bin/env bats
# events.bats - the stream of events of a real tree: what led here, who asked for what, and what a
# reader that comes late or reads slowly gets.

bats_require_minimum_version 1.5.0
load helpers

tree() {
	conf <<-END
		supervisor "shop" {
		    process "db" { command = "$CHILD" }
		    supervisor "web" {
		        max_restarts = 1
		        max_seconds = 100
		        on_limit = park
		        process "app" { command = "$CHILD" backoff = 0 }
		    }
		    dynamic "jobs" { process "job" { command = "$CHILD" restart = temporary } }
		}
	END
	start_tree "$CONF"
}

# past [PATTERN]: the events so far, as JSON lines.
past() {
	ctl --json events --since-start --no-follow "$@"
}

# chain PATH: the states that a child went through.
chain() {
	past "$1" | jq -rs 'map(select(.kind != "operator")) | map("\(.from)>\(.to)") | join(" ")'
}

@test "who comes later sees all from the start, in one sequence" {
	tree
	[[ $(past | jq -s 'map(.seq) == [range(1; length + 1)]') == true ]]
	[[ $(past | jq -rs '.[0] | "\(.path) \(.to)"') == "/ starting" ]]
	[[ $(chain db) == "waiting>starting starting>running" ]]
	[[ $(past db | jq -rs '.[1].why') == ready ]]
}

@test "what is past comes first, then what happens" {
	tree
	ctl events --since-start db >"$BATS_TEST_TMPDIR/events" 2>/dev/null 3>&- &
	local reader=$!
	wait_for 30 lines_in 2 "$BATS_TEST_TMPDIR/events"
	ctl stop db
	wait_for 30 lines_in 5 "$BATS_TEST_TMPDIR/events"
	stop_supd
	wait "$reader"
	run sed -n '3p' "$BATS_TEST_TMPDIR/events"
	assert_output --partial "stop  asked for by $(id -un) (uid $EUID, pid "
	run sed -n '4p' "$BATS_TEST_TMPDIR/events"
	assert_output --partial "running -> stopping  operator"
}

@test "an operator's wish stands before what it leads to, with who asked" {
	tree
	ctl restart db
	ctl signal CONT db
	ctl start-child jobs one -- x
	run -1 ctl start nobody
	run jq -r 'select(.kind == "operator") | "\(.path) \(.to) \(.signal) \(.by.uid) \(.by.user)"' \
		< <(past)
	assert_output "$(
		cat <<-END
			db restart null $EUID $(id -un)
			db signal CONT $EUID $(id -un)
			jobs start-child null $EUID $(id -un)
		END
	)"
	run jq -rs 'map(select(.path == "db")) | map(.to) | join(" ")' < <(past)
	assert_output "starting running restart stopping stopped starting running signal"
}

@test "a limit that is reached says which, and who parks says so" {
	tree
	kill -9 "$(pid_of web/app)"
	wait_for 30 reborn web/app 0
	wait_for 30 is_state web/app running
	kill -9 "$(pid_of web/app)"
	wait_for 30 is_state web parked
	run jq -r 'select(.path == "web" and .why == "limit") | "\(.to) \(.limit) \(.within)"' < <(past)
	assert_line "parked 1 100"
	run ctl events --since-start --no-follow web
	assert_output --partial "limit: more than 1 restarts within 100s"
}

@test "suspend and resume are events" {
	tree
	ctl suspend db
	ctl suspend db
	ctl resume db
	run jq -r 'select(.kind == "suspend") | "\(.path) \(.from) \(.to) \(.why)"' < <(past)
	assert_output "$(printf '%s\n' "db running suspended operator" "db suspended running operator")"
}

@test "what is gone keeps its path" {
	tree
	ctl start-child jobs one -- x
	kill -9 "$(pid_of jobs/one)"
	wait_for 30 gone_from_status jobs/one
	[[ $(chain jobs/one) == "waiting>starting starting>running running>waiting waiting>removed" ]]
}

gone_from_status() {
	[[ -z $(state_of "$1") ]]
}

@test "a thousand are kept; who asks for more is told how many are gone" {
	tree
	local i
	for ((i = 0; i < 300; i += 50)); do
		ctl restart db db db db db db db db db db db db db db db db db db db db db db db db db \
			db db db db db db db db db db db db db db db db db db db db db db db db db
	done
	run jq -s '[length, .[0].lost + 1 == .[0].seq, .[-1].seq - .[0].seq + 1 == length] | @csv' -r \
		< <(past)
	[[ ${output%%,*} -ge 1000 && ${output%%,*} -le 1100 ]]
	[[ ${output#*,} == true,true ]]
}

@test "a history that does not reach back to the start says so, and blames nobody" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 1000000
		    process "db" { command = "$CHILD" backoff = 0 }
		}
	END
	start_tree "$CONF"
	local i
	for ((i = 0; i < 10; i++)); do
		# shellcheck disable=SC2046 # words
		ctl restart $(printf 'db %.0s' {1..40})
	done
	run ctl events --since-start --no-follow
	assert_success
	assert_line --index 0 --regexp '^\.\.\. [0-9]+ earlier events are not kept any more$'
	refute_output --partial "too slow"
}
