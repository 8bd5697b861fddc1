#!/usr/bin/env bats
# supd -- COMMAND: one command, supervised the way a container's PID 1 does.

bats_require_minimum_version 1.5.0
load helpers

INMATE=$TOOLS/inmate
PTY=$TOOLS/pty
HEARD=$BATS_TEST_TMPDIR/heard

# start_command [OPTION...] -- COMMAND...: in the background; SUPD_PID is supd.
start_command() {
	"$SUPD" "$@" >"$BATS_TEST_TMPDIR/supd.out" 2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null &
	SUPD_PID=$!
	SUPD_STATUS=
}

# start_listener [OPTION...]: a command that writes down what signals it gets.
start_listener() {
	start_command "$@" -- "$INMATE" listen "$HEARD"
	wait_for 10 lines_in 1 "$HEARD"
}

# Listeners outlast a first TERM.
teardown() {
	# shellcheck disable=SC2046 # a list of pids
	[[ -z $SUPD_PID ]] || kill -KILL $(descendants "$SUPD_PID") 2>/dev/null || true
	end_supd
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || tail -n 60 "$BATS_TEST_TMPDIR/supd.log"
}

# heard LINE...: all that came after "ready", in full.
heard() {
	local expected
	printf -v expected '%s\n' "$@"
	[[ $(tail -n +2 "$HEARD") == "${expected%$'\n'}" ]]
}

