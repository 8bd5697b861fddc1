#!/usr/bin/env bats
# make static: programs without shared libraries, small, in little memory.

bats_require_minimum_version 1.5.0
load helpers
load static

setup_file() {
	build_static "$BATS_FILE_TMPDIR/make.log"
}

# pss: what supd has in memory, its part of what it shares included; in kB.
pss() {
	awk '$1 == "Pss:" { print $2 }' "/proc/$SUPD_PID/smaps_rollup"
}

at_most() {
	(($("$1") <= $2))
}

@test "the linker has nothing to say of NSS, and no program needs a library" {
	run ! grep -i 'warning' "$BATS_FILE_TMPDIR/make.log"
	for program in supd supctl suplog supprobe; do
		run ! grep -q INTERP <(readelf -lW "$STATIC/$program")
		run ! grep -q NEEDED <(readelf -dW "$STATIC/$program")
	done
}

@test "each is smaller than 1.5 MB" {
	local program size
	for program in "$STATIC"/sup*; do
		[[ -f $program && -x $program ]] || continue
		size=$(stat -c %s "$program")
		((size < 1500000)) || fail "$program has $size bytes"
	done
	measured "supd $(stat -c %s "$STATIC/supd") bytes"
}

@test "supd with one child takes less than 400 kB" {
	conf <<-END
		supervisor "root" { process "one" { command = "$CHILD" } }
	END
	# On a file system, so that the pages of the file are clean.
	sync "$STATIC/supd"
	SUPD=$STATIC/supd SUPCTL=$STATIC/supctl start_tree "$CONF"
	wait_for 20 at_most pss 399
	measured "PSS $(pss) kB"
}

@test "they do what the others do" {
	local user
	user=$(id -un)
	conf <<-END
		include("more/*.conf")
	END
	mkdir "$BATS_TEST_TMPDIR/more"
	cat >"$BATS_TEST_TMPDIR/more/tree.conf" <<-END
		supervisor "root" {
		    process "web" {
		        command = "$TOOLS/socket_server"
		        ready = exec
		        sockets = "unix:$BATS_TEST_TMPDIR/socket"
		        health { tcp = "unix:$BATS_TEST_TMPDIR/socket" interval = 200ms }
		        user = "$user"
		    }
		}
	END
	SUPD=$STATIC/supd
	SUPCTL=$STATIC/supctl
	run "$SUPD" --check -c "$CONF"
	assert_success
	start_tree "$CONF"
	run ctl wait web --for healthy --timeout 20s
	assert_success
	run ctl status web
	assert_output --partial running
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}
