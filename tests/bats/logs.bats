#!/usr/bin/env bats
# What becomes of the output of children: log = inherit, null, a section; suplog kept alive; supctl
# logs, why, reopen.

bats_require_minimum_version 1.5.0
load helpers

CHATTER=$TOOLS/chatter
OUT=$BATS_TEST_TMPDIR/supd.out
FILES=$BATS_TEST_TMPDIR/files

setup() {
	mkdir -p "$FILES"
	[[ -x $(dirname "$SUPD")/suplog ]] || skip "suplog is not built"
}

# suplog_pid: the pid of this supd's suplog; nothing when it has none.
suplog_pid() {
	local pid name children
	read -ra children <"/proc/$SUPD_PID/task/$SUPD_PID/children" || true
	for pid in "${children[@]}"; do
		{ read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
		[[ $name == suplog ]] && echo "$pid"
	done
	return 0
}

has_suplog() {
	[[ -n $(suplog_pid) ]]
}

has_another_suplog() {
	local pid
	pid=$(suplog_pid)
	[[ -n $pid && $pid != "$1" ]]
}

# holds FILE TEXT: a line of the file is that text.
holds() {
	[[ -e $1 ]] && grep -qxF -- "$2" "$1"
}

# everything FILE: the file with its archives, oldest first.
everything() {
	local part
	for part in "$1".????????T??????.* "$1"; do
		case $part in
		*'?'*) ;;
		*.gz) gzip -dc "$part" ;;
		*.zst) zstd -qdc "$part" ;;
		*) cat "$part" ;;
		esac
	done
}

# numbered FILE NAME N: of the lines that begin with NAME, each number up to N is there once, in order.
numbered() {
	everything "$1" | awk -v name="$2" -v n="$3" '
		$1 != name { next }
		$2 != ++last { print "after " last - 1 " comes " $2; exit 1 }
		END { if (last != n) { print name ": " last " of " n; exit 1 } }'
}

numbered_quietly() {
	numbered "$@" >/dev/null
}

@test "without a log section there is no suplog, no socket, no descriptor" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "sh -c 'echo as it is; exec sleep 1000'" }
		    process "b" { command = "sh -c 'echo to nobody; ls -l /proc/self/fd >&2; exec sleep 1000'" log = null }
		}
	END
	start_tree "$CONF"
	wait_for 10 holds "$OUT" "as it is"
	refute has_suplog
	[[ ! -e $RUN/logs ]]
	run ls -l "/proc/$(pid_of b)/fd"
	assert_line --regexp " 1 -> /dev/null"
	assert_line --regexp " 2 -> /dev/null"
	refute_line --regexp " [3-9] -> "
	run -1 ctl logs
	assert_output --partial "no child that runs has a log section"
	run -1 ctl logs a
	assert_output --partial "a has no log section: its output goes to supd's own standard output"
	run -1 ctl logs b
	assert_output --partial "b has log = null"
	stop_supd
	refute holds "$OUT" "to nobody"
}

