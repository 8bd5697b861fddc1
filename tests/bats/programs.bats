#!/usr/bin/env bats
# examples/services.conf, with the real PostgreSQL, redis, mosquitto and haproxy: each is running only
# when it answers; killed at random, what stands after it goes and comes in order, and nothing of a
# former life is left; told to stop, each ends as it ends when all is well.
#
#   KILLS=SECONDS  how long to kill (6; make kills: 300)      SEED=N  the seed that was printed

load helpers

PROGRAMS=(database cache broker proxy)

setup_file() {
	local program
	for program in redis-server redis-cli haproxy mosquitto; do
		command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin command -v "$program" >/dev/null ||
			skip "NO $program: THE REAL PROGRAMS ARE NOT TESTED"
	done
	SERVICES_PG=$(find /usr/lib/postgresql -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
	[[ -n $SERVICES_PG ]] || skip "NO postgresql: THE REAL PROGRAMS ARE NOT TESTED"
	export SERVICES_PG PATH=$PATH:/usr/sbin
	# The database's own user must get there, and to the socket for its messages: not below bats'
	# own directory.
	PROGRAMS_DIR=$(mktemp -d "${TMPDIR:-/tmp}/supd-programs.XXXXXX")
	chmod 755 "$PROGRAMS_DIR"
	SERVICES_USER=postgres
	[[ $(id -u) == 0 ]] || SERVICES_USER=$(id -un)
	export PROGRAMS_DIR SERVICES_USER SERVICES_DIR=$PROGRAMS_DIR/services
	export SERVICES_EXAMPLES=$EXAMPLES
}

teardown_file() {
	[[ -z ${PROGRAMS_DIR:-} ]] || rm -rf "$PROGRAMS_DIR"
}

setup() {
	SERVICES_PG_PORT=$(free_port)
	SERVICES_REDIS_PORT=$(free_port)
	SERVICES_MQTT_PORT=$(free_port)
	SERVICES_HTTP_PORT=$(free_port)
	export SERVICES_PG_PORT SERVICES_REDIS_PORT SERVICES_MQTT_PORT SERVICES_HTTP_PORT
	RUN=$PROGRAMS_DIR/run
	EVENTS=$BATS_TEST_TMPDIR/events
	FAULTS=$BATS_TEST_TMPDIR/faults
	: >"$EVENTS"
	: >"$FAULTS"
	ulimit -c 0
	# As many restarts as we like, none of them late.
	CONF=$BATS_TEST_TMPDIR/supd.conf
	sed -e 's/max_restarts = 5/max_restarts = 10000/' -e 's/^    defaults {/&\n        backoff = 0/' \
		"$EXAMPLES/services.conf" >"$CONF"
	start_supd "$CONF"
	wait_for 20 test -S "$RUN/control"
	watch 3>&- &
	WATCH_PID=$!
}

teardown() {
	end_supd
	wait_for 20 gone "$WATCH_PID"
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || tail -n 40 "$EVENTS" "$FAULTS" \
		"$BATS_TEST_TMPDIR/supd.log" "$BATS_TEST_TMPDIR/supd.out"
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

# answers PROGRAM: a client of its own kind is served, at the first attempt.
answers() {
	case $1 in
	database) "$SERVICES_PG/pg_isready" -q -U "$SERVICES_USER" -h 127.0.0.1 -p "$SERVICES_PG_PORT" ;;
	cache) [[ $(redis-cli -p "$SERVICES_REDIS_PORT" ping) == PONG ]] ;;
	broker) [[ $(mqtt_hello) == "20 02 00 00" ]] ;;
	proxy) [[ $(http_get) == *"at your service"* ]] ;;
	esac
}

# The first packet of an MQTT client, and the broker's answer.
mqtt_hello() {
	exec {mqtt}<>"/dev/tcp/127.0.0.1/$SERVICES_MQTT_PORT" || return 1
	printf '\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00' >&"$mqtt"
	head -c 4 <&"$mqtt" | od -An -tx1 | xargs
}

http_get() {
	exec {web}<>"/dev/tcp/127.0.0.1/$SERVICES_HTTP_PORT" || return 1
	printf 'GET / HTTP/1.0\r\n\r\n' >&"$web"
	cat <&"$web"
}

ask() {
	if timeout 20 bash -c "$(declare -f answers mqtt_hello http_get); answers $1"; then
		echo "answered $1" >>"$EVENTS"
	else
		echo "$1 is running and does not answer" >>"$FAULTS"
	fi
}

# Writes each event in a line, and asks whoever is said to be running, at once. Ends with supd.
watch() {
	local path to rest
	ctl --json events | jq --unbuffered -r 'select(.path != "/") | "\(.path) \(.to) \(.why) " +
		"\(.exit.kind // "-")/\(.exit.status // .exit.signal // "-")"' |
		while read -r path to rest; do
			[[ $to != running ]] || ask "$path" &
			echo "$path $to $rest" >>"$EVENTS"
		done
}

# since LINE: the events after that line.
since() {
	tail -n +$(($1 + 1)) "$EVENTS"
}

# all_answered LINE PROGRAM...: each of them has answered after that line; or there was a fault.
all_answered() {
	local line=$1 program
	shift
	[[ ! -s $FAULTS ]] || return 0
	for program; do
		since "$line" | grep -qx "answered $program" || return 1
	done
}

