#!/usr/bin/env bats
# Tasks: supctl run with the real programs. A task has its caller's own input and output and ends
# with it; nothing of it is left.

load helpers

# With SOAK (make soak) more of them.
TASKS=1000
[[ -z ${SHORT:-} ]] || TASKS=200
[[ -z ${SOAK:-} ]] || TASKS=5000

tasks() {
	conf <<-END
		supervisor "root" {
		    dynamic "tasks" {
		        max_children = ${1:-50}
		        process "task" { command = "false" restart = temporary shutdown = 2s }
		    }
		    process "db" { command = "$TOOLS/pause" }
		}
	END
	start_tree "$CONF"
}

descriptors() {
	find "/proc/$SUPD_PID/fd" -mindepth 1 | wc -l
}

rss_kb() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$SUPD_PID/status"
}

# left N: of the supervisor of tasks, that many children.
left() {
	[[ $(ctl --json count tasks | jq .specs) == "$1" ]]
}

children_are() {
	[[ $(descendants "$SUPD_PID" | wc -l) == "$1" ]]
}

descriptors_are() {
	[[ $(descriptors) == "$1" ]]
}

# in_background FILE ARGUMENT...: supctl with its output in FILE; RUN_PID is it.
in_background() {
	local file=$1
	shift
	"$SUPCTL" -d "$RUN" "$@" >"$file" 2>&1 3>&- </dev/null &
	RUN_PID=$!
}

@test "the task's exit status is supctl's" {
	tasks
	for status in 0 1 42 255; do
		run ctl run tasks -- sh -c "exit $status"
		assert_equal "$status" "$status"
		[[ $status == 0 ]] && assert_success || assert_failure "$status"
		assert_output ""
	done
	run ctl run tasks -- sh -c 'kill -KILL $$'
	assert_failure 137
	run ctl run tasks -- sh -c 'kill -USR1 $$'
	assert_failure 138
	run ctl run tasks -- /nonexistent
	assert_failure 1
	assert_output --partial "exec: No such file or directory"
	run ctl run db -- true
	assert_failure 1
	assert_output --partial "it is no dynamic supervisor"
	left 0
}

@test "the task reads and writes what its caller would" {
	tasks
	run sh -c "printf 'one\ntwo\n' | '$SUPCTL' -d '$RUN' run tasks -- sh -c 'tac; echo bad >&2' \
		2>'$BATS_TEST_TMPDIR/err' | tr a-z A-Z"
	assert_output "$(printf '%s\n' TWO ONE)"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/err")" bad
	# Its descriptors are the very ones: the same files, at the same place.
	echo before >"$LOG"
	ctl run tasks -- sh -c 'readlink /proc/self/fd/1; echo after' >>"$LOG"
	log_is before "$LOG" after
	# A large stream, at once in both directions.
	run sh -c "head -c 20000000 /dev/zero | '$SUPCTL' -d '$RUN' run tasks -- cat | cksum"
	assert_output "$(head -c 20000000 /dev/zero | cksum)"
	# It is a child of supd, leads its own group, and has no other descriptor.
	run ctl run tasks -- sh -c "cat /proc/\$\$/stat; env"
	local pid parent group
	read -r pid _ _ parent group _ <<<"${lines[0]}"
	assert_equal "$parent $group" "$SUPD_PID $pid"
	assert_line --regexp '^SUPD_PATH=tasks/task-[0-9]+$'
	run ctl run tasks -- ls /proc/self/fd
	assert_output "$(printf '%s\n' 0 1 2 3)" # ls has the directory open
}

@test "a linked task dies with its caller" {
	tasks
	in_background "$BATS_TEST_TMPDIR/out" run --name a tasks -- "$CHILD" -l "$LOG"
	wait_for 10 is_state tasks/a running
	local pid
	pid=$(pid_of tasks/a)
	kill -KILL "$RUN_PID"
	wait_for 10 gone "$pid"
	wait_for 10 left 0
	# In order: it was asked to stop.
	log_is "start tasks/a" "stop tasks/a"
	# One that does not heed it is killed after its shutdown time.
	in_background "$BATS_TEST_TMPDIR/out" run --name b tasks -- "$CHILD" -i
	wait_for 10 is_state tasks/b running
	pid=$(pid_of tasks/b)
	kill -KILL "$RUN_PID"
	wait_for 10 gone "$pid"
	wait_for 10 left 0
}

@test "a signal to supctl stops the task, and supctl ends as the task did" {
	tasks
	local signal status
	for signal in INT TERM HUP QUIT; do
		# A background job of a script ignores INT and QUIT, supctl would not.
		in_background "$BATS_TEST_TMPDIR/out" run --name a tasks -- \
			sh -c 'trap "exit 9" TERM; while :; do sleep 0.05; done'
		wait_for 10 is_state tasks/a running
		kill "-$signal" "$RUN_PID"
		status=0
		wait "$RUN_PID" || status=$?
		assert_equal "$signal $status" "$signal 9"
		left 0
	done
	in_background "$BATS_TEST_TMPDIR/out" run --name a tasks -- "$TOOLS/pause"
	wait_for 10 is_state tasks/a running
	kill -INT "$RUN_PID"
	status=0
	wait "$RUN_PID" || status=$?
	assert_equal "$status" 143
	# A second one kills it.
	in_background "$BATS_TEST_TMPDIR/out" run --name a tasks -- "$CHILD" -i
	wait_for 10 is_state tasks/a running
	kill -INT "$RUN_PID"
	wait_for 10 is_state tasks/a stopping
	kill -INT "$RUN_PID"
	status=0
	wait "$RUN_PID" || status=$?
	assert_equal "$status" 137
}

