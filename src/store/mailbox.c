/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "internal.h"

void store_mailbox_free(struct store_mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	g_free(mailbox->name);
	g_free(mailbox->display);
	g_free(mailbox);
}

struct store_mailbox *mailbox_read(sqlite3_stmt *row)
{
	struct store_mailbox *m = g_new0(struct store_mailbox, 1);

	m->id = sqlite3_column_int64(row, 0);
	m->name = sql_string(row, 1);
	m->display = sql_string(row, 2);
	m->delimiter = (char)sqlite3_column_int64(row, 3);
	m->attributes = (uint32_t)sqlite3_column_int64(row, 4);
	m->role = (enum store_role)sqlite3_column_int64(row, 5);
	m->uidvalidity = (uint64_t)sqlite3_column_int64(row, 6);
	m->uidnext = (uint64_t)sqlite3_column_int64(row, 7);
	m->modseq = (uint64_t)sqlite3_column_int64(row, 8);
	m->exists = (uint32_t)sqlite3_column_int64(row, 9);
	m->complete = sqlite3_column_int64(row, 10) != 0;
	m->flagged = (uint32_t)sqlite3_column_int64(row, 11);
	m->unseen = (uint32_t)sqlite3_column_int64(row, 12);
	return m;
}

char *store_find_name(struct store *store, enum store_role role,
		      const char *display)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT name FROM mbox WHERE CASE ?1 WHEN 0 THEN coalesce(alias, display) = ?2"
		" ELSE role = ?1 END ORDER BY name LIMIT 1",
		"is", (int64_t)role, display != NULL ? display : "");
	char *name = NULL;

	if (sql_step(store->sql, s, NULL) == SQL_ROW) {
		name = sql_string(s, 0);
		sql_end(s);
	}
	return name;
}

struct store_mailbox *store_mailbox_get(struct store *store, const char *name,
					GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT " MAILBOX_COLUMNS " FROM mbox WHERE name = ?", "s",
		name);
	struct store_mailbox *mailbox;

	switch (sql_step(store->sql, s, error)) {
	case SQL_ROW:
		mailbox = mailbox_read(s);
		sql_end(s);
		return mailbox;
	case SQL_DONE:
		g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
			    _("mailbox '%s' is not in the cache"), name);
		return NULL;
	default:
		return NULL;
	}
}

struct store_mailbox *store_mailbox_make(struct store *store, const char *name,
					 const char *display, GError **error)
{
	bool ok = step_begin(store, error) &&
		  sql_do(store->sql, error,
			 "INSERT INTO mbox (name, display) VALUES (?, ?)"
			 " ON CONFLICT DO NOTHING",
			 "ss", name, display != NULL ? display : name);

	if (!step_end(store, ok, error))
		return NULL;
	return store_mailbox_get(store, name, error);
}

/* Rows that the last list had are 'listed' 2 until this one names them. */
static bool put_listed(struct store *store, const struct store_mailbox *m,
		       GError **error)
{
	return sql_do(store->sql, error,
		      "INSERT INTO mbox (name, display, delimiter, attributes,"
		      " role, listed) VALUES (?, ?, ?, ?, ?, 1)"
		      " ON CONFLICT DO UPDATE SET display = excluded.display,"
		      " delimiter = excluded.delimiter,"
		      " attributes = excluded.attributes,"
		      " role = excluded.role, listed = 1",
		      "ssiii", m->name,
		      m->display != NULL ? m->display : m->name,
		      (int64_t)(unsigned char)m->delimiter,
		      (int64_t)m->attributes, (int64_t)m->role);
}

static bool remove_row(struct store *store, int64_t id, GError **error)
{
	return messages_clear(store, id, error) &&
	       sql_do(store->sql, error, "DELETE FROM mbox WHERE id = ?", "i",
		      id);
}

/*
 * Names that were listed and are no longer. One that was never listed was
 * opened by its name: it stays.
 */
static bool remove_unlisted(struct store *store, GError **error)
{
	g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(int64_t));
	sqlite3_stmt *s = sql_query(
		store->sql, "SELECT id FROM mbox WHERE listed = 2", "");
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW) {
		int64_t id = sqlite3_column_int64(s, 0);

		g_array_append_val(gone, id);
	}
	if (got == SQL_FAIL)
		return false;
	for (guint i = 0; i < gone->len; i++) {
		int64_t id = g_array_index(gone, int64_t, i);

		if (!remove_row(store, id, error))
			return false;
	}
	return true;
}

bool store_set_mailboxes(struct store *store, GPtrArray *list, GError **error)
{
	bool ok;

	if (!step_begin(store, error))
		return false;
	ok = sql_do(store->sql, error,
		    "UPDATE mbox SET listed = 2 WHERE listed = 1", "");
	for (guint i = 0; ok && i < list->len; i++)
		ok = put_listed(store, g_ptr_array_index(list, i), error);
	ok = ok && remove_unlisted(store, error);
	return step_end(store, ok, error);
}

GPtrArray *store_mailboxes(struct store *store, GError **error)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);
	sqlite3_stmt *s = sql_query(
		store->sql, "SELECT " MAILBOX_COLUMNS " FROM mbox", "");
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(list, mailbox_read(s));
	if (got == SQL_DONE)
		return list;
	g_ptr_array_unref(list);
	return NULL;
}

