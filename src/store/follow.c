/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: brings an order up to what the log says. */
#include "config.h"

#include <stdlib.h>

#include "internal.h"
#include "matcher.h"
#include "order-private.h"

/* As many vanished messages are remembered for who still points at them. */
#define GRAVES_MAX 20000

/* As many messages are looked for by themselves, more in one walk. */
#define FEW 8

/* ---- following changes ---- */

/* What the log says since the last look; all of int64_t, sorted. */
struct news {
	GArray *threads;
	GArray *flags; /* messages */
	GArray *gone;  /* messages */
	GArray *fresh; /* messages that were not there */
	int64_t seq, most;
	bool all;
	bool many; /* threads, more than are named */
};

static void news_init(struct news *news)
{
	*news = (struct news){
		.threads = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.flags = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.gone = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.fresh = g_array_new(FALSE, FALSE, sizeof(int64_t)),
	};
}

static void news_clear(struct news *news)
{
	g_array_unref(news->threads);
	g_array_unref(news->flags);
	g_array_unref(news->gone);
	g_array_unref(news->fresh);
}

static void note(struct news *news, int kind, int64_t ref)
{
	if (kind == CHANGE_THREAD)
		g_array_append_val(news->threads, ref);
	else if (kind == CHANGE_FLAGS)
		g_array_append_val(news->flags, ref);
	else if (kind == CHANGE_GONE)
		g_array_append_val(news->gone, ref);
	else if (kind == CHANGE_MANY)
		news->many = true;
	else
		news->all = true;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void sort_once(GArray *list)
{
	guint n = 0;

	g_array_sort(list, by_number);
	for (guint i = 0; i < list->len; i++) {
		int64_t id = g_array_index(list, int64_t, i);

		if (n == 0 || g_array_index(list, int64_t, n - 1) != id)
			g_array_index(list, int64_t, n++) = id;
	}
	g_array_set_size(list, n);
}

static bool has(const GArray *list, int64_t id)
{
	/* bsearch() of nothing may not be given NULL. */
	return list->len > 0 && bsearch(&id, list->data, list->len,
					sizeof(id), by_number) != NULL;
}

static bool is_changed(const struct news *news, int64_t thread)
{
	return has(news->threads, thread);
}

/* Ids are never used twice: what is new has a greater one than all before. */
static bool read_fresh(const struct order *order, struct sql *sql,
		       struct news *news)
{
	sqlite3_stmt *s = sql_query(sql, "SELECT id, mbox FROM msg WHERE id > ?",
				    "i", order->most);
	enum sql_result got;

	news->most = order->most;
	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		news->most = sqlite3_column_int64(s, 0);
		if (sqlite3_column_int64(s, 1) == order->mbox)
			g_array_append_val(news->fresh, news->most);
	}
	return got == SQL_DONE;
}

static bool read_log(const struct order *order, struct sql *sql,
		     struct news *news)
{
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT mbox, kind, ref FROM log"
				    " WHERE seq > ?",
				    "i", order->seq);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW)
		if (sqlite3_column_int64(s, 0) == order->mbox)
			note(news, sqlite3_column_int(s, 1),
			     sqlite3_column_int64(s, 2));
	sort_once(news->threads);
	sort_once(news->flags);
	sort_once(news->gone);
	return got == SQL_DONE;
}

static bool read_news(const struct order *order, struct sql *sql,
		      struct news *news)
{
	int64_t oldest;

	if (!sql_value(sql, &oldest, 0, NULL, "SELECT min(seq) FROM log",
		       "") ||
	    !sql_value(sql, &news->seq, 0, NULL, "SELECT max(seq) FROM log",
		       ""))
		return false;
	news->most = order->most;
	news->all = oldest > order->seq + 1 || news->seq < order->seq;
	if (news->all || news->seq == order->seq)
		return true;
	return read_log(order, sql, news) &&
	       (order_threaded(&order->by) || read_fresh(order, sql, news));
}

/* The survivor 0 stands for the last row, whichever that is. */
static void bury_row(struct order *order, int64_t id, int64_t survivor)
{
	if (g_hash_table_size(order->graves) < GRAVES_MAX)
		g_hash_table_insert(order->graves,
				    g_memdup2(&id, sizeof(id)),
				    g_memdup2(&survivor, sizeof(survivor)));
}

