/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * main - the program's mouth: the only place that prints errors and chooses
 * the exit status (0 done, 1 failed, 2 the command line makes no sense).
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/command.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static command_f *const commands[COMMAND__MAX] = {
	[COMMAND_RUN] = command_run,
	[COMMAND_INGEST] = command_ingest,
	[COMMAND_ANALYSE] = command_analyse,
	[COMMAND_DISCOVER] = command_discover,
	[COMMAND_REPORT] = command_report,
	[COMMAND_SHOW] = command_show,
	[COMMAND_EXPORT] = command_export,
	[COMMAND_VERIFY] = command_verify,
	[COMMAND_FORMATS] = command_formats,
	[COMMAND_DETECTORS] = command_detectors,
	[COMMAND_RULES] = command_rules,
	[COMMAND_HELP] = command_help,
};

/*
 * A stage that is cut off leaves the case as it was (its files come into
 * place by rename, its tables by commit), so there is nothing to undo here:
 * say so and die of the signal, as a shell script around us expects.
 */
static void
on_signal(int number)
{
	static const char text[] =
	    "\npretick: interrupted; the case holds what was finished before\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);

	(void)n;
	(void)raise(number); /* SA_RESETHAND: the default action, at return */
}

static void
catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { 0 }, was;
	size_t i;

	act.sa_handler = on_signal;
	act.sa_flags = (int)SA_RESETHAND;
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (sigaction(numbers[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN) /* nohup keeps its word */
			(void)sigaction(numbers[i], &act, NULL);
	/* A pipe that nobody reads is told by write(); see end_output(). */
	act.sa_handler = SIG_IGN;
	act.sa_flags = 0;
	(void)sigaction(SIGPIPE, &act, NULL);
}

/* Were one of them closed, the case's database could get its number and our
 * messages would be written into the evidence. */
static void
open_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			abort();
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
}

/* What was printed must have arrived; a reader that left (`| head`) ends us
 * as it ends any program. */
static int
end_output(struct err *err)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return 0;
	if (errno == EPIPE) {
		(void)signal(SIGPIPE, SIG_DFL);
		(void)raise(SIGPIPE);
	}
	return err_set(err, ERR_FAILED, "the output could not be written");
}

/* "pretick -x": options that stand instead of a command. */
static int
without_command(const char *word, struct err *err)
{
	struct options o = { .command = COMMAND_HELP };

	if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0)
		return printf("pretick " PRETICK_VERSION "\n") < 0 ? -1 : 0;
	if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
		return command_help(&o, err);
	return err_set(err, ERR_USAGE,
	    "no option '%s' before a command; try 'pretick help'", word);
}

static int
no_such_command(const char *word, struct err *err)
{
	const char *nearest = command_nearest(word);

	if (nearest != NULL)
		return err_set(err, ERR_USAGE,
		    "no command '%s', did you mean '%s'? try 'pretick help'",
		    word, nearest);
	return err_set(
	    err, ERR_USAGE, "no command '%s'; try 'pretick help'", word);
}

static int
execute(int n_words, char *const *word, struct err *err)
{
	struct options o = { 0 };
	enum command command;
	int rc = -1;

	if (n_words == 0)
		return err_set(
		    err, ERR_USAGE, "a command is missing; try 'pretick help'");
	if (word[0][0] == '-')
		return without_command(word[0], err);
	command = command_find(word[0]);
	if (command == COMMAND__MAX)
		return no_such_command(word[0], err);
	if (option_parse(&o, command, n_words - 1, word + 1, err) == 0) {
		if (o.wants_help) {
			o.operand[0] = command_name(command);
			o.n_operands = 1;
			rc = command_help(&o, err);
		} else {
			rc = commands[command](&o, err);
		}
	}
	option_clear(&o);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err = { 0 };
	int rc;

	open_standard_streams();
	catch_signals();
	rc = execute(argc > 0 ? argc - 1 : 0, argv + 1, &err);
	if (end_output(&err) < 0)
		rc = -1;
	if (rc == 0)
		return EXIT_DONE;
	(void)fprintf(stderr, "pretick: %s\n",
	    err.code != ERR_NONE ? err.msg : "failed without a reason");
	return err.code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
