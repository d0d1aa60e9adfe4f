/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "actions.h"
#include "selection.h"
#include "index-private.h"
#include "keys.h"
#include "limit.h"
#include "message.h"
#include "pager.h"
#include "rights.h"

/*
 * What was asked for and cannot be in an answer that was read before: flags
 * the session has been asked for and not yet put into the cache, tags the view
 * has not said it knows.
 */
struct wish {
	uint32_t request;
	bool of_view;	   /* whose request: the view's, else the session's */
	GArray *ids;	   /* of int64_t, sorted; owned */
	uint32_t add, del; /* flags */
	char *labels;	   /* changes, or NULL; owned */
	enum view_mark mark; /* a tag; or away */
};

/* A deed that waits for the view to say which messages are meant. */
struct waiting {
	uint32_t request;
	enum selection_kind kind;
	struct deed deed;	 /* its strings are owned */
};

/* A step of undo: where to go when it is taken back. */
struct past {
	char *message_id; /* of what went away; owned, NULL: nothing did */
};

static void past_clear(gpointer data)
{
	g_free(((struct past *)data)->message_id);
}

static void wish_clear(gpointer data)
{
	g_array_unref(((struct wish *)data)->ids);
	g_free(((struct wish *)data)->labels);
}

static void waiting_clear(gpointer data)
{
	struct waiting *waiting = data;

	g_free((char *)(uintptr_t)waiting->deed.labels);
	g_free((char *)(uintptr_t)waiting->deed.target);
	g_free((char *)(uintptr_t)waiting->deed.display);
}

void selection_init(struct index *index)
{
	index->wishes = g_array_new(FALSE, TRUE, sizeof(struct wish));
	g_array_set_clear_func(index->wishes, wish_clear);
	index->waiting = g_array_new(FALSE, TRUE, sizeof(struct waiting));
	g_array_set_clear_func(index->waiting, waiting_clear);
	index->past = g_array_new(FALSE, TRUE, sizeof(struct past));
	g_array_set_clear_func(index->past, past_clear);
}

void selection_clear(struct index *index)
{
	g_array_unref(index->wishes);
	g_array_unref(index->waiting);
	g_array_unref(index->past);
	g_free(index->returning);
}

void selection_forget(struct index *index)
{
	const struct view_pick all = { .which = VIEW_PICK_ALL,
				       .mark = VIEW_MARK_UNTAG };

	/* The same mailbox opened again has no tags. */
	if (index->tagged > 0 && index->account != NULL)
		view_pick(index->account->view, index->mailbox, &index->order,
			  &all);
	g_array_set_size(index->wishes, 0);
	g_array_set_size(index->waiting, 0);
	g_array_set_size(index->past, 0);
	index->done = 0;
	g_clear_pointer(&index->returning, g_free);
	index->replaced = 0;
	index->tagged = 0;
	index->unsettled = false;
}

/* The messages leave the mailbox. */
static bool is_away(const struct deed *deed)
{
	return deed->verb == SESSION_MOVE || deed->verb == SESSION_EXPUNGE;
}

/* ---- wishes ---- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool is_about(const struct wish *wish, int64_t id)
{
	return wish->ids->len > 0 &&
	       bsearch(&id, wish->ids->data, wish->ids->len, sizeof(id),
		       by_number) != NULL;
}

static uint32_t changed(uint32_t flags, uint32_t add, uint32_t del)
{
	/* What is called unread again is new again, as in mutt. */
	if (del & STORE_SEEN)
		del |= STORE_OLD;
	return (flags & ~del) | add;
}

static void label_row(struct view_row *row, const char *labels)
{
	char *keywords = *labels == '=' ? g_strdup(labels + 1)
					: label_apply(row->keywords, labels);

	g_free(row->keywords);
	row->keywords = keywords;
}

static void put_over(const struct wish *wish, struct view_row *row)
{
	if (!is_about(wish, row->id))
		return;
	row->flags = changed(row->flags, wish->add, wish->del);
	if (wish->labels != NULL)
		label_row(row, wish->labels);
	if (wish->mark == VIEW_MARK_TAG || wish->mark == VIEW_MARK_UNTAG)
		row->tagged = wish->mark == VIEW_MARK_TAG;
}

void selection_overlay(const struct index *index, struct view_window *window)
{
	for (guint i = 0; i < index->wishes->len; i++)
		for (size_t k = 0; k < window->n; k++)
			put_over(&g_array_index(index->wishes, struct wish, i),
				 &window->rows[k]);
}

