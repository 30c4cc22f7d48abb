# README.md of this folder as the manual page pretick-mapping(5), in mdoc.
# Knows what that text uses: headings, paragraphs, lists, `code`, examples
# that are indented by four blanks.

BEGIN {
	print ".\\\" SPDX-License-Identifier: GPL-3.0-or-later"
	print ".\\\" Made of ingest/mappings/README.md; change that."
	print ".Dd January 1, 2026\n.Dt PRETICK-MAPPING 5\n.Os"
	print ".Sh NAME\n.Nm pretick-mapping"
	print ".Nd which record of a log is which event"
	fresh = 0	# right behind a heading or a list's item
}

# What roff would take for its own.
function plain(s) {
	gsub(/\\/, "\\e", s)
	return s
}

function line(s) {
	s = plain(s)
	if (s ~ /^[.']/)
		s = "\\&" s
	print s
}

# A line of text, broken where it is too long.
function wrapped(s,	at) {
	while (length(s) > 72) {
		for (at = 72; at > 0 && substr(s, at, 1) != " "; at--)
			;
		if (at == 0)
			break
		line(substr(s, 1, at - 1))
		s = substr(s, at + 1)
	}
	line(s)
}

# A run of text: each sentence begins a line of its own.
function text(s,	at) {
	while (match(s, /[.?!] /)) {
		at = RSTART
		wrapped(substr(s, 1, at))
		s = substr(s, at + 2)
	}
	sub(/^ +/, "", s)
	sub(/ +$/, "", s)
	if (s != "")
		wrapped(s)
}

# `code` with what touches it: "(" before, punctuation or letters behind.
function code(s, open, rest) {
	s = plain(s)
	gsub(/"/, "\\(dq", s)
	printf ".Ql %s\"%s%s\"", open != "" ? open " " : "",
	    s ~ /^[a-z0-9\/]/ ? "" : "\\&", s
	while (match(rest, /^[.,:;)?!]/)) {
		printf " %s", substr(rest, 1, 1)
		rest = substr(rest, 2)
	}
	if (rest ~ /^[^ ]/) {
		match(rest, /^[^ ]+/)
		printf " Ns %s", plain(substr(rest, 1, RLENGTH))
		rest = substr(rest, RLENGTH + 1)
	}
	printf "\n"
	sub(/^ +/, "", rest)
	return rest
}

function flow(s,	n, tick, before, open, inner) {
	while (match(s, /`+/)) {
		tick = substr(s, RSTART, RLENGTH)
		before = substr(s, 1, RSTART - 1)
		s = substr(s, RSTART + RLENGTH)
		n = index(s, tick)
		inner = substr(s, 1, n - 1)
		s = substr(s, n + length(tick))
		if (length(tick) > 1) {	# "`` > ``": blanks for the marks only
			sub(/^ /, "", inner)
			sub(/ $/, "", inner)
		}
		open = ""
		if (before ~ /[(\[]$/) {
			open = substr(before, length(before))
			before = substr(before, 1, length(before) - 1)
		}
		text(before)
		s = code(inner, open, s)
	}
	text(s)
}

function paragraph_end() {
	if (paragraph == "")
		return
	if (!fresh)
		print ".Pp"
	flow(paragraph)
	paragraph = ""
	fresh = 0
}

function example_end() {
	if (!example)
		return
	print ".Ed"
	example = 0
}

function list_end() {
	if (!list)
		return
	print ".El"
	list = 0
}

function block_end() {
	paragraph_end()
	example_end()
	list_end()
}

/^# / { next }

/^## / {
	block_end()
	print ".Sh " toupper(substr($0, 4))
	fresh = 1
	next
}

/^    / {
	paragraph_end()
	list_end()
	if (!example)
		print ".Bd -literal -offset indent"
	example = 1
	line(substr($0, 5))
	next
}

/^- / {
	paragraph_end()
	example_end()
	if (!list)
		print ".Bl -bullet"
	list = 1
	print ".It"
	fresh = 1
	paragraph = substr($0, 3)
	next
}

/^$/ {
	paragraph_end()
	if (example)	# a blank line between examples ends this one
		example_end()
	next
}

{
	example_end()
	if (list && paragraph == "")
		list_end()
	if (!described) {
		print ".Sh DESCRIPTION"
		described = 1
		fresh = 1
	}
	sub(/^ +/, "")
	paragraph = paragraph == "" ? $0 : paragraph " " $0
}

END {
	block_end()
	print ".Sh SEE ALSO\n.Xr pretick 1"
}
