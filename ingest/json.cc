// SPDX-License-Identifier: GPL-3.0-or-later
//
// How it works: the plan is a tree whose nodes are the steps of the wanted
// pointers.  json_batch_next() and json_parse() let libsimdjson build its
// DOM and then walk the plan and the document side by side.  For every node
// that stands for an object the reader holds the keys seen there so far,
// each with the key that came after it last time.
//
// The DOM is read as the tape that it is (simdjson's doc/tape.md): a word
// for each value, its type in the top byte; numbers take a second word; a
// container's word holds the index behind its end; a string's word holds the
// place of its length and bytes in the document's string buffer.
#include "ingest/json.h"

#include <cassert>
#include <charconv>
#include <cstring>
#include <memory>
#include <simdjson.h>
#include <string>
#include <vector>

using simdjson::dom::document;

static_assert(JSON_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "padding");

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
	bool is_leaf = true;
	std::vector<step> steps;
	std::vector<select> selects;
};

// A key seen at a node.
struct seen {
	uint64_t head, mask; // first bytes; which of them count
	uint64_t tail;	     // last eight, when there are eight
	uint32_t n;
	int child; // -1: nobody wants it
	int slot;  // of a child that is a leaf, or -1
	int next;  // index of the key that followed it last time, or -1
	std::string key;

	seen(std::string_view k, int c, int s);
	// Eight bytes may be read at p, whatever n is.
	bool
	is(const char *p, uint32_t len) const
	{
		uint64_t x;

		if (len != n)
			return false;
		memcpy(&x, p, sizeof x);
		if (((x ^ head) & mask) != 0)
			return false;
		if (n <= 8)
			return true;
		memcpy(&x, p + n - 8, sizeof x);
		return x == tail &&
		       (n <= 16 || memcmp(p + 8, key.data() + 8, n - 16) == 0);
	}
};

seen::seen(std::string_view k, int c, int s)
    : head(0), mask(0), tail(0), n((uint32_t)k.size()), child(c), slot(s),
      next(-1), key(k)
{
	memcpy(&head, k.data(), n < 8 ? n : 8);
	memset(&mask, 0xff, n < 8 ? n : 8);
	if (n >= 8)
		memcpy(&tail, k.data() + n - 8, 8);
}

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

	p->nodes[at].is_leaf = false;
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

// ---- the tape ---------------------------------------------------------------

namespace
{

struct tape {
	const uint64_t *word;
	const char *strings;

	explicit tape(const document &d)
	    : word(d.tape.get()), strings((const char *)d.string_buf.get())
	{
	}
	char
	type(size_t i) const
	{
		return (char)(word[i] >> 56);
	}
	uint64_t
	payload(size_t i) const
	{
		return word[i] & simdjson::internal::JSON_VALUE_MASK;
	}
	// The index behind the value at i.
	size_t
	after(size_t i) const
	{
		switch (type(i)) {
		case '{':
		case '[':
			return (uint32_t)word[i];
		case 'l':
		case 'u':
		case 'd':
			return i + 2;
		default:
			return i + 1;
		}
	}
	const char *
	string(size_t i, uint32_t *n) const
	{
		const char *p = strings + payload(i);

		memcpy(n, p, sizeof *n);
		return p + sizeof *n;
	}
	std::string_view
	text(size_t i) const
	{
		uint32_t n;
		const char *p = string(i, &n);

		return std::string_view(p, n);
	}
};

} // namespace

static inline void
value_at(const document *d, const tape &t, size_t i, struct value *v)
{
	uint32_t n;

	switch (t.type(i)) {
	case '"':
		v->type = VALUE_TEXT;
		v->text.p = t.string(i, &n);
		v->text.n = n;
		break;
	case 'l':
		v->type = VALUE_INT;
		memcpy(&v->i, &t.word[i + 1], sizeof v->i);
		break;
	case 'u':
		v->type = VALUE_UINT;
		v->u = t.word[i + 1];
		break;
	case 'd':
		v->type = VALUE_DOUBLE;
		memcpy(&v->d, &t.word[i + 1], sizeof v->d);
		break;
	case 't':
	case 'f':
		v->type = VALUE_BOOL;
		v->b = t.type(i) == 't';
		break;
	case '[':
	case '{':
		v->type = t.type(i) == '[' ? VALUE_ARRAY : VALUE_OBJECT;
		v->ref.word[0] = (uint64_t)(uintptr_t)d;
		v->ref.word[1] = i;
		break;
	default:
		v->type = VALUE_NULL;
	}
}

