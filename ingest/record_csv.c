#include "ingest/record_cut.h"
size_t
record_cut_csv(struct record_cutter *c, struct span text, bool at_end)
{
	(void)c;
	(void)text;
	(void)at_end;
	return 0;
}
void
record_parse_csv(struct record_parser *p)
{
	(void)p;
}
