/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "index-private.h"
#include "limit.h"
#include "message.h"
#include "prompt.h"

/* ---- patterns ---- */

/* The address in "Name <address>". */
static char *own_address(const struct app *app, const char *account)
{
	const char *from = config_string(app->config, account, "from");
	const char *angle = strchr(from, '<');

	return angle != NULL ? g_strndup(angle + 1, strcspn(angle + 1, ">"))
			     : g_strdup(from);
}

struct query *limit_read(struct index *index, const char *text)
{
	struct app *app = index->pane.app;
	g_autofree char *own = own_address(app, index->account->name);
	const char *const mine[] = { *own != '\0' ? own : NULL, NULL };
	const struct query_context context = {
		.now = g_get_real_time() / G_USEC_PER_SEC,
		.simple = config_string(app->config, NULL, "simple_search"),
		.mine = mine,
		.group = config_group,
		.user = app->config,
	};
	g_autoptr(GError) error = NULL;
	struct query *query = query_new(text, &context, &error);

	if (query == NULL)
		message_error(app, error->message);
	return query;
}

static void ask_pattern(struct app *app, const char *label, prompt_done done)
{
	const struct prompt_line line = {
		.label = label,
		.history = HISTORY_SEARCH,
		.done = done,
	};

	prompt_ask(app, &line);
}

/* ---- limits ---- */

static void set(char **where, const char *text)
{
	g_free(*where);
	*where = g_strdup(text);
}

/* To 'query', which is taken; NULL: to everything. */
static void make_limit(struct index *index, struct query *query,
		       const char *text)
{
	set(&index->wanted, query != NULL ? text : NULL);
	index->limit_ready = index->limit_waits = false;
	index->limit_request = view_limit(index->account->view, index->mailbox,
					  &index->order, query,
					  index->anchor.id);
	if (query != NULL)
		message_progress(index->pane.app, _("Limiting (^G stops)"), 0);
}

static void limit_to(struct index *index, const char *text)
{
	struct query *query = limit_read(index, text);

	if (query == NULL)
		return;
	if (query_is_all(query))
		g_clear_pointer(&query, query_free);
	make_limit(index, query, text);
}

static void limit_typed(struct app *app, const char *answer, void *user)
{
	struct index *index = index_of(app);

	(void)user;
	if (answer != NULL && *answer != '\0' && index->account != NULL)
		limit_to(index, answer);
}

/* Before the first rows of a mailbox come the cache does not know it: the
 * limit is made when it does. */
static bool waits(struct index *index)
{
	if (index->all > 0 || index->wanted == NULL)
		return false;
	index->limit_waits = true;
	message_progress(index->pane.app, _("Limiting (^G stops)"), 0);
	return true;
}

/* The mailbox is there now. */
static void limit_awaited(struct index *index)
{
	g_autofree char *text = g_strdup(index->wanted);

	limit_to(index, text);
}

static void limit_to_thread(struct index *index)
{
	const struct view_row *row = anchor_current(&index->anchor);
	g_autoptr(GString) text = g_string_new("~(=i \"");

	if (row == NULL || row->message_id == NULL ||
	    *row->message_id == '\0') {
		message_error(index->pane.app,
			      _("This message has no id to find its thread "
				"by."));
		return;
	}
	for (const char *c = row->message_id; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, *c);
	}
	g_string_append(text, "\")");
	limit_typed(index->pane.app, text->str, NULL);
}

static void show_limit(struct index *index)
{
	if (limit_pattern(index) != NULL)
		message_format(index->pane.app, _("Limit: %s"),
			       limit_pattern(index));
	else
		message_show(index->pane.app,
			     _("No limit pattern is in effect."));
}

const char *limit_pattern(const struct index *index)
{
	/* While the first limit is made it is shown under its own name. */
	if (!index->limited)
		return NULL;
	return index->limit_request != 0 && index->wanted != NULL &&
			       index->showing
		       ? index->wanted
		       : index->limit;
}

void limit_clear(struct index *index)
{
	g_clear_pointer(&index->limit, g_free);
	g_clear_pointer(&index->wanted, g_free);
	g_clear_pointer(&index->search, g_free);
}

/* One that was asked for by a name that is no more shows nothing. */
void limit_renamed(struct index *index)
{
	g_autofree char *text = g_strdup(
		index->wanted != NULL ? index->wanted : index->limit);

	if (text != NULL)
		limit_to(index, text);
}

void limit_forget(struct index *index)
{
	/* The same mailbox opened again shows everything. */
	if (index->limited || index->limit_request != 0)
		view_limit(index->account->view, index->mailbox,
			   &index->order, NULL, 0);
	g_clear_pointer(&index->limit, g_free);
	g_clear_pointer(&index->wanted, g_free);
	index->limit_request = index->search_request = 0;
	index->limited = index->folding = index->opened = false;
	index->showing = index->limit_ready = index->limit_waits = false;
	index->before = 0;
	message_progress(index->pane.app, NULL, 0);
}

