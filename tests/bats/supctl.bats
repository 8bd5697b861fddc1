#!/usr/bin/env bats
# supctl against the real supd: what each command does, says, and exits with.

load helpers

# root: db, web (one_for_all): app, proxy.
shop() {
	conf <<-END
		supervisor "shop" {
		    process "db" { command = "$CHILD" shutdown = 5s }
		    supervisor "web" {
		        strategy = one_for_all
		        process "app" { command = "$CHILD -l $LOG" backoff = 0 }
		        process "proxy" { command = "$CHILD" }
		    }
		}
	END
	start_tree "$CONF"
}

# A child that does not heed TERM.
stubborn() {
	conf <<-END
		supervisor "shop" {
		    process "mule" { command = "$CHILD -i" shutdown = $1 }
		}
	END
	start_tree "$CONF"
}

# stopped PID: by SIGSTOP.
stopped() {
	local stat
	read -r stat <"/proc/$1/stat"
	stat=${stat##*) }
	[[ ${stat:0:1} == T ]]
}

@test "status shows the tree" {
	shop
	run ctl status
	assert_success
	assert_line --index 0 --regexp '^NAME +STATE +PID +UPTIME +RESTARTS +LAST EXIT$'
	assert_line --index 1 --regexp "^shop \(one_for_one\) +running +$SUPD_PID "
	assert_line --index 2 --regexp '^\|- db +running +[0-9]+ +[0-9]+s +0 +-$'
	assert_line --index 3 --regexp '^`- web \(one_for_all\) +running +- '
	assert_line --index 4 --regexp '^   \|- app +running '
	assert_line --index 5 --regexp '^   `- proxy +running '
}

@test "status --json has what the interface promises" {
	shop
	ctl status --json >"$BATS_TEST_TMPDIR/json"
	run jq -r '.root, .state, .pid, .generation, (.children | length), .children[2].path,
		.children[2].state, .children[1].strategy, .children[2].exit' "$BATS_TEST_TMPDIR/json"
	assert_output "$(printf '%s\n' shop running "$SUPD_PID" 1 4 web/app running one_for_all null)"
	run jq -e 'all(.children[]; has("path") and has("name") and has("kind") and has("state")
		and has("pid") and has("restart") and has("restarts") and has("since")
		and has("uptime") and has("ready") and has("health") and has("exit"))' \
		"$BATS_TEST_TMPDIR/json"
	assert_success
}

@test "status PATH exits 3 when it is not running" {
	shop
	ctl stop db
	run ctl status db
	assert_failure 3
	assert_line --index 1 --regexp '^db +stopped +- '
	run ctl status app
	assert_success
	run ctl status prox
	assert_failure 1
	assert_output --partial "there is no child prox: did you mean proxy?"
}

@test "start and stop say what they cannot do" {
	shop
	run ctl start app
	assert_failure 1
	assert_output "supctl: cannot start app: it is already running: use restart"
	run ctl delete web/app
	assert_failure 1
	assert_output "supctl: cannot delete web/app: it is running: stop it first"
	run ctl stop web/ap
	assert_failure 1
	assert_output --partial "did you mean web/app?"
	run ctl stop web/app proxy
	assert_success
	assert_output ""
	is_state web/app stopped
	is_state web/proxy stopped
	# To stop what is stopped is no error (OTP).
	run ctl stop app
	assert_success
	run ctl signal HUP app
	assert_failure 1
	assert_output --partial "it is stopped"
	run ctl start app
	assert_success
	is_state web/app running
	run ctl delete proxy
	assert_success
	run ctl status proxy
	assert_failure 1
}

@test "a child below a stopped supervisor cannot be started" {
	shop
	ctl stop web
	run ctl start web/app
	assert_failure 1
	assert_output --partial "cannot start web/app: its supervisor web is stopped"
	ctl start web
	is_state web/app running
}

@test "restart is a new process, not counted" {
	shop
	local before
	before=$(pid_of web/app)
	ctl restart app
	assert_not_equal "$(pid_of web/app)" "$before"
	assert_equal "$(field restarts web/app)" 0
}

@test "an ambiguous path lists the candidates" {
	conf <<-END
		supervisor "root" {
		    supervisor "a" { process "x" { command = "$CHILD" } process "y" { command = "$CHILD" } }
		    supervisor "b" { process "x" { command = "$CHILD" } process "z" { command = "$CHILD" } }
		}
	END
	start_tree "$CONF"
	run ctl stop x
	assert_failure 1
	assert_output --regexp "x is ambiguous: (a/x, b/x|b/x, a/x)$"
	run ctl stop a/x
	assert_success
	is_state b/x running
}

