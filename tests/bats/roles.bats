#!/usr/bin/env bats
# roles.bats - the section control: who may connect, and what each role may ask, as other users for
# real.

bats_require_minimum_version 1.5.0
load helpers

OBSERVER=54321
OPERATOR=54322
ADMIN=54323
NOBODY=54324
GROUP=54330 # of operators, as a supplementary group

setup() {
	((EUID == 0)) || skip "only root can become other users"
	command -v setpriv >/dev/null || skip "no setpriv here (util-linux)"
	# Other users must get through to the socket and to supctl.
	BASE=$(mktemp -d /tmp/supd-roles.XXXXXX)
	chmod 755 "$BASE"
	RUN=$BASE/run
	cp "$SUPCTL" "$BASE/supctl"
	chmod 755 "$BASE/supctl"
}

teardown() {
	end_supd
	[[ -z ${BASE-} ]] || rm -rf "$BASE"
}

# tree CONTROL: a tree with the section control.
tree() {
	conf <<-END
		$1
		supervisor "shop" {
		    process "db" { command = "$CHILD" environment = {"SECRET=hush"} }
		    dynamic "tasks" { }
		}
	END
	start_tree "$CONF"
}

# as UID ARGUMENT...: supctl as that user, without supplementary groups.
as() {
	local uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$BASE/supctl" -d "$RUN" "$@"
}

may() {
	run -0 as "$@"
}

may_not() {
	local role=$1
	shift
	run -1 as "$@"
	assert_output --partial "that needs the role $role"
}

@test "without a section nobody but root and the own user can connect" {
	tree ""
	run stat -c %a "$RUN/control"
	assert_output 600
	run stat -c %a "$RUN/status"
	assert_output 600
	run -4 as "$OBSERVER" status
	assert_output --partial "section control"
	run -4 as "$OBSERVER" ping
	assert_output --partial "may not connect"
	assert_output --partial "section control"
	ctl ping
}

@test "each role may do what is its own, and no more" {
	tree "control { observers = {$OBSERVER} operators = {$OPERATOR} admins = {$ADMIN} }"
	run stat -c %a "$RUN/control" "$RUN/status"
	assert_output $'666\n644'

	may "$OBSERVER" status
	may "$OBSERVER" ping
	may "$OBSERVER" inspect db
	may "$OBSERVER" impact db
	may_not operator "$OBSERVER" stop db
	may_not operator "$OBSERVER" restart db
	may_not operator "$OBSERVER" signal HUP db
	may_not operator "$OBSERVER" reload db
	may_not admin "$OBSERVER" run tasks -- true
	may_not admin "$OBSERVER" shutdown
	is_state db running

	may "$OPERATOR" ping
	may "$OPERATOR" restart db
	may "$OPERATOR" signal CONT db
	may "$OPERATOR" suspend db
	may "$OPERATOR" resume db
	may_not admin "$OPERATOR" start-child / more -- sleep 100
	may_not admin "$OPERATOR" run tasks -- true
	may_not admin "$OPERATOR" shutdown

	may "$ADMIN" start-child / more --set restart=temporary -- sleep 100
	may "$ADMIN" stop more
	may "$ADMIN" shutdown
	supd_ended 20
	[[ $SUPD_STATUS == 0 ]]
}

@test "who has no role is told so, whatever is asked" {
	tree "control { observers = {$OBSERVER} }"
	may_not observer "$NOBODY" ping
	may_not operator "$NOBODY" stop db
	is_state db running
}

@test "a supplementary group gives a role, and so does the first one" {
	tree "control { operators = {\"@$GROUP\"} }"
	may_not operator "$NOBODY" restart db
	run -0 setpriv --reuid "$NOBODY" --regid "$NOBODY" --groups "11,$GROUP,12" "$BASE/supctl" \
		-d "$RUN" restart db
	run -0 setpriv --reuid "$NOBODY" --regid "$GROUP" --clear-groups "$BASE/supctl" \
		-d "$RUN" restart db
}

@test "one among more groups than most have is found" {
	tree "control { operators = {\"@$GROUP\"} }"
	run -0 setpriv --reuid "$NOBODY" --regid "$NOBODY" \
		--groups "$(seq -s, 60000 60200),$GROUP" "$BASE/supctl" -d "$RUN" restart db
}

@test "mode and group of the socket are as they are set" {
	tree "control { group = $GROUP operators = {\"@$GROUP\"} }"
	run stat -c '%a %g' "$RUN/control" "$RUN/status"
	assert_output "$(printf '%s\n' "660 $GROUP" "640 $GROUP")"
	run -4 as "$NOBODY" ping
	run -4 as "$NOBODY" status
	run -0 setpriv --reuid "$NOBODY" --regid "$NOBODY" --groups "$GROUP" "$BASE/supctl" \
		-d "$RUN" status
	run -0 setpriv --reuid "$NOBODY" --regid "$NOBODY" --groups "$GROUP" "$BASE/supctl" \
		-d "$RUN" restart db
	stop_supd
	tree "control { mode = 0600 operators = {$OPERATOR} }"
	run stat -c '%a %g' "$RUN/control"
	assert_output "600 0"
	run -4 as "$OPERATOR" ping
}

@test "observers see no environment, operators do" {
	tree "control { observers = {$OBSERVER} operators = {$OPERATOR} }"
	may "$OBSERVER" --json inspect db
	refute_output --partial hush
	run -0 jq .spec.environment <<<"$output"
	assert_output null
	may "$OBSERVER" inspect db
	refute_output --partial hush
	may "$OPERATOR" --json inspect db
	assert_output --partial "SECRET=hush"
}

@test "where supd runs as a user, that user and root are its admins" {
	conf <<-END
		supervisor "shop" { process "db" { command = "sleep 1000" } }
	END
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" 2>/dev/null || true
	cp "$SUPD" "$BASE/supd"
	cp "$CONF" "$BASE/conf"
	mkdir -p "$RUN"
	chown "$ADMIN" "$RUN"
	setpriv --reuid "$ADMIN" --regid "$ADMIN" --clear-groups "$BASE/supd" -c "$BASE/conf" \
		-d "$RUN" >"$BATS_TEST_TMPDIR/supd.out" 2>>"$BATS_TEST_TMPDIR/supd.log" 3>&- </dev/null &
	SUPD_PID=$!
	wait_for 20 up_or_gone
	may "$ADMIN" restart db
	ctl restart db
	run -4 as "$OPERATOR" restart db
}
