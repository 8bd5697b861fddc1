#!/usr/bin/env bats
# The control socket of a real supd: what it answers, and that clients that send nonsense, too much,
# or nothing harm neither it nor its tree. The cases of nonsense are in tests/control/broken.txt.

load helpers

PLAY=$TOOLS/control_play
CASES=$BATS_TEST_DIRNAME/../control/broken.txt

# tree: a tree with a child that ignores TERM for a while, and one whose program can be taken away.
tree() {
	ln -sf "$CHILD" "$BATS_TEST_TMPDIR/program"
	conf <<-END
		supervisor "shop" {
		    process "db" { command = "$CHILD" }
		    process "stubborn" { command = "$CHILD -i -l $LOG" shutdown = 3s }
		    supervisor "web" {
		        process "app" { command = "$BATS_TEST_TMPDIR/program" }
		    }
		    supervisor "api" {
		        process "app" { command = "$CHILD" }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 1 "$LOG"
}

# play: plays the cases on stdin.
play() {
	cat >"$BATS_TEST_TMPDIR/cases"
	run "$PLAY" "$RUN/control" "$BATS_TEST_TMPDIR/cases"
	assert_success
}

descriptors_are() {
	[[ $(find "/proc/$SUPD_PID/fd" -mindepth 1 | wc -l) == "$1" ]]
}

@test "the socket is for its owner alone, and goes when supd ends" {
	tree
	run stat -c '%a %F' "$RUN/control"
	assert_output "600 socket"
	stop_supd
	[[ ! -e $RUN/control ]]
}

@test "after a kill -9 the next supd takes the socket's place" {
	local left
	tree
	left=$(descendants "$SUPD_PID")
	kill -KILL "$SUPD_PID"
	supd_ended 10
	# shellcheck disable=SC2086 # a list of pids
	kill -KILL $left
	[[ -S $RUN/control ]]
	start_tree "$CONF"
	play <<-'END'
		= ping
		. open
	END
}

@test "commands are answered when they are done" {
	tree
	play <<-'END'
		= stop, and again, and start, and again
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"db"}}\0
		< {"parameters":{}}
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"db"}}\0
		< {"parameters":{}}
		> {"method":"org.supd.Supervisor.Start","parameters":{"path":"db"}}\0
		< {"parameters":{}}
		> {"method":"org.supd.Supervisor.Start","parameters":{"path":"db"}}\0
		< {"error":"org.supd.Supervisor.InvalidState","parameters":{"path":"db","state":"running"}}
		> {"method":"org.supd.Supervisor.Delete","parameters":{"path":"db"}}\0
		< {"error":"org.supd.Supervisor.InvalidState","parameters":{"path":"db","state":"running"}}
		= many at once keep their order
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"db"}}\0{"method":"org.supd.Supervisor.Delete","parameters":{"path":"db"}}\0{"method":"org.supd.Supervisor.Stop","parameters":{"path":"db"}}\0
		< {"parameters":{}}
		< {"parameters":{}}
		< {"error":"org.supd.Supervisor.NotFound","parameters":{"path":"db"}}
	END
}

@test "a start that fails says why" {
	tree
	play <<-'END'
		= stop
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"web/app"}}\0
		< {"parameters":{}}
	END
	rm "$BATS_TEST_TMPDIR/program"
	play <<-'END'
		= start
		> {"method":"org.supd.Supervisor.Start","parameters":{"path":"web/app"}}\0
		< {"error":"org.supd.Supervisor.StartFailed","parameters":{"path":"web/app","reason":"exec: No such file or directory"}}
		. open
	END
}

@test "a call that takes too long times out, and others do not wait for it" {
	tree
	play <<-'END'
		= a time-out; the stop goes on, and a second call waits for its end
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"stubborn","timeout_ms":100}}\0
		< {"error":"org.supd.Supervisor.Timeout","parameters":{"path":"stubborn"}}
		. open
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"stubborn"}}\0
		< {"parameters":{}}
		= it is stopped now
		> {"method":"org.supd.Supervisor.Signal","parameters":{"path":"stubborn","signal":"TERM"}}\0
		< {"error":"org.supd.Supervisor.InvalidState","parameters":{"path":"stubborn","state":"stopped"}}
	END
}

@test "a caller that hangs up does not stop its call" {
	tree
	play <<-'END'
		= a call, and nobody waits for it
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"stubborn"}}\0
		= a cast
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"db"},"oneway":true}\0
	END
	wait_for 10 is_state stubborn stopped
	wait_for 10 is_state db stopped
}

@test "an ambiguous path lists the candidates" {
	tree
	play <<-'END'
		= by its whole path
		> {"method":"org.supd.Supervisor.Signal","parameters":{"path":"api/app","signal":"CONT"}}\0
		< {"parameters":{}}
	END
	cat >"$BATS_TEST_TMPDIR/cases" <<-'END'
		= by its last part
		> {"method":"org.supd.Supervisor.Stop","parameters":{"path":"app"}}\0
		. closed
	END
	run "$PLAY" "$RUN/control" "$BATS_TEST_TMPDIR/cases"
	assert_failure
	assert_output --partial '"org.supd.Supervisor.Ambiguous"'
	assert_output --partial '"web/app"'
	assert_output --partial '"api/app"'
}

@test "Shutdown is answered, then the tree stops" {
	tree
	play <<-'END'
		= shutdown
		> {"method":"org.supd.Supervisor.Shutdown"}\0
		< {"parameters":{}}
	END
	supd_ended 20
	assert_equal "$SUPD_STATUS" 0
}

@test "no broken message harms supd, its clients or its tree" {
	local db app before
	tree
	db=$(pid_of db)
	app=$(pid_of web/app)
	before=$(find "/proc/$SUPD_PID/fd" -mindepth 1 | wc -l)
	run "$PLAY" "$RUN/control" "$CASES"
	assert_success
	assert_output --regexp '^[0-9]+ cases, 0 failed$'
	assert_equal "$(pid_of db)" "$db"
	assert_equal "$(pid_of web/app)" "$app"
	wait_for 10 descriptors_are "$before"
}

@test "no broken message harms the memory of supd" {
	[[ -x ${ASAN_SUPD:-} ]] || skip "no sanitizer build"
	# shellcheck disable=SC2034 # start_supd reads it
	SUPD=$ASAN_SUPD
	tree
	run "$PLAY" "$RUN/control" "$CASES"
	assert_success
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}
