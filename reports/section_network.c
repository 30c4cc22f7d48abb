/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operators and recipients: who met how many people, who gave data to whom,
 * and one person's way through several operators.
 */
#include "reports/chart.h"
#include "reports/table.h"

enum { MOST_OPERATORS = 40, MOST_RECIPIENTS = 16, LABEL_COLUMNS = 26 };

static const struct table_column operator_columns[] = {
	{ "operator", "Operator", TABLE_TEXT, false },
	{ "people", "People", TABLE_PEOPLE, false },
	{ "devices", "Devices, person unknown", TABLE_PEOPLE, false },
	{ "records", "Records", TABLE_COUNT, false },
	{ "decisions", "Decisions", TABLE_PEOPLE, false },
	{ "grants", "Recorded as given", TABLE_PEOPLE, false },
	{ "recipients", "Recipients", TABLE_COUNT, false },
};

static const struct table_column shared_columns[] = {
	{ "operators", "Operators", TABLE_COUNT, false },
	{ "people", "People met by so many", TABLE_PEOPLE, false },
};

static const struct table_column network_columns[] = {
	{ "operator", "Operator", TABLE_TEXT, false },
	{ "recipient", "Recipient", TABLE_TEXT, false },
	{ "category", "Data", TABLE_TEXT, false },
	{ "n", "Records", TABLE_COUNT, false },
	{ "against", "Without a consent", TABLE_PEOPLE, false },
	{ "open", "Not decidable", TABLE_PEOPLE, false },
	{ "people", "People", TABLE_PEOPLE, false },
	{ "first_us", "First", TABLE_INSTANT, false },
	{ "last_us", "Last", TABLE_INSTANT, false },
};
enum { OPERATOR, RECIPIENT, RECORDS = 3, AGAINST };

static const struct table_column way_columns[] = {
	{ "operator", "Operator", TABLE_TEXT, false },
	{ "first_us", "First decision", TABLE_INSTANT, false },
	{ "last_us", "Last decision", TABLE_INSTANT, false },
	{ "decisions", "Decisions", TABLE_COUNT, false },
	{ "grants", "Recorded as given", TABLE_COUNT, false },
};

static void
fill(struct table *t, enum view_id question)
{
	struct answer a;
	size_t i;

	view_ask(&t->page->view, &a, question, "");
	while (answer_next(&a)) {
		table_row(t, "");
		for (i = 0; i < t->n_columns; i++)
			table_answer(t, &a, t->column[i].key);
	}
}

/* ---- the matrix ---------------------------------------------------------- */

/* Names along an axis, in the order of their first row. */
struct axis {
	const struct table_cell *name[MOST_OPERATORS]; /* [n], at most most */
	size_t n, most;
};

static size_t
axis_at(struct axis *a, const struct table_cell *name)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (table_same(a->name[i], name))
			return i;
	if (a->n == a->most)
		return a->most;
	a->name[a->n] = name;
	return a->n++;
}

struct matrix {
	struct axis operators, recipients;
	int64_t n[MOST_OPERATORS][MOST_RECIPIENTS];
	int64_t against[MOST_OPERATORS][MOST_RECIPIENTS];
	int64_t most;
};

static void
read_matrix(struct matrix *m, const struct table *t)
{
	size_t i, y, x;

	m->operators.most = MOST_OPERATORS;
	m->recipients.most = MOST_RECIPIENTS;
	for (i = 0; i < t->n_rows; i++) {
		const struct table_cell *cell = t->row[i].cell;

		if (t->row[i].is_withheld)
			continue;
		y = axis_at(&m->operators, &cell[OPERATOR]);
		x = axis_at(&m->recipients, &cell[RECIPIENT]);
		if (y == MOST_OPERATORS || x == MOST_RECIPIENTS)
			continue;
		m->n[y][x] += cell[RECORDS].n;
		m->against[y][x] += cell[AGAINST].n;
		if (m->n[y][x] > m->most)
			m->most = m->n[y][x];
	}
}

static void
add_names(struct page *page, struct chart *c, const struct axis *a, bool is_row)
{
	struct span name;
	size_t i;

	for (i = 0; i < a->n; i++) {
		name = a->name[i]->text;
		chart_num(c, is_row ? -0.53 : (double)i);
		chart_num(c, is_row ? -(double)i : 0.6);
		chart_label(c, name.p != NULL ? name : span_of(T("not named")),
		    LABEL_COLUMNS);
		chart_row(c);
	}
}

/* A box in each cell, its side by the root of the records, the part against
 * the consent in the colour of a finding. */
static void
add_cells(struct page *page, struct chart *c, const struct matrix *m)
{
	size_t y, x;

	for (y = 0; y < m->operators.n; y++)
		for (x = 0; x < m->recipients.n; x++) {
			if (m->n[y][x] == 0)
				continue;
			chart_num(c, (double)x);
			chart_num(c, -(double)y);
			chart_num(
			    c, m->against[y][x] > 0 ? 0xe3b56b : 0x7fb2d9);
			chart_label(c, span_of(page_int(page, m->n[y][x])), 0);
			chart_row(c);
		}
}

