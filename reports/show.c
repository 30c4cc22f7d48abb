/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/show.h"

int
show_run(const struct show_options *o, struct err *err)
{
	return err_set(err, ERR_FAILED, "%s: not in this build", o->case_dir);
}
