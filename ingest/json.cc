// SPDX-License-Identifier: GPL-3.0-or-later
//
// How it works: the plan is a tree whose nodes are the steps of the wanted
// pointers.  json_batch_next() and json_parse() let libsimdjson build its
// DOM and then walk the plan and the document side by side.  For every node
// that stands for an object the reader holds the keys seen there so far,
// each with the key that came after it last time.
#include "ingest/json.h"

#include <cassert>
#include <charconv>
#include <cstring>
#include <memory>
#include <simdjson.h>
#include <string>
#include <vector>

using simdjson::dom::element;
using simdjson::dom::element_type;

static_assert(JSON_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "padding");
static_assert(sizeof(element) <= sizeof(struct json_ref), "a reference");
static_assert(sizeof(simdjson::dom::array::iterator) <= 32 &&
		  sizeof(simdjson::dom::object::iterator) <= 32,
    "room for an iterator in struct json_walk");

namespace
{

struct step {
	std::string token; // unescaped
	int child;	   // node
	int index;	   // the token as position in an array, or -1
};

struct select {
	std::string key, value; // [key=value]
	int child;
};

struct node {
	int slot = -1;
	int any = -1; // child of the "*" token, or -1
	std::vector<step> steps;
	std::vector<select> selects;
};

// A key seen at a node.
struct seen {
	std::string key;
	int child; // -1: nobody wants it
	int next;  // index of the key that followed it last time, or -1
};

enum { SEEN_MAX = 48, SEEN_SLOTS = 128 };

struct memory {
	std::vector<seen> keys;
	int first = -1;
	uint8_t at[SEEN_SLOTS] = { 0 }; // 1 + index into keys, 0: free
};

size_t
key_hash(std::string_view k)
{
	size_t h = k.size();

	if (h > 0)
		h = h * 31 + (unsigned char)k[0] * 7 +
		    (unsigned char)k[k.size() - 1] * 3 +
		    (unsigned char)k[k.size() / 2];
	return h & (SEEN_SLOTS - 1);
}

} // namespace

struct json_plan {
	std::vector<node> nodes;
	std::vector<int> slots; // all that are wanted
};

namespace
{

// What a reader knows about a plan: predictions and marks by node.
struct habits {
	const json_plan *plan = nullptr;
	std::vector<memory> at;
	std::vector<uint64_t> mark; // turn in which the node was last visited
};

} // namespace

struct json_reader {
	simdjson::dom::parser parser;
	simdjson::dom::document_stream stream;
	simdjson::dom::document_stream::iterator it;
	bool started = false;
	size_t stop_at = 0; // bytes of the batch
	struct span text = { nullptr, 0 };
	uint64_t turn = 0;
	bool twice = false; // the document has a wanted key twice
	habits first, second; // the plans in use: of records, of elements
};

// ---- plan ------------------------------------------------------------------

struct json_plan *
json_plan_new(void)
{
	auto *p = new json_plan;

	p->nodes.emplace_back();
	return p;
}

void
json_plan_free(struct json_plan *p)
{
	delete p;
}

static bool
unescape(std::string_view raw, std::string &out)
{
	out.clear();
	for (size_t i = 0; i < raw.size(); i++) {
		if (raw[i] != '~') {
			out += raw[i];
			continue;
		}
		if (++i == raw.size() || (raw[i] != '0' && raw[i] != '1'))
			return false;
		out += raw[i] == '0' ? '~' : '/';
	}
	return true;
}

static int
index_of(const std::string &token)
{
	int v = 0;

	if (token.empty() || token.size() > 6 ||
	    (token.size() > 1 && token[0] == '0'))
		return -1;
	for (char c : token) {
		if (c < '0' || c > '9')
			return -1;
		v = v * 10 + (c - '0');
	}
	return v;
}

static int
node_new(json_plan *p)
{
	p->nodes.emplace_back();
	return (int)p->nodes.size() - 1;
}