/* Those of 'gone' among the rows from 'start' to 'end'; their heir is the
 * row below, which may be gone too. */
static void bury_rows(struct order *order, const GArray *gone, guint start,
		      guint end)
{
	int64_t survivor = end < order->ids->len ? place_id(order, end) : 0;

	if (g_hash_table_size(order->graves) >= GRAVES_MAX)
		g_hash_table_remove_all(order->graves);
	while (gone->len > 0 && end-- > start) {
		int64_t id = place_id(order, end);

		if (has(gone, id))
			bury_row(order, id, survivor);
		else
			survivor = id;
	}
}

/* What is in 'order' and not in 'new'. */
static GArray *find_gone(const struct order *order, const struct order *new)
{
	GArray *there = g_array_new(FALSE, FALSE, sizeof(int64_t));
	GArray *gone = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < new->ids->len; i++) {
		int64_t id = place_id(new, i);

		g_array_append_val(there, id);
	}
	g_array_sort(there, by_number);
	for (guint i = 0; i < order->ids->len; i++) {
		int64_t id = place_id(order, i);

		if (!has(there, id))
			g_array_append_val(gone, id);
	}
	g_array_sort(gone, by_number);
	g_array_unref(there);
	return gone;
}

/* ---- what rows were before ---- */

/* A message with the marks it had. */
struct known {
	int64_t id;
	uint32_t marks;
};

/* What new rows take over: marks by message, folds by thread. */
struct past {
	GArray *known; /* of struct known, sorted by id */
	GHashTable *folded; /* of int64_t threads, borrowed from the order */
};

static bool needs_past(const struct order *order,
		       const struct order_limits *limits)
{
	return order->limit != 0 || order->folded > 0 || order->tagged > 0 ||
	       order->away > 0 || limits->in != NULL || limits->found != NULL;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct known *)a)->id;
	int64_t y = ((const struct known *)b)->id;

	return (x > y) - (x < y);
}

static void know(struct past *past, const struct order *order, guint start,
		 guint end)
{
	for (guint i = start; i < end; i++) {
		struct known known = { place_id(order, i),
				       *place_mark(order, i) & MARK_KEPT };

		g_array_append_val(past->known, known);
	}
}

/* Of all threads or, with 'changed', of those that are. */
static void past_read(struct past *past, const struct order *order,
		      const struct news *changed)
{
	past->known = g_array_new(FALSE, FALSE, sizeof(struct known));
	past->folded = g_hash_table_new(g_int64_hash, g_int64_equal);
	if (changed == NULL)
		know(past, order, 0, order->ids->len);
	for (guint i = 0; i < order->threads->len; i++) {
		struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		if (changed != NULL && !is_changed(changed, s->thread))
			continue;
		if (changed != NULL)
			know(past, order, s->start, s->start + s->n);
		if (s->folded)
			g_hash_table_add(past->folded, &s->thread);
	}
	g_array_sort(past->known, by_id);
}

static void past_clear(struct past *past)
{
	g_array_unref(past->known);
	g_hash_table_unref(past->folded);
}

static const struct known *past_find(const struct past *past, int64_t id)
{
	struct known wanted = { id, 0 };

	/* bsearch() of nothing may not be given NULL. */
	if (past->known->len == 0)
		return NULL;
	return bsearch(&wanted, past->known->data, past->known->len,
		       sizeof(wanted), by_id);
}

/* What a message that was not there before is to the limits. */
static bool judge(const struct order_limits *limits, int64_t id,
		  uint32_t *mark)
{
	bool in = false, found = false;

	if ((limits->in != NULL && !matcher_one(limits->in, id, &in)) ||
	    (limits->found != NULL && !matcher_one(limits->found, id, &found)))
		return false;
	*mark |= (in ? MARK_IN : 0) | (found ? MARK_FOUND : 0);
	return true;
}

/* Marks rows of 'rows' as they were; '*fresh' tells of one that is new. */
static bool inherit_marks(struct order *rows, guint start, guint end,
			  const struct past *past,
			  const struct order_limits *limits, bool *fresh)
{
	*fresh = false;
	for (guint i = start; i < end; i++) {
		const struct known *known = past_find(past, place_id(rows, i));

		if (known != NULL)
			*place_mark(rows, i) |= known->marks;
		else if (!judge(limits, place_id(rows, i), place_mark(rows, i)))
			return false;
		*fresh |= known == NULL;
	}
	return true;
}

