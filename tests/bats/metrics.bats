#!/usr/bin/env bats
# supctl metrics: the text, the server, and a Prometheus that reads it.

load helpers

METRICS_PID=
PROMETHEUS_PID=

teardown() {
	local pid
	for pid in $METRICS_PID $PROMETHEUS_PID; do
		kill -TERM "$pid" 2>/dev/null || true
		wait_for 30 gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
	done
	end_supd
}

# db, web: app, broken (its program is not there); parked: it gave up, and waits.
shop() {
	conf <<-END
		supervisor "shop" {
		    max_restarts = 100
		    process "db" { command = "$CHILD" }
		    supervisor "web" {
		        max_restarts = 5
		        max_seconds = 1h
		        process "app" { command = "$CHILD" backoff = 0 }
		    }
		}
	END
	start_tree "$CONF"
}

# value METRIC PATH: from `supctl metrics`.
value() {
	ctl metrics | awk -v want="$1{path=\"$2\"," 'index($0, want) == 1 { print $NF }'
}

value_is() {
	[[ $(value "$1" "$2") == "$3" ]]
}

serve() {
	[[ -x $(dirname "$SUPCTL")/supmetrics ]] || skip "supmetrics was not built: no libmicrohttpd"
	"$SUPCTL" -d "$RUN" metrics --listen 127.0.0.1:0 >"$BATS_TEST_TMPDIR/serving" 3>&- &
	METRICS_PID=$!
	wait_for 30 test -s "$BATS_TEST_TMPDIR/serving"
	URL=$(sed -n 's|^serving \(http://[0-9.:]*\)/ .*|\1|p' "$BATS_TEST_TMPDIR/serving")
	[[ -n $URL ]]
}

@test "metrics tells of supd, of each child, and ends with EOF" {
	shop
	run ctl metrics
	assert_success
	assert_line --index 2 'supd_up 1'
	assert_line 'supd_healthy 1'
	assert_line 'supd_child_state{path="web/app",supervisor="web",state="running"} 1'
	assert_line 'supd_child_up{path="db",supervisor="/"} 1'
	assert_line 'supd_child_restarts_total{path="web/app",supervisor="web"} 0'
	assert_line 'supd_child_starts_failed_total{path="db",supervisor="/"} 0'
	assert_line 'supd_supervisor_restarts_allowed{path="web",supervisor="/"} 5'
	assert_line 'supd_supervisor_restarts_used{path="web",supervisor="/"} 0'
	assert_line 'supd_supervisor_period_seconds{path="web",supervisor="/"} 3600'
	assert_line --regexp '^supd_child_memory_bytes\{path="db",supervisor="/"\} [1-9][0-9]+$'
	assert_line --regexp '^supd_child_uptime_seconds\{path="db",supervisor="/"\} [0-9.]+$'
	assert_line --regexp '^supd_events_total [1-9]'
	assert_line 'supd_events_lost_total 0'
	assert_equal "${lines[-1]}" "# EOF"
}

@test "deaths, failed starts and what is used of the limit are counted" {
	shop
	local pid
	pid=$(pid_of web/app)
	kill -KILL "$pid"
	wait_for 30 reborn web/app "$pid"
	value_is supd_child_restarts_total web/app 1
	value_is supd_supervisor_restarts_used web 1
	value_is supd_supervisor_restarts_used / 0
	run ctl metrics
	assert_line 'supd_child_last_exit_status{path="web/app",supervisor="web",kind="signaled"} 137'
	assert_line --regexp '^supd_child_last_exit_timestamp_seconds\{path="web/app",.*\} [0-9.]+$'
	run ctl start-child / bad -- /nonexistent/program
	assert_failure
	run ctl start-child / late -- "$CHILD"
	assert_success
	ctl stop late
	ctl stop db
	value_is supd_child_up db 0
	value_is supd_child_in_trouble db 0
}

