#!/usr/bin/env bats
# Health checks: exec, tcp and http, what they bring about, and supprobe by itself.

bats_require_minimum_version 1.5.0
load helpers

PATIENT=$TOOLS/patient
SUPPROBE=$(dirname "$SUPD")/supprobe
SOCK=$BATS_TEST_TMPDIR/sock

health_of() {
	field health "$1"
}

is_health() {
	[[ $(health_of "$1") == "$2" ]]
}

# said_times N TEXT: supd wrote at least N messages that contain it.
said_times() {
	(($(grep -cF -- "$2" "$BATS_TEST_TMPDIR/supd.log") >= $1))
}

# count_below PID NAME: how many processes of that name are below it.
count_below() {
	local pid n=0 name
	for pid in $(descendants "$1"); do
		{ read -r name <"/proc/$pid/comm"; } 2>/dev/null && [[ $name == "$2" ]] && n=$((n + 1))
	done
	echo "$n"
}

# ill_is_replaced PATH HOW: falls ill, is stopped and started again, well.
ill_is_replaced() {
	local pid
	wait_for 10 is_health "$1" healthy
	pid=$(pid_of "$1")
	kill -USR1 "$pid"
	wait_for 10 reborn "$1" "$pid"
	wait_for 10 is_health "$1" healthy
	gone "$pid"
	assert_equal "$(field restarts "$1")" 1
	assert_equal "$(ctl --json status "$1" | jq -r '.children[0].exit.kind')" unhealthy
	said "$1: health check failed (2 of 2): $2"
}

one_child() {
	conf <<-END
		supervisor "root" {
		    max_restarts = 1000
		    process "a" {
		        command = "$1"
		        health { $2 interval = 100ms retries = 2 }
		    }
		}
	END
	start_tree "$CONF" "${@:3}"
}

@test "http over a unix socket: an ill process is stopped and started again" {
	one_child "$PATIENT -l $LOG -u $SOCK" "http = 'unix:$SOCK:/health'"
	ill_is_replaced a "unix:$SOCK:/health: the answer is 500 Not Today"
	log_is "start a" "stop a" "start a"
}

@test "http over IPv4" {
	local port
	port=$("$PATIENT" -f)
	one_child "$PATIENT -p $port" "http = 'http://127.0.0.1:$port/health'"
	ill_is_replaced a "http://127.0.0.1:$port/health: the answer is 500 Not Today"
}

@test "http that never answers fails by its time-out" {
	one_child "$PATIENT -s hang -u $SOCK" "http = 'unix:$SOCK' timeout = 150ms"
	ill_is_replaced a "unix:$SOCK: no answer within 150ms"
}

@test "tcp to localhost" {
	local port
	port=$("$PATIENT" -f)
	one_child "$PATIENT -s close -p $port" "tcp = $port"
	ill_is_replaced a "$port: Connection refused"
}

@test "exec: its exit status counts, and its first line on stderr says why" {
	touch "$BATS_TEST_TMPDIR/well"
	one_child "$CHILD -l $LOG" "exec = 'sh -c \"test -e $BATS_TEST_TMPDIR/well || { echo no file; echo more; exit 3; } >&2\"'"
	local pid
	wait_for 10 is_health a healthy
	pid=$(pid_of a)
	rm "$BATS_TEST_TMPDIR/well"
	wait_for 10 reborn a "$pid"
	touch "$BATS_TEST_TMPDIR/well"
	wait_for 10 is_health a healthy
	said "a: health check failed (1 of 2): no file"
	said "a: health check failed (2 of 2): no file"
	refute said "more"
}

@test "exec that takes too long is killed with its whole group" {
	one_child "$CHILD" "exec = 'sh -c \"sleep 987 & sleep 987\"' timeout = 200ms"
	wait_for 10 said "a: health check failed (2 of 2): not done within 200ms"
	stop_supd
	run ! pgrep -f "^sleep 987$"
}

@test "a check that cannot be started has failed" {
	one_child "$CHILD" "exec = '/nowhere/check'"
	wait_for 10 said "a: health check failed (2 of 2): exec: No such file or directory"
}

