/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "index.h"
#include "message.h"
#include "outbox.h"
#include "prompt.h"
#include "viewer.h"

enum {
	WHEN_CELLS = 13,
	STATE_CELLS = 11,
	WHO_CELLS = 25,
	NARROW = 60,	  /* columns below which a row says less of whom */
	WHO_NARROW = 9,
	DETAIL_ROWS = 4,  /* below the list: whom, what, why */
	MIN_DETAILED = 10, /* rows of a pane that has room for them */
};

struct entry {
	struct account *account;
	const struct outbox_item *item; /* borrowed from an answer */
};

struct outbox_pane {
	struct pane pane;
	GHashTable *answers; /* account to struct session_outbox_list */
	GArray *entries;     /* of struct entry */
	struct account *account; /* of the entry under the cursor, or NULL */
	int64_t item;
	guint cursor, top;
	GArray *requests;    /* of uint32_t: an end that failed is told of */
};

static struct outbox_pane *pane_of(const struct app *app)
{
	return (struct outbox_pane *)app->outbox;
}

/* ---- words ---- */

static const char *state_text(const struct outbox_item *item)
{
	switch (item->state) {
	case OUTBOX_WAITING: return item->tries > 0 && item->delay > 0 ? _("again")
							     : _("waits");
	case OUTBOX_SENDING: return _("sending");
	case OUTBOX_DELIVERING: return _("sending");
	case OUTBOX_UNCERTAIN: return _("uncertain");
	case OUTBOX_REFUSED: return _("not sent");
	case OUTBOX_SENT:
		return item->postponed ? _("to store") : _("sent");
	case OUTBOX_DONE:
		return item->postponed ? _("stored") : _("sent");
	case OUTBOX_HELD: return _("edited");
	}
	return "";
}

/* The time of today, day and time of others. */
static void append_when(GString *out, int64_t when)
{
	time_t then = (time_t)when, now = time(NULL);
	struct tm parts, today;
	char text[32] = "";
	bool same;

	if (localtime_r(&then, &parts) == NULL ||
	    localtime_r(&now, &today) == NULL)
		return;
	same = parts.tm_yday == today.tm_yday && parts.tm_year == today.tm_year;
	strftime(text, sizeof text, same ? "%H:%M" : "%b %d %H:%M", &parts);
	draw_append(out, text);
}

/* What a row begins with: when it goes, or when it was put there. */
static int64_t when_of(const struct outbox_item *item)
{
	return item->state == OUTBOX_WAITING || item->state >= OUTBOX_SENT
		       ? item->not_before
		       : item->made;
}

static void pad(GString *out, int cells)
{
	while (text_width(out->str, -1) < cells)
		g_string_append_c(out, ' ');
	g_string_append_c(out, ' ');
}

static void append_who(GString *out, const struct outbox_item *item, int cells)
{
	guint more = g_strv_length(item->recipients);
	g_autofree char *first = sanitise_line(
		more > 0 ? item->recipients[0] : _("(a draft)"), -1);
	size_t fits = text_fit(first, -1, cells - (more > 1 ? 4 : 0), NULL);

	g_string_append_len(out, first, (gssize)fits);
	if (more > 1)
		g_string_append_printf(out, " +%u", MIN(more - 1, 99));
}

static char *row_text(const struct outbox_pane *pane,
		      const struct entry *entry)
{
	const struct app *app = pane->pane.app;
	const struct outbox_item *item = entry->item;
	GString *out = g_string_new(NULL);
	bool narrow = pane->pane.area.w < NARROW;
	int who = narrow ? WHO_NARROW : WHO_CELLS;
	int cells = narrow ? 0 : WHEN_CELLS;

	if (!narrow) {
		append_when(out, when_of(item));
		pad(out, cells);
	}
	g_string_append(out, state_text(item));
	pad(out, cells += STATE_CELLS);
	append_who(out, item, who);
	pad(out, cells += who + 1);
	if (app->accounts->len > 1)
		g_string_append_printf(out, "%s: ", entry->account->name);
	draw_append(out, item->subject);
	return g_string_free(out, FALSE);
}

