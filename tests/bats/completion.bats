#!/usr/bin/env bats
# completion.bats - what the shells offer: from the command table, and live paths from the tree.

bats_require_minimum_version 1.5.0

setup() {
	load helpers
	COMPLETION=$BATS_TEST_DIRNAME/../../completion
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s "$SUPCTL" "$BATS_TEST_TMPDIR/bin/supctl"
	ln -s "$SUPD" "$BATS_TEST_TMPDIR/bin/supd"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	export SUPD_RUNTIME_DIR=$RUN
}

teardown() {
	end_supd
}

tree() {
	conf <<-'END'
		supervisor "root" {
			process "db" { command = "sleep 1000" }
			supervisor "web" {
				process "app" { command = "sleep 1000" }
			}
			dynamic "jobs" {
				process "job" { command = "sleep" restart = temporary }
			}
		}
	END
	start_tree "$CONF"
}

# candidates WORD...: what supctl says may come next, without the explanations.
candidates() {
	supctl __complete -- "$@" | cut -f 1
}

# in_bash WORD...: what bash would offer for the last word.
in_bash() {
	# shellcheck disable=SC2016 # the inner shell expands it
	bash --norc -c '
		compopt() { :; }
		. "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"_$1"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$COMPLETION/$1.bash" "$@"
}

@test "commands, options, and the words that an option or argument may be" {
	run -0 candidates star
	assert_output $'start\nstart-child'
	run -0 candidates wait app --for ''
	assert_output $'running\nstopped\nhealthy'
	run -0 candidates graph --format ''
	assert_output $'dot\nsvg\nmermaid'
	run -0 candidates metrics --format p
	assert_output prometheus
	run -0 candidates status --format ''
	refute_output
	run -0 candidates logs -n ''
	assert_output $'10\n100\n1000\nall'
	run -0 candidates -d ''
	assert_output :dirs
	run -0 candidates events --
	assert_line --partial since-start
	run -0 candidates status --wa
	assert_output --watch
	run -0 candidates ping --wa
	refute_output
	run -0 candidates help restar
	assert_output restart
	run -0 candidates import s
	assert_output supervisord
	run -0 candidates import procfile ''
	assert_output :files
	run -0 candidates run jobs -- ''
	assert_output :commands
	run -0 candidates run jobs -- tar ''
	assert_output :files
	run -0 candidates nonsense ''
	refute_output
}

@test "the paths of the live tree; supervisors only where one is wanted; silence without one" {
	run -0 candidates stop ''
	refute_output
	tree
	run -0 candidates stop ''
	assert_output $'db\nweb\nweb/app\njobs'
	run -0 candidates -d "$RUN" stop db we
	assert_output $'web\nweb/app'
	run -0 candidates start-child ''
	assert_output $'/\nweb\njobs'
	run -0 candidates signal HU
	assert_output HUP
	run -0 candidates signal HUP d
	assert_output db
}

@test "bash offers them" {
	tree
	run -0 in_bash supctl stop w
	assert_output $'web\nweb/app'
	run -0 in_bash supctl sta
	assert_output $'status\nstart\nstart-child'
	run -0 in_bash supd --log-f
	assert_output -- --log-format
	run -0 in_bash supd --log-format j
	assert_output json
}

@test "fish offers them" {
	command -v fish >/dev/null || skip 'fish is not installed'
	export HOME=$BATS_TEST_TMPDIR
	tree
	run -0 fish --no-config -c "source $COMPLETION/supctl.fish; complete -C 'supctl stop w'"
	assert_output $'web\trunning\nweb/app\trunning'
	run -0 fish --no-config -c "source $COMPLETION/supd.fish; complete -C 'supd --log-f'"
	assert_line --partial -- --log-format
}

@test "zsh offers them" {
	command -v zsh >/dev/null || skip 'zsh is not installed'
	tree
	# shellcheck disable=SC2016 # zsh expands it
	run -0 zsh -f -c '
		_describe() { print -l -- ${(P)2} }
		words=(supctl stop w) CURRENT=3
		. $1' zsh "$COMPLETION/_supctl"
	assert_output $'web:running\nweb/app:running'
	# shellcheck disable=SC2016 # zsh expands it
	run -0 zsh -f -c '
		compadd() { print -l -- $argv }
		words=(supd --log-format j) CURRENT=3
		f() { . $1 }
		f $1' zsh "$COMPLETION/_supd"
	assert_output $'text\njson'
}
