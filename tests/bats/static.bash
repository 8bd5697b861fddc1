# static.bash - the static programs, for suites that need them: build_static, and then $STATIC.

STATIC=$BATS_TEST_DIRNAME/../../build/static

# build_static LOG: a make of its own, not part of one that runs this test, one at a time.
build_static() {
	flock "$BATS_TEST_DIRNAME/../../build" env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD \
		make --no-print-directory -C "$BATS_TEST_DIRNAME/../.." static >"$1" 2>&1 || {
		cat "$1"
		return 1
	}
}
