#!/usr/bin/env bats
# Sockets that outlive the process.

bats_require_minimum_version 1.5.0
load helpers

setup() {
	SERVER=$TOOLS/socket_server
	CLIENT=$TOOLS/socket_client
	PORT=$("$CLIENT" port)
	CLIENTS=()
}

# one SOCKETS [SERVER-FLAG]: a tree of one server.
one() {
	conf <<-END
		supervisor "root" {
		    max_restarts = 1000
		    process "server" {
		        command = "$SERVER ${2-}"
		        backoff = 0
		        sockets = $1
		    }
		}
	END
}

# load_from ADDRESS: a client in the background that asks again and again.
load_from() {
	local file=$BATS_TEST_TMPDIR/load.${#CLIENTS[@]}
	"$CLIENT" load "$1" "$file" 3>&- &
	CLIENTS+=($!)
	wait_for 10 asked "$file" 1
}

# asked FILE N: so many answers.
asked() {
	local n
	read -r n _ 2>/dev/null <"$1" && ((n >= $2))
}

# end_load: their counts, one a line, in SUM.
end_load() {
	local i
	kill -TERM "${CLIENTS[@]}"
	SUM=
	for i in "${!CLIENTS[@]}"; do
		wait "${CLIENTS[$i]}"
		SUM+=$(<"$BATS_TEST_TMPDIR/load.$i")$'\n'
	done
	CLIENTS=()
}

end_clients() {
	if ((${#CLIENTS[@]} > 0)); then
		kill -KILL "${CLIENTS[@]}" 2>/dev/null || true
	fi
}

answers() {
	"$CLIENT" ask "$1" >/dev/null 2>&1
}

teardown() {
	end_clients
	end_supd
	if [[ -z ${BATS_TEST_COMPLETED:-} && -e $BATS_TEST_TMPDIR/supd.log ]]; then
		tail -n 40 "$BATS_TEST_TMPDIR/supd.log"
	fi
}

@test "a server restarted again and again under load: nobody is refused, no answer is lost" {
	local times=30 i
	[[ -z ${SHORT-} ]] || times=10
	[[ -z ${LONG-} ]] || times=200
	one "{ \"tcp:127.0.0.1:$PORT\", \"unix:$BATS_TEST_TMPDIR/s\" }"
	start_tree "$CONF"
	load_from "tcp:$PORT"
	load_from "unix:$BATS_TEST_TMPDIR/s"
	for ((i = 0; i < times; i++)); do
		ctl restart server
	done
	end_load
	measured "$times restarts under load: ${SUM//$'\n'/; }"
	[[ $(grep -c ' 0 refused, 0 broken$' <<<"$SUM") == 2 ]]
	assert_equal "$(field restarts server)" 0
}

@test "a server that is killed under load: nobody is refused" {
	local i pid
	one "\"tcp:127.0.0.1:$PORT\""
	start_tree "$CONF"
	load_from "tcp:$PORT"
	for ((i = 0; i < 20; i++)); do
		pid=$(pid_of server)
		kill -KILL "$pid"
		wait_for 10 reborn server "$pid"
	done
	end_load
	assert_regex "$SUM" ' 0 refused'
}

@test "who connects while it is stopped is answered when it is started" {
	one "\"tcp:127.0.0.1:$PORT\""
	start_tree "$CONF"
	ctl stop server
	"$CLIENT" ask "tcp:$PORT" >"$BATS_TEST_TMPDIR/answer" 3>&- &
	CLIENTS=($!)
	ctl start server
	wait "${CLIENTS[0]}"
	CLIENTS=()
	assert_equal "$(cat "$BATS_TEST_TMPDIR/answer")" "$(pid_of server) tcp"
}

@test "every kind of socket, by its name" {
	local dir=$BATS_TEST_TMPDIR pid
	one "{ \"tcp:*:$PORT,name=all\", \"udp:127.0.0.1:$PORT\", \"unix:$dir/s,name=ctl\",
		\"unix:@supd-test-$PORT\" }"
	start_tree "$CONF"
	pid=$(pid_of server)
	assert_equal "$("$CLIENT" ask "tcp:$PORT")" "$pid all"
	assert_equal "$("$CLIENT" ask "udp:$PORT")" "$pid udp"
	assert_equal "$("$CLIENT" ask "unix:$dir/s")" "$pid ctl"
	assert_equal "$("$CLIENT" ask "unix:@supd-test-$PORT")" "$pid unix"
	if [[ -e /proc/net/if_inet6 ]] && grep -q ' lo$' /proc/net/if_inet6; then
		assert_equal "$("$CLIENT" ask "tcp6:$PORT")" "$pid all"
	fi
}

@test "tcp6 listens on IPv6 alone, and leaves the port of IPv4 to others" {
	[[ -e /proc/net/if_inet6 ]] && grep -q ' lo$' /proc/net/if_inet6 || skip 'no IPv6 here'
	one "{ \"tcp6:*:$PORT,name=six\", \"tcp:127.0.0.1:$PORT,name=four\" }"
	start_tree "$CONF"
	assert_equal "$("$CLIENT" ask "tcp6:$PORT")" "$(pid_of server) six"
	assert_equal "$("$CLIENT" ask "tcp:$PORT")" "$(pid_of server) four"
}

@test "the child has 0, 1, 2 and its sockets, and nothing else" {
	conf <<-END
		supervisor "root" {
		    process "child" {
		        command = "$CHILD -r -d $BATS_TEST_TMPDIR/dump"
		        ready = notify
		        sockets = { "tcp:127.0.0.1:$PORT", "udp:127.0.0.1:$PORT" }
		    }
		    process "none" { command = "$CHILD -r -d $BATS_TEST_TMPDIR/none" ready = notify }
		}
	END
	LISTEN_FDS=7 LISTEN_PID=1 LISTEN_FDNAMES=x start_tree "$CONF"
	grep -qx 'descriptors 0 1 2 3 4' "$BATS_TEST_TMPDIR/dump"
	grep -qx 'env LISTEN_FDS=2' "$BATS_TEST_TMPDIR/dump"
	grep -qx 'env LISTEN_FDNAMES=tcp:udp' "$BATS_TEST_TMPDIR/dump"
	grep -qx "env LISTEN_PID=$(pid_of child)" "$BATS_TEST_TMPDIR/dump"
	grep -qx 'descriptors 0 1 2' "$BATS_TEST_TMPDIR/none"
	run ! grep -q LISTEN_ "$BATS_TEST_TMPDIR/none"
}

@test "instances share a socket; with reuseport each has its own" {
	conf <<-END
		supervisor "root" {
		    process "shared" {
		        command = "$CHILD %i" instances = 2
		        sockets = "tcp:127.0.0.1:$PORT"
		    }
		    process "own" {
		        command = "$CHILD %i %i" instances = 2
		        sockets = { "tcp:127.0.0.1:$("$CLIENT" port),reuseport",
		                    "unix:$BATS_TEST_TMPDIR/%n" }
		    }
		}
	END
	start_tree "$CONF"
	local fd=3 of
	of() { readlink "/proc/$(pid_of "$1")/fd/$fd"; }
	assert_equal "$(of shared.1)" "$(of shared.2)"
	[[ $(of own.1) != "$(of own.2)" ]]
	[[ -S $BATS_TEST_TMPDIR/own.1 && -S $BATS_TEST_TMPDIR/own.2 ]]
}

@test "a socket file: mode, owner, an old one is replaced, removed at the end" {
	local path=$BATS_TEST_TMPDIR/s left
	one "\"unix:$path,mode=0620\""
	start_tree "$CONF"
	assert_equal "$(stat -c '%a %F' "$path")" "620 socket"
	left=$(descendants "$SUPD_PID")
	kill -KILL "$SUPD_PID"
	supd_ended 5 2>/dev/null
	# shellcheck disable=SC2086 # a list of pids
	kill -KILL $left
	[[ -S $path ]]
	if ((EUID == 0)); then
		one "\"unix:$path,mode=0660,user=1,group=2\""
	else
		one "\"unix:$path,mode=0660\""
	fi
	start_tree "$CONF"
	assert_equal "$(stat -c %a "$path")" 660
	((EUID != 0)) || assert_equal "$(stat -c '%u %g' "$path")" "1 2"
	answers "unix:$path"
	stop_supd
	[[ ! -e $path ]]
}

@test "a port that is taken: FILE:LINE, the reason, status 3, nothing is started" {
	one "\"tcp:127.0.0.1:$PORT\""
	start_tree "$CONF"
	sed "s|$SERVER|$CHILD -l ${LOG:?}|" "$CONF" >"$BATS_TEST_TMPDIR/second.conf"
	run -3 "$SUPD" -c "$BATS_TEST_TMPDIR/second.conf" -d "$BATS_TEST_TMPDIR/second"
	assert_output --partial "second.conf:6: cannot open the socket tcp:127.0.0.1:$PORT: Address already in use"
	[[ ! -e $LOG ]]
}

@test "what is no socket is not replaced; a socket that is used is not, either" {
	local path=$BATS_TEST_TMPDIR/s
	one "\"unix:$path\""
	echo precious >"$path"
	run -3 "$SUPD" -c "$CONF" -d "$RUN"
	assert_output --partial "supd.conf:6: cannot open the socket unix:$path: File exists"
	assert_equal "$(cat "$path")" precious
	rm "$path"
	start_tree "$CONF"
	run -3 "$SUPD" -c "$CONF" -d "$BATS_TEST_TMPDIR/second"
	assert_output --partial "Address already in use"
	answers "unix:$path"
}

@test "a child that is added at run time brings its sockets, and takes them away" {
	local path=$BATS_TEST_TMPDIR/s
	one "\"tcp:127.0.0.1:$PORT\""
	start_tree "$CONF"
	ctl start-child / more --set "sockets={\"unix:$path,name=more\"}" -- "$SERVER"
	assert_equal "$("$CLIENT" ask "unix:$path")" "$(pid_of more) more"
	run ! ctl start-child / third --set "sockets=\"tcp:127.0.0.1:$PORT\"" -- "$SERVER"
	assert_output --partial "Address already in use"
	ctl stop more
	ctl delete more
	[[ ! -e $path ]]
}

@test "inspect shows the sockets" {
	one "\"tcp:127.0.0.1:$PORT,backlog=16\""
	start_tree "$CONF"
	assert_equal "$(ctl --json inspect server | jq -c '.. | .sockets? // empty')" \
		"[\"tcp:127.0.0.1:$PORT,backlog=16\"]"
}
