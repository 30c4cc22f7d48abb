/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "reports/chart.h"
#include "reports/table.h"

static const struct table_column tainted_columns[] = {
	{ "surface", "Surface", TABLE_CODE, false },
	{ "day", "Day", TABLE_TEXT, false },
	{ "obtained", "Obtained", TABLE_PEOPLE, false },
	{ "ended", "Ended", TABLE_PEOPLE, false },
	{ "live", "Standing at the end of the day", TABLE_PEOPLE, false },
};

static void
draw_tainted(struct page *page, const struct table *t, size_t from, size_t to,
    unsigned no)
{
	struct chart_key keys[] = { { T("standing at the end of the day"),
					CHART_BLUE },
		{ T("obtained"), CHART_ORANGE }, { T("ended"), CHART_GREEN } };
	const struct table_cell *cell;
	unsigned block;
	char name[32];
	struct chart c;
	size_t i;
	bool any = false;

	(void)snprintf(name, sizeof name, "tainted-%u", no);
	chart_init(&c, page, name, 900, 270);
	for (i = from; i < to; i++) {
		if (t->row[i].is_withheld)
			continue;
		cell = t->row[i].cell;
		chart_num(&c, page_day_seconds(cell[1].text));
		chart_num(&c, (double)cell[2].n);
		chart_num(&c, -(double)cell[3].n);
		chart_num(&c, (double)cell[4].n);
		chart_row(&c);
		any = true;
	}
	block = chart_block(&c);
	chart_legend(&c, keys, N_OF(keys));
	chart_time_axis(&c, page_day_seconds(t->row[from].cell[1].text) - 43200,
	    page_day_seconds(t->row[to - 1].cell[1].text) + 129600);
	chart_script(&c, "set boxwidth 50000 absolute");
	chart_script(&c, "set format y '%%.0f'");
	chart_script(&c, "set xzeroaxis lt 1 lw 1 lc rgb '" CHART_GREY "'");
	chart_script(&c,
	    "plot data index %u using ($1+43200):2 with boxes lc rgb '" CHART_ORANGE
	    "', data index %u using ($1+43200):3 with boxes lc "
	    "rgb '" CHART_GREEN "', data index %u using ($1+86400):4 with "
	    "linespoints pt 7 ps 0.4 lw 2 lc rgb '" CHART_BLUE "'",
	    block, block, block);
	if (any)
		chart_draw(&c,
		    arena_printf(&page->arena,
			T("%s: people whose consent was obtained while a "
			  "detector was sure, by day"),
			t->row[from].cell[0].text.p),
		    T("A line of people with such a consent, bars for those "
		      "obtained and those that ended."));
	else
		chart_clear(&c);
}

static void
write_recipients(struct page *page)
{
	static const struct table_column recipients[] = {
		{ "surface", "Surface", TABLE_CODE, false },
		{ "recipient", "Recipient", TABLE_TEXT, false },
		{ "people", "People", TABLE_PEOPLE, false },
		{ "records", "Records", TABLE_COUNT, false },
		{ "first_us", "First", TABLE_INSTANT, false },
		{ "last_us", "Last", TABLE_INSTANT, false },
	};
	struct answer a;
	struct table t;
	size_t i;

	table_init(&t, page, "tainted-recipients",
	    T("Who received data of these people while such a consent stood"),
	    recipients, N_OF(recipients));
	view_ask(&page->view, &a, VIEW_TAINTED_RECIPIENTS, "");
	while (answer_next(&a)) {
		table_row(&t, "");
		for (i = 0; i < N_OF(recipients); i++)
			table_answer(&t, &a, recipients[i].key);
	}
	table_write(&t, TABLE_OPEN,
	    T("No record shows that somebody received such data."));
}

void
section_tainted(struct page *page)
{
	struct answer a;
	struct table t;
	size_t i, from;
	unsigned no = 0;

	page_p(page, "%s",
	    T("A fix of the design does not undo the consents obtained "
	      "before it. Counted are people whose consent was obtained "
	      "while the box was ticked in advance, without a notice, before "
	      "a choice or against it (D01 to D04), from the day it was "
	      "obtained to the day it was withdrawn, ran out or was declared "
	      "void."));
	table_init(&t, page, "tainted", T("Such consents by day"),
	    tainted_columns, N_OF(tainted_columns));
	view_ask(&page->view, &a, VIEW_TAINTED, "");
	while (answer_next(&a)) {
		table_row(&t, answer_text(&a, "surface"));
		for (i = 0; i < N_OF(tainted_columns); i++)
			table_answer(&t, &a, tainted_columns[i].key);
	}
	table_suppress(&t);
	for (i = 1, from = 0; i <= t.n_rows; i++) {
		if (i < t.n_rows &&
		    table_same(&t.row[i].cell[0], &t.row[from].cell[0]))
			continue;
		if (no < 4)
			draw_tainted(page, &t, from, i, ++no);
		from = i;
	}
	table_write(&t, TABLE_FOLDED,
	    T("No consent was obtained while such a detector was sure."));
	if (t.n_rows > 0)
		write_recipients(page);
}
