/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands that look: at a case, and at what this build knows.
 */
#include "reports/catalogue.h"
#include "reports/command.h"
#include "reports/export.h"
#include "reports/guess.h"
#include "reports/show.h"
#include "reports/verify.h"

int
command_show(const struct options *o, struct err *err)
{
	struct show_options so = {
		.case_dir = o->operand[0],
		.what = o->operand[1],
		.id = o->operand[2],
		.key_file = o->value[OPTION_KEY],
		.out = stdout,
	};

	return show_run(&so, err);
}

int
command_export(const struct options *o, struct err *err)
{
	struct export_options eo = {
		.case_dir = o->operand[0],
		.to = o->value[OPTION_TO],
		.key_file = o->value[OPTION_KEY],
		.out = stdout,
	};

	if (eo.to == NULL)
		return err_set(err, ERR_USAGE, "--to is missing");
	return export_run(&eo, err);
}

int
command_verify(const struct options *o, struct err *err)
{
	struct verify_options vo = {
		.case_dir = o->operand[0],
		.source = o->operand + 1,
		.n_sources = o->n_operands - 1,
		.out = stdout,
	};

	return verify_run(&vo, err);
}

static struct catalogue_options
catalogue(const struct options *o)
{
	struct catalogue_options co = {
		.name = o->n_operands > 0 ? o->operand[0] : NULL,
		.out = stdout,
	};

	return co;
}

static int
formats_guess(const struct options *o, struct err *err)
{
	struct guess_options go = {
		.source = o->operand,
		.n_sources = o->n_operands,
		.map_file = o->map,
		.n_map_files = o->n_maps,
		.out = stdout,
	};

	if (o->n_operands == 0)
		return err_set(err, ERR_USAGE, "--guess: which file?");
	return guess_run(&go, err);
}

int
command_formats(const struct options *o, struct err *err)
{
	struct catalogue_options co = catalogue(o);

	if (o->value[OPTION_GUESS] != NULL)
		return formats_guess(o, err);
	if (o->value[OPTION_DRAFT] != NULL) {
		if (o->n_operands != 1)
			return err_set(
			    err, ERR_USAGE, "--draft takes one file");
		return draft_run(o->operand[0], stdout, err);
	}
	if (o->n_operands > 1)
		return err_set(err, ERR_USAGE,
		    "formats prints one mapping; --guess tries them on files");
	if (o->n_maps > 0)
		return err_set(err, ERR_USAGE, "formats: -m goes with --guess");
	return formats_run(&co, err);
}

int
command_detectors(const struct options *o, struct err *err)
{
	struct catalogue_options co = catalogue(o);

	return detectors_run(&co, err);
}

int
command_rules(const struct options *o, struct err *err)
{
	struct catalogue_options co = catalogue(o);

	return rules_run(&co, err);
}
