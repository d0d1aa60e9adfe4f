/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "index-private.h"
#include "keys.h"
#include "limit.h"
#include "message.h"
#include "pager.h"
#include "prompt.h"
#include "selection.h"
#include "sort.h"

/* ---- the order ---- */

static void read_options(struct index *index)
{
	struct app *app = index->pane.app;
	const struct config *config = app->config;

	sort_read(config, &index->order);
	index->anchor.newest_first = sort_is_newest_first(&index->order);
	index->order.stay_folded = !config_bool(config, NULL, "uncollapse_new");
	index->anchor.scroll = config_bool(config, NULL, "menu_scroll");
	index->anchor.move_off = config_bool(config, NULL, "menu_move_off");
	index->anchor.context =
		(int)config_number(config, NULL, "menu_context");
}

/* ---- asking the view ---- */

void index_drop_held(struct index *index)
{
	if (index->held != NULL)
		post_free(&index->held->post);
	index->held = NULL;
}

static void ask(struct index *index, enum anchor_ask what, enum view_at at,
		int64_t id, int64_t row)
{
	int screen = MAX(index->anchor.height, 10);

	if (index->account == NULL)
		return;
	index_drop_held(index);
	index->ask = what;
	index->ask_id = id;
	index->again = false;
	index->request = view_window(index->account->view, index->mailbox,
				     &index->order, at, id, row, 2 * screen,
				     2 * screen);
}

/* Rows of the open mailbox are being fetched. */
static bool is_filled(const struct index *index)
{
	return index->account->works[SESSION_WORK_HEADERS].what != NULL;
}

/* Whether the cursor is at the end that it went to, and stays there. */
static bool stays_at_end(struct index *index)
{
	const struct anchor *anchor = &index->anchor;

	index->to_end = index->to_end && is_filled(index) &&
			(anchor->cursor <= 0 ||
			 anchor->cursor == anchor->total - 1);
	return index->to_end && anchor->placed;
}

void index_ask_here(struct index *index)
{
	const struct anchor *anchor = &index->anchor;

	if (stays_at_end(index))
		ask(index, ANCHOR_JUMP,
		    anchor->cursor <= 0 ? VIEW_AT_FIRST : VIEW_AT_LAST, 0, 0);
	else if (!anchor->placed && index->before != 0)
		ask(index, ANCHOR_JUMP, VIEW_AT_ID, index->before, 0);
	else if (!anchor->placed)
		ask(index, ANCHOR_JUMP, VIEW_AT_FIRST_NEW, 0, 0);
	else if (anchor->id != 0)
		ask(index, ANCHOR_KEEP, VIEW_AT_ID, anchor->id, 0);
	else
		ask(index, ANCHOR_FILL, VIEW_AT_ROW, 0,
		    anchor_centre(anchor));
}

static void feed(struct index *index)
{
	if (index->request == 0 && anchor_hungry(&index->anchor))
		index_ask_here(index);
}

static void take_counts(struct index *index, const struct view_window *window)
{
	index->exists = window->exists;
	index->all = window->all;
	limit_follow(index, window);
	index->unread = window->unread;
	index->fresh = window->fresh;
	index->old = window->old;
	index->flagged = window->flagged;
	index->deleted = window->deleted;
	index->octets = window->octets;
	index->tagged = window->tagged;
}

/* Whether the counts have all that was done to the messages. */
static void settle(struct index *index)
{
	if (!index->settle || index->again)
		return;
	index->settle = false;
	index->unsettled = false;
}

/* It has another name by now, which is told next: the rows stay. */
static bool is_renamed(struct index *index, const struct view_window *window)
{
	if (window->exists || index->anchor.total <= 0)
		return false;
	index->request = 0;
	if (index->again)
		index_ask_here(index);
	return true;
}

