/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "matcher.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Names of our pointer types for SQLite. */
#define NODE "smew-query-node"
#define NUMBERS "smew-numbers"

/* ?1 the mailbox, ?2 and ?3 first and last id, then the pointers. */
#define FIRST_POINTER 4

/* What a parameter stands for; borrowed. */
struct bound {
	void *what;
	const char *type;
};

struct matcher {
	struct sql *sql; /* borrowed */
	int64_t mbox;
	GArray *folded, *tagged; /* of int64_t, owned */
	GArray *bound;	 /* of struct bound, by number of the parameter */
	bool messages, texts; /* which tables the condition needs */
	sqlite3_stmt *sparse, *dense; /* owned; may be the same */
};

/* Columns of hdr; of those marked '<' the ids get their brackets back. */
static const char *const columns[][5] = {
	[QUERY_FROM] = { "sender" },
	[QUERY_TO] = { "recipient" },
	[QUERY_CC] = { "cc" },
	[QUERY_RECIPIENT] = { "recipient", "cc" },
	[QUERY_ADDRESS] = { "sender", "recipient", "cc" },
	[QUERY_SUBJECT] = { "subject" },
	[QUERY_ID] = { "<message_id" },
	[QUERY_LABEL] = { "keywords" },
	[QUERY_REFERENCES] = { "<in_reply_to", "<refs" },
};

static const struct {
	const char *name, *column;
} header[] = {
	{ "From: ", "sender" },		 { "To: ", "recipient" },
	{ "Cc: ", "cc" },			 { "Subject: ", "subject" },
	{ "Message-ID: ", "<message_id" },	 { "In-Reply-To: ", "<in_reply_to" },
	{ "References: ", "<refs" },	 { "List-Id: ", "<list_id" },
};

/* As many texts as one node is about at most. */
#define TEXTS_MAX 8
G_STATIC_ASSERT(G_N_ELEMENTS(header) <= TEXTS_MAX);

/* ---- functions for SQLite ---- */

