/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * labels: the keywords of a message as they are shown. While the user wants
 * others than the server has, hdr.base is what the server has; else it is
 * NULL.
 */
#include "config.h"

#include <string.h>

#include "internal.h"

/* ---- words ---- */

bool label_is_valid(const char *word)
{
	for (const char *c = word; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || strchr("(){%*\"\\]", *c) != NULL)
			return false;
	return *word != '\0' && strlen(word) <= LABEL_MAX;
}

static bool has_word(char **words, const char *word)
{
	for (; *words != NULL; words++)
		if (g_ascii_strcasecmp(*words, word) == 0)
			return true;
	return false;
}

bool label_has(const char *keywords, const char *word)
{
	g_auto(GStrv) words = g_strsplit(keywords != NULL ? keywords : "", " ",
					 -1);

	return has_word(words, word);
}

static char *apply_one(const char *keywords, const char *word, bool add)
{
	g_auto(GStrv) words = g_strsplit(keywords, " ", -1);
	GString *out = g_string_new(NULL);
	bool there = has_word(words, word);

	for (char **w = words; *w != NULL; w++)
		if (**w != '\0' && (add || g_ascii_strcasecmp(*w, word) != 0))
			g_string_append_printf(out, "%s%s",
					       out->len > 0 ? " " : "", *w);
	if (add && !there)
		g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "",
				       word);
	return g_string_free(out, FALSE);
}

char *label_apply(const char *keywords, const char *changes)
{
	g_auto(GStrv) list = g_strsplit(changes, " ", -1);
	char *result = g_strdup(keywords != NULL ? keywords : "");

	for (char **change = list; *change != NULL; change++) {
		char sign = **change;
		char *next;

		if (sign == '\0' || (*change)[1] == '\0')
			continue;
		next = apply_one(result, *change + 1,
				 sign == '+' ||
					 (sign == '!' &&
					  !label_has(result, *change + 1)));
		g_free(result);
		result = next;
	}
	return result;
}

/* ---- in the cache ---- */

struct labels {
	int64_t id; /* 0: there is no such message */
	char *keywords, *base; /* owned; base NULL: nothing is wanted */
};

static void labels_clear(struct labels *labels)
{
	g_free(labels->keywords);
	g_free(labels->base);
}

static bool read_labels(struct store *store, int64_t mbox, uint32_t uid,
			struct labels *labels, GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT m.id, h.keywords, h.base FROM msg m"
		" JOIN hdr h ON h.id = m.id"
		" WHERE m.mbox IN (?1, -?1) AND m.uid = ?2",
		"ii", mbox, (int64_t)uid);
	enum sql_result got = sql_step(store->sql, s, error);

	*labels = (struct labels){ 0 };
	if (got != SQL_ROW)
		return got == SQL_DONE;
	labels->id = sqlite3_column_int64(s, 0);
	labels->keywords = sql_string(s, 1);
	if (sqlite3_column_type(s, 2) != SQLITE_NULL)
		labels->base = sql_string(s, 2);
	sql_end(s);
	return true;
}

/* 'base' NULL: what is shown is what the server has. */
static bool write_labels(struct store *store, int64_t mbox,
			 const struct labels *old, const char *keywords,
			 const char *base, GError **error)
{
	if (!sql_do(store->sql, error,
		    "UPDATE hdr SET keywords = ?, base = ? WHERE id = ?", "ssi",
		    keywords, base, old->id))
		return false;
	return g_strcmp0(old->keywords, keywords) == 0 ||
	       store_log(store, mbox, CHANGE_FLAGS, old->id, error);
}

static bool want(struct store *store, int64_t mbox, uint32_t uid,
		 const char *changes, GError **error)
{
	struct labels labels;
	bool ok = read_labels(store, mbox, uid, &labels, error);

	if (ok && labels.id != 0) {
		const char *base = labels.base != NULL ? labels.base
						       : labels.keywords;
		g_autofree char *shown = label_apply(base, changes);

		ok = write_labels(store, mbox, &labels, shown, base, error);
	}
	labels_clear(&labels);
	return ok;
}

bool store_want_label(struct store *store, int64_t mbox, uint32_t uid,
		      const char *change, GError **error)
{
	struct labels labels;
	bool ok = step_begin(store, error) &&
		  read_labels(store, mbox, uid, &labels, error);

	if (!ok)
		return step_end(store, false, error);
	if (labels.id != 0) {
		g_autofree char *shown = label_apply(labels.keywords, change);

		ok = write_labels(store, mbox, &labels, shown,
				  labels.base != NULL ? labels.base
						      : labels.keywords,
				  error);
	}
	labels_clear(&labels);
	return step_end(store, ok, error);
}

bool store_label_done(struct store *store, int64_t mbox, uint32_t uid,
		      const char *change, GError **error)
{
	struct labels labels;
	bool ok = step_begin(store, error) &&
		  read_labels(store, mbox, uid, &labels, error);

	if (!ok)
		return step_end(store, false, error);
	if (labels.id != 0 && labels.base != NULL) {
		g_autofree char *base = label_apply(labels.base, change);
		bool over = g_strcmp0(base, labels.keywords) == 0;

		ok = write_labels(store, mbox, &labels, labels.keywords,
				  over ? NULL : base, error);
	} else if (labels.id != 0) {
		/* The wish was not known here; the server has it now, and was
		 * asked not to say so. */
		g_autofree char *shown = label_apply(labels.keywords, change);

		ok = write_labels(store, mbox, &labels, shown, NULL, error);
	}
	labels_clear(&labels);
	return step_end(store, ok, error);
}

/* What was wanted is not wanted any more, but where 'wanted' says so. */
static bool restore(struct store *store, int64_t mbox, GHashTable *wanted,
		    GError **error)
{
	g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT m.uid FROM hdr h INDEXED BY hdr_base"
		" JOIN msg m ON m.id = h.id"
		" WHERE h.base IS NOT NULL AND m.mbox IN (?1, -?1)",
		"i", mbox);
	enum sql_result got;
	bool ok = true;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW) {
		uint32_t uid = (uint32_t)sqlite3_column_int64(s, 0);

		g_array_append_val(uids, uid);
	}
	for (guint i = 0; ok && got == SQL_DONE && i < uids->len; i++) {
		uint32_t uid = g_array_index(uids, uint32_t, i);
		const struct store_intent *intent =
			g_hash_table_lookup(wanted, GUINT_TO_POINTER(uid));
		struct labels labels;

		if (intent != NULL && intent->labels != NULL)
			continue;
		ok = read_labels(store, mbox, uid, &labels, error) &&
		     (labels.base == NULL ||
		      write_labels(store, mbox, &labels, labels.base, NULL,
				   error));
		labels_clear(&labels);
	}
	return ok && got == SQL_DONE;
}

bool labels_set_wishes(struct store *store, int64_t mbox, GHashTable *wanted,
		       GError **error)
{
	GHashTableIter iter;
	gpointer value;
	bool ok = restore(store, mbox, wanted, error);

	g_hash_table_iter_init(&iter, wanted);
	while (ok && g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct store_intent *intent = value;

		if (intent->labels != NULL)
			ok = want(store, mbox, intent->uid, intent->labels,
				  error);
	}
	return ok;
}