/* The view may have lost a limit together with its file. */
void limit_follow(struct index *index, const struct view_window *window)
{
	index->limited = window->limited;
	if (index->limit_ready) {
		g_free(index->limit);
		index->limit = g_steal_pointer(&index->wanted);
		index->limit_ready = false;
	}
	if (!window->limited && index->limit_request == 0)
		g_clear_pointer(&index->limit, g_free);
	if (index->limit_waits && window->exists)
		limit_awaited(index);
}

static void limit_done(struct index *index, const struct view_limited *answer)
{
	struct app *app = index->pane.app;

	/* It gets its name with its rows. */
	index->limit_ready = true;
	if (index->wanted == NULL)
		return;
	if (answer->gave_up)
		message_error(app, _("The expression is too costly for some of "
				     "the messages: they were left out."));
	else if (answer->found == 0 && index->all > 0)
		message_error(app, _("No messages matched criteria."));
	else
		message_show(app,
			     _("To view all messages, limit to \"all\"."));
}

static void tell_progress(struct index *index,
			  const struct view_limited *answer)
{
	index->showing = true;
	message_progress(index->pane.app, _("Limiting (^G stops)"),
			 answer->percent);
}

void limit_answer(struct app *app, const struct view_limited *answer)
{
	struct index *index = index_of(app);

	if (index->limit_request == 0 ||
	    answer->request != index->limit_request ||
	    strcmp(answer->account, index->account->name) != 0)
		return;
	if (answer->result == VIEW_GOES_ON) {
		index->awaited = !index->showing;
		tell_progress(index, answer);
		index_refresh(app, index->account, index->mailbox);
		return;
	}
	index->awaited = true;
	message_progress(app, NULL, 0);
	index->limit_request = 0;
	index->showing = false;
	if (answer->result == VIEW_FAILED && waits(index))
		return;
	if (answer->result == VIEW_DONE)
		limit_done(index, answer);
	else if (answer->result == VIEW_CANCELLED)
		message_show(app, _("The limit was given up."));
	else
		message_error(app, _("The limit could not be made."));
	if (answer->result != VIEW_DONE)
		g_clear_pointer(&index->wanted, g_free);
	index_refresh(app, index->account, index->mailbox);
	app_dirty(app);
}

/* ---- searches ---- */

static void search(struct index *index, bool backwards)
{
	struct app *app = index->pane.app;
	struct query *query;
	int64_t from;

	if (index->account == NULL || index->anchor.total <= 0) {
		message_show(app, _("There are no messages."));
		return;
	}
	query = limit_read(index, index->search);
	if (query == NULL)
		return;
	/* Where the last one leads may not be on the screen yet. */
	from = index->request != 0 && index->found != 0 ? index->found
							: index->anchor.id;
	index->search_request =
		view_search(index->account->view, index->mailbox,
			    &index->order, query, from, backwards,
			    config_bool(app->config, NULL, "wrap_search"));
	index->going_back = backwards;
	message_progress(app, _("Searching (^G stops)"), -1);
}

static void search_typed(struct app *app, const char *answer, bool backwards)
{
	struct index *index = index_of(app);

	if (answer == NULL || *answer == '\0')
		return;
	set(&index->search, answer);
	index->backwards = backwards;
	index->steps = 0;
	search(index, backwards);
}

static void search_down(struct app *app, const char *answer, void *user)
{
	(void)user;
	search_typed(app, answer, false);
}

static void search_up(struct app *app, const char *answer, void *user)
{
	(void)user;
	search_typed(app, answer, true);
}

/* A key typed while a search is under way goes on from what that one finds. */
static void search_again(struct index *index, bool opposite)
{
	bool backwards = index->backwards != opposite;

	if (index->search == NULL)
		ask_pattern(index->pane.app, _("Search for: "), search_down);
	else if (index->search_request != 0)
		index->steps += backwards ? -1 : 1;
	else
		search(index, backwards);
}

static void tell_not_found(struct app *app, bool backwards)
{
	if (config_bool(app->config, NULL, "wrap_search"))
		message_error(app, _("Not found."));
	else
		message_error(app, backwards ? _("Search hit top without "
						 "finding match")
					     : _("Search hit bottom without "
						 "finding match"));
}

