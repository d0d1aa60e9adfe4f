/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "sql.h"

#include <pthread.h>
#include <stdarg.h>

#include "smew/store.h"

#define BUSY_MILLISECONDS 5000

/* Octets of pages that are worth being freed. */
#define MUCH_KEPT (4 * 1024 * 1024)

struct sql {
	sqlite3 *db;	    /* owned */
	GHashTable *kept;   /* const char * (by address) to sqlite3_stmt * */
	pthread_t thread;   /* whoever opened it */
	bool damaged;
	bool journal;	    /* not the cache: for what errors say */
};

static void finalize(gpointer statement)
{
	sqlite3_finalize(statement);
}

static enum store_error code_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_ERROR_BUSY;
	default:
		return STORE_ERROR_IO;
	}
}

static void fail(struct sql *sql, GError **error)
{
	int result = sqlite3_errcode(sql->db);

	if ((result & 0xff) == SQLITE_CORRUPT ||
	    (result & 0xff) == SQLITE_NOTADB)
		sql->damaged = true;
	g_set_error(error, STORE_ERROR, code_of(result),
		    sql->journal ? _("cannot use the journal of actions: %s")
				 : _("cannot use the cache: %s"),
		    sqlite3_errmsg(sql->db));
}

/* Nobody asks SQLite how much memory it uses: without the sum its threads do
 * not meet at a lock for every piece. */
static void configure_once(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct sql *sql_open(const char *path, int flags, GError **error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sql *sql = g_new0(struct sql, 1);
	int result;

	pthread_once(&once, configure_once);
	result = sqlite3_open_v2(path, &sql->db, flags | SQLITE_OPEN_NOMUTEX,
				 NULL);
	if (result != SQLITE_OK) {
		g_set_error(error, STORE_ERROR, code_of(result),
			    _("cannot open the cache '%s': %s"), path,
			    sqlite3_errstr(result));
		sqlite3_close(sql->db);
		g_free(sql);
		return NULL;
	}
	sqlite3_extended_result_codes(sql->db, 1);
	sqlite3_busy_timeout(sql->db, BUSY_MILLISECONDS);
	sql->kept = g_hash_table_new_full(NULL, NULL, NULL, finalize);
	sql->thread = pthread_self();
	return sql;
}

void sql_close(struct sql *sql)
{
	if (sql == NULL)
		return;
	g_hash_table_unref(sql->kept);
	sqlite3_close(sql->db);
	g_free(sql);
}

void sql_is_journal(struct sql *sql)
{
	sql->journal = true;
}

bool sql_damaged(const struct sql *sql)
{
	return sql->damaged;
}

sqlite3 *sql_handle(struct sql *sql)
{
	return sql->db;
}

void sql_rest(struct sql *sql)
{
	int used = 0, most = 0;

	if (sqlite3_db_status(sql->db, SQLITE_DBSTATUS_CACHE_USED, &used,
			      &most, 0) != SQLITE_OK ||
	    used < MUCH_KEPT)
		return;
	sqlite3_db_release_memory(sql->db);
	resources_give_back();
}

bool sql_exec(struct sql *sql, const char *text, GError **error)
{
	if (sqlite3_exec(sql->db, text, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	fail(sql, error);
	return false;
}

static sqlite3_stmt *prepared(struct sql *sql, const char *text)
{
	sqlite3_stmt *statement = g_hash_table_lookup(sql->kept, text);

#ifdef SMEW_DEBUG
	g_assert(pthread_equal(sql->thread, pthread_self()));
#endif
	if (statement != NULL) {
		sqlite3_reset(statement);
		return statement;
	}
	if (sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT,
			       &statement, NULL) != SQLITE_OK)
		return NULL;
	g_hash_table_insert(sql->kept, (gpointer)text, statement);
	return statement;
}

static void bind(sqlite3_stmt *statement, const char *types, va_list values)
{
	for (int i = 1; *types != '\0'; types++, i++) {
		const void *data;

		switch (*types) {
		case 'i':
			sqlite3_bind_int64(statement, i,
					   va_arg(values, int64_t));
			break;
		case 's':
			sqlite3_bind_text(statement, i,
					  va_arg(values, const char *), -1,
					  SQLITE_STATIC);
			break;
		case 'b':
			data = va_arg(values, const void *);
			sqlite3_bind_blob64(statement, i, data,
					    va_arg(values, size_t),
					    SQLITE_STATIC);
			break;
		default:
			g_assert_not_reached();
		}
	}
}

sqlite3_stmt *sql_query(struct sql *sql, const char *text, const char *types,
			...)
{
	sqlite3_stmt *statement = prepared(sql, text);
	va_list values;

	if (statement == NULL)
		return NULL;
	va_start(values, types);
	bind(statement, types, values);
	va_end(values);
	return statement;
}

enum sql_result sql_step(struct sql *sql, sqlite3_stmt *statement,
			 GError **error)
{
	int result;

	if (statement == NULL) {
		fail(sql, error);
		return SQL_FAIL;
	}
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		return SQL_ROW;
	if (result != SQLITE_DONE)
		fail(sql, error);
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? SQL_DONE : SQL_FAIL;
}

void sql_end(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
}

static bool run(struct sql *sql, sqlite3_stmt *statement, GError **error)
{
	enum sql_result result;

	do
		result = sql_step(sql, statement, error);
	while (result == SQL_ROW);
	return result == SQL_DONE;
}

bool sql_do(struct sql *sql, GError **error, const char *text,
	    const char *types, ...)
{
	sqlite3_stmt *statement = prepared(sql, text);
	va_list values;

	if (statement != NULL) {
		va_start(values, types);
		bind(statement, types, values);
		va_end(values);
	}
	return run(sql, statement, error);
}

bool sql_value(struct sql *sql, int64_t *value, int64_t otherwise,
	       GError **error, const char *text, const char *types, ...)
{
	sqlite3_stmt *statement = prepared(sql, text);
	enum sql_result result;
	va_list values;

	if (statement != NULL) {
		va_start(values, types);
		bind(statement, types, values);
		va_end(values);
	}
	*value = otherwise;
	result = sql_step(sql, statement, error);
	if (result == SQL_ROW) {
		*value = sqlite3_column_int64(statement, 0);
		sql_end(statement);
	}
	return result != SQL_FAIL;
}

char *sql_string(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return g_strdup(text != NULL ? (const char *)text : "");
}
