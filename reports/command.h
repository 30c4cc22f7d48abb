/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command - what each word after `pretick` does.
 *
 * A command takes the parsed command line, does its work and prints its
 * result on standard output; evidence in it is made fit for a terminal.
 *
 * Failure: -1 and `err`; main.c prints the message and chooses the exit
 * status.
 */
#ifndef REPORTS_COMMAND_H
#define REPORTS_COMMAND_H

#include "reports/option.h"

typedef int command_f(const struct options *o, struct err *err);

command_f command_run, command_ingest, command_analyse, command_report;
command_f command_show, command_verify, command_formats, command_detectors;
command_f command_help, command_export, command_rules, command_discover;

#endif