static void take_answer(struct index *index, struct view_window *window)
{
	struct app *app = index->pane.app;
	bool jump = index->ask == ANCHOR_JUMP;
	bool first = index->anchor.total <= 0 && window->total > 0;

	if (is_renamed(index, window))
		return;
	index->request = 0;
	index->found = 0;
	index->answered = true;
	settle(index);
	take_counts(index, window);
	selection_overlay(index, window);
	if (!window->found && window->total > 0)
		limit_not_found(index, jump);
	index->folding = false;
	if (window->total == 0 && window->all > 0 && index->anchor.id != 0)
		index->before = index->anchor.id;
	else if (window->total > 0)
		index->before = 0;
	bool stale = anchor_merge(&index->anchor, window, index->ask,
				  index->ask_id) == ANCHOR_STALE;
	selection_return(index);
	if (index->follow && jump && window->found)
		pager_open(app);
	index->follow = index->follow && !jump;
	if (stale || index->again)
		index_ask_here(index);
	else if (!limit_opened(index))
		feed(index);
	if (first || index->awaited)
		app_answer(app);
	else
		app_dirty(app);
	index->awaited = index->awaited && index->request != 0;
}

/* It is given away; 'window' stays empty. */
static void hold(struct index *index, struct view_window *window)
{
	index->held = g_memdup2(window, sizeof(*window));
	window->account = window->mailbox = NULL;
	window->rows = NULL;
	window->n = 0;
}

bool index_answer(struct app *app, struct view_window *window)
{
	struct index *index = index_of(app);

	if (window->request != index->request || index->request == 0 ||
	    strcmp(window->account, index->account->name) != 0)
		return false;
	/* A key before the next frame means the message that is drawn. */
	if (index->ask != ANCHOR_JUMP && anchor_loses(&index->anchor, window))
		hold(index, window);
	else
		take_answer(index, window);
	if (index->awaited && index->held != NULL)
		app_answer(app);
	else
		app_dirty(app);
	keys_run_pushed(app);
	return true;
}

bool index_jumps(const struct app *app)
{
	const struct index *index = index_of(app);

	return index->request != 0 && index->ask == ANCHOR_JUMP &&
	       index->anchor.placed;
}

/* Moves by rows, of which none has to be known. */
static bool moves_by_rows(enum function_op op)
{
	static const enum function_op moves[] = {
		OP_NEXT_ENTRY,	  OP_PREVIOUS_ENTRY, OP_NEXT_UNDELETED,
		OP_FIRST_ENTRY,	  OP_LAST_ENTRY,     OP_PREVIOUS_UNDELETED,
		OP_NEXT_PAGE,	  OP_PREVIOUS_PAGE,  OP_HALF_DOWN,
		OP_HALF_UP,	  OP_NEXT_LINE,	     OP_PREVIOUS_LINE,
		OP_TOP_PAGE,	  OP_MIDDLE_PAGE,    OP_BOTTOM_PAGE,
		OP_CURRENT_TOP,	  OP_CURRENT_MIDDLE, OP_CURRENT_BOTTOM,
		OP_JUMP,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
		if (moves[i] == op)
			return true;
	}
	return false;
}

/* Needs counts that have all that was done. */
static bool needs_counts(enum function_op op)
{
	return op == OP_SYNC_MAILBOX || op == OP_QUIT ||
	       op == OP_CHANGE_FOLDER || op == OP_CHANGE_FOLDER_FUZZY ||
	       op == OP_SIDEBAR_OPEN;
}

bool index_awaits(const struct app *app, const struct function_row *row)
{
	const struct index *index = index_of(app);
	enum function_op op = (enum function_op)row->op;

	if (moves_by_rows(op))
		return false;
	if (selection_looks(app) ||
	    (needs_counts(op) && selection_unsettled(app)))
		return true;
	return index->request != 0 && index->anchor.total > 0 &&
	       index_current(app) == NULL && app->focus != app->sidebar &&
	       !(row->maps & 1u << MAP_GENERIC);
}

void index_before_frame(struct app *app)
{
	struct index *index = index_of(app);
	struct view_window *window = g_steal_pointer(&index->held);

	if (window == NULL)
		return;
	take_answer(index, window);
	post_free(&window->post);
}

void index_refresh(struct app *app, const struct account *account,
		   const char *mailbox)
{
	struct index *index = index_of(app);

	if (index->account != account ||
	    g_strcmp0(index->mailbox, mailbox) != 0)
		return;
	if (index->request != 0)
		index->again = true;
	else
		index_ask_here(index);
}

void index_options(struct app *app)
{
	struct index *index = index_of(app);

	read_options(index);
	if (index->account != NULL)
		index_ask_here(index);
	app_dirty(app);
}

