#!/usr/bin/env bats
# sandbox.bats - what a process may not do: that the forbidden fails, with the errno that the manual
# says, and the allowed works; as root, and as an ordinary user.

bats_require_minimum_version 1.5.0
load helpers

USER_ID=54321

setup() {
	local place
	# Not below /tmp, which some tests cover; and other users must get through.
	for place in /run /dev/shm; do
		BASE=$(mktemp -d "$place/supd-sandbox.XXXXXX" 2>/dev/null) && break
	done
	[[ -n ${BASE-} ]] || skip "no directory to work in outside /tmp: neither /run nor /dev/shm"
	chmod 755 "$BASE"
	mkdir -m 777 "$BASE/out"
	RUN=$BASE/run
	OUT=$BASE/out/said
	cp "$SUPD" "$BASE/supd"
	cp "$TOOLS/attempt" "$BASE/attempt"
	chmod 755 "$BASE/supd" "$BASE/attempt"
	AS=()
}

teardown() {
	end_supd
	if [[ -z ${BATS_TEST_COMPLETED:-} && -e $BASE/log ]]; then
		tail -n 40 "$BASE/log"
		[[ ! -e $OUT ]] || cat "$OUT"
	fi
	[[ -z ${BASE-} ]] || rm -rf "$BASE"
}

# as_user: from here on supd runs as an ordinary user. Skips where that has no user namespaces.
as_user() {
	if ((EUID == 0)); then
		command -v setpriv >/dev/null || skip "no setpriv here (util-linux)"
		AS=(setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups)
	fi
	"${AS[@]}" unshare --user true 2>/dev/null ||
		skip "ordinary users have no user namespaces on this machine"
}

only_root() {
	((EUID == 0)) || skip "only for root"
}

# launch: starts supd with $BASE/conf, as AS says.
launch() {
	rm -rf "$RUN"
	: >>"$BASE/log"
	chmod 666 "$BASE/log"
	mkdir -m 777 "$RUN"
	(cd "${WHERE:-/}" && exec "${AS[@]}" "$BASE/supd" -c "$BASE/conf" -d "$RUN" \
		2>>"$BASE/log" 3>&- </dev/null) &
	SUPD_PID=$!
	SUPD_STATUS=
	wait_for 20 up_or_gone
}

# sandboxed KEYS [OTHER]: writes a configuration of one process that tries WHAT.
sandboxed() {
	cat >"$BASE/conf" <<-END
		supervisor "root" {
		    process "it" {
		        command = "$BASE/attempt $OUT ${WHAT[*]}"
		        backoff = 0 shutdown = brutal_kill
		        ${2-}
		        sandbox {
		            $1
		        }
		    }
		}
	END
}

tried_all() {
	[[ -e $OUT ]] && grep -qx "done" "$OUT"
}

# tried KEYS WHAT...: runs that, and waits until all was tried.
tried() {
	local keys=$1
	shift
	WHAT=("$@")
	rm -f "$OUT"
	sandboxed "$keys" "${OTHER-}"
	launch
	wait_for 20 tried_all
	stop_supd
}

# said_so LINE...: what was tried went so, all of it.
said_so() {
	local expected
	printf -v expected '%s\n' "$@" "done"
	assert_equal "$(cat "$OUT")" "${expected%$'\n'}"
}

logged() {
	grep -qF -- "$1" "$BASE/log"
}

# refused STAGE LINE: it does not start, for that reason, which names the key and its line.
refused() {
	launch
	wait_for 20 logged "start failed: sandbox.$1: "
	grep -F "start failed: sandbox.$1: " "$BASE/log" | grep -qF "($BASE/conf:$2)"
	end_supd
}

# status_line NAME: of the process.
status_line() {
	sed -n "s/^$1:\t//p" "/proc/$(pid_of it)/status"
}

# ---- system calls

