#!/usr/bin/env bats
# json.bats - every --json output of supctl, against its schema (supd-json(5)); --format; stable exit
# statuses.

bats_require_minimum_version 1.5.0
load helpers

SCHEMAS=$BATS_TEST_DIRNAME/../../schemas
MAN=$BATS_TEST_DIRNAME/../../man

tree() {
	conf <<-END
		supervisor "shop" {
		    strategy = rest_for_one
		    process "db" {
		        command = "$CHILD"
		        health { exec = "true" interval = 1s }
		        success_exit = {3, USR1}
		        limits { nofile = 100 }
		        nice = 1
		        watchdog_signal = ABRT
		        reload_signal = WINCH # nobody dies of it, ready to catch it or not
		    }
		    supervisor "web" {
		        on_limit = park
		        max_restarts = 0
		        process "app" { command = "$CHILD -l $LOG" backoff = 0 }
		    }
		    process "ill" { command = "$CHILD" health { exec = "false" interval = 100ms retries = 1000 } }
		    process "once" { command = "sh -c 'exit 3'" restart = transient success_exit = {3} }
		    dynamic "jobs" { process "job" { command = "$CHILD" restart = temporary } }
		    partition "shards" { partitions = 2 process "shard" { command = "$CHILD -l $LOG.%i" } }
		    dynamic "tasks" { }
		    process "loud" {
		        command = "sh -c 'echo one; echo two >&2; exec sleep 1000'"
		        log { file = "$BATS_TEST_TMPDIR/loud.log" }
		    }
		}
	END
	start_tree "$CONF"
	wait_for 30 is_state once exited
}

# fits SCHEMA: standard input is JSON lines of that schema.
fits() {
	"$TOOLS/schema_check" "$SCHEMAS" "$1"
}

# is SCHEMA STATUS ARGUMENT...: supctl --json ends with that status, and its output fits.
is() {
	local schema=$1 expected=$2 status=0
	shift 2
	ctl --json "$@" >"$BATS_TEST_TMPDIR/json" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	if ((status != expected)); then
		echo "supctl $*: exit status $status, not $expected"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	fi
	fits "$schema" <"$BATS_TEST_TMPDIR/json" || {
		echo "supctl --json $*: its output is not as in schemas/$schema.json:"
		head -c 2000 "$BATS_TEST_TMPDIR/json"
		return 1
	}
}

@test "looking: every output fits its schema" {
	tree
	is status 0 status
	is status 0 status --no-usage
	is status 0 status db
	is status 3 status once
	is tree 0 tree
	is tree 0 tree web
	is count 0 count
	is count 0 count web
	is whereis 0 whereis db
	is whereis 0 whereis shards --key a
	is inspect 0 inspect db
	is inspect 0 inspect ill
	is inspect 0 inspect web
	is inspect 0 inspect jobs
	is inspect 0 inspect shards
	is inspect 0 inspect /
	is impact 0 impact db
	is impact 0 impact web
	is health 1 health
	is why 0 why ill
	is why 0 why once
	is why 0 why /
	wait_for 30 lines_in 2 "$BATS_TEST_TMPDIR/loud.log"
	is log 0 logs loud
	is why 0 why loud
	is wait 0 wait db --for running
	is wait 0 wait once --for stopped
	is ping 0 ping
	is version 0 version
}

@test "acting: every output fits its schema" {
	tree
	is act 0 stop db
	is act 0 start db
	is act 1 start db
	is act 1 start nobody
	is act 1 stop db nobody
	is act 0 start db --no-wait
	is act 0 restart db
	is act 0 signal CONT db
	is act 0 suspend db
	is act 0 resume db
	is act 0 reload db
	is add 0 start-child jobs one
	is add 0 start-child jobs
	is add 0 start-child / more --set restart=temporary -- "$CHILD" -l "$LOG.more"
	is add 0 run --no-link tasks -- true
	is act 0 stop more
	is act 1 delete db
	is ok 0 reopen
	is ok 0 shutdown
	supd_ended 20
	is status 4 status
	is tree 4 tree
	is why 4 why db
}

@test "events: every kind fits the schema" {
	tree
	ctl start-child jobs one
	kill -9 "$(pid_of jobs/one)"
	kill -9 "$(pid_of web/app)"
	wait_for 30 is_state web parked
	ctl suspend db
	ctl resume db
	ctl signal CONT db
	wait_for 30 has_kind health
	ctl --json events --since-start --no-follow >"$BATS_TEST_TMPDIR/json"
	fits event <"$BATS_TEST_TMPDIR/json"
	run jq -rs 'map(.kind) | unique | join(" ")' "$BATS_TEST_TMPDIR/json"
	assert_output "dynamic health operator partition process supervisor suspend"
	is event 0 events --since-start --no-follow 'web*'
}

