/* SPDX-License-Identifier: GPL-3.0-or-later */
/* body: bodies and structures of messages. */
#include "config.h"

#include "internal.h"

bool store_put_body(struct store *store, int64_t mbox, uint32_t uid,
		    const char *section, GBytes *data, GError **error)
{
	gsize size;
	const void *octets = g_bytes_get_data(data, &size);
	bool ok = step_begin(store, error) &&
		  sql_do(store->sql, error,
			 "INSERT INTO body (id, section, data)"
			 " SELECT id, ?1, ?2 FROM msg"
			 " WHERE mbox IN (?3, -?3) AND uid = ?4"
			 " ON CONFLICT DO UPDATE SET data = excluded.data",
			 "sbii", section, size > 0 ? octets : "", (size_t)size,
			 mbox, (int64_t)uid);

	return step_end(store, ok, error);
}

GBytes *store_body(struct store *store, int64_t mbox, uint32_t uid,
		   const char *section)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT data FROM msg m JOIN body b ON b.id = m.id"
		" WHERE mbox IN (?1, -?1) AND uid = ?2 AND section = ?3",
		"iis", mbox, (int64_t)uid, section);
	GBytes *data;

	if (sql_step(store->sql, s, NULL) != SQL_ROW)
		return NULL;
	data = g_bytes_new(sqlite3_column_blob(s, 0),
			   (gsize)sqlite3_column_bytes(s, 0));
	sql_end(s);
	return data;
}

bool store_has_body(struct store *store, int64_t mbox, uint32_t uid,
		    const char *section)
{
	int64_t there;

	sql_value(store->sql, &there, 0, NULL,
		  "SELECT 1 FROM msg m JOIN body b ON b.id = m.id"
		  " WHERE mbox IN (?1, -?1) AND uid = ?2"
		  " AND section = ?3",
		  "iis", mbox, (int64_t)uid, section);
	return there != 0;
}

char *store_structure(struct store *store, int64_t mbox, uint32_t uid,
		      uint64_t *size)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT structure, size FROM msg m JOIN hdr h ON h.id = m.id"
		" WHERE mbox IN (?1, -?1) AND uid = ?2",
		"ii", mbox, (int64_t)uid);
	char *structure;

	if (size != NULL)
		*size = 0;
	if (sql_step(store->sql, s, NULL) != SQL_ROW)
		return NULL;
	structure = g_strdup((const char *)sqlite3_column_text(s, 0));
	if (size != NULL)
		*size = (uint64_t)sqlite3_column_int64(s, 1);
	sql_end(s);
	return structure;
}

bool store_set_structure(struct store *store, int64_t mbox, uint32_t uid,
			 const char *structure, GError **error)
{
	bool ok = step_begin(store, error) &&
		  sql_do(store->sql, error,
			 "UPDATE hdr SET structure = ?1 WHERE id ="
			 " (SELECT id FROM msg WHERE mbox IN (?2, -?2)"
			 " AND uid = ?3)",
			 "sii", structure, mbox, (int64_t)uid);

	return step_end(store, ok, error);
}
