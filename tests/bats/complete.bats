#!/usr/bin/env bats
# A stop is complete: whatever the processes of a child did to leave it, none is left.

bats_require_minimum_version 1.5.0
load helpers

# A process that forks into its group, one there that ignores TERM, one that forks twice and makes a
# session of its own, with a child, and one of those that ignores TERM. Their pids go to a file each.
messy() {
	cat >"$BATS_TEST_TMPDIR/messy" <<-'END'
		#!/bin/bash
		cd "$1" || exit
		sleep 10001 & echo $! >member
		(trap '' TERM; exec sleep 10002) & echo $! >stubborn
		(setsid bash -c 'sleep 10003 & echo $! >grandchild; echo $$ >stray; exec sleep 10004' &)
		(setsid bash -c 'trap "" TERM; echo $$ >mule; exec sleep 10005' &)
		until [[ -s grandchild && -s stray && -s mule ]]; do sleep 0.02; done
		echo up >up
		exec sleep 10006
	END
	chmod +x "$BATS_TEST_TMPDIR/messy"
	conf <<-END
		supervisor "root" {
		    process "messy" {
		        command = "$BATS_TEST_TMPDIR/messy $BATS_TEST_TMPDIR"
		        shutdown = ${1:-1s}
		        backoff = 0
		    }
		    process "calm" { command = "$CHILD -l $LOG" }
		}
	END
}

NAMES=(member stubborn grandchild stray mule)

pids() {
	local name
	for name in "${NAMES[@]}"; do
		cat "$BATS_TEST_TMPDIR/$name"
	done
}

all_gone() {
	local pid
	for pid in "$@"; do
		gone "$pid" || return 1
	done
}

# without_cgroups: as most trees run.
without_cgroups() {
	start_tree "$CONF"
	run said "each child has a cgroup of its own"
	assert_failure
}

up() {
	wait_for 10 test -s "$BATS_TEST_TMPDIR/up"
	rm "$BATS_TEST_TMPDIR/up"
}

named() {
	ctl why messy | tr '\n' ' ' | grep -qE "gone when these are:.* $1 \("
}

# stop_is_complete SECONDS: within that time, and named while they hold it up.
stop_is_complete() {
	local before all mule took
	mapfile -t all < <(pids)
	mule=$(<"$BATS_TEST_TMPDIR/mule")
	before=$(now_ms)
	ctl stop --no-wait messy
	wait_for 5 named "$mule"
	named "$(<"$BATS_TEST_TMPDIR/stubborn")"
	ctl status messy | grep -qE 'stopping.*waits for [0-9]+ \('
	wait_for 10 is_state messy stopped
	took=$(($(now_ms) - before))
	all_gone "${all[@]}"
	((took < $1 * 1000 + 1000)) || { echo "it took $took ms"; return 1; }
	measured "$BATS_TEST_DESCRIPTION: gone after $took ms"
}

@test "a stop takes what left the group, and names what holds it up" {
	messy
	start_tree "$CONF" --cgroups
	up
	stop_is_complete 1
	is_state calm running
}

@test "a stop takes what left the group where there are no cgroups" {
	messy
	without_cgroups
	up
	stop_is_complete 1
	is_state calm running
}

dies_by_itself() {
	local all pid
	mapfile -t all < <(pids)
	pid=$(pid_of messy)
	kill -KILL "$pid"
	up
	wait_for 10 reborn messy "$pid"
	all_gone "${all[@]}"
	mapfile -t all < <(pids)
	stop_supd
	assert_equal "$SUPD_STATUS" 0
	all_gone "${all[@]}"
}

@test "what is left of a life is gone before the next begins, and at the end" {
	messy 200ms
	start_tree "$CONF" --cgroups
	up
	dies_by_itself
}

@test "what is left of a life is gone before the next begins where there are no cgroups" {
	messy 200ms
	without_cgroups
	up
	dies_by_itself
}

@test "brutal_kill takes them all at once" {
	messy brutal_kill
	start_tree "$CONF"
	up
	local all
	mapfile -t all < <(pids)
	ctl stop messy
	all_gone "${all[@]}"
}

@test "without cgroups an environment that was changed does not hide what was below at the stop" {
	conf <<-END
		supervisor "root" {
		    process "sly" {
		        command = "bash -c 'setsid env -i sleep 10007 & echo \$! >$BATS_TEST_TMPDIR/sly; exec sleep 10008'"
		        shutdown = 1s
		    }
		}
	END
	without_cgroups
	wait_for 5 test -s "$BATS_TEST_TMPDIR/sly"
	ctl stop sly
	gone "$(<"$BATS_TEST_TMPDIR/sly")"
}

@test "a session of its own below a living parent is left to the parent" {
	cat >"$BATS_TEST_TMPDIR/worker" <<-END
		#!/bin/bash
		trap 'exit 5' HUP
		trap 'exit 6' TERM
		echo up >>$LOG
		while :; do sleep 0.05; done
	END
	cat >"$BATS_TEST_TMPDIR/parent" <<-END
		#!/bin/bash
		setsid $BATS_TEST_TMPDIR/worker &
		worker=\$!
		trap 'sleep 0.2; kill -HUP \$worker; wait \$worker; echo worker \$? >>$LOG; exit 0' TERM
		until wait; do :; done
	END
	chmod +x "$BATS_TEST_TMPDIR/worker" "$BATS_TEST_TMPDIR/parent"
	conf <<-END
		supervisor "root" {
		    process "parent" { command = "$BATS_TEST_TMPDIR/parent" }
		}
	END
	start_tree "$CONF"
	wait_for 5 lines_in 1 "$LOG"
	ctl stop parent
	log_is up "worker 5"
}

@test "control groups come and go with their children" {
	messy
	start_tree "$CONF" --cgroups
	said "each child has a cgroup of its own" || skip "there are no cgroups here"
	local where
	where=$(sed -n 's/^0:://p' "/proc/$(pid_of calm)/cgroup")
	[[ $where == */supd-*/calm ]]
	up
	[[ $(sed -n 's/^0:://p' "/proc/$(<"$BATS_TEST_TMPDIR/mule")/cgroup") == "${where%calm}messy" ]]
	local mount
	mount=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	ctl stop messy
	[[ ! -e $mount${where%calm}messy && -e $mount$where ]]
	stop_supd
	[[ ! -e $mount${where%/calm} ]]
}