@test "@service: what a server does works; the rest fails with EPERM" {
	tried 'seccomp = "@service"' fork inet unix "make:$BASE/out/file" "read:/etc/passwd" \
		ptrace mount unshare keyctl uring settime
	said_so "fork: ok" "inet: ok" "unix: ok" "make:$BASE/out/file: ok" "read:/etc/passwd: ok" \
		"ptrace: EPERM" "mount: EPERM" "unshare: EPERM" "keyctl: EPERM" "uring: EPERM" \
		"settime: EPERM"
}

@test "@service as an ordinary user, with no_new_privs" {
	as_user
	WHAT=(fork inet ptrace)
	sandboxed 'seccomp = "@service"'
	launch
	wait_for 20 tried_all
	said_so "fork: ok" "inet: ok" "ptrace: EPERM"
	assert_equal "$(status_line NoNewPrivs)" 1
	assert_equal "$(status_line Seccomp)" 2
}

@test "@network-client: nobody can connect to it" {
	tried 'seccomp = "@network-client"' inet listen:0 "make:$BASE/out/file" raw
	said_so "inet: ok" "listen:0: EPERM" "make:$BASE/out/file: ok" "raw: $(
		((EUID == 0)) && echo ok || echo EPERM)"
}

@test "@compute: no network; files, threads and processes" {
	tried 'seccomp = "@compute"' inet unix fork "make:$BASE/out/file" mount
	said_so "inet: EPERM" "unix: ok" "fork: ok" "make:$BASE/out/file: ok" "mount: EPERM"
}

@test "allow and deny, by name and by group; deny wins" {
	tried 'seccomp = "@service" allow = { ptrace, "@async-io" }
	       deny = { "@process", "@async-io" }' ptrace fork uring
	said_so "ptrace: ok" "fork: EPERM" "uring: EPERM"
	tried 'seccomp = "@compute" allow = { socket, "@async-io" }' inet uring
	said_so "inet: ok" "uring: EFAULT"
	tried 'deny = { ptrace }' ptrace keyctl fork
	said_so "ptrace: EPERM" "keyctl: ok" "fork: ok"
	tried 'allow = { "@base", "@files", "@change-files" }' "make:$BASE/out/file" inet
	said_so "make:$BASE/out/file: ok" "inet: EPERM"
}

@test "@namespaces lets clone make new ones; else it does not" {
	only_root
	tried 'seccomp = "@service" allow = { "@namespaces" }' unshare
	said_so "unshare: ok"
}

@test "action = kill ends it with SIGSYS; action = log lets it through" {
	WHAT=(fork ptrace)
	sandboxed 'seccomp = "@service" action = kill' 'restart = temporary'
	launch
	wait_for 20 logged "killed by SIGSYS"
	assert_equal "$(cat "$OUT")" "fork: ok"
	stop_supd
	tried 'seccomp = "@service" action = log' ptrace
	said_so "ptrace: ok"
}

# ---- capabilities

@test "capabilities: none, one" {
	only_root
	touch "$BASE/out/file"
	tried 'capabilities = {}' "chown:$BASE/out/file" raw
	said_so "chown:$BASE/out/file: EPERM" "raw: EPERM"
	tried 'capabilities = { chown }' "chown:$BASE/out/file" raw
	said_so "chown:$BASE/out/file: ok" "raw: EPERM"
	WHAT=()
	sandboxed 'capabilities = { net_bind_service }'
	launch
	assert_equal "$(status_line CapBnd)" 0000000000000400
	assert_equal "$(status_line CapEff)" 0000000000000400
	assert_equal "$(status_line NoNewPrivs)" 0
}

@test "capabilities as an ordinary user: it cannot gain any" {
	as_user
	WHAT=(raw)
	sandboxed 'capabilities = {}'
	launch
	wait_for 20 tried_all
	said_so "raw: EPERM"
	assert_equal "$(status_line CapEff)" 0000000000000000
	assert_equal "$(status_line NoNewPrivs)" 1
}

