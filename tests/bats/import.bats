#!/usr/bin/env bats
# import.bats - configurations of other supervisors become one of supd that is valid and runs.

bats_require_minimum_version 1.5.0

setup() {
	load helpers
	cd "$BATS_TEST_DIRNAME/../.." || return
}

@test "every key and section of supervisord becomes something, or a comment says why not" {
	run -0 "$SUPCTL" import supervisord tests/import/supervisord.conf
	assert_output "$(cat tests/import/supervisord.expect)"
	refute_output --partial 'no such'
	echo "$output" >"$BATS_TEST_TMPDIR/imported.conf"
	run -0 "$SUPD" --check -c "$BATS_TEST_TMPDIR/imported.conf"
}

@test "a Procfile becomes a tree" {
	run -0 "$SUPCTL" import procfile tests/import/Procfile
	assert_output "$(cat tests/import/procfile.expect)"
	run -0 "$SUPCTL" import procfile - <tests/import/Procfile
	echo "$output" >"$BATS_TEST_TMPDIR/imported.conf"
	run -0 "$SUPD" --check -c "$BATS_TEST_TMPDIR/imported.conf"
}

@test "what was imported runs" {
	cat >"$BATS_TEST_TMPDIR/supervisord.conf" <<-END
		[program:second]
		command=/bin/sh -c "echo \$WORD %(program_name)s >>%(here)s/said; exec sleep 1000"
		environment=WORD="it is"
		priority=2
		[group:both]
		programs=first
		priority=1
		[program:first]
		command=/bin/sh -c "echo first >>%(here)s/said; exec sleep %(ENV_LONG)s"
		[program:rare]
		command=/bin/sleep 1000
		autostart=false
	END
	"$SUPCTL" import supervisord "$BATS_TEST_TMPDIR/supervisord.conf" >"$BATS_TEST_TMPDIR/supd.conf"
	export LONG=1000
	start_tree "$BATS_TEST_TMPDIR/supd.conf"
	wait_for 10 lines_in 2 "$BATS_TEST_TMPDIR/said"
	assert_equal "$(sort "$BATS_TEST_TMPDIR/said")" $'first\nit is second'
	is_state both/first running
	is_state rare running
	run -0 ctl count rare
	assert_line 'active       0'
	run -0 ctl start-child rare
	run -0 ctl count rare
	assert_line 'active       1'
}

@test "what is no such file is told with its line" {
	printf '[program:a]\nnonsense\n' >"$BATS_TEST_TMPDIR/bad.conf"
	run -1 "$SUPCTL" import supervisord "$BATS_TEST_TMPDIR/bad.conf"
	assert_output "supctl: $BATS_TEST_TMPDIR/bad.conf:2: this is no KEY = VALUE"
	run -1 "$SUPCTL" import procfile "$BATS_TEST_TMPDIR/bad.conf"
	assert_output --partial "bad.conf:1: this is no NAME: COMMAND"
	run -2 "$SUPCTL" import systemd x
	run -1 "$SUPCTL" import supervisord "$BATS_TEST_TMPDIR/absent"
	assert_output --partial 'No such file'
}