@test "on standard output no line is shared, and streams are told apart" {
	conf <<-END
		supervisor "root" {
		    defaults { log { } }
		    process "one" { command = "sh -c 'for i in 1 2 3 4 5; do printf aaa; sleep 0.02; echo bbb; done; exec sleep 1000'" }
		    process "second" { command = "sh -c 'for i in 1 2 3 4 5; do printf ccc >&2; sleep 0.02; echo ddd >&2; done; exec sleep 1000'" }
		    process "unfinished" { command = "sh -c 'printf the rest; exit 0'" restart = temporary }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 11 "$OUT"
	run grep -cx "one        | aaabbb" "$OUT"
	assert_output 5
	run grep -cx "second     ! cccddd" "$OUT"
	assert_output 5
	holds "$OUT" "unfinished | the"
	run -0 ctl logs --stream err
	assert_output "$(printf 'second ! cccddd\n%.0s' 1 2 3 4 5)"
	run -0 ctl logs one -n 2
	assert_output $'aaabbb\naaabbb'
}

@test "a restarted process has the same pipes; the parts of its life, too" {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command      = "sh -c 'echo life; exec sleep 1000'"
		        before_start = "echo before"
		        after_stop   = "echo after"
		        log { file = "$FILES/%n.log" }
		    }
		}
	END
	start_tree "$CONF"
	local pid out err
	pid=$(pid_of a)
	out=$(readlink "/proc/$pid/fd/1")
	err=$(readlink "/proc/$pid/fd/2")
	[[ $out == pipe:* && $err == pipe:* && $out != "$err" ]]
	kill -KILL "$pid"
	wait_for 10 reborn a "$pid"
	pid=$(pid_of a)
	assert_equal "$(readlink "/proc/$pid/fd/1")" "$out"
	assert_equal "$(readlink "/proc/$pid/fd/2")" "$err"
	ctl restart a
	wait_for 10 lines_in 8 "$FILES/a.log"
	run cat "$FILES/a.log"
	assert_output $'before\nlife\nafter\nbefore\nlife\nafter\nbefore\nlife'
}

@test "suplog killed 20 times: every number once, and nobody notices" {
	conf <<-END
		supervisor "root" {
		    start = concurrent
		    process "w" {
		        command   = "$CHATTER -n 20000 -w %n -r 18000"
		        instances = 4
		        log { file = "$FILES/%n.log" max_size = 64K max_files = infinity }
		    }
		}
	END
	start_tree "$CONF"
	local i pid pids
	pids=$(ctl --json status | jq -c '[.children[].pid]')
	for ((i = 0; i < 20; i++)); do
		wait_for 10 has_suplog
		pid=$(suplog_pid)
		kill -KILL "$pid"
		wait_for 10 has_another_suplog "$pid"
	done
	for i in 1 2 3 4; do
		wait_for 60 numbered_quietly "$FILES/w.$i.log" "w.$i" 20000 ||
			numbered "$FILES/w.$i.log" "w.$i" 20000
	done
	assert_equal "$(ctl --json status | jq -c '[.children[].pid]')" "$pids"
	assert_equal "$(ctl --json status | jq -c '[.children[].restarts] | unique')" '[0]'
	said "suplog killed by SIGKILL"
}

@test "100 services write 1 MB a second each: supd does not" {
	conf <<-END
		supervisor "root" {
		    start = concurrent
		    process "w" {
		        command   = "$CHATTER -n 3000 -p 1000 -r 1000000"
		        instances = 100
		        log { file = "$FILES/all.log" max_size = 1M max_files = 2 }
		    }
		}
	END
	start_tree "$CONF"
	local before after
	before=$(ticks "$SUPD_PID")
	if command -v strace >/dev/null && strace -qq -c -o "$BATS_TEST_TMPDIR/probe" true; then
		timeout 3 strace -qq -c -o "$BATS_TEST_TMPDIR/calls" -p "$SUPD_PID" || true
		run cat "$BATS_TEST_TMPDIR/calls"
		refute_output --regexp ' (write|writev|splice|tee|readv)$'
		refute_output --regexp ' [0-9]{3,} .* (read|recvmsg|recvfrom|epoll_wait)$'
	else
		measured "strace is missing: looked at processor time only"
		timeout 3 tail -f /dev/null || true
	fi
	after=$(ticks "$SUPD_PID")
	measured "100 services at 1 MB/s for 3 s: supd took $((after - before)) ticks of 10 ms"
	((after - before <= 5))
}

