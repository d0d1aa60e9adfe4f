/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib-unix.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "background.h"
#include "compose-private.h"
#include "message.h"
#include "prompt.h"
#include "viewer.h"

enum {
	HEARD_MAX = 256, /* octets of what a script may say */
	QUIET_MS = 1000, /* without a key: the user is not at work here */
};

struct background {
	GSource *source; /* of the pipe; NULL: the editor has ended */
	int fd;
	GString *heard;
	int64_t pid;	 /* of the script; 0: its window is not there yet */
	int status;	 /* that the editor ended with */
};

/* ---- on the screen again ---- */

static void stop_hearing(struct background *b)
{
	if (b->source == NULL)
		return;
	g_source_destroy(b->source);
	g_clear_pointer(&b->source, g_source_unref);
	close(b->fd);
}

void background_release(struct compose *c)
{
	struct background *b = g_steal_pointer(&c->background);

	if (b == NULL)
		return;
	stop_hearing(b);
	g_string_free(b->heard, TRUE);
	g_free(b);
	g_ptr_array_remove(c->app->background, c);
	app_relayout(c->app);
}

static void close_list(struct app *app)
{
	if (app->background_list == NULL)
		return;
	viewer_raise(app, app->background_list);
	viewer_close(app);
}

static void go_on(struct compose *c)
{
	struct app *app = c->app;
	int status = c->background->status;

	close_list(app);
	background_release(c);
	app->compose = c;
	compose_back(c, status);
}

/* Nobody is interrupted: a key that is meant for something else must not
 * reach the screen of the message. */
static bool may_go_on(const struct app *app)
{
	return app->compose == NULL && app->prompt == NULL &&
	       (app->viewer == NULL || app->viewer == app->background_list) &&
	       !app->leaving &&
	       g_get_monotonic_time() - app->last_key > QUIET_MS * 1000;
}

static const char *subject_of(const struct compose *c)
{
	const char *subject = c->draft->fields[MAIL_SUBJECT];

	return *subject != '\0' ? subject : _("(no subject)");
}

static void editor_ended(struct compose *c)
{
	struct app *app = c->app;

	stop_hearing(c->background);
	if (may_go_on(app)) {
		go_on(c);
		return;
	}
	message_format(app, _("The editor has ended; B goes on with: %s"),
		       subject_of(c));
	app_relayout(app);
}

/* ---- the pipe ---- */

static void understand(struct background *b, const char *line)
{
	if (g_str_has_prefix(line, "pid "))
		b->pid = g_ascii_strtoll(line + 4, NULL, 10);
	else if (g_str_has_prefix(line, "end "))
		b->status = (int)g_ascii_strtoll(line + 4, NULL, 10);
}

/* Reads what there is; false: nobody has the other end any more. */
static bool hear(struct background *b)
{
	char buffer[64], *end;
	ssize_t n;

	while ((n = read(b->fd, buffer, sizeof buffer)) > 0)
		if (b->heard->len + (gsize)n <= HEARD_MAX)
			g_string_append_len(b->heard, buffer, n);
	while ((end = strchr(b->heard->str, '\n')) != NULL) {
		*end = '\0';
		understand(b, b->heard->str);
		g_string_erase(b->heard, 0, end - b->heard->str + 1);
	}
	return n != 0;
}

static gboolean on_pipe(gint fd, GIOCondition condition, gpointer user)
{
	struct compose *c = user;

	(void)fd;
	(void)condition;
	app_dirty(c->app);
	if (hear(c->background))
		return G_SOURCE_CONTINUE;
	editor_ended(c);
	return G_SOURCE_REMOVE;
}

/* ---- the window ---- */

struct starter {
	struct app *app;
	unsigned serial;
};

/* What opens the window may go on while it is there, or end at once. */
static void on_starter_end(GPid pid, gint wait_status, gpointer user)
{
	const struct starter *starter = user;
	struct compose *c = compose_find(starter->app, starter->serial);

	(void)pid;
	if (c == NULL || c->background == NULL ||
	    c->background->source == NULL || wait_status == 0)
		return;
	hear(c->background);
	if (c->background->pid != 0)
		return;
	message_error(c->app, _("The window of the editor could not be opened "
				"(background_editor)."));
	stop_hearing(c->background);
	/* Nobody has left it as it was: it is not given up. */
	c->listed = true;
	if (c->app->compose == NULL)
		go_on(c);
}