exit_of() {
	ctl --json status "$1" 2>/dev/null | jq -r '.children[0].exit | "\(.kind) \(.status // .signal)"'
}

# pids_of PROGRAM...
pids_of() {
	local program
	for program; do
		echo "$program $(pid_of "$program")"
	done
}

# family PROGRAM...: "PID STARTED" of each process of them, those that left their groups too.
family() {
	local program pid stat
	for program; do
		pid=$(pid_of "$program")
		for pid in $pid $(descendants "$pid"); do
			{ read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
			stat=${stat##*) }
			echo "$pid $(cut -d' ' -f20 <<<"$stat")"
		done
	done
}

all_gone() {
	local pid
	for pid; do
		gone "$pid" || return 1
	done
}

# left FAMILY: those of them that are still there.
left() {
	local pid began stat
	while read -r pid began; do
		{ read -r stat <"/proc/$pid/stat"; } 2>/dev/null || continue
		stat=${stat##*) }
		[[ $(cut -d' ' -f20 <<<"$stat") != "$began" ]] || echo "$pid"
	done <<<"$1"
}

# steps LINE VICTIM: what happened after that line, but for the victim's own end.
steps() {
	since "$1" | awk -v victim="$2" '
		$1 == "answered" || ($1 == victim && $3 == "exit") { next }
		{ print $2, $1 }' | paste -sd,
}

# expected I: what must happen when program I dies.
expected() {
	local i list=()
	for ((i = ${#PROGRAMS[@]} - 1; i > $1; i--)); do
		list+=("stopping ${PROGRAMS[i]}" "waiting ${PROGRAMS[i]}")
	done
	for ((i = $1; i < ${#PROGRAMS[@]}; i++)); do
		list+=("starting ${PROGRAMS[i]}" "running ${PROGRAMS[i]}")
	done
	printf '%s\n' "${list[@]}" | paste -sd,
}

# promised PROGRAM: what supctl impact says would stop and start.
promised() {
	ctl --json impact "$1" | jq -r '.steps[] | select(.death == 1) |
		if .what == "stops" then "stopping \(.path)" elif .what == "starts" then "starting \(.path)"
		else empty end' | paste -sd,
}

# Those that were stopped for another's sake ended with status 0.
unclean() {
	since "$1" | awk '$2 == "waiting" && $3 == "sibling" && $4 != "exited/0"'
}

# kill_one I SIGNAL: kills it, waits until all is well again, and compares.
kill_one() {
	local victim=${PROGRAMS[$1]} spared=("${PROGRAMS[@]:0:$1}") affected=("${PROGRAMS[@]:$1}")
	local line plan before untouched
	line=$(wc -l <"$EVENTS")
	plan=$(promised "$victim")
	before=$(family "${affected[@]}")
	untouched=$(pids_of "${spared[@]}")
	kill "-$2" "$(pid_of "$victim")"
	wait_for 60 all_answered "$line" "${affected[@]}"
	assert_equal "$(cat "$FAULTS")" ""
	assert_equal "$(steps "$line" "$victim")" "$(expected "$1")"
	assert_equal "$(steps "$line" "$victim" | sed -E 's/(waiting|running) [a-z]+,?//g; s/,$//')" "$plan"
	assert_equal "$(unclean "$line")" ""
	assert_equal "$(left "$before")" ""
	assert_equal "$(pids_of "${spared[@]}")" "$untouched"
}

@test "each is running only when it answers; a reload of haproxy keeps its master" {
	local master workers
	wait_for 60 is_state / running
	wait_for 30 all_answered 0 "${PROGRAMS[@]}"
	assert_equal "$(cat "$FAULTS")" ""
	[[ $(id -u) != 0 ]] || assert_equal "$(stat -c %U "/proc/$(pid_of database)")" postgres
	master=$(pid_of proxy)
	workers=$(descendants "$master")
	[[ -n $workers ]]
	ctl reload proxy
	# haproxy retires them when their connections are closed
	# shellcheck disable=SC2086 # a list of pids
	wait_for 20 all_gone $workers
	assert_equal "$(pid_of proxy)" "$master"
	assert_equal "$(state_of proxy)" running
	assert_equal "$(field restarts proxy)" 0
	answers proxy
}

@test "killed at random: the order is right, nothing is left behind, and all end well" {
	local kills=0 end seed=${SEED:-$RANDOM} signals=(KILL KILL TERM SEGV) i all
	wait_for 60 is_state / running
	wait_for 30 all_answered 0 "${PROGRAMS[@]}"
	RANDOM=$seed
	echo "SEED=$seed"
	end=$(($(now_ms) + ${KILLS:-6} * 1000))
	while (($(now_ms) < end)); do
		i=$((RANDOM % ${#PROGRAMS[@]}))
		kill_one "$i" "${signals[RANDOM % ${#signals[@]}]}"
		kills=$((kills + 1))
	done
	all=$(family "${PROGRAMS[@]}")
	stop_supd 60
	assert_equal "$SUPD_STATUS" 0
	assert_equal "$(left "$all")" ""
	for i in "${PROGRAMS[@]}"; do
		assert_equal "$i $(exit_of "$i")" "$i exited 0"
	done
	measured "$kills kills in ${KILLS:-6} s, SEED=$seed"
}