static bool inherit(struct order *rows, const struct past *past,
		    const struct order_limits *limits)
{
	bool fresh;

	if (rows->threads->len == 0)
		return inherit_marks(rows, 0, rows->ids->len, past, limits,
				     &fresh);
	for (guint i = 0; i < rows->threads->len; i++) {
		struct segment *s =
			&g_array_index(rows->threads, struct segment, i);

		if (!inherit_marks(rows, s->start, s->start + s->n, past,
				   limits, &fresh))
			return false;
		s->folded = g_hash_table_contains(past->folded, &s->thread) &&
			    (!fresh || rows->by.stay_folded);
	}
	return true;
}

bool order_inherit(struct order *order, const struct order *old,
		   const struct order_limits *limits)
{
	struct past past;
	bool ok;

	if (!needs_past(old, limits))
		return true;
	past_read(&past, old, NULL);
	ok = inherit(order, &past, limits);
	past_clear(&past);
	order->limit = old->limit;
	order_count_marks(order);
	order_show(order);
	return ok;
}

/* ---- taking changes over ---- */

static void swap(GArray **a, GArray **b)
{
	GArray *kept = *a;

	*a = *b;
	*b = kept;
}

static void take(struct order *order, struct order *from)
{
	swap(&order->ids, &from->ids);
	swap(&order->marks, &from->marks);
	swap(&order->threads, &from->threads);
}

/* 'gone': the messages that are, NULL: not known. */
static bool rebuild(struct order *order, struct sql *sql,
		    const struct order_limits *limits, const GArray *gone)
{
	struct order *new = order_build(sql, order->mbox, &order->by);
	g_autoptr(GArray) found = NULL;

	if (new == NULL)
		return false;
	if (!order_inherit(new, order, limits)) {
		order_free(new);
		return false;
	}
	if (gone == NULL)
		gone = found = find_gone(order, new);
	bury_rows(order, gone, 0, order->ids->len);
	take(order, new);
	order->seq = new->seq;
	order->base = new->base;
	order->most = new->most;
	order->tagged = new->tagged;
	order->away = new->away;
	order_free(new);
	order_show(order);
	return true;
}

/* ---- one thread, one message at a time ---- */

/* Places 'at' to 'at + n' are gone; segments are the caller's. */
static void cut(struct order *order, guint at, guint n)
{
	g_array_remove_range(order->ids, at, n);
	g_array_remove_range(order->marks, at, n);
}

/* Segments from 'i' on begin 'by' places later. */
static void shift(struct order *order, guint i, int64_t by)
{
	for (; i < order->threads->len; i++) {
		struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		s->start = (uint32_t)(s->start + by);
	}
}

/* What following changed threads needs. */
struct step {
	struct order *order; /* is changed; borrowed */
	struct sql *sql;     /* borrowed */
	struct lay *lay;
	struct ranks *aux, *group;
	GArray *rows;	     /* of struct lay_row: scratch */
	struct order *fresh; /* the changed threads as they are now */
	GArray *keys;	     /* of struct lay_key, of the threads of 'fresh' */
	int64_t thread;	     /* that is laid out */
	int64_t wanted;	     /* the first message of the thread looked for */
	struct lay_key key;  /* its key */
	bool ok;
};

static void step_init(struct step *step, struct order *order, struct sql *sql)
{
	const struct view_order *by = &order->by;

	*step = (struct step){
		.order = order,
		.sql = sql,
		.lay = lay_new(by),
		.aux = ranks_new(sql, order->mbox, (enum view_key)by->aux, NULL),
		.group = ranks_new(sql, order->mbox, (enum view_key)by->group,
				  NULL),
		.rows = g_array_new(FALSE, FALSE, sizeof(struct lay_row)),
		.fresh = order_new(order->mbox, by),
		.keys = g_array_new(FALSE, FALSE, sizeof(struct lay_key)),
		.ok = true,
	};
	step->fresh->base = order->base;
}

static void step_clear(struct step *step)
{
	lay_free(step->lay);
	ranks_free(step->aux);
	ranks_free(step->group);
	g_array_unref(step->rows);
	order_free(step->fresh);
	g_array_unref(step->keys);
}