/* matches(node, text...) */
static void matches(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct query_node *node = sqlite3_value_pointer(values[0], NODE);
	const char *texts[TEXTS_MAX];
	size_t count = 0;

	for (int i = 1; i < n && count < G_N_ELEMENTS(texts); i++)
		texts[count++] = (const char *)sqlite3_value_text(values[i]);
	sqlite3_result_int(context,
			   node != NULL && query_node_match(node, texts,
							    count));
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* among(numbers, number) */
static void among(sqlite3_context *context, int n, sqlite3_value **values)
{
	const GArray *numbers = sqlite3_value_pointer(values[0], NUMBERS);
	int64_t number = sqlite3_value_int64(values[n - 1]);

	sqlite3_result_int(context, numbers != NULL && numbers->len > 0 &&
					    bsearch(&number, numbers->data,
						    numbers->len,
						    sizeof(number),
						    by_number) != NULL);
}

void matcher_prepare(struct sql *sql)
{
	const int kind = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

	sqlite3_create_function_v2(sql_handle(sql), "matches", -1, kind, NULL,
				   matches, NULL, NULL, NULL);
	sqlite3_create_function_v2(sql_handle(sql), "among", 2, kind, NULL,
				   among, NULL, NULL, NULL);
}

/* ---- from the tree to SQL ---- */

/* One "msg m0 CROSS JOIN hdr h0"; thread operators have one of their own. */
struct scope {
	int number;
	bool messages, texts;
};

struct writer {
	struct matcher *matcher;
	GString *out;
	int scopes;
};

static void write_node(struct writer *w, struct scope *scope,
		       const struct query_node *node);

static int add_pointer(struct writer *w, const void *what, const char *type)
{
	struct bound bound = { (gpointer)what, type };

	g_array_append_val(w->matcher->bound, bound);
	return FIRST_POINTER + (int)w->matcher->bound->len - 1;
}

/* ", column", behind 'name' and NULL when the column is empty. */
static void write_column(struct writer *w, int scope, const char *name,
			 const char *column)
{
	if (*column == '<')
		g_string_append_printf(
			w->out,
			", nullif('%s<'||replace(h%d.%s,' ','> <')||'>',"
			" '%s<>')",
			name, scope, column + 1, name);
	else
		g_string_append_printf(w->out, ", nullif('%s'||h%d.%s, '%s')",
				       name, scope, column, name);
}

static void write_text(struct writer *w, struct scope *scope,
		       const struct query_node *node)
{
	scope->texts = true;
	g_string_append_printf(w->out, "matches(?%d",
			       add_pointer(w, node, NODE));
	if (node->field == QUERY_HEADER)
		for (size_t i = 0; i < G_N_ELEMENTS(header); i++)
			write_column(w, scope->number, header[i].name,
				     header[i].column);
	else
		for (const char *const *c = columns[node->field]; *c != NULL;
		     c++)
			write_column(w, scope->number, "", *c);
	g_string_append_c(w->out, ')');
}

static void write_flags(struct writer *w, struct scope *scope, unsigned mask,
			unsigned value)
{
	scope->messages = true;
	g_string_append_printf(w->out, "m%d.shown & %u = %u", scope->number,
			       mask, value);
}

static void write_range(struct writer *w, struct scope *scope,
			const char *column, const struct query_node *node)
{
	scope->messages = true;
	/* The least integer cannot be written as a number. */
	g_string_append_printf(w->out,
			       "m%d.%s BETWEEN %" PRId64 " AND %" PRId64,
			       scope->number, column,
			       MAX(node->min, -INT64_MAX), node->max);
}

/* Halves, so that long lists do not nest deeply. */
static void write_list(struct writer *w, struct scope *scope,
		       const struct query_node *node, guint start, guint end)
{
	guint middle = start + (end - start) / 2;

	if (end - start == 1) {
		write_node(w, scope,
			   g_ptr_array_index(node->children, start));
		return;
	}
	g_string_append_c(w->out, '(');
	write_list(w, scope, node, start, middle);
	g_string_append(w->out, node->op == QUERY_AND ? " AND " : " OR ");
	write_list(w, scope, node, middle, end);
	g_string_append_c(w->out, ')');
}

/* The next row of the thread is no deeper. */
static void write_unreferenced(struct writer *w, struct scope *scope)
{
	int m = scope->number;

	scope->messages = true;
	g_string_append_printf(
		w->out,
		"coalesce((SELECT n.depth FROM msg n INDEXED BY msg_order"
		" WHERE n.mbox = ?1 AND n.thr = m%d.thr AND n.ord > m%d.ord"
		" ORDER BY n.ord LIMIT 1), 0) <= m%d.depth",
		m, m, m);
}

/* What row 'x' of the same thread is to row 'm'. */
static void write_relation(struct writer *w, enum query_op op, int m, int x)
{
	if (op == QUERY_PARENT)
		g_string_append_printf(
			w->out,
			" AND m%d.ord = (SELECT max(p.ord) FROM msg p INDEXED"
			" BY msg_order WHERE p.mbox = ?1 AND p.thr = m%d.thr"
			" AND p.ord < m%d.ord AND p.depth < m%d.depth)",
			x, m, m, m);
	else if (op == QUERY_CHILD)
		g_string_append_printf(
			w->out,
			" AND m%d.ord > m%d.ord AND m%d.depth = m%d.depth + 1"
			" AND NOT EXISTS (SELECT 1 FROM msg p INDEXED BY"
			" msg_order WHERE p.mbox = ?1 AND p.thr = m%d.thr AND"
			" p.ord > m%d.ord AND p.ord < m%d.ord AND"
			" p.depth <= m%d.depth)",
			x, m, x, m, m, m, x, m);
}

static void write_related(struct writer *w, struct scope *scope,
			  const struct query_node *node)
{
	struct scope inner = { .number = ++w->scopes };
	int m = scope->number, x = inner.number;

	scope->messages = true;
	g_string_append_printf(w->out,
			       "EXISTS (SELECT 1 FROM msg m%d CROSS JOIN hdr"
			       " h%d ON h%d.id = m%d.id WHERE m%d.mbox = ?1"
			       " AND m%d.thr = m%d.thr",
			       x, x, x, x, x, x, m);
	write_relation(w, node->op, m, x);
	g_string_append(w->out, " AND ");
	write_node(w, &inner, g_ptr_array_index(node->children, 0));
	g_string_append_c(w->out, ')');
}

static void write_among(struct writer *w, struct scope *scope,
			const GArray *numbers, const char *column)
{
	scope->messages = true;
	g_string_append_printf(w->out, "among(?%d, m%d.%s)",
			       add_pointer(w, numbers, NUMBERS),
			       scope->number, column);
}

static void write_plain(struct writer *w, struct scope *scope,
			const struct query_node *node)
{
	switch (node->op) {
	case QUERY_AND:
	case QUERY_OR:
		write_list(w, scope, node, 0, node->children->len);
		break;
	case QUERY_THREAD:
	case QUERY_PARENT:
	case QUERY_CHILD:
		write_related(w, scope, node);
		break;
	case QUERY_NEW:
		write_flags(w, scope, STORE_SEEN | STORE_OLD, 0);
		break;
	case QUERY_OLD:
		write_flags(w, scope, STORE_SEEN | STORE_OLD, STORE_OLD);
		break;
	case QUERY_READ:
		write_flags(w, scope, STORE_SEEN, STORE_SEEN);
		break;
	case QUERY_UNREAD:
		write_flags(w, scope, STORE_SEEN, 0);
		break;
	case QUERY_FLAGGED:
		write_flags(w, scope, STORE_FLAGGED, STORE_FLAGGED);
		break;
	case QUERY_DELETED:
		write_flags(w, scope, STORE_DELETED, STORE_DELETED);
		break;
	case QUERY_REPLIED:
		write_flags(w, scope, STORE_ANSWERED, STORE_ANSWERED);
		break;
	case QUERY_COLLAPSED:
		write_among(w, scope, w->matcher->folded, "thr");
		break;
	case QUERY_TAGGED:
		write_among(w, scope, w->matcher->tagged, "id");
		break;
	case QUERY_UNREFERENCED:
		write_unreferenced(w, scope);
		break;
	case QUERY_SENT:
		write_range(w, scope, "sent", node);
		break;
	case QUERY_RECEIVED:
		write_range(w, scope, "recv", node);
		break;
	case QUERY_SIZE:
		write_range(w, scope, "size", node);
		break;
	case QUERY_TEXT:
		write_text(w, scope, node);
		break;
	case QUERY_ALL:
	default:
		g_string_append(w->out, node->op == QUERY_ALL ? "1" : "0");
	}
}

static void write_node(struct writer *w, struct scope *scope,
		       const struct query_node *node)
{
	g_string_append(w->out, node->not ? "NOT (" : "(");
	write_plain(w, scope, node);
	g_string_append_c(w->out, ')');
}

/* ---- statements ---- */

static sqlite3_stmt *prepare(struct matcher *matcher, const char *from,
			     const char *where, const char *condition)
{
	g_autofree char *text = g_strconcat("SELECT ", from, " WHERE ", where,
					    " AND ", condition, NULL);
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v3(sql_handle(matcher->sql), text, -1,
			       SQLITE_PREPARE_PERSISTENT, &statement,
			       NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(statement, 1, matcher->mbox);
	for (guint i = 0; i < matcher->bound->len; i++) {
		const struct bound *bound =
			&g_array_index(matcher->bound, struct bound, i);

		sqlite3_bind_pointer(statement, FIRST_POINTER + (int)i,
				     bound->what, bound->type, NULL);
	}
	return statement;
}

/* Only what the condition reads is read; that is what makes it quick. */
static bool prepare_both(struct matcher *matcher, const struct scope *scope,
			 const char *condition)
{
	static const char range[] = "m0.id BETWEEN ?2 AND ?3 AND m0.mbox = ?1";

	matcher->sparse = prepare(
		matcher,
		scope->texts ? "m0.id FROM msg m0 NOT INDEXED CROSS JOIN hdr h0"
			       " ON h0.id = m0.id"
			     : "m0.id FROM msg m0 NOT INDEXED",
		range, condition);
	if (scope->texts && !scope->messages)
		matcher->dense = prepare(matcher, "h0.id FROM hdr h0",
					 "h0.id BETWEEN ?2 AND ?3", condition);
	return matcher->sparse != NULL &&
	       (matcher->dense != NULL || scope->messages || !scope->texts);
}

struct matcher *matcher_new(struct sql *sql, const struct query *query,
			    int64_t mbox, GArray *folded, GArray *tagged)
{
	struct matcher *matcher = g_new0(struct matcher, 1);
	g_autoptr(GString) condition = g_string_new(NULL);
	struct writer writer = { matcher, condition, 0 };
	struct scope scope = { 0 };

	matcher->sql = sql;
	matcher->mbox = mbox;
	matcher->folded = folded;
	matcher->tagged = tagged;
	matcher->bound = g_array_new(FALSE, FALSE, sizeof(struct bound));
	write_node(&writer, &scope, query_root(query));
	if (prepare_both(matcher, &scope, condition->str))
		return matcher;
	matcher_free(matcher);
	return NULL;
}

void matcher_free(struct matcher *matcher)
{
	if (matcher == NULL)
		return;
	sqlite3_finalize(matcher->sparse);
	sqlite3_finalize(matcher->dense);
	g_array_unref(matcher->folded);
	g_array_unref(matcher->tagged);
	g_array_unref(matcher->bound);
	g_free(matcher);
}

bool matcher_range(struct matcher *matcher, int64_t first, int64_t last,
		   bool dense, GArray *ids)
{
	sqlite3_stmt *s = dense && matcher->dense != NULL ? matcher->dense
							  : matcher->sparse;
	enum sql_result got;

	sqlite3_bind_int64(s, 2, first);
	sqlite3_bind_int64(s, 3, last);
	while ((got = sql_step(matcher->sql, s, NULL)) == SQL_ROW) {
		int64_t id = sqlite3_column_int64(s, 0);

		g_array_append_val(ids, id);
	}
	return got == SQL_DONE;
}

bool matcher_one(struct matcher *matcher, int64_t id, bool *yes)
{
	sqlite3_stmt *s = matcher->sparse;
	enum sql_result got;

	sqlite3_bind_int64(s, 2, id);
	sqlite3_bind_int64(s, 3, id);
	got = sql_step(matcher->sql, s, NULL);
	*yes = got == SQL_ROW;
	if (got == SQL_ROW)
		sql_end(s);
	return got != SQL_FAIL;
}