@test "ambient: an ordinary user with one capability" {
	only_root
	OTHER='user = nobody group = nogroup'
	tried 'private_network = true' listen:80 listen:8080
	said_so "listen:80: EACCES" "listen:8080: ok"
	tried 'private_network = true ambient = { net_bind_service }' listen:80 raw
	said_so "listen:80: ok" "raw: EPERM"
	tried 'private_network = true ambient = { net_bind_service }
	       capabilities = { net_bind_service } securebits = { noroot, noroot_locked }' listen:80
	said_so "listen:80: ok"
}

@test "ambient as an ordinary user: not of the machine, but of a network of its own" {
	as_user
	WHAT=(listen:80)
	sandboxed 'optional = false
	            ambient = { net_bind_service }'
	refused ambient 8
	tried 'private_network = true ambient = { net_bind_service }' listen:80
	said_so "listen:80: ok"
}

@test "no_new_privs" {
	WHAT=()
	sandboxed 'no_new_privs = true'
	launch
	assert_equal "$(status_line NoNewPrivs)" 1
}

@test "securebits: noroot, root is nobody special" {
	only_root
	touch "$BASE/out/file"
	tried 'securebits = { noroot, noroot_locked }' "chown:$BASE/out/file"
	said_so "chown:$BASE/out/file: EPERM"
}

@test "securebits as an ordinary user are refused" {
	as_user
	WHAT=()
	sandboxed 'securebits = { noroot }'
	refused securebits 7
}

# ---- paths

# paths_in: a directory with files, owned by the user that supd is.
paths_in() {
	mkdir -p "$BASE/out/a/b/c"
	echo x >"$BASE/out/a/file"
	echo x >"$BASE/out/a/b/file"
	echo x >"$BASE/out/a/b/c/file"
	chmod -R a+rwX "$BASE/out"
}

read_only_works() {
	paths_in
	tried "read_only_paths = { '/' } writable_paths = { '$BASE/out' }" "write:$BASE/out/a/file" \
		"make:$BASE/file" "read:/etc/passwd" "make:/tmp/supd-sandbox-test"
	said_so "write:$BASE/out/a/file: ok" "make:$BASE/file: EROFS" "read:/etc/passwd: ok" \
		"make:/tmp/supd-sandbox-test: EROFS"
	tried "read_only_paths = { '$BASE/out/a', '$BASE/out/a/b/c', '-/not/there' }
	       writable_paths = { '$BASE/out/a/b', '-/not/there' }" "write:$BASE/out/a/file" \
		"write:$BASE/out/a/b/file" "make:$BASE/out/a/b/new" "write:$BASE/out/a/b/c/file"
	said_so "write:$BASE/out/a/file: EROFS" "write:$BASE/out/a/b/file: ok" \
		"make:$BASE/out/a/b/new: ok" "write:$BASE/out/a/b/c/file: EROFS"
	echo y >"$BASE/out/a/file"
}

@test "read_only_paths, writable_paths: the nearest counts" {
	only_root
	read_only_works
}

@test "read_only_paths, writable_paths as an ordinary user" {
	as_user
	read_only_works
}

@test "a working directory that was entered before is read-only, too" {
	as_user
	paths_in
	WHERE=$BASE/out/a
	cp "$BASE/attempt" "$BASE/out/a/"
	tried "read_only_paths = { '$BASE/out/a' }" "make:here" "read:file"
	said_so "make:here: EROFS" "read:file: ok"
}

symbolic_links_work() {
	paths_in
	ln -s "$BASE/out/a/b/c" "$BASE/l"
	ln -s "$BASE/out" "$BASE/a-longer-one-than-that"
	tried "read_only_paths = { '/', '$BASE/l' } writable_paths = { '$BASE/out' }" \
		"write:$BASE/out/a/b/c/file" "write:$BASE/out/a/b/file"
	said_so "write:$BASE/out/a/b/c/file: EROFS" "write:$BASE/out/a/b/file: ok"
	tried "read_only_paths = { '$BASE/out/a' } writable_paths = { '$BASE/out/a/b' }
	       inaccessible_paths = { '$BASE/l' }" "there:$BASE/out/a/b/c/file" \
		"write:$BASE/out/a/b/file"
	said_so "there:$BASE/out/a/b/c/file: $1" "write:$BASE/out/a/b/file: ok"
	tried "read_only_paths = { '$BASE/out/a/b/c' }
	       writable_paths = { '$BASE/a-longer-one-than-that' }" "write:$BASE/out/a/b/c/file"
	said_so "write:$BASE/out/a/b/c/file: EROFS"
}

