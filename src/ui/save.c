/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "prompt.h"
#include "save.h"

/* Goes from prompt to worker and, when the file exists, back to a prompt. */
struct save {
	struct app_job job;	/* APP_SAVED */
	char *path, *text;
	char *problem;		/* NULL: it was saved */
	bool overwrite, exists, append;
};

static void save_release(struct post *post)
{
	struct save *save = (struct save *)post;

	g_free(save->path);
	g_free(save->text);
	g_free(save->problem);
	g_free(save);
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		left -= (size_t)n;
	}
	return true;
}

/* In a worker. */
static void save_work(struct app_job *job)
{
	struct save *save = (struct save *)job;
	g_autofree char *typed = path_expand(save->path);
	/* Files of aliases are often links to where they are kept. */
	g_autofree char *real = save->append ? realpath(typed, NULL) : NULL;
	const char *path = real != NULL ? real : typed;
	g_autoptr(GError) error = NULL;
	int flags = save->append      ? O_APPEND
		    : save->overwrite ? O_TRUNC
				      : O_EXCL;
	int fd = path_open_private(path, O_WRONLY | O_CREAT | flags, &error);
	bool ok;

	g_clear_pointer(&save->problem, g_free);
	save->exists = false;
	if (fd < 0) {
		save->exists = g_error_matches(error, BASE_ERROR,
					       BASE_ERROR_EXISTS);
		save->problem = g_strdup(error->message);
		return;
	}
	ok = write_all(fd, save->text);
	if (close(fd) != 0 || !ok)
		save->problem = g_strdup_printf(_("cannot write '%s': %s"),
						path, g_strerror(errno));
}

static struct save *save_new(char *text)
{
	struct save *save = g_new0(struct save, 1);

	save->job.post.kind = APP_SAVED;
	save->job.post.release = save_release;
	save->job.work = save_work;
	save->text = text;
	return save;
}

void save_append(struct app *app, const char *path, char *text)
{
	struct save *save = save_new(text);

	save->path = g_strdup(path);
	save->append = true;
	app_start_job(app, &save->job);
}

static void path_typed(struct app *app, const char *answer, void *user)
{
	struct save *save = user;

	if (answer == NULL || *answer == '\0') {
		post_free(&save->job.post);
		return;
	}
	save->path = g_strdup(answer);
	app_start_job(app, &save->job);
}

void save_ask(struct app *app, const char *label, char *text)
{
	struct save *save = save_new(text);
	const struct prompt_line line = {
		.label = label,
		.history = HISTORY_NONE,
		.done = path_typed,
		.user = save,
	};

	prompt_ask(app, &line);
}

static void overwrite_answered(struct app *app, const char *answer, void *user)
{
	struct save *save = user;

	if (g_strcmp0(answer, "yes") != 0) {
		post_free(&save->job.post);
		return;
	}
	save->overwrite = true;
	app_start_job(app, &save->job);
}

void save_done(struct app *app, struct post *post)
{
	struct save *save = (struct save *)post;
	g_autofree char *question = NULL;

	if (save->exists) {
		question = g_strdup_printf(_("%s exists. Overwrite it?"),
					   save->path);
		prompt_yes_no(app, question, false, overwrite_answered, save);
		return;
	}
	if (save->problem != NULL)
		message_error(app, save->problem);
	else
		message_format(app, _("Saved to %s."), save->path);
	post_free(post);
}
