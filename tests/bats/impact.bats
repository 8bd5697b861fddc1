#!/usr/bin/env bats
# What `supctl impact` and `supd --simulate` foresee is what happens: real processes are killed, and
# their own log of starts and stops is compared with both.

load helpers

# process NAME [KEY...]: a child that logs its starts and stops and is waited for.
process() {
	local name=$1
	shift
	echo "process \"$name\" { command = \"$CHILD -r -l $LOG\" ready = notify $* }"
}

# start_and_forget: the tree of $CONF is up, and the log empty; sets PROCESSES, their paths.
start_and_forget() {
	start_tree "$CONF"
	: >"$LOG"
	PLAYED=()
	PROCESSES=$(ctl status --json | jq -r '.children[] | select(.kind == "process") | .path')
}

# foreseen PATH: the stops and starts of processes after its death now, as the log writes them.
foreseen() {
	ctl impact --json "$1" | jq -r '.steps[] | select(.death == 1) |
		select(.what == "stops" or .what == "starts") | "\(.what[:-1]) \(.path)"'
}

# simulated LINE...: the same when these lines are played, from the last kill on. Only the processes
# count.
simulated() {
	local line n=0 last=0
	for line in "$@"; do
		((n += 1))
		[[ $line != kill* ]] || last=$n
	done
	printf '%s\n' "$@" | "$SUPD" --simulate - -c "$CONF" 2>/dev/null |
		awk -v processes="$PROCESSES" -v last="(line $last)" '
			BEGIN { n = split(processes, list, "\n"); for (i = 1; i <= n; i++) is[list[i]] }
			killed && ($2 in is) && $3 == "stops" { print "stop " $2 }
			killed && ($2 in is) && $3 == "starts" { print "start " $2 }
			index($0, last) { killed = 1 }'
}

killed() {
	local pid
	pid=$(pid_of "$1")
	kill -KILL "$pid"
}

same_log() {
	[[ $(cat "$LOG") == "$1" ]]
}

# agree PATH: kills it, and what happens is what was foreseen by both.
agree() {
	local before
	before=$(foreseen "$1")
	PLAYED+=("kill $1" 'advance 1s')
	: >"$LOG"
	assert_equal "$(simulated "${PLAYED[@]}")" "$before"
	killed "$1"
	wait_for 10 same_log "$before" || {
		diff <(echo "$before") "$LOG"
		return 1
	}
	wait_for 5 is_state / running
	same_log "$before"
}

# up_again PATH PID: it runs under another pid, or supd has ended.
up_again() {
	gone "$SUPD_PID" || reborn "$1" "$2"
}

# kill_to_the_end PATH: kills it as soon as it is up, until supd ends; the number of its deaths is
# then in DEATHS.
kill_to_the_end() {
	local pid
	DEATHS=0
	while ! gone "$SUPD_PID"; do
		pid=$(pid_of "$1")
		kill -KILL "$pid" || break
		DEATHS=$((DEATHS + 1))
		wait_for 10 up_again "$1" "$pid"
	done
	supd_ended 10
}

# foreseen_end PATH: after how many deaths supd ends, and with which status.
foreseen_end() {
	ctl impact --json "$1" | jq -r '.steps[-1] | "\(.what) \(.death) \(.status)"'
}

@test "one_for_all below one_for_one, with a temporary member" {
	conf <<-END
		supervisor "root" {
		    $(process db)
		    supervisor "web" {
		        strategy = one_for_all
		        $(process app)
		        $(process once "restart = temporary")
		        $(process proxy)
		    }
		    $(process last)
		}
	END
	start_and_forget
	agree web/app
	assert_equal "$(cat "$LOG")" "$(printf '%s\n' 'stop web/proxy' 'stop web/once' 'start web/app' 'start web/proxy')"
	: >"$LOG"
	# The second restart of app in a row waits for its backoff; proxy's is its first.
	agree web/proxy
}

@test "rest_for_one with a supervisor among those behind" {
	conf <<-END
		supervisor "root" {
		    strategy = rest_for_one
		    $(process a)
		    $(process b)
		    supervisor "sub" {
		        $(process x)
		        supervisor "deep" { $(process y) }
		    }
		    $(process c)
		}
	END
	start_and_forget
	agree b
	: >"$LOG"
	agree sub/x
	: >"$LOG"
	agree a
}

@test "escalation through three levels, to the end of the tree" {
	conf <<-END
		supervisor "root" {
		    max_restarts = 1
		    max_seconds = 60
		    $(process a)
		    supervisor "mid" {
		        max_restarts = 1
		        max_seconds = 60
		        strategy = rest_for_one
		        supervisor "inner" {
		            max_restarts = 1
		            max_seconds = 60
		            $(process x "backoff = 0")
		            $(process y)
		        }
		        $(process z)
		    }
		}
	END
	start_and_forget
	local end script
	end=$(foreseen_end x)
	kill_to_the_end mid/inner/x
	assert_equal "$end" "ends $DEATHS $SUPD_STATUS"
	assert_equal "$end" "ends 8 1"
	# All that happened, and all that is foreseen.
	mapfile -t script < <(printf 'kill x\n%.0s' {1..8})
	assert_equal "$(cat "$LOG")" "$(printf '%s\n' \
		'start mid/inner/x' \
		'stop mid/inner/y' 'stop mid/z' 'start mid/inner/x' 'start mid/inner/y' 'start mid/z' \
		'start mid/inner/x' \
		'stop mid/inner/y' 'stop mid/z' 'start mid/inner/x' 'start mid/inner/y' 'start mid/z' \
		'start mid/inner/x' \
		'stop mid/inner/y' 'stop mid/z' 'start mid/inner/x' 'start mid/inner/y' 'start mid/z' \
		'start mid/inner/x' \
		'stop mid/inner/y' 'stop mid/z' 'stop a')"
	assert_equal "$(simulated "${script[@]}")" "$(tail -n 3 "$LOG")"
}

