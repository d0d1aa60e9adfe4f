/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row: what the screen shows of a message and of a mailbox. */
#include "config.h"

#include <string.h>

#include "window.h"

#define INBOX "INBOX"

static void read_columns(sqlite3_stmt *s, struct view_row *row)
{
	row->uid = (uint32_t)sqlite3_column_int64(s, 0);
	row->flags = (uint32_t)sqlite3_column_int64(s, 1);
	row->sent = sqlite3_column_int64(s, 2);
	row->received = sqlite3_column_int64(s, 3);
	row->size = (uint64_t)sqlite3_column_int64(s, 4);
	row->zone = sqlite3_column_int(s, 5);
	row->from = sql_string(s, 6);
	row->from_name = sql_string(s, 7);
	row->to = sql_string(s, 8);
	row->to_name = sql_string(s, 9);
	row->cc = sql_string(s, 10);
	row->subject = sql_string(s, 11);
	row->message_id = sql_string(s, 12);
	row->list_id = sql_string(s, 13);
	row->keywords = sql_string(s, 14);
	row->thread_size = 1;
	row->tree = g_strdup("");
}

bool row_read(struct sql *sql, int64_t id, struct view_row *row)
{
	sqlite3_stmt *s = sql_query(
		sql,
		"SELECT uid, shown, sent, recv, size, zone, sender,"
		" sender_name, recipient, recipient_name, cc, h.subject,"
		" message_id, list_id, keywords"
		" FROM msg m JOIN hdr h ON h.id = m.id WHERE m.id = ?",
		"i", id);

	if (sql_step(sql, s, NULL) != SQL_ROW)
		return false;
	row->id = id;
	read_columns(s, row);
	sql_end(s);
	return true;
}

void view_row_clear(struct view_row *row)
{
	g_free(row->from);
	g_free(row->from_name);
	g_free(row->to);
	g_free(row->to_name);
	g_free(row->cc);
	g_free(row->subject);
	g_free(row->message_id);
	g_free(row->list_id);
	g_free(row->keywords);
	g_free(row->tree);
}

/* ---- a list of its own ---- */

static void clear_row(gpointer row)
{
	view_row_clear(row);
}

static void listed_free(struct post *post)
{
	struct view_listed *listed = (struct view_listed *)post;

	g_array_unref(listed->rows);
	g_free(listed->account);
	g_free(listed->mailbox);
	g_free(listed);
}

struct view_listed *listed_new(void)
{
	struct view_listed *listed = g_new0(struct view_listed, 1);

	listed->post.kind = VIEW_LISTED;
	listed->post.release = listed_free;
	listed->rows = g_array_new(FALSE, TRUE, sizeof(struct view_row));
	g_array_set_clear_func(listed->rows, clear_row);
	return listed;
}

static bool read_ids(struct sql *sql, int64_t mbox, int most, GArray *ids)
{
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT id FROM msg INDEXED BY msg_uid"
				    " WHERE mbox = ? ORDER BY uid DESC LIMIT ?",
				    "ii", mbox, (int64_t)most);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		int64_t id = sqlite3_column_int64(s, 0);

		g_array_append_val(ids, id);
	}
	return got == SQL_DONE;
}

bool listed_read(struct sql *sql, struct view_listed *listed, int most)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT id, uidvalidity FROM mbox"
				    " WHERE name = ?",
				    "s", listed->mailbox);
	enum sql_result got = sql_step(sql, s, NULL);
	int64_t mbox;

	if (got != SQL_ROW)
		return got == SQL_DONE;
	mbox = sqlite3_column_int64(s, 0);
	listed->uidvalidity = (uint64_t)sqlite3_column_int64(s, 1);
	sql_end(s);
	if (!read_ids(sql, mbox, most, ids))
		return false;
	for (guint i = 0; i < ids->len; i++) {
		struct view_row row = { .number = i + 1 };

		if (!row_read(sql, g_array_index(ids, int64_t, i), &row))
			return false;
		g_array_append_val(listed->rows, row);
	}
	return true;
}

/* ---- mailboxes ---- */

/*
 * Keys compare as the tree is drawn: component by component without case, the
 * end of a name before any longer one, INBOX before all.
 */
static char *folder_key(const struct store_mailbox *m)
{
	char delimiter[] = { m->delimiter, '\0' };
	g_auto(GStrv) parts = m->delimiter != '\0'
				      ? g_strsplit(m->display, delimiter, -1)
				      : NULL;
	GString *key = g_string_new(NULL);
	const char *flat[] = { m->display, NULL };

	for (char **part = parts != NULL ? parts : (char **)flat;
	     *part != NULL; part++) {
		g_autofree char *folded = g_utf8_casefold(*part, -1);
		g_autofree char *sorted = g_utf8_collate_key(folded, -1);

		if (key->len == 0)
			g_string_append_c(key,
					  g_ascii_strcasecmp(*part, INBOX) == 0
						  ? '0'
						  : '1');
		g_string_append(key, sorted);
		/* The end of the name sorts before a further component. */
		g_string_append_c(key, part[1] != NULL ? '\002' : '\001');
	}
	g_string_append(key, m->name);
	return g_string_free(key, FALSE);
}

struct sortable {
	char *key;
	struct store_mailbox *mailbox;
};

static int by_folder_key(const void *a, const void *b)
{
	return strcmp(((const struct sortable *)a)->key,
		      ((const struct sortable *)b)->key);
}

void folders_sort(GPtrArray *list)
{
	g_autofree struct sortable *all =
		g_new0(struct sortable, list->len + 1);

	for (guint i = 0; i < list->len; i++) {
		all[i].mailbox = g_ptr_array_index(list, i);
		all[i].key = folder_key(all[i].mailbox);
	}
	qsort(all, list->len, sizeof(*all), by_folder_key);
	for (guint i = 0; i < list->len; i++) {
		list->pdata[i] = all[i].mailbox;
		g_free(all[i].key);
	}
}
