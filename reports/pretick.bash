# shellcheck shell=bash
# Completion of pretick's commands, options and operands; `make lint` checks
# that it knows every one of reports/option.def.

_pretick() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words=
	local commands='run ingest analyse discover report show verify export formats
		detectors rules
		help'
	COMPREPLY=()

	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$commands --help --version" -- "$cur")
		return
	fi
	case $prev in
	--lang) words='en zh' ;;
	--to) words=jsonl ;;
	-j | --jobs | --memory) return ;;
	-o | --out)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	-m | --map | -c | --case | --key)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	if [ -z "$words" ]; then
		case $command in
		help) words=$commands ;;
		formats | detectors | rules)
			[[ " ${COMP_WORDS[*]} " == *' --'[gd]* ]] ||
				words=$(pretick "$command" 2>/dev/null |
				sed -n 's/^\([A-Za-z0-9_-]*\) .*/\1/p')
			;;
		show)
			[ "$COMP_CWORD" != 3 ] ||
				words='finding decision subject flow'
			;;
		esac
	fi
	if [[ $cur == -* ]]; then
		case $command in
		run)
			words='--out --map --case --jobs --memory --strict
				--lang --public --key --help'
			;;
		ingest)
			words='--map --case --jobs --memory --strict --help'
			;;
		analyse | analyze)
			words='--case --jobs --memory --help'
			;;
		discover) words='--out --case --jobs --memory --help' ;;
		report) words='--out --lang --public --key --help' ;;
		show) words='--key --help' ;;
		export) words='--to --key --help' ;;
		formats) words='--draft --guess --map --help' ;;
		*) words='--help' ;;
		esac
	fi
	if [ -n "$words" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}
complete -o filenames -F _pretick pretick
