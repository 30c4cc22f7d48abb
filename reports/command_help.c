/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "reports/command.h"

int
command_help(const struct options *o, struct err *err)
{
	struct buf text = { 0 };
	enum command command;

	if (o->n_operands == 0) {
		option_overview(&text);
	} else {
		command = command_find(o->operand[0]);
		if (command == COMMAND__MAX)
			return err_set(err, ERR_USAGE,
			    "help: no command '%s'; try 'pretick help'",
			    o->operand[0]);
		option_usage(&text, command);
	}
	(void)fwrite(text.p, 1, text.n, stdout); /* main.c looks at stdout */
	buf_clear(&text);
	return 0;
}