# Two checks of three fail.
@test "one success ends a row of failures" {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$CHILD"
		        health {
		            exec = "sh -c 'echo >>$BATS_TEST_TMPDIR/count; n=\$(wc -l <$BATS_TEST_TMPDIR/count); exit \$((n %% 3 > 0))'"
		            interval = 100ms
		            retries = 3
		        }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 10 lines_in 12 "$BATS_TEST_TMPDIR/count"
	assert_equal "$(field restarts a)" 0
	said "a: health check failed (2 of 3)"
	refute said "(3 of 3)"
}

@test "within start_period failures do not count before the first success" {
	one_child "$PATIENT -x -u $SOCK" "http = 'unix:$SOCK' start_period = 1h" --log-level debug
	local pid
	pid=$(pid_of a)
	wait_for 10 said_times 4 "a: health check failed: unix"
	is_health a starting
	assert_equal "$(pid_of a)" "$pid"
	kill -USR2 "$pid"
	wait_for 10 is_health a healthy
	kill -USR1 "$pid"
	wait_for 10 reborn a "$pid"
	said "a: health check failed (2 of 2)"
}

probe_tree() {
	conf <<-END
		supervisor "root" {
		    process "first" {
		        command = "$PATIENT -x -l $LOG -u $SOCK"
		        ready = probe
		        start_timeout = ${1:-30s}
		        backoff = 0
		        health { http = "unix:$SOCK" interval = 200ms retries = 2 }
		    }
		    process "second" { command = "$CHILD -l $LOG" }
		}
	END
}

has_pid() {
	[[ $(pid_of "$1") =~ ^[1-9] ]]
}

@test "ready = probe: the next child waits for the first success" {
	probe_tree
	start_supd "$CONF" --log-level debug
	wait_for 10 said_times 3 "first: health check failed: unix"
	is_state first starting
	is_state second waiting
	# It waits since this tree has begun, not since the machine has.
	(($(date +%s) - $(date +%s -d "$(field since second)") < 60))
	is_health first starting
	wait_for 5 has_pid first
	kill -USR2 "$(pid_of first)"
	wait_for 10 up_or_gone
	is_state second running
	is_health first healthy
	log_is "start first" "start second"
}

@test "ready = probe: no success within start_timeout is a failed start" {
	probe_tree 700ms
	start_supd "$CONF" --log-level debug
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	said "first: health check failed: unix"
	said "first: start failed: not ready within its start_timeout"
}

@test "health and wait --for healthy say what is wrong" {
	conf <<-END
		supervisor "root" {
		    process "plain" { command = "$CHILD" }
		    supervisor "web" {
		        process "a" {
		            command = "$PATIENT -x -u $SOCK"
		            health { http = "unix:$SOCK" interval = 100ms start_period = 1h }
		        }
		    }
		}
	END
	start_tree "$CONF"
	run -1 ctl health
	assert_output "web/a: running, not found healthy yet"
	run -4 ctl --timeout 300ms wait web --for healthy
	kill -USR2 "$(pid_of web/a)"
	ctl --timeout 10s wait web --for healthy
	run -0 ctl health
	assert_output ""
	run -0 ctl --json health
	assert_output '{"healthy":true,"wrong":[]}'
	ctl stop plain
	run -0 ctl health
}

# heard: something happens, and the reader of events has told of it.
heard() {
	ctl restart other
	grep -q other "$BATS_TEST_TMPDIR/events"
}

@test "a change of health is an event, before what it leads to" {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$PATIENT -u $SOCK"
		        health { http = "unix:$SOCK" interval = 100ms retries = 2 }
		    }
		    process "other" { command = "$CHILD" }
		}
	END
	start_tree "$CONF"
	wait_for 10 is_health a healthy
	ctl --json events >"$BATS_TEST_TMPDIR/events" 2>/dev/null 3>&- &
	local reader=$! pid
	wait_for 10 heard
	pid=$(pid_of a)
	kill -USR1 "$pid"
	wait_for 10 reborn a "$pid"
	wait_for 10 is_health a healthy
	stop_supd
	wait "$reader"
	run jq -r 'select(.path == "a" and (.kind == "health" or .to == "stopping" or .to == "running"))
		| "\(.kind) \(.from) \(.to) \(.why) \(.exit.kind)"' "$BATS_TEST_TMPDIR/events"
	assert_line --index 0 "health healthy unhealthy none null"
	assert_line --index 1 "process running stopping unhealthy unhealthy"
	assert_line --index 2 "health unhealthy starting none null"
	assert_line --index 3 "process starting running ready unhealthy"
	assert_line --index 4 "health starting healthy none null"
}

