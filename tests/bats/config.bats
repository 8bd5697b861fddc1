#!/usr/bin/env bats
# config.bats - supd --check and --print-config, and what supd does with a file that is wrong.
# The messages themselves are in tests/config, tested by tests/unit/config_corpus.c.

bats_require_minimum_version 1.5.0

setup() {
	load helpers
	CONFIGS=$BATS_TEST_DIRNAME/../config
}

@test "a valid file: exit status 0, and no error" {
	run -0 "$SUPD" --check -c "$CONFIGS/good/full.conf"
	refute_output --partial ' error: '
}

@test "every broken file: exit status 2, and each line is FILE:LINE: error: TEXT [rule]" {
	local file line
	cd "$CONFIGS/broken"
	for file in *.conf; do
		run -2 "$SUPD" --check -c "$file"
		for line in "${lines[@]}"; do
			assert_regex "$line" '^[^:]+:[0-9]+: error: .+ \[[a-z-]+\]$'
		done
	done
}

@test "all errors of a file are reported in one run, in the order of the file" {
	cd "$CONFIGS/broken"
	run -2 "$SUPD" --check -c many-errors.conf
	assert_output "$(cat many-errors.expect)"
}

@test "a warning does not make a file invalid" {
	run -0 "$SUPD" --check -c "$CONFIGS/lint/zero-intensity.conf"
	assert_output --partial 'zero-intensity.conf:1: warning: '
	assert_output --partial '[zero-intensity]'
}

@test "--print-config shows the tree as JSON, the same bytes each time" {
	local first
	run -0 --separate-stderr "$SUPD" --print-config -c "$CONFIGS/good/full.conf"
	first=$output
	run -0 --separate-stderr "$SUPD" --print-config -c "$CONFIGS/good/full.conf"
	assert_equal "$output" "$first"
	assert_line '    "name": "shop",'
	assert_line '        "shutdown": "brutal_kill",'
}

@test "a missing file is an error with its name" {
	run -2 "$SUPD" --check -c "$BATS_TEST_TMPDIR/none.conf"
	assert_output --partial "cannot read $BATS_TEST_TMPDIR/none.conf: No such file or directory"
}

@test "a wrong file starts nothing" {
	conf <<-END
		supervisor "root" {
			process "a" { command = "/bin/touch $BATS_TEST_TMPDIR/started" }
			process "b" { comand = "/bin/true" }
		}
	END
	run -2 "$SUPD" -c "$CONF" -d "$RUN"
	assert_output --partial "$CONF:3: error: unknown key 'comand' in process; did you mean 'command'?"
	[[ ! -e $BATS_TEST_TMPDIR/started ]]
}

@test "variables come from supd's environment" {
	conf <<-'END'
		supervisor "root" {
			process "a" { command = "/bin/echo ${GREETING} ${NAME:-world}" }
		}
	END
	GREETING=hello run -0 --separate-stderr "$SUPD" --print-config -c "$CONF"
	assert_line --partial '"hello",'
	assert_line --partial '"world"'
	run -2 "$SUPD" --check -c "$CONF"
	assert_output --partial "environment variable 'GREETING' is not set"
}
