/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "compose.h"
#include "find.h"
#include "formats.h"
#include "message.h"
#include "recall.h"
#include "viewer.h"

enum { MOST = 1000 }; /* messages of the menu, the newest */

struct recall {
	struct pane pane;
	struct account *account;   /* borrowed */
	char *mailbox, *display;   /* wire name, NULL: not known yet; owned */
	struct view_listed *listed; /* owned, or NULL */
	GPtrArray *rows;	   /* of struct view_row: those shown, borrowed
				      from it */
	struct text *text;	   /* what is searched in, a line a row; owned */
	GHashTable *marked;	   /* of int64_t: deleted in this menu; owned */
	uint32_t list, look;	   /* requests under way, 0: none */
	char *why;		   /* it could not be looked into, or NULL */
	bool touched;		   /* by the user: it stays */
	bool decided;		   /* one alone was or was not taken up */
	int cursor, top;
	int64_t id;		   /* of the message under the cursor, or 0 */
};

static struct recall *recall_of(const struct app *app)
{
	return (struct recall *)app->recall;
}

/* ---- the list ---- */

static int list_rows(const struct recall *recall)
{
	return MAX(recall->pane.area.h - 1, 1);
}

static struct view_row *row_at(const struct recall *recall, int i)
{
	return i >= 0 && i < (int)recall->rows->len
		       ? g_ptr_array_index(recall->rows, i)
		       : NULL;
}

static void settle(struct recall *recall)
{
	int n = (int)recall->rows->len;
	const struct view_row *row;

	recall->cursor = CLAMP(recall->cursor, 0, MAX(n - 1, 0));
	recall->top = CLAMP(recall->top,
			    recall->cursor - list_rows(recall) + 1,
			    recall->cursor);
	recall->top = MAX(recall->top, 0);
	row = row_at(recall, recall->cursor);
	recall->id = row != NULL ? row->id : 0;
	app_dirty(recall->pane.app);
}

static bool is_deleted(const struct view_row *row)
{
	return (row->flags & STORE_DELETED) != 0;
}

static void add_row(struct recall *recall, struct view_row *row)
{
	g_autofree char *line = NULL;

	/* What was deleted before is not offered. */
	if (is_deleted(row) &&
	    !g_hash_table_contains(recall->marked, &row->id))
		return;
	if (row->id == recall->id)
		recall->cursor = (int)recall->rows->len;
	g_ptr_array_add(recall->rows, row);
	line = g_strdup_printf("%s %s %s", row->to_name, row->to,
			       row->subject);
	text_append(recall->text, TEXT_PLAIN, line);
}

/* The cursor stays on its message, or on the place where that was. */
static void rebuild(struct recall *recall)
{
	GArray *rows = recall->listed->rows;

	g_ptr_array_set_size(recall->rows, 0);
	text_free(recall->text);
	recall->text = text_new();
	for (guint i = 0; i < rows->len; i++)
		add_row(recall, &g_array_index(rows, struct view_row, i));
	settle(recall);
}

static void ask(struct recall *recall)
{
	recall->list =
		view_list(recall->account->view, recall->mailbox, MOST);
}

static void close_menu(struct recall *recall)
{
	struct app *app = recall->pane.app;

	viewer_raise(app, &recall->pane);
	viewer_close(app);
}

/* ---- taking one up ---- */

static void take_up(struct recall *recall, const struct view_row *row)
{
	struct app *app = recall->pane.app;
	struct account *account = recall->account;
	struct view_listed *listed;

	if (app->compose != NULL) {
		message_show(app, _("Another message is being written."));
		return;
	}
	listed = g_steal_pointer(&recall->listed);
	close_menu(recall);
	compose_recall(app, account, listed->mailbox, listed->uidvalidity,
		       row);
	post_free(&listed->post);
}

static void tell_none(struct recall *recall)
{
	struct app *app = recall->pane.app;
	bool waits = recall->account->outbox.waiting > 0;
	g_autofree char *why = g_steal_pointer(&recall->why);

	close_menu(recall);
	if (waits)
		message_show(app, _("No postponed message is stored; what is "
				    "on its way is in :outbox."));
	else if (why != NULL)
		message_error(app, why);
	else
		message_show(app, _("There are no postponed messages."));
}

/* Once all is known; a user who is at work in the menu, or elsewhere, is not
 * interrupted. */
static void decide(struct recall *recall)
{
	struct app *app = recall->pane.app;

	if (recall->decided || recall->touched || recall->list != 0 ||
	    recall->look != 0)
		return;
	recall->decided = true;
	if (app->prompt != NULL || app_target(app) != &recall->pane)
		return;
	if (recall->rows->len == 0)
		tell_none(recall);
	else if (recall->rows->len == 1)
		take_up(recall, row_at(recall, 0));
}

void recall_take(struct app *app, struct view_listed *listed)
{
	struct recall *recall = recall_of(app);

	if (recall == NULL || listed->request != recall->list ||
	    strcmp(listed->account, recall->account->name) != 0) {
		post_free(&listed->post);
		return;
	}
	recall->list = 0;
	if (recall->listed != NULL)
		post_free(&recall->listed->post);
	recall->listed = listed;
	rebuild(recall);
	decide(recall);
}