# ticks PID: its processor time.
ticks() {
	local stat
	read -r stat <"/proc/$1/stat"
	# shellcheck disable=SC2086 # fields
	set -- ${stat##*) }
	echo $((${12} + ${13}))
}

@test "standard output closes early, and nothing else happens" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHATTER -n 100000 -r 1000000" log { } }
		    process "b" { command = "$CHATTER -n 10" log { file = "$FILES/b" } }
		}
	END
	mkdir -p "$RUN"
	"$SUPD" -c "$CONF" -d "$RUN" 2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null \
		> >(head -n 3 >"$BATS_TEST_TMPDIR/head") &
	SUPD_PID=$!
	wait_for 10 is_state / running
	wait_for 10 lines_in 3 "$BATS_TEST_TMPDIR/head"
	local pid
	pid=$(suplog_pid)
	wait_for 10 numbered_quietly "$FILES/b" b 10
	ctl restart b
	wait_for 10 lines_in 20 "$FILES/b"
	assert_equal "$(suplog_pid)" "$pid"
	assert_equal "$(field restarts a)" 0
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "standard output that nobody reads: services wait, other files do not, the end comes" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHATTER -n 100000 -p 100" log { } shutdown = 1s }
		    process "b" { command = "$CHATTER -n 1000" log { file = "$FILES/b" } }
		    process "c" { command = "$CHATTER -n 50000 -p 100 -x 0" restart = temporary log { on_full = drop } }
		}
	END
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	exec {unread}<>"$BATS_TEST_TMPDIR/fifo"
	mkdir -p "$RUN"
	"$SUPD" -c "$CONF" -d "$RUN" 2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null \
		>"$BATS_TEST_TMPDIR/fifo" {unread}>&- &
	SUPD_PID=$!
	wait_for 10 is_state / running
	wait_for 10 numbered_quietly "$FILES/b" b 1000
	wait_for 20 is_state c ""
	is_state a running
	local began
	began=$(now_ms)
	stop_supd 20
	assert_equal "$SUPD_STATUS" 0
	measured "stop with a standard output that nobody reads: $(($(now_ms) - began)) ms"
	exec {unread}>&-
}

@test "standard output is a terminal: paths in colour, unless NO_COLOR is set" {
	command -v script >/dev/null || skip "script(1) is missing"
	conf <<-END
		supervisor "root" {
		    process "a" { command = "sh -c 'echo hello; exec sleep 1000'" log { } }
		}
	END
	mkdir -p "$RUN"
	TERM=xterm script -qfc "exec $SUPD -c $CONF -d $RUN" "$BATS_TEST_TMPDIR/typescript" \
		>/dev/null 2>&1 3>&- </dev/null &
	local script=$!
	wait_for 10 grep -qa hello "$BATS_TEST_TMPDIR/typescript"
	grep -qa $'\e\[3[0-9]ma | \e\[0mhello' "$BATS_TEST_TMPDIR/typescript"
	ctl shutdown
	wait_for 10 gone "$script"
	rm "$BATS_TEST_TMPDIR/typescript"
	NO_COLOR=1 TERM=xterm script -qfc "exec $SUPD -c $CONF -d $RUN" "$BATS_TEST_TMPDIR/typescript" \
		>/dev/null 2>&1 3>&- </dev/null &
	script=$!
	wait_for 10 grep -qa '^a | hello' "$BATS_TEST_TMPDIR/typescript"
	ctl shutdown
	wait_for 10 gone "$script"
}

@test "the stop writes all that is left" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHATTER -n 10 -t 50000" log { file = "$FILES/a" } }
		    process "b" { command = "$CHATTER -n 10 -t 50000" log { streams = merged prefix = false } }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 10 "$FILES/a"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
	numbered "$FILES/a" a 50010
	numbered "$OUT" b 50010
	[[ ! -e $RUN/logs ]]
}

@test "the stop writes all that is left, with suplog killed in it" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHATTER -n 10 -t 2000" log { file = "$FILES/a" } }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 10 "$FILES/a"
	local pid
	pid=$(suplog_pid)
	kill -STOP "$pid"
	kill -TERM "$SUPD_PID"
	wait_for 10 said "/: stopped"
	kill -KILL "$pid"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	numbered "$FILES/a" a 2010
}

