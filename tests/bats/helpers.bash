# helpers.bash - what every suite with the real programs needs.
#
# A test waits for a condition with a limit, never for a time. It works in $BATS_TEST_TMPDIR alone
# and ends only processes that it started, by pid.

bats_load_library bats-support
bats_load_library bats-assert

: "${SUPD:=$BATS_TEST_DIRNAME/../../build/supd}"
: "${SUPCTL:=$BATS_TEST_DIRNAME/../../build/supctl}"
: "${TOOLS:=$BATS_TEST_DIRNAME/../../build/tests/tools}"
EXAMPLES=$BATS_TEST_DIRNAME/../../examples
CHILD=$TOOLS/child
RUN=$BATS_TEST_TMPDIR/run
LOG=$BATS_TEST_TMPDIR/log
SUPD_PID=
SUPD_STATUS=

# conf: writes the configuration on stdin to $CONF.
conf() {
	CONF=$BATS_TEST_TMPDIR/supd.conf
	cat >"$CONF"
}

# start_supd CONFIG [OPTION...]: starts supd in the background; sets SUPD_PID. Its messages go to
# $BATS_TEST_TMPDIR/supd.log.
start_supd() {
	local config=$1
	shift
	mkdir -p "$RUN"
	"$SUPD" -c "$config" -d "$RUN" "$@" >"$BATS_TEST_TMPDIR/supd.out" \
		2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null &
	SUPD_PID=$!
	SUPD_STATUS=
}

# start_tree CONFIG [OPTION...]: start_supd, and waits until the whole tree is up.
start_tree() {
	start_supd "$@"
	wait_for 20 up_or_gone
	is_state / running
}

up_or_gone() {
	gone "$SUPD_PID" || is_state "${1:-/}" running
}

# wait_for SECONDS COMMAND...: polls until the command succeeds; fails when the time is over.
wait_for() {
	local limit=$1 end
	shift
	end=$((${EPOCHREALTIME/./} + limit * 1000000))
	until "$@"; do
		if ((${EPOCHREALTIME/./} > end)); then
			echo "waited $limit s for: $*"
			return 1
		fi
		sleep 0.02
	done
}

# gone PID: no such process, or only its exit status is left.
gone() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	stat=${stat##*) }
	[[ ${stat:0:1} == [ZX] ]]
}

# supd_ended SECONDS: waits for supd to end; its exit status is then in SUPD_STATUS.
supd_ended() {
	wait_for "$1" gone "$SUPD_PID" || return 1
	SUPD_STATUS=0
	wait "$SUPD_PID" || SUPD_STATUS=$?
	SUPD_PID=
}

# stop_supd: asks supd to stop, waits for it; its exit status is then in SUPD_STATUS.
stop_supd() {
	kill -TERM "$SUPD_PID"
	supd_ended "${1:-30}"
}

ctl() {
	"$SUPCTL" -d "$RUN" "$@"
}

# field NAME PATH: a field of a child, from the status table; nothing when there is no such child.
field() {
	local only=()
	[[ $2 == / ]] || only=("$2")
	ctl --json status "${only[@]}" 2>/dev/null | jq -r --arg path "$2" --arg name "$1" \
		'if $path == "/" then .[$name] else .children[] | select(.path == $path) | .[$name] end'
}

state_of() {
	field state "$1"
}

pid_of() {
	field pid "$1"
}

is_state() {
	[[ $(state_of "$1") == "$2" ]]
}

# reborn PATH PID: the child runs, and under another pid.
reborn() {
	local state pid
	read -r state pid < <(ctl --json status "$1" 2>/dev/null | jq -r --arg path "$1" \
		'.children[] | select(.path == $path) | "\(.state) \(.pid)"')
	[[ $state == running && $pid != "$2" ]]
}

# said TEXT: supd wrote a message that contains it.
said() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/supd.log"
}

# lines_in N FILE: the file has at least N lines.
lines_in() {
	[[ -e $2 ]] && (($(wc -l <"$2") >= $1))
}

# log_is LINE...: the lines that the children wrote, in full.
log_is() {
	local expected
	printf -v expected '%s\n' "$@"
	[[ $(cat "$LOG") == "${expected%$'\n'}" ]]
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# measured TEXT: shown in the summary of all suites.
measured() {
	echo "# measured ($(basename "$BATS_TEST_FILENAME")): $*" >&3
}

# descendants PID: the pids below it.
descendants() {
	local queue=("$1") pid children
	while ((${#queue[@]} > 0)); do
		pid=${queue[0]}
		queue=("${queue[@]:1}")
		children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null) || continue
		for child in $children; do
			echo "$child"
			queue+=("$child")
		done
	done
}

# end_supd: ends supd whatever it takes, and what it would leave behind.
end_supd() {
	[[ -n $SUPD_PID ]] || return 0
	kill -CONT "$SUPD_PID" 2>/dev/null || true
	kill -TERM "$SUPD_PID" 2>/dev/null || true
	if ! wait_for 10 gone "$SUPD_PID"; then
		local left
		left=$(descendants "$SUPD_PID")
		# shellcheck disable=SC2086 # a list of pids
		kill -KILL "$SUPD_PID" $left 2>/dev/null || true
	fi
	wait "$SUPD_PID" 2>/dev/null || true
	SUPD_PID=
}

teardown() {
	end_supd
	if [[ -z ${BATS_TEST_COMPLETED:-} && -e $BATS_TEST_TMPDIR/supd.log ]]; then
		echo "--- supd's messages, the last 60"
		tail -n 60 "$BATS_TEST_TMPDIR/supd.log"
		[[ ! -e $LOG ]] || { echo "--- the children's log" && tail -n 40 "$LOG"; }
	fi
}
