/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "rethread.h"

#include <string.h>

#include "ids.h"
#include "thread.h"

/* What give_part() needs. */
struct rethread {
	const struct ranks *aux, *group;
	GArray *rows; /* of struct lay_row */
	void (*give)(int64_t thread, const struct lay_row *rows, size_t n,
		     void *user);
	void *user;
};

bool rethread_needed(const struct view_order *by)
{
	if (by->rules & VIEW_STRICT_THREADS)
		return by->rules & VIEW_DUPLICATES_APART;
	return by->rules != 0 ||
	       (by->reply != NULL && strcmp(by->reply, VIEW_REPLY) != 0);
}

static void read_item(sqlite3_stmt *s, const struct ids_prefix *prefix,
		      struct thread_item *item)
{
	item->id = sqlite3_column_int64(s, 0);
	item->uid = (uint32_t)sqlite3_column_int64(s, 1);
	item->shown = (uint32_t)sqlite3_column_int64(s, 2);
	item->sent = sqlite3_column_int64(s, 3);
	item->received = sqlite3_column_int64(s, 4);
	item->old.thread = sqlite3_column_int64(s, 5);
	item->n_ids = (size_t)sqlite3_column_bytes(s, 6) / sizeof(uint64_t);
	item->ids = g_memdup2(sqlite3_column_blob(s, 6),
			      item->n_ids * sizeof(uint64_t));
	if (item->n_ids == 0) {
		item->ids = g_new0(uint64_t, 1);
		item->n_ids = 1;
	}
	item->subject = ids_subject(prefix,
				    (const char *)sqlite3_column_text(s, 7),
				    &item->reply);
}

static bool read_all(struct sql *sql, int64_t mbox,
		     const struct ids_prefix *prefix,
		     struct thread_world *world)
{
	sqlite3_stmt *s = sql_query(
		sql,
		"SELECT m.id, uid, shown, sent, recv, thr, h.ids, h.subject"
		" FROM msg m JOIN hdr h ON h.id = m.id WHERE mbox = ?",
		"i", mbox);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW)
		read_item(s, prefix, thread_world_add(world));
	return got == SQL_DONE;
}

static void give_part(struct thread_part *part, GPtrArray *items, void *user)
{
	struct rethread *r = user;
	const struct thread_item *first = g_ptr_array_index(items, 0);

	(void)part;
	g_array_set_size(r->rows, 0);
	for (guint i = 0; i < items->len; i++) {
		const struct thread_item *item = g_ptr_array_index(items, i);
		const struct ranks_row of = { item->id, item->sent,
					     item->received, item->uid };
		struct lay_row row = {
			.id = item->id,
			.aux = ranks_of(r->aux, &of),
			.group = ranks_of(r->group, &of),
			.uid = item->uid,
			.flags = item->shown,
			.look = item->place.look,
		};

		g_array_append_val(r->rows, row);
	}
	r->give(first->old.thread,
		(const struct lay_row *)(void *)r->rows->data, r->rows->len,
		r->user);
}

bool rethread(struct sql *sql, int64_t mbox, const struct view_order *by,
	      const struct ranks *aux, const struct ranks *group,
	      void (*give)(int64_t thread, const struct lay_row *rows,
			   size_t n, void *user),
	      void *user)
{
	const struct thread_rules rules = {
		.any_subject = by->rules & VIEW_ANY_SUBJECT,
		.strict = by->rules & VIEW_STRICT_THREADS,
		.apart = by->rules & VIEW_DUPLICATES_APART,
		.by_received = by->rules & VIEW_JOIN_BY_RECEIVED,
	};
	struct thread_world *world = thread_world_new(&rules);
	struct ids_prefix *prefix = ids_prefix_new(by->reply);
	struct rethread r = { aux, group, NULL, give, user };
	bool ok = read_all(sql, mbox, prefix, world);

	r.rows = g_array_new(FALSE, FALSE, sizeof(struct lay_row));
	if (ok) {
		thread_world_link(world);
		thread_world_lay(world, give_part, &r);
	}
	g_array_unref(r.rows);
	ids_prefix_free(prefix);
	thread_world_free(world);
	return ok;
}
