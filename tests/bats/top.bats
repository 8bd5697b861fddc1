#!/usr/bin/env bats
# supctl top in a terminal of tmux: keys are sent, the screen is captured.

load helpers

setup() {
	command -v tmux >/dev/null || skip "tmux is not installed: nothing was seen of top"
	[[ -x $(dirname "$SUPCTL")/suptop ]] || skip "suptop was not built: no ncurses"
}

# A command in a tmux of this test's own.
tm() {
	env -u TMUX tmux -f /dev/null -S "$BATS_TEST_TMPDIR/tmux" "$@"
}

# open_top COLUMNS LINES [LOCALE]: starts it, waits for its first screen.
open_top() {
	tm new-session -d -x "$1" -y "$2" \
		"env LC_ALL=${3:-C.UTF-8} TERM=screen $SUPCTL -d $RUN top 2>$BATS_TEST_TMPDIR/top.err;
		echo ended with \$? >$BATS_TEST_TMPDIR/top.end"
	wait_for 30 shows "running"
}

screen() {
	tm capture-pane -p
}

shows() {
	screen | grep -qF -- "$1"
}

shows_not() {
	! shows "$1"
}

# matches REGEX: a line of the screen does.
matches() {
	screen | grep -qE -- "$1"
}

keys() {
	tm send-keys "$@"
}

ended() {
	[[ -s $BATS_TEST_TMPDIR/top.end ]]
}

teardown() {
	if [[ -z ${BATS_TEST_COMPLETED:-} ]]; then
		screen 2>/dev/null || true
		cat "$BATS_TEST_TMPDIR/top.err" 2>/dev/null || true
	fi
	tm kill-server 2>/dev/null || true
	end_supd
}

# root: db, web (one_for_all): app, proxy; many: p.1 to p.40.
shop() {
	conf <<-END
		supervisor "shop" {
		    max_restarts = 100
		    process "db" { command = "$CHILD" shutdown = 5s }
		    supervisor "web" {
		        strategy = one_for_all
		        max_restarts = 100
		        process "app" { command = "$CHILD" backoff = 0 }
		        process "proxy" { command = "$CHILD" }
		    }
		    process "slow" {
		        command = "$CHILD"
		        backoff { initial = 10s max = 10s jitter = 0 }
		    }
		    supervisor "many" {
		        process "p" { command = "$CHILD" instances = 40 }
		    }
		}
	END
	start_tree "$CONF"
}

