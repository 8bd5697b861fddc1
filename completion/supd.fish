# Completion of supd for fish: its options, as `supd --help` lists them.
function __supd_options
	set -l words (commandline -opc)
	$words[1] --help 2>/dev/null | string match -r -- '^ +(?:-., )?(--[a-z-]+)' |
		string match -- '--*'
end
complete -c supd -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__supd_options)'
complete -c supd -l log-format -x -a 'text json'
complete -c supd -l log-level -x -a 'error warning notice info debug'
