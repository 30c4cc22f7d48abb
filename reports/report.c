/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/report.h"

int
report_run(const struct report_options *o, char *path, size_t path_room,
    struct err *err)
{
	if (path_room > 0)
		path[0] = '\0';
	return err_set(err, ERR_FAILED, "%s: not in this build", o->case_dir);
}
