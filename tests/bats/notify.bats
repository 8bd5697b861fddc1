#!/usr/bin/env bats
# What processes say of themselves: readiness, watchdog, main process, stored descriptors, reload.

bats_require_minimum_version 1.5.0
load helpers

NOTIFIER=$TOOLS/notifier
ENV=$BATS_TEST_TMPDIR/env

# tree LINE...: a root of these lines; no backoff, and many restarts.
tree() {
	conf < <(
		echo 'supervisor "root" { max_restarts = 1000 defaults { backoff = 0 }'
		printf '%s\n' "$@"
		echo '}'
	)
}

later_than() {
	(($(now_ms) > $1))
}

up_for() {
	ctl --json status "$1" | jq -e --arg path "$1" --argjson s "$2" \
		'.children[] | select(.path == $path) | .uptime > $s' >/dev/null
}

child_of() {
	[[ $(ps -o ppid= -p "$1") -eq $2 ]]
}

fewer_descriptors() {
	(($(descriptors) <= $1))
}

text_is() {
	[[ $(field text "$1") == "$2" ]]
}

exit_of() {
	ctl --json status "$1" | jq -c --arg path "$1" '.children[] | select(.path == $path) | .exit'
}

has() {
	grep -qxF -- "$2" "$1" 2>/dev/null
}

descriptors() {
	find "/proc/$SUPD_PID/fd" -mindepth 1 | wc -l
}

@test "systemd-notify --ready returns 0 at once" {
	command -v systemd-notify >/dev/null || skip "no systemd-notify"
	tree 'process "a" {' \
		'command = "sh -c '"'"'systemd-notify --ready --status=fine || exit 9; exec sleep 1000'"'"'"' \
		'ready = notify start_timeout = 4s }'
	start_tree "$CONF"
	wait_for 2 text_is a fine
}

@test "several variables, a newline at the end or none, unknown ones, nonsense" {
	tree "process \"a\" { command = \"$NOTIFIER 'say=STATUS=one two;X=y;;=;MAINPID=x;WATCHDOG_USEC=-1;READY=1;'\" ready = notify }" \
		"process \"b\" { command = \"$NOTIFIER raw=nonsense raw= say=STATUS=no;READY=0 say=READY=1 say=STATUS=yes\" ready = notify }"
	start_tree "$CONF"
	wait_for 2 text_is a "one two"
	wait_for 2 text_is b yes
	run -0 ctl status
	assert_line --partial SAYS
	assert_line --partial "one two"
	run -0 ctl inspect a
	assert_line --regexp '^text +one two'
}

@test "not ready is no start, and its time can be extended" {
	tree "process \"a\" { command = \"$NOTIFIER say=STATUS=never\" ready = notify start_timeout = 200ms }"
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	SUPD_PID=
	tree "process \"a\" { command = \"$NOTIFIER say=EXTEND_TIMEOUT_USEC=10000000 wait=$BATS_TEST_TMPDIR/go say=READY=1\" ready = notify start_timeout = 300ms }"
	start_supd "$CONF"
	wait_for 5 is_state a starting
	# Twice the time that it had first.
	local began
	began=$(now_ms)
	wait_for 5 later_than $((began + 600))
	is_state a starting
	touch "$BATS_TEST_TMPDIR/go"
	wait_for 5 is_state a running
	assert_equal "$(field restarts a)" 0
}

@test "reloading and ready again, stopping, an error" {
	local go=$BATS_TEST_TMPDIR/go
	tree "process \"a\" { command = \"$NOTIFIER say=RELOADING=1;STATUS=x wait=$go.0 say=READY=1;STATUS=up wait=$go.1 say=RELOADING=1;MONOTONIC_USEC=1 wait=$go.2 say=READY=1 wait=$go.3 say=STOPPING=1 wait=$go.4 say=ERRNO=2\" ready = notify }"
	start_supd "$CONF"
	wait_for 5 text_is a "reloading: x"
	is_state a starting
	touch "$go.0"
	wait_for 5 is_state a running
	wait_for 5 text_is a up
	touch "$go.1"
	wait_for 5 text_is a "reloading: up"
	is_state a running
	touch "$go.2"
	wait_for 5 text_is a up
	# What it says while it starts is no event.
	assert_equal "$(ctl events --since-start --no-follow --format '{path} {kind} {from} {to}' |
		grep ' reload ')" $'a reload running reloading\na reload reloading done'
	touch "$go.3"
	wait_for 5 text_is a "stopping: up"
	touch "$go.4"
	wait_for 5 said "it says: error 2"
}

