/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox-steps: what is in the outbox, and how it gets out of it. */
#include "config.h"

#include <glib/gstdio.h>

#include "outbox-private.h"

#include "smew/base.h"
#include "smew/store.h"

/* Entries that are done, kept for the list. */
#define DONE_KEPT 100

/* ---- reading ---- */

void outbox_item_free(struct outbox_item *item)
{
	if (item == NULL)
		return;
	g_free(item->path);
	g_free(item->sender);
	g_strfreev(item->recipients);
	g_free(item->subject);
	g_free(item->message_id);
	g_free(item->fcc);
	g_free(item->fcc_header);
	g_free(item->original_mailbox);
	g_free(item->original_message_id);
	g_free(item->draft_mailbox);
	g_free(item->draft_message_id);
	g_free(item->dsn_notify);
	g_free(item->dsn_return);
	g_free(item->reason);
	g_free(item);
}

static void free_item(gpointer item)
{
	outbox_item_free(item);
}

#define COLUMNS \
	"SELECT id, state, todo, made, at, wait, tries, again, partly," \
	" copying, identity, forwarded, sender, rcpt, subject, message_id," \
	" size, fcc, fcc_header, o_mailbox, o_uid, o_validity, o_message_id," \
	" d_mailbox, d_uid, d_validity, d_message_id, notify, ret, reason" \
	" FROM outbox "

static void read_places(sqlite3_stmt *s, struct outbox_item *item)
{
	item->fcc = sql_string(s, 17);
	item->fcc_header = sql_string(s, 18);
	item->original_mailbox = sql_string(s, 19);
	item->original_uid = (uint32_t)sqlite3_column_int64(s, 20);
	item->original_validity = (uint64_t)sqlite3_column_int64(s, 21);
	item->original_message_id = sql_string(s, 22);
	item->draft_mailbox = sql_string(s, 23);
	item->draft_uid = (uint32_t)sqlite3_column_int64(s, 24);
	item->draft_validity = (uint64_t)sqlite3_column_int64(s, 25);
	item->draft_message_id = sql_string(s, 26);
}

static struct outbox_item *read_item(struct outbox *outbox, sqlite3_stmt *s)
{
	struct outbox_item *item = g_new0(struct outbox_item, 1);
	g_autofree char *recipients = sql_string(s, 13);

	item->id = sqlite3_column_int64(s, 0);
	item->state = (enum outbox_state)sqlite3_column_int64(s, 1);
	item->todo = (unsigned)sqlite3_column_int64(s, 2);
	item->made = sqlite3_column_int64(s, 3);
	item->not_before = sqlite3_column_int64(s, 4);
	item->delay = (unsigned)sqlite3_column_int64(s, 5);
	item->tries = (unsigned)sqlite3_column_int64(s, 6);
	item->again = sqlite3_column_int64(s, 7) != 0;
	item->partly = sqlite3_column_int64(s, 8) != 0;
	item->copying = sqlite3_column_int64(s, 9) != 0;
	item->foreign = g_strcmp0((const char *)sqlite3_column_text(s, 10),
				  outbox->identity) != 0;
	item->forwarded = sqlite3_column_int64(s, 11) != 0;
	item->postponed = item->state >= OUTBOX_SENT && *recipients == '\0';
	item->sender = sql_string(s, 12);
	item->recipients = g_strsplit(recipients, "\n", -1);
	item->subject = sql_string(s, 14);
	item->message_id = sql_string(s, 15);
	item->size = (uint64_t)sqlite3_column_int64(s, 16);
	read_places(s, item);
	item->dsn_notify = sql_string(s, 27);
	item->dsn_return = sql_string(s, 28);
	item->reason = sql_string(s, 29);
	item->path = outbox_path(outbox, item->id);
	return item;
}

/* The one row of a query, NULL without one. */
static struct outbox_item *read_one(struct outbox *outbox, sqlite3_stmt *s,
				    GError **error)
{
	struct outbox_item *item = NULL;

	if (sql_step(outbox->sql, s, error) == SQL_ROW) {
		item = read_item(outbox, s);
		sql_end(s);
	}
	return item;
}