void index_open(struct app *app, struct account *account, const char *mailbox,
		const char *display)
{
	struct index *index = index_of(app);
	int height = index->anchor.height;

	index_drop_held(index);
	keys_forget_held(app);
	anchor_release(&index->anchor);
	anchor_init(&index->anchor);
	selection_forget(index);
	limit_forget(index);
	index->anchor.height = height;
	read_options(index);
	g_free(index->mailbox);
	g_free(index->display);
	index->account = account;
	index->mailbox = g_strdup(mailbox);
	index->display = g_strdup(display);
	index->exists = index->answered = index->follow = false;
	index->no_write = false;
	index->unread = index->fresh = index->old = 0;
	index->flagged = index->deleted = 0;
	index->octets = 0;
	index_ask_here(index);
	app_dirty(app);
}

void index_renamed(struct app *app, const struct account *account,
		   const char *mailbox, const char *name, const char *display)
{
	struct index *index = index_of(app);

	if (index->account != account ||
	    g_strcmp0(index->mailbox, mailbox) != 0)
		return;
	g_free(index->display);
	index->display = g_strdup(display);
	app_dirty(app);
	/* It is shown by another name, and will have it later. */
	if (strcmp(mailbox, name) == 0)
		return;
	g_free(index->mailbox);
	index->mailbox = g_strdup(name);
	/* An answer under way may be about a name that is no more. */
	limit_renamed(index);
	index_ask_here(index);
}

/* ---- what others ask ---- */

struct account *index_account(const struct app *app)
{
	return index_of(app)->account;
}

const char *index_mailbox(const struct app *app)
{
	return index_of(app)->mailbox;
}

const struct view_row *index_current(const struct app *app)
{
	return anchor_current(&index_of(app)->anchor);
}

int64_t index_number(const struct app *app)
{
	const struct view_row *row = index_current(app);

	return row != NULL ? row->number : index_of(app)->anchor.cursor + 1;
}

struct index_facts index_facts(const struct app *app)
{
	const struct index *index = index_of(app);
	const struct anchor *a = &index->anchor;
	int64_t end = MIN(a->top + a->height, a->total);
	struct index_facts facts = {
		.display = index->display != NULL ? index->display : "",
		.total = index->all,
		.shown = a->total,
		.limit = limit_pattern(index),
		.unread = index->unread,
		.fresh = index->fresh,
		.old = index->old,
		.flagged = index->flagged,
		.deleted = index->deleted,
		.octets = index->octets,
		.tagged = selection_tags(app),
		.all = a->total <= a->height,
		.at_top = a->top == 0,
	};

	if (a->total > 0)
		facts.percent = (int)(end * 100 / a->total);
	if (index->account != NULL)
		facts.read_only = app->options->read_only ||
				  index->account->read_only || index->no_write;
	return facts;
}

/* ---- moving ---- */

static void moved(struct index *index, bool follow)
{
	struct app *app = index->pane.app;

	index->anchor.touched = true;
	feed(index);
	if (follow)
		pager_open(app);
	app_dirty(app);
}

static void move_to(struct index *index, int64_t row, bool follow)
{
	struct anchor *anchor = &index->anchor;
	struct app *app = index->pane.app;

	if (anchor->total <= 0) {
		message_show(app, _("There are no messages."));
		return;
	}
	if (row >= anchor->total && anchor->cursor == anchor->total - 1) {
		message_show(app, _("You are on the last message."));
		return;
	}
	if (row < 0 && anchor->cursor == 0) {
		message_show(app, _("You are on the first message."));
		return;
	}
	anchor_move_to(anchor, row);
	moved(index, follow);
}

void index_jump(struct index *index, enum view_at at, int64_t id, int64_t row,
		bool follow)
{
	if (index->anchor.total <= 0) {
		message_show(index->pane.app, _("There are no messages."));
		return;
	}
	index->anchor.touched = true;
	index->follow = follow;
	ask(index, ANCHOR_JUMP, at, id, row);
}

static void jump(struct index *index, enum view_at at, bool follow)
{
	index_jump(index, at, index->anchor.id, 0, follow);
}

