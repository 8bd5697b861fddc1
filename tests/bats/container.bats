#!/usr/bin/env bats
# supd with a tree as PID 1 of what a container is to it: namespaces, a read-only root, no rights, no
# user of its own, and often nowhere to write. (Real containers: tests/container.)

load helpers

NOBODY=100123

setup() {
	[ "$(id -u)" -eq 0 ] || skip "CONTAINERS ARE MADE BY ROOT HERE: supd IN ONE IS NOT TESTED"
	unshare --pid --fork --mount --mount-proc true 2>/dev/null ||
		skip "NO NAMESPACES HERE: supd IN A CONTAINER IS NOT TESTED"
	command -v setpriv chroot >/dev/null || skip "NO setpriv HERE: supd IN A CONTAINER IS NOT TESTED"
	# Another user has to get there.
	chmod go+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	chmod 755 "$BATS_TEST_TMPDIR"
	[[ $(setpriv --reuid "$NOBODY" --clear-groups cat "$BATS_TEST_FILENAME" "$SUPD" | wc -c) -gt 0 ]] ||
		skip "THE SOURCES ARE NOT READABLE FOR OTHERS: supd IN A CONTAINER IS NOT TESTED"
}

# contain [--as UID] [--tmpfs DIR]... [--no-proc] [--no-dev] -- COMMAND...: executes COMMAND as PID 1
# with a read-only root on which only these directories can be written to, as that user, without
# capabilities and any way to them. Runs in the namespaces.
contain() {
	local root=$BATS_TEST_TMPDIR/root uid=0 proc=1 dir
	set -e
	mkdir -p "$root"
	mount --make-rprivate /
	mount --rbind / "$root"
	mount -o remount,bind,ro "$root"
	for dir in /dev/shm /run /tmp /var/tmp; do
		! mountpoint -q "$root$dir" || mount -o remount,bind,ro "$root$dir"
	done
	while [[ $1 != -- ]]; do
		case $1 in
		--as) uid=$2 && shift ;;
		--tmpfs) mount -t tmpfs -o mode=1777,nosuid,nodev,noexec tmpfs "$root$2" && shift ;;
		--no-proc) proc=0 ;;
		--no-dev) mount -t tmpfs -o ro tmpfs "$root/dev" ;;
		esac
		shift
	done
	shift
	if ((proc)); then
		mount -t proc proc "$root/proc"
	else
		mount -t tmpfs -o ro tmpfs "$root/proc"
	fi
	exec chroot "$root" setpriv --reuid "$uid" --regid "$uid" --clear-groups --bounding-set=-all \
		--inh-caps=-all --no-new-privs env -i PATH="$PATH" "$@"
}

# start_contained OPTION... -- COMMAND...: as contain; SUPD_PID is unshare, whose exit status is that
# of PID 1, and INIT is PID 1, seen from outside.
start_contained() {
	export -f contain
	export BATS_TEST_TMPDIR
	unshare --pid --fork --mount --kill-child bash -c 'contain "$@"' contain "$@" \
		>"$BATS_TEST_TMPDIR/supd.out" 2>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null &
	SUPD_PID=$!
	wait_for 10 has_child
	INIT=$(cat "/proc/$SUPD_PID/task/$SUPD_PID/children" 2>/dev/null) || true
	INIT=${INIT%% *}
}

has_child() {
	gone "$SUPD_PID" || [[ -n $(cat "/proc/$SUPD_PID/task/$SUPD_PID/children") ]]
}

teardown() {
	[[ -z ${INIT:-} ]] || kill -KILL "$INIT" 2>/dev/null || true
	[[ -z $SUPD_PID ]] || wait "$SUPD_PID" 2>/dev/null || true
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || tail -n 60 "$BATS_TEST_TMPDIR/supd.log"
}

tree() {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -r" ready = notify }
		    process "b" { command = "sleep 1000" }
		}
	END
}

# state_in DIR PATH: as state_of, in the container.
state_in() {
	"$SUPCTL" -d "/proc/$INIT/root$1" --json status 2>/dev/null |
		jq -r --arg path "$2" 'if $path == "/" then .state else .children[] | select(.path == $path) | .state end'
}

is_up() {
	[[ $(state_in "$1" /) == running ]]
}

# stops_by SIGNAL: in order, at once, with status 0.
stops_by() {
	local began
	began=$(now_ms)
	kill -"$1" "$INIT"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	(($(now_ms) - began < 4000)) # no child ignores its stop, nothing waits for a limit
}

