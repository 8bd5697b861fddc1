#!/usr/bin/env bats
# Children that come at run time, dynamic and partition supervisors, with the real programs.

load helpers

# root: db, jobs (dynamic), shards (partition of 3).
house() {
	conf <<-END
		supervisor "house" {
		    process "db" { command = "$TOOLS/pause" }
		    dynamic "jobs" {
		        max_children = 3
		        max_restarts = 10
		        process "job" {
		            command = "$CHILD -l $LOG"
		            restart = transient
		            backoff = 0
		        }
		    }
		    partition "shards" {
		        partitions = 3
		        process "shard" { command = "sh -c 'exec $TOOLS/pause' shard %i" }
		    }
		}
	END
	start_tree "$CONF"
}

# follow FILE: the events, as JSON lines, from now on; EVENTS_PID is their reader.
follow() {
	"$SUPCTL" -d "$RUN" events --json >"$1" 2>/dev/null 3>&- &
	EVENTS_PID=$!
	# It stands when an event of our own comes through.
	wait_for 10 heard "$1"
}

heard() {
	ctl restart db && [[ -s $1 ]]
}

@test "an instance runs the template's command with words appended, under its name" {
	house
	run ctl start-child jobs report -- -d "$BATS_TEST_TMPDIR/dump"
	assert_success
	assert_output jobs/report
	wait_for 10 test -s "$BATS_TEST_TMPDIR/dump"
	is_state jobs/report running
	run ctl --json start-child jobs
	assert_success
	assert_equal "$(jq -r .path <<<"$output")" jobs/job-1
	assert_equal "$(jq .pid <<<"$output")" "$(pid_of jobs/job-1)"
	run ctl start jobs
	assert_success
	is_state jobs/job-2 running
	wait_for 10 lines_in 3 "$LOG"
	log_is "start jobs/report" "start jobs/job-1" "start jobs/job-2"
	run ctl start-child jobs
	assert_failure 1
	assert_output --partial "it has as many children as it may have"
	run ctl count jobs
	assert_output "$(printf '%-12s %s\n' specs 3 active 3 supervisors 0 workers 3)"
	run ctl status jobs
	assert_line --index 1 --partial "jobs (dynamic, 3 of 3)"
}