@test "a check has its child's directory and environment, and nothing else" {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$CHILD"
		        directory = "$BATS_TEST_TMPDIR"
		        environment = { "COLOUR=blue" }
		        umask = 027
		        health {
		            exec = "sh -c 'umask >facts; pwd >>facts; echo \$COLOUR \$SUPD_PATH \$NOTIFY_SOCKET >>facts; ulimit -c >>facts; ls -l /proc/self/fd | wc -l >>facts; mv facts seen'"
		            interval = 100ms
		        }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 10 is_health a healthy
	run cat "$BATS_TEST_TMPDIR/seen"
	assert_line --index 0 0027
	assert_line --index 1 "$(cd "$BATS_TEST_TMPDIR" && pwd -P)"
	assert_line --index 2 "blue a"
	assert_line --index 3 0
	# A heading, 0, 1, 2, and the directory itself.
	assert_line --index 4 5
}

@test "defaults, off, instances, and a template with %n" {
	conf <<-END
		supervisor "root" {
		    defaults { health { exec = "test -e $BATS_TEST_TMPDIR/%n" interval = 100ms retries = 100 } }
		    process "off" { command = "$CHILD" health = off }
		    process "many" { command = "$CHILD" instances = 2 }
		    dynamic "jobs" { process "job" { command = "$CHILD" restart = temporary } }
		}
	END
	touch "$BATS_TEST_TMPDIR/many.1" "$BATS_TEST_TMPDIR/x"
	start_tree "$CONF"
	ctl start-child jobs x
	ctl start-child jobs y
	wait_for 10 is_health many.1 healthy
	wait_for 10 is_health jobs/x healthy
	wait_for 10 said "jobs/y: health check failed"
	is_health jobs/y starting
	is_health many.2 starting
	is_health off none
	ctl start-child / late --set "health={exec=\"true\" interval=100ms}" -- "$CHILD"
	wait_for 10 is_health late healthy
	run ctl inspect jobs/x
	assert_line --regexp "health +exec test -e .*%n, interval 100ms, timeout 5s, retries 100"
}

@test "a suspended process is not ill" {
	one_child "$PATIENT -s hang -u $SOCK" "http = 'unix:$SOCK' timeout = 100ms"
	wait_for 10 is_health a healthy
	local pid
	pid=$(pid_of a)
	ctl suspend a
	run -4 ctl --timeout 1s wait a --for stopped
	assert_equal "$(pid_of a)" "$pid"
	ctl resume a
	is_health a healthy
	refute said "(2 of 2)"
}

full() {
	(($(count_below "$SUPD_PID" sleep) >= 64))
}