/* What the state means, and what there is to be done. Owned. */
static char *meaning_text(const struct outbox_item *item)
{
	g_autofree char *reason = sanitise_line(item->reason, -1);

	if (item->postponed)
		return g_strdup(item->state == OUTBOX_DONE
					? _("a postponed message; it is stored")
					: _("a postponed message that is not "
					    "stored yet"));
	switch (item->state) {
	case OUTBOX_WAITING:
		return *reason != '\0'
			       ? g_strdup_printf(_("tried again: %s"), reason)
			       : g_strdup(_("waits for its time"));
	case OUTBOX_UNCERTAIN:
		return g_strdup_printf(
			_("the server may have it: %s. Look whether it arrived, "
			  "then take it for sent, or send it once more"),
			reason);
	case OUTBOX_REFUSED:
	case OUTBOX_HELD:
		return g_strdup_printf("%s", reason);
	case OUTBOX_SENT:
		return g_strdup(item->todo & OUTBOX_FCC
					? _("accepted; its copy is not stored "
					    "yet")
					: _("accepted"));
	case OUTBOX_DONE:
		return g_strdup(_("accepted"));
	default:
		return g_strdup("");
	}
}

/* ---- the list ---- */

static int list_rows(const struct outbox_pane *pane)
{
	int h = pane->pane.area.h;

	return MAX(h - 1 - (h >= MIN_DETAILED ? DETAIL_ROWS : 0), 1);
}

static const struct entry *current(const struct outbox_pane *pane)
{
	return pane->cursor < pane->entries->len
		       ? &g_array_index(pane->entries, struct entry,
					pane->cursor)
		       : NULL;
}

static void settle(struct outbox_pane *pane)
{
	guint rows = (guint)list_rows(pane), n = pane->entries->len;
	const struct entry *entry;

	pane->cursor = MIN(pane->cursor, n > 0 ? n - 1 : 0);
	pane->top = MIN(pane->top, pane->cursor);
	if (pane->cursor >= pane->top + rows)
		pane->top = pane->cursor - rows + 1;
	/* A pane without its size has one row: the others come later. */
	pane->top = MIN(pane->top, n > rows ? n - rows : 0);
	entry = current(pane);
	pane->account = entry != NULL ? entry->account : NULL;
	pane->item = entry != NULL ? entry->item->id : 0;
	app_dirty(pane->pane.app);
}

static void add_account(struct outbox_pane *pane, struct account *account)
{
	const struct session_outbox_list *list =
		g_hash_table_lookup(pane->answers, account->name);

	for (guint i = 0; list != NULL && i < list->items->len; i++) {
		struct entry entry = { account,
				       g_ptr_array_index(list->items, i) };

		if (account == pane->account && entry.item->id == pane->item)
			pane->cursor = pane->entries->len;
		g_array_append_val(pane->entries, entry);
	}
}

/* The cursor stays on the message that it was on. */
static void rebuild(struct outbox_pane *pane)
{
	const GPtrArray *accounts = pane->pane.app->accounts;

	g_array_set_size(pane->entries, 0);
	for (guint i = 0; i < accounts->len; i++)
		add_account(pane, g_ptr_array_index(accounts, i));
	settle(pane);
}

void outbox_take(struct app *app, struct session_outbox_list *list)
{
	struct outbox_pane *pane = pane_of(app);

	if (pane == NULL) {
		post_free(&list->post);
		return;
	}
	/* The entries borrow from the one that goes. */
	g_array_set_size(pane->entries, 0);
	g_hash_table_replace(pane->answers, list->account, list);
	rebuild(pane);
}

void outbox_changed_in(struct app *app, const struct session_outbox *post)
{
	struct account *account = account_find(app, post->account);

	if (account == NULL)
		return;
	account->outbox.waiting = post->waiting;
	account->outbox.attention = post->attention;
	account->outbox.soon = post->soon;
	account->outbox.delivering = post->delivering;
	if (app->outbox != NULL)
		session_ask_outbox(account->session);
	app_dirty(app);
}

