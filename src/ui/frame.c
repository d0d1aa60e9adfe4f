/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames: at most one in 16 ms, and one more for a key; none while the terminal
 * does not drain (DESIGN 7). Everything drawn is in memory.
 */
#include "config.h"

#include <glib-unix.h>
#include <string.h>

#include "frame.h"
#include "index.h"
#include "keys.h"
#include "lag.h"
#include "leave.h"
#include "message.h"
#include "pager.h"
#include "prompt.h"
#include "sidebar.h"
#include "terminal.h"

enum { FRAME_US = 16000, TICK_MS = 1000 };

/* ---- layout ---- */

static bool sidebar_wanted(const struct app *app)
{
	const char *visible =
		config_string(app->config, NULL, "sidebar_visible");

	if (strcmp(visible, "auto") == 0)
		return app->cols >= LAYOUT_SIDEBAR_AUTO;
	return strcmp(visible, "yes") == 0;
}

static void place(struct pane *pane, const struct rect *area)
{
	bool changed = memcmp(&pane->area, area, sizeof *area) != 0;

	pane->area = *area;
	if (changed)
		pane->ops->resize(pane);
}

/* The viewer has everything but the help and the message line. */
static struct rect viewer_area(const struct app *app)
{
	const struct layout *l = &app->layout;
	int top = l->help.h > 0 && l->help.y == 0 ? l->help.h : 0;

	return (struct rect){ .y = top, .x = 0, .w = app->cols,
			      .h = MAX(l->message.y - top, 0) };
}

static void make_layout(struct app *app)
{
	const struct config *config = app->config;
	const struct layout_wish wish = {
		.rows = app->rows,
		.cols = app->cols,
		.help = config_bool(config, NULL, "help"),
		.status_on_top = config_bool(config, NULL, "status_on_top"),
		.pager = app->pager_shown,
		.pager_index_lines = (int)config_number(config, NULL,
							"pager_index_lines"),
		.sidebar_width = sidebar_wanted(app)
					 ? (int)config_number(config, NULL,
							      "sidebar_width")
					 : 0,
		.divider_width = 1,
	};

	app->layout = layout_make(&wish);
	place(app->sidebar, &app->layout.sidebar);
	place(app->index, &app->layout.index);
	place(app->pager, &app->layout.pager);
	if (app->viewer != NULL) {
		struct rect area = viewer_area(app);
		place(app->viewer, &area);
	}
	if (app->focus == app->sidebar && app->sidebar->area.w == 0)
		app->focus = app->index;
	app->relayout = false;
}

/* ---- the help line ---- */

