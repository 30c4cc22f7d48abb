// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingest/test/json_oracle.h"

#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <simdjson.h>
#include <string>

namespace dom = simdjson::dom;

static void
put(std::string &out, const char *format, uint64_t v)
{
	char room[32];

	(void)snprintf(room, sizeof room, format, v);
	out += room;
}

static void
put(std::string &out, std::string_view s)
{
	put(out, "s%" PRIu64 ":", s.size());
	out += s;
}

static void
put(std::string &out, dom::element e)
{
	uint64_t bits;
	double d;

	switch (e.type()) {
	case dom::element_type::NULL_VALUE:
		out += 'n';
		break;
	case dom::element_type::BOOL:
		out += bool(e.get_bool().value_unsafe()) ? 't' : 'f';
		break;
	case dom::element_type::INT64:
		put(out, "i%" PRId64, (uint64_t)e.get_int64().value_unsafe());
		break;
	case dom::element_type::UINT64:
		put(out, "u%" PRIu64, e.get_uint64().value_unsafe());
		break;
	case dom::element_type::DOUBLE:
		d = e.get_double().value_unsafe();
		memcpy(&bits, &d, sizeof bits);
		put(out, "d%016" PRIx64, bits);
		break;
	case dom::element_type::STRING:
		put(out, e.get_string().value_unsafe());
		break;
	case dom::element_type::ARRAY: {
		dom::array a = e.get_array().value_unsafe();

		out += '[';
		for (dom::element x : a)
			put(out, x);
		out += ']';
		break;
	}
	case dom::element_type::OBJECT: {
		dom::object o = e.get_object().value_unsafe();

		out += '{';
		for (dom::key_value_pair x : o) {
			put(out, x.key);
			put(out, x.value);
		}
		out += '}';
		break;
	}
	}
}

static const char *
reason_of(simdjson::error_code e)
{
	switch (e) {
	case simdjson::UTF8_ERROR:
		return "invalid UTF-8";
	case simdjson::STRING_ERROR:
		return "invalid JSON: bad escape in a string";
	case simdjson::UNCLOSED_STRING:
		return "invalid JSON: a string does not end";
	case simdjson::UNESCAPED_CHARS:
		return "invalid JSON: control character in a string";
	case simdjson::NUMBER_ERROR:
		return "invalid JSON: malformed number";
	case simdjson::DEPTH_ERROR:
		return "invalid JSON: nested too deep";
	case simdjson::EMPTY:
		return "invalid JSON: nothing there";
	case simdjson::T_ATOM_ERROR:
	case simdjson::F_ATOM_ERROR:
	case simdjson::N_ATOM_ERROR:
		return "invalid JSON: unknown word";
	default:
		return "invalid JSON: bad structure";
	}
}

char *
json_oracle_dump(const char *p, size_t n, size_t *dumped, const char **reason)
{
	dom::parser parser;
	dom::element root;
	std::string out;
	char *copy;
	auto error = parser.parse(p, n, true).get(root);

	if (error != simdjson::SUCCESS) {
		*reason = reason_of(error);
		return nullptr;
	}
	put(out, root);
	copy = (char *)malloc(out.size() + 1);
	if (copy == nullptr)
		abort();
	memcpy(copy, out.data(), out.size());
	*dumped = out.size();
	return copy;
}

int
json_oracle_is_utf8(const char *p, size_t n)
{
	return simdjson::validate_utf8(p, n) ? 1 : 0;
}

size_t
json_oracle_double(double d, char *out, size_t room)
{
	auto got = std::to_chars(out, out + room, d);
	std::string_view text(out, (size_t)(got.ptr - out));

	if (text.find_first_of(".en") == text.npos) {
		memcpy(got.ptr, ".0", 2);
		return text.size() + 2;
	}
	return text.size();
}