@test "children that come at run time are logged, and their last words survive suplog" {
	conf <<-END
		supervisor "root" {
		    dynamic "jobs" {
		        process "job" {
		            command = "$CHATTER -x 0"
		            restart = temporary
		            log { file = "$FILES/%n.log" }
		        }
		    }
		    process "first" { command = "$CHATTER -n 1" log { file = "$FILES/first" } }
		}
	END
	start_tree "$CONF"
	ctl start-child jobs one -- -n 100 -w one
	wait_for 10 numbered_quietly "$FILES/one.log" one 100
	ctl start-child / late --set "log={file=$FILES/late.log timestamps=true}" -- "$CHATTER" -n 3
	wait_for 10 lines_in 3 "$FILES/late.log"
	grep -qE '^20[0-9]{2}-[0-9T:.-]+Z late 1$' "$FILES/late.log"
	run -0 ctl logs late
	assert_output $'late 1\nlate 2\nlate 3'
	# A task has its caller's descriptors.
	run -0 ctl run jobs -- echo "to the caller"
	assert_output "to the caller"
	# It is gone from the tree before suplog reads a word of it.
	local pid pipes
	pid=$(suplog_pid)
	pipes=$(pipes)
	kill -STOP "$pid"
	ctl start-child jobs two -- -n 100 -w two
	wait_for 10 is_state jobs/two ""
	kill -KILL "$pid"
	wait_for 10 numbered_quietly "$FILES/two.log" two 100
	wait_for 10 has_pipes "$pipes"
}

# pipes: how many descriptors of pipes supd has.
pipes() {
	find "/proc/$SUPD_PID/fd" -lname 'pipe:*' | wc -l
}

has_pipes() {
	(($(pipes) == $1))
}

@test "supctl logs: several children by time, the last ones, since then, as JSON" {
	conf <<-END
		supervisor "root" {
		    supervisor "web" {
		        process "app" { command = "sh -c 'echo one; sleep 0.05; echo three; exec sleep 1000'" log { file = "$FILES/app" timestamps = rfc3339 } }
		        process "db" { command = "sh -c 'sleep 0.02; echo two; sleep 0.06; echo four >&2; exec sleep 1000'" log { } }
		    }
		    process "other" { command = "sh -c 'printf \"\\\\377\\\\n\"; exec sleep 1000'" log { file = "$FILES/other" format = json } }
		}
	END
	start_tree "$CONF"
	wait_for 10 holds "$OUT" "web/db ! four"
	wait_for 10 lines_in 2 "$FILES/app"
	wait_for 10 lines_in 1 "$FILES/other"
	run -0 ctl logs web
	assert_output $'web/app | one\nweb/db  | two\nweb/app | three\nweb/db  ! four'
	run -0 ctl logs web -n 2
	assert_output $'web/app | three\nweb/db  ! four'
	run -0 ctl logs app
	assert_output $'one\nthree'
	run -0 ctl logs -t app -n 1
	assert_output --regexp '^20[0-9T:.-]+Z three$'
	run -0 ctl --json logs db -n 1
	assert_equal "$(jq -c 'del(.time)' <<<"$output")" '{"path":"web/db","stream":"err","line":"four"}'
	run -0 ctl --json logs other
	assert_equal "$(jq -c 'del(.time)' <<<"$output")" \
		'{"path":"other","stream":"out","line":"ÿ","binary":true}'
	run -0 ctl logs web --since 1h
	assert_line "web/app | one"
	run -0 ctl logs web --since 2999-01-01T00:00:00Z
	assert_output ""
	run -2 ctl logs --since yesterday
	assert_output --partial "--since takes a duration"
	run -2 ctl logs -n many
	run -2 ctl logs --stream both
	run -1 ctl logs appp
	assert_output --partial "did you mean"
}

