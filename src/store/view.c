/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view: the thread that reads the cache for the screen. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"
#include "limits.h"
#include "people.h"
#include "picks.h"
#include "schema.h"
#include "tree.h"
#include "window.h"

/* Up to this many messages the whole order is built at once (2 ms); above,
 * the first screen is answered without it. */
#define BUILD_AT_ONCE 10000

/* SQLite's steps between two looks at whether the view is to end. */
#define STEPS_BETWEEN_LOOKS 10000

/* As many rows as one window may have: a screen is far below. */
#define ROWS_MAX 5000

enum request_kind {
	ASK_FOLDERS = 1, ASK_WINDOW, ASK_FOLD, ASK_LIMIT, ASK_SEARCH,
	ASK_PICK, ASK_CANCEL, ASK_MESSAGE, ASK_PEOPLE, ASK_LIST, ASK_END,
};

struct request {
	struct post post;
	uint32_t number;
	struct window_request window; /* also of folds, limits, searches */
	int64_t id;
	enum view_fold fold;
	unsigned spared;
	struct query *query; /* owned, or NULL */
	bool backwards, wrap;
	struct view_pick pick; /* its ids are owned */
};

struct view {
	/* set at the start, read by both threads */
	char *account;	      /* owned */
	char *dir;	      /* owned */
	struct postbox *ui;   /* borrowed */
	struct postbox *inbox; /* owned */
	pthread_t thread;
	atomic_bool ending;
	/* the UI thread's */
	uint32_t last_number;
	/* the view thread's */
	struct sql *sql;      /* owned, NULL: no cache yet */
	dev_t device;	      /* of the file that 'sql' reads */
	ino_t inode;
	struct order *order;  /* owned, of the mailbox asked for last */
	int64_t wanted;	      /* mailbox whose order is to be built, 0: none */
	struct view_order wanted_by;
	struct limits *limits; /* owned */
	struct picks *picks;   /* owned */
};

/* ---- answers ---- */

static void folders_free(struct post *post)
{
	struct view_folders *folders = (struct view_folders *)post;

	g_free(folders->account);
	g_ptr_array_unref(folders->list);
	g_free(folders);
}

static void window_free(struct post *post)
{
	struct view_window *window = (struct view_window *)post;

	for (size_t i = 0; i < window->n; i++)
		view_row_clear(&window->rows[i]);
	g_free(window->rows);
	g_free(window->account);
	g_free(window->mailbox);
	g_free(window);
}

static void message_free(struct post *post)
{
	struct view_message *message = (struct view_message *)post;

	g_clear_pointer(&message->whole, g_bytes_unref);
	g_clear_pointer(&message->header, g_bytes_unref);
	g_free(message->structure);
	g_hash_table_unref(message->sections);
	g_free(message);
}

static void request_free(struct post *post)
{
	struct request *request = (struct request *)post;

	g_free(request->window.mailbox);
	query_free(request->query);
	g_free((int64_t *)(uintptr_t)request->pick.ids);
	g_free(request);
}

/* ---- the file ---- */

static void forget(struct view *view)
{
	limits_clear(view->limits);
	picks_cancel(view->picks);
	g_clear_pointer(&view->order, order_free);
	g_clear_pointer(&view->sql, sql_close);
	view->wanted = 0;
}

static int look_whether_ending(void *user)
{
	struct view *view = user;

	return atomic_load(&view->ending);
}

/* Opens the cache when it has appeared, again when another took its place. */
static bool ready(struct view *view)
{
	g_autofree char *path = g_build_filename(view->dir, SCHEMA_FILE, NULL);
	struct stat st;

	if (lstat(path, &st) != 0) {
		forget(view);
		return false;
	}
	if (view->sql != NULL && st.st_dev == view->device &&
	    st.st_ino == view->inode)
		return true;
	forget(view);
	view->sql = schema_open_reader(view->dir);
	if (view->sql == NULL)
		return false;
	view->device = st.st_dev;
	view->inode = st.st_ino;
	sqlite3_progress_handler(sql_handle(view->sql), STEPS_BETWEEN_LOOKS,
				 look_whether_ending, view);
	return true;
}

/* Everything between is one state of the cache. */
static bool begin(struct view *view)
{
	return ready(view) && sql_do(view->sql, NULL, "BEGIN", "");
}

