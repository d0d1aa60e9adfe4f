/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "journal.h"
#include "message.h"
#include "viewer.h"

enum {
	TIME_CELLS = 7,
	STATE_CELLS = 10,
	DETAIL_ROWS = 3, /* below the list: what, where, why */
	MIN_DETAILED = 9, /* rows of a pane that has room for them */
};

/* A line of the list; borrowed from a post. */
struct entry {
	struct account *account;
	const struct session_action *action;
};

struct journal_pane {
	struct pane pane;
	GHashTable *answers; /* account to struct session_action_list */
	GArray *entries;     /* of struct entry */
	int64_t current;     /* entry under the cursor, or 0 */
	guint cursor, top;
};

static struct journal_pane *journal_of(const struct app *app)
{
	return (struct journal_pane *)app->journal;
}

/* ---- words ---- */

static const char *state_text(const struct session_action *action)
{
	if (action->foreign)
		return _("elsewhere");
	if (action->refused > 0)
		return _("refused");
	if (action->waiting > 0 && action->hold > 0)
		return _("put off");
	if (action->waiting > 0)
		return action->done > 0 ? _("under way") : _("waits");
	if (action->undone && !action->back)
		return _("undone");
	return action->done > 0 ? _("done") : _("given up");
}

static const char *what_text(const struct session_action *action)
{
	return *action->what != '\0' ? action->what : _("marks by reading");
}

/* How far it is, while it is under way. */
static void append_progress(GString *out, const struct session_action *action)
{
	unsigned all = action->waiting + action->refused + action->done +
		       action->cancelled;

	if ((action->waiting > 0 || action->refused > 0) && action->done > 0)
		g_string_append_printf(out, _("%u of %u: "), action->done,
				       all);
}

/* "work:Archive" where it is of another account. */
static void append_name(GString *out, const struct account *account,
			const char *name)
{
	g_autofree char *other = NULL;
	const char *abroad = journal_split(name, &other);
	const struct store_mailbox *mailbox;

	if (abroad != NULL) {
		account = account_find(account->app, other);
		name = abroad;
		g_string_append_printf(out, "%s:", other);
	}
	mailbox = account != NULL ? account_mailbox(account, name) : NULL;
	draw_append(out, mailbox != NULL ? mailbox->display : name);
}

/* What is about a mailbox as such names it already. */
static void append_places(GString *out, const char *before,
			  const struct entry *entry)
{
	if (*entry->action->mailbox == '\0')
		return;
	g_string_append(out, before);
	append_name(out, entry->account, entry->action->mailbox);
	if (*entry->action->target == '\0')
		return;
	g_string_append(out, " ");
	draw_append_glyph(out, GLYPH_DASH);
	draw_append_glyph(out, GLYPH_ARROW);
	g_string_append(out, " ");
	append_name(out, entry->account, entry->action->target);
}

/* The time of today, the date of other days. */
static void append_made(GString *out, int64_t made)
{
	time_t then = (time_t)made, now = time(NULL);
	struct tm parts, today;
	char text[32] = "";

	if (localtime_r(&then, &parts) != NULL &&
	    localtime_r(&now, &today) != NULL)
		strftime(text, sizeof text,
			 parts.tm_yday == today.tm_yday &&
					 parts.tm_year == today.tm_year
				 ? "%H:%M"
				 : "%b %d",
			 &parts);
	draw_append(out, text);
}

static void pad(GString *out, int cells)
{
	while (text_width(out->str, -1) < cells)
		g_string_append_c(out, ' ');
	g_string_append_c(out, ' ');
}

static char *row_text(const struct app *app, const struct entry *entry)
{
	const struct session_action *action = entry->action;
	GString *out = g_string_new(NULL);

	append_made(out, action->made);
	pad(out, TIME_CELLS);
	g_string_append(out, state_text(action));
	pad(out, TIME_CELLS + STATE_CELLS);
	append_progress(out, action);
	if (app->accounts->len > 1)
		g_string_append_printf(out, "%s: ", entry->account->name);
	if (action->back)
		g_string_append(out, _("undo of "));
	draw_append(out, what_text(action));
	append_places(out, ", ", entry);
	return g_string_free(out, FALSE);
}

/* ---- the list ---- */

static int list_rows(const struct journal_pane *journal)
{
	int h = journal->pane.area.h;

	return MAX(h - 1 - (h >= MIN_DETAILED ? DETAIL_ROWS + 1 : 0), 1);
}

static const struct entry *current(const struct journal_pane *journal)
{
	return journal->cursor < journal->entries->len ?
		       &g_array_index(journal->entries, struct entry,
				      journal->cursor) :
		       NULL;
}

