/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stretch: the first screen of a large mailbox, by keyset (DESIGN 11). */
#include "config.h"

#include "internal.h"
#include "order-private.h"
#include "window.h"

/* Threads after the place are counted to find its row number; when there are
 * more, building the whole order costs no more. */
#define WALK_MAX 3000

struct key {
	int64_t last, uid;
	int64_t thread, n;
};

/* Threads upwards from a key (without it), and downwards. */
static const char *const walk_query[2] = {
	"SELECT last, uid, id, n FROM thr INDEXED BY thr_last WHERE mbox = ?1"
	" AND (last, uid) > (?2, ?3) ORDER BY last, uid",
	"SELECT last, uid, id, n FROM thr INDEXED BY thr_last WHERE mbox = ?1"
	" AND (last, uid) < (?2, ?3) ORDER BY last DESC, uid DESC",
};

static const char *const fresh_query[2] = {
	"SELECT last, uid, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 AND fresh > 0 ORDER BY last, uid LIMIT 1",
	"SELECT last, uid, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 AND fresh > 0 ORDER BY last DESC, uid DESC LIMIT 1",
};

static const char *const unread_query[2] = {
	"SELECT last, uid, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 ORDER BY last, uid LIMIT 1",
	"SELECT last, uid, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 ORDER BY last DESC, uid DESC LIMIT 1",
};

static void read_key(sqlite3_stmt *s, struct key *key)
{
	key->last = sqlite3_column_int64(s, 0);
	key->uid = sqlite3_column_int64(s, 1);
	key->thread = sqlite3_column_int64(s, 2);
	key->n = sqlite3_column_int64(s, 3);
}

static bool read_one(struct sql *sql, sqlite3_stmt *s, struct key *key)
{
	if (sql_step(sql, s, NULL) != SQL_ROW)
		return false;
	read_key(s, key);
	sql_end(s);
	return true;
}

/* The thread with the least ('down' false) or greatest key. */
static bool read_end(struct sql *sql, int64_t mbox, bool down,
		     struct key *key)
{
	int64_t from = down ? INT64_MAX : INT64_MIN;

	return read_one(sql,
			sql_query(sql, walk_query[down ? 1 : 0], "iii", mbox,
				  from, from),
			key);
}

/* Messages of the threads above 'key' in the order of the index, or -1. */
static int64_t count_above(struct sql *sql, int64_t mbox,
			   const struct key *key)
{
	sqlite3_stmt *s = sql_query(sql, walk_query[1], "iii", mbox, INT64_MAX,
				    INT64_MAX);
	int64_t count = 0;

	for (int i = 0; i < WALK_MAX; i++) {
		struct key seen;

		if (sql_step(sql, s, NULL) != SQL_ROW)
			return -1;
		read_key(s, &seen);
		if (seen.thread == key->thread) {
			sql_end(s);
			return count;
		}
		count += seen.n;
	}
	sql_end(s);
	return -1;
}

/* Keys of the threads next to 'key' until they have 'rows' messages. */
static bool walk(struct sql *sql, int64_t mbox, const struct key *key,
		 bool down, int64_t rows, GArray *keys)
{
	sqlite3_stmt *s;
	enum sql_result got = SQL_DONE;

	if (rows <= 0)
		return true;
	s = sql_query(sql, walk_query[down ? 1 : 0], "iii", mbox, key->last,
		      key->uid);
	while (rows > 0 && (got = sql_step(sql, s, NULL)) == SQL_ROW) {
		struct key next;

		read_key(s, &next);
		g_array_append_val(keys, next);
		rows -= next.n;
	}
	if (got == SQL_ROW)
		sql_end(s);
	return got != SQL_FAIL;
}

enum aim { AIM_FIRST, AIM_LAST, AIM_NEW, AIM_UNREAD };

/* Finds the thread that the request is about, and which row of it. */
static bool find_thread(struct sql *sql, int64_t mbox, enum view_at at,
			bool down, struct key *key, enum aim *aim)
{
	int side = down ? 1 : 0;

	if (at == VIEW_AT_FIRST_NEW) {
		*aim = AIM_NEW;
		if (read_one(sql, sql_query(sql, fresh_query[side], "i", mbox),
			     key))
			return true;
		*aim = AIM_UNREAD;
		if (read_one(sql,
			     sql_query(sql, unread_query[side], "i", mbox),
			     key))
			return true;
		at = VIEW_AT_LAST;
	}
	*aim = at == VIEW_AT_FIRST ? AIM_FIRST : AIM_LAST;
	return read_end(sql, mbox, (at == VIEW_AT_LAST) != down, key);
}

