#!/bin/bash
# headers.sh - each header stands alone: it compiles by itself, with every warning.
set -u
cd "$(dirname "$0")/.." || exit 2
BUILD=${BUILD:-build}
shopt -s nullglob
bad=0
for header in config/*.h supervisor/*.h supervisor/*/*.h cmd/*.h; do
	if ! ${CC:-gcc} -std=gnu17 -D_GNU_SOURCE -DHASH_NONFATAL_OOM=1 -DSUPD_VERSION='"0"' -I. \
		-I"$BUILD/gen" -Wall -Wextra -Werror -fsyntax-only -x c "$header"; then
		echo "headers: $header does not stand alone"
		bad=1
	fi
done
exit $bad
