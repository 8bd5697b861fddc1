#!/usr/bin/env bats
# supd --simulate: a line an effect, the same in every run; every mistake of a script in one run.

load helpers

CASES=$BATS_TEST_DIRNAME/../simulate

# plays NAME: the script of that name has the effects and the exit status of NAME.expected.
plays() {
	local status=0
	"$SUPD" --simulate "$CASES/$1.script" -c "$CASES/$1.conf" \
		>"$BATS_TEST_TMPDIR/out" 2>/dev/null || status=$?
	echo "exit status $status" >>"$BATS_TEST_TMPDIR/out"
	diff -u "$CASES/$1.expected" "$BATS_TEST_TMPDIR/out"
}

# simulate LINE...: plays these lines on $CONF.
simulate() {
	printf '%s\n' "$@" | "$SUPD" --simulate - -c "$CONF"
}

small() {
	conf <<-END
		supervisor "root" {
		    process "db" { command = "sleep 1" }
		    supervisor "web" {
		        process "app" { command = "sleep 2" }
		        process "proxy" { command = "sleep 3" }
		    }
		    supervisor "api" { process "app" { command = "sleep 4" } }
		    dynamic "jobs" { process "job" { command = "sleep 5" restart = temporary } }
		}
	END
}

@test "an empty script boots, and shows the order of the starts" { plays empty; }
@test "strategies: who is stopped and started with whom" { plays strategies; }
@test "limits: a supervisor gives up, then the root" { plays escalation; }
@test "backoff: delays grow, a long life ends the streak, failed starts are tried again" {
	plays backoff
}
@test "commands and children that come at run time" { plays commands; }
@test "readiness: slow starts and start_timeout" { plays ready; }
@test "hooks succeed, whoever has a watchdog is heard of, and probes see that it is well" { plays hooks; }
@test "a start that fails at boot ends the boot" { plays boot; }
@test "parking, and an end by a significant child" { plays end; }

@test "every case has its expected output" {
	local script
	for script in "$CASES"/*.script; do
		[[ -e ${script%.script}.expected && -e ${script%.script}.conf ]]
		grep -q "plays $(basename "$script" .script)" "$BATS_TEST_FILENAME"
	done
}

@test "two runs are the same" {
	small
	run simulate 'kill db' 'kill db' 'kill db' 'advance 10s'
	local first=$output
	run simulate 'kill db' 'kill db' 'kill db' 'advance 10s'
	assert_equal "$output" "$first"
}

@test "what follows the end of the tree is not played, and said so" {
	small
	run simulate shutdown '' 'kill db'
	assert_success
	assert_line '-:3: warning: the tree has ended; what follows is not played'
}

@test "every mistake of a script is reported in one run, and nothing is played" {
	small
	run simulate '# a comment' 'ext db 1' 'exit databse' 'kill web' 'kill jobs' 'kill db KILLL' \
		'advance' 'advance 5x' 'fail-start db 0' 'slow-start db 3s' 'stop /' \
		'start-child db x' 'boot' 'start-child jobs a/b' 'start-child web x restrat=permanent' \
		'exit db 256' 'kill app' 'kill prxy' 'exit db 1 2' 'start-child jobs x shutdown=1s' \
		'start-child jobs y' 'kill jobs/y'
	assert_failure 2
	assert_output - <<-'END'
		-:2: error: unknown word 'ext'; did you mean 'exit'? [unknown-word]
		-:3: error: there is no child 'databse' [unknown-path]
		-:4: error: 'web' is a supervisor, and only a process can do that [unknown-path]
		-:5: error: 'jobs' is a dynamic supervisor, and only a process can do that [unknown-path]
		-:6: error: 'KILLL' is no signal such as KILL, TERM or 9 [bad-value]
		-:7: error: write: advance TIME [usage]
		-:8: error: '5x' is no time such as 500ms, 5s or 2m [bad-value]
		-:9: error: '0' is no number of times, from 1 to 1000000 [bad-value]
		-:10: error: 'db' counts as started when it is executed (ready = exec): nobody waits for it [bad-value]
		-:11: error: the root takes no commands; 'shutdown' stops it [unknown-path]
		-:12: error: 'db' is a process, not a supervisor [unknown-path]
		-:13: error: only fail-start, slow-start and ignore-term may stand before 'boot' [usage]
		-:14: error: 'a/b' is no name of a child [bad-value]
		-:15: error: unknown key 'restrat' in process; did you mean 'restart'? [unknown-key]
		-:16: error: '256' is no exit status, which is a number from 0 to 255 [bad-value]
		-:17: error: 'app' may be any of web/app, api/app [unknown-path]
		-:18: error: there is no child 'prxy'; did you mean 'proxy'? [unknown-path]
		-:19: error: write: exit PATH [STATUS] [usage]
		-:20: error: below a dynamic supervisor the template's settings hold, not 'shutdown=1s' [bad-value]
	END
}

@test "a broken configuration and a script that is not there are told" {
	small
	run "$SUPD" --simulate /nonexistent -c "$CONF"
	assert_failure 2
	assert_output 'supd: cannot read /nonexistent: No such file or directory'
	run "$SUPD" --simulate - -c /nonexistent </dev/null
	assert_failure 2
	run "$SUPD" --simulate
	assert_failure 2
}

@test "bytes of all kinds in a script do no harm" {
	small
	head -c 20000 /dev/urandom >"$BATS_TEST_TMPDIR/script"
	run "$SUPD" --simulate "$BATS_TEST_TMPDIR/script" -c "$CONF"
	assert_failure 2
	yes 'kill db' | head -n 5000 >"$BATS_TEST_TMPDIR/script"
	run "$SUPD" --simulate "$BATS_TEST_TMPDIR/script" -c "$CONF"
	assert_success
}