@test "backoff: the group is stopped at once and started when the delay is over" {
	conf <<-END
		supervisor "root" {
		    strategy = one_for_all
		    max_restarts = 2
		    max_seconds = 60
		    $(process a 'backoff { initial = 700ms factor = 2 jitter = 0 }')
		    $(process b)
		}
	END
	start_and_forget
	agree a
	: >"$LOG"
	local delay began end
	delay=$(ctl impact --json a | jq '.steps[] | select(.death == 1 and .what == "waits") | .delay * 1000')
	assert_equal "$delay" 700
	began=$(now_ms)
	agree a
	(($(now_ms) - began >= 700))
	end=$(foreseen_end a)
	assert_equal "$end" "ends 1 1"
	: >"$LOG"
	killed a
	supd_ended 10
	assert_equal "$SUPD_STATUS" 1
	assert_equal "$(cat "$LOG")" "stop b"
}

@test "a significant child ends the tree, with its own status" {
	conf <<-END
		supervisor "root" {
		    auto_shutdown = any_significant
		    $(process a)
		    supervisor "sub" { $(process x) $(process y) }
		    $(process main "restart = temporary significant = true")
		    $(process z)
		}
	END
	start_and_forget
	local before end
	before=$(foreseen main)
	assert_equal "$(simulated 'kill main')" "$before"
	end=$(foreseen_end main)
	killed main
	supd_ended 10
	assert_equal "$(cat "$LOG")" "$before"
	assert_equal "$end" "ends 1 $SUPD_STATUS"
	assert_equal "$SUPD_STATUS" 137
}

@test "transient and temporary: who stays down, and that the others go on" {
	conf <<-END
		supervisor "root" {
		    $(process a)
		    supervisor "sub" {
		        restart = transient
		        max_restarts = 1
		        max_seconds = 60
		        $(process x "backoff = 0")
		        $(process y)
		    }
		    $(process once "restart = temporary")
		}
	END
	start_and_forget
	agree once
	assert_equal "$(cat "$LOG")" ""
	agree sub/x
	: >"$LOG"
	# The limit is used up: sub gives up, and is not restarted.
	assert_equal "$(ctl impact --json x | jq -r '[.steps[].what] | join(" ")')" \
		"dies gives_up stops not_restarted"
	agree sub/x
	wait_for 5 is_state sub exited
	is_state a running
}

@test "instances of a dynamic supervisor, those that are there now" {
	conf <<-END
		supervisor "root" {
		    dynamic "jobs" {
		        max_restarts = 1
		        max_seconds = 60
		        process "job" {
		            command = "$CHILD -r -l $LOG" ready = notify restart = transient backoff = 0
		        }
		    }
		}
	END
	start_tree "$CONF"
	ctl start-child jobs one
	ctl start-child jobs two
	: >"$LOG"
	local before
	before=$(foreseen one)
	assert_equal "$before" "start jobs/one"
	killed jobs/one
	wait_for 10 same_log "$before"
	# All its instances end with it, and it starts empty.
	before=$(foreseen two)
	assert_equal "$before" "stop jobs/one"
	: >"$LOG"
	killed jobs/two
	wait_for 10 same_log "$before"
	wait_for 5 is_state jobs running
}

@test "hooks, watchdogs and readiness do not stand in the way of what is foreseen" {
	conf <<-END
		supervisor "root" {
		    strategy = rest_for_one
		    $(process a "watchdog = 10s before_start = true after_stop = true")
		    $(process b "health { exec = true } after_stop = true")
		    process "c" { command = "sleep 1000" watchdog = 20s before_start = "true" }
		}
	END
	start_tree "$CONF"
	run ctl impact --json c
	assert_success
	assert_equal "$(jq -r '[.steps[] | select(.death == 1).what] | join(" ")' <<<"$output")" \
		"dies counts starts"
	assert_equal "$(foreseen a)" "$(printf '%s\n' 'stop c' 'stop b' 'start a' 'start b' 'start c')"
	# Nothing that is foreseen lies in the time of a watchdog or of a start that hangs.
	assert_equal "$(ctl impact --json a | jq '[.steps[].at] | max < 5')" true
}

@test "impact: words for people, and what cannot die" {
	conf <<-END
		supervisor "root" {
		    $(process a "backoff = 0")
		    $(process setup "ready = exit")
		}
	END
	sed -i "s|process \"setup\".*|process \"setup\" { command = \"true\" ready = exit }|" "$CONF"
	start_tree "$CONF"
	run ctl impact a
	assert_success
	assert_output - <<-END
		a is a permanent process of / (one_for_one, 3 restarts within 5s)

		If a dies now:
		  counts as restart 1 of 3 within 5s
		  starts   a, at once
		  Nothing else is touched.

		If it keeps dying, each time as soon as it is ready:
		  death 2      +0s       restart 2 of 3 within 5s, at once
		  death 3      +0s       restart 3 of 3 within 5s, at once
		  death 4      +0s       one restart too many: / gives up
		  Death 4, in the same moment, ends the whole tree: supd exits with status 1.
	END
	run ctl impact setup
	assert_success
	assert_line 'It is a one-shot (ready = exit): once it has done its work it cannot die.'
	run ctl impact aa
	assert_failure 1
	assert_output --partial 'there is no such child'
	run ctl impact
	assert_failure 2
	is_state a running
}