@test "a start that is tried again counts each time" {
	local program=$BATS_TEST_TMPDIR/program
	cp "$CHILD" "$program"
	conf <<-END
		supervisor "shop" {
		    max_restarts = 100
		    process "app" { command = "$program" backoff { initial = 50ms max = 50ms } }
		}
	END
	start_tree "$CONF"
	value_is supd_child_starts_failed_total app 0
	rm "$program"
	kill -KILL "$(pid_of app)"
	failed_thrice() {
		(($(value supd_child_starts_failed_total app) >= 3))
	}
	wait_for 30 failed_thrice
	(($(value supd_supervisor_restarts_used /) >= 3))
}

@test "what is logged is counted" {
	conf <<-END
		supervisor "shop" {
		    process "talk" {
		        command = "sh -c 'echo hello; echo you; exec sleep 1000'"
		        log { file = "$BATS_TEST_TMPDIR/talk.log" }
		    }
		    process "mute" { command = "$CHILD" }
		}
	END
	start_tree "$CONF"
	wait_for 30 value_is supd_child_log_lines_total talk 2
	value_is supd_child_log_bytes_total talk 10
	value_is supd_child_log_dropped_lines_total talk 0
	value_is supd_child_log_rotations_total talk 0
	value_is supd_child_log_lines_total mute ""
}

@test "promtool has nothing to say" {
	command -v promtool >/dev/null || skip "promtool is not installed: metrics were not checked"
	shop
	local format
	for format in both prometheus; do
		ctl metrics --format "$format" >"$BATS_TEST_TMPDIR/text"
		run promtool check metrics <"$BATS_TEST_TMPDIR/text"
		assert_success
		assert_output ""
	done
}

@test "counters have their type in each format of its own" {
	shop
	run ctl metrics --format openmetrics
	assert_line '# TYPE supd_child_restarts counter'
	run ctl metrics --format prometheus
	assert_line '# TYPE supd_child_restarts_total counter'
	run ctl metrics --format openmetric
	assert_failure 2
	assert_output --partial "did you mean openmetrics?"
	run ctl metrics --json
	assert_failure 2
}

@test "of a supd that is gone only that is told" {
	shop
	kill -TERM "$SUPD_PID"
	supd_ended 20
	run ctl metrics
	assert_failure 4
	assert_line 'supd_up 0'
	refute_line --partial 'supd_child'
}

@test "the server answers /metrics in the format that is asked for" {
	shop
	serve
	run curl -sS "$URL/metrics"
	assert_line '# TYPE supd_child_restarts_total counter'
	assert_line 'supd_child_up{path="web/app",supervisor="web"} 1'
	run curl -sS -H 'Accept: application/openmetrics-text; version=1.0.0' "$URL/metrics"
	assert_line '# TYPE supd_child_restarts counter'
	assert_equal "${lines[-1]}" "# EOF"
	run curl -sS -o /dev/null -w '%{http_code} %{content_type}' "$URL/nothing"
	assert_output "404 text/plain; charset=utf-8"
	run curl -sS -o /dev/null -w '%{http_code}' -d body "$URL/metrics"
	assert_output "405"
	run curl -sS -I "$URL/"
	assert_line --partial "200 OK"
	assert_line --partial "default-src 'none'"
}

@test "/healthz is 200 when all is well, and 503 when it is not" {
	shop
	serve
	run curl -sS -w ' %{http_code}' "$URL/healthz"
	assert_output "$(printf 'ok\n 200')"
	ctl suspend db
	run curl -sS -w ' %{http_code}' "$URL/healthz"
	assert_output "$(printf 'ok\n 200')"
	kill -TERM "$SUPD_PID"
	supd_ended 20
	run curl -sS -w ' %{http_code}' "$URL/healthz"
	assert_output "$(printf 'there is no supd\n 503')"
	run curl -sS "$URL/metrics"
	assert_line 'supd_up 0'
	run curl -sS "$URL/"
	assert_output --partial "not there"
}