unsigned outbox_soon(const struct app *app)
{
	unsigned n = 0;

	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *account =
			g_ptr_array_index(app->accounts, i);

		n += account->outbox.soon;
	}
	return n;
}

void outbox_send_all(struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (account->session != NULL && account->outbox.soon > 0)
			session_outgoing(account->session, SESSION_SEND_ALL, 0,
					 0);
	}
}

/* ---- deciding ---- */

static void decide_at(struct outbox_pane *pane, enum session_outgoing what,
		      int64_t when)
{
	uint32_t request;

	if (pane->account == NULL)
		return;
	request = session_outgoing(pane->account->session, what, pane->item,
				   when);
	g_array_append_val(pane->requests, request);
}

static void decide(struct outbox_pane *pane, enum session_outgoing what)
{
	decide_at(pane, what, 0);
}

bool outbox_done(struct app *app, const struct session_done *done)
{
	struct outbox_pane *pane = pane_of(app);

	for (guint i = 0; pane != NULL && i < pane->requests->len; i++) {
		if (g_array_index(pane->requests, uint32_t, i) !=
		    done->request)
			continue;
		g_array_remove_index(pane->requests, i);
		if (done->result == SESSION_FAILED)
			message_error(app, done->text);
		return true;
	}
	return false;
}

static void drop_answered(struct app *app, const char *answer, void *user)
{
	struct outbox_pane *pane = pane_of(app);

	(void)user;
	if (pane != NULL && g_strcmp0(answer, "yes") == 0)
		decide(pane, SESSION_DROP);
}

static void again_answered(struct app *app, const char *answer, void *user)
{
	struct outbox_pane *pane = pane_of(app);

	(void)user;
	if (pane != NULL && g_strcmp0(answer, "yes") == 0)
		decide(pane, SESSION_RETRY);
}

static bool send_at(struct app *app, const char *answer, int64_t *when)
{
	if (config_when(answer, g_get_real_time() / G_USEC_PER_SEC, when))
		return true;
	message_error(app, _("That is no time to come: 18:30, +2h, tomorrow "
			     "8:00, 2026-12-24"));
	return false;
}

static void later_answered(struct app *app, const char *answer, void *user)
{
	struct outbox_pane *pane = pane_of(app);
	int64_t when;

	(void)user;
	if (pane != NULL && answer != NULL && *answer != '\0' &&
	    send_at(app, answer, &when))
		decide_at(pane, SESSION_RETRY, when);
}

static void ask_later(struct app *app)
{
	const struct prompt_line line = {
		.label = _("Send at (18:30, +2h, tomorrow 8:00, 2026-12-24): "),
		.history = HISTORY_NONE,
		.done = later_answered,
	};

	prompt_ask(app, &line);
}

/* What may be there already goes out twice only when the user says so. */
static void send_now(struct outbox_pane *pane, const struct outbox_item *item)
{
	if (item->state == OUTBOX_UNCERTAIN)
		prompt_yes_no(pane->pane.app,
			      _("It may have been sent already. Send it once "
				"more?"),
			      false, again_answered, NULL);
	else
		decide(pane, SESSION_RETRY);
}

static void drop(struct outbox_pane *pane, const struct outbox_item *item)
{
	if (item->state == OUTBOX_DONE)
		decide(pane, SESSION_DROP);
	else
		prompt_yes_no(pane->pane.app,
			      item->state == OUTBOX_SENT && !item->postponed
				      ? _("Its copy is not stored yet. Give "
					  "that up?")
				      : _("Give this message up? Its text is "
					  "gone then."),
			      false, drop_answered, NULL);
}

static void edit(struct outbox_pane *pane)
{
	if (pane->pane.app->compose != NULL)
		message_error(pane->pane.app,
			      _("Another message is being written."));
	else
		decide(pane, SESSION_TAKE_BACK);
}

