#!/usr/bin/env bats
# The limits of control groups: refused where they cannot be had, kept where they can. What a kernel
# with all its controllers does with them is shown in a virtual machine: make test-vm.

bats_require_minimum_version 1.5.0
load helpers

# limited: a tree with two children, the second with limits, on lines 5 and 6.
limited() {
	conf <<-END
		supervisor "root" { max_restarts = 0
		    process "free" { command = "$CHILD" }
		    process "held" { command = "$CHILD"
		        resources {
		            memory_max = 64M
		            pids_max = 10
		        }
		    }
		}
	END
}

# can_limit: does supd --check find nothing against the limits here?
can_limit() {
	! "$SUPD" --check -c "$CONF" | grep -q not-permitted
}

group_of() {
	local line
	line=$(grep '^0::' "/proc/$(pid_of "$1")/cgroup")
	echo "${line#0::}"
}

mounted() {
	sed -n 's/.* \([^ ]*\) [^ ]* .*- cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1
}

@test "a limit that cannot be had is a warning of --check, with its line" {
	limited
	! can_limit || skip "LIMITS CAN BE HAD HERE: THEIR REFUSAL IS NOT TESTED"
	run "$SUPD" --check -c "$CONF"
	assert_success
	assert_line --regexp "supd.conf:5: warning: memory_max .* \[not-permitted\]"
	assert_line --regexp "supd.conf:6: warning: pids_max .* \[not-permitted\]"
}

@test "a limit that cannot be had is a failed start, with key and line" {
	limited
	! can_limit || skip "LIMITS CAN BE HAD HERE: THEIR REFUSAL IS NOT TESTED"
	start_supd "$CONF"
	supd_ended 20
	assert_equal "$SUPD_STATUS" 1
	grep -qE "held: .*supd.conf:5: the limit memory_max cannot be had: .*" \
		"$BATS_TEST_TMPDIR/supd.log"
	said "held: start failed: resources: "
}

@test "limits are kept where they can be had" {
	limited
	can_limit || skip "NO CONTROLLERS FOR US HERE: LIMITS ARE TESTED BY make test-vm ONLY"
	start_tree "$CONF"
	assert_equal "$(cat "$(mounted)$(group_of held)/memory.max")" 67108864
	assert_equal "$(cat "$(mounted)$(group_of held)/pids.max")" 10
	refute [ "$(group_of free)" = "$(group_of held)" ]
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "inspect shows limits, memory and CPU time" {
	conf <<-END
		supervisor "root" {
		    process "free" { command = "$CHILD" }
		}
	END
	start_tree "$CONF"
	run ctl inspect free
	assert_success
	assert_line --regexp '^memory +[0-9.]+[KM]$'
	assert_line --regexp '^processes +1$'
	run jq '.child | (.memory > 0) and (.cpu >= 0) and (.processes == 1)' \
		<<<"$(ctl inspect --json free)"
	assert_output true
	run jq '[.children[].processes]' -c <<<"$(ctl status --json)"
	assert_output '[1]'
}