static void settle(struct journal_pane *journal)
{
	guint rows = (guint)list_rows(journal), n = journal->entries->len;
	const struct entry *entry;

	journal->cursor = MIN(journal->cursor, n > 0 ? n - 1 : 0);
	if (journal->cursor < journal->top)
		journal->top = journal->cursor;
	if (journal->cursor >= journal->top + rows)
		journal->top = journal->cursor - rows + 1;
	/* A pane without its size has one row: the others come later. */
	journal->top = MIN(journal->top, n > rows ? n - rows : 0);
	entry = current(journal);
	journal->current = entry != NULL ? entry->action->entry : 0;
	app_dirty(journal->pane.app);
}

static void add_account(struct journal_pane *journal, struct account *account)
{
	const struct session_action_list *list =
		g_hash_table_lookup(journal->answers, account->name);

	for (size_t i = 0; list != NULL && i < list->n; i++) {
		struct entry entry = { account, &list->list[i] };

		if (entry.action->entry == journal->current)
			journal->cursor = journal->entries->len;
		g_array_append_val(journal->entries, entry);
	}
}

/* The cursor stays on the entry that it was on. */
static void rebuild(struct journal_pane *journal)
{
	const GPtrArray *accounts = journal->pane.app->accounts;

	g_array_set_size(journal->entries, 0);
	for (guint i = 0; i < accounts->len; i++)
		add_account(journal, g_ptr_array_index(accounts, i));
	settle(journal);
}

static void ask(struct account *account)
{
	if (account->session != NULL)
		session_ask_actions(account->session);
}

void journal_take(struct app *app, struct session_action_list *list)
{
	struct journal_pane *journal = journal_of(app);

	if (journal == NULL) {
		post_free(&list->post);
		return;
	}
	/* The entries borrow from the one that goes. */
	g_array_set_size(journal->entries, 0);
	g_hash_table_replace(journal->answers, list->account, list);
	rebuild(journal);
}

void journal_changed_in(struct app *app, struct account *account)
{
	if (app->journal != NULL)
		ask(account);
}

/* ---- keys ---- */

static void move(struct journal_pane *journal, int64_t by)
{
	int64_t last = (int64_t)journal->entries->len - 1;
	int64_t to = (int64_t)journal->cursor + by;

	journal->cursor = (guint)MAX(MIN(to, last), 0);
	settle(journal);
}

static bool move_run(struct journal_pane *journal, enum function_op op)
{
	int page = list_rows(journal);

	switch (op) {
	case OP_NEXT_ENTRY:
	case OP_NEXT_LINE:
	case OP_NEXT_UNDELETED:
		move(journal, 1);
		return true;
	case OP_PREVIOUS_ENTRY:
	case OP_PREVIOUS_LINE:
	case OP_PREVIOUS_UNDELETED:
		move(journal, -1);
		return true;
	case OP_NEXT_PAGE:
		move(journal, page);
		return true;
	case OP_PREVIOUS_PAGE:
		move(journal, -page);
		return true;
	case OP_HALF_DOWN:
		move(journal, MAX(page / 2, 1));
		return true;
	case OP_HALF_UP:
		move(journal, -MAX(page / 2, 1));
		return true;
	case OP_FIRST_ENTRY:
		move(journal, -G_MAXINT);
		return true;
	case OP_LAST_ENTRY:
		move(journal, G_MAXINT);
		return true;
	default:
		return false;
	}
}

static void retry(struct app *app, const struct entry *entry)
{
	if (entry->action->refused == 0 && entry->action->waiting == 0)
		message_error(app, _("Nothing of it waits or was refused."));
	else
		session_again(entry->account->session, entry->action->entry,
			      false);
}

static void drop(struct app *app, const struct entry *entry)
{
	if (entry->action->refused == 0 && entry->action->waiting == 0)
		message_error(app, _("Nothing of it waits or was refused."));
	else
		session_again(entry->account->session, entry->action->entry,
			      true);
}

static void take_back(struct app *app, const struct entry *entry)
{
	if (entry->action->step == 0)
		message_error(app, _("It is no action of its own: undo what "
				     "it belongs to."));
	else
		session_undo_step(entry->account->session,
				  entry->action->step);
}

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct journal_pane *journal = (struct journal_pane *)pane;
	const struct entry *entry = current(journal);

	(void)key;
	switch (op) {
	case OP_EXIT:
	case OP_QUIT:
		viewer_close(pane->app);
		return true;
	case OP_JOURNAL_RETRY:
		if (entry != NULL)
			retry(pane->app, entry);
		return true;
	case OP_JOURNAL_DROP:
		if (entry != NULL)
			drop(pane->app, entry);
		return true;
	case OP_JOURNAL_UNDO:
		if (entry != NULL)
			take_back(pane->app, entry);
		return true;
	default:
		return move_run(journal, op);
	}
}