@test "supctl logs reads the file of a child that is silent since suplog was killed" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "sh -c 'echo one; echo two; exec sleep 1000'" log { file = "$FILES/a" } }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 2 "$FILES/a"
	local pid
	pid=$(suplog_pid)
	kill -KILL "$pid"
	wait_for 10 has_another_suplog "$pid"
	run -0 ctl logs a
	assert_output $'one\ntwo'
}

@test "supctl logs: many files with few descriptors; what cannot be read is a failure" {
	local i
	conf < <(
		echo 'supervisor "root" { start = concurrent'
		for i in {1..40}; do
			echo "process \"p$i\" { command = \"sh -c 'echo $i; exec sleep 1000'\" log { file = \"$FILES/%n\" } }"
		done
		echo "process \"lost\" { command = \"sh -c 'echo lost; exec sleep 1000'\" log { file = \"$FILES/no/file\" } }"
		echo '}'
	)
	start_tree "$CONF"
	for i in {1..40}; do wait_for 10 lines_in 1 "$FILES/p$i"; done
	# shellcheck disable=SC2016 # the inner shell expands it
	run -0 --separate-stderr bash -c 'ulimit -Sn 32; exec "$1" -d "$2" logs' - "$SUPCTL" "$RUN"
	assert_equal "${#lines[@]}" 40
	run -0 ctl logs lost
	assert_output --partial "$FILES/no/file cannot be made"
	rm "$FILES/p1"
	mkfifo "$FILES/p1"
	run -1 timeout 10 "$SUPCTL" -d "$RUN" logs p1
	assert_output --partial "not a regular file"
}

# followed N FILE: so many lines have come.
followed() {
	lines_in "$1" "$2"
}

@test "supctl logs -f follows across rotation, compression and restarts of suplog's files" {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$CHATTER -n 2000 -p 50 -r 100000"
		        log { file = "$FILES/a" max_size = 8K max_files = infinity compress = gzip }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 10 "$FILES/a"
	ctl logs -f -n all a >"$BATS_TEST_TMPDIR/followed" 2>"$BATS_TEST_TMPDIR/followed.err" 3>&- &
	local reader=$!
	wait_for 30 followed 2000 "$BATS_TEST_TMPDIR/followed"
	numbered "$BATS_TEST_TMPDIR/followed" a 2000
	numbered "$FILES/a" a 2000
	run -0 ctl logs a
	assert_equal "${#lines[@]}" 2000
	echo "$output" >"$BATS_TEST_TMPDIR/all"
	numbered "$BATS_TEST_TMPDIR/all" a 2000
	run -0 ctl logs a -n 300
	assert_equal "${#lines[@]}" 300
	stop_supd
	wait_for 10 gone "$reader"
	grep -q "has ended" "$BATS_TEST_TMPDIR/followed.err"
}

@test "supctl why shows what it said before it died, and does not wait for suplog" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 100
		    process "a" {
		        command = "sh -c 'echo hello; sleep 0.1; echo no such table >&2; exit 3'"
		        backoff { initial = 1h }
		        log { file = "$FILES/a" timestamps = true }
		    }
		}
	END
	start_supd "$CONF"
	wait_for 10 is_state a backoff
	wait_for 10 lines_in 4 "$FILES/a"
	run -0 ctl why a
	assert_line "Before it ended it wrote:"
	assert_line --index -1 "  | no such table"
	run -0 ctl --json why a
	assert_equal "$(jq -r '.output[-1].line' <<<"$output")" "no such table"
	local pid
	pid=$(suplog_pid)
	kill -STOP "$pid"
	run -0 timeout 5 "$SUPCTL" -d "$RUN" why a
	assert_output --partial "exit status 3"
	kill -CONT "$pid"
}

