#!/usr/bin/env bats
# Supervision end to end, with real processes: strategies, escalation, stops, what a child is given.

load helpers

# Four children that say in $LOG when they are up and when they are told to stop.
four() {
	conf <<-END
		supervisor "root" {
		    strategy = $1
		    process "a" { command = "$CHILD -r -l $LOG" ready = notify }
		    process "b" { command = "$CHILD -r -l $LOG" ready = notify }
		    process "c" { command = "$CHILD -r -l $LOG" ready = notify }
		    process "d" { command = "$CHILD -r -l $LOG" ready = notify }
		}
	END
	start_tree "$CONF"
	log_is "start a" "start b" "start c" "start d"
	: >"$LOG"
}

kill_child() {
	local pid
	pid=$(pid_of "$1")
	kill -KILL "$pid"
	wait_for 10 reborn "$1" "$pid"
}

@test "children start in file order and stop in reverse" {
	four one_for_one
	stop_supd
	log_is "stop d" "stop c" "stop b" "stop a"
}

@test "one_for_one restarts the child alone" {
	four one_for_one
	kill_child b
	wait_for 5 is_state d running
	log_is "start b"
}

@test "rest_for_one restarts the child and those after it" {
	four rest_for_one
	local a
	a=$(pid_of a)
	kill_child b
	wait_for 5 lines_in 5 "$LOG"
	wait_for 5 is_state d running
	log_is "stop d" "stop c" "start b" "start c" "start d"
	assert_equal "$(pid_of a)" "$a"
}

@test "one_for_all restarts everyone" {
	four one_for_all
	kill_child c
	wait_for 5 lines_in 7 "$LOG"
	wait_for 5 is_state d running
	log_is "stop d" "stop b" "stop a" "start a" "start b" "start c" "start d"
}

@test "restarts are counted where they happen" {
	four one_for_one
	kill_child b
	kill_child b
	assert_equal "$(field restarts b)" 2
	assert_equal "$(field restarts a)" 0
	run field exit b
	assert_output --partial signaled
	assert_output --partial KILL
}

@test "escalation through three levels heals at the fourth" {
	conf <<-END
		supervisor "root" {
		    process "keep" { command = "$CHILD -r -l $LOG" ready = notify }
		    supervisor "one" {
		        max_restarts = 0
		        process "x" { command = "$CHILD -r -l $LOG" ready = notify }
		        supervisor "two" {
		            max_restarts = 0
		            process "y" { command = "$CHILD -r -l $LOG" ready = notify }
		            supervisor "three" {
		                max_restarts = 0
		                process "z" { command = "$CHILD -r -l $LOG" ready = notify }
		                process "leaf" { command = "$CHILD -r -l $LOG" ready = notify }
		            }
		        }
		    }
		}
	END
	start_tree "$CONF"
	: >"$LOG"
	kill_child one/two/three/leaf
	wait_for 5 lines_in 7 "$LOG"
	wait_for 5 is_state one running
	log_is "stop one/two/three/z" "stop one/two/y" "stop one/x" \
		"start one/x" "start one/two/y" "start one/two/three/z" "start one/two/three/leaf"
}

@test "escalation through every level ends the program, in reverse order, with status 1" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 0
		    process "keep" { command = "$CHILD -r -l $LOG" ready = notify }
		    supervisor "one" {
		        max_restarts = 0
		        process "x" { command = "$CHILD -r -l $LOG" ready = notify }
		        supervisor "two" {
		            max_restarts = 0
		            process "y" { command = "$CHILD -r -l $LOG" ready = notify }
		            process "leaf" { command = "$CHILD -r -l $LOG" ready = notify }
		        }
		    }
		    process "end" { command = "$CHILD -r -l $LOG" ready = notify }
		}
	END
	start_tree "$CONF"
	: >"$LOG"
	kill -KILL "$(pid_of one/two/leaf)"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	log_is "stop one/two/y" "stop one/x" "stop end" "stop keep"
}

@test "a transient child that exits normally stays; a temporary one is removed" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD" }
		    process "once" { command = "$CHILD -x 0" restart = transient }
		    process "third" { command = "$CHILD -x 3" restart = transient success_exit = {3} }
		    process "gone" { command = "$CHILD -x 0" restart = temporary }
		}
	END
	start_tree "$CONF"
	wait_for 5 is_state once exited
	wait_for 5 is_state third exited
	wait_for 5 is_state gone ""
	assert_equal "$(state_of a)" running
}

@test "a group is stopped whole: a member that ignores TERM is killed in time" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -g $BATS_TEST_TMPDIR/member" shutdown = 300ms }
		}
	END
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$BATS_TEST_TMPDIR/member"
	local member
	member=$(cat "$BATS_TEST_TMPDIR/member")
	ctl stop a
	gone "$member"
	assert_equal "$(state_of a)" stopped
}

@test "when the leader dies by itself, its group is gone before the restart" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -g $BATS_TEST_TMPDIR/member" shutdown = 300ms }
		}
	END
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$BATS_TEST_TMPDIR/member"
	local member
	member=$(cat "$BATS_TEST_TMPDIR/member")
	kill_child a
	gone "$member"
}

@test "a child that ignores TERM is killed when its time is over" {
	conf <<-END
		supervisor "root" {
		    process "mule" { command = "$CHILD -i -r -l $LOG" ready = notify shutdown = 200ms }
		}
	END
	start_tree "$CONF"
	ctl stop mule
	log_is "start mule" "stop mule"
	run field exit mule
	assert_output --partial KILL
}

