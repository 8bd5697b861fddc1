#!/usr/bin/env bats
# sinks.bats - events to the input of a command, and to a statsd server.

bats_require_minimum_version 1.5.0
load helpers

SUPSINK=$(dirname "$SUPD")/supsink
SERVER_PID=

teardown() {
	end_supd
	if [[ -n $SERVER_PID ]]; then
		kill "$SERVER_PID" 2>/dev/null || true
		wait "$SERVER_PID" || true
	fi
}

# tree SINK...: a tree with these sinks.
tree() {
	conf <<-END
		$(printf '%s\n' "$@")
		supervisor "shop" {
		    max_restarts = 1000000
		    process "db" { command = "$CHILD" backoff = 0 }
		    process "web" { command = "$CHILD -l $LOG" backoff = 0 }
		}
	END
	start_tree "$CONF"
}

# sink_pid NAME: the process of a sink.
sink_pid() {
	local pid
	# shellcheck disable=SC2013 # a list of words
	for pid in $(cat "/proc/$SUPD_PID/task/$SUPD_PID/children"); do
		if tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx "SUPD_NAME=$1"; then
			echo "$pid"
			return 0
		fi
	done
	return 1
}

has_event() {
	[[ -e $BATS_TEST_TMPDIR/out ]] && jq -se "any(.[]; $1)" "$BATS_TEST_TMPDIR/out" >/dev/null 2>&1
}

@test "a command gets every event from the first to the last, and is no child of the tree" {
	tree "sink \"audit\" { command = \"tee $BATS_TEST_TMPDIR/out\" }"
	wait_for 30 has_event '.path == "/" and .to == "running"'
	ctl restart db
	wait_for 30 has_event '.kind == "operator" and .by.pid > 0'
	run ctl status
	refute_output --partial audit
	stop_supd
	[[ $(jq -s 'map(.seq) == [range(1; length + 1)]' "$BATS_TEST_TMPDIR/out") == true ]]
	[[ $(jq -rs '.[-1] | "\(.path) \(.to)"' "$BATS_TEST_TMPDIR/out") == "/ stopped" ]]
	refute grep -q '"lost"' "$BATS_TEST_TMPDIR/out"
}

@test "one that dies is started again and goes on where it was" {
	local pid
	tree "sink \"audit\" { command = \"sh -c 'exec cat >>$BATS_TEST_TMPDIR/out'\" }"
	wait_for 30 has_event '.path == "/" and .to == "running"'
	pid=$(sink_pid audit)
	kill -9 "$pid"
	# What comes before it is dead may be written to it, and is gone with it.
	wait_for 30 said "sink audit killed by SIGKILL; again in 100ms"
	ctl restart web
	wait_for 30 has_event '.path == "web" and .to == "running" and .seq > 8'
	[[ $(jq -s 'map(.seq) == [range(1; length + 1)]' "$BATS_TEST_TMPDIR/out") == true ]]
	[[ $(sink_pid audit) != "$pid" ]]
}

@test "one that fails is tried again, ever more seldom, and the tree does not notice" {
	tree 'sink "bad" { command = "false" }' 'sink "none" { command = "/no/such/program" }'
	wait_for 30 said "sink bad exited with status 1; again in 400ms"
	said "sink none cannot be started: exec: No such file or directory"
	is_state / running
}

@test "one that closes its input is stopped and started again" {
	tree "sink \"shy\" { command = \"sh -c 'exec sleep 1000 <&-'\" }"
	wait_for 30 said "sink shy has closed its input, and was stopped; again in 100ms"
}

@test "one that does not read holds nobody up, and is told what it lost" {
	local i pid
	tree "sink \"slow\" { command = \"sh -c 'exec cat >$BATS_TEST_TMPDIR/out'\" }"
	wait_for 30 has_event '.path == "/" and .to == "running"'
	pid=$(sink_pid slow)
	kill -STOP "$pid"
	for ((i = 0; i < 10; i++)); do
		ctl restart db db db db db db db db db db db db db db db db db db db db db db db db db \
			db db db db db db db db db db db db db db db db db db db db db db db db db
	done
	is_state / running
	kill -CONT "$pid"
	wait_for 30 has_event '.lost > 0'
	stop_supd
	# Each number is there, or counted as lost.
	[[ $(jq -s 'reduce .[] as $e ({seq: 0, good: true};
		{seq: $e.seq, good: (.good and $e.seq == .seq + 1 + ($e.lost // 0))}) | .good' \
		"$BATS_TEST_TMPDIR/out") == true ]]
}

@test "one that never reads does not hold up the end for long" {
	tree "sink \"deaf\" { command = \"sleep 1000\" }"
	local began pid
	pid=$(sink_pid deaf)
	began=$(now_ms)
	stop_supd
	(($(now_ms) - began < 15000))
	gone "$pid"
}

# listen: a statsd server on a free port; its datagrams go to $BATS_TEST_TMPDIR/metrics.
listen() {
	"$TOOLS/udp_server" >"$BATS_TEST_TMPDIR/metrics" 3>&- &
	SERVER_PID=$!
	wait_for 30 lines_in 1 "$BATS_TEST_TMPDIR/metrics"
	read -r PORT <"$BATS_TEST_TMPDIR/metrics"
}

heard() {
	grep -qxF -- "$1" "$BATS_TEST_TMPDIR/metrics"
}

@test "statsd: restarts, exits, limits and what is up are metrics" {
	listen
	tree "sink \"graphs\" { statsd = \"127.0.0.1:$PORT\" }"
	wait_for 30 heard "supd.up.db:1|g"
	wait_for 30 heard "supd.up.root:1|g"
	kill -9 "$(pid_of db)"
	wait_for 30 heard "supd.exits.db:1|c"
	wait_for 30 heard "supd.restarts.db:1|c"
	ctl stop web
	wait_for 30 heard "supd.operators.stop:1|c"
	wait_for 30 heard "supd.up.web:0|g"
}

@test "supsink: usage, and lines that are no events" {
	run -2 "$SUPSINK"
	assert_output --partial "usage: supsink"
	run -2 "$SUPSINK" statsd example.org:8125
	assert_output --partial "names are not looked up"
	run -0 "$SUPSINK" --help
	run -0 "$SUPSINK" statsd 127.0.0.1:9 <<<$'nonsense\n{}\n[1]\n{"seq":1,"path":"a","kind":"process"}'
	head -c 200000 /dev/zero | run -0 "$SUPSINK" statsd 127.0.0.1:9
}