@test "a barrier is passed when all before it is done" {
	tree "process \"a\" { command = \"$NOTIFIER say=READY=1 barrier say=STATUS=one barrier say=STATUS=two barrier file=$ENV\" ready = notify }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	text_is a two
}

@test "who may speak: notify_access" {
	tree "process \"g\" { command = \"$NOTIFIER from-fork=READY=1 file=$ENV.g\" ready = notify }" \
		"process \"m\" { command = \"$NOTIFIER from-fork=STATUS=child say=READY=1\" ready = notify notify_access = main }" \
		"process \"x\" { command = \"$NOTIFIER file=$ENV.x\" }" \
		"process \"y\" { command = \"$NOTIFIER file=$ENV.y\" notify_access = group }"
	start_tree "$CONF"
	assert_equal "$(field text m)" null
	wait_for 5 test -e "$ENV.x"
	has "$ENV.x" "NOTIFY_SOCKET=-"
	wait_for 5 test -e "$ENV.y"
	has "$ENV.y" "NOTIFY_SOCKET=$RUN/notify"
	has "$ENV.y" "WATCHDOG_USEC=-"
	# A stranger speaks to nobody's profit.
	NOTIFY_SOCKET=$RUN/notify timeout 5 "$NOTIFIER" say=STATUS=stranger barrier exit=0
	run ! grep -q stranger "$RUN/status"
}

@test "a missed watchdog: its signal, then an abnormal end" {
	tree "process \"a\" { command = \"$NOTIFIER log=$LOG say=READY=1 file=$ENV\" ready = notify restart = transient watchdog = 300ms watchdog_signal = ABRT }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	has "$ENV" "WATCHDOG_USEC=300000"
	local pid
	pid=$(sed -n 's/^pid=//p' "$ENV")
	has "$ENV" "WATCHDOG_PID=$pid"
	wait_for 5 lines_in 1 "$LOG"
	assert_equal "$(head -n 1 "$LOG")" ABRT
	wait_for 5 reborn a "$pid"
	assert_equal "$(exit_of a)" '{"kind":"watchdog"}'
}

@test "a watchdog that is served bites nobody; trigger bites at once" {
	tree "process \"a\" { command = \"$NOTIFIER say=READY=1 ping=20\" ready = notify watchdog = 400ms }" \
		"process \"b\" { command = \"$NOTIFIER log=$LOG say=READY=1 wait=$BATS_TEST_TMPDIR/go say=WATCHDOG=trigger\" ready = notify watchdog = 1h restart = temporary }" \
		"process \"c\" { command = \"$NOTIFIER say=READY=1;WATCHDOG_USEC=200000\" ready = notify restart = temporary }"
	start_tree "$CONF"
	local a
	a=$(pid_of a)
	touch "$BATS_TEST_TMPDIR/go"
	wait_for 5 lines_in 1 "$LOG"
	assert_equal "$(head -n 1 "$LOG")" TERM
	wait_for 5 said "c: stopping: its watchdog"
	wait_for 5 up_for a 1
	assert_equal "$(pid_of a)" "$a"
}

@test "another user says that it is ready, whoever may enter the runtime directory" {
	((UID == 0)) || skip "only root runs children as another user"
	local mode
	# What the other user runs lies where it gets through to.
	OPEN=$(mktemp -d /tmp/supd-notify.XXXXXX)
	RUN=$OPEN/run
	chmod 755 "$OPEN"
	cp "$NOTIFIER" "$OPEN/notifier"
	for mode in 700 755; do
		mkdir -p "$RUN"
		chmod "$mode" "$RUN"
		tree "process \"a\" { command = \"$OPEN/notifier say=READY=1 barrier\" ready = notify user = nobody watchdog = 1h }"
		start_tree "$CONF"
		stop_supd
	done
	rm -rf "$OPEN"
}

@test "MAINPID: a server that goes away lives on under another pid, and its end is the child's" {
	tree "process \"a\" { command = \"$NOTIFIER away say=READY=1;MAINPID=@P barrier away-ready file=$ENV\" ready = notify }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	local pid
	pid=$(sed -n 's/^pid=//p' "$ENV")
	wait_for 5 child_of "$pid" "$SUPD_PID"
	assert_equal "$(pid_of a)" "$pid"
	is_state a running
	kill -KILL "$pid"
	wait_for 5 reborn a "$pid"
	assert_equal "$(exit_of a)" '{"kind":"signaled","signal":"KILL"}'
	pid=$(pid_of a)
	ctl stop a
	gone "$pid"
}