static bool act(struct outbox_pane *pane, enum function_op op)
{
	const struct entry *entry = current(pane);

	if (entry == NULL)
		return op >= OP_OUTBOX && op <= OP_OUTBOX_LATER;
	switch (op) {
	case OP_OUTBOX_SEND:
		send_now(pane, entry->item);
		return true;
	case OP_OUTBOX_SEND_PARTLY:
		decide(pane, SESSION_RETRY_PARTLY);
		return true;
	case OP_OUTBOX_EDIT:
		edit(pane);
		return true;
	case OP_OUTBOX_DROP:
		drop(pane, entry->item);
		return true;
	case OP_OUTBOX_STOP:
		decide(pane, SESSION_STOP_SENDING);
		return true;
	case OP_OUTBOX_SENT:
		decide(pane, SESSION_IS_SENT);
		return true;
	case OP_OUTBOX_LATER:
		ask_later(pane->pane.app);
		return true;
	default:
		return false;
	}
}

/* The newest that waits, where the pane is not there to say which. */
bool outbox_send_later(void *user, int64_t when, GError **error)
{
	struct app *app = user;
	struct outbox_pane *pane = pane_of(app);
	struct account *account = index_account(app);

	if (pane != NULL && current(pane) != NULL) {
		decide_at(pane, SESSION_RETRY, when);
		return true;
	}
	if (account != NULL && account->session != NULL &&
	    account->outbox.soon > 0) {
		session_outgoing(account->session, SESSION_RETRY,
				 SESSION_NEWEST, when);
		message_format(app, _("The newest message of the outbox goes "
				      "out later (:outbox)."));
		return true;
	}
	g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("no message waits in the outbox"));
	return false;
}

/* ---- keys ---- */

static void move(struct outbox_pane *pane, int64_t by)
{
	int64_t last = (int64_t)pane->entries->len - 1;
	int64_t to = (int64_t)pane->cursor + by;

	pane->cursor = (guint)MAX(MIN(to, last), 0);
	settle(pane);
}

static bool move_run(struct outbox_pane *pane, enum function_op op)
{
	int page = list_rows(pane);

	switch (op) {
	case OP_NEXT_ENTRY:
	case OP_NEXT_LINE:
	case OP_NEXT_UNDELETED:
		move(pane, 1);
		return true;
	case OP_PREVIOUS_ENTRY:
	case OP_PREVIOUS_LINE:
	case OP_PREVIOUS_UNDELETED:
		move(pane, -1);
		return true;
	case OP_NEXT_PAGE:
		move(pane, page);
		return true;
	case OP_PREVIOUS_PAGE:
		move(pane, -page);
		return true;
	case OP_FIRST_ENTRY:
		move(pane, -G_MAXINT);
		return true;
	case OP_LAST_ENTRY:
		move(pane, G_MAXINT);
		return true;
	default:
		return false;
	}
}

static bool run(struct pane *base, enum function_op op, int key)
{
	struct outbox_pane *pane = (struct outbox_pane *)base;

	(void)key;
	if (op == OP_EXIT || op == OP_QUIT) {
		viewer_close(base->app);
		return true;
	}
	return act(pane, op) || move_run(pane, op);
}

/* ---- drawing ---- */

static char *title_text(const struct outbox_pane *pane)
{
	unsigned n_waiting = 0, attention = 0;

	for (guint i = 0; i < pane->pane.app->accounts->len; i++) {
		const struct account *account =
			g_ptr_array_index(pane->pane.app->accounts, i);

		n_waiting += account->outbox.waiting;
		attention += account->outbox.attention;
	}
	return g_strdup_printf(_("Outbox: %u on the way, %u for you to decide"),
			       n_waiting, attention);
}

static enum style style_of(const struct outbox_item *item)
{
	if (item->state == OUTBOX_REFUSED || item->state == OUTBOX_UNCERTAIN)
		return STYLE_ERROR;
	return item->state == OUTBOX_DONE ? STYLE_TILDE : STYLE_NORMAL;
}

