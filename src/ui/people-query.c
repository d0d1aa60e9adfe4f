/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses from a program of the user's: $query_command. */
#include "config.h"

#include <string.h>

#include "compose.h"
#include "message.h"
#include "people.h"
#include "prompt.h"

enum {
	OUTPUT_MAX = 1 << 20,
	TIME_MS = 30 * 1000,
	FOUND_MAX = 500,
};

struct query_job {
	struct app_job job; /* APP_QUERY */
	char *command;
	char *line;	    /* of the prompt, or NULL: a message is begun */
	size_t start;
	GPtrArray *found;   /* of char *: "Name <address>" */
	char *problem;
};

static void query_job_free(struct post *post)
{
	struct query_job *job = (struct query_job *)post;

	g_free(job->command);
	g_free(job->line);
	g_free(job->problem);
	g_ptr_array_unref(job->found);
	g_free(job);
}

/* "ADDRESS TAB NAME TAB OTHER", as mutt wants it. */
static void take_line(struct query_job *job, const char *line)
{
	g_auto(GStrv) columns = g_strsplit(line, "\t", 3);
	g_autoptr(GPtrArray) one = mail_addresses_new();
	g_autofree char *email = NULL, *name = NULL;

	if (columns[0] == NULL || strchr(columns[0], '@') == NULL ||
	    job->found->len >= FOUND_MAX)
		return;
	email = g_strstrip(sanitise_line(columns[0], -1));
	name = g_strstrip(sanitise_line(columns[1] != NULL ? columns[1] : "",
					-1));
	mail_addresses_add(one, name, email);
	g_ptr_array_add(job->found, mail_addresses_text(one));
}

/* In a worker. The first line is for people. */
static void query_work(struct app_job *base)
{
	struct query_job *job = (struct query_job *)base;
	g_autoptr(GError) error = NULL;
	g_autofree char *output =
		spawn_output(job->command, OUTPUT_MAX, TIME_MS, &error);
	g_auto(GStrv) lines = NULL;

	if (output == NULL) {
		job->problem = g_strdup(error->message);
		return;
	}
	lines = g_strsplit(output, "\n", -1);
	for (char **line = lines; line[0] != NULL; line++)
		if (line != lines)
			take_line(job, *line);
}

/* The words go to the program's shell as one argument. */
static char *command_for(const struct app *app, const char *words)
{
	const char *command = config_string(app->config, NULL,
					    "query_command");
	g_autofree char *quoted = g_shell_quote(words);
	const char *place = strstr(command, "%s");

	if (*command == '\0')
		return NULL;
	if (place == NULL)
		return g_strconcat(command, " ", quoted, NULL);
	return g_strdup_printf("%.*s%s%s", (int)(place - command), command,
			       quoted, place + 2);
}

static void query_start(struct app *app, const char *words, const char *line,
			size_t start)
{
	struct query_job *job;
	char *command = command_for(app, words);

	if (command == NULL) {
		message_show(app, _("query_command is not set."));
		return;
	}
	job = g_new0(struct query_job, 1);
	job->job.post.kind = APP_QUERY;
	job->job.post.release = query_job_free;
	job->job.work = query_work;
	job->command = command;
	job->line = g_strdup(line);
	job->start = start;
	job->found = g_ptr_array_new_with_free_func(g_free);
	app_start_job(app, &job->job);
}

void people_query_prompt(struct app *app, const char *line, size_t cursor)
{
	size_t start = people_address_start(line, cursor);
	g_autofree char *words = g_strndup(line + start, cursor - start);

	query_start(app, words, line, start);
}

static void words_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && *answer != '\0')
		query_start(app, answer, NULL, 0);
}

void people_query(struct app *app)
{
	const struct prompt_line line = {
		.label = _("Query: "),
		.history = HISTORY_NONE,
		.done = words_typed,
	};

	prompt_ask(app, &line);
}

static char **steal_found(struct query_job *job)
{
	char **found;

	g_ptr_array_add(job->found, NULL);
	found = g_strdupv((char **)job->found->pdata);
	g_ptr_array_set_size(job->found, 0);
	return found;
}

/* The question whom it is to goes first: it takes the candidates. */
static void begin_message(struct app *app, struct query_job *job)
{
	if (app->compose != NULL || app->prompt != NULL)
		return;
	compose_run(app, OP_MAIL);
	prompt_offer(app, NULL, 0, steal_found(job));
}

void people_queried(struct app *app, struct post *post)
{
	struct query_job *job = (struct query_job *)post;

	if (job->problem != NULL)
		message_error(app, job->problem);
	else if (job->found->len == 0)
		message_show(app, _("The query found nobody."));
	else if (job->line == NULL)
		begin_message(app, job);
	else
		prompt_offer(app, job->line, job->start, steal_found(job));
	post_free(post);
}