/* What a newcomer looks for, the most urgent first: the rest is cut off. */
static const struct {
	unsigned maps;
	enum function_op op;
	const char *label;
} help_words[] = {
	{ 1 << MAP_PAGER | 1 << MAP_SIDEBAR | 1 << MAP_WIRE |
		  1 << MAP_JOURNAL | 1 << MAP_OUTBOX | 1 << MAP_POSTPONE,
	  OP_EXIT, N_("Back") },
	{ 1 << MAP_COMPOSE, OP_SEND_MESSAGE, N_("Send") },
	{ 1 << MAP_COMPOSE, OP_EXIT, N_("Abort") },
	{ 1 << MAP_COMPOSE, OP_EDIT_MESSAGE, N_("Edit") },
	{ 1 << MAP_COMPOSE, OP_EDIT_TO, N_("To") },
	{ 1 << MAP_COMPOSE, OP_EDIT_CC, N_("Cc") },
	{ 1 << MAP_COMPOSE, OP_EDIT_SUBJECT, N_("Subj") },
	{ 1 << MAP_COMPOSE, OP_ATTACH_FILE, N_("Attach") },
	{ 1 << MAP_COMPOSE, OP_POSTPONE_MESSAGE, N_("Postpone") },
	{ 1 << MAP_INDEX, OP_QUIT, N_("Quit") },
	{ 1 << MAP_SIDEBAR, OP_SELECT_ENTRY, N_("Open") },
	{ 1 << MAP_SIDEBAR, OP_FOLD_FOLDER, N_("Fold") },
	{ 1 << MAP_SIDEBAR, OP_CREATE_MAILBOX, N_("Create") },
	{ 1 << MAP_SIDEBAR, OP_RENAME_MAILBOX, N_("Rename") },
	{ 1 << MAP_SIDEBAR, OP_DELETE_MAILBOX, N_("Delete") },
	{ 1 << MAP_SIDEBAR, OP_SORT_FOLDERS, N_("Order") },
	{ 1 << MAP_PAGER, OP_PREVIOUS_PAGE, N_("PrevPg") },
	{ 1 << MAP_PAGER, OP_NEXT_PAGE, N_("NextPg") },
	{ 1 << MAP_JOURNAL, OP_JOURNAL_RETRY, N_("Retry") },
	{ 1 << MAP_JOURNAL, OP_JOURNAL_DROP, N_("Drop") },
	{ 1 << MAP_JOURNAL, OP_JOURNAL_UNDO, N_("Undo or redo") },
	{ 1 << MAP_OUTBOX, OP_OUTBOX_SEND, N_("Send") },
	{ 1 << MAP_OUTBOX, OP_OUTBOX_EDIT, N_("Edit") },
	{ 1 << MAP_OUTBOX, OP_OUTBOX_LATER, N_("Later") },
	{ 1 << MAP_OUTBOX, OP_OUTBOX_DROP, N_("Drop") },
	{ 1 << MAP_POSTPONE, OP_SELECT_ENTRY, N_("Go on") },
	{ 1 << MAP_POSTPONE, OP_DELETE_ENTRY, N_("Del") },
	{ 1 << MAP_POSTPONE, OP_UNDELETE_ENTRY, N_("Undel") },
	{ 1 << MAP_WIRE, OP_WIRE_FILTER, N_("Filter") },
	{ 1 << MAP_WIRE, OP_WIRE_SEARCH, N_("Search") },
	{ 1 << MAP_WIRE, OP_WIRE_NEXT_CONNECTION, N_("Connection") },
	{ 1 << MAP_WIRE, OP_WIRE_SAVE, N_("Save") },
	{ 1 << MAP_PAGER, OP_NEXT_UNDELETED, N_("Next") },
	{ 1 << MAP_INDEX | 1 << MAP_PAGER, OP_DELETE_MESSAGE, N_("Del") },
	{ 1 << MAP_INDEX | 1 << MAP_PAGER, OP_UNDELETE_MESSAGE, N_("Undel") },
	{ 1 << MAP_INDEX, OP_FLAG_MESSAGE, N_("Flag") },
	{ 1 << MAP_INDEX, OP_CHANGE_FOLDER, N_("Folder") },
	{ 1 << MAP_INDEX | 1 << MAP_SIDEBAR, OP_FOCUS_NEXT, N_("Pane") },
	{ 1 << MAP_INDEX | 1 << MAP_PAGER | 1 << MAP_SIDEBAR | 1 << MAP_WIRE |
		  1 << MAP_COMPOSE | 1 << MAP_JOURNAL | 1 << MAP_OUTBOX |
		  1 << MAP_POSTPONE,
	  OP_HELP, N_("Help") },
};

/* The key people think of: a letter before a name before a control key. */
static int key_rank(int key)
{
	if (key > ' ' && key < 127)
		return 0;
	return key < ' ' && key != '\r' && key != '\t' ? 2 : 1;
}

static const struct key_binding *binding_of(GPtrArray *list, enum function_op op)
{
	const struct key_binding *best = NULL;
	int best_rank = 3;

	for (guint i = 0; i < list->len; i++) {
		const struct key_binding *b = g_ptr_array_index(list, i);
		int rank = b->keys->len == 1
				   ? key_rank(g_array_index(b->keys, int, 0))
				   : 3;

		if (b->function != NULL && b->function->op == op &&
		    rank < best_rank) {
			best = b;
			best_rank = rank;
		}
	}
	return best;
}

