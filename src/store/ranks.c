/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ranks.h"

#include <stdlib.h>
#include <string.h>

#include "ids.h"

/* What a message is compared by, and then its rank among all. */
struct ranked {
	int64_t id;
	const char *text; /* NULL: compared by 'number' */
	int64_t number;
};

struct ranks {
	enum view_key key;
	GArray *list; /* of struct ranked by id, or NULL: keys are plain */
};

bool ranks_are_plain(enum view_key key)
{
	return key == VIEW_BY_DATE || key == VIEW_BY_RECEIVED ||
	       key == VIEW_EQUAL || key == VIEW_UNSORTED ||
	       key == VIEW_BY_THREAD;
}

/* ---- reading ---- */

static const char *query_for(enum view_key key)
{
	switch (key) {
	case VIEW_BY_FROM:
		return "SELECT m.id, 0, sender_name FROM msg m"
		       " JOIN hdr h ON h.id = m.id WHERE mbox = ?";
	case VIEW_BY_TO:
		return "SELECT m.id, 0, recipient_name FROM msg m"
		       " JOIN hdr h ON h.id = m.id WHERE mbox = ?";
	case VIEW_BY_SUBJECT:
		return "SELECT m.id, sent, subject FROM msg m"
		       " JOIN hdr h ON h.id = m.id WHERE mbox = ?";
	case VIEW_BY_LABEL:
		return "SELECT m.id, 0, keywords FROM msg m"
		       " JOIN hdr h ON h.id = m.id WHERE mbox = ?";
	default:
		return "SELECT id, size, NULL FROM msg WHERE mbox = ?";
	}
}

/* What of a text is compared; NULL: nothing is. */
static const char *compared_text(enum view_key key,
				 const struct ids_prefix *prefix,
				 const char *text)
{
	bool reply;

	if (text == NULL)
		return NULL;
	if (*text == '\0' &&
	    (key == VIEW_BY_SUBJECT || key == VIEW_BY_LABEL))
		return NULL;
	return key == VIEW_BY_SUBJECT
		       ? ids_base_subject(prefix, text, &reply)
		       : text;
}

static const char *kept_text(enum view_key key,
			     const struct ids_prefix *prefix, const char *text,
			     GStringChunk *texts)
{
	text = compared_text(key, prefix, text);
	return text != NULL ? g_string_chunk_insert(texts, text) : NULL;
}

static bool read_texts(struct ranks *ranks, struct sql *sql, int64_t mbox,
		       struct ids_prefix *prefix, GStringChunk *texts)
{
	sqlite3_stmt *s = sql_query(sql, query_for(ranks->key), "i", mbox);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		struct ranked ranked = {
			.id = sqlite3_column_int64(s, 0),
			.number = sqlite3_column_int64(s, 1),
			.text = kept_text(ranks->key, prefix,
					  (const char *)sqlite3_column_text(
						  s, 2),
					  texts),
		};

		g_array_append_val(ranks->list, ranked);
	}
	return got == SQL_DONE;
}

/* ---- ranks ---- */

static int compare(enum view_key key, const char *a, int64_t a_number,
		   const char *b, int64_t b_number)
{
	if (a != NULL && b != NULL)
		return g_ascii_strcasecmp(a, b);
	if (a != NULL || b != NULL)
		return (a != NULL) == (key == VIEW_BY_LABEL) ? -1 : 1;
	return (a_number > b_number) - (a_number < b_number);
}

static int by_text(const void *a, const void *b, void *user)
{
	const struct ranked *x = a, *y = b;
	const enum view_key *key = user;

	return compare(*key, x->text, x->number, y->text, y->number);
}

static int by_id(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Equal ones get the same rank. */
static void rank(struct ranks *ranks)
{
	struct ranked *all = (struct ranked *)(void *)ranks->list->data;
	const struct ranked *before = NULL;
	struct ranked last;
	int64_t place = 0;

	g_array_sort_with_data(ranks->list, by_text, &ranks->key);
	for (guint i = 0; i < ranks->list->len; i++) {
		if (before != NULL && by_text(before, &all[i], &ranks->key))
			place++;
		last = all[i];
		before = &last;
		all[i].number = place;
		all[i].text = NULL;
	}
	g_array_sort(ranks->list, by_id);
}

struct ranks *ranks_new(struct sql *sql, int64_t mbox, enum view_key key,
		      const char *reply)
{
	struct ranks *ranks = g_new0(struct ranks, 1);
	struct ids_prefix *prefix;
	GStringChunk *texts;
	bool ok;

	ranks->key = key;
	if (ranks_are_plain(key))
		return ranks;
	ranks->list = g_array_new(FALSE, FALSE, sizeof(struct ranked));
	prefix = ids_prefix_new(reply);
	texts = g_string_chunk_new(1 << 16);
	ok = read_texts(ranks, sql, mbox, prefix, texts);
	if (ok)
		rank(ranks);
	g_string_chunk_free(texts);
	ids_prefix_free(prefix);
	if (ok)
		return ranks;
	ranks_free(ranks);
	return NULL;
}

void ranks_free(struct ranks *ranks)
{
	if (ranks == NULL)
		return;
	g_clear_pointer(&ranks->list, g_array_unref);
	g_free(ranks);
}

int64_t ranks_of(const struct ranks *ranks, const struct ranks_row *row)
{
	struct ranked wanted = { .id = row->id };
	const struct ranked *found;

	switch (ranks->key) {
	case VIEW_BY_DATE:
		return row->sent;
	case VIEW_BY_RECEIVED:
		return row->received;
	case VIEW_UNSORTED:
		return row->uid;
	default:
		break;
	}
	if (ranks->list == NULL || ranks->list->len == 0)
		return 0;
	found = bsearch(&wanted, ranks->list->data, ranks->list->len,
			sizeof(wanted), by_id);
	return found != NULL ? found->number : 0;
}

/* ---- one by one ---- */

enum { COLUMN_SENT, COLUMN_RECEIVED, COLUMN_UID, COLUMN_SIZE, COLUMN_SUBJECT,
       COLUMN_FROM, COLUMN_TO, COLUMN_KEYWORDS };

static int number_column(enum view_key key)
{
	switch (key) {
	case VIEW_BY_DATE:
	case VIEW_BY_SUBJECT: /* those without one */
		return COLUMN_SENT;
	case VIEW_BY_RECEIVED:
		return COLUMN_RECEIVED;
	case VIEW_UNSORTED:
		return COLUMN_UID;
	case VIEW_BY_SIZE:
		return COLUMN_SIZE;
	default:
		return -1;
	}
}

static int text_column(enum view_key key)
{
	switch (key) {
	case VIEW_BY_SUBJECT:
		return COLUMN_SUBJECT;
	case VIEW_BY_FROM:
		return COLUMN_FROM;
	case VIEW_BY_TO:
		return COLUMN_TO;
	case VIEW_BY_LABEL:
		return COLUMN_KEYWORDS;
	default:
		return -1;
	}
}

struct ranks_value ranks_read(sqlite3_stmt *row, enum view_key key,
			      const struct ids_prefix *prefix)
{
	struct ranks_value value = { NULL, 0 };
	int number = number_column(key), text = text_column(key);

	if (number >= 0)
		value.number = sqlite3_column_int64(row, number);
	if (text >= 0)
		value.text = g_strdup(compared_text(
			key, prefix,
			(const char *)sqlite3_column_text(row, text)));
	return value;
}

int ranks_compare(enum view_key key, const struct ranks_value *a,
		  const struct ranks_value *b)
{
	return compare(key, a->text, a->number, b->text, b->number);
}