static GPtrArray *read_all(struct outbox *outbox, sqlite3_stmt *s,
			   GError **error)
{
	GPtrArray *items = g_ptr_array_new_with_free_func(free_item);
	enum sql_result got;

	while ((got = sql_step(outbox->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(items, read_item(outbox, s));
	if (got == SQL_DONE)
		return items;
	g_ptr_array_unref(items);
	return NULL;
}

struct outbox_item *outbox_get(struct outbox *outbox, int64_t id,
			       GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct outbox_item *item = read_one(
		outbox, sql_query(outbox->sql, COLUMNS "WHERE id = ?", "i", id),
		&reason);

	if (item != NULL)
		return item;
	if (reason == NULL)
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_IO,
				    _("it is not in the outbox any more"));
	else
		g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

GPtrArray *outbox_list(struct outbox *outbox, GError **error)
{
	return read_all(outbox,
			sql_query(outbox->sql, COLUMNS "ORDER BY id DESC", ""),
			error);
}

GPtrArray *outbox_left(struct outbox *outbox, GError **error)
{
	return read_all(outbox,
			sql_query(outbox->sql,
				  COLUMNS "WHERE state = 5 AND identity = ?"
					  " ORDER BY id",
				  "s", outbox->identity),
			error);
}

GPtrArray *outbox_doubts(struct outbox *outbox, GError **error)
{
	return read_all(outbox,
			sql_query(outbox->sql,
				  COLUMNS "WHERE state = 3 AND identity = ?"
					  " ORDER BY id",
				  "s", outbox->identity),
			error);
}

bool outbox_count(struct outbox *outbox, struct outbox_counts *counts,
		  GError **error)
{
	sqlite3_stmt *s = sql_query(
		outbox->sql,
		"SELECT ifnull(sum(state IN (0, 1, 2, 5)), 0),"
		" ifnull(sum(state IN (3, 4)), 0),"
		" ifnull(sum(state IN (1, 2) OR (state = 0 AND wait > 0 AND"
		"  tries = 0)), 0),"
		" ifnull(sum(identity <> ?), 0)"
		" FROM outbox WHERE state NOT IN (6, 7)",
		"s", outbox->identity);

	*counts = (struct outbox_counts){ 0 };
	if (sql_step(outbox->sql, s, error) != SQL_ROW)
		return false;
	counts->waiting = (unsigned)sqlite3_column_int64(s, 0);
	counts->attention = (unsigned)sqlite3_column_int64(s, 1);
	counts->soon = (unsigned)sqlite3_column_int64(s, 2);
	counts->foreign = (unsigned)sqlite3_column_int64(s, 3);
	sql_end(s);
	return true;
}

/* A clock that was put back makes no wait longer than it was meant. */
static bool mind_clock(struct outbox *outbox, int64_t now, GError **error)
{
	return sql_do(outbox->sql, error,
		      "UPDATE outbox SET at = ?1 + wait WHERE state = 0"
		      " AND wait > 0 AND at > ?1 + wait",
		      "i", now);
}

struct outbox_item *outbox_due(struct outbox *outbox, int64_t *wait,
			       GError **error)
{
	int64_t now = outbox_now();
	g_autoptr(GError) reason = NULL;
	struct outbox_item *item = NULL;

	*wait = -1;
	if (mind_clock(outbox, now, &reason))
		item = read_one(outbox,
				sql_query(outbox->sql,
					  COLUMNS "WHERE state = 0"
						  " AND identity = ?"
						  " ORDER BY at, id LIMIT 1",
					  "s", outbox->identity),
				&reason);
	if (reason != NULL)
		g_propagate_error(error, g_steal_pointer(&reason));
	if (item == NULL)
		return NULL;
	*wait = MAX(item->not_before - now, 0);
	if (*wait == 0)
		return item;
	outbox_item_free(item);
	return NULL;
}

/* ---- changing ---- */

bool outbox_hurry(struct outbox *outbox, bool all, GError **error)
{
	return sql_do(outbox->sql, error,
		      "UPDATE outbox SET at = ? WHERE state = 0"
		      " AND wait > 0 AND (tries > 0 OR ?)",
		      "ii", outbox_now(), (int64_t)all);
}

static bool changed_one(struct outbox *outbox, bool ok, GError **error)
{
	if (ok && sqlite3_changes(sql_handle(outbox->sql)) == 1)
		return true;
	if (ok)
		g_set_error_literal(
			error, STORE_ERROR, STORE_ERROR_IO,
			_("that cannot be done with it now: it is being sent, "
			  "was sent, or is gone"));
	return false;
}

bool outbox_begin(struct outbox *outbox, int64_t id, GError **error)
{
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET state = 1,"
				  " tries = tries + 1, again = 0"
				  " WHERE id = ? AND state = 0",
				  "i", id),
			   error);
}

bool outbox_deliver(struct outbox *outbox, int64_t id, GError **error)
{
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET state = 2"
				  " WHERE id = ? AND state = 1",
				  "i", id),
			   error);
}

