#!/usr/bin/env bats
# make deb: a Debian package, whose programs run from where it is unpacked.

bats_require_minimum_version 1.5.0
load helpers

ROOT_OF_SOURCE=$BATS_TEST_DIRNAME/../..

setup_file() {
	command -v dpkg-deb >/dev/null || skip "NO dpkg-deb HERE: THE PACKAGE IS NOT TESTED"
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD \
		make --no-print-directory -C "$BATS_TEST_DIRNAME/../.." deb >"$BATS_FILE_TMPDIR/make.log" 2>&1 || {
		tail -n 30 "$BATS_FILE_TMPDIR/make.log"
		return 1
	}
	PACKAGE=$BATS_TEST_DIRNAME/../../$(grep "\.deb$" "$BATS_FILE_TMPDIR/make.log" | tail -n 1)
	export PACKAGE
	dpkg -x "$PACKAGE" "$BATS_FILE_TMPDIR/root"
}

setup() {
	UNPACKED=$BATS_FILE_TMPDIR/root
}

@test "it says what it is and what it needs" {
	run dpkg-deb --field "$PACKAGE" Package
	assert_output supd
	run dpkg-deb --field "$PACKAGE" Version
	assert_output "$(cat "$ROOT_OF_SOURCE/VERSION")-1"
	run dpkg-deb --field "$PACKAGE" Depends
	assert_output --partial 'libc6 (>='
	run dpkg-deb --ctrl-tarfile "$PACKAGE"
	assert_equal "$(dpkg-deb --ctrl-tarfile "$PACKAGE" | tar -xO ./conffiles)" \
		/etc/supd/supd.conf.example
}

@test "files are root's, and their sums are right" {
	run ! grep -vE '^[^ ]+ root/root ' <(dpkg-deb --contents "$PACKAGE")
	dpkg-deb --ctrl-tarfile "$PACKAGE" | tar -xO ./md5sums >"$BATS_TEST_TMPDIR/md5sums"
	run -0 env -C "$UNPACKED" md5sum --quiet -c "$BATS_TEST_TMPDIR/md5sums"
}

@test "manual pages, completion, the unit and the example are there" {
	local file
	for file in lib/systemd/system/supd.service etc/supd/supd.conf.example \
		usr/share/man/man8/supd.8.gz usr/share/man/man1/supctl.1.gz \
		usr/share/man/man5/supd.conf.5.gz usr/share/doc/supd/copyright \
		usr/share/bash-completion/completions/supctl usr/libexec/supd/supprobe; do
		[[ -s $UNPACKED/$file ]] || fail "$file is missing"
	done
}

@test "its programs run a tree" {
	SUPD=$UNPACKED/usr/sbin/supd
	SUPCTL=$UNPACKED/usr/bin/supctl
	start_tree "$UNPACKED/etc/supd/supd.conf.example"
	run ctl status hello
	assert_success
	run ctl --json version
	assert_output --partial "$(cat "$ROOT_OF_SOURCE/VERSION")"
	stop_supd
	assert_equal "$SUPD_STATUS" 0
}

@test "systemd accepts the unit" {
	command -v systemd-analyze >/dev/null ||
		skip "NO systemd-analyze HERE: THE UNIT IS NOT TESTED"
	sed "s,/usr/sbin/supd,$UNPACKED/usr/sbin/supd," \
		"$UNPACKED/lib/systemd/system/supd.service" >"$BATS_TEST_TMPDIR/supd.service"
	run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/supd.service"
	assert_success
	refute_output --partial supd.service
}

@test "lintian finds nothing but who made it" {
	command -v lintian >/dev/null || skip "NO lintian HERE: THE PACKAGE IS NOT LINTED"
	DEBEMAIL=supd@debian.org env -u MAKEFLAGS -u MAKELEVEL -u BUILD \
		make -C "$ROOT_OF_SOURCE" deb >/dev/null
	run lintian --allow-root --suppress-tags initial-upload-closes-no-bugs,no-manual-page \
		"$PACKAGE"
	assert_success
	refute_output
}