/* A text of smew's own is read with the pager's keys, but is no message. */
static bool is_of_messages(enum function_op op)
{
	return op == OP_DELETE_MESSAGE || op == OP_UNDELETE_MESSAGE ||
	       op == OP_NEXT_UNDELETED;
}

static void draw_help(struct app *app)
{
	enum keymap map = app_target(app)->ops->map;
	g_autoptr(GPtrArray) list = keymap_list(app->config, map);
	g_autoptr(GString) text = g_string_new(NULL);

	if (app->layout.help.h == 0)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(help_words); i++) {
		const struct key_binding *b = NULL;
		g_autofree char *key = NULL;

		if (app->viewer != NULL && is_of_messages(help_words[i].op))
			continue;
		if (help_words[i].maps & 1u << map)
			b = binding_of(list, help_words[i].op);
		if (b == NULL)
			continue;
		key = keys_name((const int *)(void *)b->keys->data, 1);
		g_string_append_printf(text, "%s%s:%s", text->len ? "  " : "",
				       key, _(help_words[i].label));
	}
	draw_row(app->draw, &app->layout.help, 0, text->str, STYLE_HELP);
}

/* ---- drawing ---- */

static void draw_divider(struct app *app)
{
	const struct rect *area = &app->layout.divider;
	g_autoptr(GString) glyph = g_string_new(NULL);

	draw_append_glyph(glyph, GLYPH_VLINE);
	for (int line = 0; line < area->h && area->w > 0; line++)
		draw_row(app->draw, area, line, glyph->str,
			 STYLE_SIDEBAR_DIVIDER);
}

/* Which account's connection everybody can read: the open one's name goes
 * without saying. NULL: none. Owned. */
static char *clear_text(const struct app *app)
{
	const struct account *open = index_account(app);

	if (open != NULL && open->security == SESSION_CLEAR)
		return g_strdup(_("[not encrypted]"));
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *a = g_ptr_array_index(app->accounts, i);

		if (a->security == SESSION_CLEAR)
			return g_strdup_printf(_("[%s: not encrypted]"),
					       a->name);
	}
	return NULL;
}

/* At the right end of a status line, whatever $status_format says. */
static void draw_clear(struct app *app)
{
	const struct rect *area = app->layout.index_status.h > 0
					  ? &app->layout.index_status
					  : &app->layout.pager_status;
	g_autofree char *text = clear_text(app);

	if (text == NULL || area->h == 0)
		return;
	int width = MIN(text_width(text, -1), area->w);
	draw_styled(app->draw, area->y, area->x + area->w - width, width, text,
		    -1, STYLE_WARNING);
}

static void draw_panes(struct app *app)
{
	if (app->sidebar->area.w > 0)
		app->sidebar->ops->draw(app->sidebar);
	draw_divider(app);
	if (app->index->area.h > 0)
		app->index->ops->draw(app->index);
	index_draw_status(app);
	if (app->pager_shown) {
		app->pager->ops->draw(app->pager);
		pager_draw_status(app);
	}
	draw_clear(app);
}

static void draw_all(struct app *app)
{
	draw_begin(app->draw, app->rows, app->cols);
	draw_help(app);
	if (app->viewer != NULL)
		app->viewer->ops->draw(app->viewer);
	else
		draw_panes(app);
	if (app->prompt != NULL)
		prompt_draw(app);
	else
		message_draw(app);
	draw_end(app->draw);
}

static void take_options(struct app *app)
{
	struct theme_depth depth = terminal_depth(app->terminal);
	struct theme *old = app->theme;

	app->options_changed = false;
	app->theme = theme_new(app->config, &depth);
	draw_theme(app->draw, app->theme,
		   config_bool(app->config, NULL, "ascii_chars"));
	theme_free(old);
	index_options(app);
	pager_options(app);
	sidebar_refresh(app);
	app->relayout = true;
}

/* ---- sources ---- */

