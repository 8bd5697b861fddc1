#!/usr/bin/env bats
# The pod of examples/kubernetes, played by podman: its liveness command, and its end.

bats_require_minimum_version 1.5.0
load ../bats/helpers
load ../bats/static

EXAMPLES=$BATS_TEST_DIRNAME/../../examples
IMAGE=localhost/supd-example:latest

setup_file() {
	build_static "$BATS_FILE_TMPDIR/make.log"
}

setup() {
	((EUID == 0)) || skip "PODS ARE PLAYED BY ROOT HERE: NOT TESTED"
	for tool in podman runc busybox; do
		command -v "$tool" >/dev/null || skip "NO $tool HERE: PODS ARE NOT TESTED"
	done
	# Paths of sockets are short.
	PLACE=$(mktemp -d /tmp/supd-pod.XXXXXX)
	mkdir -p "$PLACE"/{root,run,tmp,shared,image/{sbin,bin,etc/supd,run}}
	cat >"$PLACE/containers.conf" <<-END
		[containers]
		default_ulimits = []
		netns = "host"
		[engine]
		runtime = "runc"
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		tmp_dir = "$PLACE/tmp"
	END
	export CONTAINERS_CONF=$PLACE/containers.conf
	cp "$STATIC"/{supd,suplog,supprobe} "$PLACE/image/sbin/"
	cp "$STATIC/supctl" "$PLACE/image/bin/"
	# podman runs a liveness command by a shell; Kubernetes needs none.
	cp "$(command -v busybox)" "$PLACE/image/bin/sh"
	gcc -D_GNU_SOURCE -O1 -static -o "$PLACE/image/bin/server" \
		"$BATS_TEST_DIRNAME/../tools/child.c"
	cat >"$PLACE/image/etc/supd/supd.conf" <<-END
		supervisor "main" {
		    process "good" { command = "/bin/server -r" ready = notify }
		    supervisor "weak" {
		        on_limit = park
		        retry_after = infinity
		        max_restarts = 0
		        process "child" { command = "/bin/server -l /run/log" backoff = 0 }
		    }
		}
	END
	printf 'FROM scratch\nCOPY image /\nENTRYPOINT ["/sbin/supd"]\n' >"$PLACE/Containerfile"
	# podman's emptyDir is root's alone, that of Kubernetes is everybody's.
	chown 100123:100123 "$PLACE/shared"
	awk -v dir="$PLACE/shared" '
		/^spec:/ { print; print "  hostNetwork: true"; next }
		/^      emptyDir:/ { print "      hostPath:\n        path: " dir "\n        type: Directory"; exit }
		{ print }' "$EXAMPLES/kubernetes/pod.yaml" >"$PLACE/pod.yaml"
}

pods() {
	podman --root "$PLACE/root" --runroot "$PLACE/run" --storage-driver vfs "$@"
}

teardown() {
	[[ -n ${PLACE:-} ]] || return 0
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || pods logs supd-supd 2>&1 | tail -n 40
	pods play kube --down "$PLACE/pod.yaml" >/dev/null 2>&1 || true
	pods rm --all --force --time 0 >/dev/null 2>&1 || true
	pods pod rm --all --force >/dev/null 2>&1 || true
	rm -rf "$PLACE"
}

healthy() {
	pods healthcheck run supd-supd
}

unhealthy() {
	! healthy
}

@test "the pod lives, is healthy, and is not when a child is parked; it ends in its grace" {
	local began
	pods build -q -f "$PLACE/Containerfile" -t "$IMAGE" "$PLACE" >"$BATS_TEST_TMPDIR/build" 2>&1 ||
		skip "podman CANNOT BUILD HERE: $(tail -n 1 "$BATS_TEST_TMPDIR/build")"
	pods play kube "$PLACE/pod.yaml" >"$BATS_TEST_TMPDIR/play" 2>&1 ||
		skip "podman CANNOT PLAY A POD HERE: $(tail -n 1 "$BATS_TEST_TMPDIR/play")"
	wait_for 30 healthy
	run -0 pods exec supd-supd /bin/supctl status
	assert_output --partial 'good'
	pods exec supd-supd /bin/supctl signal KILL weak/child
	wait_for 30 unhealthy
	run pods exec supd-supd /bin/supctl health
	assert_failure 1
	assert_line 'weak: parked'
	pods exec supd-supd /bin/supctl start weak
	wait_for 30 healthy
	began=$(now_ms)
	pods stop --time 30 supd-supd
	(($(now_ms) - began < 15000)) || fail "it took $(($(now_ms) - began)) ms"
	run pods inspect --format '{{.State.ExitCode}}' supd-supd
	assert_output 0
}