has_kind() {
	ctl --json events --since-start --no-follow |
		jq -se --arg kind "$1" 'any(.[]; .kind == $kind)' >/dev/null
}

@test "status --watch --json is one object a second" {
	tree
	timeout -s INT 2.5 "$SUPCTL" -d "$RUN" --json status --watch >"$BATS_TEST_TMPDIR/json" ||
		[[ $? == 124 ]]
	fits status <"$BATS_TEST_TMPDIR/json"
	lines_in 2 "$BATS_TEST_TMPDIR/json"
}

@test "each schema is in supd-json(5), and each command of supctl is, or has no JSON" {
	local name
	for name in "$SCHEMAS"/*.json; do
		name=$(basename "$name" .json)
		grep -qF "$name.json" "$MAN/supd-json.5" || {
			echo "man/supd-json.5 does not tell of schemas/$name.json"
			return 1
		}
	done
	for name in $("$SUPCTL" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'); do
		grep -qE "\b${name/-/(\\\\)?-}\b" "$MAN/supd-json.5" || {
			echo "man/supd-json.5 does not tell of supctl $name: give its JSON a schema in"
			echo "schemas/ and a test here, or name it among those without JSON"
			return 1
		}
	done
}

@test "the checker finds what is wrong" {
	run -1 fits whereis <<<'{"path":"a","pid":0}'
	assert_output --partial ".pid: is less"
	run -1 fits whereis <<<'{"path":1,"pid":1}'
	assert_output --partial ".path: has another type"
	run -1 fits whereis <<<'{"pid":1}'
	assert_output --partial "lacks path"
	run -1 fits whereis <<<'{"path":"a","pid":1,"more":1}'
	assert_output --partial "has a member that the schema has not: more"
	run -1 fits whereis </dev/null
}

@test "--format: a line a child, a field in braces" {
	tree
	run -0 ctl status --format '{path} {state}' db web
	assert_output $'db running\nweb running\nweb/app running'
	run -0 ctl status --format '{{{name}}}\t{strategy}\t{exit}\t{ready}' db web
	assert_output $'{db}\t-\t-\ttrue\n{web}\tone_for_one\t-\ttrue\n{app}\t-\t-\ttrue'
	run -0 ctl status --format '{pid} {processes}' db
	assert_output "$(pid_of db) 1"
	run -3 ctl status --format '{path} {exit}' once
	assert_output 'once exit 3'
	run -2 ctl status --format '{paht}'
	assert_output --partial 'did you mean {path}?'
	run -2 ctl status --format '{path'
	run -2 ctl status --json --format '{path}'
	run -0 ctl events --since-start --no-follow --format '{seq} {path} {to}'
	assert_line --index 0 '1 / starting'
	run -2 ctl events --format '{state}'
	assert_output --partial 'there is no field {state}'
}

@test "every field of the schema can be asked for with --format" {
	tree
	local name
	for name in $(jq -r '.properties | keys[]' "$SCHEMAS/child.json"); do
		ctl status --format "{$name}" db >/dev/null
	done
	for name in $(jq -r '.properties | keys[]' "$SCHEMAS/event.json"); do
		ctl events --since-start --no-follow --format "{$name}" >/dev/null
	done
}

@test "tree draws the tree with strategies, limits and states" {
	tree
	LC_ALL=C run -0 ctl tree web
	assert_line --index 0 "* web (one_for_one, 0 restarts within 5s)  running"
	assert_line --index 1 --regexp '^`- \* app  running, pid [0-9]+$'
	LC_ALL=C.UTF-8 run -0 ctl tree
	assert_line --regexp '^● shop \(rest_for_one, 3 restarts within 5s\)  running, pid [0-9]+$'
	assert_line --regexp '^├─ ○ once \(transient\)  exited, last exit: exit 3$'
	assert_line --regexp '^├─ ● tasks \(dynamic, 3 restarts within 5s\)  running$'
	run -1 ctl tree nobody
	[[ $(ctl --json tree | jq -r '[.. | objects | select(.path?) | .path] | join(" ")') == \
		"/ db web web/app ill once jobs shards shards/shard.0 shards/shard.1 tasks loud" ]]
}

@test "exit statuses are those of the contract" {
	run -4 ctl ping
	run -4 ctl stop db
	run -4 ctl events
	run -4 ctl status
	tree
	run -0 ctl status
	run -0 ctl status db
	run -3 ctl status db once
	run -1 ctl status nobody
	run -1 ctl stop nobody
	run -1 ctl start db
	run -1 ctl whereis once
	run -1 ctl health
	run -2 ctl nonsense
	run -2 ctl stop
	run -2 ctl stop --watch db
	run -2 ctl wait db
	run -2 ctl --timeout never ping
	run -4 ctl wait once --for running --timeout 100ms
	kill -STOP "$SUPD_PID"
	run -4 ctl --timeout 200ms ping
	run -0 ctl status
	kill -CONT "$SUPD_PID"
}