/* Lays thread 'thread' out as it is in the cache now; one that is gone gives
 * none, one that is divided gives several. */
static bool lay_stored(struct step *step, int64_t thread, lay_give give)
{
	g_array_set_size(step->rows, 0);
	if (!order_read_thread(step->sql, step->order->mbox, thread,
			       step->aux, step->group, step->rows))
		return false;
	step->thread = thread;
	if (step->rows->len > 0)
		lay_rows(step->lay,
			 (const struct lay_row *)(void *)step->rows->data,
			 step->rows->len, give, step);
	return step->ok;
}

static void keep_fresh(const struct lay_thread *laid, void *user)
{
	struct step *step = user;

	step->ok = step->ok &&
		   order_append_thread(step->fresh, step->thread, laid);
	g_array_append_val(step->keys, laid->key);
}

static void keep_key(const struct lay_thread *laid, void *user)
{
	struct step *step = user;

	if (laid->rows[0].id == step->wanted)
		step->key = laid->key;
}

/* Before which segment a thread with 'key' belongs. */
static bool find_segment(struct step *step, const struct lay_key *key,
			 guint *found)
{
	const struct order *order = step->order;
	bool down = order_descends(&order->by);
	guint low = 0, high = order->threads->len;
	/* New mail mostly belongs behind everything. */
	guint middle = high - 1;

	while (low < high) {
		const struct segment *s =
			&g_array_index(order->threads, struct segment, middle);
		int compared;

		step->wanted = place_id(order, segment_root(order, s));
		if (!lay_stored(step, s->thread, keep_key))
			return false;
		compared = lay_compare(&step->key, key);
		if ((down ? -compared : compared) < 0)
			low = middle + 1;
		else
			high = middle;
		middle = low + (high - low) / 2;
	}
	*found = low;
	return true;
}

static bool put_thread(struct step *step, guint number)
{
	struct order *order = step->order;
	struct segment new =
		g_array_index(step->fresh->threads, struct segment, number);
	guint start = new.start, at;

	if (!find_segment(step,
			  &g_array_index(step->keys, struct lay_key, number),
			  &at))
		return false;
	new.start = at < order->threads->len
			    ? g_array_index(order->threads, struct segment, at)
				      .start
			    : order->ids->len;
	g_array_insert_vals(order->ids, new.start,
			    &g_array_index(step->fresh->ids, uint32_t, start),
			    new.n);
	g_array_insert_vals(order->marks, new.start,
			    place_mark(step->fresh, start), new.n);
	g_array_insert_val(order->threads, at, new);
	shift(order, at + 1, new.n);
	return true;
}

/* Takes the changed threads out, from the last one up. */
static void take_out(struct order *order, const struct news *news)
{
	for (guint i = order->threads->len; i-- > 0;) {
		const struct segment *s =
			&g_array_index(order->threads, struct segment, i);
		guint start = s->start, n = s->n;

		if (!is_changed(news, s->thread))
			continue;
		bury_rows(order, news->gone, start, start + n);
		cut(order, start, n);
		g_array_remove_index(order->threads, i);
		shift(order, i, -(int64_t)n);
	}
}

static bool follow_threads(struct order *order, struct sql *sql,
			   const struct news *news,
			   const struct order_limits *limits)
{
	struct step step;
	struct past past;
	bool inherits = needs_past(order, limits), ok = true;

	step_init(&step, order, sql);
	for (guint i = 0; ok && i < news->threads->len; i++)
		ok = lay_stored(&step,
				g_array_index(news->threads, int64_t, i),
				keep_fresh);
	if (ok && inherits) {
		past_read(&past, order, news);
		ok = inherit(step.fresh, &past, limits);
		past_clear(&past);
	}
	if (ok)
		take_out(order, news);
	for (guint i = 0; ok && i < step.fresh->threads->len; i++)
		ok = put_thread(&step, i);
	step_clear(&step);
	return ok;
}

/* ---- messages in an order of their own ---- */

static bool find_place(const struct order *order, struct sql *sql,
		       const struct flat_row *row, guint *found)
{
	guint low = 0, high = order->ids->len, middle = high - 1;

	while (low < high) {
		struct flat_row there;

		if (!order_read_flat(sql, &order->by, place_id(order, middle),
				     &there))
			return false;
		if (order_compare(&order->by, &there, row) < 0)
			low = middle + 1;
		else
			high = middle;
		middle = low + (high - low) / 2;
	}
	*found = low;
	return true;
}

