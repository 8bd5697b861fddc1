#!/usr/bin/env bats
# supctl graph and timeline of a real tree; programs that read pictures read them.

load helpers

# root: db, cache, web (one_for_all): app, proxy; rest_for_one.
shop() {
	conf <<-END
		supervisor "shop" {
		    strategy = rest_for_one
		    max_restarts = 100
		    process "db" { command = "$CHILD" }
		    process "cache" { command = "$CHILD" }
		    supervisor "web" {
		        strategy = one_for_all
		        max_restarts = 100
		        process "app" { command = "$CHILD" backoff = 0 }
		        process "proxy" { command = "$CHILD" }
		    }
		}
	END
	start_tree "$CONF"
}

@test "graph draws the tree with its strategies and states" {
	shop
	ctl stop web/proxy
	run ctl graph
	assert_success
	assert_line --index 0 'digraph supd {'
	assert_output --partial 'label="shop\nrest_for_one, 100 in 5s"'
	assert_output --partial 'label="web\none_for_all, 100 in 5s"'
	assert_output --partial 'label="proxy\nstopped (exit 0)"'
	run ctl graph --format mermaid
	assert_line --index 0 'flowchart LR'
	run ctl graph --format svg
	assert_output --partial 'shop: 3 of 4 processes running'
	assert_output --partial 'prefers-color-scheme:dark'
	refute_output --partial '<script'
	refute_output --partial 'href='
}

@test "Graphviz reads the dot" {
	command -v dot >/dev/null || skip "graphviz is not installed: the dot was not read by it"
	shop
	ctl graph >"$BATS_TEST_TMPDIR/dot"
	run dot -Tsvg "$BATS_TEST_TMPDIR/dot"
	assert_success
	assert_output --partial 'rest_for_one'
}

@test "a renderer reads the pictures" {
	command -v rsvg-convert >/dev/null ||
		skip "rsvg-convert is not installed: the pictures were not rendered"
	shop
	ctl graph --format svg >"$BATS_TEST_TMPDIR/graph.svg"
	ctl timeline --svg >"$BATS_TEST_TMPDIR/timeline.svg"
	local name
	for name in graph timeline; do
		rsvg-convert -o "$BATS_TEST_TMPDIR/$name.png" "$BATS_TEST_TMPDIR/$name.svg"
		# A PNG that is more than an empty page.
		(($(stat -c %s "$BATS_TEST_TMPDIR/$name.png") > 4000))
	done
}

@test "the timeline shows a cascade: who died, and who went along" {
	shop
	local pid
	pid=$(pid_of cache)
	kill -KILL "$pid"
	wait_for 30 reborn cache "$pid"
	wait_for 30 is_state / running
	COLUMNS=120 LC_ALL=C run ctl timeline
	assert_success
	assert_line --regexp '^db +-*=+$'
	assert_line --regexp '^cache +[-.]*=+X.*=$'
	# They went along, and did not die of themselves.
	assert_line --regexp '^web/app +[-.]*=+[-.]+=+$'
	assert_line --regexp '^web/proxy +[-.]*=+[-.]+=+$'
	ctl timeline --svg >"$BATS_TEST_TMPDIR/svg"
	run grep -c '1 restart</text>' "$BATS_TEST_TMPDIR/svg"
	((output >= 2))
	LC_ALL=C run ctl timeline web
	refute_line --regexp '^cache'
	assert_line --regexp '^web/app '
	LC_ALL=C run ctl timeline web/ap
	assert_failure 1
	assert_output --partial 'did you mean web/app'
}

@test "events that were kept become the same picture later" {
	shop
	kill -KILL "$(pid_of web/app)"
	wait_for 30 is_state web running
	ctl events --since-start --no-follow --json >"$BATS_TEST_TMPDIR/events"
	stop_supd
	LC_ALL=C run ctl timeline --from "$BATS_TEST_TMPDIR/events"
	assert_success
	assert_line --regexp '^web/app +[-.]*=+X'
	LC_ALL=C run ctl timeline --from - <"$BATS_TEST_TMPDIR/events"
	assert_success
	assert_line --regexp '^web/app '
	LC_ALL=C run ctl timeline
	assert_failure 4
}