@test "MAINPID: only a process of the child's own is accepted" {
	tree "process \"other\" { command = \"$NOTIFIER\" }" \
		"process \"a\" { command = \"$NOTIFIER say=READY=1;MAINPID=$$ barrier file=$ENV\" ready = notify }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	assert_equal "$(pid_of a)" "$(sed -n 's/^pid=//p' "$ENV")"
	said "MAINPID=$$ from process"
}

@test "MAINPID: when the process that was started ends, the other one goes on" {
	tree "process \"a\" { command = \"$NOTIFIER say-main=READY=1;MAINPID=@C barrier file=$ENV wait=$BATS_TEST_TMPDIR/go exit=3\" ready = notify }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	local leader main
	leader=$(sed -n 's/^pid=//p' "$ENV")
	main=$(pid_of a)
	[[ $main != "$leader" ]]
	touch "$BATS_TEST_TMPDIR/go"
	wait_for 5 gone "$leader"
	wait_for 5 child_of "$main" "$SUPD_PID"
	is_state a running
	assert_equal "$(pid_of a)" "$main"
	kill -TERM "$main"
	wait_for 5 reborn a "$main"
	assert_equal "$(exit_of a)" '{"kind":"exited","status":7}'
}

@test "MAINPID: its end is seen, whoever is its parent, and reaps it or not" {
	tree "process \"late\" { command = \"$NOTIFIER say-main=READY=1;MAINPID=@C barrier file=$ENV\" ready = notify }" \
		"process \"soon\" { command = \"bash -c 'sleep 1000 & $NOTIFIER say=MAINPID=\$! say=READY=1 barrier exit=0; wait \$!; exec sleep 1000'\" ready = notify }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	local late soon
	late=$(pid_of late) soon=$(pid_of soon)
	[[ $late != "$(sed -n 's/^pid=//p' "$ENV")" ]]
	[[ $(tr '\0' ' ' <"/proc/$soon/cmdline") == "sleep 1000 " ]]
	kill -TERM "$late"
	wait_for 5 reborn late "$late"
	assert_equal "$(exit_of late)" '{"kind":"exited","status":7}'
	kill -KILL "$soon"
	wait_for 5 reborn soon "$soon"
	# Before Linux 6.15 nobody tells how it ended, and the shell is the main process again.
	[[ $(exit_of soon) == null || $(exit_of soon) == '{"kind":"signaled","signal":"KILL"}' ]]
}

@test "ready = fd:N: a newline there, and the descriptor is no more" {
	tree "process \"a\" { command = \"$NOTIFIER fd-text=7 fd=7\" ready = fd:7 }" \
		"process \"b\" { command = \"$NOTIFIER fd=1023\" ready = fd:1023 }"
	start_tree "$CONF"
	local with
	with=$(descriptors)
	ctl stop a b
	assert_equal "$(descriptors)" "$with"
	tree "process \"a\" { command = \"$NOTIFIER fd-text=3 fd-close=3\" ready = fd:3 start_timeout = 300ms }"
	stop_supd
	start_supd "$CONF"
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	said "not ready within its start_timeout"
}

@test "ready = fd:N with programs of s6" {
	command -v s6-ipcserver >/dev/null || skip "no s6"
	mkdir -p "$BATS_TEST_TMPDIR/s6log" "$BATS_TEST_TMPDIR/scan"
	tree "process \"log\" { command = \"s6-log -d3 1 $BATS_TEST_TMPDIR/s6log\" ready = fd:3 shutdown = 1s }" \
		"process \"svscan\" { command = \"s6-svscan -d4 $BATS_TEST_TMPDIR/scan\" ready = fd:4 shutdown = 1s }" \
		"process \"ipc\" { command = \"sh -c 'exec s6-ipcserver -1 $BATS_TEST_TMPDIR/ipc true >&3'\" ready = fd:3 }"
	start_tree "$CONF"
	[ -S "$BATS_TEST_TMPDIR/ipc" ]
}