static bool put_message(struct order *order, struct sql *sql, int64_t id,
			const struct order_limits *limits)
{
	struct flat_row row;
	uint32_t mark, kept = (uint32_t)(id - order->base);
	guint at;

	if (id - order->base > UINT32_MAX ||
	    !order_read_flat(sql, &order->by, id, &row) ||
	    !find_place(order, sql, &row, &at))
		return false;
	mark = MARK(0u, row.flags);
	if (!judge(limits, id, &mark))
		return false;
	g_array_insert_val(order->ids, at, kept);
	g_array_insert_val(order->marks, at, mark);
	return true;
}

static bool follow_messages(struct order *order, struct sql *sql,
			    const struct news *news,
			    const struct order_limits *limits)
{
	bool ok = true;

	for (guint i = 0; i < news->gone->len; i++) {
		int64_t id = g_array_index(news->gone, int64_t, i);
		int64_t place = order_place_of(order, id);

		if (place < 0)
			continue;
		bury_rows(order, news->gone, (guint)place, (guint)place + 1);
		cut(order, (guint)place, 1);
	}
	for (guint i = 0; ok && i < news->fresh->len; i++)
		ok = put_message(order, sql,
				 g_array_index(news->fresh, int64_t, i),
				 limits);
	return ok;
}

/* ---- flags ---- */

static bool read_flags(struct sql *sql, int64_t id, uint32_t *mark)
{
	int64_t shown;

	if (!sql_value(sql, &shown, 0, NULL,
		       "SELECT shown FROM msg WHERE id = ?", "i", id))
		return false;
	*mark = (*mark & ~MARK_FLAGS) | ((uint32_t)shown & MARK_FLAGS);
	return true;
}

/* A few are looked for one by one, more in one walk. */
static bool follow_flags(struct order *order, struct sql *sql,
			 const struct news *news)
{
	const int64_t *ids = (const int64_t *)(void *)news->flags->data;
	guint n = news->flags->len;
	bool ok = true;

	for (guint i = 0; ok && n <= FEW && i < n; i++) {
		int64_t place = order_place_of(order, ids[i]);

		ok = place < 0 ||
		     read_flags(sql, ids[i], place_mark(order, place));
	}
	for (guint i = 0; ok && n > FEW && i < order->ids->len; i++) {
		int64_t id = place_id(order, i);

		if (id >= ids[0] && id <= ids[n - 1] && has(news->flags, id))
			ok = read_flags(sql, id, place_mark(order, i));
	}
	return ok;
}

static bool needs_rebuild(const struct order *order, const struct news *news)
{
	const struct view_order *by = &order->by;
	guint changed = order_threaded(by) ? news->threads->len
					   : news->fresh->len + news->gone->len;

	if (news->all || changed > CHANGES_MAX ||
	    changed > order->ids->len / 2 ||
	    (news->many && order_threaded(by)))
		return true;
	if (order_follows(by))
		return false;
	return changed > 0 || news->threads->len > 0 || news->many ||
	       (news->flags->len > 0 &&
		(by->key == VIEW_BY_LABEL || by->aux == VIEW_BY_LABEL ||
		 by->group == VIEW_BY_LABEL));
}

bool order_refresh(struct order *order, struct sql *sql,
		   const struct order_limits *limits)
{
	struct news news;
	bool ok;

	news_init(&news);
	ok = read_news(order, sql, &news);
	if (ok && needs_rebuild(order, &news)) {
		ok = rebuild(order, sql, limits, news.all ? NULL : news.gone);
	} else if (ok) {
		ok = order_threaded(&order->by)
			     ? follow_threads(order, sql, &news, limits)
			     : follow_messages(order, sql, &news, limits);
		ok = ok && (news.flags->len == 0 ||
			    follow_flags(order, sql, &news));
		order->seq = news.seq;
		order->most = news.most;
		if (ok && news.threads->len > 0) {
			if (order->tagged + order->away > 0)
				order_count_marks(order);
			order_show(order);
		}
	}
	news_clear(&news);
	return ok;
}
