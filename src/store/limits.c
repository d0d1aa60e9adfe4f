/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "limits.h"

#include "finder.h"

/* A limit that is made within this time is shown once, when it is whole. */
#define FIRST_TOLD_USEC 25000
/* Between two looks at one that takes longer. */
#define TOLD_AGAIN_USEC 100000

/* A query with its statements; both owned. */
struct asked {
	struct query *query;
	struct matcher *matcher;
};

struct making {
	struct asked asked;
	struct limiter *limiter; /* owned */
	uint32_t number;
	char *mailbox;		 /* owned */
	int64_t told;		 /* when, or when it began */
	bool shown;
};

struct searching {
	struct asked asked;
	struct searcher *searcher; /* owned */
	uint32_t number;
	char *mailbox;		   /* owned */
};

struct limits {
	const char *account; /* borrowed */
	struct postbox *ui;  /* borrowed */
	struct asked *limit; /* in effect; owned, or NULL */
	struct making *making; /* owned, or NULL */
	struct searching *searching; /* owned, or NULL */
};

struct limits *limits_new(const char *account, struct postbox *ui)
{
	struct limits *limits = g_new0(struct limits, 1);

	limits->account = account;
	limits->ui = ui;
	return limits;
}

void limits_free(struct limits *limits)
{
	if (limits == NULL)
		return;
	limits_clear(limits);
	g_free(limits);
}

/* ---- life ---- */

/* False when SQLite cannot take the query; it is freed then. */
static bool asked_init(struct asked *asked, struct sql *sql,
		       const struct order *order, struct query *query)
{
	asked->query = query;
	asked->matcher = matcher_new(sql, query, order_mailbox(order),
				     order_folded(order), order_tagged(order));
	if (asked->matcher != NULL)
		return true;
	query_free(query);
	return false;
}

static void asked_clear(struct asked *asked)
{
	matcher_free(asked->matcher);
	query_free(asked->query);
}

static void drop_limit(struct limits *limits)
{
	if (limits->limit != NULL)
		asked_clear(limits->limit);
	g_clear_pointer(&limits->limit, g_free);
}

/* Leaves what was asked to the caller. */
static void making_free(struct making *making)
{
	limiter_free(making->limiter);
	g_free(making->mailbox);
	g_free(making);
}

static void searching_free(struct searching *searching)
{
	asked_clear(&searching->asked);
	searcher_free(searching->searcher);
	g_free(searching->mailbox);
	g_free(searching);
}

/* ---- answers ---- */

static void limited_free(struct post *post)
{
	struct view_limited *limited = (struct view_limited *)post;

	g_free(limited->account);
	g_free(limited->mailbox);
	g_free(limited);
}

static void tell_limited(const struct limits *limits, uint32_t number,
			 const char *mailbox, enum view_result result,
			 const struct making *making,
			 const struct order *order)
{
	struct view_limited *limited = g_new0(struct view_limited, 1);

	limited->post.kind = VIEW_LIMITED;
	limited->post.release = limited_free;
	limited->request = number;
	limited->account = g_strdup(limits->account);
	limited->mailbox = g_strdup(mailbox);
	limited->result = result;
	if (making != NULL && order != NULL) {
		limited->found = order_limit_found(order);
		limited->percent = limiter_percent(making->limiter);
		limited->gave_up = query_gave_up(making->asked.query);
	}
	postbox_push(limits->ui, &limited->post);
}

static void found_free(struct post *post)
{
	struct view_found *found = (struct view_found *)post;

	g_free(found->account);
	g_free(found->mailbox);
	g_free(found);
}

static void tell_found(const struct limits *limits, uint32_t number,
		       const char *mailbox, enum view_result result, int64_t id,
		       bool wrapped)
{
	struct view_found *found = g_new0(struct view_found, 1);

	found->post.kind = VIEW_FOUND;
	found->post.release = found_free;
	found->request = number;
	found->account = g_strdup(limits->account);
	found->mailbox = g_strdup(mailbox);
	found->result = result;
	found->id = id;
	found->wrapped = wrapped;
	postbox_push(limits->ui, &found->post);
}

/* ---- the end of one ---- */

static void end_making(struct limits *limits, struct order *order,
		       enum view_result result)
{
	struct making *making = g_steal_pointer(&limits->making);

	if (making == NULL)
		return;
	tell_limited(limits, making->number, making->mailbox, result, making,
		     order);
	if (result == VIEW_DONE) {
		order_limit_end(order);
		drop_limit(limits);
		limits->limit = g_memdup2(&making->asked,
					  sizeof(making->asked));
	} else {
		if (order != NULL)
			order_limit_drop(order, limits->limit != NULL);
		asked_clear(&making->asked);
	}
	making_free(making);
}

