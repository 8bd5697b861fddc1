#!/usr/bin/env bats
# suplog.bats - the logger on its own, and killed at random under a driver that plays supd.

load helpers

: "${SUPLOG:=$(dirname "$SUPD")/suplog}"
DRIVER=$TOOLS/logdriver

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	WRITER=
}

teardown() {
	[[ -z ${LOGGER:-} ]] || kill -KILL "$LOGGER" 2>/dev/null || true
	exec 9>&- || true
}

# start_logger OPTION...: suplog reads what is written to descriptor 9; sets LOGGER.
start_logger() {
	mkfifo in
	"$SUPLOG" "$@" <in 2>err 3>&- &
	LOGGER=$!
	exec 9>in
}

# end_logger: the end of its input; its exit status is then in STATUS.
end_logger() {
	exec 9>&-
	wait_for 20 gone "$LOGGER"
	STATUS=0
	wait "$LOGGER" || STATUS=$?
	LOGGER=
}

has_line() {
	[[ -e $2 ]] && grep -qF -- "$1" "$2"
}

archives_of() {
	shopt -s nullglob
	local found=("$1".2*)
	echo "${#found[@]}"
}

driver() {
	mkdir -p d
	run timeout 100 "$DRIVER" "$@" "$SUPLOG" d
	assert_success
	measured "${lines[-1]}"
	rm -rf d
}

# ---- what it writes

@test "what comes in is appended to the file, the last line ended" {
	printf 'old\n' >log
	printf 'one\ntwo\nthree' | "$SUPLOG" -f log
	run cat log
	assert_output $'old\none\ntwo\nthree'
	[[ $(tail -c 1 log | od -An -c) == *'\n'* ]]
}

@test "any bytes pass through text unchanged" {
	head -c 300000 /dev/urandom >in
	echo >>in
	"$SUPLOG" -f log --max-line 65536 <in
	cmp in log
}

@test "prefix, time and json" {
	printf 'a "b"\nc\xff\n' | "$SUPLOG" -p web/app >out
	run cat -v out
	assert_output $'web/app | a "b"\nweb/app | cM-^?'
	printf 'x\n' | "$SUPLOG" -t -f log
	run cat log
	assert_output --regexp '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z x$'
	printf 'a "b"\nc\xff\n\x1b\n' | "$SUPLOG" --format json -p web/app -f json
	run jq -r '[.path, .stream, .line, .binary // false] | @json' json
	assert_output $'["web/app","out","a \\"b\\"",false]\n["web/app","out","cÿ",true]\n["web/app","out","\\u001b",false]'
}

@test "a line that is too long is split, and marked" {
	printf '%0300d\nshort\n' 0 | "$SUPLOG" --max-line 256 -f log
	printf '%0256d [...]\n[...] %044d\nshort\n' 0 0 | cmp - log
	printf '%0300d\n' 0 | "$SUPLOG" --max-line 256 --format json -f json
	run jq -c '[(.line | length), .truncated, .continued]' json
	assert_output $'[256,true,null]\n[44,null,true]'
}

@test "file and standard output at once" {
	seq 1000 | "$SUPLOG" -o -f log >out
	seq 1000 | cmp - log
	cmp log out
}

@test "a terminal gets colours, unless NO_COLOR is set; nothing else does" {
	command -v script >/dev/null || skip "script(1) is not installed"
	TERM=xterm script -qec "printf 'up\n' | '$SUPLOG' -p app" /dev/null >out </dev/null
	grep -q $'\e\[3[1-6]mapp' out
	NO_COLOR=1 TERM=xterm script -qec "printf 'up\n' | '$SUPLOG' -p app" /dev/null >out </dev/null
	run cat out
	assert_output $'app | up\r'
	TERM=dumb script -qec "printf 'up\n' | '$SUPLOG' -p app" /dev/null >out </dev/null
	run cat out
	assert_output $'app | up\r'
	printf 'up\n' | "$SUPLOG" -p app >out
	run cat out
	assert_output 'app | up'
}

