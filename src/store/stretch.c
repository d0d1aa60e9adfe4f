/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stretch: the first screen of a large mailbox, by keyset (DESIGN 11). */
#include "config.h"

#include "internal.h"
#include "window.h"

/* Threads after the place are counted to find its row number; when there are
 * more, building the whole order costs no more. */
#define WALK_MAX 3000

struct key {
	int64_t last, thread;
	int64_t n;
};

/* Threads upwards from a key (without it), and downwards. */
static const char *const walk_query[2] = {
	"SELECT last, id, n FROM thr INDEXED BY thr_last WHERE mbox = ?1"
	" AND (last, id) > (?2, ?3) ORDER BY last, id",
	"SELECT last, id, n FROM thr INDEXED BY thr_last WHERE mbox = ?1"
	" AND (last, id) < (?2, ?3) ORDER BY last DESC, id DESC",
};

static const char *const fresh_query[2] = {
	"SELECT last, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 AND fresh > 0 ORDER BY last, id LIMIT 1",
	"SELECT last, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 AND fresh > 0 ORDER BY last DESC, id DESC LIMIT 1",
};

static const char *const unread_query[2] = {
	"SELECT last, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 ORDER BY last, id LIMIT 1",
	"SELECT last, id, n FROM thr INDEXED BY thr_unread WHERE mbox = ?"
	" AND unread > 0 ORDER BY last DESC, id DESC LIMIT 1",
};

static void read_key(sqlite3_stmt *s, struct key *key)
{
	key->last = sqlite3_column_int64(s, 0);
	key->thread = sqlite3_column_int64(s, 1);
	key->n = sqlite3_column_int64(s, 2);
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

/* The ids of a thread, appended; '*fresh' and '*unread' get the index in it
 * of the first such message, if any. */
static bool append_thread(struct sql *sql, int64_t mbox, int64_t thread,
			  GArray *ids, int64_t *fresh, int64_t *unread)
{
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT id, shown FROM msg"
				    " INDEXED BY msg_order WHERE mbox = ?"
				    " AND thr = ? ORDER BY ord",
				    "ii", mbox, thread);
	enum sql_result got;

	for (int64_t i = 0; (got = sql_step(sql, s, NULL)) == SQL_ROW; i++) {
		int64_t id = sqlite3_column_int64(s, 0);
		uint32_t shown = (uint32_t)sqlite3_column_int64(s, 1);

		g_array_append_val(ids, id);
		if (*fresh < 0 && is_fresh(shown))
			*fresh = i;
		if (*unread < 0 && is_unread(shown))
			*unread = i;
	}
	return got == SQL_DONE;
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
		      key->thread);
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

static bool fill(struct sql *sql, int64_t mbox, GArray *keys,
		 const struct key *place, enum aim aim, struct stretch *s)
{
	int64_t fresh = -1, unread = -1, start = 0;

	for (guint i = 0; i < keys->len; i++) {
		int64_t thread = g_array_index(keys, struct key, i).thread;

		if (thread == place->thread) {
			fresh = unread = -1;
			start = s->ids->len;
		}
		if (!append_thread(sql, mbox, thread, s->ids, &fresh, &unread))
			return false;
		if (thread != place->thread)
			continue;
		s->first = s->at - start;
		if (aim == AIM_LAST)
			s->at += place->n - 1;
		else if (aim == AIM_NEW)
			s->at += MAX(fresh, 0);
		else if (aim == AIM_UNREAD)
			s->at += MAX(unread, 0);
	}
	return true;
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

	if (!order_threaded(&request->by) ||
	    request->by.aux != VIEW_BY_RECEIVED ||
	    (request->at != VIEW_AT_FIRST && request->at != VIEW_AT_LAST &&
	     request->at != VIEW_AT_FIRST_NEW) ||
	    !find_thread(sql, mbox, request->at, down, &place, &aim))
		return false;
	stretch->at = start_of(sql, mbox, total, &place, down, aim);
	if (stretch->at < 0 || !gather(sql, mbox, request, &place, keys))
		return false;
	stretch->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	if (fill(sql, mbox, keys, &place, aim, stretch))
		return true;
	g_clear_pointer(&stretch->ids, g_array_unref);
	return false;
}