static void end(struct view *view, bool ok)
{
	if (view->sql == NULL)
		return;
	if (!sql_do(view->sql, NULL, "COMMIT", ""))
		ok = false;
	if (!ok)
		forget(view);
}

/* ---- folders ---- */

static bool read_folders(struct sql *sql, GPtrArray *list)
{
	sqlite3_stmt *s =
		sql_query(sql, "SELECT " MAILBOX_COLUMNS " FROM mbox"
			       " WHERE NOT wish & 1", "");
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW)
		g_ptr_array_add(list, mailbox_read(s));
	return got == SQL_DONE;
}

static void answer_folders(struct view *view, const struct request *request)
{
	struct view_folders *answer = g_new0(struct view_folders, 1);

	answer->post.kind = VIEW_FOLDERS;
	answer->post.release = folders_free;
	answer->request = request->number;
	answer->account = g_strdup(view->account);
	answer->list = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);
	if (begin(view)) {
		end(view, read_folders(view->sql, answer->list));
		folders_sort(answer->list);
	}
	postbox_push(view->ui, &answer->post);
}

/* ---- windows ---- */

static bool read_mailbox(struct sql *sql, struct view_window *window)
{
	bool inbox = g_ascii_strcasecmp(window->mailbox, "INBOX") == 0;
	sqlite3_stmt *s = sql_query(
		sql,
		inbox ? "SELECT id, total, unread, fresh, flagged, deleted,"
			" octets, messages, name FROM mbox"
			" WHERE name = ? COLLATE NOCASE"
		      : "SELECT id, total, unread, fresh, flagged, deleted,"
			" octets, messages, name FROM mbox WHERE name = ?",
		"s", window->mailbox);
	enum sql_result got = sql_step(sql, s, NULL);

	if (got != SQL_ROW)
		return got == SQL_DONE;
	window->exists = true;
	window->mbox = sqlite3_column_int64(s, 0);
	window->total = sqlite3_column_int64(s, 1);
	window->unread = sqlite3_column_int64(s, 2);
	window->fresh = sqlite3_column_int64(s, 3);
	window->old = window->unread - window->fresh;
	window->flagged = sqlite3_column_int64(s, 4);
	window->deleted = sqlite3_column_int64(s, 5);
	window->octets = (uint64_t)sqlite3_column_int64(s, 6);
	window->server_total = sqlite3_column_int64(s, 7);
	sql_end(s);
	return true;
}

/*
 * Rows 'first' to 'end' (one beyond) of 'order', whose first row is 'skipped'
 * in the whole.
 */
static bool read_rows(struct sql *sql, const struct order *order,
		      int64_t skipped, int64_t first, int64_t end,
		      struct view_window *window)
{
	window->first = skipped + first;
	window->rows = g_new0(struct view_row, (gsize)MAX(end - first, 1));
	for (int64_t i = first; i < end; i++) {
		struct view_row *row = &window->rows[window->n++];

		row->number = skipped + order_number(order, i) + 1;
		row->tagged = order_is_tagged(order, i);
		row->hidden = order_hidden(order, i);
		if (!row_read(sql, order_id(order, i), row))
			return false;
	}
	tree_draw(order, first, end, window->rows);
	return true;
}

static bool read_stretch(struct view *view,
			 const struct window_request *request,
			 struct view_window *window, bool *ok)
{
	struct stretch s = { 0 };
	int64_t at;

	if (!stretch_read(view->sql, window->mbox, window->total, request, &s))
		return false;
	at = s.at - s.first;
	window->found = true;
	window->at = s.at;
	*ok = read_rows(view->sql, s.part, s.first,
			MAX(0, at - request->before),
			MIN(order_count(s.part), at + request->after),
			window);
	order_free(s.part);
	return true;
}

/* A mailbox that is left takes its limit, its folds and its tags with it. */
static void leave_other(struct view *view, int64_t mbox)
{
	if (view->order == NULL || order_mailbox(view->order) == mbox)
		return;
	limits_clear(view->limits);
	picks_cancel(view->picks);
	g_clear_pointer(&view->order, order_free);
}