static bool is_gone(const struct view_row *row, const void *wish)
{
	return is_about(wish, row->id);
}

/* What moves away leaves the list at once: the view learns of it before it is
 * asked for what stands in its place. */
static void take_away(struct index *index, const struct wish *wish)
{
	const struct view_pick pick = {
		.which = VIEW_PICK_IDS,
		.mark = VIEW_MARK_AWAY,
		.ids = (const int64_t *)(const void *)wish->ids->data,
		.n = wish->ids->len,
	};
	int64_t before = index->anchor.id;

	view_pick(index->account->view, index->mailbox, &index->order, &pick);
	anchor_drop(&index->anchor, is_gone, wish);
	if (index->anchor.id != 0 || index->anchor.total <= 0)
		index_ask_here(index);
	else
		index_jump(index, VIEW_AT_ID, before, 0, false);
}

/* Keeps a wish, whose ids are sorted here, and shows it. */
static void make_wish(struct index *index, struct wish wish)
{
	g_array_sort(wish.ids, by_number);
	g_array_append_val(index->wishes, wish);
	for (size_t i = 0; i < index->anchor.n; i++)
		put_over(&wish, &index->anchor.rows[i]);
	if (wish.mark == VIEW_MARK_AWAY)
		take_away(index, &wish);
	app_dirty(index->pane.app);
}

/* The session has committed what it was asked for, or could not. */
static void end_away(struct index *index, const struct wish *wish)
{
	const struct view_pick pick = {
		.which = VIEW_PICK_IDS,
		.mark = VIEW_MARK_BACK,
		.ids = (const int64_t *)(const void *)wish->ids->data,
		.n = wish->ids->len,
	};

	if (wish->mark == VIEW_MARK_AWAY)
		view_pick(index->account->view, index->mailbox, &index->order,
			  &pick);
}

/* False: there was none. */
static bool end_wishes(struct index *index, bool of_view, uint32_t request)
{
	bool any = false;

	for (guint i = index->wishes->len; i-- > 0;) {
		const struct wish *wish =
			&g_array_index(index->wishes, struct wish, i);

		if (wish->request != request || wish->of_view != of_view)
			continue;
		if (!of_view)
			end_away(index, wish);
		g_array_remove_index(index->wishes, i);
		any = true;
	}
	return any;
}

static bool any_of_session(const struct index *index)
{
	for (guint i = 0; i < index->wishes->len; i++)
		if (!g_array_index(index->wishes, struct wish, i).of_view)
			return true;
	return false;
}

bool selection_pending(const struct app *app)
{
	return any_of_session(index_of(app));
}

bool selection_pending_many(const struct app *app)
{
	const struct index *index = index_of(app);

	for (guint i = 0; i < index->wishes->len; i++) {
		const struct wish *wish =
			&g_array_index(index->wishes, struct wish, i);

		if (!wish->of_view && wish->ids->len >= MESSAGE_MANY)
			return true;
	}
	return false;
}

void selection_expect(struct app *app, uint32_t request)
{
	struct index *index = index_of(app);
	struct wish wish = {
		.request = request,
		.ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
	};

	g_array_append_val(index->wishes, wish);
	index->unsettled = true;
}

void selection_purge(struct app *app)
{
	struct anchor *anchor = &index_of(app)->anchor;

	for (size_t i = 0; i < anchor->n; i++)
		if (anchor->rows[i].flags & STORE_DELETED)
			anchor_expect(anchor, anchor->rows[i].id);
}

/* ---- undo ---- */

/* The message under the cursor is the one to come back to. */
static void remember(struct index *index, const struct deed *deed)
{
	const struct view_row *row = anchor_current(&index->anchor);
	struct past past = { 0 };

	if (deed->quiet)
		return;
	if (is_away(deed) && row != NULL && row->message_id != NULL &&
	    *row->message_id != '\0')
		past.message_id = g_strdup(row->message_id);
	g_array_set_size(index->past, index->done);
	g_array_append_val(index->past, past);
	index->done++;
}

void selection_undo(struct app *app, bool redo)
{
	struct index *index = index_of(app);

	if (index->account == NULL || index->account->session == NULL)
		return;
	if (redo && index->done < index->past->len)
		index->done++;
	else if (!redo && index->done > 0)
		index->returning = g_strdup(
			g_array_index(index->past, struct past, --index->done)
				.message_id);
	index->anchor.returns = index->anchor.refits = true;
	selection_expect(app, session_undo(index->account->session, redo));
}