@test "brutal_kill sends no TERM" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -r -l $LOG" ready = notify shutdown = brutal_kill }
		}
	END
	start_tree "$CONF"
	ctl stop a
	log_is "start a"
}

@test "stop_signal takes the place of TERM" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -r -l $LOG" ready = notify stop_signal = USR1 }
		}
	END
	start_tree "$CONF"
	ctl stop a
	log_is "start a"
	run field exit a
	assert_output --partial USR1
}

@test "stop, start, restart and delete by command touch no sibling" {
	four one_for_all
	ctl stop b
	assert_equal "$(state_of b)" stopped
	ctl start b
	ctl restart c
	ctl stop d
	ctl delete d
	assert_equal "$(state_of d)" ""
	log_is "stop b" "start b" "stop c" "start c" "stop d"
}

no_zombies() {
	! grep -lsE "^[0-9]+ \(.*\) Z $SUPD_PID " /proc/[0-9]*/stat
}

@test "orphans fall to supd and are reaped" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -o 300 -r -l $LOG" ready = notify }
		}
	END
	start_tree "$CONF"
	wait_for 10 no_zombies
	assert_equal "$(state_of a)" running
}

# failing LINE STAGE ERROR: a process with this line cannot start; the message says where and why.
failing() {
	conf <<-END
		supervisor "root" {
		    process "broken" { $1 }
		}
	END
	: >"$BATS_TEST_TMPDIR/supd.log"
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	run cat "$BATS_TEST_TMPDIR/supd.log"
	assert_line --partial broken
	assert_output --partial "$2"
	assert_output --partial "$3"
}

@test "a start that fails says at what stage and why" {
	failing 'command = "/nonexistent/program"' exec "No such file or directory"
	failing 'command = "/etc/passwd"' exec "Permission denied"
	failing 'command = "sleep 1000" directory = "/nonexistent"' directory "No such file or directory"
}

@test "not ready in time is a failed start" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -l $LOG" }
		    process "slow" { command = "$CHILD" ready = notify start_timeout = 200ms }
		}
	END
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	said slow
}

# Starts one child that writes what it was given to $GIVEN.
given() {
	GIVEN=$BATS_TEST_TMPDIR/given
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$CHILD -d $GIVEN"
		        $1
		    }
		}
	END
	start_tree "$CONF"
	wait_for 5 test -e "$GIVEN"
}

@test "a child has the descriptors 0, 1, 2, and a group of its own" {
	given ""
	run cat "$GIVEN"
	assert_line "descriptors 0 1 2"
	assert_line "own group yes"
}

@test "a child has no signal blocked and none ignored, whatever supd was started with" {
	trap '' PIPE USR1
	given ""
	trap - PIPE USR1
	run cat "$GIVEN"
	refute_line --regexp '^(blocked|handled)'
}

@test "nor one of the two that the C library hides, and that make leaves ignored" {
	conf <<-END
		supervisor "root" {
		    auto_shutdown = any_significant
		    process "a" {
		        command = "$TOOLS/inmate signals $BATS_TEST_TMPDIR/given"
		        restart = temporary
		        significant = true
		    }
		}
	END
	mkdir -p "$RUN"
	run "$TOOLS/inmate" with ignore=10 ignore=32 ignore=33 block=33 "$SUPD" -c "$CONF" -d "$RUN"
	assert_success
	assert_equal "$(cat "$BATS_TEST_TMPDIR/given")" ""
}

@test "a child has the environment, umask and directory of its keys" {
	mkdir "$BATS_TEST_TMPDIR/dir"
	given "environment = {\"FOO=bar baz\"} umask = 0027 directory = \"$BATS_TEST_TMPDIR/dir\""
	run cat "$GIVEN"
	assert_line "env FOO=bar baz"
	assert_line "env SUPD_PATH=a"
	assert_line "env SUPD_NAME=a"
	assert_line "env SUPD_RUNTIME_DIR=$RUN"
	assert_line "umask 0027"
	assert_line "directory $BATS_TEST_TMPDIR/dir"
}

@test "supd raises its own soft descriptor limit, a child has the original" {
	local hard
	hard=$(ulimit -Hn)
	ulimit -Sn 256
	given ""
	run cat "$GIVEN"
	assert_line "files 256 $hard"
	run grep "open files" "/proc/$SUPD_PID/limits"
	assert_output --regexp "^Max open files +$hard +$hard "
}

@test "a child runs as the user, group and groups of its keys" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "sh -c 'id -u; id -g; id -G; exec sleep infinity'"
		        user = "daemon"
		        group = "bin"
		        groups = {"sys", "60"}
		    }
		}
	END
	start_tree "$CONF"
	wait_for 5 lines_in 3 "$BATS_TEST_TMPDIR/supd.out"
	run cat "$BATS_TEST_TMPDIR/supd.out"
	assert_line --index 0 1
	assert_line --index 1 2
	assert_line --index 2 --regexp '^2 3 60$'
}

@test "16 levels of supervisors start, heal at the bottom and stop" {
	local text="process \"leaf\" { command = \"$CHILD\" }" path=leaf i
	for i in {16..1}; do
		text="supervisor \"s$i\" { $text }"
		((i == 1)) || path=s$i/$path
	done
	conf <<<"$text"
	start_tree "$CONF"
	kill_child "$path"
	assert_equal "$(state_of /)" running
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}