/* The whole order; of the same mailbox it keeps limit, folds and tags. */
static bool build(struct view *view, int64_t mbox, const struct view_order *by)
{
	struct order *old = g_steal_pointer(&view->order);
	struct order_limits limits;

	view->order = order_build(view->sql, mbox, by);
	view->wanted = 0;
	limits = limits_now(view->limits);
	if (view->order != NULL && old != NULL &&
	    !order_inherit(view->order, old, &limits))
		g_clear_pointer(&view->order, order_free);
	order_free(old);
	return view->order != NULL;
}

/* The order of a mailbox as the cache is now. */
static bool refresh(struct view *view, int64_t mbox,
		    const struct view_order *by)
{
	struct order_limits limits = limits_now(view->limits);

	leave_other(view, mbox);
	if (view->order == NULL || !order_is(view->order, mbox, by))
		return build(view, mbox, by);
	order_adopt(view->order, by);
	return order_refresh(view->order, view->sql, &limits);
}

static bool read_place(struct view *view, const struct window_request *request,
		       struct view_window *window)
{
	const struct order *order = view->order;

	window->all = order_present(order);
	window->tagged = order_tags(order);
	window->total = order_count(order);
	window->limited = limits_shown(view->limits);
	if (window->total == 0)
		return true;
	window->at = place_find(order, request, &window->found);
	return read_rows(view->sql, order, 0,
			 MAX(0, window->at - request->before),
			 MIN(window->total, window->at + request->after),
			 window);
}

static bool read_window(struct view *view,
			const struct window_request *request,
			struct view_window *window)
{
	bool ok;

	if (!read_mailbox(view->sql, window))
		return false;
	window->all = window->total;
	leave_other(view, window->mbox);
	/* An empty mailbox may be limited all the same: rows will come. */
	window->limited = window->exists && limits_shown(view->limits);
	if (!window->exists || window->total == 0)
		return true;
	if (view->order == NULL && window->total > BUILD_AT_ONCE &&
	    read_stretch(view, request, window, &ok)) {
		view->wanted = window->mbox;
		view->wanted_by = request->by;
		return ok;
	}
	return refresh(view, window->mbox, &request->by) &&
	       read_place(view, request, window);
}

static struct view_window *window_new(struct view *view,
				      const struct request *request)
{
	struct view_window *window = g_new0(struct view_window, 1);
	const char *name = request->window.mailbox;

	window->post.kind = VIEW_WINDOW;
	window->post.release = window_free;
	window->request = request->number;
	window->account = g_strdup(view->account);
	window->mailbox =
		g_strdup(name != NULL && *name != '\0' ? name : "INBOX");
	return window;
}

/*
 * One that was superseded by a newer request gets the counts alone: whoever
 * asked has already asked for something else.
 */
static void answer_window(struct view *view, const struct request *request,
			  bool superseded)
{
	struct view_window *window = window_new(view, request);

	if (begin(view))
		end(view, superseded ? read_mailbox(view->sql, window)
				     : read_window(view, &request->window,
						   window));
	postbox_push(view->ui, &window->post);
}

/* ---- folds ---- */

static bool fold(struct view *view, const struct request *request)
{
	struct order *order = view->order;
	int64_t row = order_row(order, request->window.id);

	if (row < 0)
		row = order_heir(order, request->window.id);
	if (row < 0)
		return false;
	if (request->fold == VIEW_FOLD_TOGGLE)
		return order_fold(order, row, !order_is_folded(order, row),
				  request->spared);
	return order_fold_all(order, true, request->spared) ||
	       order_fold_all(order, false, 0);
}

/* The first unread message of the thread of 'id', which is open; else 'id'. */
static int64_t first_unread(const struct order *order, int64_t id)
{
	int64_t row = order_row(order, id);

	if (row < 0 || order_is_folded(order, row))
		return id;
	for (int64_t r = order_thread_start(order, row);
	     r < order_thread_end(order, row); r++)
		if (is_unread(order_flags(order, r)))
			return order_id(order, r);
	return id;
}

static bool read_folded(struct view *view, const struct request *request,
			struct view_window *window)
{
	struct window_request place = request->window;
	bool changed;