@test "stored descriptors come back to the next life, and go with the end" {
	tree "process \"a\" { command = \"$NOTIFIER say=READY=1 store=sock hang-up=gone file=$ENV.@\" ready = notify }"
	sed -i "s/@/new/" "$CONF"
	start_tree "$CONF"
	local before pid
	before=$(descriptors)
	wait_for 5 test -e "$ENV.new"
	has "$ENV.new" "LISTEN_FDS=-"
	pid=$(pid_of a)
	rm "$ENV.new"
	kill -KILL "$pid"
	wait_for 5 reborn a "$pid"
	wait_for 5 test -e "$ENV.new"
	has "$ENV.new" "LISTEN_FDS=2"
	has "$ENV.new" "LISTEN_FDNAMES=sock:other-end"
	has "$ENV.new" "fd3=sock"
	rm "$ENV.new"
	ctl restart a
	wait_for 5 test -e "$ENV.new"
	grep -q '^LISTEN_FDS=4$' "$ENV.new"
	ctl stop a
	wait_for 5 fewer_descriptors "$before"
	rm "$ENV.new"
	ctl start a
	wait_for 5 test -e "$ENV.new"
	has "$ENV.new" "LISTEN_FDS=-"
}

@test "stored descriptors are removed by name, and bounded" {
	tree "process \"a\" { command = \"$NOTIFIER say=READY=1 store-many=70 store=x remove=many store=keep file=$ENV\" ready = notify }"
	start_tree "$CONF"
	wait_for 5 test -e "$ENV"
	wait_for 5 said "a descriptor is not stored: too many are"
	local pid
	pid=$(pid_of a)
	rm "$ENV"
	kill -KILL "$pid"
	wait_for 5 reborn a "$pid"
	wait_for 5 test -e "$ENV"
	has "$ENV" "LISTEN_FDNAMES=keep:other-end"
}

@test "reload: the signal to the main process, or the command beside it" {
	tree "process \"a\" { command = \"$NOTIFIER log=$LOG.a say=READY=1\" ready = notify }" \
		"process \"b\" { command = \"$NOTIFIER log=$LOG.b say=READY=1\" ready = notify reload_signal = USR2 }" \
		"process \"c\" { command = \"$NOTIFIER log=$LOG.c say=READY=1\" ready = notify reload_command = \"sh -c 'kill -HUP \$MAINPID; echo %n \$0 >$LOG.d' %p\" }" \
		"process \"bad\" { command = \"$NOTIFIER\" reload_command = \"sh -c 'exit 3'\" }" \
		"process \"none\" { command = \"$NOTIFIER\" reload_command = /nonexistent/program }"
	start_tree "$CONF"
	ctl reload a b c
	wait_for 5 lines_in 1 "$LOG.a"
	wait_for 5 lines_in 1 "$LOG.b"
	wait_for 5 lines_in 1 "$LOG.c"
	assert_equal "$(cat "$LOG.a" "$LOG.b" "$LOG.c" "$LOG.d")" $'HUP\nUSR2\nHUP\nc c'
	run -1 ctl reload bad
	assert_output --partial "cannot reload bad: reload_command: exited with status 3"
	run -1 ctl reload none
	assert_output --partial "No such file"
	ctl stop a
	run -1 ctl reload a
	assert_output --partial stopped
	run -1 ctl reload /
}

@test "supd says READY, STATUS and STOPPING to the one who started it" {
	tree "process \"inner\" { command = \"$SUPD -c $BATS_TEST_TMPDIR/inner.conf -d $BATS_TEST_TMPDIR/inner\" ready = notify shutdown = 10s }"
	cat >"$BATS_TEST_TMPDIR/inner.conf" <<-END
		supervisor "inner" {
		    process "a" { command = "$NOTIFIER file=$ENV wait=$BATS_TEST_TMPDIR/go say=READY=1" ready = notify }
		}
	END
	start_supd "$CONF"
	wait_for 5 test -e "$ENV"
	has "$ENV" "NOTIFY_SOCKET=$BATS_TEST_TMPDIR/inner/notify"
	is_state inner starting
	wait_for 5 text_is inner "starting its children"
	touch "$BATS_TEST_TMPDIR/go"
	wait_for 5 is_state inner running
	wait_for 5 text_is inner running
}

@test "10,000 watchdog messages a second from 1,000 children" {
	tree "process \"p\" { command = \"$NOTIFIER ping=10\" instances = 1000 watchdog = 30s }"
	start_supd "$CONF"
	wait_for 60 is_state / running
	# Over three seconds of its own counting; nothing is asserted of a shared machine.
	local before after t0 t1
	t0=$(now_ms)
	before=$(awk '{ print $14 + $15 }' "/proc/$SUPD_PID/stat")
	wait_for 10 later_than $((t0 + 3000))
	t1=$(now_ms)
	after=$(awk '{ print $14 + $15 }' "/proc/$SUPD_PID/stat")
	measured "1,000 children, 10,000 pings a second: $(((after - before) * 100000 / ($(getconf CLK_TCK) * (t1 - t0)))) % of a core"
	assert_equal "$(field restarts p.1)" 0
}