// The child of a node under a token, made when there is none; -1 malformed.
static int
descend(json_plan *p, int at, std::string_view raw)
{
	std::string token;
	size_t eq;
	int child;

	if (raw == "*") {
		if (p->nodes[at].any < 0) {
			child = node_new(p);
			p->nodes[at].any = child;
		}
		return p->nodes[at].any;
	}
	if (!unescape(raw, token))
		return -1;
	if (token.size() > 4 && token.front() == '[' && token.back() == ']' &&
	    (eq = token.find('=')) != std::string::npos) {
		std::string k = token.substr(1, eq - 1);
		std::string v = token.substr(eq + 1, token.size() - eq - 2);

		for (auto &s : p->nodes[at].selects)
			if (s.key == k && s.value == v)
				return s.child;
		child = node_new(p);
		p->nodes[at].selects.push_back({ k, v, child });
		return child;
	}
	for (auto &s : p->nodes[at].steps)
		if (s.token == token)
			return s.child;
	child = node_new(p);
	p->nodes[at].steps.push_back({ token, child, index_of(token) });
	return child;
}

int
json_plan_add(struct json_plan *p, struct span pointer, int slot)
{
	std::string_view rest(pointer.p, pointer.n);
	int at = 0;

	while (!rest.empty()) {
		size_t end;

		if (rest[0] != '/')
			return -1;
		rest.remove_prefix(1);
		// a "/" inside [key=value] does not end the token
		end = rest.empty() || rest[0] != '[' ? 0 : rest.find(']');
		if (end == std::string_view::npos)
			end = 0;
		end = rest.find('/', end);
		at = descend(p, at, rest.substr(0, end));
		if (at < 0)
			return -1;
		rest = end == std::string_view::npos ? "" : rest.substr(end);
	}
	if (p->nodes[at].slot >= 0)
		return -1;
	p->nodes[at].slot = slot;
	p->slots.push_back(slot);
	return 0;
}

// ---- values ----------------------------------------------------------------

static struct json_ref
ref_of(const element &e)
{
	struct json_ref r = { { 0, 0 } };

	memcpy(&r, (const void *)&e, sizeof e);
	return r;
}

static element
element_of(const struct json_ref &r)
{
	element e;

	memcpy((void *)&e, &r, sizeof e);
	return e;
}

static simdjson::dom::array
array_of(const element &e)
{
	simdjson::dom::array a;

	simdjson::error_code error = e.get(a);

	assert(error == simdjson::SUCCESS); // the caller asked for the type
	return a;
}

static simdjson::dom::object
object_of(const element &e)
{
	simdjson::dom::object o;

	simdjson::error_code error = e.get(o);

	assert(error == simdjson::SUCCESS);
	return o;
}

static void
value_of(const element &e, struct value *v)
{
	switch (e.type()) {
	case element_type::STRING: {
		std::string_view s = e.get_string().value_unsafe();

		v->type = VALUE_TEXT;
		v->text.p = s.data();
		v->text.n = s.size();
		break;
	}
	case element_type::INT64:
		v->type = VALUE_INT;
		v->i = e.get_int64().value_unsafe();
		break;
	case element_type::UINT64:
		v->type = VALUE_UINT;
		v->u = e.get_uint64().value_unsafe();
		break;
	case element_type::DOUBLE:
		v->type = VALUE_DOUBLE;
		v->d = e.get_double().value_unsafe();
		break;
	case element_type::BOOL:
		v->type = VALUE_BOOL;
		v->b = e.get_bool().value_unsafe();
		break;
	case element_type::NULL_VALUE:
		v->type = VALUE_NULL;
		break;
	case element_type::ARRAY:
		v->type = VALUE_ARRAY;
		v->ref = ref_of(e);
		break;
	case element_type::OBJECT:
		v->type = VALUE_OBJECT;
		v->ref = ref_of(e);
		break;
	}
}

// ---- walk ------------------------------------------------------------------

namespace
{

struct walker {
	json_reader *r;
	const json_plan *p;
	habits *h;
	struct value *slot;