	if (!read_mailbox(view->sql, window))
		return false;
	if (!window->exists || window->total == 0)
		return true;
	if (!refresh(view, window->mbox, &request->window.by))
		return false;
	changed = order_count(view->order) > 0 && fold(view, request);
	if (changed && (request->spared & VIEW_FOLD_JUMP_UNREAD) != 0)
		place.id = first_unread(view->order, place.id);
	if (!read_place(view, &place, window))
		return false;
	window->found = changed;
	return true;
}

static void answer_fold(struct view *view, const struct request *request)
{
	struct view_window *window = window_new(view, request);

	if (begin(view))
		end(view, read_folded(view, request, window));
	postbox_push(view->ui, &window->post);
}

/* ---- limits and searches ---- */

/* The order that a request is about, NULL when there is none. */
static struct order *order_for(struct view *view,
			       const struct request *request, bool *ok)
{
	struct view_window *window = window_new(view, request);
	struct order *order = NULL;

	*ok = read_mailbox(view->sql, window);
	if (*ok && window->exists) {
		*ok = refresh(view, window->mbox, &request->window.by);
		order = *ok ? view->order : NULL;
	}
	post_free(&window->post);
	return order;
}

static void answer_find(struct view *view, struct request *request)
{
	struct find_request find = {
		.number = request->number,
		.mailbox = request->window.mailbox,
		.query = g_steal_pointer(&request->query),
		.id = request->window.id,
		.backwards = request->backwards,
		.wrap = request->wrap,
	};
	bool begun = begin(view), ok = true;
	struct order *order = begun ? order_for(view, request, &ok) : NULL;

	if (request->post.kind == ASK_LIMIT)
		limits_make(view->limits, view->sql, order, &find);
	else
		limits_search(view->limits, view->sql, order, &find);
	if (begun)
		end(view, ok);
}

/* ---- choices ---- */

static void answer_pick(struct view *view, struct request *request)
{
	struct pick_request pick = {
		.number = request->number,
		.mailbox = request->window.mailbox,
		.pick = request->pick,
	};
	bool begun = begin(view), ok = true;
	struct order *order = begun ? order_for(view, request, &ok) : NULL;

	pick.pick.query = g_steal_pointer(&request->query);
	picks_make(view->picks, view->sql, order, &pick);
	if (begun)
		end(view, ok);
}

static bool is_busy(const struct view *view)
{
	return limits_busy(view->limits) || picks_busy(view->picks);
}

/* One portion, while nobody waits. */
static void advance(struct view *view)
{
	bool ok = true;

	if (!begin(view))
		return; /* what was under way was given up with the file */
	if (picks_busy(view->picks))
		ok = picks_advance(view->picks, view->order);
	else if (limits_busy(view->limits))
		ok = limits_advance(view->limits, view->order);
	end(view, ok);
}

/* ---- messages ---- */

static bool read_structure(struct sql *sql, struct view_message *message)
{
	sqlite3_stmt *s = sql_query(
		sql,
		"SELECT size, structure FROM msg m JOIN hdr h ON h.id = m.id"
		" WHERE m.id = ?",
		"i", message->id);
	enum sql_result got = sql_step(sql, s, NULL);

	if (got != SQL_ROW)
		return got == SQL_DONE;
	message->found = true;
	message->size = (uint64_t)sqlite3_column_int64(s, 0);
	message->structure =
		g_strdup((const char *)sqlite3_column_text(s, 1));
	sql_end(s);
	return true;
}

static void take_section(struct view_message *message, const char *section,
			 GBytes *data)
{
	if (*section == '\0')
		message->whole = data;
	else if (strcmp(section, "HEADER") == 0)
		message->header = data;
	else
		g_hash_table_insert(message->sections, g_strdup(section),
				    data);
}

static bool read_bodies(struct sql *sql, struct view_message *message)
{
	sqlite3_stmt *s = sql_query(
		sql, "SELECT section, data FROM body WHERE id = ?", "i",
		message->id);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		const void *data = sqlite3_column_blob(s, 1);
		size_t size = (size_t)sqlite3_column_bytes(s, 1);

		take_section(message,
			     (const char *)sqlite3_column_text(s, 0),
			     g_bytes_new(data, size));
	}
	return got == SQL_DONE;
}

