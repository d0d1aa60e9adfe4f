/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-store-common.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>

/* Far beyond what any answer takes: only a missing one waits that long. */
#define PATIENCE_MS 60000

const struct view_order by_threads = { .key = VIEW_BY_THREAD,
				       .aux = VIEW_BY_RECEIVED,
				       .last_aux = true };

char *scratch_new(void)
{
	char *dir = g_dir_make_tmp("smew-store-XXXXXX", NULL);

	assert_non_null(dir);
	return dir;
}

void scratch_remove(char *dir)
{
	GDir *list = g_dir_open(dir, 0, NULL);
	const char *name;

	while (list != NULL && (name = g_dir_read_name(list)) != NULL) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		g_unlink(path);
	}
	if (list != NULL)
		g_dir_close(list);
	g_rmdir(dir);
	g_free(dir);
}

struct store *cache_new(const char *dir, int64_t *mbox)
{
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(dir, IDENTITY, NULL, &error);
	struct store_mailbox *inbox;

	assert_null(error);
	assert_non_null(store);
	inbox = store_mailbox_make(store, "INBOX", "INBOX", &error);
	assert_non_null(inbox);
	*mbox = inbox->id;
	store_mailbox_free(inbox);
	return store;
}

static const char *ids(const char *letters)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *kept;

	for (const char *l = letters != NULL ? letters : ""; *l != '\0'; l++)
		g_string_append_printf(text, "%s%c@example.org",
				       text->len > 0 ? " " : "", *l);
	kept = g_intern_string(text->str);
	return kept;
}

struct store_message mail(uint32_t uid, int64_t sent, const char *id,
			  const char *in_reply_to, const char *references,
			  const char *subject)
{
	return (struct store_message){
		.uid = uid,
		.keywords = "",
		.sent = sent,
		.received = sent,
		.size = 1000 + uid,
		.from = "Anna <anna@example.org>",
		.from_name = "Anna",
		.to = "bob@example.org",
		.cc = "",
		.to_name = "bob@example.org",
		.subject = subject,
		.message_id = ids(id),
		.in_reply_to = ids(in_reply_to),
		.references = ids(references),
		.list_id = "",
	};
}

void add_all(struct store *store, int64_t mbox, const struct store_message *m,
	     size_t n)
{
	g_autoptr(GError) error = NULL;
	bool ok = store_add(store, mbox, m, n, &error);

	if (!ok)
		print_error("%s\n", error->message);
	assert_true(ok);
}

void add(struct store *store, int64_t mbox, const struct store_message *m)
{
	add_all(store, mbox, m, 1);
}

static uint32_t number_of(const struct post *post)
{
	switch (post->kind) {
	case VIEW_FOLDERS:
		return ((const struct view_folders *)post)->request;
	case VIEW_WINDOW:
		return ((const struct view_window *)post)->request;
	case VIEW_LIMITED:
		return ((const struct view_limited *)post)->request;
	case VIEW_FOUND:
		return ((const struct view_found *)post)->request;
	default:
		return ((const struct view_message *)post)->request;
	}
}

struct post *await(struct postbox *box, int kind, uint32_t request)
{
	struct pollfd fd = { .fd = postbox_fd(box), .events = POLLIN };

	for (;;) {
		struct post *post = postbox_pop(box);

		if (post == NULL) {
			assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
			continue;
		}
		if (post->kind == kind && number_of(post) == request)
			return post;
		post_free(post);
	}
}

struct view_window *ask_window(struct view *view, struct postbox *box,
			       const struct view_order *by, enum view_at at,
			       int64_t id, int64_t row, int before, int after)
{
	uint32_t request =
		view_window(view, NULL, by, at, id, row, before, after);

	return (struct view_window *)await(box, VIEW_WINDOW, request);
}

char *picture(const char *dir)
{
	struct postbox *box = postbox_new();
	struct view *view = view_new("default", dir, box);
	struct view_window *w = ask_window(view, box, &by_threads,
					   VIEW_AT_FIRST, 0, 0, 0, 1000);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < w->n; i++)
		g_string_append_printf(
			text, "%u %s%s\n", w->rows[i].uid, w->rows[i].tree,
			w->rows[i].same_subject ? "~" : w->rows[i].subject);
	post_free(&w->post);
	view_free(view);
	postbox_free(box);
	return g_string_free(text, FALSE);
}

void journal_bench_open(struct journal_bench *b)
{
	b->dir = scratch_new();
	b->journal = journal_open(b->dir, IDENTITY, NULL, NULL);
	assert_non_null(b->journal);
	b->sent = g_hash_table_new(g_int64_hash, g_int64_equal);
}

void journal_bench_close(struct journal_bench *b)
{
	journal_close(b->journal);
	g_hash_table_unref(b->sent);
	scratch_remove(b->dir);
}
