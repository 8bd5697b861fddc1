#!/usr/bin/env bats
# examples/shop.conf, with the real redis-server and nginx.

load helpers

setup() {
	command -v redis-server >/dev/null || skip "NO redis-server: THE SHOP IS NOT TESTED"
	[ -x /usr/sbin/nginx ] || skip "NO nginx: THE SHOP IS NOT TESTED"
	export SHOP_DIR=$BATS_TEST_TMPDIR/shop SHOP_EXAMPLES=$EXAMPLES
	SHOP_REDIS_PORT=$(free_port)
	SHOP_HTTP_PORT=$(free_port)
	export SHOP_REDIS_PORT SHOP_HTTP_PORT
	start_tree "$EXAMPLES/shop.conf"
	REDIS=$(pid_of redis) NGINX=$(pid_of nginx) WORKER=$(pid_of worker)
	ctl --json events >>"$BATS_TEST_TMPDIR/events" 3>&- &
	EVENTS_PID=$!
}

# No teardown of helpers alone: the stream of events is ours to end, too.
teardown() {
	[[ -z ${EVENTS_PID:-} ]] || kill "$EVENTS_PID" 2>/dev/null || true
	end_supd
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || cat "$BATS_TEST_TMPDIR/supd.log" \
		"$BATS_TEST_TMPDIR/supd.out" "$BATS_TEST_TMPDIR/events"
}

# A port that nobody listens on, below those that the kernel gives to clients.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

open_for_business() {
	local answer
	exec {web}<>"/dev/tcp/127.0.0.1/$SHOP_HTTP_PORT" || return 1
	printf 'GET / HTTP/1.0\r\n\r\n' >&"$web"
	answer=$(cat <&"$web")
	exec {web}>&-
	[[ $answer == *"the shop is open"* ]] && (($(redis-cli -p "$SHOP_REDIS_PORT" get visits) > 0))
}

# started PID: when, in ticks since the machine's boot.
started() {
	local stat
	read -r stat <"/proc/$1/stat"
	stat=${stat##*) }
	cut -d' ' -f20 <<<"$stat"
}

# steps: the children that were told to stop or start since the events began, in order.
steps() {
	jq -r 'select(.path != "/" and (.to == "stopping" or .to == "starting"))
		| "\(.to) \(.path)"' \
		"$BATS_TEST_TMPDIR/events" | paste -sd,
}

@test "the shop opens, and closes in order" {
	wait_for 10 open_for_business
	assert_equal "$(state_of prepare)" exited
	stop_supd
	assert_equal "$SUPD_STATUS" 0
	gone "$REDIS" && gone "$NGINX" && gone "$WORKER"
}

@test "kill -9 redis: exactly redis and what stands after it restart, in order" {
	kill -KILL "$REDIS"
	wait_for 10 reborn redis "$REDIS"
	wait_for 10 reborn nginx "$NGINX"
	wait_for 10 reborn worker "$WORKER"
	assert_equal "$(field restarts prepare)" 0
	assert_equal "$(state_of prepare)" exited
	local redis nginx worker
	redis=$(started "$(pid_of redis)")
	nginx=$(started "$(pid_of nginx)")
	worker=$(started "$(pid_of worker)")
	((redis <= nginx && nginx <= worker))
	wait_for 10 open_for_business
}

@test "kill -9 redis: the events tell the order of stops and starts" {
	local try
	# The stream may open after a first death; the second it sees in any case.
	for try in 1 2; do
		wait_for 10 is_state worker running
		REDIS=$(pid_of redis) WORKER=$(pid_of worker)
		: >"$BATS_TEST_TMPDIR/events"
		kill -KILL "$REDIS"
		wait_for 10 reborn worker "$WORKER"
	done
	wait_for 5 grep -q '"worker".*"running"' "$BATS_TEST_TMPDIR/events"
	run steps
	assert_output --partial \
		"stopping worker,stopping nginx,starting redis,starting nginx,starting worker"
}

@test "kill nginx: redis is untouched" {
	kill -KILL "$NGINX"
	wait_for 10 reborn nginx "$NGINX"
	wait_for 10 reborn worker "$WORKER"
	assert_equal "$(pid_of redis)" "$REDIS"
	assert_equal "$(field restarts redis)" 0
	wait_for 10 open_for_business
}

@test "too many kills: everything stops in reverse order, status 1" {
	local i
	for i in 1 2 3; do
		REDIS=$(pid_of redis) WORKER=$(pid_of worker)
		kill -KILL "$REDIS"
		wait_for 10 reborn worker "$WORKER"
	done
	: >"$BATS_TEST_TMPDIR/events"
	NGINX=$(pid_of nginx) WORKER=$(pid_of worker)
	kill -KILL "$(pid_of redis)"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
	gone "$NGINX" && gone "$WORKER"
	wait_for 5 gone "$EVENTS_PID"
	run steps
	assert_output "stopping worker,stopping nginx"
}