static void answer_message(struct view *view, const struct request *request)
{
	struct view_message *message = g_new0(struct view_message, 1);

	message->post.kind = VIEW_MESSAGE;
	message->post.release = message_free;
	message->request = request->number;
	message->id = request->id;
	message->sections = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free,
		(GDestroyNotify)g_bytes_unref);
	if (begin(view))
		end(view, read_structure(view->sql, message) &&
				  read_bodies(view->sql, message));
	postbox_push(view->ui, &message->post);
}

/* ---- the thread ---- */

/* Everything that waits, oldest first. */
static void answer_people(struct view *view, const struct request *request)
{
	struct view_people *answer = people_answer_new();

	answer->request = request->number;
	answer->account = g_strdup(view->account);
	if (begin(view))
		end(view, people_read(view->sql, answer->list));
	postbox_push(view->ui, &answer->post);
}

static void answer_list(struct view *view, const struct request *request)
{
	struct view_listed *answer = listed_new();

	answer->request = request->number;
	answer->account = g_strdup(view->account);
	answer->mailbox = g_strdup(request->window.mailbox);
	if (begin(view))
		end(view, listed_read(view->sql, answer,
				      request->window.after));
	postbox_push(view->ui, &answer->post);
}

static void collect(struct view *view, GQueue *waiting)
{
	struct post *post;

	while ((post = postbox_pop(view->inbox)) != NULL)
		g_queue_push_tail(waiting, post);
}

static bool newer_window_waits(GQueue *waiting)
{
	for (GList *l = waiting->head; l != NULL; l = l->next)
		if (((struct post *)l->data)->kind == ASK_WINDOW)
			return true;
	return false;
}

/* False when it was the last request. */
static bool answer(struct view *view, struct request *request, GQueue *waiting)
{
	switch (request->post.kind) {
	case ASK_FOLDERS:
		answer_folders(view, request);
		return true;
	case ASK_WINDOW:
		answer_window(view, request, newer_window_waits(waiting));
		return true;
	case ASK_MESSAGE:
		answer_message(view, request);
		return true;
	case ASK_PEOPLE:
		answer_people(view, request);
		return true;
	case ASK_LIST:
		answer_list(view, request);
		return true;
	case ASK_FOLD:
		answer_fold(view, request);
		return true;
	case ASK_LIMIT:
	case ASK_SEARCH:
		answer_find(view, request);
		return true;
	case ASK_PICK:
		answer_pick(view, request);
		return true;
	case ASK_CANCEL:
		picks_cancel(view->picks);
		limits_cancel(view->limits, view->order);
		return true;
	default:
		return false;
	}
}

/* What a first screen was answered without, while nobody waits. */
static void build_wanted(struct view *view)
{
	if (view->wanted == 0 || !begin(view))
		return;
	/* ready() forgets the wish together with the file it was for. */
	end(view, view->wanted == 0 ||
			  build(view, view->wanted, &view->wanted_by));
	if (view->sql != NULL)
		sql_rest(view->sql);
}

static void wait_for_requests(struct view *view)
{
	struct pollfd fd = { .fd = postbox_fd(view->inbox), .events = POLLIN };

	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
}

static void *run(void *data)
{
	struct view *view = data;
	GQueue waiting = G_QUEUE_INIT;
	bool going = true;

	while (going) {
		struct post *post;

		collect(view, &waiting);
		if (g_queue_is_empty(&waiting) && view->wanted != 0)
			build_wanted(view);
		else if (g_queue_is_empty(&waiting) && is_busy(view))
			advance(view);
		else if (g_queue_is_empty(&waiting))
			wait_for_requests(view);
		post = g_queue_pop_head(&waiting);
		if (post == NULL)
			continue;
		going = answer(view, (struct request *)post, &waiting);
		post_free(post);
	}
	forget(view);
	return NULL;
}

struct view *view_new(const char *account, const char *dir, struct postbox *ui)
{
	struct view *view = g_new0(struct view, 1);

	view->account = g_strdup(account);
	view->dir = g_strdup(dir);
	view->ui = ui;
	view->inbox = postbox_new();
	view->limits = limits_new(view->account, ui);
	view->picks = picks_new(view->account, ui);
	atomic_init(&view->ending, false);
	if (pthread_create(&view->thread, NULL, run, view) != 0)
		g_error("cannot start a thread");
	return view;
}