bool recall_done(struct app *app, const struct session_done *done)
{
	struct recall *recall = recall_of(app);

	if (recall == NULL || recall->look == 0 ||
	    done->request != recall->look ||
	    strcmp(done->account, recall->account->name) != 0)
		return false;
	recall->look = 0;
	if (done->result != SESSION_OK)
		recall->why = g_strdup(done->text != NULL
					       ? done->text
					       : _("The postponed messages "
						   "could not be looked for."));
	/* That it is offline stands on the screen anyway. */
	if (recall->why != NULL && recall->account->phase == SESSION_ONLINE)
		message_error(app, recall->why);
	ask(recall);
	return true;
}

void recall_changed(struct app *app, const struct account *account,
		    const char *mailbox)
{
	struct recall *recall = recall_of(app);

	if (recall != NULL && account == recall->account &&
	    recall->mailbox != NULL &&
	    g_strcmp0(mailbox, recall->mailbox) == 0)
		ask(recall);
}

/* ---- deleting ---- */

static void act(struct recall *recall, const struct view_row *row,
		const struct deed *deed)
{
	g_autofree char *what = selection_words(deed, 1);
	const struct session_act act = {
		.verb = deed->verb,
		.mailbox = recall->mailbox,
		.ids = &row->id,
		.n = 1,
		.add = deed->add,
		.del = deed->del,
		.labels = deed->labels,
		.target = deed->target,
		.what = what,
	};
	int64_t *id = g_new(int64_t, 1);

	*id = row->id;
	g_hash_table_add(recall->marked, id);
	session_act(recall->account->session, &act);
	recall->pane.app->sent.behind++;
}

static void delete_or_not(struct recall *recall, bool yes)
{
	struct app *app = recall->pane.app;
	const struct view_row *row = row_at(recall, recall->cursor);
	struct deed deed = { .words = DEED_UNDELETED, .del = STORE_DELETED };

	if (row == NULL)
		return;
	if (app->options->read_only || recall->account->session == NULL) {
		message_error(app, _("Mailbox is read-only."));
		return;
	}
	if (yes)
		deed = actions_delete_deed(app, recall->account,
					   recall->mailbox);
	if (is_deleted(row) != yes)
		act(recall, row, &deed);
	if (deed.verb == SESSION_FLAG &&
	    config_bool(app->config, NULL, "resolve"))
		recall->cursor++;
	settle(recall);
}

/* ---- keys ---- */

static bool move(struct recall *recall, enum function_op op)
{
	int page = list_rows(recall);
	int by = op == OP_NEXT_ENTRY || op == OP_NEXT_LINE ||
				 op == OP_NEXT_UNDELETED
			 ? 1
		 : op == OP_PREVIOUS_ENTRY || op == OP_PREVIOUS_LINE ||
				 op == OP_PREVIOUS_UNDELETED
			 ? -1
		 : op == OP_NEXT_PAGE	  ? page
		 : op == OP_PREVIOUS_PAGE ? -page
		 : op == OP_HALF_DOWN	  ? MAX(page / 2, 1)
		 : op == OP_HALF_UP	  ? -MAX(page / 2, 1)
		 : op == OP_FIRST_ENTRY	  ? -MOST
		 : op == OP_LAST_ENTRY	  ? MOST
					  : 0;

	recall->cursor += by;
	settle(recall);
	return by != 0;
}

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct recall *recall = (struct recall *)pane;
	const struct view_row *row = row_at(recall, recall->cursor);

	(void)key;
	recall->touched = true;
	switch (op) {
	case OP_EXIT:
	case OP_QUIT:
		viewer_close(pane->app);
		return true;
	case OP_SELECT_ENTRY:
		if (row != NULL)
			take_up(recall, row);
		return true;
	case OP_DELETE_ENTRY:
	case OP_UNDELETE_ENTRY:
		delete_or_not(recall, op == OP_DELETE_ENTRY);
		return true;
	default:
		return find_run(pane, op) || move(recall, op);
	}
}

/* ---- what searches look at ---- */

static const struct text *text_shown(struct pane *pane, struct text_place *top)
{
	const struct recall *recall = (const struct recall *)pane;

	*top = (struct text_place){ .line = (size_t)recall->cursor };
	return recall->text;
}

static void go(struct pane *pane, struct text_place place)
{
	struct recall *recall = (struct recall *)pane;

	recall->cursor = (int)MIN(place.line, (size_t)MOST);
	settle(recall);
}

static int count(const struct pane *pane)
{
	return (int)((const struct recall *)pane)->rows->len;
}

static void to_line(struct pane *pane, int line)
{
	struct recall *recall = (struct recall *)pane;

	recall->cursor = line;
	settle(recall);
	app_dirty(pane->app);
}

/* ---- drawing ---- */