static void end_return(struct index *index)
{
	g_clear_pointer(&index->returning, g_free);
	index->replaced = 0;
}

void selection_stay(struct app *app)
{
	end_return(index_of(app));
	index_of(app)->anchor.refits = false;
}

/* A message that is made anew is under the cursor again when it comes. */
static void stay_on(struct index *index, const struct deed *deed,
		    const GArray *ids)
{
	const struct view_row *row = anchor_current(&index->anchor);

	if (deed->verb != SESSION_RELINK)
		return;
	index->anchor.refits = true;
	for (guint i = 0; i < ids->len; i++) {
		if (row == NULL || row->id != g_array_index(ids, int64_t, i) ||
		    row->message_id == NULL || *row->message_id == '\0')
			continue;
		end_return(index);
		index->returning = g_strdup(row->message_id);
		index->replaced = row->id;
	}
}

void selection_return(struct index *index)
{
	struct anchor *anchor = &index->anchor;

	for (size_t i = 0; index->returning != NULL && i < anchor->n; i++) {
		if (g_strcmp0(anchor->rows[i].message_id, index->returning) ||
		    anchor->rows[i].id == index->replaced)
			continue;
		anchor_move_to(anchor, anchor->first + (int64_t)i);
		if (app_pager_shown(index->pane.app))
			pager_open(index->pane.app);
		end_return(index);
	}
}

void selection_done(struct app *app, const struct account *account,
		    const struct session_done *done)
{
	struct index *index = index_of(app);

	if (index->account != account)
		return;
	if (index->held != NULL)
		selection_overlay(index, index->held);
	if (!end_wishes(index, false, done->request))
		return;
	if (done->result == SESSION_FAILED && done->text != NULL)
		message_error(app, done->text);
	index->settle = !any_of_session(index);
	index_refresh(app, account, index->mailbox);
}

bool selection_looks(const struct app *app)
{
	return index_of(app)->waiting->len > 0;
}

bool selection_unsettled(const struct app *app)
{
	const struct index *index = index_of(app);

	return index->waiting->len > 0 || index->unsettled;
}

/* ---- words ---- */

static char *say_moved(const struct deed *deed, unsigned n)
{
	const char *format =
		deed->words == DEED_DECODED
			? ngettext("%u message saved as text in %s",
				   "%u messages saved as text in %s", n)
		: deed->words == DEED_COPIED
			? ngettext("%u message copied to %s",
				   "%u messages copied to %s", n)
			: ngettext("%u message moved to %s",
				   "%u messages moved to %s", n);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return g_strdup_printf(format, n, deed->display);
#pragma GCC diagnostic pop
}

static const char *words_of(enum deed_words words, unsigned n)
{
	switch (words) {
	case DEED_DELETED:
		return ngettext("%u message marked as deleted",
				"%u messages marked as deleted", n);
	case DEED_UNDELETED:
		return ngettext("%u message undeleted", "%u messages undeleted",
				n);
	case DEED_READ:
		return ngettext("%u message marked as read",
				"%u messages marked as read", n);
	case DEED_UNREAD:
		return ngettext("%u message marked as new",
				"%u messages marked as new", n);
	case DEED_FLAGGED:
		return ngettext("%u message flagged", "%u messages flagged", n);
	case DEED_UNFLAGGED:
		return ngettext("%u message unflagged", "%u messages unflagged",
				n);
	case DEED_PURGED:
		return ngettext("%u message deleted for good",
				"%u messages deleted for good", n);
	case DEED_LABELLED:
		return ngettext("labels of %u message changed",
				"labels of %u messages changed", n);
	case DEED_TAGGED:
		return ngettext("%u message tagged", "%u messages tagged", n);
	case DEED_UNTAGGED:
		return ngettext("%u message untagged", "%u messages untagged",
				n);
	case DEED_LINKED:
		return ngettext("%u message is linked to this thread",
				"%u messages are linked to this thread", n);
	case DEED_BROKEN:
		return ngettext("%u message begins a thread of its own",
				"%u messages begin threads of their own", n);
	default:
		return ngettext("flags of %u message changed",
				"flags of %u messages changed", n);
	}
}

char *selection_words(const struct deed *deed, unsigned n)
{
	if (deed->words == DEED_MOVED || deed->words == DEED_COPIED ||
	    deed->words == DEED_DECODED)
		return say_moved(deed, n);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return g_strdup_printf(words_of(deed->words, n), n);
#pragma GCC diagnostic pop
}