/* What is in memory is looked at here: most steps are to the next row. */
static void step_undeleted(struct index *index, int step, bool follow)
{
	const struct anchor *anchor = &index->anchor;
	int64_t row = anchor->cursor + step;
	const struct view_row *there;

	while ((there = anchor_row(anchor, row)) != NULL &&
	       (there->flags & STORE_DELETED))
		row += step;
	if (there != NULL)
		move_to(index, row, follow);
	else if (row < 0)
		message_show(index->pane.app,
			     _("You are on the first message."));
	else if (row >= anchor->total)
		message_show(index->pane.app,
			     _("You are on the last message."));
	else
		jump(index, step > 0 ? VIEW_AT_NEXT_UNDELETED
				     : VIEW_AT_PREVIOUS_UNDELETED, follow);
}

static const struct {
	enum function_op op;
	enum view_at at;
} jumps[] = {
	{ OP_NEXT_NEW, VIEW_AT_NEXT_NEW },
	{ OP_PREVIOUS_NEW, VIEW_AT_PREVIOUS_NEW },
	{ OP_NEXT_UNREAD, VIEW_AT_NEXT_UNREAD },
	{ OP_PREVIOUS_UNREAD, VIEW_AT_PREVIOUS_UNREAD },
	{ OP_NEXT_NEW_THEN_UNREAD, VIEW_AT_NEXT_NEW_THEN_UNREAD },
	{ OP_PREVIOUS_NEW_THEN_UNREAD, VIEW_AT_PREVIOUS_NEW_THEN_UNREAD },
	{ OP_NEXT_THREAD, VIEW_AT_NEXT_THREAD },
	{ OP_PREVIOUS_THREAD, VIEW_AT_PREVIOUS_THREAD },
	{ OP_NEXT_SUBTHREAD, VIEW_AT_NEXT_SUBTHREAD },
	{ OP_PREVIOUS_SUBTHREAD, VIEW_AT_PREVIOUS_SUBTHREAD },
	{ OP_PARENT_MESSAGE, VIEW_AT_PARENT },
	{ OP_ROOT_MESSAGE, VIEW_AT_ROOT },
};

void index_move(struct app *app, enum function_op op, bool follow)
{
	struct index *index = index_of(app);
	int64_t here = index->anchor.cursor;

	switch (op) {
	case OP_NEXT_ENTRY:
		move_to(index, here + 1, follow);
		return;
	case OP_PREVIOUS_ENTRY:
		move_to(index, here - 1, follow);
		return;
	case OP_NEXT_UNDELETED:
		step_undeleted(index, 1, follow);
		return;
	case OP_PREVIOUS_UNDELETED:
		step_undeleted(index, -1, follow);
		return;
	default:
		break;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(jumps); i++) {
		if (jumps[i].op == op)
			jump(index, jumps[i].at, follow);
	}
}

static void page(struct index *index, int direction)
{
	struct anchor *anchor = &index->anchor;
	int64_t h = MAX(anchor->height, 1);
	int64_t top = anchor->top;

	if (direction > 0 && top + h >= anchor->total)
		anchor_move_to(anchor, anchor->total - 1);
	else if (direction < 0 && top == 0)
		anchor_move_to(anchor, 0);
	else
		anchor_scroll(anchor, direction * h);
	moved(index, false);
}

static void scroll(struct index *index, int64_t lines)
{
	anchor_scroll(&index->anchor, lines);
	moved(index, false);
}

static void set_line(struct index *index, int line)
{
	anchor_set_line(&index->anchor, line);
	moved(index, false);
}

/* Whether the oldest messages stand at that end, as far as dates decide. */
static bool is_old_end(const struct view_order *by, bool first)
{
	bool threaded = by->key == VIEW_BY_THREAD;
	bool group = threaded && by->group != VIEW_BY_THREAD;
	int key = group ? by->group : threaded ? by->aux : by->key;
	bool down = group ? by->reverse_group : threaded && by->reverse_aux;

	return (key == VIEW_BY_DATE || key == VIEW_BY_RECEIVED ||
		key == VIEW_UNSORTED) &&
	       first == (by->reverse == down);
}

/* To the first or the last row. The oldest may be still to come: they are
 * asked for, and the cursor follows to where they appear. */
static void move_to_end(struct index *index, bool first)
{
	move_to(index, first ? 0 : MAX(index->anchor.total - 1, 0), false);
	if (index->account == NULL || index->account->session == NULL ||
	    !is_filled(index) || !is_old_end(&index->order, first))
		return;
	index->to_end = true;
	session_oldest(index->account->session, index->mailbox);
}