	void visit(int at, const element &e);
	void object(int at, const element &e);
	void array(int at, const element &e);
	int expect(memory &m, int prev, std::string_view key, const node &n);
};

// Find or make the entry of a key at a node; -1 when the memory is full.
int
remember(memory &m, std::string_view key, const node &n)
{
	size_t h = key_hash(key);
	int child = -1;

	for (; m.at[h] != 0; h = (h + 1) & (SEEN_SLOTS - 1))
		if (m.keys[m.at[h] - 1].key == key)
			return m.at[h] - 1;
	if (m.keys.size() >= SEEN_MAX || key.size() > 256)
		return -1;
	for (auto &s : n.steps)
		if (s.token == key)
			child = s.child;
	m.keys.push_back({ std::string(key), child, -1 });
	m.at[h] = (uint8_t)m.keys.size();
	return (int)m.keys.size() - 1;
}

// The guess was wrong: look the key up and correct the guess.
int
walker::expect(memory &m, int prev, std::string_view key, const node &n)
{
	int i = remember(m, key, n);

	if (i < 0)
		return i;
	if (prev < 0)
		m.first = i;
	else
		m.keys[prev].next = i;
	return i;
}

void
walker::object(int at, const element &e)
{
	simdjson::dom::object o = object_of(e);
	const node &n = p->nodes[at];
	memory &m = h->at[at];
	int guess = m.first, prev = -1, child;
	bool any = n.any >= 0;

	for (auto it = o.begin(), end = o.end(); it != end; ++it) {
		std::string_view key = it.key();

		if (guess < 0 || m.keys[guess].key.size() != key.size() ||
		    memcmp(m.keys[guess].key.data(), key.data(), key.size()) !=
			0)
			guess = expect(m, prev, key, n);
		if (guess >= 0) {
			child = m.keys[guess].child;
			prev = guess;
			guess = m.keys[guess].next;
		} else {
			child = -1;
			for (auto &s : n.steps)
				if (s.token == key)
					child = s.child;
		}
		if (child >= 0)
			visit(child, it.value());
		if (any && it.value().type() != element_type::NULL_VALUE) {
			visit(n.any, it.value());
			any = false;
		}
	}
}

void
walker::array(int at, const element &e)
{
	const node &n = p->nodes[at];
	bool any = n.any >= 0;
	int i = 0;

	if (n.steps.empty() && n.selects.empty() && !any)
		return;
	for (element x : array_of(e)) {
		for (auto &s : n.steps)
			if (s.index == i)
				visit(s.child, x);
		for (auto &s : n.selects) {
			std::string_view v;

			// the first that fits; a key=value list may repeat
			if (h->mark[s.child] != r->turn &&
			    x.is<simdjson::dom::object>() &&
			    x[s.key].get(v) == simdjson::SUCCESS &&
			    v == s.value)
				visit(s.child, x);
		}
		if (any && x.type() != element_type::NULL_VALUE) {
			visit(n.any, x);
			any = false;
		}
		i++;
	}
}

void
walker::visit(int at, const element &e)
{
	const node &n = p->nodes[at];

	if (h->mark[at] == r->turn)
		r->twice = true;
	h->mark[at] = r->turn;
	if (n.slot >= 0)
		value_of(e, &slot[n.slot]);
	if (n.steps.empty() && n.any < 0 && n.selects.empty())
		return;
	if (e.is<simdjson::dom::object>())
		object(at, e);
	else if (e.is<simdjson::dom::array>())
		array(at, e);
}

} // namespace

static enum json_result
walk(struct json_reader *r, const json_plan *p, habits *h, const element &e,
    struct value *slot)
{
	walker w = { r, p, h, slot };

	if (h->plan != p) {
		h->plan = p;
		h->at.assign(p->nodes.size(), memory());
		h->mark.assign(p->nodes.size(), 0);
	}
	for (int s : p->slots)
		slot[s].type = VALUE_ABSENT;
	r->turn++;
	r->twice = false;
	w.visit(0, e);
	return r->twice ? JSON_AMBIGUOUS : JSON_OK;
}

// ---- reader ----------------------------------------------------------------

struct json_reader *
json_reader_new(void)
{
	auto *r = new json_reader;

#ifdef SIMDJSON_THREADS_ENABLED
	r->parser.threaded = false; // threads are the driver's business
#endif
	return r;
}

void
json_reader_free(struct json_reader *r)
{
	delete r;
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
		return "invalid JSON: number malformed or out of range";
	case simdjson::DEPTH_ERROR:
		return "invalid JSON: nested too deep";
	case simdjson::EMPTY:
		return "invalid JSON: nothing there";
	case simdjson::T_ATOM_ERROR:
	case simdjson::F_ATOM_ERROR:
	case simdjson::N_ATOM_ERROR:
		return "invalid JSON: unknown word";
	case simdjson::CAPACITY:
	case simdjson::MEMALLOC:
		return "too large to parse";
	default:
		return "invalid JSON: bad structure";
	}
}