/* One message whose flags changed shows it by itself. */
static void tell(struct app *app, enum selection_kind kind,
		 const struct deed *deed, const char *what)
{
	g_autofree char *key = keys_of(app, OP_UNDO);
	g_autofree char *first = g_utf8_substring(what, 0, 1);
	g_autofree char *capital = g_utf8_strup(first, -1);
	g_autofree char *line = g_strconcat(capital, what + strlen(first),
					    NULL);

	if (kind == SELECT_CURRENT && deed->verb == SESSION_FLAG)
		return;
	if (key != NULL && deed->tag == VIEW_MARK_NONE)
		message_format(app, _("%s. Undo: %s"), line, key);
	else
		message_format(app, "%s.", line);
}

/* ---- doing ---- */

/* Messages that are meant, in two parts: a toggle does the opposite to the
 * second. */
struct meant {
	GArray *ids, *opposite; /* of int64_t */
	GArray *parts; /* of struct session_part, of the first; or NULL */
};

static uint32_t wished(const struct index *index, int64_t id, uint32_t flags)
{
	for (guint i = 0; i < index->wishes->len; i++) {
		const struct wish *wish =
			&g_array_index(index->wishes, struct wish, i);

		if (is_about(wish, id))
			flags = changed(flags, wish->add, wish->del);
	}
	return flags;
}

/* Only those for which something changes: that is what is told and undone. */
static void sort_out(const struct index *index, const struct deed *deed,
		     const int64_t *ids, const uint32_t *flags, size_t n,
		     struct meant *meant)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t now = wished(index, ids[i], flags[i]);
		bool opposite = (now & deed->has) != 0;
		uint32_t add = opposite ? deed->del : deed->add;
		uint32_t del = opposite ? deed->add : deed->del;

		if ((deed->verb == SESSION_FLAG &&
		     changed(now, add, del) == now) ||
		    ids[i] == deed->but)
			continue;
		g_array_append_val(opposite ? meant->opposite : meant->ids,
				   ids[i]);
	}
}

static bool only_copies(const struct deed *deed)
{
	return deed->verb == SESSION_COPY || deed->verb == SESSION_DECODE_COPY;
}

static void wish_for(struct index *index, uint32_t request,
		     const struct deed *deed, const GArray *ids, bool opposite)
{
	struct wish wish = {
		.request = request,
		.ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.mark = is_away(deed) ? VIEW_MARK_AWAY : VIEW_MARK_NONE,
	};

	if (deed->verb == SESSION_DECODE_SAVE)
		wish.add = STORE_DELETED;
	if (deed->verb == SESSION_FLAG) {
		wish.add = opposite ? deed->del : deed->add;
		wish.del = opposite ? deed->add : deed->del;
	}
	/* A toggle cannot be shown twice. */
	if (deed->verb == SESSION_LABEL && strchr(deed->labels, '!') == NULL)
		wish.labels = g_strdup(deed->labels);
	g_array_append_vals(wish.ids, ids->data, ids->len);
	make_wish(index, wish);
}

static void untag(struct index *index, const int64_t *ids, size_t n);

static void hand_over(struct index *index, const struct deed *deed,
		      const struct meant *meant, const char *what)
{
	struct session_act act = {
		.verb = deed->verb,
		.mailbox = index->mailbox,
		.ids = (const int64_t *)(const void *)meant->ids->data,
		.n = meant->ids->len,
		.opposite = (const int64_t *)(const void *)
				    meant->opposite->data,
		.n_opposite = meant->opposite->len,
		.add = deed->add,
		.del = deed->del,
		.labels = deed->labels,
		.target = deed->target,
		.to = deed->peer != NULL ? deed->peer->session : NULL,
		.what = deed->quiet ? NULL : what,
	};
	uint32_t request;

	if (meant->parts != NULL) {
		act.parts = (const struct session_part *)(const void *)
				    meant->parts->data;
		act.n_parts = meant->parts->len;
		act.target = NULL;
	}
	request = session_act(index->account->session, &act);
	if (!deed->quiet)
		index->pane.app->sent.behind++;

	remember(index, deed);
	stay_on(index, deed, meant->ids);
	if (only_copies(deed))
		return;
	index->unsettled = true;
	if (deed->untag)
		untag(index, act.ids, act.n);
	wish_for(index, request, deed, meant->ids, false);
	if (meant->opposite->len > 0)
		wish_for(index, request, deed, meant->opposite, true);
}

