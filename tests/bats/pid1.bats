#!/usr/bin/env bats
# supd as PID 1 of a namespace of its own.

load helpers

ORPHANS=20000
[[ -z ${SHORT:-} ]] || ORPHANS=2000

setup() {
	UNSHARE=(unshare --pid --fork --mount-proc)
	"${UNSHARE[@]}" true 2>/dev/null && return
	UNSHARE=(unshare --user --map-root-user --pid --fork --mount-proc)
	"${UNSHARE[@]}" true 2>/dev/null ||
		skip "NO PID NAMESPACES HERE: supd AS PID 1 IS NOT TESTED"
}

# start_init CONFIG: supd as PID 1; SUPD_PID is unshare, whose exit status is that of supd, and INIT
# is supd, seen from outside.
start_init() {
	mkdir -p "$RUN"
	"${UNSHARE[@]}" "$SUPD" -c "$1" -d "$RUN" >"$BATS_TEST_TMPDIR/supd.out" \
		2>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null &
	SUPD_PID=$!
	wait_for 10 has_child
	INIT=$(cat "/proc/$SUPD_PID/task/$SUPD_PID/children" 2>/dev/null) || true
	INIT=${INIT%% *}
}

# Or it has ended already.
has_child() {
	gone "$SUPD_PID" || [[ -n $(cat "/proc/$SUPD_PID/task/$SUPD_PID/children") ]]
}

# Ending PID 1 ends its namespace, whatever state it is in.
teardown() {
	[[ -z ${INIT:-} ]] || kill -KILL "$INIT" 2>/dev/null || true
	[[ -z $SUPD_PID ]] || wait "$SUPD_PID" 2>/dev/null || true
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || tail -n 60 "$BATS_TEST_TMPDIR/supd.log"
}

zombies() {
	grep -lsE "^[0-9]+ \(.*\) Z $INIT " /proc/[0-9]*/stat | wc -l
}

no_zombies() {
	(($(zombies) == 0))
}

quiet_tree() {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -r -l $LOG" ready = notify }
		    process "b" { command = "$CHILD -r -l $LOG" ready = notify }
		}
	END
}

@test "as PID 1 it stops in order on TERM, status 0" {
	quiet_tree
	start_init "$CONF"
	wait_for 10 is_state / running
	assert_equal "$(field pid /)" 1
	kill -TERM "$INIT"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	log_is "start a" "start b" "stop b" "stop a"
}

@test "as PID 1 it exits 1 when the root gives up" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 1
		    process "crash" { command = "$CHILD -x 7" backoff = 0 }
		}
	END
	start_init "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
}

@test "as PID 1 it reaps 20,000 orphans as they come" {
	conf <<-END
		supervisor "root" {
		    process "a" {
		        command = "$CHILD -o $ORPHANS -r -l $LOG"
		        ready = notify
		        start_timeout = 120s
		    }
		}
	END
	local began
	began=$(now_ms)
	start_init "$CONF"
	wait_for 120 is_state a running
	wait_for 20 no_zombies
	measured "$ORPHANS orphans made and reaped in $(($(now_ms) - began)) ms"
	kill -TERM "$INIT"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}

@test "as PID 1 it reaps thousands that died while it was stopped" {
	command -v nsenter >/dev/null && [ "$(id -u)" -eq 0 ] || skip "needs root and nsenter"
	quiet_tree
	start_init "$CONF"
	wait_for 10 is_state / running
	kill -STOP "$INIT"
	nsenter -t "$INIT" -p -- "$CHILD" -o $((ORPHANS / 4)) -x 0
	(($(zombies) >= ORPHANS / 4))
	local began
	began=$(now_ms)
	kill -CONT "$INIT"
	wait_for 20 no_zombies
	measured "$((ORPHANS / 4)) zombies reaped at once in $(($(now_ms) - began)) ms"
	assert_equal "$(state_of b)" running
	kill -TERM "$INIT"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
}