static void draw_rows(struct recall *recall, int rows)
{
	struct app *app = recall->pane.app;
	const struct rect *area = &recall->pane.area;

	for (int i = 0; i < rows; i++) {
		int at = recall->top + i;
		const struct view_row *row = row_at(recall, at);
		g_autofree char *line = NULL;

		if (row == NULL)
			break;
		line = format_index(app, row, at + 1, area->w);
		draw_row(app->draw, area, i, line,
			 at == recall->cursor ? STYLE_INDICATOR
					      : STYLE_NORMAL);
		if (at == recall->cursor)
			draw_cursor(app->draw, area->y + i, area->x, false);
	}
}

static char *title_text(const struct recall *recall)
{
	g_autofree char *name =
		sanitise_line(recall->display != NULL ? recall->display : "",
			      -1);
	guint n = recall->rows->len;

	if (recall->mailbox == NULL)
		return g_strdup(_("Looking for postponed messages"));
	if (recall->look != 0)
		return g_strdup_printf(_("Postponed messages (%s): %u so far, "
					 "looking for them"),
				       name, n);
	return g_strdup_printf(_("Postponed messages (%s): %u"), name, n);
}

static void draw(struct pane *pane)
{
	struct recall *recall = (struct recall *)pane;
	struct app *app = pane->app;
	g_autofree char *title = title_text(recall);
	int rows = list_rows(recall);

	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	draw_rows(recall, rows);
	if (recall->rows->len == 0 && recall->list == 0 && recall->look == 0 &&
	    recall->mailbox != NULL)
		draw_row(app->draw, &pane->area, 0,
			 _("There are no postponed messages."), STYLE_TILDE);
	draw_row(app->draw, &pane->area, rows, title, STYLE_STATUS);
}

static void resize(struct pane *pane)
{
	settle((struct recall *)pane);
}

/* ---- beginning and end ---- */

static void done(struct pane *pane)
{
	struct recall *recall = (struct recall *)pane;

	pane->app->recall = NULL;
	if (recall->look != 0)
		session_cancel(recall->account->session, recall->look);
	if (recall->listed != NULL)
		post_free(&recall->listed->post);
	g_ptr_array_unref(recall->rows);
	g_hash_table_unref(recall->marked);
	text_free(recall->text);
	g_free(recall->mailbox);
	g_free(recall->display);
	g_free(recall->why);
	g_free(recall);
}

static const struct pane_ops ops = {
	.map = MAP_POSTPONE,
	.title = N_("Postponed messages"),
	.list = true,
	.draw = draw,
	.run = run,
	.count = count,
	.to_line = to_line,
	.resize = resize,
	.done = done,
	.text = text_shown,
	.go = go,
};

static void look(struct recall *recall, const struct store_mailbox *mailbox)
{
	struct session *session = recall->account->session;

	recall->mailbox = g_strdup(mailbox->name);
	recall->display = g_strdup(mailbox->display);
	if (session != NULL)
		recall->look = session_look(session, mailbox->name);
	ask(recall);
}

/* The open mailbox alone is known before the server has listed any. */
static bool has_folders(const struct account *account)
{
	const struct store_mailbox *first;

	if (account->folders == NULL || account->folders->len == 0)
		return false;
	first = g_ptr_array_index(account->folders, 0);
	return account->folders->len > 1 || first->delimiter != '\0';
}

/* A reason is there when it was tried to be online. */
static bool is_offline(const struct account *account)
{
	return account->session == NULL ||
	       (account->phase == SESSION_OFFLINE && account->reason != NULL);
}

/* Looks as soon as the name of the mailbox is known, or will not be soon. */
static void begin(struct recall *recall)
{
	struct app *app = recall->pane.app;
	struct account *account = recall->account;
	const struct store_mailbox *mailbox = compose_postponed(app, account);

	if (mailbox != NULL) {
		look(recall, mailbox);
	} else if (has_folders(account)) {
		recall->why = g_strdup(_("There is no mailbox of postponed "
					 "messages."));
		tell_none(recall);
	} else if (is_offline(account)) {
		recall->why = g_strdup(_("The mailbox of postponed messages "
					 "is not known yet."));
		tell_none(recall);
	}
}

void recall_known(struct app *app, const struct account *account)
{
	struct recall *recall = recall_of(app);

	if (recall != NULL && recall->account == account &&
	    recall->mailbox == NULL)
		begin(recall);
}

void recall_open(struct app *app)
{
	struct account *account = compose_account(app);
	struct recall *recall;

	if (account == NULL)
		return;
	if (app->recall != NULL) {
		viewer_raise(app, app->recall);
		return;
	}
	recall = g_new0(struct recall, 1);
	recall->pane.ops = &ops;
	recall->pane.app = app;
	recall->account = account;
	recall->rows = g_ptr_array_new();
	recall->text = text_new();
	recall->marked = g_hash_table_new_full(g_int64_hash, g_int64_equal,
					       g_free, NULL);
	app->recall = &recall->pane;
	viewer_show(app, app->recall);
	begin(recall);
}
