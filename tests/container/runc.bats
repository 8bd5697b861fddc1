#!/usr/bin/env bats
# supd as process 1 of a container of runc: the bundle of examples/container, nothing in it but the
# static programs and a child; another user than root, no capability, nothing to be written but /run.

bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/static

ANY_UID=100123

setup_file() {
	build_static "$BATS_FILE_TMPDIR/make.log"
}

setup() {
	((EUID == 0)) || skip "CONTAINERS ARE RUN BY ROOT HERE: NOT TESTED"
	command -v runc >/dev/null || skip "NO runc HERE: CONTAINERS ARE NOT TESTED"
	NAME=supd-test-$$-$BATS_TEST_NUMBER
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$BUNDLE"/rootfs/{sbin,bin,etc/supd,proc,dev,run,sys/fs/cgroup} "$BATS_TEST_TMPDIR/runc"
	cp "$STATIC"/{supd,suplog,supprobe} "$BUNDLE/rootfs/sbin/"
	cp "$STATIC/supctl" "$BUNDLE/rootfs/bin/"
	gcc -D_GNU_SOURCE -O1 -static -o "$BUNDLE/rootfs/bin/server" \
		"$BATS_TEST_DIRNAME/../tools/child.c"
	cp "$EXAMPLES/container/supd.conf" "$BUNDLE/rootfs/etc/supd/"
	cp "$EXAMPLES/container/config.json" "$BUNDLE/"
}

container() {
	runc --root "$BATS_TEST_TMPDIR/runc" "$@"
}

# start_container: in the background; SUPD_PID is runc, whose exit status is that of supd.
start_container() {
	(cd "$BUNDLE" && exec runc --root "$BATS_TEST_TMPDIR/runc" run "$NAME") \
		>"$BATS_TEST_TMPDIR/supd.log" 2>&1 3>&- </dev/null &
	SUPD_PID=$!
}

# Works a container here at all? Then whatever fails is ours.
start_or_skip() {
	start_container
	wait_for 20 up_or_ended
	if gone "$SUPD_PID" && grep -qiE 'runc|oci runtime|container_linux|cgroup' \
		"$BATS_TEST_TMPDIR/supd.log"; then
		skip "runc CANNOT RUN CONTAINERS HERE: $(head -n 1 "$BATS_TEST_TMPDIR/supd.log")"
	fi
}

up_or_ended() {
	gone "$SUPD_PID" || container exec "$NAME" /bin/supctl health >/dev/null 2>&1
}

# runc knows no real-time signals by name.
runc_kill() {
	container kill "$NAME" "$(kill -l "$1")"
}

init_pid() {
	container state "$NAME" | jq .pid
}

status_field() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(init_pid)/status"
}

teardown() {
	[[ -z ${NAME:-} ]] || container delete --force "$NAME" 2>/dev/null || true
	[[ -z $SUPD_PID ]] || wait "$SUPD_PID" 2>/dev/null || true
	[[ -n ${BATS_TEST_COMPLETED:-} || ! -e $BATS_TEST_TMPDIR/supd.log ]] ||
		tail -n 40 "$BATS_TEST_TMPDIR/supd.log"
}

@test "process 1 of a container FROM scratch, with no rights at all, and it stops in time" {
	local began
	start_or_skip
	assert_equal "$(status_field NSpid | awk '{ print $2 }')" 1
	assert_equal "$(status_field Uid | awk '{ print $1 }')" "$ANY_UID"
	assert_equal "$(status_field CapEff)" 0000000000000000
	assert_equal "$(status_field NoNewPrivs)" 1
	run -0 container exec "$NAME" /bin/supctl --json status
	run jq -c '[.state, .pid, .children[0].state]' <<<"$output"
	assert_output '["running",1,"running"]'
	run ! container exec "$NAME" /bin/server -l /written
	began=$(now_ms)
	container kill "$NAME" TERM
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	measured "a container stops in $(($(now_ms) - began)) ms"
}

@test "SIGRTMIN+3 is an orderly stop, QUIT one at once" {
	local signal
	for signal in RTMIN+3 QUIT; do
		start_or_skip
		runc_kill "$signal"
		supd_ended 10
		assert_equal "$SUPD_STATUS" 0
		container delete --force "$NAME" 2>/dev/null || true
	done
}

@test "a server that ignores its stop is killed when its time is over, within the grace" {
	local began
	sed -i 's,"/bin/server","/bin/server -i",; s/shutdown .*= 8s/shutdown = 700ms/' \
		"$BUNDLE/rootfs/etc/supd/supd.conf"
	start_or_skip
	began=$(now_ms)
	container kill "$NAME" TERM
	supd_ended 10
	assert_equal "$SUPD_STATUS" 0
	(($(now_ms) - began >= 700)) || fail "it did not get its time"
}

@test "the exit status of the server is that of the container" {
	sed -i 's,"/bin/server",&,; s,/bin/server",/bin/server -x 7",' \
		"$BUNDLE/rootfs/etc/supd/supd.conf"
	sed -i 's/max_restarts = 5/max_restarts = 0/; s/transient/temporary/' \
		"$BUNDLE/rootfs/etc/supd/supd.conf"
	start_container
	supd_ended 20
	! grep -qiE 'runc|container_linux' "$BATS_TEST_TMPDIR/supd.log" ||
		skip "runc CANNOT RUN CONTAINERS HERE"
	assert_equal "$SUPD_STATUS" 7
}

@test "a tree that gives up ends its container with status 1" {
	cat >"$BUNDLE/rootfs/etc/supd/supd.conf" <<-END
		supervisor "main" {
		    max_restarts = 1
		    process "server" { command = "/bin/server -x 3" backoff = 0 }
		}
	END
	start_container
	supd_ended 20
	! grep -qiE 'runc|container_linux' "$BATS_TEST_TMPDIR/supd.log" ||
		skip "runc CANNOT RUN CONTAINERS HERE"
	assert_equal "$SUPD_STATUS" 1
}

@test "one command, as its process 1: the command's status, and its signal" {
	jq '.process.args = ["/sbin/supd", "--", "/bin/server", "-x", "42"]' \
		"$EXAMPLES/container/config.json" >"$BUNDLE/config.json"
	start_container
	supd_ended 20
	! grep -qiE 'runc|container_linux' "$BATS_TEST_TMPDIR/supd.log" ||
		skip "runc CANNOT RUN CONTAINERS HERE"
	assert_equal "$SUPD_STATUS" 42
	container delete --force "$NAME" 2>/dev/null || true
	jq '.process.args = ["/sbin/supd", "--", "/bin/server"]' \
		"$EXAMPLES/container/config.json" >"$BUNDLE/config.json"
	start_container
	wait_for 20 container exec "$NAME" /bin/supctl help
	container kill "$NAME" KILL
	supd_ended 20
	assert_equal "$SUPD_STATUS" 137
}
