/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wishes: what the user wants of mailboxes and the server has yet to do. The
 * rows keep the server's names; 'will' is what one will be called, 'alias' how
 * readers see it until then.
 */
#include "config.h"

#include <string.h>

#include "internal.h"

struct row {
	int64_t id;
	char *name, *display; /* as the server has them; owned */
	char *will, *shown;   /* owned */
	char *was;	      /* shown before; owned, or NULL */
	bool listed;
	int64_t had, wish;    /* WISH_* */
};

static void row_free(gpointer data)
{
	struct row *row = data;

	g_free(row->name);
	g_free(row->display);
	g_free(row->will);
	g_free(row->shown);
	g_free(row->was);
	g_free(row);
}

static struct row *row_read(sqlite3_stmt *s)
{
	struct row *row = g_new0(struct row, 1);

	row->id = sqlite3_column_int64(s, 0);
	row->name = sql_string(s, 1);
	row->display = sql_string(s, 2);
	row->will = g_strdup(row->name);
	row->shown = g_strdup(row->display);
	if (sqlite3_column_type(s, 3) != SQLITE_NULL)
		row->was = sql_string(s, 3);
	row->had = sqlite3_column_int64(s, 4);
	row->listed = sqlite3_column_int64(s, 5) != 0;
	return row;
}

/* Of struct row, owned. */
static GPtrArray *read_rows(struct store *store, GError **error)
{
	GPtrArray *rows = g_ptr_array_new_with_free_func(row_free);
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT id, name, display, alias, wish, listed FROM mbox", "");
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(rows, row_read(s));
	if (got == SQL_DONE)
		return rows;
	g_ptr_array_unref(rows);
	return NULL;
}

static bool make_rows(struct store *store, const struct store_wish *wishes,
		      size_t n, GError **error)
{
	for (size_t i = 0; i < n; i++)
		if (wishes[i].kind == STORE_WISH_MADE &&
		    !sql_do(store->sql, error,
			    "INSERT INTO mbox (name, display, delimiter)"
			    " VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			    "ssi", wishes[i].name, wishes[i].display,
			    (int64_t)(unsigned char)wishes[i].delimiter))
			return false;
	return true;
}

/* Behind 'of' or at its end: the length of that; 0 elsewhere. */
static size_t within(const char *name, const char *of, char delimiter)
{
	size_t n = strlen(of);

	if (strncmp(name, of, n) != 0)
		return 0;
	return name[n] == '\0' || (delimiter != '\0' && name[n] == delimiter)
		       ? n
		       : 0;
}

static void replace_start(char **text, size_t n, const char *with)
{
	char *made = g_strconcat(with, *text + n, NULL);

	g_free(*text);
	*text = made;
}

static struct row *row_called(const GPtrArray *rows, const char *name)
{
	for (guint i = 0; i < rows->len; i++) {
		struct row *row = g_ptr_array_index(rows, i);

		if (strcmp(row->will, name) == 0)
			return row;
	}
	return NULL;
}

static void rename_rows(const GPtrArray *rows, const struct store_wish *wish)
{
	struct row *top = row_called(rows, wish->name);
	g_autofree char *shown = top != NULL ? g_strdup(top->shown) : NULL;

	for (guint i = 0; i < rows->len; i++) {
		struct row *row = g_ptr_array_index(rows, i);
		size_t n = within(row->will, wish->name, wish->delimiter);

		if (n == 0)
			continue;
		replace_start(&row->will, n, wish->to);
		if (shown != NULL && g_str_has_prefix(row->shown, shown))
			replace_start(&row->shown, strlen(shown),
				      wish->display);
	}
}

static void mark_row(const GPtrArray *rows, const struct store_wish *wish)
{
	struct row *row = row_called(rows, wish->name);

	if (row == NULL)
		return;
	switch (wish->kind) {
	case STORE_WISH_MADE:
		if (!row->listed)
			row->wish |= WISH_MADE;
		break;
	case STORE_WISH_GONE:
		row->wish |= WISH_GONE;
		break;
	case STORE_WISH_SUBSCRIBED:
		row->wish |= WISH_SUBSCRIBED;
		row->wish &= ~WISH_UNSUBSCRIBED;
		break;
	case STORE_WISH_UNSUBSCRIBED:
		row->wish |= WISH_UNSUBSCRIBED;
		row->wish &= ~WISH_SUBSCRIBED;
		break;
	case STORE_WISH_RENAMED:
		break;
	}
}