static const document *
document_of(const struct json_ref &r)
{
	return (const document *)(uintptr_t)r.word[0];
}

// ---- walk ------------------------------------------------------------------

namespace
{

struct walker {
	json_reader *r;
	const json_plan *p;
	habits *h;
	const document *d;
	tape t;
	struct value *slot;
	bool twice;

	void leaf(int s, size_t i);
	bool is_filled(int at) const;
	void visit(int at, size_t i);
	void object(int at, size_t i);
	void array(int at, size_t i);
};

int
child_of(const node &n, std::string_view key)
{
	for (auto &s : n.steps)
		if (s.token == key)
			return s.child;
	return -1;
}

// Find or make the entry of a key at a node; -1 when the memory is full.
int
remember(memory &m, std::string_view key, const json_plan *p, const node &n)
{
	size_t h = key_hash(key);
	int child;

	for (; m.at[h] != 0; h = (h + 1) & (SEEN_SLOTS - 1))
		if (m.keys[m.at[h] - 1].key == key)
			return m.at[h] - 1;
	if (m.keys.size() >= SEEN_MAX || key.size() > 256)
		return -1;
	child = child_of(n, key);
	m.keys.emplace_back(key, child,
	    child >= 0 && p->nodes[child].is_leaf ? p->nodes[child].slot : -1);
	m.at[h] = (uint8_t)m.keys.size();
	return (int)m.keys.size() - 1;
}

// The guess was wrong: look the key up and correct the guess.
int
expect(memory &m, int prev, std::string_view key, const json_plan *p,
    const node &n)
{
	int i = remember(m, key, p, n);

	if (i < 0)
		return i;
	if (prev < 0)
		m.first = i;
	else
		m.keys[prev].next = i;
	return i;
}

// A leaf's slot is filled once a document.
inline void
walker::leaf(int s, size_t i)
{
	twice |= slot[s].type != VALUE_ABSENT;
	value_at(d, t, i, &slot[s]);
}

void
walker::object(int at, size_t i)
{
	const node &n = p->nodes[at];
	memory &m = h->at[at];
	size_t end = t.after(i) - 1;
	int guess = m.first, prev = -1;
	bool any = n.any >= 0;
	const char *key;
	const seen *k;
	uint32_t len;
	int child;

	for (i++; i < end; i = t.after(i + 1)) {
		key = t.string(i, &len);
		if (guess < 0 || !m.keys[guess].is(key, len))
			guess =
			    expect(m, prev, std::string_view(key, len), p, n);
		if (guess >= 0) {
			k = &m.keys[guess];
			prev = guess;
			guess = k->next;
			if (k->slot >= 0)
				leaf(k->slot, i + 1);
			else if (k->child >= 0)
				visit(k->child, i + 1);
		} else {
			child = child_of(n, std::string_view(key, len));
			if (child >= 0)
				visit(child, i + 1);
		}
		if (any && t.type(i + 1) != 'n') {
			visit(n.any, i + 1);
			any = false;
		}
	}
}

// Whether the object at i has the member.
bool
has_member(const tape &t, size_t i, const select &s)
{
	size_t end = t.after(i) - 1;

	if (t.type(i) != '{')
		return false;
	for (i++; i < end; i = t.after(i + 1))
		if (t.text(i) == s.key && t.type(i + 1) == '"' &&
		    t.text(i + 1) == s.value)
			return true;
	return false;
}

bool
walker::is_filled(int at) const
{
	const node &n = p->nodes[at];

	return n.is_leaf ? slot[n.slot].type != VALUE_ABSENT
			 : h->mark[at] == r->turn;
}

void
walker::array(int at, size_t i)
{
	const node &n = p->nodes[at];
	size_t end = t.after(i) - 1;
	bool any = n.any >= 0;
	int index = 0;

	if (n.steps.empty() && n.selects.empty() && !any)
		return;
	for (i++; i < end; i = t.after(i), index++) {
		for (auto &s : n.steps)
			if (s.index == index)
				visit(s.child, i);
		for (auto &s : n.selects) // the first one that fits
			if (!is_filled(s.child) && has_member(t, i, s))
				visit(s.child, i);
		if (any && t.type(i) != 'n') {
			visit(n.any, i);
			any = false;
		}
	}
}

void
walker::visit(int at, size_t i)
{
	const node &n = p->nodes[at];

	if (n.slot >= 0)
		leaf(n.slot, i);
	if (n.is_leaf)
		return;
	twice |= h->mark[at] == r->turn;
	h->mark[at] = r->turn;
	if (t.type(i) == '{')
		object(at, i);
	else if (t.type(i) == '[')
		array(at, i);
}

} // namespace