@test "mistakes on the command line are told" {
	run "$SUPLOG" --max-line 10
	assert_failure 2
	assert_output --partial '256 to 65536'
	run "$SUPLOG" --format xml
	assert_failure 2
	run "$SUPLOG" -f log extra
	assert_failure 2
	run "$SUPLOG" --owner nobody-of-that-name -f log
	assert_failure 2
	run "$SUPLOG" --supd </dev/null
	assert_failure 3
	assert_output --partial 'supd, which starts it by itself'
}

# ---- rotation

@test "a file is rotated by its size, old ones go" {
	seq 100000 | "$SUPLOG" -f log -s 64K -n 100
	cat log.2* log | cmp - <(seq 100000)
	run find . -name 'log*' -size +72k
	assert_output ''
	(($(archives_of log) >= 8))
	seq 100000 | "$SUPLOG" -f log -s 64K -n 3
	[[ $(archives_of log) == 3 ]]
	[[ $(tail -n 1 log) == 100000 ]]
}

# no_larger_than N: no log of the test has more bytes.
no_larger_than() {
	local bytes
	bytes=$(stat -c %s log* | sort -n | tail -n 1)
	((bytes <= $1)) || fail "a file of $bytes bytes"
}

@test "a file is not longer than its size with times, prefixes or json before short lines" {
	local options
	# shellcheck disable=SC2086 # several words
	for options in '-t -p svc' '-t' '-p svc' '--format json -p svc'; do
		seq 20000 | "$SUPLOG" -f log $options -s 64K -n 0
		no_larger_than 65536
		cat log.2* log | grep -oE '[0-9]+("})?$' | tr -d '"}' | cmp - <(seq 20000)
		# It is not much shorter either.
		(($(archives_of log) <= $(cat log* | wc -c) / 60000))
		# In the next life, too.
		seq 5000 | "$SUPLOG" -f log $options -s 64K -n 0
		no_larger_than 65536
		rm log*
	done
}

@test "a file is not longer than its size when its input is no pipe, or empty lines, or odd bytes" {
	seq 20000 >in
	"$SUPLOG" -f log -t -p svc -s 64K -n 0 <in
	no_larger_than 65536
	cat log.2* log | grep -oE '[0-9]+$' | cmp - in
	rm log*
	yes '' | head -n 20000 | "$SUPLOG" -f log -t -p svc -s 4K -n 0
	no_larger_than 4096
	[[ $(cat log* | wc -l) == 20000 ]]
	rm log*
	yes $'\001\377"' | head -n 5000 | "$SUPLOG" -f log --format json -s 4K -n 0
	no_larger_than 4096
	[[ $(cat log* | wc -l) == 5000 ]]
	rm log*
	# A line that is longer than a file may be stands alone in one.
	{
		echo first
		head -c 40000 /dev/zero | tr '\0' x
		printf '\nlast\n'
	} | "$SUPLOG" -f log -t -s 4K -n 0 --max-line 65536
	no_larger_than 40100
	[[ $(cat log* | wc -l) == 3 ]]
}

@test "a file is rotated by its age" {
	start_logger -f log --max-age 1s -n 5
	aged() {
		echo tick >&9
		(($(archives_of log) >= 2))
	}
	wait_for 20 aged
	end_logger
	[[ $STATUS == 0 ]]
}