static void source_end(GSource **source)
{
	if (*source == NULL)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

/* Whether something on the screen changes by time alone. The last turn shows
 * what has just changed. */
static bool ticks(const struct app *app)
{
	return message_ticks(app) || accounts_tick(app);
}

static gboolean tick(gpointer user)
{
	struct app *app = user;

	app_dirty(app);
	if (!ticks(app)) {
		source_end(&app->tick);
		return G_SOURCE_REMOVE;
	}
	return G_SOURCE_CONTINUE;
}

static void start_ticking(struct app *app)
{
	if (app->tick != NULL || !ticks(app))
		return;
	app->tick = g_timeout_source_new(TICK_MS);
	g_source_set_callback(app->tick, tick, app, NULL);
	g_source_attach(app->tick, NULL);
}

static gboolean drain(gint fd, GIOCondition condition, gpointer user)
{
	struct app *app = user;

	(void)fd;
	(void)condition;
	if (!terminal_flush(app->terminal)) {
		source_end(&app->output);
		leave_end(app, true);
		return G_SOURCE_REMOVE;
	}
	if (terminal_busy(app->terminal))
		return G_SOURCE_CONTINUE;
	source_end(&app->output);
	if (app->dirty)
		app_dirty(app);
	return G_SOURCE_REMOVE;
}

static void watch_output(struct app *app)
{
	if (app->output != NULL || !terminal_busy(app->terminal))
		return;
	app->output = g_unix_fd_source_new(terminal_output_fd(app->terminal),
					   G_IO_OUT | G_IO_ERR | G_IO_HUP);
	g_source_set_callback(app->output, G_SOURCE_FUNC(drain), app, NULL);
	g_source_attach(app->output, NULL);
}

void frame_draw(struct app *app)
{
	app_assert_thread(app);
	/* The terminal may be somebody else's already. */
	if (app->ending || app->blind)
		return;
	if (terminal_busy(app->terminal)) {
		watch_output(app);
		return;
	}
	lag_doing("frame", 0);
	index_before_frame(app);
	app->dirty = false;
	app->last_keyed = app->keyed;
	app->keyed = app->dirty_keyed = false;
	app->last_frame = g_get_monotonic_time();
	terminal_size(app->terminal, &app->rows, &app->cols);
	if (app->options_changed)
		take_options(app);
	make_layout(app);
	draw_all(app);
	terminal_show(app->terminal);
	watch_output(app);
	start_ticking(app);
}

static gboolean frame_due(gpointer user)
{
	struct app *app = user;

	source_end(&app->frame);
	if (app->dirty)
		frame_draw(app);
	/* An answer that waited for the frame may be what a key waits for. */
	keys_run_pushed(app);
	return G_SOURCE_REMOVE;
}

/* What a key does is not kept back by a frame that came by itself. */
static gint64 frame_wait(const struct app *app)
{
	if (app->keyed && !app->last_keyed)
		return 0;
	return app->last_frame + FRAME_US - g_get_monotonic_time();
}

void app_dirty(struct app *app)
{
	gint64 wait;
	bool keyed;

	app_assert_thread(app);
	keyed = app->keyed && !app->dirty_keyed;
	app->dirty = true;
	if (app->loop == NULL || (app->frame != NULL && !keyed))
		return;
	app->dirty_keyed = app->keyed;
	wait = frame_wait(app);
	source_end(&app->frame);
	app->frame = g_timeout_source_new((guint)(MAX(wait, 0) / 1000));
	g_source_set_callback(app->frame, frame_due, app, NULL);
	g_source_attach(app->frame, NULL);
}

void app_answer(struct app *app)
{
	app->keyed = true;
	app->last_keyed = app->dirty_keyed = false;
	app_dirty(app);
}

void app_relayout(struct app *app)
{
	app->relayout = true;
	app_dirty(app);
}

void frame_stop(struct app *app)
{
	source_end(&app->frame);
	source_end(&app->output);
	source_end(&app->tick);
}