static void end_searching(struct limits *limits, enum view_result result,
			  int64_t id, bool wrapped)
{
	struct searching *searching = g_steal_pointer(&limits->searching);

	if (searching == NULL)
		return;
	tell_found(limits, searching->number, searching->mailbox, result, id,
		   wrapped);
	searching_free(searching);
}

void limits_cancel(struct limits *limits, struct order *order)
{
	end_making(limits, order, VIEW_CANCELLED);
	end_searching(limits, VIEW_CANCELLED, 0, false);
}

void limits_clear(struct limits *limits)
{
	limits_cancel(limits, NULL);
	drop_limit(limits);
}

/* ---- the beginning ---- */

void limits_make(struct limits *limits, struct sql *sql, struct order *order,
		 const struct find_request *request)
{
	struct asked asked;
	struct making *making;

	end_making(limits, order, VIEW_CANCELLED);
	if (request->query == NULL || order == NULL) {
		query_free(request->query);
		if (order != NULL)
			order_limit_none(order);
		drop_limit(limits);
		tell_limited(limits, request->number, request->mailbox,
			     order != NULL ? VIEW_DONE : VIEW_FAILED, NULL,
			     NULL);
		return;
	}
	if (!asked_init(&asked, sql, order, request->query)) {
		tell_limited(limits, request->number, request->mailbox,
			     VIEW_FAILED, NULL, NULL);
		return;
	}
	making = g_new0(struct making, 1);
	making->asked = asked;
	making->limiter = limiter_new(asked.matcher, order, request->id);
	making->number = request->number;
	making->mailbox = g_strdup(request->mailbox);
	making->told = g_get_monotonic_time();
	limits->making = making;
}

void limits_search(struct limits *limits, struct sql *sql,
		   struct order *order, const struct find_request *request)
{
	struct asked asked;
	struct searching *searching;

	end_searching(limits, VIEW_CANCELLED, 0, false);
	if (order == NULL || request->query == NULL ||
	    !asked_init(&asked, sql, order, request->query)) {
		if (order == NULL)
			query_free(request->query);
		tell_found(limits, request->number, request->mailbox,
			   VIEW_FAILED, 0, false);
		return;
	}
	searching = g_new0(struct searching, 1);
	searching->asked = asked;
	searching->searcher = searcher_new(asked.matcher, request->id,
					   request->backwards, request->wrap);
	searching->number = request->number;
	searching->mailbox = g_strdup(request->mailbox);
	limits->searching = searching;
}

/* ---- in between ---- */

bool limits_busy(const struct limits *limits)
{
	return limits->making != NULL || limits->searching != NULL;
}

/* Shows what there is, when there is something and it has taken long. */
static void tell_progress(struct limits *limits, struct order *order)
{
	struct making *making = limits->making;
	int64_t now = g_get_monotonic_time();

	if (now - making->told <
		    (making->shown ? TOLD_AGAIN_USEC : FIRST_TOLD_USEC) ||
	    order_limit_found(order) == 0)
		return;
	order_limit_show(order);
	making->told = now;
	making->shown = true;
	tell_limited(limits, making->number, making->mailbox, VIEW_GOES_ON,
		     making, order);
}

static bool advance_making(struct limits *limits, struct order *order)
{
	switch (limiter_step(limits->making->limiter, order)) {
	case FIND_MORE:
		tell_progress(limits, order);
		return true;
	case FIND_END:
		end_making(limits, order, VIEW_DONE);
		return true;
	case FIND_FAIL:
	default:
		end_making(limits, order, VIEW_FAILED);
		return false;
	}
}

static bool advance_searching(struct limits *limits, struct order *order)
{
	bool wrapped = false;
	int64_t id;

	switch (searcher_step(limits->searching->searcher, order, &id,
			      &wrapped)) {
	case FIND_MORE:
		return true;
	case FIND_END:
		end_searching(limits, VIEW_DONE, id, wrapped);
		return true;
	case FIND_FAIL:
	default:
		end_searching(limits, VIEW_FAILED, 0, false);
		return false;
	}
}

bool limits_advance(struct limits *limits, struct order *order)
{
	return limits->searching != NULL ? advance_searching(limits, order)
					 : advance_making(limits, order);
}

struct order_limits limits_now(const struct limits *limits)
{
	return (struct order_limits){
		.in = limits->limit != NULL ? limits->limit->matcher : NULL,
		.found = limits->making != NULL
				 ? limits->making->asked.matcher
				 : NULL,
	};
}

bool limits_shown(const struct limits *limits)
{
	return limits->limit != NULL ||
	       (limits->making != NULL && limits->making->shown);
}