/* ---- drawing ---- */

static char *title_text(const struct journal_pane *journal)
{
	unsigned waiting = 0, refused = 0;

	for (guint i = 0; i < journal->pane.app->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(
			journal->pane.app->accounts, i);

		waiting += account->waiting;
		refused += account->refused;
	}
	return g_strdup_printf(_("Journal: %u waiting, %u refused"), waiting,
			       refused);
}

static enum style style_of(const struct session_action *action)
{
	if (action->refused > 0)
		return STYLE_ERROR;
	return action->waiting > 0 ? STYLE_NORMAL : STYLE_TILDE;
}

/* When it is tried again, and why it is not done. Owned; NULL: nothing. */
static char *reason_text(const struct session_action *action)
{
	int64_t left = action->hold - g_get_real_time() / G_USEC_PER_SEC;
	bool held = action->waiting > 0 && left > 0;

	if (held && *action->reason != '\0')
		return g_strdup_printf(_("tried again in %d s: %s"), (int)left,
				       action->reason);
	if (held)
		return g_strdup_printf(_("tried again in %d s"), (int)left);
	return *action->reason != '\0' ? g_strdup(action->reason) : NULL;
}

/* What the row has no room for: a line and, below it, the reason. */
static void draw_details(struct journal_pane *journal, int row)
{
	struct app *app = journal->pane.app;
	const struct rect *area = &journal->pane.area;
	const struct entry *entry = current(journal);
	g_autoptr(GString) where = g_string_new(NULL);
	g_autofree char *reason = NULL;
	size_t length, next = 0;

	if (entry == NULL)
		return;
	draw_append(where, what_text(entry->action));
	append_places(where, ": ", entry);
	draw_row(app->draw, area, row, where->str, STYLE_NORMAL);
	reason = reason_text(entry->action);
	for (int i = 1; reason != NULL && reason[next] != '\0' &&
			i < DETAIL_ROWS; i++) {
		const char *rest = reason + next;
		size_t more;

		length = text_wrap(rest, strlen(rest), area->w, true, &more);
		draw_styled(app->draw, area->y + row + i, area->x, area->w,
			    rest, (gssize)length, STYLE_ERROR);
		next += more;
	}
}

static void draw(struct pane *pane)
{
	struct journal_pane *journal = (struct journal_pane *)pane;
	struct app *app = pane->app;
	g_autofree char *title = title_text(journal);
	int rows = list_rows(journal);

	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	for (int i = 0; i < rows; i++) {
		guint at = journal->top + (guint)i;
		const struct entry *entry;
		g_autofree char *text = NULL;

		if (at >= journal->entries->len)
			break;
		entry = &g_array_index(journal->entries, struct entry, at);
		text = row_text(app, entry);
		draw_row(app->draw, &pane->area, i, text,
			 at == journal->cursor ? STYLE_INDICATOR
					       : style_of(entry->action));
	}
	if (journal->entries->len == 0)
		draw_row(app->draw, &pane->area, 0,
			 _("Nothing was done yet."), STYLE_TILDE);
	draw_row(app->draw, &pane->area, rows, title, STYLE_STATUS);
	if (pane->area.h >= MIN_DETAILED)
		draw_details(journal, rows + 1);
}

static void resize(struct pane *pane)
{
	settle((struct journal_pane *)pane);
}

/* ---- beginning and end ---- */

static void done(struct pane *pane)
{
	struct journal_pane *journal = (struct journal_pane *)pane;

	pane->app->journal = NULL;
	g_array_unref(journal->entries);
	g_hash_table_unref(journal->answers);
	g_free(journal);
}

static int count(const struct pane *pane)
{
	return (int)((const struct journal_pane *)pane)->entries->len;
}

static void to_line(struct pane *pane, int line)
{
	struct journal_pane *list = (struct journal_pane *)pane;

	move(list, line - (int64_t)list->cursor);
}

static const struct pane_ops ops = {
	.map = MAP_JOURNAL,
	.title = N_("The journal"),
	.draw = draw,
	.run = run,
	.count = count,
	.to_line = to_line,
	.resize = resize,
	.done = done,
};

static void answer_free(gpointer answer)
{
	post_free(answer);
}

void journal_open_pane(struct app *app)
{
	struct journal_pane *journal;

	if (app->journal != NULL) {
		viewer_raise(app, app->journal);
		return;
	}
	journal = g_new0(struct journal_pane, 1);
	journal->pane.ops = &ops;
	journal->pane.app = app;
	journal->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	journal->answers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
						 answer_free);
	app->journal = &journal->pane;
	viewer_show(app, app->journal);
	for (guint i = 0; i < app->accounts->len; i++)
		ask(g_ptr_array_index(app->accounts, i));
}
