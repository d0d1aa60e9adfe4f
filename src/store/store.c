/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "internal.h"

#include <string.h>

#include "news.h"
#include "schema.h"

/* The log is cut when this much was added. */
#define LOG_CUT 4000

GQuark store_error_quark(void)
{
	return g_quark_from_static_string("smew-store-error");
}

struct store *store_open(const char *dir, const char *identity, char **notice,
			 GError **error)
{
	struct sql *sql = schema_open(dir, identity, notice, error);
	struct store *store;

	if (sql == NULL)
		return NULL;
	store = g_new0(struct store, 1);
	store->sql = sql;
	store->dir = g_strdup(dir);
	/* What an earlier process left in the log is cut at the first end. */
	store->logged = LOG_CUT;
	return store;
}

bool store_changed(struct store *store)
{
	int64_t version, before = store->version;

	if (!sql_value(store->sql, &version, 0, NULL, "PRAGMA data_version",
		       ""))
		return false;
	store->version = version;
	return before != 0 && before != version;
}

void store_close(struct store *store)
{
	bool damaged;

	if (store == NULL)
		return;
	if (store->open)
		store_rollback(store);
	damaged = sql_damaged(store->sql);
	sql_close(store->sql);
	/* The next start would find the same damage, in the same place. */
	if (damaged)
		schema_set_aside(store->dir, ".bad", NULL);
	g_free(store->dir);
	g_free(store);
}

struct store *store_replace(struct store *store, const char *identity,
			    char **notice, GError **error)
{
	g_autofree char *dir = g_strdup(store->dir);

	store_close(store);
	if (!schema_set_aside(dir, ".old", error))
		return NULL;
	store = store_open(dir, identity, NULL, error);
	if (store != NULL && notice != NULL)
		*notice = g_strdup(schema_foreign_notice());
	return store;
}

char *store_note(struct store *store, const char *key)
{
	sqlite3_stmt *query = sql_query(
		store->sql, "SELECT value FROM meta WHERE key = ?", "s", key);
	char *value = NULL;

	if (query != NULL && sql_step(store->sql, query, NULL) == SQL_ROW)
		value = g_strdup((const char *)sqlite3_column_text(query, 0));
	if (query != NULL)
		sql_end(query);
	return value;
}

bool store_set_note(struct store *store, const char *key, const char *value,
		    GError **error)
{
	return sql_do(store->sql, error,
		      "INSERT INTO meta (key, value) VALUES (?, ?)"
		      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		      "ss", key, value);
}

static bool cut_log(struct store *store, GError **error)
{
	int64_t last;

	if (store->logged < LOG_CUT)
		return true;
	store->logged = 0;
	return sql_value(store->sql, &last, 0, error,
			 "SELECT max(seq) FROM log", "") &&
	       sql_do(store->sql, error, "DELETE FROM log WHERE seq <= ?", "i",
		      last - LOG_KEPT);
}

void store_rest(struct store *store)
{
	if (!store->open)
		sql_rest(store->sql);
}

bool store_log(struct store *store, int64_t mbox, enum change kind,
	       int64_t ref, GError **error)
{
	store->logged++;
	return sql_do(store->sql, error,
		      "INSERT INTO log (mbox, kind, ref) VALUES (?, ?, ?)",
		      "iii", mbox, (int64_t)kind, ref);
}

bool store_log_threads(struct store *store, int64_t mbox, GArray *threads,
		       GError **error)
{
	g_autoptr(GByteArray) packed = news_pack(threads);

	store->logged++;
	return sql_do(store->sql, error,
		      "INSERT INTO log (mbox, kind, ref) VALUES (?, ?, ?)",
		      "iib", mbox, (int64_t)CHANGE_MANY,
		      (const void *)packed->data, (size_t)packed->len);
}

bool store_begin(struct store *store, GError **error)
{
	g_assert(!store->open);
	store->open = sql_do(store->sql, error, "BEGIN IMMEDIATE", "");
	return store->open;
}

bool store_commit(struct store *store, GError **error)
{
	g_assert(store->open);
	if (cut_log(store, error) && sql_do(store->sql, error, "COMMIT", "")) {
		store->open = false;
		return true;
	}
	store_rollback(store);
	return false;
}

void store_rollback(struct store *store)
{
	store->open = false;
	/* A full disk may have rolled it back already. */
	if (!sqlite3_get_autocommit(sql_handle(store->sql)))
		sql_do(store->sql, NULL, "ROLLBACK", "");
}

bool step_begin(struct store *store, GError **error)
{
	return store->open ||
	       sql_do(store->sql, error, "BEGIN IMMEDIATE", "");
}

bool step_end(struct store *store, bool ok, GError **error)
{
	if (store->open)
		return ok;
	if (ok && cut_log(store, error) &&
	    sql_do(store->sql, error, "COMMIT", ""))
		return true;
	store_rollback(store);
	return false;
}

void counts_add(struct counts *counts, uint32_t shown, uint64_t size,
		int times)
{
	counts->total += times;
	counts->octets += times * (int64_t)size;
	counts->unread += is_unread(shown) ? times : 0;
	counts->fresh += is_fresh(shown) ? times : 0;
	counts->flagged += shown & STORE_FLAGGED ? times : 0;
	counts->deleted += shown & STORE_DELETED ? times : 0;
}

bool counts_store(struct store *store, int64_t mbox,
		  const struct counts *change, bool known, GError **error)
{
	static const struct counts nothing;

	if (memcmp(change, &nothing, sizeof(nothing)) == 0)
		return true;
	return sql_do(store->sql, error,
		      "UPDATE mbox SET total = total + ?, unread = unread + ?,"
		      " fresh = fresh + ?, flagged = flagged + ?,"
		      " deleted = deleted + ?, octets = octets + ?,"
		      " unseen = max(0, unseen + ?) WHERE id = ?",
		      "iiiiiiii", change->total, change->unread, change->fresh,
		      change->flagged, change->deleted, change->octets,
		      known ? change->unread : (int64_t)0, mbox);
}