@test "/healthz names what is in trouble" {
	conf <<-END
		supervisor "shop" {
		    process "db" { command = "$CHILD" }
		    process "flappy" {
		        command = "$CHILD"
		        backoff { initial = 1h max = 1h jitter = 0 }
		    }
		}
	END
	start_tree "$CONF"
	serve
	local pid
	pid=$(pid_of flappy)
	kill -KILL "$pid"
	wait_for 30 reborn flappy "$pid"
	kill -KILL "$(pid_of flappy)"
	wait_for 30 is_state flappy backoff
	run curl -sS -w '%{http_code}' "$URL/healthz"
	assert_line --index 0 --regexp '^flappy: backoff \(KILL\), again in '
	assert_line --index 1 503
	run curl -sS "$URL/"
	assert_output --partial '<b>flappy</b>: backoff (KILL)'
}

@test "the page needs no script, names what it shows, and escapes it" {
	conf <<-END
		supervisor "shop" {
		    process "a<b>&" { command = "$CHILD" }
		    supervisor "web" { strategy = one_for_all process "app" { command = "$CHILD" } }
		}
	END
	start_tree "$CONF"
	serve
	run curl -sS "$URL/"
	assert_output --partial '<meta name="viewport"'
	assert_output --partial 'prefers-color-scheme:dark'
	assert_output --partial '<caption>'
	assert_output --partial 'a&lt;b&gt;&amp;'
	assert_output --partial '<small>one_for_all</small>'
	refute_output --partial '<script'
	refute_output --partial 'a<b>'
}

@test "the server ends when it is told to, and says why it cannot begin" {
	shop
	serve
	run ctl metrics --listen "${URL#http://}"
	assert_failure 2
	assert_output --partial "Address already in use"
	run ctl metrics --listen nonsense
	assert_failure 2
	assert_output --partial "write ADDR:PORT"
	kill -TERM "$METRICS_PID"
	wait_for 30 gone "$METRICS_PID"
	local status=0
	wait "$METRICS_PID" || status=$?
	assert_equal "$status" 0
	METRICS_PID=
}

@test "as a child of the tree it says when it is ready" {
	[[ -x $(dirname "$SUPCTL")/supmetrics ]] || skip "supmetrics was not built: no libmicrohttpd"
	conf <<-END
		supervisor "shop" {
		    process "metrics" {
		        command = "$SUPCTL metrics --listen 127.0.0.1:0"
		        ready = notify
		        start_timeout = 20s
		    }
		}
	END
	start_tree "$CONF"
	is_state metrics running
}

@test "a real Prometheus scrapes it" {
	command -v prometheus >/dev/null ||
		skip "prometheus is not installed: nobody scraped the metrics"
	shop
	serve
	local dir=$BATS_TEST_TMPDIR/prometheus port=$((20000 + RANDOM % 20000))
	mkdir "$dir"
	cat >"$dir/prometheus.yml" <<-END
		global: { scrape_interval: 1s }
		scrape_configs:
		  - job_name: supd
		    static_configs: [ { targets: [ "${URL#http://}" ] } ]
	END
	prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" \
		--web.listen-address="127.0.0.1:$port" >"$dir/log" 2>&1 3>&- &
	PROMETHEUS_PID=$!
	# ask QUERY: the value of its first result.
	ask() {
		curl -sS --get --data-urlencode "query=$1" \
			"http://127.0.0.1:$port/api/v1/query" 2>/dev/null |
			jq -r '.data.result[0].value[1]'
	}
	asked_is() {
		[[ $(ask "$1") == "$2" ]]
	}
	wait_for 60 asked_is 'supd_child_up{path="web/app",supervisor="web"}' 1
	local pid
	pid=$(pid_of web/app)
	kill -KILL "$pid"
	wait_for 30 reborn web/app "$pid"
	wait_for 30 asked_is 'supd_child_restarts_total{path="web/app"}' 1
	# It was told the types.
	run curl -sS "http://127.0.0.1:$port/api/v1/metadata?metric=supd_child_restarts"
	assert_output --partial '"type":"counter"'
}
