#!/usr/bin/env bats
# What a process runs in: limits, priorities, CPUs, standard input, the terminal.

bats_require_minimum_version 1.5.0
load helpers

# one KEYS: a tree of one child that is ready when it runs its program.
one() {
	conf <<-END
		supervisor "root" {
		    process "child" {
		        command = "$CHILD -r"
		        ready = notify
		        $1
		    }
		}
	END
}

# limit NAME: "SOFT HARD" of the child, by its name in /proc.
limit() {
	sed -n "s/^$1  *\([^ ]*\)  *\([^ ]*\) .*/\1 \2/p" "/proc/$(pid_of child)/limits"
}

# stat_field N: of /proc/PID/stat, counted behind the name: 3 is the state.
stat_field() {
	local stat fields
	read -r stat <"/proc/$2/stat"
	read -ra fields <<<"${stat##*) }"
	echo "${fields[$1 - 3]}"
}

# has_cap N: does this process have the capability of this number?
has_cap() {
	local caps
	caps=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
	((0x$caps >> $1 & 1))
}

@test "limits: soft and hard, sizes, times, no limit" {
	one 'limits {
	         nofile = "100:200" core = 0 stack = "1M:16M" cpu = "1m:1h" data = 1G
	         fsize = "10M:infinity" locks = 5 memlock = 32K msgqueue = 4096 nice = 0
	         nproc = "500:600" rss = 100M rtprio = "0:0" rttime = "500ms:2s" sigpending = 77
	         as = 8G
	     }'
	if ((EUID != 0)); then
		skip "raises limits: only for root"
	fi
	start_tree "$CONF"
	assert_equal "$(limit 'Max open files')" "100 200"
	assert_equal "$(limit 'Max core file size')" "0 0"
	assert_equal "$(limit 'Max stack size')" "1048576 16777216"
	assert_equal "$(limit 'Max cpu time')" "60 3600"
	assert_equal "$(limit 'Max data size')" "1073741824 1073741824"
	assert_equal "$(limit 'Max file size')" "10485760 unlimited"
	assert_equal "$(limit 'Max file locks')" "5 5"
	assert_equal "$(limit 'Max locked memory')" "32768 32768"
	assert_equal "$(limit 'Max msgqueue size')" "4096 4096"
	assert_equal "$(sed -n 's/^Max nice priority  *\([0-9]*\)  *\([0-9]*\) *$/\1 \2/p' \
		"/proc/$(pid_of child)/limits")" "0 0"
	assert_equal "$(limit 'Max processes')" "500 600"
	assert_equal "$(limit 'Max resident set')" "104857600 104857600"
	assert_equal "$(limit 'Max realtime timeout')" "500000 2000000"
	assert_equal "$(limit 'Max pending signals')" "77 77"
	assert_equal "$(limit 'Max address space')" "8589934592 8589934592"
}

@test "limits: those that are not set stay supd's, and its own limit of files is given back" {
	one 'limits { core = 0 }'
	# shellcheck disable=SC2016 # expanded there
	mkdir -p "$RUN"
	bash -c 'ulimit -S -n 300; ulimit -S -s 4096; exec "$@"' - \
		"$SUPD" -c "$CONF" -d "$RUN" 2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null &
	SUPD_PID=$!
	wait_for 20 up_or_gone
	assert_equal "$(limit 'Max open files' | cut -d' ' -f1)" 300
	assert_equal "$(limit 'Max stack size' | cut -d' ' -f1)" 4194304
	assert_equal "$(limit 'Max core file size')" "0 0"
}

@test "defaults hold limits for all; a process changes one of them" {
	conf <<-END
		supervisor "root" {
		    defaults { limits { core = 0 nofile = 64 } nice = 3 }
		    process "child" {
		        command = "$CHILD -r" ready = notify
		        limits { nofile = 65 }
		    }
		}
	END
	start_tree "$CONF"
	assert_equal "$(limit 'Max open files')" "65 65"
	assert_equal "$(limit 'Max core file size')" "0 0"
	assert_equal "$(stat_field 19 "$(pid_of child)")" 3
}

@test "nice, io_priority, oom_score_adj, cpu_affinity" {
	one 'nice = 7 io_priority = "best-effort:6" oom_score_adj = 321 cpu_affinity = "0"'
	local own
	own=$(cat /proc/self/oom_score_adj)
	start_tree "$CONF"
	local pid
	pid=$(pid_of child)
	assert_equal "$(stat_field 19 "$pid")" 7
	assert_equal "$(ionice -p "$pid")" "best-effort: prio 6"
	assert_equal "$(cat "/proc/$pid/oom_score_adj")" 321
	assert_equal "$(sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$pid/status")" 0
	# supd's own are what they were.
	assert_equal "$(cat "/proc/$SUPD_PID/oom_score_adj")" "$own"
	assert_equal "$(stat_field 19 "$SUPD_PID")" "$(stat_field 19 $$)"
}

@test "io_priority = idle" {
	one 'io_priority = idle'
	start_tree "$CONF"
	assert_equal "$(ionice -p "$(pid_of child)")" idle
}

@test "with the rights: nice and oom_score_adj below what supd has, a limit above, as another user" {
	local more=
	((EUID == 0)) && has_cap 23 || skip "not root, or without CAP_SYS_NICE"
	! has_cap 24 || more='oom_score_adj = -500 limits { memlock = 1G }'
	conf <<-END
		supervisor "root" {
		    process "child" {
		        command = "sleep 1000"
		        user = nobody
		        nice = -5 io_priority = "realtime:3" $more
		    }
		}
	END
	start_tree "$CONF"
	local pid
	pid=$(pid_of child)
	assert_equal "$(stat_field 19 "$pid")" -5
	if [[ -n $more ]]; then
		assert_equal "$(cat "/proc/$pid/oom_score_adj")" -500
		assert_equal "$(limit 'Max locked memory')" "1073741824 1073741824"
	fi
	assert_equal "$(ionice -p "$pid")" "realtime: prio 3"
	assert_equal "$(stat -c %U "/proc/$pid")" nobody
}