static struct request *request_new(struct view *view, enum request_kind kind)
{
	struct request *request = g_new0(struct request, 1);

	request->post.kind = kind;
	request->post.release = request_free;
	if (++view->last_number == 0)
		view->last_number = 1;
	request->number = view->last_number;
	return request;
}

static uint32_t ask(struct view *view, struct request *request)
{
	uint32_t number = request->number;

	postbox_push(view->inbox, &request->post);
	return number;
}

void view_free(struct view *view)
{
	if (view == NULL)
		return;
	atomic_store(&view->ending, true);
	ask(view, request_new(view, ASK_END));
	pthread_join(view->thread, NULL);
	postbox_free(view->inbox);
	limits_free(view->limits);
	picks_free(view->picks);
	g_free(view->account);
	g_free(view->dir);
	g_free(view);
}

uint32_t view_people(struct view *view)
{
	return ask(view, request_new(view, ASK_PEOPLE));
}

uint32_t view_list(struct view *view, const char *mailbox, int most)
{
	struct request *request = request_new(view, ASK_LIST);

	request->window.mailbox = g_strdup(mailbox);
	request->window.after = CLAMP(most, 0, ROWS_MAX);
	return ask(view, request);
}

uint32_t view_folders(struct view *view)
{
	return ask(view, request_new(view, ASK_FOLDERS));
}

uint32_t view_window(struct view *view, const char *mailbox,
		     const struct view_order *order, enum view_at at,
		     int64_t id, int64_t row, int before, int after)
{
	struct request *request = request_new(view, ASK_WINDOW);

	request->window = (struct window_request){
		.mailbox = g_strdup(mailbox),
		.by = *order,
		.at = at,
		.id = id,
		.row = row,
		.before = CLAMP(before, 0, ROWS_MAX),
		.after = CLAMP(after, 0, ROWS_MAX),
	};
	return ask(view, request);
}

static struct request *request_about(struct view *view,
				     enum request_kind kind,
				     const char *mailbox,
				     const struct view_order *order, int64_t id)
{
	struct request *request = request_new(view, kind);
	bool inbox = mailbox == NULL || *mailbox == '\0';

	request->window.mailbox = g_strdup(inbox ? "INBOX" : mailbox);
	request->window.by = *order;
	request->window.at = VIEW_AT_ID;
	request->window.id = id;
	return request;
}

uint32_t view_fold(struct view *view, const char *mailbox,
		   const struct view_order *order, enum view_fold what,
		   unsigned spared, int64_t id, int before, int after)
{
	struct request *request =
		request_about(view, ASK_FOLD, mailbox, order, id);

	request->fold = what;
	request->spared = spared;
	request->window.before = CLAMP(before, 0, ROWS_MAX);
	request->window.after = CLAMP(after, 0, ROWS_MAX);
	return ask(view, request);
}

uint32_t view_limit(struct view *view, const char *mailbox,
		    const struct view_order *order, struct query *query,
		    int64_t id)
{
	struct request *request =
		request_about(view, ASK_LIMIT, mailbox, order, id);

	request->query = query;
	return ask(view, request);
}

uint32_t view_search(struct view *view, const char *mailbox,
		     const struct view_order *order, struct query *query,
		     int64_t id, bool backwards, bool wrap)
{
	struct request *request =
		request_about(view, ASK_SEARCH, mailbox, order, id);

	request->query = query;
	request->backwards = backwards;
	request->wrap = wrap;
	return ask(view, request);
}

uint32_t view_pick(struct view *view, const char *mailbox,
		   const struct view_order *order, const struct view_pick *pick)
{
	struct request *request =
		request_about(view, ASK_PICK, mailbox, order, 0);

	request->pick = *pick;
	request->pick.ids = g_memdup2(pick->ids, pick->n * sizeof(*pick->ids));
	request->query = g_steal_pointer(&request->pick.query);
	return ask(view, request);
}

void view_cancel(struct view *view)
{
	ask(view, request_new(view, ASK_CANCEL));
}

uint32_t view_message(struct view *view, int64_t id)
{
	struct request *request = request_new(view, ASK_MESSAGE);

	request->id = id;
	return ask(view, request);
}