static void watch_starter(const struct compose *c, GPid pid)
{
	GSource *source = g_child_watch_source_new(pid);
	struct starter *starter = g_new0(struct starter, 1);

	starter->app = c->app;
	starter->serial = c->serial;
	g_source_set_callback(source, G_SOURCE_FUNC(on_starter_end), starter,
			      g_free);
	g_source_attach(source, NULL);
	g_source_unref(source);
}

/* By $background_editor; a multiplexer that smew runs in has windows. */
static const char *opener(const struct compose *c)
{
	const char *option =
		config_string(c->app->config, NULL, "background_editor");

	if (*option != '\0')
		return option;
	if (g_getenv("TMUX") != NULL)
		return "tmux new-window %s";
	return g_getenv("STY") != NULL ? "screen %s" : "%s";
}

static void put_aside(struct compose *c, struct compose_job *job)
{
	struct app *app = c->app;
	struct background *b = g_new0(struct background, 1);

	if (c->shown)
		viewer_remove(app, &c->pane);
	c->shown = false;
	/* A message that was to be attached comes too late. */
	if (c->fetch != 0)
		session_cancel(c->account->session, c->fetch);
	c->fetch = c->look = 0;
	c->attaching = 0;
	if (app->compose == c)
		app->compose = NULL;
	c->background = b;
	b->heard = g_string_new(NULL);
	b->fd = job->watch;
	job->watch = -1;
	b->source = g_unix_fd_source_new(b->fd, G_IO_IN | G_IO_HUP);
	g_source_set_callback(b->source, G_SOURCE_FUNC(on_pipe), c, NULL);
	g_source_attach(b->source, NULL);
	g_ptr_array_add(app->background, c);
	app_relayout(app);
}

void background_start(struct compose *c, struct compose_job *job)
{
	g_autofree char *word = g_shell_quote(job->path);
	g_autofree char *script = g_strconcat("sh ", word, NULL);
	g_autofree char *command = compose_command(opener(c), script);
	g_autoptr(GError) error = NULL;
	struct child child;

	if (!spawn_shell(command, 0, &child, &error)) {
		message_error(c->app, error->message);
		compose_back(c, 0);
		return;
	}
	put_aside(c, job);
	watch_starter(c, child.pid);
	message_show(c->app, _("Edited in the background: B lists it, and goes "
			       "on with it."));
}

void background_adopt(struct compose *c, struct compose_job *job)
{
	put_aside(c, job);
	c->background->pid = -1;
	message_show(c->app, _("Its editor still runs; B goes on with it."));
}

/* ---- the list ---- */

struct list {
	struct pane pane;
	unsigned serial; /* of the message under the cursor */
	int cursor, top;
};

static bool expand(GString *out, char expando, const char *argument,
		   void *user)
{
	const struct compose *c = user;
	const struct background *b = c->background;
	const char *text = "";

	(void)argument;
	switch (expando) {
	case 'i':
		text = c->answered.message_id != NULL ? c->answered.message_id
						      : "";
		break;
	case 'p':
		if (b->pid <= 0)
			return false;
		g_string_append_printf(out, "%" PRId64, b->pid);
		return true;
	case 'r':
		text = c->draft->fields[MAIL_TO];
		break;
	case 'R':
		text = c->draft->fields[MAIL_CC];
		break;
	case 's':
		text = subject_of(c);
		break;
	case 'S':
		text = b->source == NULL ? _("finished")
		       : b->pid != 0	 ? _("running")
					 : _("starting");
		break;
	default:
		return false;
	}
	draw_append(out, text);
	return *text != '\0';
}

static int list_rows(const struct list *list)
{
	return MAX(list->pane.area.h - 1, 1);
}

static struct compose *current(const struct list *list)
{
	const GPtrArray *all = list->pane.app->background;

	return list->cursor < (int)all->len
		       ? g_ptr_array_index(all, list->cursor)
		       : NULL;
}

/* The cursor stays on its message when others leave the list. */
static void settle(struct list *list)
{
	const GPtrArray *all = list->pane.app->background;

	for (guint i = 0; i < all->len; i++)
		if (((struct compose *)g_ptr_array_index(all, i))->serial ==
		    list->serial)
			list->cursor = (int)i;
	list->cursor = CLAMP(list->cursor, 0, MAX((int)all->len - 1, 0));
	list->serial = all->len > 0 ? current(list)->serial : 0;
	list->top = CLAMP(list->top, list->cursor - list_rows(list) + 1,
			  list->cursor);
	app_dirty(list->pane.app);
}

