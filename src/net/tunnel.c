/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream through the standard input and output of a command.
 *
 * Its end has three signs that come in any order: the end of its standard
 * output, of its standard error, and of the process. The first one seen
 * starts `ending`, which waits a little for the other two, so that the last
 * words and the status are known when the owner is told.
 */
#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pump.h"
#include "reaper.h"
#include "smew/base.h"
#include "stream.h"

enum {
	TUNNEL_WORDS = 512,	   /* octets kept of a line of stderr */
	TUNNEL_ENDING_STEP_MS = 10,
	TUNNEL_ENDING_STEPS = 50,
};

struct tunnel {
	struct stream base;
	GMainContext *context;	/* owned reference */
	struct child child;
	struct pump *pump;
	GSource *start, *words, *ending; /* NULL: none */
	GString *line;		/* of stderr, not ended yet */
	char *last_words;	/* the last line that was not blank */
	GError *failure;	/* it could not be started */
	int ending_steps;
	int status;		/* of waitpid, valid when 'reaped' */
	bool reaped, paused;
};

/* ---- sources ---- */

static void source_end(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

static GSource *tunnel_attach(struct tunnel *t, GSource *source,
			      GSourceFunc function)
{
	g_source_set_callback(source, function, t, NULL);
	g_source_attach(source, t->context);
	return source;
}

static GSource *tunnel_watch(struct tunnel *t, int fd, GIOCondition condition,
			     GUnixFDSourceFunc function)
{
	return tunnel_attach(t, g_unix_fd_source_new(fd, condition),
			     G_SOURCE_FUNC(function));
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- the end ---- */

static GError *tunnel_reason(const struct tunnel *t)
{
	g_autofree char *words = NULL;

	if (t->failure != NULL)
		return g_error_new(NET_ERROR, NET_ERROR_TUNNEL,
				   _("cannot start the tunnel command: %s"),
				   t->failure->message);
	if (t->last_words != NULL) {
		words = sanitise_line(t->last_words, -1);
		return g_error_new(NET_ERROR, NET_ERROR_TUNNEL,
				   _("the tunnel command ended: %s"), words);
	}
	if (t->reaped && WIFSIGNALED(t->status))
		return g_error_new(NET_ERROR, NET_ERROR_TUNNEL,
				   _("the tunnel command was ended by signal %d"),
				   WTERMSIG(t->status));
	if (t->reaped && WEXITSTATUS(t->status) != 0)
		return g_error_new(NET_ERROR, NET_ERROR_TUNNEL,
				   _("the tunnel command ended with status %d"),
				   WEXITSTATUS(t->status));
	return g_error_new(NET_ERROR, NET_ERROR_CLOSED,
			   _("the server closed the connection"));
}

static void tunnel_finish(struct tunnel *t)
{
	g_autoptr(GError) reason = NULL;

	if (t->line->len > 0) {
		g_free(t->last_words);
		t->last_words = g_strdup(t->line->str);
	}
	source_end(&t->ending);
	source_end(&t->words);
	pump_pause(t->pump, true);
	reason = tunnel_reason(t);
	t->base.handler.closed(reason, t->base.user);
}

static bool tunnel_reap(struct tunnel *t)
{
	pid_t got;

	if (t->reaped)
		return true;
	do
		got = waitpid(t->child.pid, &t->status, WNOHANG);
	while (got < 0 && errno == EINTR);
	t->reaped = got == t->child.pid;
	return t->reaped;
}

static gboolean tunnel_ending(gpointer user)
{
	struct tunnel *t = user;
	bool silent = t->child.out < 0 && t->child.err < 0;

	/* What it wrote before it ended is for the owner to see first. */
	if (t->paused && t->child.out >= 0)
		return G_SOURCE_CONTINUE;
	if ((tunnel_reap(t) && silent) ||
	    ++t->ending_steps >= TUNNEL_ENDING_STEPS)
		tunnel_finish(t);
	return G_SOURCE_CONTINUE;
}

static void tunnel_end(struct tunnel *t)
{
	if (t->ending != NULL)
		return;
	t->ending = tunnel_attach(t,
				  g_timeout_source_new(TUNNEL_ENDING_STEP_MS),
				  tunnel_ending);
}

/* ---- standard error: only its last line counts ---- */

static void tunnel_word(struct tunnel *t, char c)
{
	if (c == '\n') {
		g_strchomp(t->line->str);
		t->line->len = strlen(t->line->str);
		if (t->line->len > 0) {
			log_line(LOG_STATE, "net", "tunnel says: %s",
				 t->line->str);
			g_free(t->last_words);
			t->last_words = g_strdup(t->line->str);
		}
		g_string_truncate(t->line, 0);
	} else if (c != '\0' && t->line->len < TUNNEL_WORDS) {
		g_string_append_c(t->line, c);
	}
}

static gboolean tunnel_listen(gint fd, GIOCondition condition, gpointer user)
{
	struct tunnel *t = user;
	char data[1024];
	ssize_t got;

	(void)condition;
	got = read(fd, data, sizeof(data));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (got <= 0) {
		source_end(&t->words);
		fd_close(&t->child.err);
		return G_SOURCE_REMOVE;
	}
	for (ssize_t i = 0; i < got; i++)
		tunnel_word(t, data[i]);
	return G_SOURCE_CONTINUE;
}

/* ---- standard input and output ---- */

static void tunnel_received(const uint8_t *data, size_t length, void *user)
{
	struct tunnel *t = user;

	t->base.handler.received(data, length, t->base.user);
}

static void tunnel_drained(void *user)
{
	struct tunnel *t = user;

	if (t->base.handler.drained != NULL)
		t->base.handler.drained(t->base.user);
}

static void tunnel_read_ended(int code, void *user)
{
	struct tunnel *t = user;

	(void)code;
	fd_close(&t->child.out);
	tunnel_end(t);
}

static void tunnel_write_ended(int code, void *user)
{
	struct tunnel *t = user;

	(void)code;
	fd_close(&t->child.in);
	tunnel_end(t);
}

static const struct pump_handler pump_calls = {
	.received = tunnel_received,
	.drained = tunnel_drained,
	.read_ended = tunnel_read_ended,
	.write_ended = tunnel_write_ended,
};

static void tunnel_pause(struct stream *stream, bool pause)
{
	struct tunnel *t = (struct tunnel *)stream;

	t->paused = pause;
	if (t->start == NULL)
		pump_pause(t->pump, pause);
}

static void tunnel_send(struct stream *stream, const void *data, size_t length)
{
	pump_send(((struct tunnel *)stream)->pump, data, length);
}

static size_t tunnel_unsent(const struct stream *stream)
{
	return pump_unsent(((const struct tunnel *)stream)->pump);
}

static void tunnel_octets(const struct stream *stream, uint64_t *in,
			  uint64_t *out)
{
	pump_octets(((const struct tunnel *)stream)->pump, in, out);
}

/* ---- beginning and end of the stream ---- */

static void tunnel_free(struct stream *stream)
{
	struct tunnel *t = (struct tunnel *)stream;

	source_end(&t->start);
	source_end(&t->words);
	source_end(&t->ending);
	pump_free(t->pump);
	fd_close(&t->child.in);
	fd_close(&t->child.out);
	fd_close(&t->child.err);
	if (t->child.pid > 0 && !t->reaped)
		reaper_end(t->child.pid);
	g_string_free(t->line, TRUE);
	g_free(t->last_words);
	g_clear_error(&t->failure);
	g_main_context_unref(t->context);
	g_free(t);
}

static gboolean tunnel_start(gpointer user)
{
	struct tunnel *t = user;

	source_end(&t->start);
	if (t->failure != NULL) {
		tunnel_finish(t);
		return G_SOURCE_REMOVE;
	}
	t->words = tunnel_watch(t, t->child.err, G_IO_IN | G_IO_HUP,
				tunnel_listen);
	pump_pause(t->pump, t->paused);
	t->base.handler.opened(t->base.user);
	return G_SOURCE_REMOVE;
}

static const struct stream_kind tunnel_kind = {
	.send = tunnel_send,
	.unsent = tunnel_unsent,
	.octets = tunnel_octets,
	.pause = tunnel_pause,
	.free = tunnel_free,
	.secure = true,
};

struct stream *stream_open_tunnel(const char *command,
				  const struct stream_handler *handler,
				  void *user)
{
	struct tunnel *t = g_new0(struct tunnel, 1);

	t->base = (struct stream){ &tunnel_kind, *handler, user };
	t->context = g_main_context_ref_thread_default();
	t->line = g_string_new(NULL);
	t->child = (struct child){ .in = -1, .out = -1, .err = -1 };
	if (!spawn_shell(command, SPAWN_STDIN | SPAWN_STDOUT | SPAWN_STDERR,
			 &t->child, &t->failure))
		t->child.pid = 0;
	else
		g_unix_set_fd_nonblocking(t->child.err, TRUE, NULL);
	t->pump = pump_new(t->child.out, t->child.in, &pump_calls, t);
	pump_pause(t->pump, true);
	t->start = tunnel_attach(t, g_idle_source_new(), tunnel_start);
	return &t->base;
}