/* A text over several rows; returns the row behind it. */
static int draw_wrapped(struct outbox_pane *pane, int row, int rows,
			const char *text, enum style style)
{
	const struct rect *area = &pane->pane.area;
	size_t at = 0, more;

	for (; rows > 0 && text[at] != '\0'; rows--, row++) {
		size_t length = text_wrap(text + at, strlen(text + at),
					  area->w, true, &more);

		draw_styled(pane->pane.app->draw, area->y + row, area->x,
			    area->w, text + at, (gssize)length, style);
		at += more;
	}
	return row;
}

static void draw_details(struct outbox_pane *pane, int row)
{
	const struct entry *entry = current(pane);
	g_autofree char *all = NULL, *clean = NULL, *to = NULL;
	g_autofree char *meaning = NULL;

	if (entry == NULL)
		return;
	all = g_strjoinv(", ", entry->item->recipients);
	clean = sanitise_line(all, -1);
	to = g_strdup_printf(_("To: %s"), clean);
	meaning = meaning_text(entry->item);
	if (*clean != '\0')
		row = draw_wrapped(pane, row, 1, to, STYLE_NORMAL);
	draw_wrapped(pane, row, DETAIL_ROWS - 1, meaning,
		     style_of(entry->item) == STYLE_ERROR ? STYLE_ERROR
							  : STYLE_NORMAL);
}

static void draw(struct pane *base)
{
	struct outbox_pane *pane = (struct outbox_pane *)base;
	struct app *app = base->app;
	g_autofree char *title = title_text(pane);
	int rows = list_rows(pane);

	draw_fill(app->draw, &base->area, STYLE_NORMAL);
	for (int i = 0; i < rows; i++) {
		guint at = pane->top + (guint)i;
		const struct entry *entry;
		g_autofree char *text = NULL;

		if (at >= pane->entries->len)
			break;
		entry = &g_array_index(pane->entries, struct entry, at);
		text = row_text(pane, entry);
		draw_row(app->draw, &base->area, i, text,
			 at == pane->cursor ? STYLE_INDICATOR
					    : style_of(entry->item));
	}
	if (pane->entries->len == 0)
		draw_row(app->draw, &base->area, 0,
			 _("Nothing is on its way out."), STYLE_TILDE);
	draw_row(app->draw, &base->area, rows, title, STYLE_STATUS);
	if (base->area.h >= MIN_DETAILED)
		draw_details(pane, rows + 1);
}

/* ---- life ---- */

static void resize(struct pane *base)
{
	settle((struct outbox_pane *)base);
}

static void done(struct pane *base)
{
	struct outbox_pane *pane = (struct outbox_pane *)base;

	base->app->outbox = NULL;
	g_hash_table_unref(pane->answers);
	g_array_unref(pane->entries);
	g_array_unref(pane->requests);
	g_free(pane);
}

static int count(const struct pane *pane)
{
	return (int)((const struct outbox_pane *)pane)->entries->len;
}

static void to_line(struct pane *pane, int line)
{
	struct outbox_pane *list = (struct outbox_pane *)pane;

	move(list, line - (int64_t)list->cursor);
}

static const struct pane_ops ops = {
	.map = MAP_OUTBOX,
	.title = N_("The outbox"),
	.draw = draw,
	.run = run,
	.count = count,
	.to_line = to_line,
	.resize = resize,
	.done = done,
};

void outbox_close_pane(struct app *app)
{
	if (app->outbox == NULL)
		return;
	viewer_raise(app, app->outbox);
	viewer_close(app);
}

static void answer_free(gpointer list)
{
	post_free(list);
}

void outbox_open_pane(struct app *app)
{
	struct outbox_pane *pane;

	if (app->outbox != NULL) {
		viewer_raise(app, app->outbox);
		return;
	}
	pane = g_new0(struct outbox_pane, 1);
	pane->pane.ops = &ops;
	pane->pane.app = app;
	pane->answers =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
				      answer_free);
	pane->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	pane->requests = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	app->outbox = &pane->pane;
	viewer_show(app, app->outbox);
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (account->session != NULL)
			session_ask_outbox(account->session);
	}
}
