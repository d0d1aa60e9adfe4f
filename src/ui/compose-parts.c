/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done with one part of a message that is written: giving it to a
 * program, copying it. */
#include "config.h"

#include <string.h>

#include "completion.h"
#include "compose-private.h"
#include "message.h"
#include "prompt.h"

static struct compose *current(struct app *app)
{
	struct compose *c = app->compose;

	return c != NULL && c->shown && c->dir != NULL ? c : NULL;
}

/* About the part under the cursor; 0 is the text. */
static struct compose_job *part_job(struct compose *c, enum compose_work work)
{
	struct compose_job *job = compose_job_new(c, work);

	job->at = (guint)c->cursor;
	return job;
}

/* ---- programs ---- */

static void pipe_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);
	struct compose_job *job;

	(void)user;
	if (c == NULL || answer == NULL || *answer == '\0' || c->blocked)
		return;
	job = part_job(c, COMPOSE_PIPE);
	job->command = g_strdup(answer);
	compose_job_start(app, job);
}

static void pipe_part(struct compose *c)
{
	const struct prompt_line line = {
		.label = _("Pipe to: "),
		.history = HISTORY_SHELL,
		.done = pipe_typed,
	};

	prompt_ask(c->app, &line);
}

void compose_part_written(struct compose *c, const struct compose_job *job)
{
	g_autofree char *word = g_shell_quote(job->path);
	g_autofree char *command =
		g_strdup_printf("(\n%s\n) < %s", job->command, word);

	app_run_child(c->app, command);
}

/* ---- viewers ---- */

static void viewer_ended(GPid pid, gint status, gpointer unused)
{
	(void)pid;
	(void)status;
	(void)unused;
}

void compose_part_viewed(struct compose *c, struct compose_job *job)
{
	const struct mail_viewer *viewer = job->viewer;
	g_autofree char *command = NULL;
	g_autoptr(GError) error = NULL;
	struct child child;

	if (viewer->text) {
		compose_view_text(c, _("Attachment"), job->shown);
		return;
	}
	if (viewer->terminal) {
		command = compose_words(viewer->argv);
		app_run_child(c->app, command);
		return;
	}
	/* It has a window of its own. */
	if (spawn_start((const char *const *)viewer->argv, 0, &child, &error))
		g_child_watch_add(child.pid, viewer_ended, NULL);
	else
		message_error(c->app, error->message);
}

static void view_part(struct compose *c)
{
	struct compose_job *job = part_job(c, COMPOSE_MAILCAP);

	job->command = g_strdup(
		config_string(c->app->config, NULL, "mailcap_path"));
	compose_job_start(c->app, job);
}

/* ---- copies ---- */

static void copy_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);
	struct compose_job *job;

	(void)user;
	if (c == NULL || answer == NULL || *answer == '\0' || c->blocked)
		return;
	job = part_job(c, COMPOSE_COPY);
	job->command = g_strdup(answer);
	compose_job_start(app, job);
}

static void copy_part(struct compose *c)
{
	const struct mail_attachment *a =
		c->cursor > 0 ? g_ptr_array_index(c->draft->attachments,
						  c->cursor - 1)
			      : NULL;
	g_autofree char *name =
		a != NULL && *a->name != '\0' ? g_path_get_basename(a->name)
					      : NULL;
	const struct prompt_line line = {
		.label = _("Save to file: "),
		.text = name,
		.history = HISTORY_NONE,
		.complete = completion_file,
		.done = copy_typed,
	};

	prompt_ask(c->app, &line);
}

static void keep_part(struct compose *c)
{
	const struct mail_attachment *a;

	if (c->cursor == 0) {
		message_show(c->app, _("That is the text of the message."));
		return;
	}
	a = g_ptr_array_index(c->draft->attachments, c->cursor - 1);
	if (a->own)
		message_show(c->app, _("It is a copy already."));
	else
		compose_job_start(c->app, part_job(c, COMPOSE_KEEP));
}

bool compose_parts_run(struct compose *c, enum function_op op)
{
	switch (op) {
	case OP_PIPE_ENTRY:
		pipe_part(c);
		return true;
	case OP_VIEW_MAILCAP:
		view_part(c);
		return true;
	case OP_COPY_FILE:
		copy_part(c);
		return true;
	case OP_GET_ATTACHMENT:
		keep_part(c);
		return true;
	default:
		return false;
	}
}
