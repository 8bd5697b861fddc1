#!/usr/bin/env bats
# 10,000 children in one tree. Times are shown, never asserted: limits are for what hangs.

load helpers

N=10000
[[ -z ${SHORT:-} ]] || N=1000

flat() {
	conf < <(awk -v n="$1" -v command="$TOOLS/pause" 'BEGIN {
		print "supervisor \"root\" {"
		for (i = 1; i <= n; i++)
			printf "    process \"p%d\" { command = \"%s\" }\n", i, command
		print "}"
	}')
	LAST=p$1 MIDDLE=p$(($1 / 2))
}

nested() {
	conf < <(awk -v n="$1" -v command="$TOOLS/pause" 'BEGIN {
		print "supervisor \"root\" {"
		for (i = 1; i <= n / 100; i++) {
			printf "    supervisor \"s%d\" {\n", i
			for (j = 1; j <= 100; j++)
				printf "        process \"p%d\" { command = \"%s\" }\n", j, command
			print "    }"
		}
		print "}"
	}')
	LAST=s$(($1 / 100))/p100 MIDDLE=s$(($1 / 200))/p50
}

# live WHAT N: starts, shows, heals, restarts and stops the tree in $CONF.
live() {
	local what=$1 n=$2 pid t0 t1 t2 t3 t4 t5
	t0=$(now_ms)
	start_supd "$CONF"
	wait_for 60 up_or_gone "$LAST"
	is_state "$LAST" running
	t1=$(now_ms)
	ctl status >"$BATS_TEST_TMPDIR/table"
	t2=$(now_ms)
	(($(wc -l <"$BATS_TEST_TMPDIR/table") >= n))
	assert_equal "$(ctl --json status | jq '[.children[] | select(.kind == "process" and
		.state == "running")] | length')" "$n"
	pid=$(pid_of "$MIDDLE")
	kill -KILL "$pid"
	wait_for 20 reborn "$MIDDLE" "$pid"
	pid=$(pid_of "$MIDDLE")
	t3=$(now_ms)
	ctl --timeout 20s restart "$MIDDLE"
	t4=$(now_ms)
	reborn "$MIDDLE" "$pid"
	stop_supd 80
	t5=$(now_ms)
	assert_equal "$SUPD_STATUS" 0
	measured "$what: start $((t1 - t0)) ms, status $((t2 - t1)) ms," \
		"restart of one $((t4 - t3)) ms, stop $((t5 - t4)) ms"
}

@test "a tenth of it, for comparison" {
	flat $((N / 10))
	live "$((N / 10)) flat" $((N / 10))
}

@test "10,000 children of one supervisor start, are shown, heal and stop" {
	flat "$N"
	live "$N flat" "$N"
}

@test "10,000 children in 100 supervisors start, are shown, heal and stop" {
	nested "$N"
	live "$N nested" "$N"
}

@test "10,000 children under a hard limit of 1,024 descriptors" {
	flat "$N"
	ulimit -Sn 1024
	ulimit -Hn 1024
	live "$N flat with 1,024 descriptors" "$N"
}