@test "a name that is taken, a setting, a command that is not there: refused, and nothing left" {
	house
	ctl start-child jobs a
	run ctl start-child jobs a
	assert_failure 1
	assert_output --partial "the name is taken: jobs/a is running"
	run ctl start-child jobs b --set restart=permanent
	assert_failure 1
	assert_output --partial "--set has no place there"
	run ctl start-child db x -- true
	assert_failure 1
	run ctl start-child shards x -- true
	assert_failure 1
	run ctl start-child / x -- /nonexistent
	assert_failure 1
	assert_output --partial "exec: No such file or directory"
	run ctl count /
	assert_output "$(printf '%-12s %s\n' specs 3 active 3 supervisors 2 workers 1)"
	ctl stop jobs
	run ctl start-child jobs b
	assert_failure 1
	assert_output --partial "it is stopped: start it first"
	ctl start jobs
	run ctl count jobs
	assert_line --index 0 --regexp '^specs +0$'
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "an instance is restarted alone, in place, under its name" {
	house
	local pids=()
	for name in a b c; do
		ctl start-child jobs "$name"
		pids+=("$(pid_of "jobs/$name")")
	done
	kill -KILL "${pids[1]}"
	wait_for 10 reborn jobs/b "${pids[1]}"
	assert_equal "$(pid_of jobs/a) $(pid_of jobs/c)" "${pids[0]} ${pids[2]}"
	run jq -r '.children[] | select(.path | startswith("jobs/")) | .name' <(ctl --json status)
	assert_output "$(printf '%s\n' a b c)"
	ctl restart jobs/a
	reborn jobs/a "${pids[0]}"
	# A stopped instance is removed.
	ctl stop jobs/c
	run ctl start jobs/c
	assert_failure 1
}

@test "instances are stopped together when their supervisor is" {
	house
	for name in a b c; do ctl start-child jobs "$name"; done
	follow "$BATS_TEST_TMPDIR/events"
	ctl stop jobs
	wait_for 10 grep -q '"jobs".*"to":"stopped"' "$BATS_TEST_TMPDIR/events"
	kill "$EVENTS_PID"
	run jq -r 'select(.path | startswith("jobs/")) | .to' "$BATS_TEST_TMPDIR/events"
	assert_line --index 0 stopping
	assert_line --index 1 stopping
	assert_line --index 2 stopping
	refute_line --index 3 stopping
}

@test "a child below a static supervisor has a command and settings of its own, until it is deleted" {
	house
	run ctl start-child / extra --set restart=temporary --set shutdown=1s \
		--set environment=COLOUR=blue -- sh -c "echo \$COLOUR >$LOG; exec $TOOLS/pause"
	assert_success
	assert_output extra
	wait_for 10 test -s "$LOG"
	log_is blue
	run ctl --json inspect extra
	assert_equal "$(jq -r '.spec.restart, .spec.shutdown, .added, .spec.command[0]' <<<"$output" |
		paste -sd' ')" "temporary 1s true sh"
	run ctl start-child / other --set restrat=temporary -- true
	assert_failure 1
	assert_output --partial "did you mean 'restart'?"
	ctl start-child / kept -- "$TOOLS/pause"
	run ctl delete kept
	assert_failure 1
	assert_output --partial "stop it first"
	ctl stop kept
	is_state kept stopped
	run ctl start-child / kept -- "$TOOLS/pause"
	assert_failure 1
	assert_output --partial "the name is taken: kept is stopped"
	ctl delete kept
	run ctl status kept
	assert_failure 1
	# It goes to the end of the order, and is stopped first.
	ctl start-child / kept -- "$TOOLS/pause"
	run jq -r '.children[-1].path' <(ctl --json status)
	assert_output kept
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

lines_of_blue() {
	(($(grep -c blue "$LOG") == $1))
}

@test "a child below a static supervisor inherits the defaults above it, also after a restart" {
	conf <<-END
		supervisor "house" {
		    defaults {
		        environment = { "COLOUR=red", "SIZE=big" } directory = "/etc"
		        limits { core = 0 nofile = 64 } instances = 2
		    }
		    process "db" { command = "$TOOLS/pause" }
		    supervisor "web" {
		        defaults { environment = "COLOUR=blue" shutdown = 2s restart = transient }
		    }
		}
	END
	start_tree "$CONF"
	local show="echo \$COLOUR\$SIZE \$PWD \$(ulimit -n) \$(ulimit -c) >>$LOG; exec $TOOLS/pause"
	ctl start-child / out -- sh -c "$show"
	wait_for 10 test -s "$LOG"
	log_is "redbig /etc 64 0"
	ctl start-child web in --set directory=/usr --set limits.nofile=65 -- sh -c "$show"
	wait_for 10 grep -q blue "$LOG"
	log_is "redbig /etc 64 0" "blue /usr 65 0"
	run jq -r '.spec.restart, .spec.shutdown' <(ctl --json inspect web/in)
	assert_output $'transient\n2s'
	# One that dies comes back as it was.
	kill -KILL "$(pid_of web/in)"
	wait_for 10 lines_of_blue 2
	run ctl start-child web bad --set ready=fd:3 --set sockets.x=1 -- true
	assert_failure 1
	assert_output --partial "unknown key 'sockets.x'"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "what is wrong with an inherited setting is told with its file and line" {
	conf <<-END
		supervisor "house" {
		    process "db" { command = "$TOOLS/pause" }
		    supervisor "web" {
		        defaults {
		            environment_file = "gone"
		        }
		    }
		}
	END
	echo A=1 >"$BATS_TEST_TMPDIR/gone"
	start_tree "$CONF"
	ctl start-child web one -- "$TOOLS/pause"
	rm "$BATS_TEST_TMPDIR/gone"
	run ctl start-child web two -- "$TOOLS/pause"
	assert_failure 1
	assert_output --partial "$CONF:5: "
}

@test "a key leads to its partition, from the table and from supd alike" {
	house
	run ctl whereis shards --key 7
	assert_output "$(pid_of shards/shard.1)"
	run ctl whereis shards --key -1
	assert_output "$(pid_of shards/shard.2)"
	for key in a customer-17 "" 100000000000000000000000 1.5; do
		assert_equal "$(ctl whereis shards --key "$key")" "$(pid_of "$(
			asked "$key")")"
	done
	run ctl whereis shards
	assert_failure 1
	# A stopped partition does not send its keys elsewhere.
	ctl stop shards/shard.1
	run ctl whereis shards --key 7
	assert_failure 1
	assert_output --partial "shards/shard.1 has no process: it is stopped"
	run ctl status shards
	assert_line --index 1 --partial "shards (partition, 2 of 3)"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

# asked KEY: the path that supd itself names.
asked() {
	printf '{"method":"org.supd.Supervisor.WhereIs","parameters":{"name":"shards","key":"%s"}}' \
		"$1" >"$BATS_TEST_TMPDIR/call"
	perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die;
		open my $f, "<", $ARGV[1] or die;
		print {$s} readline($f), "\0";
		$s->flush;
		$/ = "\0";
		my $reply = <$s>;
		chop $reply;
		print $reply;' "$RUN/control" "$BATS_TEST_TMPDIR/call" | jq -r .parameters.path
}

@test "wait returns when it is so, and tells when it is not" {
	house
	run ctl wait db --for running
	assert_success
	run ctl wait db --for stopped --timeout 100ms
	assert_failure 4
	assert_output --partial "db is not stopped within 100ms: it is running"
	ctl start-child jobs a
	in_background wait jobs/a --for stopped --timeout 20s
	wait_for 10 connected "$WAITER"
	ctl stop jobs/a
	wait "$WAITER"
	# It is no more; its supervisor being dynamic, that is how instances end.
	run ctl wait jobs/a --for stopped
	assert_success
	run ctl wait nobody --for stopped
	assert_failure 1
	ctl stop db
	in_background wait db --for healthy --timeout 20s
	wait_for 10 connected "$WAITER"
	ctl start db
	wait "$WAITER"
	in_background wait / --for stopped --timeout 20s
	wait_for 10 connected "$WAITER"
	stop_supd
	wait "$WAITER"
}

# in_background ARGUMENT...: WAITER is this supctl.
in_background() {
	"$SUPCTL" -d "$RUN" "$@" >"$BATS_TEST_TMPDIR/waited" 2>&1 3>&- </dev/null &
	WAITER=$!
}

# connected PID: it has a socket.
connected() {
	find "/proc/$1/fd" -lname 'socket:*' 2>/dev/null | grep -q .
}

@test "inspect shows state, specification and template" {
	house
	run ctl inspect jobs
	assert_success
	assert_line --regexp '^path +jobs$'
	assert_line --regexp '^max_children +3$'
	assert_line --regexp "^command +$CHILD -l $LOG\$"
	ctl start-child jobs a -- "two words" "it's"
	run ctl inspect a
	assert_line --regexp "^command +$CHILD -l $LOG 'two words' 'it'\\\\''s'\$"
	assert_line --regexp '^added +yes$'
	assert_line --regexp '^restart +transient$'
	run ctl --json inspect /
	assert_equal "$(jq -r '.child.path, .spec.strategy, .spec.max_restarts' <<<"$output" |
		paste -sd' ')" "/ one_for_one 3"
	run ctl inspect jbos
	assert_failure 1
	assert_output --partial "did you mean jobs?"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}