/* 0: there is none. */
static bool id_of(struct store *store, const char *name, int64_t *id,
		  GError **error)
{
	return sql_value(store->sql, id, 0, error,
			 "SELECT id FROM mbox WHERE name = ?", "s", name);
}

bool store_mailbox_remove(struct store *store, const char *name,
			  GError **error)
{
	int64_t id = 0;
	bool ok = step_begin(store, error) && id_of(store, name, &id, error) &&
		  (id == 0 || remove_row(store, id, error));

	return step_end(store, ok, error);
}

/* A row that had the new name before is not of this mailbox. */
static bool rename_row(struct store *store, const struct store_mailbox *m,
		       const char *to, const char *display, GError **error)
{
	int64_t taken = 0;

	return id_of(store, to, &taken, error) &&
	       (taken == 0 || taken == m->id ||
		remove_row(store, taken, error)) &&
	       sql_do(store->sql, error,
		      "UPDATE mbox SET name = ?, display = ? WHERE id = ?",
		      "ssi", to, display, m->id);
}

/* What stands below; of struct store_mailbox, owned. */
static GPtrArray *below(struct store *store, const char *name, char delimiter,
			GError **error)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);
	g_autofree char *start = g_strdup_printf("%s%c", name, delimiter);
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT " MAILBOX_COLUMNS " FROM mbox"
		" WHERE substr(name, 1, length(?1)) = ?1",
		"s", start);
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW)
		if (delimiter != '\0')
			g_ptr_array_add(list, mailbox_read(s));
	if (got == SQL_DONE)
		return list;
	g_ptr_array_unref(list);
	return NULL;
}

static bool rename_below(struct store *store, const struct store_mailbox *m,
			 const char *to, const char *display, char delimiter,
			 GError **error)
{
	GPtrArray *list = below(store, m->name, delimiter, error);
	size_t name = strlen(m->name), shown = strlen(m->display);
	bool ok = list != NULL;

	for (guint i = 0; ok && i < list->len; i++) {
		const struct store_mailbox *child = g_ptr_array_index(list, i);
		g_autofree char *wire =
			g_strconcat(to, child->name + name, NULL);
		g_autofree char *text =
			g_str_has_prefix(child->display, m->display)
				? g_strconcat(display, child->display + shown,
					      NULL)
				: g_strdup(child->display);

		ok = rename_row(store, child, wire, text, error);
	}
	if (list != NULL)
		g_ptr_array_unref(list);
	return ok;
}

bool store_mailbox_rename(struct store *store, const char *name,
			  const char *to, const char *display, char delimiter,
			  GError **error)
{
	struct store_mailbox *m = store_mailbox_get(store, name, error);
	bool ok = m != NULL && step_begin(store, error);

	if (m == NULL)
		return false;
	ok = ok && rename_row(store, m, to, display, error) &&
	     rename_below(store, m, to, display, delimiter, error);
	store_mailbox_free(m);
	return step_end(store, ok, error);
}

static bool write_state(struct store *store, const struct store_mailbox *m,
			GError **error)
{
	return sql_do(store->sql, error,
		      "UPDATE mbox SET uidvalidity = ?, uidnext = ?,"
		      " modseq = ?, messages = ?, complete = ?, counted = 0"
		      " WHERE id = ?",
		      "iiiiii", (int64_t)m->uidvalidity, (int64_t)m->uidnext,
		      (int64_t)m->modseq, (int64_t)m->exists,
		      (int64_t)m->complete, m->id);
}

bool store_mailbox_update(struct store *store,
			  const struct store_mailbox *mailbox, GError **error)
{
	struct store_mailbox now = *mailbox;
	int64_t validity;
	bool ok;

	if (!step_begin(store, error))
		return false;
	ok = sql_value(store->sql, &validity, 0, error,
		       "SELECT uidvalidity FROM mbox WHERE id = ?", "i",
		       mailbox->id);
	if (ok && validity != 0 && validity != (int64_t)mailbox->uidvalidity) {
		ok = messages_clear(store, mailbox->id, error);
		now.complete = mailbox->complete && mailbox->exists == 0;
		now.modseq = 0;
	}
	ok = ok && write_state(store, &now, error);
	return step_end(store, ok, error);
}

uint32_t store_mailbox_count(struct store *store, const char *name)
{
	int64_t n;

	return sql_value(store->sql, &n, 0, NULL,
			 "SELECT CASE WHEN complete AND NOT counted THEN total"
			 " ELSE max(messages - (SELECT count(*) FROM msg"
			 "  WHERE mbox = -b.id), 0) END"
			 " FROM mbox b WHERE name = ?",
			 "s", name)
		       ? (uint32_t)n
		       : 0;
}

bool store_mailbox_counts(struct store *store, const char *name,
			  uint32_t exists, uint32_t unseen, GError **error)
{
	bool ok = step_begin(store, error) &&
		  sql_do(store->sql, error,
			 "UPDATE mbox SET messages = ?, unseen = ?,"
			 " counted = 1 WHERE name = ?",
			 "iis", (int64_t)exists, (int64_t)unseen, name);

	return step_end(store, ok, error);
}