@test "80x24: the tree, the pane and the keys" {
	shop
	open_top 80 24
	run screen
	assert_line --index 0 --regexp '^shop: 44 of 44 running'
	assert_line --index 1 --regexp '^NAME +STATE +PID +CPU% +MEM +UP +RST +LAST MINUTE'
	assert_line --index 2 --regexp "^▾ shop one_for_one +running +$SUPD_PID "
	assert_line --index 3 --regexp "^    db +running +$(pid_of db) .* 0 *$"
	assert_line --index 4 --regexp '^  ▾ web one_for_all +running +- '
	assert_line --index 5 --regexp "^      app +running +$(pid_of web/app) "
	assert_line --regexp '^\? help .* q quit'
	((${#lines[@]} <= 24))
	wait_for 30 matches '^/: events'
	# CPU and memory are there after the second reading.
	wait_for 30 matches '^    db +running +[0-9]+ +[0-9.]+ +[0-9.]+[KM] '
	keys q
	wait_for 30 ended
	assert_equal "$(cat "$BATS_TEST_TMPDIR/top.end")" "ended with 0"
}

@test "200x50: more columns, more rows, the last exit" {
	shop
	open_top 200 50
	local pid
	pid=$(pid_of web/app)
	kill -9 "$pid"
	wait_for 30 reborn web/app "$pid"
	wait_for 30 matches '^      app +running .* 1 +▁ +KILL'
	run screen
	assert_line --index 1 --regexp '^NAME .* LAST MINUTE +LAST EXIT'
	assert_line --regexp '^      p.22 +running '
	# The supervisor has the restarts of both its children.
	assert_line --regexp '^  ▾ web one_for_all .* ▂ '
	((${#lines[@]} > 32))
}

@test "without UTF-8 it draws with plain letters" {
	shop
	open_top 80 24 C
	run screen
	assert_line --index 2 --regexp '^- shop one_for_one +running'
	assert_line --index 4 --regexp '^  - web one_for_all +running'
}

@test "search, fold, unfold" {
	shop
	open_top 80 24
	keys / p.39 Enter
	wait_for 30 matches '^ +p.39 +running'
	wait_for 30 shows "many/p.39: events"
	keys f
	wait_for 30 matches '^  ▸ many \(40\) +running'
	wait_for 30 shows "many: events"
	keys f
	wait_for 30 matches '^  ▾ many one_for_one +running'
	keys / nosuch Enter
	wait_for 30 shows "no path has nosuch in it"
	keys g Down Down Space
	wait_for 30 matches '^  ▸ web \(2\) +running'
	run screen
	refute_output --partial "proxy"
}

@test "the pane shows what happens to the selected child" {
	shop
	open_top 80 24
	keys / proxy Enter
	wait_for 30 shows "web/proxy: events"
	# Until its supctl has subscribed there is nothing to see: it is restarted until there is.
	restart_seen() {
		ctl restart web/proxy
		matches 'web/proxy +starting -> running'
	}
	wait_for 30 restart_seen
	keys w
	wait_for 30 shows "web/proxy is running"
	keys i
	wait_for 30 shows "If web/proxy dies now:"
	keys Up
	wait_for 30 shows "web/app: events"
	keys p
	wait_for 30 shows_not "web/app: events"
}

@test "the pane shows what the selected child writes, when that is logged" {
	conf <<-END
		supervisor "shop" {
		    process "talk" {
		        command = "sh -c 'printf \"\\033[31mhello\\033[m\\n\"; exec sleep 1000'"
		        log { file = "$BATS_TEST_TMPDIR/talk.log" }
		    }
		    process "mute" { command = "$CHILD" }
		}
	END
	start_tree "$CONF"
	open_top 80 24
	keys / talk Enter
	wait_for 30 shows "talk: log"
	wait_for 30 matches '^hello'
	keys / mute Enter
	wait_for 30 shows "mute: events"
	wait_for 30 matches 'mute  starting -> running'
	keys / talk Enter e
	wait_for 30 shows "talk: events"
	keys l
	wait_for 30 shows "talk: log"
}

@test "keys stop, start, restart and signal" {
	shop
	open_top 80 24
	keys / db Enter
	keys x
	wait_for 30 shows "stop db? (y/n)"
	keys n
	wait_for 30 shows_not "stop db?"
	is_state db running
	keys x
	wait_for 30 shows "stop db? (y/n)"
	keys y
	wait_for 30 is_state db stopped
	wait_for 30 shows "stop db: done"
	wait_for 30 matches '^    db +stopped +- '
	keys s
	wait_for 30 is_state db running
	local pid
	pid=$(pid_of db)
	keys r y
	wait_for 30 reborn db "$pid"
	wait_for 30 shows "restart db: done"
	pid=$(pid_of db)
	keys k KILL Enter
	wait_for 30 reborn db "$pid"
	wait_for 30 shows "signal KILL db: done"
	keys k NONSENSE Enter
	wait_for 30 shows "NONSENSE"
	wait_for 30 shows "supctl:"
}

@test "the next child in trouble is one key away" {
	shop
	open_top 80 24
	keys !
	wait_for 30 shows "all that should run is well"
	keys '?'
	wait_for 30 shows "Any key goes back."
	keys '?'
	wait_for 30 shows "NAME"
	# Its first restart is immediate, the second waits for ten seconds.
	local pid
	pid=$(pid_of slow)
	kill -KILL "$pid"
	wait_for 30 reborn slow "$pid"
	kill -KILL "$(pid_of slow)"
	wait_for 30 is_state slow backoff
	wait_for 30 matches '^shop: .*, 1 in trouble'
	keys !
	wait_for 30 shows "slow: events"
	matches '^    slow +backoff +- '
}

@test "a new size of the terminal is filled at once" {
	shop
	open_top 80 24
	tm resize-window -x 130 -y 40
	wait_for 30 shows "LAST EXIT"
	tm resize-window -x 40 -y 10
	wait_for 30 matches '^▾ shop .*running +[0-9]+s$'
	run screen
	assert_line --index 0 --regexp '^shop: 44 of 44 running'
	tm resize-window -x 80 -y 24
	wait_for 30 shows "LAST MINUTE"
}

@test "it says so when supd has gone, and goes on when it is back" {
	shop
	open_top 80 24
	kill -9 "$SUPD_PID"
	wait_for 30 shows "is gone; this is the last it wrote"
	local left
	left=$(ctl --json status 2>/dev/null | jq -r '.children[].pid // empty')
	# shellcheck disable=SC2086 # a list of pids
	kill -KILL $left 2>/dev/null || true
	wait "$SUPD_PID" || true
	start_tree "$CONF"
	wait_for 30 matches '^shop: 44 of 44 running'
	wait_for 30 matches ' starting -> running  ready'
}

@test "it leaves the terminal as it was when it is told to end" {
	shop
	open_top 80 24
	local pid
	pid=$(tm list-panes -F '#{pane_pid}')
	# The program itself is a child of the pane's shell.
	kill -TERM "$(cat "/proc/$pid/task/$pid/children")"
	wait_for 30 ended
	assert_equal "$(cat "$BATS_TEST_TMPDIR/top.end")" "ended with 0"
}

@test "top needs a terminal" {
	shop
	run ctl top </dev/null
	assert_failure 2
	assert_output --partial "needs a terminal"
	run ctl top --json
	assert_failure 2
}
