/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sql: a connection to SQLite with its prepared statements kept. One thread
 * at a time; nothing outside src/store sees it.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct sql;

/* 'flags' as of sqlite3_open_v2(). Owned by the caller. */
struct sql *sql_open(const char *path, int flags, GError **error);
void sql_close(struct sql *sql);

/* Errors speak of the journal, not of the cache. */
void sql_is_journal(struct sql *sql);
/* Whether the file was found to be damaged or no database at all. */
bool sql_damaged(const struct sql *sql);
sqlite3 *sql_handle(struct sql *sql);

/* Frees what is kept of the file in memory, when that is much. */
void sql_rest(struct sql *sql);

/* Runs statements that give no rows; they are not kept. */
bool sql_exec(struct sql *sql, const char *text, GError **error);

/*
 * The statement for the literal 'text' (kept by its address), reset, with
 * values bound: 'i' int64_t, 's' text or NULL, 'b' const void * and size_t.
 * Texts and blobs are borrowed until the statement is bound again. NULL when
 * it cannot be prepared: sql_step() then tells why.
 */
sqlite3_stmt *sql_query(struct sql *sql, const char *text, const char *types,
			...);

enum sql_result { SQL_FAIL = -1, SQL_DONE = 0, SQL_ROW = 1 };

/* The next row; a statement that is done or failed is reset by itself. */
enum sql_result sql_step(struct sql *sql, sqlite3_stmt *statement,
			 GError **error);
/* For a reader that stops before the last row. */
void sql_end(sqlite3_stmt *statement);

/* Runs a statement to its end; rows are thrown away. */
bool sql_do(struct sql *sql, GError **error, const char *text,
	    const char *types, ...);
/* The first column of the first row in '*value', 'otherwise' without one. */
bool sql_value(struct sql *sql, int64_t *value, int64_t otherwise,
	       GError **error, const char *text, const char *types, ...);

/* A text column as a string of the caller's, never NULL. */
char *sql_string(sqlite3_stmt *statement, int column);

#endif
