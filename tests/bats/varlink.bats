#!/usr/bin/env bats
# varlink.bats - stock varlink clients talk to supd: the Go library of Debian
# (golang-github-varlink-go-dev, golang-go). Nothing of ours is in them.

bats_require_minimum_version 1.5.0
load helpers

LIBRARY=/usr/share/gocode/src/github.com/varlink/go

@test "a Go client gets the description, the tree, an error, and events, past and to come" {
	command -v go >/dev/null || skip "no go here (golang-go)"
	[[ -d $LIBRARY ]] || skip "no Go library of varlink here (golang-github-varlink-go-dev)"
	local cache
	cache=$(dirname "$SUPD")/go-cache
	GOCACHE=$cache GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS='' GOMAXPROCS=2 HOME=$cache \
		go build -o "$BATS_TEST_TMPDIR/client" "$BATS_TEST_DIRNAME/../varlink/client.go"
	conf <<-END
		supervisor "shop" {
		    process "db" { command = "$CHILD" }
		    supervisor "web" { process "app" { command = "$CHILD -l $LOG" } }
		}
	END
	start_tree "$CONF"
	# Eight of the start, then those of a restart.
	"$BATS_TEST_TMPDIR/client" "$RUN/control" 13 >"$BATS_TEST_TMPDIR/out" 3>&- &
	local client=$!
	wait_for 20 grep -q "^event 8 " "$BATS_TEST_TMPDIR/out"
	ctl restart web/app
	wait "$client"
	run -0 cat "$BATS_TEST_TMPDIR/out"
	assert_line "product supd, interfaces org.varlink.service org.supd.Supervisor"
	assert_line --regexp "^types [0-9]+, methods $(grep -c '^method ' \
		"$BATS_TEST_DIRNAME/../../supervisor/org.supd.Supervisor.varlink"), errors [0-9]+$"
	assert_line "child web/app running"
	assert_line "error org.supd.Supervisor.NotFound"
	assert_line "event 1 / starting"
	assert_line "event 9 web/app restart"
	assert_line "event 13 web/app running"
}