@test "a path that is a symbolic link counts as what it leads to" {
	only_root
	symbolic_links_work ENOENT
}

@test "a path that is a symbolic link, as an ordinary user" {
	as_user
	symbolic_links_work EACCES
}

@test "inaccessible_paths: not even for root" {
	only_root
	paths_in
	tried "inaccessible_paths = { '$BASE/out/a/b', '$BASE/out/a/file', '-/not/there' }" \
		"read:$BASE/out/a/b/file" "make:$BASE/out/a/b/new" "read:$BASE/out/a/file" \
		"write:$BASE/out/a/file"
	said_so "read:$BASE/out/a/b/file: ENOENT" "make:$BASE/out/a/b/new: EROFS" \
		"read:$BASE/out/a/file: ENXIO" "write:$BASE/out/a/file: ENXIO"
	assert_equal "$(cat "$BASE/out/a/file")" x
}

@test "inaccessible_paths as an ordinary user" {
	as_user
	paths_in
	tried "inaccessible_paths = { '$BASE/out/a/b', '$BASE/out/a/file', '$BASE/out/a/b' }" \
		"read:$BASE/out/a/b/file" "list:$BASE/out/a/b" "read:$BASE/out/a/file"
	said_so "read:$BASE/out/a/b/file: EACCES" "list:$BASE/out/a/b: EACCES" \
		"read:$BASE/out/a/file: EACCES"
}

@test "a path that is not there is refused, with its key and line" {
	as_user
	WHAT=()
	sandboxed "private_network = true
	            inaccessible_paths = { '/not/there' }"
	refused inaccessible_paths 8
}

private_tmp_works() {
	local marker
	marker=$(mktemp /tmp/supd-sandbox-marker.XXXXXX)
	tried 'private_tmp = true' "there:$marker" "make:/tmp/new" "make:/var/tmp/new"
	rm -f "$marker"
	said_so "there:$marker: ENOENT" "make:/tmp/new: ok" "make:/var/tmp/new: ok"
}

@test "private_tmp" {
	only_root
	private_tmp_works
}

@test "private_tmp as an ordinary user" {
	as_user
	private_tmp_works
}

@test "private_tmp leaves a way for notify messages" {
	as_user
	RUN=$(mktemp -d /tmp/supd-sandbox-run.XXXXXX)
	cp "$TOOLS/child" "$BASE/child"
	chmod 755 "$BASE/child"
	cat >"$BASE/conf" <<-END
		supervisor "root" {
		    process "it" {
		        command = "$BASE/child -r" ready = notify
		        sandbox { private_tmp = true }
		    }
		}
	END
	launch
	is_state it running
	stop_supd
	rm -rf "$RUN"
}