@test "no capabilities, read-only root, /run a noexec tmpfs: as ever" {
	tree
	start_contained --tmpfs /run -- "$SUPD" -c "$CONF"
	wait_for 20 is_up /run/supd
	run said "runtime directory"
	assert_failure
	assert_equal "$(awk '/^CapBnd/ { print $2 }' "/proc/$INIT/status")" 0000000000000000
	stops_by TERM
}

@test "a uid that nobody has, memory in /dev/shm alone: there" {
	tree
	start_contained --as $NOBODY --tmpfs /dev/shm -- "$SUPD" -c "$CONF"
	wait_for 20 is_up "/dev/shm/supd-$NOBODY"
	said "are in /dev/shm/supd-$NOBODY"
	assert_equal "$(awk '/^Uid/ { print $2 }' "/proc/$INIT/status")" "$NOBODY"
	stops_by RTMIN+3
}

@test "supctl finds it there by itself" {
	conf <<-END
		supervisor "root" {
		    process "a" { command = "$CHILD -r" ready = notify }
		    process "look" { command = "env -u SUPD_RUNTIME_DIR $SUPCTL status a" restart = temporary }
		}
	END
	start_contained --as $NOBODY --tmpfs /dev/shm -- "$SUPD" -c "$CONF"
	wait_for 20 is_up "/dev/shm/supd-$NOBODY"
	wait_for 10 grep -q '^.*a .*running' "$BATS_TEST_TMPDIR/supd.out"
	stops_by TERM
}

@test "nowhere to write: no control, said clearly, and the tree runs" {
	tree
	start_contained --as $NOBODY -- "$SUPD" -c "$CONF"
	wait_for 20 said "/: running"
	said "going on without a control socket and a status table"
	kill -USR1 "$INIT"
	wait_for 10 said "b"
	stops_by RTMIN+3
}

@test "nowhere to write, as root and with a directory asked for: PID 1 goes on" {
	tree
	start_contained -- "$SUPD" -c "$CONF" -d /run/here
	wait_for 20 said "/: running"
	said "cannot use the runtime directory /run/here: Read-only file system"
	stops_by TERM
}

@test "nowhere to write, and a child asks supctl: it says so" {
	conf <<-END
		supervisor "root" {
		    process "ask" { command = "$SUPCTL ping" restart = temporary }
		}
	END
	start_contained --as $NOBODY -- "$SUPD" -c "$CONF"
	wait_for 20 said "neither a control socket nor a status table"
	stops_by TERM
}

@test "not PID 1, and a directory that was asked for cannot be had: status 3" {
	tree
	start_contained --as $NOBODY -- sh -c "'$SUPD' -c '$CONF' -d /run/here; exit \$?"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 3
	said "cannot use the runtime directory /run/here"
}

@test "not PID 1, in somebody's namespace: orphans are reaped, the status is passed on" {
	conf <<-END
		supervisor "root" {
		    auto_shutdown = any_significant
		    process "a" { command = "$TOOLS/inmate orphans 200" restart = temporary significant = true }
		}
	END
	start_contained --as $NOBODY --tmpfs /dev/shm -- sh -c "'$SUPD' -c '$CONF'; echo ended \$?"
	supd_ended 30
	assert_equal "$SUPD_STATUS" 0
	run grep ended "$BATS_TEST_TMPDIR/supd.out"
	assert_output "ended 0"
}

@test "the exit status tells why it ended" {
	conf <<-END
		supervisor "root" {
		    auto_shutdown = any_significant
		    process "a" { command = "sh -c 'exit 7'" restart = temporary significant = true }
		}
	END
	start_contained --as $NOBODY -- "$SUPD" -c "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 7
	conf <<-END
		supervisor "root" {
		    max_restarts = 1
		    process "crash" { command = "false" backoff = 0 }
		}
	END
	start_contained --as $NOBODY -- "$SUPD" -c "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
}

@test "without /proc" {
	tree
	start_contained --tmpfs /run --no-proc -- "$SUPD" -c "$CONF"
	wait_for 20 is_up /run/supd
	stops_by TERM
}

@test "without /dev, and with stdin and stdout closed" {
	tree
	start_contained --tmpfs /run --no-dev -- \
		sh -c "exec '$SUPD' -c '$CONF' 0<&- 1>&-"
	wait_for 20 is_up /run/supd
	stops_by TERM
}

@test "one command: any uid, no rights, nothing to write to" {
	start_contained --as $NOBODY --no-proc -- "$SUPD" -- sh -c 'sleep 1000 & exit 42'
	supd_ended 10
	assert_equal "$SUPD_STATUS" 42
	[ ! -s "$BATS_TEST_TMPDIR/supd.log" ]
}