@test "signal reaches the child" {
	shop
	local before
	before=$(pid_of db)
	run ctl signal SIGKILL db
	assert_success
	wait_for 10 reborn db "$before"
	assert_equal "$(field exit.signal db)$(ctl status --json | jq -r '.children[0].exit.signal')" \
		"nullKILL"
}

@test "a stop that takes longer than the time-out exits 4 and goes on" {
	stubborn 2s
	run ctl stop mule --timeout 100ms
	assert_failure 4
	assert_output --partial "it goes on"
	is_state mule stopping
	wait_for 10 is_state mule stopped
}

@test "--no-wait returns at once, and the work is done" {
	stubborn 1s
	run ctl stop --no-wait mule
	assert_success
	assert_output ""
	wait_for 10 is_state mule stopped
}

@test "what takes long is told" {
	stubborn 2s
	run ctl stop mule
	assert_success
	assert_output "supctl: waiting: stop mule (up to 10s; --timeout changes it)"
}

@test "a start that fails says why" {
	conf <<-END
		supervisor "root" {
		    process "gone" { command = "$BATS_TEST_TMPDIR/program" }
		    process "db" { command = "$CHILD" }
		}
	END
	cp "$CHILD" "$BATS_TEST_TMPDIR/program"
	start_tree "$CONF"
	ctl stop gone
	rm "$BATS_TEST_TMPDIR/program"
	run ctl start gone
	assert_failure 1
	assert_output --partial "its start failed: exec: No such file or directory"
	run ctl status gone
	assert_failure 3
	assert_output --partial "exec: ENOENT"
}

@test "events tell what happens, until supd ends" {
	shop
	ctl events 'web/*' >"$BATS_TEST_TMPDIR/events" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	local reader=$!
	ctl --json events >"$BATS_TEST_TMPDIR/json" 2>/dev/null 3>&- &
	local other=$!
	# Until both listen; what happened before they did is not told to them.
	wait_for 10 heard
	kill -KILL "$(pid_of web/app)"
	wait_for 10 is_event 'web/app  starting -> running'
	ctl stop db
	stop_supd
	wait "$reader"
	wait "$other"
	run cat "$BATS_TEST_TMPDIR/events"
	assert_output --partial "web/app  running -> "
	assert_output --partial "(KILL)"
	refute_output --partial " db "
	run cat "$BATS_TEST_TMPDIR/err"
	assert_output "supctl: supd at $RUN has ended"
	run jq -es 'any(.[]; .path == "db" and .to == "stopped" and .why == "operator")' \
		"$BATS_TEST_TMPDIR/json"
	assert_success
}

# heard: something happens, and both readers have told of it.
heard() {
	ctl restart proxy
	is_event web/proxy && grep -q web/proxy "$BATS_TEST_TMPDIR/json"
}

is_event() {
	grep -qF "$1" "$BATS_TEST_TMPDIR/events"
}

@test "status works while supd is stopped, and says so; calls run out of time" {
	shop
	kill -STOP "$SUPD_PID"
	wait_for 5 stopped "$SUPD_PID"
	run ctl status
	assert_success
	assert_line --partial "(pid $SUPD_PID) is stopped (SIGSTOP)"
	assert_line --partial "|- db "
	run ctl ping --timeout 100ms
	assert_failure 4
	assert_output --partial "does not answer within 100ms"
	kill -CONT "$SUPD_PID"
	run ctl ping
	assert_success
	assert_output --partial "answered in"
}

@test "status of a supd that was killed shows the last it wrote" {
	shop
	local children
	children=$(descendants "$SUPD_PID")
	kill -KILL "$SUPD_PID"
	supd_ended 5
	run ctl status
	assert_failure 4
	assert_line --partial "(pid "
	assert_line --partial "is gone; this is the last it wrote"
	assert_line --partial "|- db "
	run ctl stop db
	assert_failure 4
	assert_output --partial "nobody listens"
	# shellcheck disable=SC2086 # a list of pids
	kill -KILL $children
}

@test "shutdown ends supd in good order" {
	shop
	run ctl shutdown
	assert_success
	assert_output ""
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	run ctl ping
	assert_failure 4
	run ctl status
	assert_failure 4
}

@test "version tells both" {
	shop
	run ctl version
	assert_success
	assert_line --index 0 --regexp '^supctl [0-9.]+$'
	assert_line --index 1 --regexp '^supd [0-9.]+$'
}

@test "no supd there is exit status 4, nonsense is 2" {
	run ctl status
	assert_failure 4
	run ctl stop a
	assert_failure 4
	run ctl stpo a
	assert_failure 2
	assert_output "supctl: unknown command stpo: did you mean stop?"
	run ctl stop
	assert_failure 2
}