static void
draw(struct page *page, const struct table *t)
{
	struct matrix *m = arena_alloc(&page->arena, sizeof *m);
	unsigned cells, rows, columns;
	struct chart c;

	read_matrix(m, t);
	if (m->most == 0)
		return;
	chart_init(&c, page, "network", 900, (int)m->operators.n * 26 + 150);
	add_cells(page, &c, m);
	cells = chart_block(&c);
	add_names(page, &c, &m->operators, true);
	rows = chart_block(&c);
	add_names(page, &c, &m->recipients, false);
	columns = chart_block(&c);
	chart_script(&c, "unset border");
	chart_script(&c, "unset tics");
	chart_script(&c, "unset grid");
	chart_script(&c, "set lmargin at screen 0.22");
	chart_script(&c, "set rmargin at screen 0.90");
	chart_script(&c, "set tmargin 8");
	chart_script(&c, "set xrange [-0.6:%g]", (double)m->recipients.n - 0.4);
	chart_script(&c, "set yrange [%g:0.75]", 0.4 - (double)m->operators.n);
	chart_script(&c,
	    "plot data index %u using 1:2:($1-0.46):($1+0.46):($2-0.42):"
	    "($2+0.42):3 with boxxyerror fill solid 1 noborder lc rgb "
	    "variable, data index %u using 1:2:4 with labels center textcolor "
	    "rgb '" CHART_INK "', data index %u using 1:2:3 with labels right "
	    "textcolor rgb '" CHART_INK "', data index %u using 1:2:3 with "
	    "labels left rotate by 30 textcolor rgb '" CHART_INK "'",
	    cells, cells, rows, columns);
	chart_draw(&c,
	    T("Records of data given, by operator (down) and recipient "
	      "(across); in the darker cells some were given without a "
	      "consent"),
	    T("A table of operators and recipients with the number of records "
	      "in each cell; the table below holds the numbers by kind of "
	      "data."));
}

/* ---- one person's way ---------------------------------------------------- */

static void
write_way(struct page *page)
{
	int64_t first, last, n, id;
	const char *person;
	struct answer a;
	struct table t;
	size_t i;

	view_ask(&page->view, &a, VIEW_MOST_SHARED, "");
	if (page->is_public || !answer_next(&a)) {
		answer_end(&a);
		return;
	}
	id = answer_int(&a, "subject_id");
	n = answer_int(&a, "operators");
	first = answer_int(&a, "first_us");
	last = answer_int(&a, "last_us");
	person =
	    page_person(page, answer_span(&a, "id"), answer_text(&a, "kind"));
	answer_end(&a);
	html_elem(&page->html, "h3", "%s", T("One account, several operators"));
	page_p(page,
	    T("The account with decisions at most operators is %1$s: at %2$s "
	      "of them, within %3$s."),
	    person, page_int(page, n),
	    page_seconds(page, ((double)last - (double)first) / 1e6));
	table_init(&t, page, "operators-of-one",
	    arena_printf(&page->arena, T("%s: operator by operator"), person),
	    way_columns, N_OF(way_columns));
	view_ask(&page->view, &a, VIEW_OPERATORS_OF, "i", id);
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(way_columns); i++)
			table_answer(&t, &a, way_columns[i].key);
	}
	table_write(&t, TABLE_OPEN, "");
}

/* ---- section ------------------------------------------------------------- */

bool
section_network_is_there(struct page *page)
{
	struct answer a;
	bool is_there;

	view_ask(&page->view, &a, VIEW_NETWORK_SIZE, "");
	is_there = answer_next(&a) &&
		   (page->n_operators > 1 || answer_int(&a, "recipients") > 0);
	answer_end(&a);
	return is_there;
}

void
section_network(struct page *page)
{
	struct table t;

	page_p(page, "%s",
	    T("The operators whose records the case holds, and to whom they "
	      "gave data. Accounts that operators hash with one key, or that "
	      "a link of the evidence names as one person, are counted once; "
	      "without either, one person with accounts at two operators "
	      "counts as two."));
	table_init(&t, page, "operators", T("Operators"), operator_columns,
	    N_OF(operator_columns));
	fill(&t, VIEW_OPERATORS);
	table_write(&t, TABLE_OPEN, "");
	if (page->n_operators > 1) {
		table_init(&t, page, "shared",
		    T("How many people are met by one operator, by two, …"),
		    shared_columns, N_OF(shared_columns));
		fill(&t, VIEW_SHARED);
		table_write(&t, TABLE_OPEN, T("No record names a person."));
	}
	table_init(&t, page, "network", T("Who gave data to whom"),
	    network_columns, N_OF(network_columns));
	fill(&t, VIEW_NETWORK);
	table_suppress(&t);
	draw(page, &t);
	table_write(
	    &t, TABLE_OPEN, T("No record shows that somebody was given data."));
	if (page->n_operators > 1)
		write_way(page);
}