@test "a task that an operator stops, or whose supervisor ends, ends its caller" {
	tasks
	in_background "$BATS_TEST_TMPDIR/out" run --name a tasks -- "$TOOLS/pause"
	wait_for 10 is_state tasks/a running
	ctl stop tasks/a
	local status=0
	wait "$RUN_PID" || status=$?
	assert_equal "$status" 143
	in_background "$BATS_TEST_TMPDIR/out" run --name a tasks -- "$TOOLS/pause"
	wait_for 10 is_state tasks/a running
	stop_supd
	status=0
	wait "$RUN_PID" || status=$?
	assert_equal "$status" 143
}

@test "a task with --no-link lives on, and wait tells its end" {
	tasks
	# Its output is the task's too: a pipe would be open as long as that runs.
	ctl run --no-link --name free tasks -- "$CHILD" -l "$LOG" >"$BATS_TEST_TMPDIR/out"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/out")" tasks/free
	is_state tasks/free running
	run ctl run --no-link --name free tasks -- true
	assert_failure 1
	assert_output --partial "the name is taken: tasks/free is running"
	in_background "$BATS_TEST_TMPDIR/waited" wait tasks/free --for stopped --timeout 20s
	kill -TERM "$(pid_of tasks/free)"
	wait "$RUN_PID"
	log_is "start tasks/free" "stop tasks/free"
	wait_for 10 left 0
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "max_children reached is told at once" {
	tasks 2
	ctl run --no-link --name a tasks -- "$TOOLS/pause" >/dev/null
	ctl run --no-link tasks -- "$TOOLS/pause" >/dev/null
	run ctl run tasks -- true
	assert_failure 1
	assert_output --partial "cannot run below tasks: it has as many children as it may have"
	ctl stop tasks/a
	run ctl run tasks -- true
	assert_success
}

@test "200 tasks one after another leave nothing behind" {
	tasks
	local i before rss after
	# What is taken once is taken by then.
	for ((i = 0; i < 50; i++)); do ctl run tasks -- true; done
	wait_for 10 left 0
	before=$(descriptors)
	rss=$(rss_kb)
	for ((i = 0; i < 200; i++)); do ctl run tasks -- true; done
	wait_for 10 left 0
	wait_for 10 descriptors_are "$before"
	# db, and nothing else.
	children_are 1
	after=$(rss_kb)
	measured "200 tasks: VmRSS of supd $rss kB before, $after kB after"
	# A sanitizer keeps what was freed for a while.
	grep -q libasan "/proc/$SUPD_PID/maps" || ((after <= rss + 256))
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "a thousand tasks at once" {
	tasks "$TASKS"
	local t0 t1 t2 t3 before
	before=$(descriptors)
	t0=$(now_ms)
	seq "$TASKS" | xargs -P 4 -I {} "$SUPCTL" -d "$RUN" --timeout 60s run --no-link --name t{} \
		tasks -- "$TOOLS/pause" >/dev/null
	t1=$(now_ms)
	left "$TASKS"
	children_are $((TASKS + 1))
	descriptors_are "$before"
	run ctl run tasks -- true
	assert_failure 1
	t2=$(now_ms)
	ctl --timeout 60s stop tasks
	t3=$(now_ms)
	children_are 1
	left 0
	measured "$TASKS tasks at once: started in $((t1 - t0)) ms, stopped in $((t3 - t2)) ms"
}

# Each caller holds a connection and each task its descriptors only until it runs.
@test "more linked tasks than clients may connect, and all die with their callers" {
	local n=300 before
	tasks "$n"
	before=$(descriptors)
	# shellcheck disable=SC2016 # for the shell below
	sh -c 'i=0; while [ $i -lt $3 ]; do
			"$1" -d "$2" --timeout 60s run tasks -- "$4" &
			i=$((i + 1))
			# Not more than may connect before their tasks run.
			[ $((i % 50)) != 0 ] || "$1" -d "$2" --timeout 60s start-child / "b$i" -- "$4" >/dev/null
		done
		exec "$4"' sh "$SUPCTL" "$RUN" "$n" "$TOOLS/pause" 3>&- >/dev/null 2>&1 </dev/null &
	RUN_PID=$!
	wait_for 60 left "$n"
	assert_equal "$(descriptors)" $((before + n))
	run ctl ping
	assert_success
	# shellcheck disable=SC2046 # a list of pids
	kill -KILL $(descendants "$RUN_PID")
	kill "$RUN_PID"
	wait "$RUN_PID" || true
	wait_for 60 left 0
	wait_for 10 descriptors_are "$before"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}