static enum json_result
walk(struct json_reader *r, const json_plan *p, habits *h, const document *d,
    size_t i, struct value *slot)
{
	walker w = { r, p, h, d, tape(*d), slot, false };

	if (h->plan != p) {
		h->plan = p;
		h->at.assign(p->nodes.size(), memory());
		h->mark.assign(p->nodes.size(), 0);
	}
	for (int s : p->slots)
		slot[s].type = VALUE_ABSENT;
	r->turn++;
	w.visit(0, i);
	return w.twice ? JSON_AMBIGUOUS : JSON_OK;
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

	r->started = false;
	error = r->parser.parse(text.p, text.n, false).error();
	if (error != simdjson::SUCCESS) {
		*reason = reason_of(error);
		return JSON_INVALID;
	}
	got = walk(r, p, &r->first, &r->parser.doc, 1, slot);
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
	char type;

	if (!r->started) {
		if (!batch_begin(r))
			return JSON_INVALID;
		r->started = true;
	} else {
		++r->it;
	}
	if (!(r->it != r->stream.end()))
		return JSON_END;
	error = (*r->it).error();
	if (error == simdjson::EMPTY)
		return JSON_END;
	if (error != simdjson::SUCCESS)
		return JSON_INVALID;
	*begin = r->it.current_index();
	*end = *begin;
	type = tape(r->parser.doc).type(1);
	if (type == '{' || type == '[')
		*end += r->it.source().size();
	return walk(r, p, &r->first, &r->parser.doc, 1, slot);
}

// ---- containers ------------------------------------------------------------

void
json_walk_begin(struct json_walk *w, const struct value *container)
{
	assert(
	    container->type == VALUE_ARRAY || container->type == VALUE_OBJECT);
	w->ref = container->ref;
	w->is_object = container->type == VALUE_OBJECT;
	w->at = container->ref.word[1] + 1;
}

enum json_result
json_walk_next(struct json_walk *w, struct json_reader *r,
    const struct json_plan *p, struct value *slot, struct span *key)
{
	const document *d = document_of(w->ref);
	tape t(*d);
	size_t i = w->at;
	uint32_t n;

	if (i + 1 >= t.after(w->ref.word[1]))
		return JSON_END;
	key->p = nullptr;
	key->n = 0;
	if (w->is_object) {
		key->p = t.string(i++, &n);
		key->n = n;
	}
	w->at = t.after(i);
	return walk(r, p, &r->second, d, i, slot);
}

size_t
json_elements(const struct value *array, struct value *out, size_t room)
{
	const document *d = document_of(array->ref);
	tape t(*d);
	size_t i = array->ref.word[1], end = t.after(i) - 1, n = 0;

	assert(array->type == VALUE_ARRAY);
	for (i++; i < end; i = t.after(i), n++)
		if (n < room)
			value_at(d, t, i, &out[n]);
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