void limit_found(struct app *app, const struct view_found *answer)
{
	struct index *index = index_of(app);

	if (index->search_request == 0 ||
	    answer->request != index->search_request ||
	    strcmp(answer->account, index->account->name) != 0)
		return;
	int steps = index->steps;

	index->search_request = 0;
	index->steps = 0;
	message_progress(app, NULL, 0);
	if (answer->result == VIEW_CANCELLED) {
		message_show(app, _("Search interrupted."));
		return;
	}
	if (answer->id == 0) {
		tell_not_found(app, index->going_back);
		return;
	}
	if (answer->wrapped)
		message_show(app, index->going_back
					  ? _("Search wrapped to bottom.")
					  : _("Search wrapped to top."));
	index_jump(index, VIEW_AT_ID, answer->id, 0, false);
	index->found = answer->id;
	if (steps != 0) {
		search(index, steps < 0);
		index->steps = steps - (steps < 0 ? -1 : 1);
	}
}

bool limit_cancel(struct app *app)
{
	struct index *index = index_of(app);

	if (index->limit_waits) {
		index->limit_waits = false;
		g_clear_pointer(&index->wanted, g_free);
		message_progress(app, NULL, 0);
		message_show(app, _("The limit was given up."));
		return true;
	}
	if (index->limit_request == 0 && index->search_request == 0)
		return false;
	view_cancel(index->account->view);
	return true;
}

/* ---- folding ---- */

/* Whether the cursor is to go on to what is unread in the thread that opens. */
static bool jumps(const struct index *index, enum view_fold what)
{
	const struct view_row *row = anchor_current(&index->anchor);

	return what == VIEW_FOLD_TOGGLE && row != NULL && row->hidden > 0 &&
	       config_bool(index->pane.app->config, NULL, "uncollapse_jump");
}

static void ask_fold(struct index *index, enum view_fold what)
{
	struct app *app = index->pane.app;
	int screen = MAX(index->anchor.height, 10);
	bool jump = jumps(index, what);
	unsigned spared = jump ? VIEW_FOLD_JUMP_UNREAD : 0;

	if (!config_bool(app->config, NULL, "collapse_unread"))
		spared |= VIEW_FOLD_SPARE_UNREAD;
	if (!config_bool(app->config, NULL, "collapse_flagged"))
		spared |= VIEW_FOLD_SPARE_FLAGGED;
	index->ask = jump ? ANCHOR_JUMP : ANCHOR_KEEP;
	index->ask_id = index->anchor.id;
	index->again = false;
	index_drop_held(index);
	index->request = view_fold(index->account->view, index->mailbox,
				   &index->order, what, spared,
				   index->anchor.id, 2 * screen, 2 * screen);
}

static void fold(struct index *index, enum view_fold what)
{
	if (index->order.key != VIEW_BY_THREAD) {
		message_error(index->pane.app, _("Threading is not enabled."));
		return;
	}
	if (index->anchor.id == 0)
		return;
	index->anchor.touched = true;
	index->folding = true;
	ask_fold(index, what);
}

bool limit_opened(struct index *index)
{
	if (index->opened || index->anchor.id == 0)
		return false;
	index->opened = true;
	if (index->order.key != VIEW_BY_THREAD ||
	    !config_bool(index->pane.app->config, NULL, "collapse_all"))
		return false;
	ask_fold(index, VIEW_FOLD_TOGGLE_ALL);
	return true;
}

void limit_not_found(struct index *index, bool jump)
{
	struct app *app = index->pane.app;

	if (index->folding)
		message_show(app, _("There is nothing to fold."));
	else if (jump && index->anchor.placed &&
		 index->all != index->anchor.total)
		message_show(app, _("There is no such message in sight."));
	else if (jump && index->anchor.placed)
		message_show(app, _("There is no such message."));
}

bool limit_run(struct app *app, enum function_op op)
{
	struct index *index = index_of(app);

	switch (op) {
	case OP_LIMIT:
		ask_pattern(app, _("Limit to messages matching: "),
			    limit_typed);
		return true;
	case OP_LIMIT_CURRENT_THREAD:
		limit_to_thread(index);
		return true;
	case OP_SHOW_LIMIT:
		show_limit(index);
		return true;
	case OP_SEARCH:
		ask_pattern(app, _("Search for: "), search_down);
		return true;
	case OP_SEARCH_REVERSE:
		ask_pattern(app, _("Reverse search for: "), search_up);
		return true;
	case OP_SEARCH_NEXT:
		search_again(index, false);
		return true;
	case OP_SEARCH_OPPOSITE:
		search_again(index, true);
		return true;
	case OP_COLLAPSE_THREAD:
		fold(index, VIEW_FOLD_TOGGLE);
		return true;
	case OP_COLLAPSE_ALL:
		fold(index, VIEW_FOLD_TOGGLE_ALL);
		return true;
	default:
		return false;
	}
}