@test "old files are compressed by gzip or zstd" {
	command -v gzip >/dev/null && command -v zstd >/dev/null || skip "gzip and zstd are needed"
	start_logger -f log -s 64K -n 0 -z gzip
	seq 60000 >&9
	packed() {
		shopt -s nullglob
		local plain=(log.2*[0-9]) gz=(log.2*."$1")
		((${#plain[@]} == 0 && ${#gz[@]} > 2))
	}
	wait_for 30 packed gz
	end_logger
	{
		zcat log.2*.gz
		cat log
	} | cmp - <(seq 60000)
	rm -f log* in
	start_logger -f log -s 64K -n 0 -z zstd
	seq 60000 >&9
	wait_for 30 packed zst
	end_logger
	{
		zstdcat log.2*.zst
		cat log
	} | cmp - <(seq 60000)
	run cat err
	assert_output ''
}

@test "SIGHUP opens a file that was renamed anew" {
	start_logger -f log
	echo one >&9
	wait_for 10 has_line one log
	mv log log.old
	kill -HUP "$LOGGER"
	reopened() {
		echo two >&9
		has_line two log
	}
	wait_for 10 reopened
	end_logger
	assert_equal "$(cat log.old log | sort -u | paste -sd ' ')" 'one two'
}

# ---- trouble

@test "a file that was removed is made anew" {
	start_logger -f log
	echo one >&9
	wait_for 10 has_line one log
	rm log
	made_anew() {
		echo two >&9
		has_line two log
	}
	wait_for 10 made_anew
	end_logger
	[[ $STATUS == 0 ]]
}

@test "a directory that is not there: lines are dropped and counted, and a line says so" {
	start_logger -f dir/log
	seq 100 >&9
	wait_for 10 has_line 'No such file or directory' err
	mkdir dir
	back() {
		echo again >&9
		has_line again dir/log
	}
	wait_for 10 back
	end_logger
	[[ $STATUS == 1 ]]
	run head -n 1 dir/log
	assert_output --regexp '^suplog: 1[0-9]+ lines \([0-9]+ bytes\) were dropped: No such file'
	[[ $(wc -l <err) == 1 ]]
}

@test "a directory without the right to write" {
	(($(id -u) != 0)) || skip "root may write anywhere"
	mkdir -m 500 dir
	start_logger -f dir/log
	echo lost >&9
	wait_for 10 has_line 'Permission denied' err
	chmod 700 dir
	back() {
		echo again >&9
		has_line again dir/log
	}
	wait_for 10 back
	end_logger
}

@test "a file that may not grow (as a full disk): whole lines stay, the rest is counted" {
	mkfifo in
	(
		ulimit -f 64
		exec "$SUPLOG" -f log -p app <in 2>err 3>&-
	) &
	LOGGER=$!
	exec 9>in
	seq 1000000 1020000 >&9
	wait_for 10 has_line 'File too large' err
	# No line is cut.
	run grep -cvE '^app \| 10[0-9]{5}$' log
	assert_output 0
	: >log
	back() {
		echo again >&9
		has_line again log
	}
	wait_for 10 back
	end_logger
	[[ $STATUS == 1 ]]
	run head -n 1 log
	assert_output --regexp '^suplog: [0-9]+ lines .* were dropped: File too large$'
}

@test "a disk that is full, and becomes less full" {
	unshare -m true 2>/dev/null || skip "it takes the right to mount"
	# shellcheck disable=SC2016 # for the inner shell
	run timeout 60 unshare -m bash -c '
		set -e
		mkdir small
		mount -t tmpfs -o size=128k none small
		mkfifo in
		"$1" -f small/log <in 2>err 3>&- &
		exec 9>in
		seq 1000000 1050000 >&9
		until grep -q "No space left" err; do sleep 0.02; done
		[[ $(tail -c 1 small/log | od -An -c) == *n* ]]
		! grep -vE "^[0-9]{7}$" small/log
		: >small/log
		until grep -q again small/log; do echo again >&9; sleep 0.05; done
		exec 9>&-
		wait || true
		head -n 1 small/log' - "$SUPLOG"
	assert_success
	assert_output --regexp 'suplog: [0-9]+ lines .* were dropped: No space left on device'
}

@test "standard output that nobody reads: with drop the file has every line, and it is said" {
	mkfifo out
	# Somebody holds it open, and reads nothing at first.
	exec 8<>out
	seq 200000 | "$SUPLOG" -o -f log --on-full drop >out 2>err 3>&- 8>&- &
	LOGGER=$!
	wait_for 20 lines_in 200000 log
	seq 200000 | cmp - log
	cat <out >heard 8>&- 3>&- &
	local reader=$!
	exec 8>&-
	wait_for 20 gone "$LOGGER"
	wait_for 20 gone "$reader"
	LOGGER=
	# What was read is whole lines, in order.
	grep -vE '^suplog: [0-9]+ lines .*dropped' heard >numbers
	sort -n numbers | cmp - numbers
}

@test "standard output that nobody reads: with block the writer waits, and nothing is lost" {
	mkfifo out
	exec 8<>out
	(
		seq 400000
		: >written
	) 8>&- | "$SUPLOG" >out 3>&- 8>&- &
	LOGGER=$!
	blocked() {
		local now
		now=$(awk '/^rchar/ { print $2 }' "/proc/$LOGGER/io")
		[[ $now == "${before:-}" && $now -gt 0 ]] || { before=$now && return 1; }
	}
	wait_for 20 blocked
	[[ ! -e written ]]
	cat <out >heard 8>&- 3>&- &
	local reader=$!
	exec 8>&-
	wait_for 30 gone "$reader"
	LOGGER=
	seq 400000 | cmp - heard
}

@test "standard output that is closed early disturbs no writer" {
	# The writer's status tells: SIGPIPE would be 141.
	set +o pipefail
	(
		seq 100000
		echo $? >status
	) | "$SUPLOG" -o -f log 2>err | head -n 1 >out
	wait_for 20 lines_in 100000 log
	seq 100000 | cmp - log
	[[ $(cat status) == 0 ]]
	[[ $(cat out) == 1 ]]
	wait_for 5 has_line 'Broken pipe' err
}

# ---- what it gives up

@test "it keeps no right that it does not need" {
	start_logger -f log
	echo up >&9
	wait_for 10 has_line up log
	grep -qE '^NoNewPrivs:\s*1' "/proc/$LOGGER/status"
	# The sanitizers need more than the filter lets through.
	[[ $SUPLOG == *asan* ]] || grep -qE '^Seccomp:\s*2' "/proc/$LOGGER/status"
	# CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SYS_RESOURCE
	local caps
	caps=$(awk '/^CapEff/ { print $2 }' "/proc/$LOGGER/status")
	(((16#$caps & ~16#100001b) == 0))
	end_logger
	[[ $STATUS == 0 ]]
}

@test "it becomes another user" {
	(($(id -u) == 0)) || skip "it takes root"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
	mkdir -m 777 open
	start_logger -f open/log --user nobody
	echo up >&9
	wait_for 10 has_line up open/log
	[[ $(stat -c %U open/log) == nobody ]]
	run awk '/^(Uid|CapEff)/ { print $2 }' "/proc/$LOGGER/status"
	assert_output "$(id -u nobody)"$'\n'0000000000000000
	end_logger
}

@test "new files get their mode and their owner" {
	(umask 077 && echo up | "$SUPLOG" -f log --mode 0644)
	[[ $(stat -c %a log) == 644 ]]
	(($(id -u) == 0)) || return 0
	echo up | "$SUPLOG" -f owned --owner nobody:"$(id -g nobody)"
	[[ $(stat -c %U:%g owned) == "nobody:$(id -g nobody)" ]]
}

@test "it does nothing while nothing comes" {
	start_logger -f log
	echo up >&9
	wait_for 10 has_line up log
	switches() {
		awk '/^voluntary/ { print $2 }' "/proc/$LOGGER/status"
	}
	settled() {
		local now
		now=$(switches)
		[[ $now == "${before:-}" ]] || { before=$now && return 1; }
	}
	wait_for 10 settled
	before=$(switches)
	sleep 1.2 # a tick a second would be seen
	assert_equal "$(switches)" "$before"
	end_logger
}

# ---- killed at random, under a driver that plays supd

@test "killed 50 times: every line of 8 writers is there once" {
	driver -k 50 -l 50000
}

@test "killed 50 times with a file for each writer, rotated every 64 KB" {
	driver -k 50 -l 50000 -s 65536 -e
}

@test "killed 50 times with one formatted file, rotated every 64 KB" {
	driver -k 50 -l 50000 -s 65536 -p
}

@test "killed 300 times in quick succession" {
	driver -k 300 -l 20000 -s 65536
}

@test "killed 50 times with standard output as well: there lines may come twice, none is missing" {
	driver -k 50 -l 20000 -o -p
}

@test "a million lines of each writer, as make test-logs does" {
	[[ -n ${LONG_LOGS:-} ]] || skip "only by make test-logs"
	driver -k 50 -l 1000000
	driver -k 50 -l 1000000 -s 65536
	driver -k 50 -l 1000000 -s 65536 -e
	driver -k 50 -l 1000000 -p
	driver -k 1000 -l 1000000 -s 65536 -p
}