private_dev_works() {
	[[ $BASE != /dev/* ]] || skip "the only place to work in is /dev/shm"
	tried 'private_dev = true' write:/dev/null read:/dev/urandom there:/dev/fd/0 there:/dev/ptmx \
		make:/dev/shm/new make:/dev/new list:/dev/pts there:/dev/kmsg there:/dev/mem
	said_so "write:/dev/null: ok" "read:/dev/urandom: ok" "there:/dev/fd/0: ok" \
		"there:/dev/ptmx: ok" "make:/dev/shm/new: ok" "make:/dev/new: $1" \
		"list:/dev/pts: ok" "there:/dev/kmsg: ENOENT" "there:/dev/mem: ENOENT"
}

@test "private_dev" {
	only_root
	private_dev_works EROFS
}

@test "private_dev as an ordinary user" {
	as_user
	private_dev_works EROFS
}

root_works() {
	local library
	mkdir -p "$BASE/root/out" "$BASE/root/dev" "$BASE/root/proc"
	chmod 777 "$BASE/root/out"
	cp "$BASE/attempt" "$BASE/root/"
	for library in $(ldd "$BASE/attempt" | grep -o '/[^ ]*'); do
		mkdir -p "$BASE/root$(dirname "$library")"
		cp -L "$library" "$BASE/root$library"
	done
	cat >"$BASE/conf" <<-END
		supervisor "root" {
		    process "it" {
		        command = "/attempt /out/said there:/etc/passwd there:/attempt there:$BASE
		                   make:/out/new write:/dev/null make:/new pid:1"
		        sandbox {
		            root = "$BASE/root" private_dev = true namespaces = { pid }
		            read_only_paths = { "/" } writable_paths = { "/out" }
		        }
		    }
		}
	END
	OUT=$BASE/root/out/said
	run -0 "$BASE/supd" --check -c "$BASE/conf"
	refute_output --partial command-not-found
	launch
	wait_for 20 tried_all
	said_so "there:/etc/passwd: ENOENT" "there:/attempt: ok" "there:$BASE: ENOENT" \
		"make:/out/new: ok" "write:/dev/null: ok" "make:/new: EROFS" "pid:1: ok"
}

@test "root: another tree of files" {
	only_root
	root_works
}

@test "root as an ordinary user" {
	as_user
	root_works
}

@test "all together, and another user" {
	only_root
	OTHER='user = nobody group = nogroup'
	tried "seccomp = '@network-client' no_new_privs = true capabilities = { chown }
	       securebits = { noroot, noroot_locked } read_only_paths = { '/' }
	       writable_paths = { '$BASE/out' } inaccessible_paths = { '/root', '/etc/fstab' }
	       private_tmp = true private_dev = true private_network = true hostname = 'box'
	       namespaces = { ipc, pid, user } landlock_read = { '/' }
	       landlock_write = { '$BASE/out', '/tmp' }" \
		pid:1 host:box "make:$BASE/out/new" make:/tmp/new make:/etc/new list:/root \
		read:/etc/fstab write:/dev/null listen:0 inet mount
	said_so "pid:1: ok" "host:box: ok" "make:$BASE/out/new: ok" "make:/tmp/new: ok" \
		"make:/etc/new: EROFS" "list:/root: EACCES" "read:/etc/fstab: EACCES" \
		"write:/dev/null: EACCES" "listen:0: EPERM" "inet: ok" "mount: EPERM"
}

# ---- namespaces

private_network_works() {
	local port
	port=$("$TOOLS/patient" -f)
	"$TOOLS/patient" -p "$port" 3>&- &
	SERVER=$!
	tried '' "connect:$port"
	said_so "connect:$port: ok"
	tried 'private_network = true' "connect:$port" "listen:$port"
	kill "$SERVER"
	wait "$SERVER" || true
	said_so "connect:$port: ECONNREFUSED" "listen:$port: ok"
}

@test "private_network" {
	only_root
	private_network_works
}

@test "private_network as an ordinary user" {
	as_user
	private_network_works
}

@test "a health check finds the process in its own network, and a command beside it, too" {
	as_user
	cp "$TOOLS/patient" "$BASE/patient"
	chmod 755 "$BASE/patient"
	cat >"$BASE/conf" <<-END
		supervisor "root" {
		    process "it" {
		        command = "$BASE/patient -p 8080"
		        ready = probe
		        health { http = "8080/" interval = 100ms retries = 3 }
		        reload_command = "$BASE/attempt $OUT connect:8080 host:box"
		        sandbox { private_network = true hostname = "box" seccomp = "@service" }
		    }
		}
	END
	cp "$(dirname "$SUPD")/supprobe" "$BASE/supprobe"
	chmod 755 "$BASE/supprobe"
	launch
	is_state it running
	ctl wait it --for healthy
	ctl --timeout 30s reload it --no-wait || true
	wait_for 20 tried_all
	said_so "connect:8080: ok" "host:box: ok"
}

@test "namespaces: pid, with a /proc of its own" {
	only_root
	tried 'namespaces = { pid }' pid:1 "there:/proc/$$" there:/proc/1 fork
	said_so "pid:1: ok" "there:/proc/$$: ENOENT" "there:/proc/1: ok" "fork: ok"
}

@test "namespaces: pid as an ordinary user" {
	as_user
	tried 'namespaces = { pid, ipc, uts }' pid:1 "there:/proc/$$"
	said_so "pid:1: ok" "there:/proc/$$: ENOENT"
}

@test "namespaces: user, entered last by root: it keeps its files and loses the machine" {
	only_root
	touch "$BASE/out/file"
	chown "$USER_ID" "$BASE/out/file"
	tried "namespaces = { user } private_network = true" "chown:$BASE/out/file" mount settime \
		"read:/etc/shadow"
	said_so "chown:$BASE/out/file: EINVAL" "mount: EPERM" "settime: EINVAL" "read:/etc/shadow: ok"
}

@test "namespaces: user, for another user: root's memory is not open to that one for a moment" {
	only_root
	strace -qq -o /dev/null true 2>/dev/null || skip "no strace here"
	WHAT=(mount)
	sandboxed 'namespaces = { user }' "user = $USER_ID group = $USER_ID"
	AS=(strace -f -qq -o "$BASE/calls" -e "trace=prctl,setfsuid")
	launch
	wait_for 20 tried_all
	said_so "mount: EPERM"
	assert_equal "$(status_line Uid | xargs)" "$USER_ID $USER_ID $USER_ID $USER_ID"
	assert_equal "$(status_line Gid | xargs)" "$USER_ID $USER_ID $USER_ID $USER_ID"
	assert_equal "$(xargs <"/proc/$(pid_of it)/uid_map")" "$USER_ID $USER_ID 1"
	grep -q SUID_DUMP_DISABLE "$BASE/calls"
	run grep SUID_DUMP_USER "$BASE/calls"
	assert_output ""
	ctl shutdown
	wait "$SUPD_PID" || true
}

@test "hostname" {
	as_user
	tried 'hostname = "box"' host:box
	said_so "host:box: ok"
	refute [ "$(hostname)" = box ]
}

# ---- Landlock

@test "landlock_read, landlock_write: what is not named is not there to be opened" {
	as_user
	paths_in
	local keys="landlock_read = { '/usr', '/lib', '-/lib64', '$BASE/attempt' }
	            landlock_write = { '$BASE/out' }"
	WHAT=()
	sandboxed "$keys"
	launch
	if logged "sandbox.landlock_read: Function not implemented" ||
		logged "sandbox.landlock_read: Operation not supported"; then
		skip "this kernel has no Landlock"
	fi
	end_supd
	tried "$keys" "write:$BASE/out/a/file" "make:$BASE/out/new" read:/etc/passwd list:/usr \
		make:/tmp/supd-sandbox-test
	said_so "write:$BASE/out/a/file: ok" "make:$BASE/out/new: ok" "read:/etc/passwd: EACCES" \
		"list:/usr: ok" "make:/tmp/supd-sandbox-test: EACCES"
}

# ---- what supd, its client and its probe keep from themselves

@test "supd closes its memory as root, but has no filter, which its children would keep" {
	only_root
	command -v setpriv >/dev/null || skip "no setpriv here (util-linux)"
	local own
	# As in a container: nobody may look into what is not open.
	local less=(setpriv "--bounding-set=-sys_ptrace,-sys_admin,-perfmon")
	for own in '' --no-self-sandbox; do
		WHAT=()
		sandboxed 'no_new_privs = true'
		rm -rf "$RUN"
		mkdir "$RUN"
		# shellcheck disable=SC2086 # one option or none
		"${less[@]}" "$BASE/supd" -c "$BASE/conf" -d "$RUN" $own 2>>"$BASE/log" 3>&- \
			</dev/null &
		SUPD_PID=$!
		wait_for 20 up_or_gone
		assert_equal "$(sed -n 's/^Seccomp:\t//p' "/proc/$SUPD_PID/status")" 0
		assert_equal "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$SUPD_PID/status")" 0
		run "${less[@]}" cat "/proc/$SUPD_PID/environ"
		assert_equal "$status" "$([[ -n $own ]] && echo 0 || echo 1)"
		stop_supd
	done
}

@test "supctl and supprobe run behind filters" {
	! grep -q __asan_init "$SUPCTL" || skip "a sanitizer needs what the filters forbid"
	WHAT=()
	sandboxed 'no_new_privs = true'
	launch
	"$SUPCTL" -d "$RUN" --timeout 60s wait it --for stopped 3>&- &
	local client=$!
	wait_for 20 filtered "$client"
	ctl stop it
	wait "$client"
	local port
	port=$("$TOOLS/patient" -f)
	"$TOOLS/patient" -x -s hang -p "$port" 3>&- &
	local server=$!
	"$(dirname "$SUPD")/supprobe" -t 20s http "$port/" 3>&- &
	client=$!
	wait_for 20 filtered "$client"
	kill "$client" "$server"
	wait "$client" "$server" || true
}

filtered() {
	grep -qx $'Seccomp:\t2' "/proc/$1/status"
}

# ---- what cannot be had

@test "--check says of each key whether it can be enforced, and warns of those that cannot" {
	as_user
	WHAT=()
	sandboxed 'private_tmp = true
	            ambient = { sys_time }
	            inaccessible_paths = { "/not/there" }'
	run -0 "${AS[@]}" "$BASE/supd" --check -c "$BASE/conf"
	assert_line "sandbox: seccomp: yes"
	assert_line "sandbox: private_tmp: yes, in a user namespace"
	assert_line --regexp "^sandbox: landlock_write: (yes|no: .*)$"
	assert_line --partial "$BASE/conf:9: warning: 'inaccessible_paths' cannot be enforced here"
	assert_equal "$(grep -c '^sandbox: ' <<<"$output")" 16
	cat >"$BASE/conf" <<<'supervisor "root" { process "it" { command = "/bin/true" } }'
	run -0 "$BASE/supd" --check -c "$BASE/conf"
	refute_output --partial "sandbox:"
}

@test "optional: it starts without, and is told of what is not enforced" {
	as_user
	WHAT=(read:/etc/passwd host:box)
	sandboxed 'optional = true hostname = "box"
	            root = "/not/there"
	            inaccessible_paths = { "/not/there" }'
	launch
	wait_for 20 tried_all
	said_so "read:/etc/passwd: ok" "host:box: ok"
	logged "sandbox: root is not enforced: No such file or directory ($BASE/conf:8)"
	logged "sandbox: inaccessible_paths is not enforced: No such file or directory ($BASE/conf:9)"
}

@test "why a start failed: the key and its line, for supctl start, too" {
	as_user
	WHAT=()
	sandboxed 'securebits = { noroot }' 'restart = temporary'
	launch
	rm -rf "$RUN"
	cat >"$BASE/conf" <<-END
		supervisor "root" {
		    process "keeper" { command = "$BASE/attempt $OUT" }
		    dynamic "jobs" {
		        process "job" {
		            command = "$BASE/attempt $OUT" restart = temporary
		            sandbox { securebits = { noroot } }
		        }
		    }
		}
	END
	launch
	run -1 ctl start-child jobs one
	assert_output --partial "sandbox.securebits: Operation not permitted ($BASE/conf:6)"
	run -0 ctl start-child / other \
		--set 'sandbox={ hostname=box inaccessible_paths={/etc/passwd, "/etc/group"} }' \
		-- "$BASE/attempt" "$OUT.2" host:box read:/etc/group
	OUT=$OUT.2
	wait_for 20 tried_all
	said_so "host:box: ok" "read:/etc/group: EACCES"
}