@test "standard input is /dev/null, or inherited when asked" {
	conf <<-END
		supervisor "root" {
		    process "plain" { command = "$CHILD -r" ready = notify }
		    process "heir" { command = "$CHILD -r" ready = notify stdin = inherit }
		}
	END
	mkdir -p "$RUN"
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	"$SUPD" -c "$CONF" -d "$RUN" 2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- \
		<>"$BATS_TEST_TMPDIR/fifo" &
	SUPD_PID=$!
	wait_for 20 up_or_gone
	assert_equal "$(readlink "/proc/$(pid_of plain)/fd/0")" /dev/null
	assert_equal "$(readlink "/proc/$(pid_of heir)/fd/0")" "$BATS_TEST_TMPDIR/fifo"
}

@test "what cannot be set is a failed start that says what and why" {
	one 'cpu_affinity = "1023"'
	start_supd "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
	said "cpu_affinity"
	said "Invalid argument"
}

@test "--check warns of what supd may not, or the machine cannot, give" {
	one 'cpu_affinity = "1023"'
	run "$SUPD" --check -c "$CONF"
	assert_success
	assert_output --partial "[not-permitted]"
	((EUID == 0)) || skip "the rest needs root, to give it up"
	command -v setpriv >/dev/null || skip "no setpriv"
	one 'nice = -5 oom_score_adj = -1000 io_priority = realtime
	     limits { core = 0 nofile = "10:1000000" } sockets = "tcp:*:80"'
	chmod 755 "$BATS_TEST_TMPDIR"
	run bash -c "ulimit -n 4096; setpriv --reuid 65534 --clear-groups --bounding-set -all \
		--inh-caps -all $SUPD --check -c /dev/stdin <$CONF"
	assert_output --partial "nice = -5"
	assert_output --partial "oom_score_adj = -1000"
	assert_output --partial "io_priority = realtime:4"
	assert_output --partial "nofile = 10:1000000"
	assert_output --partial "port 80"
	refute_output --partial "limit core"
}

@test "--check warns of a user that whoever checks cannot become, and not of itself" {
	((EUID == 0)) || skip "needs root, to give it up"
	command -v setpriv >/dev/null || skip "no setpriv"
	conf <<-END
		supervisor "root" {
		    process "other" { command = "$CHILD -l 1" user = root }
		    process "own" { command = "$CHILD -l 2" user = 65534 group = 65534 }
		    process "same" { command = "$CHILD -l 3" }
		    process "grouped" { command = "$CHILD -l 4" group = 1 }
		    process "inside" {
		        command = "$CHILD -l 5" user = root sandbox { namespaces = {user} optional = true }
		    }
		}
	END
	run "$SUPD" --check -c "$CONF"
	refute_output --partial "cannot become"
	run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all \
		"$SUPD" --check -c /dev/stdin <"$CONF"
	assert_success
	assert_line --regexp ":2: warning: .* is user 65534 and cannot become user 0: .* \[not-permitted\]"
	assert_line --regexp ":5: warning: .* another group: .* \[not-permitted\]"
	refute_line --regexp ":[346]: warning: .*whoever checks this (is|cannot)"
}

# in_terminal CONFIG: supd in a terminal of its own; $KEYS is what is typed there.
in_terminal() {
	KEYS=$BATS_TEST_TMPDIR/keys
	mkdir -p "$RUN"
	mkfifo "$KEYS"
	# Both ends: the terminal stays until somebody ends it.
	exec {keys}<>"$KEYS"
	script -qec "exec $SUPD -c $1 -d $RUN 2>>$BATS_TEST_TMPDIR/supd.log" /dev/null \
		<"$KEYS" >"$BATS_TEST_TMPDIR/screen" 3>&- &
	SCRIPT_PID=$!
	wait_for 20 is_state / running
	SUPD_PID=$(field pid /)
}

end_terminal() {
	kill -TERM "$SUPD_PID"
	wait_for 20 gone "$SUPD_PID"
	SUPD_PID=
	exec {keys}>&-
	wait_for 10 gone "$SCRIPT_PID"
	wait "$SCRIPT_PID" || true
}

# foreground: the group that the terminal of supd has in front.
foreground() {
	stat_field 8 "$SUPD_PID"
}

in_front() {
	[[ $(foreground) == "$(stat_field 5 "$1")" ]]
}

@test "terminal = true: it reads what is typed and is in front while it runs" {
	command -v script >/dev/null || skip "no script(1)"
	conf <<-END
		supervisor "root" {
		    process "shell" {
		        command = "sh -c 'echo up; while read -r word; do echo \"\$word\" >>$LOG; test \"\$word\" != bye || exit 3; done'"
		        terminal = true
		        backoff = 0
		    }
		    process "other" { command = "$CHILD" }
		}
	END
	in_terminal "$CONF"
	local first
	first=$(pid_of shell)
	in_front "$first"
	echo hello >&"$keys"
	wait_for 10 lines_in 1 "$LOG"
	# It dies, is restarted, and is in front again.
	echo bye >&"$keys"
	wait_for 10 reborn shell "$first"
	wait_for 10 in_front "$(pid_of shell)"
	echo again >&"$keys"
	wait_for 10 lines_in 3 "$LOG"
	log_is hello bye again
	# While it does not run, supd is in front itself.
	ctl stop shell
	in_front "$SUPD_PID"
	assert_equal "$(readlink "/proc/$(pid_of other)/fd/0")" /dev/null
	end_terminal
}