static bool put_row(struct store *store, const struct row *row, GError **error)
{
	bool renamed = strcmp(row->will, row->name) != 0;

	return (row->wish == row->had && !renamed && row->was == NULL) ||
	       sql_do(store->sql, error,
		      "UPDATE mbox SET wish = ?, will = ?, alias = ?"
		      " WHERE id = ?",
		      "issi", row->wish, renamed ? row->will : NULL,
		      renamed ? row->shown : NULL, row->id);
}

static void note_row(const struct row *row, GPtrArray *changed,
		     GPtrArray *unmade)
{
	const char *was = row->was != NULL ? row->was : row->display;

	if (strcmp(was, row->shown) != 0) {
		struct store_mailbox *m = g_new0(struct store_mailbox, 1);

		m->id = row->id;
		m->name = g_strdup(row->name);
		m->display = g_strdup(row->shown);
		g_ptr_array_add(changed, m);
	}
	if ((row->had & WISH_MADE) && !(row->wish & WISH_MADE) && !row->listed)
		g_ptr_array_add(unmade, g_strdup(row->name));
}

static bool set_wishes(struct store *store, const struct store_wish *wishes,
		       size_t n, GPtrArray *changed, GPtrArray *unmade,
		       GError **error)
{
	GPtrArray *rows = NULL;
	bool ok = make_rows(store, wishes, n, error);

	if (ok)
		rows = read_rows(store, error);
	ok = rows != NULL;
	for (size_t i = 0; ok && i < n; i++)
		if (wishes[i].kind == STORE_WISH_RENAMED)
			rename_rows(rows, &wishes[i]);
		else
			mark_row(rows, &wishes[i]);
	for (guint i = 0; ok && i < rows->len; i++) {
		ok = put_row(store, g_ptr_array_index(rows, i), error);
		note_row(g_ptr_array_index(rows, i), changed, unmade);
	}
	if (rows != NULL)
		g_ptr_array_unref(rows);
	return ok;
}

bool store_set_mailbox_wishes(struct store *store,
			      const struct store_wish *wishes, size_t n,
			      GPtrArray **changed, GPtrArray **unmade,
			      GError **error)
{
	bool ok = step_begin(store, error);

	*changed = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);
	*unmade = g_ptr_array_new_with_free_func(g_free);
	ok = ok && set_wishes(store, wishes, n, *changed, *unmade, error);
	return step_end(store, ok, error);
}

char *store_wished_name(struct store *store, const char *name)
{
	sqlite3_stmt *s = sql_query(
		store->sql, "SELECT will FROM mbox WHERE name = ?"
			    " AND will IS NOT NULL",
		"s", name);
	char *will = NULL;

	if (sql_step(store->sql, s, NULL) == SQL_ROW) {
		will = sql_string(s, 0);
		sql_end(s);
	}
	return will != NULL ? will : g_strdup(name);
}

/* A name that only stands above others is free. */
enum store_name store_mailbox_taken(struct store *store, const char *name)
{
	int64_t taken = 0, waits = 0;

	if (!sql_value(store->sql, &taken, 0, NULL,
		       "SELECT count(*) FROM mbox WHERE coalesce(will, name) ="
		       " ? AND NOT wish & 1 AND NOT attributes & 3",
		       "s", name) ||
	    !sql_value(store->sql, &waits, 0, NULL,
		       "SELECT count(*) FROM mbox WHERE name = ?"
		       " AND (will IS NOT NULL OR wish & 1)",
		       "s", name))
		return STORE_NAME_TAKEN;
	return taken > 0   ? STORE_NAME_TAKEN
	       : waits > 0 ? STORE_NAME_WAITS
			   : STORE_NAME_FREE;
}