static void draw_list(struct pane *pane)
{
	struct list *list = (struct list *)pane;
	struct app *app = pane->app;
	const GPtrArray *all = app->background;
	const char *format =
		config_string(app->config, NULL, "background_format");
	int rows = list_rows(list);

	settle(list);
	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	for (int i = 0; i < rows && list->top + i < (int)all->len; i++) {
		struct compose *c = g_ptr_array_index(all, list->top + i);
		g_autofree char *line =
			format_string(format, pane->area.w, expand, c);

		draw_row(app->draw, &pane->area, i, line,
			 list->top + i == list->cursor ? STYLE_INDICATOR
						       : STYLE_NORMAL);
		if (list->top + i == list->cursor)
			draw_cursor(app->draw, pane->area.y + i, pane->area.x,
				    false);
	}
	if (all->len == 0)
		draw_row(app->draw, &pane->area, 0,
			 _("Nothing is edited in the background."),
			 STYLE_TILDE);
	draw_row(app->draw, &pane->area, rows,
		 _("Edited in the background  (Enter: go on, q: back)"),
		 STYLE_STATUS);
}

static void without_answered(struct app *app, const char *answer, void *user)
{
	struct compose *c = compose_find(app, GPOINTER_TO_UINT(user));

	if (g_strcmp0(answer, "yes") != 0 || c == NULL ||
	    c->background == NULL || app->compose != NULL)
		return;
	go_on(c);
}

static void choose(struct compose *c)
{
	struct app *app = c->app;

	if (app->compose != NULL)
		message_show(app, _("Another message is being written."));
	else if (c->background->source == NULL)
		go_on(c);
	else
		prompt_yes_no(app,
			      _("Its editor still runs. Go on without it?"),
			      false, without_answered,
			      GUINT_TO_POINTER(c->serial));
}

static bool move(struct list *list, enum function_op op)
{
	int by = op == OP_NEXT_ENTRY || op == OP_NEXT_LINE ? 1
		 : op == OP_PREVIOUS_ENTRY || op == OP_PREVIOUS_LINE ? -1
		 : op == OP_NEXT_PAGE	  ? list_rows(list)
		 : op == OP_PREVIOUS_PAGE ? -list_rows(list)
		 : op == OP_FIRST_ENTRY	  ? -G_MAXINT / 2
		 : op == OP_LAST_ENTRY	  ? G_MAXINT / 2
					  : 0;

	list->cursor = CLAMP(list->cursor + by, 0, G_MAXINT / 2);
	list->serial = 0;
	settle(list);
	return by != 0;
}

static bool run_list(struct pane *pane, enum function_op op, int key)
{
	struct list *list = (struct list *)pane;

	(void)key;
	if (op == OP_EXIT || op == OP_QUIT) {
		viewer_close(pane->app);
		return true;
	}
	if (op == OP_SELECT_ENTRY) {
		if (current(list) != NULL)
			choose(current(list));
		return true;
	}
	return move(list, op);
}

static void resize(struct pane *pane)
{
	settle((struct list *)pane);
}

static void done(struct pane *pane)
{
	pane->app->background_list = NULL;
	g_free(pane);
}

static int count(const struct pane *pane)
{
	return (int)pane->app->background->len;
}

static void to_line(struct pane *pane, int line)
{
	struct list *list = (struct list *)pane;

	list->cursor = line;
	list->serial = 0;
	settle(list);
	app_dirty(pane->app);
}

static const struct pane_ops ops = {
	.map = MAP_GENERIC,
	.title = N_("Messages that are edited in the background"),
	.draw = draw_list,
	.run = run_list,
	.count = count,
	.to_line = to_line,
	.resize = resize,
	.done = done,
};

void background_open(struct app *app)
{
	const GPtrArray *all = app->background;
	struct compose *first = all->len > 0 ? g_ptr_array_index(all, 0) : NULL;
	struct list *list;

	if (first == NULL) {
		message_show(app, _("Nothing is edited in the background."));
		return;
	}
	if (all->len == 1 && first->background->source == NULL) {
		choose(first);
		return;
	}
	if (app->background_list != NULL) {
		viewer_raise(app, app->background_list);
		return;
	}
	list = g_new0(struct list, 1);
	list->pane.ops = &ops;
	list->pane.app = app;
	app->background_list = &list->pane;
	viewer_show(app, app->background_list);
}