/* The row number of the first message of thread 'key', or -1. */
static int64_t start_of(struct sql *sql, int64_t mbox, int64_t total,
			const struct key *key, bool down, enum aim aim)
{
	int64_t above;

	if (aim == AIM_FIRST)
		return 0;
	if (aim == AIM_LAST)
		return total - key->n;
	above = count_above(sql, mbox, key);
	if (above < 0)
		return -1;
	return down ? above : total - above - key->n;
}

/* What appending threads to the part needs. */
struct filler {
	struct order *part;
	struct lay *lay;
	struct ranks *aux, *group;
	GArray *rows; /* of struct lay_row */
	int64_t thread;
	bool ok;
};

static void append(const struct lay_thread *laid, void *user)
{
	struct filler *f = user;

	f->ok = f->ok && order_append_thread(f->part, f->thread, laid);
}

static bool append_thread(struct sql *sql, struct filler *f, int64_t thread)
{
	g_array_set_size(f->rows, 0);
	f->thread = thread;
	if (!order_read_thread(sql, f->part->mbox, thread, f->aux, f->group,
			       f->rows) ||
	    f->rows->len == 0)
		return false;
	lay_rows(f->lay, (const struct lay_row *)(void *)f->rows->data,
		 f->rows->len, append, f);
	return f->ok;
}

/* Which row of the thread that begins at 'start' the request is about. */
static int64_t row_in(const struct order *part, int64_t start, enum aim aim)
{
	int64_t last = order_count(part) - 1;

	if (aim == AIM_FIRST)
		return 0;
	if (aim == AIM_LAST)
		return last - start;
	for (int64_t row = start; row <= last; row++)
		if (aim == AIM_NEW ? is_fresh(order_flags(part, row))
				   : is_unread(order_flags(part, row)))
			return row - start;
	return 0;
}

static bool fill(struct sql *sql, struct filler *f, GArray *keys,
		 const struct key *place, enum aim aim, struct stretch *s)
{
	for (guint i = 0; i < keys->len; i++) {
		int64_t thread = g_array_index(keys, struct key, i).thread;
		int64_t start = order_count(f->part);

		if (!append_thread(sql, f, thread))
			return false;
		if (thread != place->thread)
			continue;
		s->first = s->at - start;
		s->at += row_in(f->part, start, aim);
	}
	return true;
}

static bool fill_part(struct sql *sql, struct stretch *s, GArray *keys,
		      const struct key *place, enum aim aim)
{
	const struct view_order *by = &s->part->by;
	struct filler f = {
		.part = s->part,
		.lay = lay_new(by),
		.aux = ranks_new(sql, s->part->mbox, (enum view_key)by->aux,
				by->reply),
		.group = ranks_new(sql, s->part->mbox,
				  (enum view_key)by->group, by->reply),
		.rows = g_array_new(FALSE, FALSE, sizeof(struct lay_row)),
		.ok = true,
	};
	bool ok = f.aux != NULL && f.group != NULL &&
		  fill(sql, &f, keys, place, aim, s);

	lay_free(f.lay);
	ranks_free(f.aux);
	ranks_free(f.group);
	g_array_unref(f.rows);
	return ok;
}

/* The threads around 'place' in the order of display. */
static bool gather(struct sql *sql, int64_t mbox,
		   const struct window_request *request,
		   const struct key *place, GArray *keys)
{
	bool down = order_descends(&request->by);

	if (!walk(sql, mbox, place, !down, request->before, keys))
		return false;
	for (guint i = 0, j = keys->len; i + 1 < j; i++) {
		struct key kept = g_array_index(keys, struct key, i);

		j--;
		g_array_index(keys, struct key, i) =
			g_array_index(keys, struct key, j);
		g_array_index(keys, struct key, j) = kept;
	}
	g_array_append_val(keys, *place);
	return walk(sql, mbox, place, down, request->after, keys);
}

bool stretch_read(struct sql *sql, int64_t mbox, int64_t total,
		  const struct window_request *request,
		  struct stretch *stretch)
{
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(struct key));
	bool down = order_descends(&request->by);
	struct key place;
	enum aim aim;

	if (!order_is_stored(&request->by) ||
	    !order_follows(&request->by) ||
	    (request->at != VIEW_AT_FIRST && request->at != VIEW_AT_LAST &&
	     request->at != VIEW_AT_FIRST_NEW) ||
	    !find_thread(sql, mbox, request->at, down, &place, &aim))
		return false;
	stretch->at = start_of(sql, mbox, total, &place, down, aim);
	if (stretch->at < 0 || !gather(sql, mbox, request, &place, keys))
		return false;
	stretch->part = order_new(mbox, &request->by);
	if (fill_part(sql, stretch, keys, &place, aim))
		return true;
	g_clear_pointer(&stretch->part, order_free);
	return false;
}
