/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: brings an order up to what the log says. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "internal.h"
#include "matcher.h"
#include "news.h"
#include "order-private.h"

/* As many vanished messages are remembered for who still points at them. */
#define GRAVES_MAX 20000

/* As many messages are looked for by themselves, more in one walk. */
#define FEW 8

/* To read one changed thread costs as much as so many messages when all are
 * read. */
#define MUCH 20

/* ---- what is gone ---- */

/* The survivor 0 stands for the last row, whichever that is. */
static void bury_row(struct order *order, int64_t id, int64_t survivor)
{
	if (g_hash_table_size(order->graves) < GRAVES_MAX)
		g_hash_table_insert(order->graves,
				    g_memdup2(&id, sizeof(id)),
				    g_memdup2(&survivor, sizeof(survivor)));
}

void follow_bury(struct order *order, const GArray *gone, guint start,
		 guint end)
{
	int64_t survivor = end < order->ids->len ? place_id(order, end) : 0;

	if (g_hash_table_size(order->graves) >= GRAVES_MAX)
		g_hash_table_remove_all(order->graves);
	while (gone->len > 0 && end-- > start) {
		int64_t id = place_id(order, end);

		if (news_has(gone, id))
			bury_row(order, id, survivor);
		else
			survivor = id;
	}
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
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

		if (!news_has(there, id))
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

		if (changed != NULL && !news_has(changed->threads, s->thread))
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

bool follow_judge(const struct order_limits *limits, int64_t id,
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
		else if (!follow_judge(limits, place_id(rows, i), place_mark(rows, i)))
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
	follow_bury(order, gone, 0, order->ids->len);
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

/* ---- pieces that come in ---- */

guint follow_find(guint from, guint end,
		  bool (*before)(guint place, void *user), void *user)
{
	guint low = from, high = end, stride = 1;

	if (low == high || before(high - 1, user))
		return high;
	while (low + stride < high && before(low + stride - 1, user)) {
		low += stride;
		stride *= 2;
	}
	high = MIN(high, low + stride);
	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (before(middle, user))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void follow_weave(GArray *to, const GArray *from, const GArray *pieces)
{
	guint size = g_array_get_element_size(to), old = to->len, end;

	g_array_set_size(to, old + from->len);
	end = to->len;
	for (guint k = pieces->len; k-- > 0;) {
		const struct piece *piece =
			&g_array_index(pieces, struct piece, k);
		guint behind = old - piece->at;

		end -= behind;
		memmove(to->data + (gsize)end * size,
			to->data + (gsize)piece->at * size,
			(gsize)behind * size);
		old = piece->at;
		end -= piece->n;
		memcpy(to->data + (gsize)end * size,
		       from->data + (gsize)piece->from * size,
		       (gsize)piece->n * size);
	}
}

/* ---- threads ---- */

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
	guint probed;	     /* the segment whose key is 'key' */
	struct lay_key key;
	const struct lay_key *fresh_key; /* that is put in; borrowed */
	bool ok;
};

#define NOT_PROBED G_MAXUINT

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
		.probed = NOT_PROBED,
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

/* How keys compare where threads stand from top to bottom. */
static int compare_keys(const struct order *order, const struct lay_key *a,
			const struct lay_key *b)
{
	int compared = lay_compare(a, b);

	return order_descends(&order->by) ? -compared : compared;
}

/* Whether segment 'number' stands before the thread that is put in. */
static bool is_before(guint number, void *user)
{
	struct step *step = user;
	const struct order *order = step->order;
	const struct segment *s =
		&g_array_index(order->threads, struct segment, number);

	if (step->probed != number) {
		step->wanted = place_id(order, segment_root(order, s));
		step->ok = step->ok && lay_stored(step, s->thread, keep_key);
		step->probed = number;
	}
	return step->ok && compare_keys(order, &step->key, step->fresh_key) < 0;
}

static int by_place(const void *a, const void *b, void *user)
{
	const struct step *step = user;

	return compare_keys(step->order,
			    &g_array_index(step->keys, struct lay_key,
					   *(const guint *)a),
			    &g_array_index(step->keys, struct lay_key,
					   *(const guint *)b));
}

/* The numbers of the fresh threads from top to bottom. */
static GArray *sort_fresh(struct step *step)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < step->keys->len; i++)
		g_array_append_val(numbers, i);
	g_array_sort_with_data(numbers, by_place, step);
	return numbers;
}

/* Segments from 'i' on begin where the one before ends. */
static void number_segments(struct order *order, guint i)
{
	guint start = 0;

	if (i > 0) {
		const struct segment *s = &g_array_index(
			order->threads, struct segment, i - 1);

		start = s->start + s->n;
	}
	for (; i < order->threads->len; i++) {
		struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		s->start = start;
		start += s->n;
	}
}