/* Functions that move in any list, as they are meant in this one. */
static bool move_in_list(struct index *index, enum function_op op)
{
	const struct anchor *anchor = &index->anchor;
	int h = MAX(anchor->height, 1);

	switch (op) {
	case OP_FIRST_ENTRY:
		move_to_end(index, true);
		return true;
	case OP_LAST_ENTRY:
		move_to_end(index, false);
		return true;
	case OP_NEXT_PAGE:
		page(index, 1);
		return true;
	case OP_PREVIOUS_PAGE:
		page(index, -1);
		return true;
	case OP_HALF_DOWN:
		scroll(index, MAX(h / 2, 1));
		return true;
	case OP_HALF_UP:
		scroll(index, -MAX(h / 2, 1));
		return true;
	case OP_NEXT_LINE:
		scroll(index, 1);
		return true;
	case OP_PREVIOUS_LINE:
		scroll(index, -1);
		return true;
	case OP_TOP_PAGE:
		move_to(index, anchor->top, false);
		return true;
	case OP_MIDDLE_PAGE:
		move_to(index, anchor->top + MIN(h, anchor->total) / 2, false);
		return true;
	case OP_BOTTOM_PAGE:
		move_to(index, anchor->top + h - 1, false);
		return true;
	case OP_CURRENT_TOP:
		set_line(index, 0);
		return true;
	case OP_CURRENT_MIDDLE:
		set_line(index, h / 2);
		return true;
	case OP_CURRENT_BOTTOM:
		set_line(index, h - 1);
		return true;
	default:
		return false;
	}
}

bool index_is_at_end(const struct app *app)
{
	const struct anchor *anchor = &index_of(app)->anchor;

	return anchor->cursor >= anchor->total - 1;
}

void index_toggle_write(struct app *app)
{
	struct index *index = index_of(app);

	if (index->account == NULL)
		return;
	if (app->options->read_only || index->account->read_only) {
		message_error(app, _("The mailbox cannot be changed here."));
		return;
	}
	index->no_write = !index->no_write;
	message_show(app, index->no_write
				  ? _("The mailbox is not to be changed now.")
				  : _("The mailbox can be changed again."));
}

static void jump_to(struct app *app, const char *answer, void *user)
{
	struct index *index = user;
	char *end;

	if (answer == NULL || *answer == '\0')
		return;
	long long number = strtoll(answer, &end, 10);
	if (*end != '\0' || number < 1 || number > index->all) {
		message_error(app, _("Invalid message number."));
		return;
	}
	/* Numbers are rows only as long as every message is one. */
	if (index->all == index->anchor.total)
		move_to(index, number - 1, app_pager_shown(app));
	else
		index_jump(index, VIEW_AT_NUMBER, index->anchor.id, number,
			   app_pager_shown(app));
}

void index_ask_jump(struct app *app, int key)
{
	const char digit[2] = { key >= '0' && key <= '9' ? (char)key : '\0' };
	const struct prompt_line line = {
		.label = _("Jump to message: "),
		.text = digit,
		.history = HISTORY_NONE,
		.done = jump_to,
		.user = index_of(app),
	};

	prompt_ask(app, &line);
}

/* ---- the pane ---- */

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct app *app = pane->app;
	struct index *index = (struct index *)pane;

	if (move_in_list(index, op) || limit_run(app, op))
		return true;
	switch (op) {
	case OP_NEXT_ENTRY:
	case OP_PREVIOUS_ENTRY:
	case OP_NEXT_UNDELETED:
	case OP_PREVIOUS_UNDELETED:
		index_move(app, op, false);
		return true;
	case OP_DISPLAY_MESSAGE:
	case OP_SELECT_ENTRY:
		pager_open(app);
		return true;
	case OP_JUMP:
		index_ask_jump(app, key);
		return true;
	default:
		break;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(jumps); i++) {
		if (jumps[i].op == op) {
			index_move(app, op, false);
			return true;
		}
	}
	return false;
}

static enum style row_style(const struct view_row *row)
{
	if (row->flags & STORE_DELETED)
		return STYLE_INDEX_DELETED;
	if (row->flags & STORE_FLAGGED)
		return STYLE_INDEX_FLAGGED;
	if (!(row->flags & STORE_SEEN))
		return STYLE_INDEX_NEW;
	return STYLE_NORMAL;
}

