#!/bin/bash
# layers.sh - the rooms keep to their layers: cmd -> os -> wire -> engine -> config/spec.
#
# A room includes what lies to its right, never to its left. The pure rooms include no header of the
# kernel, and the engine's objects import nothing but memory and string functions and the assert
# handler: its purity is a fact of the linker. Prints what is wrong; exits 1 if anything is.
set -u
cd "$(dirname "$0")/.." || exit 2
BUILD=${BUILD:-build}
shopt -s nullglob
bad=0

complain() {
	echo "layers: $*"
	bad=1
}

# Prints "FILE:LINE:HEADER" for each include of the files given, system headers in their <>.
includes() {
	grep -nH -E '^[[:space:]]*#[[:space:]]*include' "$@" /dev/null |
		sed -E 's/^([^:]+:[0-9]+):[^<"]*(<[^>]+>|"[^"]+").*/\1:\2/; s/"//g'
}

# allow WHAT REGEX FILE...: each own header that the files include must match.
allow() {
	local what=$1 regex=$2 line
	shift 2
	(($# > 0)) || return 0
	while IFS= read -r line; do
		[[ ${line##*:} == \<* ]] && continue
		[[ ${line##*:} =~ $regex ]] || complain "${line%:*}: $what may not include ${line##*:}"
	done < <(includes "$@")
}

# forbid WHAT REGEX FILE...: no system header that the files include may match.
forbid() {
	local what=$1 regex=$2 line
	shift 2
	(($# > 0)) || return 0
	while IFS= read -r line; do
		[[ ${line##*:} =~ $regex ]] && complain "${line%:*}: $what may not include ${line##*:}"
	done < <(includes "$@")
	return 0
}

spec='config/(spec|specifiers|units)\.h'
json='config/(bytes|surroundings)_json\.h' # a specification as JSON
engine='supervisor/engine/(engine|impact)\.h'
wire='supervisor/wire/[a-z_]+\.h|supervisor/status_table\.h|varlink_text\.h'
os='supervisor/os/[a-z_]+\.h'
log='supervisor/log/[a-z_]+\.h'

allow config '^config/[a-z_]+\.h$' config/*.[ch]
allow engine "^($spec|supervisor/engine/[a-z_]+\.h)\$" supervisor/engine/*.[ch]
allow wire "^($spec|$json|$engine|$wire)\$" supervisor/wire/*.[ch]
# One door leads from the shell to the parser: the child process that reads the configuration.
for file in supervisor/os/*.[ch]; do
	case $file in
	*/read_config.c) door='|config/parse\.h' ;;
	*/child_reader.c) door='|config/child\.h' ;;
	*) door= ;;
	esac
	allow os "^($spec|$json|$engine|$wire|$os$door)\$" "$file"
done
allow supctl "^($spec|$engine|$wire|cmd/(supctl[a-z_]*|self_filter)\.h)\$" cmd/supctl*.[ch]
allow suptop "^($spec|$engine|$wire|cmd/sup(ctl|top)[a-z_]*\.h)\$" cmd/suptop*.[ch]
allow 'the logger' "^($spec|$wire|$log|cmd/suplog[a-z_]*\.h)\$" cmd/suplog*.[ch]
allow log "^(supervisor/wire/log_message\.h|$log)\$" supervisor/log/*.[ch]
allow supmetrics "^($spec|$engine|$wire|cmd/sup(ctl|metrics)[a-z_]*\.h)\$" cmd/supmetrics*.[ch]
allow 'a public contract' "^($spec)\$" supervisor/*.h

# libconfuse is known to one file of config alone.
users=$(grep -lE '^[[:space:]]*#[[:space:]]*include <confuse\.h>' \
	config/*.[ch] supervisor/*/*.[ch] cmd/*.[ch])
[[ $users == config/*.c && $users != *$'\n'* ]] ||
	complain "not one file of config includes <confuse.h>, but: ${users//$'\n'/ }"

kernel='<(unistd|fcntl|poll|pthread|pwd|grp|spawn|sched|dirent|glob|syslog|sys/.*|linux/.*)\.h>'
pure=(supervisor/engine/*.[ch] supervisor/wire/*.[ch] supervisor/log/*.[ch])
for file in config/{spec,units,lint}*.[ch] config/*_json.[ch]; do
	pure+=("$file")
done
forbid 'a pure room' "$kernel" "${pure[@]}"
forbid engine '<(stdio|signal|time|jansson|locale|setjmp)\.h>' supervisor/engine/*.[ch]

# imports WHAT REGEX OBJECT...: what the objects import from outside must match.
imports() {
	local what=$1 regex=$2 symbol defined
	shift 2
	(($# > 0)) || return 0
	defined=" $(nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | tr '\n' ' ')"
	while IFS= read -r symbol; do
		[[ $defined == *" $symbol "* || $symbol =~ $regex ]] ||
			complain "$what imports $symbol"
	done < <(nm -u "$@" | awk '$1 == "U" { print $2 }' | sort -u)
}

memory='malloc|calloc|realloc|reallocarray|free'
strings='(__)?(mem|str|stp)[a-z]+(_chk)?|__ctype_[a-z_]+|qsort|bsearch'
checks='__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__(asan|ubsan|lsan)_[a-z0-9_]+'
numbers='__isoc[0-9]+_[a-z]+|(__)?v?(sn|as)printf(_chk)?|strto[a-z]+|__errno_location|strerrorname_np'
# Of the calendar only what turns a number into text: nobody reads a clock.
wire_only='json_[a-z0-9_]+|gmtime_r|strftime'
objects=("$BUILD"/supervisor/engine/*.o)
if ((${#objects[@]} == 0)); then
	complain "no objects of the engine in $BUILD"
fi
spec_objects=("$BUILD"/config/{spec,units}*.o)
spec_symbols=$(nm -g --defined-only "${spec_objects[@]}" 2>/dev/null |
	awk 'NF == 3 { print $3 }' | paste -sd'|')
imports 'the engine' "^($memory|$strings|$checks|${spec_symbols:-none})\$" "${objects[@]}"
for object in "${spec_objects[@]}" "$BUILD"/config/lint*.o; do
	[[ -e $object ]] && imports "${object#"$BUILD"/}" \
		"^($memory|$strings|$checks|$numbers|__libc_current_sigrt(min|max)|findings_warning|lint_[a-z_]+|${spec_symbols:-none})\$" \
		"$object"
done
# Supervision states have names in the engine, which the wire prints.
engine_symbols=$(nm -g --defined-only "${objects[@]}" 2>/dev/null |
	awk 'NF == 3 { print $3 }' | paste -sd'|')
json_symbols=$(nm -g --defined-only "$BUILD"/config/*_json.o 2>/dev/null |
	awk 'NF == 3 { print $3 }' | paste -sd'|')
known="${spec_symbols:-none}|${json_symbols:-none}|${engine_symbols:-none}"
imports wire "^($memory|$strings|$checks|$numbers|$wire_only|$known)\$" \
	"$BUILD"/supervisor/wire/*.o

exit $bad