# in_state LETTER PID
in_state() {
	local stat
	read -r stat <"/proc/$2/stat" || return 1
	stat=${stat##*) }
	[[ ${stat:0:1} == "$1" ]]
}

# written_pid FILE: once FILE has a line.
written_pid() {
	wait_for 10 lines_in 1 "$1"
	cat "$1"
}

@test "the exit status is that of the command, 128+N for a signal" {
	local status got
	for status in 0 1 2 3 42 126 127 128 143 255; do
		got=0
		"$SUPD" -- sh -c "exit $status" || got=$?
		assert_equal "$got" "$status"
	done
	run "$SUPD" -- "$INMATE" die 9
	assert_failure 137
	run "$SUPD" -- "$INMATE" die 11
	assert_failure 139
	run "$SUPD" -- "$INMATE" die 34
	assert_failure 162
}

@test "not found is 127, not executable 126, and stderr says which" {
	touch "$BATS_TEST_TMPDIR/plain"
	run -127 "$SUPD" -- no-such-command-here
	assert_output --partial "cannot run no-such-command-here: No such file"
	run "$SUPD" -- "$BATS_TEST_TMPDIR/plain"
	assert_failure 126
	assert_output --partial "Permission denied"
}

@test "and so it is with -d, whatever it is that the kernel does not execute" {
	local dir=$BATS_TEST_TMPDIR/program
	mkdir -p "$RUN" "$dir.dir"
	printf '#!%s\n' "$dir.none" >"$dir"
	printf '\177ELF' >"$dir.elf"
	chmod +x "$dir" "$dir.elf"
	run -127 "$SUPD" -d "$RUN" -- "$dir"
	assert_output --partial "No such file or directory"
	run -126 "$SUPD" -d "$RUN" -- "$dir.dir"
	assert_output --partial "Permission denied"
	run -126 "$SUPD" -d "$RUN" -- "$dir.elf"
	assert_output --partial "Exec format error"
	run -0 "$SUPD" -d "$RUN" --expect-exit 126 -- "$dir.elf"
}

@test "mistakes on the command line: status 2, nothing started" {
	run "$SUPD" touch "$LOG"
	assert_failure 2
	assert_output --partial "put -- before a command"
	run "$SUPD" --
	assert_failure 2
	run "$SUPD" -c x.conf -- touch "$LOG"
	assert_failure 2
	run "$SUPD" --rewrite 15 -- touch "$LOG"
	assert_failure 2
	run "$SUPD" --rewrite TERM:NOSUCH -- touch "$LOG"
	assert_failure 2
	run "$SUPD" --rewrite KILL:TERM -- touch "$LOG"
	assert_failure 2
	run "$SUPD" --grace soon -- touch "$LOG"
	assert_failure 2
	run "$SUPD" --expect-exit 256 -- touch "$LOG"
	assert_failure 2
	run "$SUPD" --grace 3s
	assert_failure 2
	[ ! -e "$LOG" ]
}

@test "the command's own options are left to it" {
	run "$SUPD" -- sh -c 'echo "$@"' - -c --check -- -h
	assert_success
	assert_output -- "-c --check -- -h"
}

@test "every signal is forwarded but KILL, STOP and CHLD" {
	start_listener
	local signal expected=()
	for signal in {1..64}; do
		# 9, 19 and 17; and those that stop.
		[[ $signal != @(9|19|17|18|20|21|22) ]] || continue
		kill -"$signal" "$SUPD_PID"
		expected+=("$signal")
		wait_for 10 lines_in $((${#expected[@]} + 1)) "$HEARD"
	done
	heard "${expected[@]}"
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "with -d as well" {
	mkdir -p "$RUN"
	start_listener -d "$RUN"
	local signal expected=()
	for signal in 1 2 3 11 {32..64}; do
		kill -"$signal" "$SUPD_PID"
		expected+=("$signal")
		wait_for 10 lines_in $((${#expected[@]} + 1)) "$HEARD"
	done
	heard "${expected[@]}"
	kill -TERM "$SUPD_PID"
	wait_for 10 lines_in $((${#expected[@]} + 2)) "$HEARD"
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "signals go to the whole group" {
	start_command -- sh -c "'$INMATE' listen '$HEARD' & exec '$INMATE' listen '$HEARD.main'"
	wait_for 10 lines_in 1 "$HEARD"
	wait_for 10 lines_in 1 "$HEARD.main"
	kill -USR1 "$SUPD_PID"
	wait_for 10 lines_in 2 "$HEARD"
	wait_for 10 lines_in 2 "$HEARD.main"
	kill -TERM "$SUPD_PID"
	wait_for 10 lines_in 3 "$HEARD.main"
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "--rewrite changes signals, and drops those rewritten to 0" {
	start_listener --rewrite 1:3 --rewrite USR1:RTMIN+2 --rewrite int:0
	kill -HUP "$SUPD_PID"
	wait_for 10 lines_in 2 "$HEARD"
	kill -INT "$SUPD_PID"
	kill -USR1 "$SUPD_PID"
	wait_for 10 lines_in 3 "$HEARD"
	kill -USR2 "$SUPD_PID"
	wait_for 10 lines_in 4 "$HEARD"
	heard 3 36 12
}

@test "--grace: killed when the time is over, with all that is left" {
	start_listener --grace 300ms
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 137
	said "did not stop in time"
}

@test "--expect-exit: these count as 0" {
	run "$SUPD" --expect-exit 143 --expect-exit 7 -- sh -c 'exit 7'
	assert_success
	run "$SUPD" --expect-exit 143 -- "$INMATE" die 15
	assert_success
	run "$SUPD" --expect-exit 143 -- sh -c 'exit 8'
	assert_failure 8
}

@test "blocked and ignored signals reach the command as they were" {
	local set
	for set in "" "block=1 block=15 block=32 block=40 ignore=1 ignore=13 ignore=17 ignore=33 " "ignore=20 ignore=21 ignore=22 "; do
		rm -f "$LOG"
		# shellcheck disable=SC2086 # a list of words
		"$INMATE" with $set "$SUPD" -- "$INMATE" signals "$LOG"
		assert_equal "$(cat "$LOG")" "$set"
	done
	# An ignored SIGCHLD does not cost the status.
	run "$INMATE" with ignore=17 "$SUPD" -- sh -c 'exit 5'
	assert_failure 5
}

@test "stdin, stdout and stderr closed" {
	"$SUPD" -- sh -c "ls /proc/self/fd | wc -l >'$LOG'; exit 4" <&- >&- 2>&- && false
	assert_equal "$?" 4
	# shellcheck disable=SC2016 # for the command
	"$SUPD" -- sh -c 'for fd in 0 1 2; do test ! -e /proc/$$/fd/$fd || exit 9; done' <&- >&- 2>&-
}

@test "descriptors are passed on; supd keeps none that the command closes" {
	run "$SUPD" -- sh -c 'cat <&5; exec sleep 0' 5<<<"through"
	assert_output through
	# A reader sees the end although the command lives.
	mkfifo "$LOG"
	"$SUPD" -- sh -c 'echo on; exec sleep 1000 >&-' >"$LOG" 2>/dev/null 3>&- </dev/null &
	SUPD_PID=$!
	run timeout 10 cat "$LOG"
	assert_success
	assert_output on
	in_state S "$SUPD_PID"
}

@test "orphans are reaped while the command runs" {
	run "$SUPD" -- "$INMATE" orphans 300
	assert_success
}

@test "what the command leaves behind is told to stop before supd exits" {
	local group orphan
	start_command -- sh -c "'$INMATE' listen '$HEARD' &
		setsid sh -c 'echo \$\$ >\"$LOG.new\"; mv \"$LOG.new\" \"$LOG\"; exec sleep 1000' &
		while ! test -e '$HEARD' || ! test -e '$LOG'; do sleep 0.02; done; exit 6"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 6
	read -r _ group <"$HEARD"
	orphan=$(cat "$LOG")
	gone "$group"
	gone "$orphan"
	heard 15 18
}

@test "what surfaces only when its parent has been stopped is stopped, too" {
	start_command --grace 20s -- sh -c "
		setsid sh -c 'trap \"exit 0\" TERM; setsid \"$INMATE\" listen \"$HEARD\" & wait' &
		while ! test -s '$HEARD'; do sleep 0.02; done; exit 6"
	wait_for 20 lines_in 3 "$HEARD"
	heard 15 18
	local left
	read -r _ left <"$HEARD"
	kill -TERM "$left"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 6
	gone "$left"
}

@test "TSTP, TTIN and TTOU stop the command and supd, CONT wakes both" {
	local signal command
	for signal in TSTP TTIN TTOU; do
		start_command -- sh -c "echo \$\$ >'$LOG'; exec sleep 1000"
		command=$(written_pid "$LOG")
		kill -"$signal" "$SUPD_PID"
		wait_for 10 in_state T "$command"
		wait_for 10 in_state T "$SUPD_PID"
		kill -CONT "$SUPD_PID"
		wait_for 10 in_state S "$command"
		wait_for 10 in_state S "$SUPD_PID"
		kill -TERM "$SUPD_PID"
		supd_ended 10
		assert_equal "$SUPD_STATUS" 143
		rm "$LOG"
	done
}

@test "a command that catches TSTP sees it, and is stopped all the same" {
	local command
	start_listener
	read -r _ command <"$HEARD"
	kill -TSTP "$SUPD_PID"
	wait_for 10 in_state T "$command"
	wait_for 10 in_state T "$SUPD_PID"
	heard 20
	kill -CONT "$SUPD_PID"
	wait_for 10 lines_in 3 "$HEARD"
	wait_for 10 in_state S "$SUPD_PID"
	heard 20 18
}

@test "the terminal goes to the command and comes back" {
	run "$PTY" see go front other type '^C' job 'exited 130' front job -- \
		"$SUPD" -- sh -c 'echo go; exec sleep 100'
	assert_success
}

@test "^Z stops the job for the shell, fg brings it back" {
	run "$PTY" see go type '^Z' job stopped front job fg front other \
		type '^Z' job stopped fg front other type '^C' job 'exited 130' front job -- \
		"$SUPD" -- sh -c 'echo go; exec sleep 100'
	assert_success
}

@test "in the background it leaves the terminal alone, and stops when it reads" {
	# shellcheck disable=SC2016 # for the command
	run "$PTY" see go type '^Z' job stopped bg job stopped fg front other type 'word^M' \
		see got:word job 'exited 0' -- \
		"$SUPD" -- sh -c 'echo go; read -r line; echo "got:$line"'
	assert_success
}

@test "with -d DIR supctl works, all else is as without" {
	mkdir -p "$RUN"
	start_command -d "$RUN" --rewrite USR1:HUP --expect-exit 137 --grace 200ms -- \
		"$INMATE" listen "$HEARD"
	wait_for 10 lines_in 1 "$HEARD"
	wait_for 10 is_state inmate running
	kill -USR1 "$SUPD_PID"
	wait_for 10 lines_in 2 "$HEARD"
	kill -USR2 "$SUPD_PID"
	wait_for 10 lines_in 3 "$HEARD"
	heard 1 12
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	said "did not stop in time"
	run -127 "$SUPD" -d "$RUN" -- no-such-command-here
	run "$SUPD" -d "$RUN" -- sh -c 'cat; exit 42' <<<"through"
	assert_failure 42
	assert_output --partial through
	run "$SUPD" -d "$RUN" -- "$INMATE" die 15
	assert_failure 143
}

@test "with -d, a command that was stopped by supctl leaves a supd that TERM ends" {
	mkdir -p "$RUN"
	start_command -d "$RUN" -- sleep 1000
	wait_for 10 is_state sleep running
	run ctl stop sleep
	assert_success
	kill -TERM "$SUPD_PID"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "at rest it is never woken" {
	local before
	start_listener
	wait_for 10 in_state S "$SUPD_PID"
	before=$(grep -h ctxt "/proc/$SUPD_PID/status")
	sleep 1.5 # long enough for whoever looks around each second
	assert_equal "$(grep -h ctxt "/proc/$SUPD_PID/status")" "$before"
}