/* The user's `color index` rules stand above our own. */
static struct look row_look(const struct app *app, const struct view_row *row)
{
	g_autofree char *id = g_strconcat("<", row->message_id, ">", NULL);
	const struct query_message message = {
		.read = row->flags & STORE_SEEN,
		.old = row->flags & STORE_OLD,
		.flagged = row->flags & STORE_FLAGGED,
		.deleted = row->flags & STORE_DELETED,
		.replied = row->flags & STORE_ANSWERED,
		.tagged = row->tagged,
		.collapsed = row->hidden > 0,
		.sent = row->sent,
		.received = row->received,
		.size = row->size,
		.from = row->from,
		.to = row->to,
		.cc = row->cc,
		.subject = row->subject,
		.id = id,
		.label = row->keywords,
		.list = row->list_id,
	};
	struct look look;

	return theme_row(app->theme, &message, &look)
		       ? look
		       : theme_look(app->theme, row_style(row));
}

static void draw_one(struct index *index, int line)
{
	struct app *app = index->pane.app;
	const struct rect *area = &index->pane.area;
	int64_t number = index->anchor.top + line;
	const struct view_row *row = anchor_row(&index->anchor, number);
	g_autofree char *text = NULL;

	if (row != NULL)
		text = format_index(app, row, row->number, area->w);
	else if (index->all != index->anchor.total)
		text = g_strdup("       ...");
	else
		text = g_strdup_printf("%4" PRId64 "   ...", number + 1);
	if (number == index->anchor.cursor)
		draw_row(app->draw, area, line, text, STYLE_INDICATOR);
	else if (row == NULL)
		draw_row(app->draw, area, line, text, STYLE_TILDE);
	else
		draw_row_look(app->draw, area, line, text, row_look(app, row));
}

static const char *empty_text(const struct index *index)
{
	const struct account *account = index->account;

	if (account == NULL)
		return _("No mailbox is open.");
	if (!index->answered || (!index->exists &&
				 account->phase == SESSION_CONNECTING))
		return "";
	if (!index->exists && account->phase == SESSION_ONLINE &&
	    account->folders != NULL)
		return _("There is no such mailbox.");
	if (index->all > 0)
		return _("No messages matched criteria.");
	return _("There are no messages.");
}

static void draw(struct pane *pane)
{
	struct index *index = (struct index *)pane;
	struct app *app = pane->app;

	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	if (index->anchor.total <= 0 && pane->area.h > 0)
		draw_row(app->draw, &pane->area, 0, empty_text(index),
			 STYLE_TILDE);
	for (int line = 0; line < pane->area.h &&
			   index->anchor.top + line < index->anchor.total;
	     line++)
		draw_one(index, line);
}

void index_draw_status(struct app *app)
{
	const struct rect *area = &app->layout.index_status;
	g_autofree char *text = NULL;

	if (area->h == 0)
		return;
	text = format_status(app, area->w);
	draw_row(app->draw, area, 0, text, STYLE_STATUS);
}

/* A message that was only looked at leaves the list as it stood. */
static void resize(struct pane *pane)
{
	struct index *index = (struct index *)pane;
	struct anchor *anchor = &index->anchor;
	bool opened = !index->beside_pager && pane->app->pager_shown;
	bool closed = index->beside_pager && !pane->app->pager_shown;

	if (opened)
		index->full_top = anchor->top;
	index->beside_pager = pane->app->pager_shown;
	anchor_resize(anchor, pane->area.h);
	if (closed && anchor->cursor >= index->full_top &&
	    anchor->cursor < index->full_top + anchor->height)
		anchor->top = index->full_top;
	feed(index);
}

static void done(struct pane *pane)
{
	struct index *index = (struct index *)pane;

	index_drop_held(index);
	anchor_release(&index->anchor);
	selection_clear(index);
	limit_clear(index);
	g_free(index->mailbox);
	g_free(index->display);
	g_free(index);
}

static const struct pane_ops ops = {
	.map = MAP_INDEX,
	.title = N_("The list of messages"),
	.draw = draw,
	.run = run,
	.resize = resize,
	.done = done,
};

struct pane *index_new(struct app *app)
{
	struct index *index = g_new0(struct index, 1);

	index->pane.ops = &ops;
	index->pane.app = app;
	selection_init(index);
	anchor_init(&index->anchor);
	return &index->pane;
}
