/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "picks.h"

#include <stdlib.h>

#include "finder.h"

/* One by a pattern. */
struct picking {
	uint32_t number;
	char *mailbox;		 /* owned */
	enum view_mark mark;
	struct query *query;	 /* owned */
	struct matcher *matcher; /* owned */
	struct sweep *sweep;	 /* owned */
	GArray *ids;		 /* of int64_t, found so far; owned */
};

struct picks {
	const char *account;	 /* borrowed */
	struct postbox *ui;	 /* borrowed */
	struct picking *picking; /* owned, or NULL */
};

struct picks *picks_new(const char *account, struct postbox *ui)
{
	struct picks *picks = g_new0(struct picks, 1);

	picks->account = account;
	picks->ui = ui;
	return picks;
}

static void picking_free(struct picking *picking)
{
	sweep_free(picking->sweep);
	matcher_free(picking->matcher);
	query_free(picking->query);
	g_array_unref(picking->ids);
	g_free(picking->mailbox);
	g_free(picking);
}

void picks_free(struct picks *picks)
{
	if (picks == NULL)
		return;
	picks_cancel(picks);
	g_free(picks);
}

/* ---- answers ---- */

static void picked_free(struct post *post)
{
	struct view_picked *picked = (struct view_picked *)post;

	g_free(picked->account);
	g_free(picked->mailbox);
	g_free(picked->ids);
	g_free(picked->flags);
	g_free(picked->dates);
	g_free(picked);
}

static struct view_picked *picked_new(const struct picks *picks,
				      uint32_t number, const char *mailbox,
				      enum view_result result)
{
	struct view_picked *picked = g_new0(struct view_picked, 1);

	picked->post.kind = VIEW_PICKED;
	picked->post.release = picked_free;
	picked->request = number;
	picked->account = g_strdup(picks->account);
	picked->mailbox = g_strdup(mailbox);
	picked->result = result;
	return picked;
}

static void tell_nothing(const struct picks *picks, uint32_t number,
			 const char *mailbox, enum view_result result)
{
	struct view_picked *picked =
		picked_new(picks, number, mailbox, result);

	postbox_push(picks->ui, &picked->post);
}

static int64_t *read_dates(struct sql *sql, const struct view_picked *picked)
{
	int64_t *dates = g_new0(int64_t, picked->n + 1);

	for (size_t i = 0; i < picked->n; i++)
		sql_value(sql, &dates[i], 0, NULL,
			  "SELECT sent FROM msg WHERE id = ?", "i",
			  picked->ids[i]);
	return dates;
}

/* Marks what is chosen and tells of it; 'sql' NULL: without dates. */
static void tell_chosen(const struct picks *picks, struct order *order,
			uint32_t number, const char *mailbox,
			const struct order_choice *choice, enum view_mark mark,
			struct sql *sql, bool gave_up)
{
	struct view_picked *picked =
		picked_new(picks, number, mailbox, VIEW_DONE);
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	GArray *flags = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	order_choose(order, choice, mark, ids, flags);
	picked->n = ids->len;
	picked->ids = (int64_t *)(void *)g_array_free(ids, FALSE);
	picked->flags = (uint32_t *)(void *)g_array_free(flags, FALSE);
	if (sql != NULL)
		picked->dates = read_dates(sql, picked);
	picked->tagged = order_tags(order);
	picked->gave_up = gave_up;
	postbox_push(picks->ui, &picked->post);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* ---- at once ---- */

static void answer(struct picks *picks, struct sql *sql, struct order *order,
		   const struct pick_request *request)
{
	const struct view_pick *pick = &request->pick;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct order_choice choice = { 0 };

	switch (pick->which) {
	case VIEW_PICK_IDS:
		g_array_append_vals(ids, pick->ids, (guint)pick->n);
		g_array_sort(ids, by_number);
		choice.ids = ids;
		break;
	case VIEW_PICK_TAGGED:
		choice.tagged = choice.in_sight = true;
		break;
	case VIEW_PICK_SUBTHREAD:
		choice.below = true;
		choice.root = pick->id;
		break;
	case VIEW_PICK_THREAD:
		choice.root = pick->id;
		break;
	case VIEW_PICK_PATTERN:
	case VIEW_PICK_ALL:
		break;
	}
	tell_chosen(picks, order, request->number, request->mailbox, &choice,
		    pick->mark, pick->dates ? sql : NULL, false);
}

/* ---- by a pattern ---- */

static void begin(struct picks *picks, struct sql *sql, struct order *order,
		  const struct pick_request *request)
{
	struct query *query = request->pick.query;
	struct matcher *matcher =
		matcher_new(sql, query, order_mailbox(order),
			    order_folded(order), order_tagged(order));
	struct picking *picking;

	if (matcher == NULL) {
		query_free(query);
		tell_nothing(picks, request->number, request->mailbox,
			     VIEW_FAILED);
		return;
	}
	picking = g_new0(struct picking, 1);
	picking->number = request->number;
	picking->mailbox = g_strdup(request->mailbox);
	picking->mark = request->pick.mark;
	picking->query = query;
	picking->matcher = matcher;
	picking->sweep = sweep_new(matcher, order);
	picking->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	picks->picking = picking;
}

static void end(struct picks *picks, struct order *order)
{
	struct picking *picking = g_steal_pointer(&picks->picking);
	struct order_choice choice = { .ids = picking->ids, .in_sight = true };

	g_array_sort(picking->ids, by_number);
	tell_chosen(picks, order, picking->number, picking->mailbox, &choice,
		    picking->mark, NULL, query_gave_up(picking->query));
	picking_free(picking);
}

static void fail(struct picks *picks, enum view_result result)
{
	struct picking *picking = g_steal_pointer(&picks->picking);

	tell_nothing(picks, picking->number, picking->mailbox, result);
	picking_free(picking);
}

bool picks_advance(struct picks *picks, struct order *order)
{
	switch (order != NULL
			? sweep_step(picks->picking->sweep, picks->picking->ids)
			: FIND_FAIL) {
	case FIND_MORE:
		return true;
	case FIND_END:
		end(picks, order);
		return true;
	case FIND_FAIL:
	default:
		fail(picks, VIEW_FAILED);
		return order == NULL;
	}
}

void picks_make(struct picks *picks, struct sql *sql, struct order *order,
		const struct pick_request *request)
{
	while (picks->picking != NULL)
		picks_advance(picks, order);
	if (order == NULL) {
		query_free(request->pick.query);
		tell_nothing(picks, request->number, request->mailbox,
			     VIEW_FAILED);
	} else if (request->pick.which == VIEW_PICK_PATTERN) {
		begin(picks, sql, order, request);
	} else {
		answer(picks, sql, order, request);
	}
}

bool picks_busy(const struct picks *picks)
{
	return picks->picking != NULL;
}

void picks_cancel(struct picks *picks)
{
	if (picks->picking != NULL)
		fail(picks, VIEW_CANCELLED);
}