bool outbox_postpone(struct outbox *outbox, int64_t id, unsigned seconds,
		     const char *reason, GError **error)
{
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET state = 0, at = ?,"
				  " wait = ?, reason = ?"
				  " WHERE id = ? AND state IN (1, 2)",
				  "iisi", outbox_now() + seconds,
				  (int64_t)seconds, reason, id),
			   error);
}

bool outbox_stop(struct outbox *outbox, int64_t id, enum outbox_state state,
		 const char *reason, GError **error)
{
	g_assert(state == OUTBOX_UNCERTAIN || state == OUTBOX_REFUSED);
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET state = ?, reason = ?,"
				  " partly = 0"
				  " WHERE id = ? AND state IN (0, 1, 2, 7)",
				  "isi", (int64_t)state, reason, id),
			   error);
}

/* The file of an item that is done is not needed. That it is done was written
 * with its last step: a kill between two statements would leave one that has
 * nothing to do, and is never done. */
static bool tidy_if_done(struct outbox *outbox, int64_t id, GError **error)
{
	g_autofree char *path = outbox_path(outbox, id);
	int64_t is_done = 0;

	if (!sql_value(outbox->sql, &is_done, 0, error,
		       "SELECT count(*) FROM outbox WHERE id = ? AND state = 6",
		       "i", id))
		return false;
	if (is_done == 0)
		return true;
	g_unlink(path);
	return sql_do(outbox->sql, error,
		      "DELETE FROM outbox WHERE state = 6 AND id <="
		      " (SELECT id FROM outbox WHERE state = 6"
		      "  ORDER BY id DESC LIMIT 1 OFFSET ?)",
		      "i", (int64_t)DONE_KEPT);
}

bool outbox_accept(struct outbox *outbox, int64_t id, GError **error)
{
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET reason = '', at = ?,"
				  " state = CASE todo WHEN 0 THEN 6 ELSE 5 END"
				  " WHERE id = ? AND state IN (1, 2, 3)",
				  "ii", outbox_now(), id),
			   error) &&
	       tidy_if_done(outbox, id, error);
}

bool outbox_copying(struct outbox *outbox, int64_t id, bool copying,
		    GError **error)
{
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET copying = ?"
				  " WHERE id = ? AND state = 5",
				  "ii", (int64_t)copying, id),
			   error);
}

bool outbox_finish(struct outbox *outbox, int64_t id, unsigned todo,
		   GError **error)
{
	return changed_one(outbox,
			   sql_do(outbox->sql, error,
				  "UPDATE outbox SET todo = todo & ~?1,"
				  " state = CASE todo & ~?1"
				  " WHEN 0 THEN 6 ELSE 5 END"
				  " WHERE id = ?2 AND state = 5",
				  "ii", (int64_t)todo, id),
			   error) &&
	       tidy_if_done(outbox, id, error);
}

/* ---- what the user decides ---- */

bool outbox_retry(struct outbox *outbox, int64_t id, int64_t not_before,
		  bool partly, GError **error)
{
	return changed_one(
		outbox,
		sql_do(outbox->sql, error,
		       "UPDATE outbox SET state = 0, at = ?, wait = 0,"
		       " again = ?, partly = ?, identity = ?, reason = ''"
		       " WHERE id = ? AND state IN (0, 3, 4, 7) AND rcpt <> ''",
		       "iiisi", not_before != 0 ? not_before : outbox_now(),
		       (int64_t)(not_before == 0), (int64_t)partly,
		       outbox->identity, id),
		error);
}

struct outbox_item *outbox_take_back(struct outbox *outbox, int64_t id,
				     GError **error)
{
	if (!changed_one(outbox,
			 sql_do(outbox->sql, error,
				"UPDATE outbox SET state = 7"
				" WHERE id = ? AND state IN (0, 3, 4)",
				"i", id),
			 error))
		return NULL;
	return outbox_get(outbox, id, error);
}

bool outbox_drop(struct outbox *outbox, int64_t id, GError **error)
{
	g_autofree char *path = outbox_path(outbox, id);

	if (!changed_one(outbox,
			 sql_do(outbox->sql, error,
				"DELETE FROM outbox WHERE id = ?"
				" AND state NOT IN (1, 2)",
				"i", id),
			 error))
		return false;
	g_unlink(path);
	return true;
}
