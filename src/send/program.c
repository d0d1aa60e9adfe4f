/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "program.h"
#include "smew/base.h"

enum {
	PIECE = 64 * 1024,
	WORDS_MAX = 400,
};

struct program {
	struct program_handler handler;
	void *user;
	char **argv;	/* owned */
	char *copy;	/* its path: the message with LF; owned */
	int from, to;	/* while it is made; -1 */
	struct child child;
	int status;	/* of waitpid() */
	GString *words;	/* of its standard error: the last line */
	bool line_ended; /* that one */
	GSource *turn, *watch, *errors; /* owned, or NULL */
	enum smtp_result result;
	char *reason;	/* owned, or NULL */
};

static void stop(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_clear_pointer(source, g_source_unref);
}

static void attach(GSource **place, GSource *source, GSourceFunc function,
		   struct program *program)
{
	stop(place);
	*place = source;
	g_source_set_callback(source, function, program, NULL);
	g_source_attach(source, g_main_context_get_thread_default());
}

/* ---- the end ---- */

static gboolean tell(gpointer data)
{
	struct program *program = data;

	stop(&program->turn);
	g_unlink(program->copy);
	program->handler.ended(program->result, program->reason,
			       program->user);
	return G_SOURCE_REMOVE;
}

static void end(struct program *program, enum smtp_result result,
		const char *reason)
{
	program->result = result;
	program->reason = g_strdup(reason);
	attach(&program->turn, g_idle_source_new(), tell, program);
}

/* What mail programs mean by their exit status (sysexits.h). */
static const char *meaning(int status)
{
	switch (status) {
	case EX_USAGE: return _("wrong usage");
	case EX_DATAERR: return _("the message is wrong");
	case EX_NOUSER: return _("no such user");
	case EX_NOHOST: return _("no such host");
	case EX_UNAVAILABLE: return _("the service is not available");
	case EX_SOFTWARE: return _("it has an error");
	case EX_OSERR: return _("an error of the system");
	case EX_OSFILE: return _("a file of the system is missing");
	case EX_CANTCREAT: return _("it cannot write a file");
	case EX_IOERR: return _("it cannot read or write");
	case EX_TEMPFAIL: return _("not now");
	case EX_PROTOCOL: return _("the other side made an error");
	case EX_NOPERM: return _("not allowed");
	case EX_CONFIG: return _("its configuration is wrong");
	case 126: case 127: return _("it cannot be started");
	default: return _("it failed");
	}
}

/* Those after which another try makes sense by itself. */
static bool is_temporary(int status)
{
	return status == EX_TEMPFAIL || status == EX_OSERR ||
	       status == EX_IOERR;
}

static void judge(struct program *program)
{
	g_autofree char *words = sanitise_line(program->words->str, -1);
	g_autofree char *text = NULL;
	int status;

	if (!WIFEXITED(program->status)) {
		end(program, SMTP_UNCERTAIN,
		    _("the sendmail program was killed"));
		return;
	}
	status = WEXITSTATUS(program->status);
	if (status == 0) {
		end(program, SMTP_ACCEPTED, words);
		return;
	}
	text = g_strdup_printf(_("%s: %s (status %d)"), program->argv[4],
			       *words != '\0' ? words : meaning(status),
			       status);
	end(program, is_temporary(status) ? SMTP_LATER : SMTP_REFUSED, text);
}

/* ---- its standard error ---- */

static void take_words(struct program *program, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			program->line_ended = true;
		else if (program->line_ended)
			g_string_truncate(program->words, 0);
		if (text[i] == '\n')
			continue;
		program->line_ended = false;
		if (program->words->len < WORDS_MAX)
			g_string_append_c(program->words, text[i]);
	}
}

/* False: there is nothing more, for now or at all. */
static bool hear_some(struct program *program)
{
	char buffer[1024];
	ssize_t got;

	do
		got = read(program->child.err, buffer, sizeof(buffer));
	while (got < 0 && errno == EINTR);
	if (got > 0)
		take_words(program, buffer, (size_t)got);
	else if (got == 0 || errno != EAGAIN)
		stop(&program->errors);
	return got > 0;
}

static gboolean hear(gint fd, GIOCondition condition, gpointer data)
{
	struct program *program = data;

	(void)fd;
	(void)condition;
	hear_some(program);
	return program->errors != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void reaped(GPid pid, gint status, gpointer data)
{
	struct program *program = data;

	(void)pid;
	stop(&program->watch);
	/* What it left running may keep the pipe open. */
	while (hear_some(program))
		;
	stop(&program->errors);
	program->status = status;
	judge(program);
}

/* ---- the start ---- */

static void run(struct program *program)
{
	g_autoptr(GError) error = NULL;
	GSource *source;

	if (!program->handler.delivering(program->user)) {
		end(program, SMTP_STOPPED, _("it was stopped"));
		return;
	}
	if (!spawn_start((const char *const *)program->argv, SPAWN_STDERR,
			 &program->child, &error)) {
		end(program, SMTP_REFUSED, error->message);
		return;
	}
	g_unix_set_fd_nonblocking(program->child.err, TRUE, NULL);
	source = g_unix_fd_source_new(program->child.err,
				      G_IO_IN | G_IO_HUP | G_IO_ERR);
	attach(&program->errors, source, G_SOURCE_FUNC(hear), program);
	attach(&program->watch, g_child_watch_source_new(program->child.pid),
	       G_SOURCE_FUNC(reaped), program);
}

/* LF instead of CRLF: that is what programs read. A CR stands nowhere else. */
static size_t without_cr(char *text, size_t length)
{
	size_t kept = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\r' && (i + 1 == length || text[i + 1] == '\n'))
			continue;
		text[kept++] = text[i];
	}
	return kept;
}