/* What was read goes on with the message that took the place of this one. */
static void follow(struct index *index, enum selection_kind kind,
		   const struct deed *deed)
{
	struct app *app = index->pane.app;

	if (kind != SELECT_CURRENT || !app_pager_shown(app) || !is_away(deed))
		return;
	if (index->anchor.total <= 0)
		app_show_pager(app, false);
	else if (index_current(app) != NULL)
		pager_open(app);
	else
		index->follow = true;
}

/* mutt's $resolve: on to the next one, where there is one. */
static void go_on(struct index *index, enum selection_kind kind,
		  enum function_op then)
{
	struct app *app = index->pane.app;

	if (then != OP_NULL &&
	    (kind == SELECT_CURRENT || kind == SELECT_THREAD ||
	     kind == SELECT_SUBTHREAD) &&
	    config_bool(app->config, NULL, "resolve") && !index_is_at_end(app))
		index_move(app, then, app_pager_shown(app));
}

/* Messages as the view knows them. */
struct known {
	const int64_t *ids;
	const uint32_t *flags;
	const int64_t *dates; /* or NULL */
	size_t n;
};

static void carry_out(struct index *index, enum selection_kind kind,
		      const struct deed *deed, const struct known *known)
{
	const int64_t *ids = known->ids;
	const uint32_t *flags = known->flags;
	size_t n = known->n;
	struct app *app = index->pane.app;
	struct meant meant = {
		.ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.opposite = g_array_new(FALSE, FALSE, sizeof(int64_t)),
	};
	g_autofree char *what = NULL;
	guint count;

	sort_out(index, deed, ids, flags, n, &meant);
	if (deed->dated != NULL &&
	    !actions_divide(app, kind, deed, ids, known->dates, n,
			    &meant.parts))
		goto out;
	count = meant.ids->len + meant.opposite->len;
	if (count > 0) {
		what = selection_words(deed, count);
		hand_over(index, deed, &meant, what);
		tell(app, kind, deed, what);
		follow(index, kind, deed);
	} else if (kind != SELECT_CURRENT) {
		message_show(app, n > 0 ? _("There is nothing to be changed.")
					: _("No messages matched criteria."));
	}
out:
	g_array_unref(meant.ids);
	g_array_unref(meant.opposite);
	g_clear_pointer(&meant.parts, g_array_unref);
	go_on(index, kind, deed->then);
	app_dirty(app);
}

/* ---- tags ---- */

static int64_t tags_wished(const struct index *index)
{
	int64_t n = 0;

	for (guint i = 0; i < index->wishes->len; i++) {
		const struct wish *wish =
			&g_array_index(index->wishes, struct wish, i);

		if (wish->mark == VIEW_MARK_TAG)
			n += wish->ids->len;
		else if (wish->mark == VIEW_MARK_UNTAG)
			n -= wish->ids->len;
	}
	return n;
}

int64_t selection_tags(const struct app *app)
{
	const struct index *index = index_of(app);

	return MAX(index->tagged + tags_wished(index), 0);
}

void selection_tag_current(struct app *app, bool tag)
{
	struct index *index = index_of(app);
	const struct view_row *row = index_current(app);
	struct view_pick pick = {
		.which = VIEW_PICK_IDS,
		.mark = tag ? VIEW_MARK_TAG : VIEW_MARK_UNTAG,
		.n = 1,
	};
	struct wish wish = { .of_view = true, .mark = pick.mark };

	if (row == NULL || row->tagged == tag)
		return;
	pick.ids = &row->id;
	wish.request = view_pick(index->account->view, index->mailbox,
				 &index->order, &pick);
	wish.ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_array_append_val(wish.ids, row->id);
	make_wish(index, wish);
}

/* The counts follow with the next window. */
static void untag(struct index *index, const int64_t *ids, size_t n)
{
	const struct view_pick pick = { .which = VIEW_PICK_IDS,
					.mark = VIEW_MARK_UNTAG,
					.ids = ids,
					.n = n };

	if (selection_tags(index->pane.app) > 0)
		view_pick(index->account->view, index->mailbox, &index->order,
			  &pick);
}

static void tell_tagged(struct index *index, const struct waiting *waiting,
			const struct view_picked *answer)
{
	g_autofree char *what = selection_words(&waiting->deed, (unsigned)answer->n);

	if (answer->n == 0)
		message_show(index->pane.app,
			     _("No messages matched criteria."));
	else
		tell(index->pane.app, waiting->kind, &waiting->deed, what);
	index_refresh(index->pane.app, index->account, index->mailbox);
}

/* ---- which ---- */