@test "supctl reopen: a renamed file is left alone" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHATTER -n 5 -t 5" log { file = "$FILES/a" } }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 5 "$FILES/a"
	mv "$FILES/a" "$FILES/a.old"
	ctl reopen
	ctl restart a
	wait_for 10 numbered_quietly "$FILES/a" a 5 || wait_for 10 lines_in 10 "$FILES/a"
	run cat "$FILES/a.old"
	assert_equal "${#lines[@]}" 5
}

@test "supd killed: suplog writes what is left, and ends" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHATTER -n 1000 -x 0" restart = temporary log { file = "$FILES/a" } }
		    process "b" { command = "$CHILD" log { } }
		}
	END
	start_tree "$CONF"
	wait_for 10 has_suplog
	local pid left
	pid=$(suplog_pid)
	left=$(pid_of b)
	kill -KILL "$SUPD_PID"
	wait_for 10 gone "$SUPD_PID"
	SUPD_PID=
	kill -KILL "$left"
	wait_for 10 gone "$pid"
	numbered "$FILES/a" a 1000
}

@test "without suplog a tree that needs it is refused, another one is not" {
	mkdir "$BATS_TEST_TMPDIR/alone"
	cp "$SUPD" "$BATS_TEST_TMPDIR/alone/supd"
	local SUPD=$BATS_TEST_TMPDIR/alone/supd
	conf <<<'supervisor "root" { process "a" { command = "sleep 9" log { } } }'
	start_supd "$CONF"
	supd_ended 10
	[[ $SUPD_STATUS == 3 ]] || skip "an installed suplog was found"
	said "suplog"
	conf <<<'supervisor "root" { process "a" { command = "sleep 9" log = null } }'
	start_tree "$CONF"
	run -1 ctl start-child / late --set "log={}" -- sleep 9
}

@test "who has a role may read lines, a stranger may not" {
	((EUID == 0)) || skip "only root can become other users"
	command -v setpriv >/dev/null || skip "no setpriv here (util-linux)"
	local base
	base=$(mktemp -d /tmp/supd-logs.XXXXXX)
	chmod 755 "$base"
	cp "$SUPCTL" "$base/supctl"
	RUN=$base/run
	conf <<-END
		control { mode = 0666 observers = {54321, "@54330"} }
		supervisor "root" { process "a" { command = "sh -c 'echo hello; exec sleep 1000'" log { } } }
	END
	start_tree "$CONF"
	wait_for 10 holds "$OUT" "a | hello"
	run stat -c %a "$RUN/logs"
	assert_output 666
	run -0 setpriv --reuid 54321 --regid 54321 --clear-groups "$base/supctl" -d "$RUN" logs a
	assert_output hello
	run -0 setpriv --reuid 54322 --regid 54322 --groups 54330 "$base/supctl" -d "$RUN" logs a
	assert_output hello
	run -4 setpriv --reuid 54323 --regid 54323 --clear-groups "$base/supctl" -d "$RUN" logs a
	refute_output --partial hello
	end_supd
	rm -r "$base"
}

@test "suplog as a user of its own, also the next one" {
	((EUID == 0)) || skip 'only root can'
	local first
	chown nobody "$FILES"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
	conf <<-END
		log_user = nobody
		supervisor "root" {
			process "a" { command = "sh -c 'echo one; read -r _ <\$0; echo two; exec sleep 1000' $FILES/go"
				log { file = "$FILES/a.log" } }
		}
	END
	mkfifo "$FILES/go"
	start_tree "$CONF"
	wait_for 10 holds "$FILES/a.log" one
	assert_equal "$(stat -c %U "$FILES/a.log")" nobody
	first=$(suplog_pid)
	assert_equal "$(stat -c %U "/proc/$first")" nobody
	kill -KILL "$first"
	wait_for 10 has_another_suplog "$first"
	echo >"$FILES/go"
	wait_for 10 holds "$FILES/a.log" two
	assert_equal "$(cat "$FILES/a.log")" $'one\ntwo'
}
