# Completion of supd for bash: its options, as `supd --help` lists them.
_supd() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			compopt -o default
			((i + 1 < COMP_CWORD)) || mapfile -t COMPREPLY < <(compgen -c -- "$current")
			return
		fi
	done
	case $before in
	-d | --runtime-dir) compopt -o dirnames ;;
	--log-format) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current") ;;
	--log-level) mapfile -t COMPREPLY < <(compgen -W 'error warning notice info debug' -- "$current") ;;
	*)
		if [[ $current == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --help 2>/dev/null |
				grep -oE -e '^ +(-., )?--[a-z-]+' | grep -oE -e '--[a-z-]+')" -- "$current")
		else
			compopt -o default
		fi
		;;
	esac
}
complete -F _supd supd