static const enum view_which whiches[] = {
	[SELECT_CURRENT] = VIEW_PICK_IDS,
	[SELECT_TAGGED] = VIEW_PICK_TAGGED,
	[SELECT_THREAD] = VIEW_PICK_THREAD,
	[SELECT_SUBTHREAD] = VIEW_PICK_SUBTHREAD,
	[SELECT_PATTERN] = VIEW_PICK_PATTERN,
	[SELECT_ALL] = VIEW_PICK_ALL,
};

/* Asks the view; the deed waits for the answer. */
static bool look(struct index *index, enum selection_kind kind,
		 const char *pattern, const struct deed *deed)
{
	struct app *app = index->pane.app;
	struct view_pick pick = { .which = whiches[kind],
				  .mark = deed->tag,
				  .id = index->anchor.id,
				  .dates = deed->dated != NULL };
	struct waiting waiting = { .kind = kind, .deed = *deed };

	if (kind == SELECT_PATTERN) {
		pick.query = limit_read(index, pattern);
		if (pick.query == NULL)
			return false;
		message_progress(app, _("Searching (^G stops)"), -1);
	}
	waiting.request = view_pick(index->account->view, index->mailbox,
				    &index->order, &pick);
	waiting.deed.labels = g_strdup(deed->labels);
	waiting.deed.target = g_strdup(deed->target);
	waiting.deed.display = g_strdup(deed->display);
	g_array_append_val(index->waiting, waiting);
	return true;
}

bool selection_act(struct app *app, enum selection_kind kind,
		   const char *pattern, const struct deed *deed)
{
	struct index *index = index_of(app);
	const struct view_row *row = index_current(app);

	if (index->account == NULL ||
	    (index->account->session == NULL && deed->tag == VIEW_MARK_NONE))
		return false;
	if (index->anchor.total <= 0 ||
	    (row == NULL && kind != SELECT_TAGGED && kind != SELECT_PATTERN &&
	     kind != SELECT_ALL)) {
		message_show(app, _("There are no messages."));
		return false;
	}
	if ((kind == SELECT_THREAD || kind == SELECT_SUBTHREAD ||
	     deed->verb == SESSION_RELINK) &&
	    index->order.key != VIEW_BY_THREAD) {
		message_error(app, _("Threading is not enabled."));
		return false;
	}
	if (!rights_allow(app, deed))
		return false;
	if (kind != SELECT_CURRENT)
		return look(index, kind, pattern, deed);
	carry_out(index, kind, deed,
		  &(struct known){ &row->id, &row->flags, &row->sent, 1 });
	return true;
}

static void say_why_not(struct app *app, enum view_result result)
{
	if (result == VIEW_CANCELLED)
		message_show(app, _("Search interrupted."));
	else
		message_error(app, _("The messages could not be found."));
}

static void take_picked(struct index *index, const struct view_picked *answer,
			const struct waiting *waiting)
{
	struct app *app = index->pane.app;

	message_progress(app, NULL, 0);
	if (answer->result != VIEW_DONE)
		say_why_not(app, answer->result);
	else if (waiting->deed.tag != VIEW_MARK_NONE)
		tell_tagged(index, waiting, answer);
	else
		carry_out(index, waiting->kind, &waiting->deed,
			  &(struct known){ answer->ids, answer->flags,
					   answer->dates, answer->n });
	if (answer->gave_up)
		message_error(app, _("The expression is too costly for some of "
				     "the messages: they were left out."));
}

void selection_picked(struct app *app, const struct view_picked *answer)
{
	struct index *index = index_of(app);

	if (index->account == NULL ||
	    strcmp(answer->account, index->account->name) != 0)
		return;
	end_wishes(index, true, answer->request);
	if (answer->result == VIEW_DONE)
		index->tagged = answer->tagged;
	for (guint i = 0; i < index->waiting->len; i++) {
		struct waiting waiting =
			g_array_index(index->waiting, struct waiting, i);

		if (waiting.request != answer->request)
			continue;
		/* Not waiting any more while it is carried out. */
		memset(&g_array_index(index->waiting, struct waiting, i), 0,
		       sizeof(waiting));
		g_array_remove_index(index->waiting, i);
		take_picked(index, answer, &waiting);
		waiting_clear(&waiting);
		break;
	}
	app_dirty(app);
	keys_run_pushed(app);
}

bool selection_cancel(struct app *app)
{
	const struct index *index = index_of(app);

	if (index->waiting->len == 0)
		return false;
	view_cancel(index->account->view);
	return true;
}