static bool write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t done = write(fd, text, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		text += done;
		length -= (size_t)done;
	}
	return true;
}

static void copied(struct program *program)
{
	stop(&program->turn);
	close(program->from);
	close(program->to);
	program->from = program->to = -1;
}

static void cannot_copy(struct program *program)
{
	g_autofree char *words = g_strdup_printf(
		_("cannot copy the message for the program: %s"),
		g_strerror(errno));

	copied(program);
	end(program, SMTP_LATER, words);
}

static gboolean copy_piece(gpointer data)
{
	struct program *program = data;
	g_autofree char *buffer = g_malloc(PIECE);
	ssize_t got = read(program->from, buffer, PIECE);

	if (got < 0 && errno == EINTR)
		return G_SOURCE_CONTINUE;
	if (got < 0 ||
	    (got > 0 && !write_all(program->to, buffer,
				   without_cr(buffer, (size_t)got)))) {
		cannot_copy(program);
		return G_SOURCE_REMOVE;
	}
	if (got > 0)
		return G_SOURCE_CONTINUE;
	copied(program);
	run(program);
	return G_SOURCE_REMOVE;
}

/* ---- arguments ---- */

/* "failure,delay" without anything that is no letter or comma. */
static bool is_list(const char *text)
{
	return *text != '\0' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ,")] == '\0';
}

static void add(GPtrArray *argv, const char *text)
{
	g_ptr_array_add(argv, g_strdup(text));
}

/* The shell opens the file and becomes the program: no word of a message or
 * of an address is read by it. */
static char **make_argv(const char *command, bool envelope_from,
			const struct outbox_item *item, const char *copy,
			GError **error)
{
	GPtrArray *argv = g_ptr_array_new();
	g_auto(GStrv) words = NULL;

	if (!g_shell_parse_argv(command, NULL, &words, error)) {
		g_prefix_error(error, _("sendmail: "));
		g_ptr_array_unref(argv);
		return NULL;
	}
	add(argv, "/bin/sh");
	add(argv, "-c");
	add(argv, "exec \"$@\" <\"$0\"");
	add(argv, copy);
	for (char **word = words; *word != NULL; word++)
		add(argv, *word);
	if (envelope_from && *item->sender != '\0') {
		add(argv, "-f");
		add(argv, item->sender);
	}
	if (is_list(item->dsn_notify)) {
		add(argv, "-N");
		add(argv, item->dsn_notify);
	}
	if (is_list(item->dsn_return)) {
		add(argv, "-R");
		add(argv, item->dsn_return);
	}
	add(argv, "--");
	for (char **to = item->recipients; *to != NULL; to++)
		add(argv, *to);
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}

static bool prepare(struct program *program, const char *command,
		    bool envelope_from, const struct outbox_item *item,
		    GError **error)
{
	program->argv = make_argv(command, envelope_from, item, program->copy,
				  error);
	if (program->argv == NULL)
		return false;
	program->from = path_open_private(item->path, O_RDONLY, error);
	if (program->from < 0)
		return false;
	program->to = path_open_private(program->copy,
					O_WRONLY | O_CREAT | O_TRUNC, error);
	return program->to >= 0;
}

struct program *program_start(const char *command, bool envelope_from,
			      const struct outbox_item *item,
			      const struct program_handler *handler,
			      void *user)
{
	struct program *program = g_new0(struct program, 1);
	g_autoptr(GError) error = NULL;

	program->handler = *handler;
	program->user = user;
	program->from = program->to = -1;
	program->child.err = -1;
	program->words = g_string_new(NULL);
	program->copy = g_strconcat(item->path, ".lf", NULL);
	if (prepare(program, command, envelope_from, item, &error))
		attach(&program->turn, g_idle_source_new(), copy_piece,
		       program);
	else
		end(program, SMTP_REFUSED, error->message);
	return program;
}

void program_free(struct program *program)
{
	if (program == NULL)
		return;
	stop(&program->turn);
	stop(&program->watch);
	stop(&program->errors);
	if (program->from >= 0)
		close(program->from);
	if (program->to >= 0)
		close(program->to);
	if (program->child.err >= 0)
		close(program->child.err);
	g_string_free(program->words, TRUE);
	g_strfreev(program->argv);
	g_free(program->copy);
	g_free(program->reason);
	g_free(program);
}
