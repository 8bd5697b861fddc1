#!/bin/bash
# documented.sh - what the programs know and what the pages and the completion say is the same.
#
# Every command and option of supctl, every option of supd, suplog and supprobe, every key of the
# configuration has its entry in the man pages; no entry is about something that is not there; every
# option has a line in the completion. Prints what is missing; exits 1 if anything is.
set -u
cd "$(dirname "$0")/.." || exit 2
BUILD=${BUILD:-build}
bad=0

complain() {
	echo "documented: $*"
	bad=1
}

# Prints the tags of a page's lists (what follows .TP and .TQ), without fonts.
tags() {
	awk '/^\.T[PQ]/ { tag = 1; next } tag { print; tag = 0 }' "$1" |
		sed -E 's/^\.[A-Z]+ //; s/\\f[A-Z]//g; s/\\-/-/g; s/"//g; s/\\\(aq//g'
}

# missing WHAT PAGE: complains of each line on stdin that begins no tag of the page.
missing() {
	local what=$1 page=$2 word all
	all=$(tags "$page")
	while IFS= read -r word; do
		grep -qE -e "(^|[ ,])${word}([ ,=[]|$)" <<<"$all" || complain "$page has no entry for the $what $word"
	done
}

commands=$("$BUILD/supctl" help | sed -nE 's/^  ([a-z][a-z-]+) .*/\1/p')
[[ -n $commands ]] || complain "supctl help lists no command"
missing command man/supctl.1 <<<"$commands"
options=$(sed -nE 's/^\t\{"(--[a-z-]+)", .*/\1/p' cmd/supctl_options.c | sort)
[[ -n $options ]] || complain "cmd/supctl_options.c lists no option"
missing option man/supctl.1 <<<"$options"
# A command whose page or usage names an option has it.
while IFS= read -r option; do
	grep -qxF -e "$option" <<<"$options" || complain "man/supctl.1 is about $option, which is no option"
done < <(sed 's/\\-/-/g' man/supctl.1 | sed '/^\.EX/,/^\.EE/d; /^\.B supd/d' |
	grep -oE -e '(^|[ "[])--[a-z]+(-[a-z]+)*' | grep -oE -e '--[a-z-]+' | sort -u)
# The options of programs that list them with --help, each with a page in section 8.
for program in supd suplog supprobe supsink; do
	"$BUILD/$program" --help | sed -E 's/^ +(-., )?(--)/\n\2/' | grep -oE -e '^--[a-z-]+' | sort -u |
		while IFS= read -r option; do echo "$option"; done | missing option "man/$program.8"
	while IFS= read -r option; do
		"$BUILD/$program" --help | grep -qF -e "$option" ||
			complain "man/$program.8 has an entry for $option, which --help does not name"
	done < <(tags "man/$program.8" | grep -oE -e '(^|[ ,])--[a-z]+(-[a-z]+)*' | grep -oE -e '--.*' | sort -u)
done

# names TABLE: the words of a table in config/spec.h.
names() {
	sed -nE "/define $1\\(X\\)/,/^[^\t]*\$/p" config/spec.h | grep -oE '"[a-z_]+"' | tr -d '"'
}

# Every key, whatever macro brings it; those that end with a colon are the reader's own. Sections
# with a name, and the limits, which have a table, need only be there.
keys=$(sed -nE 's/^\t([A-Z_]+\(|\{)"([a-z_]+)",.*/\2/p' config/keys.c; names SPEC_RESOURCES)
(($(wc -l <<<"$keys") > 80)) || complain "config/keys.c lists too few keys"
grep -vxE 'supervisor|dynamic|partition|process' <<<"$keys" | missing key man/supd.conf.5
for word in supervisor dynamic partition process $(names SPEC_LIMITS); do
	grep -qw -e "$word" man/supd.conf.5 || complain "man/supd.conf.5 does not name $word"
done
while IFS= read -r key; do
	grep -qxF "$key" <<<"$keys" || complain "man/supd.conf.5 has an entry for $key, which is no key"
done < <(tags man/supd.conf.5 | sed -nE 's/^([a-z_]+) += .*/\1/p' | sort -u)

# The completion's own lines are those of the options, and the other way round.
completed=$(sed -nE 's/^\t\{"(--[a-z-]+)", ".*/\1/p' cmd/supctl_complete.c | sort)
differ=$(diff <(echo "$options") <(echo "$completed")) ||
	complain "supctl_options.c and supctl_complete.c list other options:"$'\n'"$differ"
# As wide as it is, the help of supctl names each.
help=$("$BUILD/supctl" help)
for option in $options; do
	grep -qF -e "$option" <<<"$help" || complain "supctl help does not name $option"
done
exit "$bad"