enum json_result
json_parse(struct json_reader *r, const struct json_plan *p, struct span text,
    struct value *slot, const char **reason)
{
	simdjson::error_code error;
	enum json_result got;
	element e;

	r->started = false;
	error = r->parser.parse(text.p, text.n, false).get(e);
	if (error != simdjson::SUCCESS) {
		*reason = reason_of(error);
		return JSON_INVALID;
	}
	got = walk(r, p, &r->first, e, slot);
	if (got == JSON_AMBIGUOUS)
		*reason = "a key that the mapping reads stands twice";
	return got;
}

void
json_batch_open(struct json_reader *r, struct span text)
{
	r->text = text;
	r->started = false;
}

// simdjson runs its first stage over the text when iteration begins.
static bool
batch_begin(struct json_reader *r)
{
	size_t n = r->text.n < 64 ? 64 : r->text.n;

	if (r->parser.parse_many(r->text.p, r->text.n, n).get(r->stream) !=
	    simdjson::SUCCESS)
		return false;
	r->it = r->stream.begin();
	return true;
}

enum json_result
json_batch_next(struct json_reader *r, const struct json_plan *p,
    struct value *slot, size_t *begin, size_t *end)
{
	simdjson::error_code error;
	std::string_view source;
	element e;

	if (!r->started) {
		if (!batch_begin(r))
			return JSON_INVALID;
		r->started = true;
	} else {
		++r->it;
	}
	if (!(r->it != r->stream.end()))
		return JSON_END;
	error = (*r->it).get(e);
	if (error == simdjson::EMPTY)
		return JSON_END;
	if (error != simdjson::SUCCESS)
		return JSON_INVALID;
	*begin = r->it.current_index();
	*end = *begin;
	if (e.is<simdjson::dom::object>() || e.is<simdjson::dom::array>()) {
		source = r->it.source();
		*end += source.size();
	}
	return walk(r, p, &r->first, e, slot);
}

// ---- containers ------------------------------------------------------------

void
json_walk_begin(struct json_walk *w, const struct value *container)
{
	assert(container->type == VALUE_ARRAY ||
	       container->type == VALUE_OBJECT);
	w->ref = container->ref;
	w->is_object = container->type == VALUE_OBJECT;
	w->n = 0;
}

template <class T>
static bool
advance(struct json_walk *w, const T &container, typename T::iterator *it)
{
	if (w->n == 0) {
		*it = container.begin();
	} else {
		memcpy((void *)it, w->at, sizeof *it);
		++*it;
	}
	memcpy(w->at, (const void *)it, sizeof *it);
	w->n++;
	return *it != container.end();
}

enum json_result
json_walk_next(struct json_walk *w, struct json_reader *r,
    const struct json_plan *p, struct value *slot, struct span *key)
{
	element e = element_of(w->ref);

	if (w->is_object) {
		simdjson::dom::object::iterator it;

		if (!advance(w, object_of(e), &it))
			return JSON_END;
		key->p = it.key().data();
		key->n = it.key().size();
		return walk(r, p, &r->second, it.value(), slot);
	}
	simdjson::dom::array::iterator it;

	if (!advance(w, array_of(e), &it))
		return JSON_END;
	key->p = nullptr;
	key->n = 0;
	return walk(r, p, &r->second, *it, slot);
}

size_t
json_elements(const struct value *array, struct value *out, size_t room)
{
	size_t n = 0;

	assert(array->type == VALUE_ARRAY);
	for (element x : array_of(element_of(array->ref))) {
		if (n < room)
			value_of(x, &out[n]);
		n++;
	}
	return n;
}

bool
json_utf8_is_valid(struct span text)
{
	return simdjson::validate_utf8(text.p, text.n);
}

size_t
json_double_text(double d, char out[JSON_DOUBLE_BYTES])
{
	auto got = std::to_chars(out, out + JSON_DOUBLE_BYTES - 3, d);
	size_t n;

	assert(got.ec == std::errc());
	n = (size_t)(got.ptr - out);
	if (memchr(out, '.', n) == nullptr && memchr(out, 'e', n) == nullptr &&
	    memchr(out, 'n', n) == nullptr && memchr(out, 'f', n) == nullptr) {
		out[n++] = '.';
		out[n++] = '0';
	}
	return n;
}