@test "at most 64 checks at once; further ones wait" {
	conf <<-END
		supervisor "root" {
		    start = concurrent
		    process "p" {
		        command = "$CHILD"
		        instances = 70
		        health { exec = "sleep 654" interval = 100ms timeout = 20s }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 10 full
	run -4 ctl --timeout 300ms wait p.1 --for stopped
	assert_equal "$(count_below "$SUPD_PID" sleep)" 64
	stop_supd
	run ! pgrep -f "^sleep 654$"
}

@test "without supprobe a tree that needs it is refused, another one is not" {
	mkdir "$BATS_TEST_TMPDIR/alone"
	cp "$SUPD" "$BATS_TEST_TMPDIR/alone/supd"
	local SUPD=$BATS_TEST_TMPDIR/alone/supd
	conf <<<'supervisor "root" { process "a" { command = "sleep 9" health { tcp = 80 } } }'
	start_supd "$CONF"
	supd_ended 10
	[[ $SUPD_STATUS == 3 ]] || skip "an installed supprobe was found"
	said "supprobe"
	conf <<<'supervisor "root" { process "a" { command = "sleep 9" health { exec = true } } }'
	start_tree "$CONF"
}

# ---- supprobe by itself

@test "supprobe: tcp" {
	local port
	port=$("$PATIENT" -f)
	run -1 "$SUPPROBE" tcp "127.0.0.1:$port"
	assert_output "127.0.0.1:$port: Connection refused"
	run -1 "$SUPPROBE" tcp "unix:$SOCK"
	assert_output "unix:$SOCK: No such file or directory"
	"$PATIENT" -p "$port" 3>&- &
	local patient=$!
	wait_for 5 "$SUPPROBE" tcp "localhost:$port"
	run -0 "$SUPPROBE" tcp "$port"
	assert_output ""
	kill -TERM "$patient"
	wait "$patient"
}

says_ill() {
	! "$SUPPROBE" http "unix:$SOCK"
}

@test "supprobe: http" {
	"$PATIENT" -u "$SOCK" 3>&- &
	local patient=$!
	wait_for 5 "$SUPPROBE" http "unix:$SOCK:/a"
	kill -USR1 "$patient"
	wait_for 5 says_ill
	run -1 "$SUPPROBE" -t 1s http "unix:$SOCK"
	assert_output "unix:$SOCK: the answer is 500 Not Today"
	kill -TERM "$patient"
	wait "$patient"
}

@test "supprobe: http over IPv6" {
	[[ -e /proc/net/if_inet6 ]] && grep -q ' lo$' /proc/net/if_inet6 || skip "no IPv6 here"
	local port
	port=$("$PATIENT" -f)
	"$PATIENT" -6 "$port" 3>&- &
	local patient=$!
	wait_for 5 "$SUPPROBE" http "[::1]:$port/"
	run -0 "$SUPPROBE" tcp "localhost:$port"
	kill -TERM "$patient"
	wait "$patient"
}

@test "supprobe: a time-out of its own" {
	"$PATIENT" -x -s hang -u "$SOCK" 3>&- &
	local patient=$!
	wait_for 5 "$SUPPROBE" tcp "unix:$SOCK"
	run -1 "$SUPPROBE" -t 100ms http "unix:$SOCK"
	assert_output "unix:$SOCK: no answer within 100ms"
	kill -TERM "$patient"
	wait "$patient"
}

@test "supprobe: usage" {
	run -2 "$SUPPROBE"
	run -2 "$SUPPROBE" udp 80
	run -2 "$SUPPROBE" -t soon tcp 80
	run -2 "$SUPPROBE" tcp example.com:80
	assert_output --partial "names are not looked up"
	run -0 "$SUPPROBE" --help
	run -0 "$SUPPROBE" --version
}

# why_says PATH TEXT: the paragraph, without its line breaks, contains the text.
why_says() {
	run ctl why "$1"
	output=${output//$'\n'/ }
	assert_output --partial "$2"
}

@test "why names the check that failed, how often in a row, and what it said" {
	local well=$BATS_TEST_TMPDIR/well pid
	touch "$well"
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$CHILD"
		        backoff { initial = 1m }
		        health {
		            exec = "sh -c 'test -e $well || { echo no file >&2; exit 3; }'"
		            interval = 100ms
		            retries = 2
		        }
		    }
		    process "never" {
		        command = "$CHILD"
		        health { tcp = "127.0.0.1:1" interval = 100ms start_period = 1h }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 10 is_health a healthy
	run ctl why a
	refute_output --partial "health check"
	pid=$(pid_of a)
	rm "$well"
	# its first restart is immediate, its second waits
	wait_for 20 is_state a backoff
	why_says a "It was last ended because its health check failed too often, at "
	why_says a "Its health check (exec sh -c test -e $well || { echo no file >&2; exit 3; })"
	assert_output --partial "failed 2 times in a row, the last time "
	assert_output --partial " ago: no file."
	assert_output --partial "its present streak is 2"
	assert_output --partial "The next try comes in "
	run ctl inspect a
	assert_line --regexp '^trouble +failures 2, ago .*, reason no file$'
	# what ended the life before stays to be read, until this one fails
	touch "$well"
	ctl start a
	wait_for 10 is_health a healthy
	why_says a "in a row, the last time "
	# within start_period failures do not count; they can be read
	why_says never "Its health check (tcp 127.0.0.1:1) failed "
	assert_equal "$(field health never)" starting
	# the table is there when supd hangs; the rest is not
	kill -STOP "$SUPD_PID"
	run ctl why a
	kill -CONT "$SUPD_PID"
	assert_output --partial "a is running"
	refute_output --partial "in a row"
}