/* Where a fresh thread goes: as a segment, and its messages. */
static void add_pieces(struct step *step, guint number, guint at,
		       GArray *segments, GArray *places)
{
	const struct order *order = step->order;
	const struct segment *s =
		&g_array_index(step->fresh->threads, struct segment, number);
	struct piece segment = { at, number, 1 };
	struct piece place = { order->ids->len, s->start, s->n };

	if (at < order->threads->len)
		place.at = g_array_index(order->threads, struct segment, at)
				   .start;
	g_array_append_val(segments, segment);
	g_array_append_val(places, place);
}

static bool put_threads(struct step *step)
{
	struct order *order = step->order;
	g_autoptr(GArray) numbers = sort_fresh(step);
	g_autoptr(GArray) segments =
		g_array_new(FALSE, FALSE, sizeof(struct piece));
	g_autoptr(GArray) places =
		g_array_new(FALSE, FALSE, sizeof(struct piece));
	guint at = 0, first = order->threads->len;

	for (guint i = 0; step->ok && i < numbers->len; i++) {
		guint number = g_array_index(numbers, guint, i);

		step->fresh_key =
			&g_array_index(step->keys, struct lay_key, number);
		at = follow_find(at, step->order->threads->len, is_before,
				 step);
		first = MIN(first, at);
		add_pieces(step, number, at, segments, places);
	}
	if (!step->ok)
		return false;
	follow_weave(order->ids, step->fresh->ids, places);
	follow_weave(order->marks, step->fresh->marks, places);
	follow_weave(order->threads, step->fresh->threads, segments);
	number_segments(order, first);
	return true;
}

static void move(GArray *list, guint to, guint from, guint n)
{
	guint size = g_array_get_element_size(list);

	if (to != from)
		memmove(list->data + (gsize)to * size,
			list->data + (gsize)from * size, (gsize)n * size);
}

static void bury_changed(struct order *order, const struct news *news)
{
	for (guint i = order->threads->len; i-- > 0 && news->gone->len > 0;) {
		const struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		if (news_has(news->threads, s->thread))
			follow_bury(order, news->gone, s->start,
				  s->start + s->n);
	}
}

/* Takes the changed threads out. */
static void take_out(struct order *order, const struct news *news)
{
	guint segments = 0, places = 0;

	bury_changed(order, news);
	for (guint i = 0; i < order->threads->len; i++) {
		struct segment s =
			g_array_index(order->threads, struct segment, i);

		if (news_has(news->threads, s.thread))
			continue;
		move(order->ids, places, s.start, s.n);
		move(order->marks, places, s.start, s.n);
		s.start = places;
		places += s.n;
		g_array_index(order->threads, struct segment, segments++) = s;
	}
	g_array_set_size(order->ids, places);
	g_array_set_size(order->marks, places);
	g_array_set_size(order->threads, segments);
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
	if (ok) {
		take_out(order, news);
		ok = put_threads(&step);
	}
	step_clear(&step);
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

		if (id >= ids[0] && id <= ids[n - 1] && news_has(news->flags, id))
			ok = read_flags(sql, id, place_mark(order, i));
	}
	return ok;
}

/* Many changes one by one cost more than reading everything anew. */
static bool is_much(const struct order *order, guint changed)
{
	return changed > order->ids->len / 2 ||
	       (changed > CHANGES_MAX && changed > order->ids->len / MUCH);
}

static bool needs_rebuild(const struct order *order, const struct news *news)
{
	const struct view_order *by = &order->by;
	guint fresh = order_threaded(by) ? news->threads->len
					 : news->fresh->len;
	guint gone = order_threaded(by) ? 0 : news->gone->len;

	if (news->all || gone > CHANGES_MAX || is_much(order, fresh + gone))
		return true;
	if (news->flags->len > 0 &&
	    (by->key == VIEW_BY_LABEL || by->aux == VIEW_BY_LABEL ||
	     by->group == VIEW_BY_LABEL))
		return true;
	return !order_follows(by) && fresh > 0;
}

bool order_refresh(struct order *order, struct sql *sql,
		   const struct order_limits *limits)
{
	struct news news;
	bool ok;

	news_init(&news);
	ok = news_read(&news, sql, order->mbox, order->seq, order->most,
		       !order_threaded(&order->by));
	if (ok && needs_rebuild(order, &news)) {
		ok = rebuild(order, sql, limits, news.all ? NULL : news.gone);
	} else if (ok) {
		ok = order_threaded(&order->by)
			     ? follow_threads(order, sql, &news, limits)
			     : follow_flat(order, sql, &news, limits);
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
