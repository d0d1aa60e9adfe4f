/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "news.h"

#include <stdlib.h>

#include "internal.h"

void news_init(struct news *news)
{
	*news = (struct news){
		.threads = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.flags = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.gone = g_array_new(FALSE, FALSE, sizeof(int64_t)),
		.fresh = g_array_new(FALSE, FALSE, sizeof(int64_t)),
	};
}

void news_clear(struct news *news)
{
	g_array_unref(news->threads);
	g_array_unref(news->flags);
	g_array_unref(news->gone);
	g_array_unref(news->fresh);
}

/* ---- lists ---- */

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

bool news_has(const GArray *list, int64_t id)
{
	/* bsearch() of nothing may not be given NULL. */
	return list->len > 0 && bsearch(&id, list->data, list->len,
					sizeof(id), by_number) != NULL;
}

/* ---- many in one entry ---- */

/* Each is its distance from the one before, seven bits an octet. */
GByteArray *news_pack(GArray *list)
{
	GByteArray *packed = g_byte_array_new();
	uint64_t before = 0;

	sort_once(list);
	for (guint i = 0; i < list->len; i++) {
		uint64_t number = (uint64_t)g_array_index(list, int64_t, i);
		uint64_t left = number - before;

		before = number;
		do {
			guint8 octet = (guint8)((left & 0x7f) |
						(left > 0x7f ? 0x80 : 0));

			g_byte_array_append(packed, &octet, 1);
			left >>= 7;
		} while (left > 0);
	}
	return packed;
}

static void unpack(GArray *list, const uint8_t *packed, size_t length)
{
	uint64_t number = 0, distance = 0;
	unsigned shift = 0;

	for (size_t i = 0; i < length; i++) {
		int64_t found;

		if (shift < 64)
			distance |= (uint64_t)(packed[i] & 0x7f) << shift;
		shift += 7;
		if (packed[i] & 0x80)
			continue;
		number += distance;
		found = (int64_t)number;
		g_array_append_val(list, found);
		distance = 0;
		shift = 0;
	}
}

/* ---- the log ---- */

/* Columns: kind, ref. */
static void note(struct news *news, sqlite3_stmt *s)
{
	int64_t ref = sqlite3_column_int64(s, 1);

	switch (sqlite3_column_int(s, 0)) {
	case CHANGE_THREAD:
		g_array_append_val(news->threads, ref);
		break;
	case CHANGE_FLAGS:
		g_array_append_val(news->flags, ref);
		break;
	case CHANGE_GONE:
		g_array_append_val(news->gone, ref);
		break;
	case CHANGE_MANY:
		if (sqlite3_column_type(s, 1) == SQLITE_BLOB)
			unpack(news->threads, sqlite3_column_blob(s, 1),
			       (size_t)sqlite3_column_bytes(s, 1));
		else
			news->all = true; /* of a smew that did not name them */
		break;
	default:
		news->all = true;
		break;
	}
}

static bool read_log(struct news *news, struct sql *sql, int64_t mbox,
		     int64_t seq)
{
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT kind, ref, mbox FROM log"
				    " WHERE seq > ?",
				    "i", seq);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW)
		if (sqlite3_column_int64(s, 2) == mbox)
			note(news, s);
	sort_once(news->threads);
	sort_once(news->flags);
	sort_once(news->gone);
	return got == SQL_DONE;
}

/* Ids are never used twice: what is new has a greater one than all before. */
static bool read_fresh(struct news *news, struct sql *sql, int64_t mbox)
{
	sqlite3_stmt *s = sql_query(sql, "SELECT id, mbox FROM msg WHERE id > ?",
				    "i", news->most);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		news->most = sqlite3_column_int64(s, 0);
		if (sqlite3_column_int64(s, 1) == mbox)
			g_array_append_val(news->fresh, news->most);
	}
	return got == SQL_DONE;
}

bool news_read(struct news *news, struct sql *sql, int64_t mbox, int64_t seq,
	       int64_t most, bool fresh)
{
	int64_t oldest;

	if (!sql_value(sql, &oldest, 0, NULL, "SELECT min(seq) FROM log",
		       "") ||
	    !sql_value(sql, &news->seq, 0, NULL, "SELECT max(seq) FROM log",
		       ""))
		return false;
	news->most = most;
	news->all = oldest > seq + 1 || news->seq < seq;
	if (news->all || news->seq == seq)
		return true;
	return read_log(news, sql, mbox, seq) &&
	       (!fresh || read_fresh(news, sql, mbox));
}
