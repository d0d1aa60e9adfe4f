/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view: places, anchors, following a writer, one answer a request. */
#include "config.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "test-store-common.h"

struct bench {
	char *dir;
	int64_t mbox;
	struct store *store;
	struct postbox *box;
	struct view *view;
};

static void bench_open(struct bench *b)
{
	b->dir = scratch_new();
	b->store = cache_new(b->dir, &b->mbox);
	b->box = postbox_new();
	b->view = view_new("default", b->dir, b->box);
}

static void bench_close(struct bench *b)
{
	view_free(b->view);
	postbox_free(b->box);
	store_close(b->store);
	scratch_remove(b->dir);
}

static struct view_window *at(struct bench *b, enum view_at place, int64_t id)
{
	return ask_window(b->view, b->box, &by_threads, place, id, 0, 0, 1);
}

/* The id of the message with this UID. */
static int64_t id_of(struct bench *b, uint32_t uid)
{
	struct view_window *w = ask_window(b->view, b->box, &by_threads,
					   VIEW_AT_FIRST, 0, 0, 0, 1000);
	int64_t id = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->rows[i].uid == uid)
			id = w->rows[i].id;
	post_free(&w->post);
	return id;
}

/* The UID at a place seen from 'uid'; 0 when there is nothing. */
static uint32_t seen_from(struct bench *b, enum view_at place, uint32_t uid)
{
	struct view_window *w = at(b, place, id_of(b, uid));
	uint32_t there = w->rows[0].uid;

	if (!w->found) {
		assert_int_equal(there, uid);
		there = 0;
	}
	post_free(&w->post);
	return there;
}

/* Two threads, 1 (2 (3), 4) and 5 (6), and 7 alone. */
static void fill(struct bench *b)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "one"),
		mail(2, 101, "b", "a", NULL, "two"),
		mail(3, 102, "c", "b", NULL, "three"),
		mail(4, 103, "d", "a", NULL, "four"),
		mail(5, 104, "e", NULL, NULL, "five"),
		mail(6, 105, "f", "e", NULL, "six"),
		mail(7, 106, "g", NULL, NULL, "seven"),
	};

	m[0].flags = STORE_SEEN;
	m[1].flags = STORE_OLD;
	m[3].flags = STORE_SEEN | STORE_DELETED;
	m[4].flags = STORE_SEEN | STORE_FLAGGED;
	m[6].flags = STORE_SEEN;
	add_all(b->store, b->mbox, m, G_N_ELEMENTS(m));
}

static void test_places(void **state)
{
	static const struct {
		enum view_at place;
		uint32_t from, to;
	} cases[] = {
		{ VIEW_AT_NEXT_NEW, 1, 3 },
		{ VIEW_AT_NEXT_NEW, 3, 6 },
		{ VIEW_AT_NEXT_NEW, 7, 3 },
		{ VIEW_AT_PREVIOUS_NEW, 1, 6 },
		{ VIEW_AT_NEXT_UNREAD, 1, 2 },
		{ VIEW_AT_PREVIOUS_UNREAD, 3, 2 },
		{ VIEW_AT_NEXT_NEW_THEN_UNREAD, 1, 3 },
		{ VIEW_AT_NEXT_UNDELETED, 3, 5 },
		{ VIEW_AT_PREVIOUS_UNDELETED, 5, 3 },
		{ VIEW_AT_NEXT_UNDELETED, 7, 0 },
		{ VIEW_AT_NEXT_THREAD, 2, 5 },
		{ VIEW_AT_NEXT_THREAD, 7, 0 },
		{ VIEW_AT_PREVIOUS_THREAD, 6, 1 },
		{ VIEW_AT_PREVIOUS_THREAD, 3, 0 },
		{ VIEW_AT_NEXT_SUBTHREAD, 2, 4 },
		{ VIEW_AT_NEXT_SUBTHREAD, 4, 5 },
		{ VIEW_AT_PREVIOUS_SUBTHREAD, 4, 2 },
		{ VIEW_AT_PARENT, 3, 2 },
		{ VIEW_AT_PARENT, 4, 1 },
		{ VIEW_AT_PARENT, 1, 0 },
		{ VIEW_AT_ROOT, 3, 1 },
	};
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	fill(&b);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(seen_from(&b, cases[i].place, cases[i].from),
				 cases[i].to);
	w = at(&b, VIEW_AT_FIRST_NEW, 0);
	assert_int_equal(w->rows[0].uid, 3);
	assert_true(w->exists && w->found);
	assert_int_equal(w->total, 7);
	assert_int_equal(w->unread, 3);
	assert_int_equal(w->fresh, 2);
	assert_int_equal(w->old, 1);
	assert_int_equal(w->flagged, 1);
	assert_int_equal(w->deleted, 1);
	assert_int_equal(w->octets, 7028);
	post_free(&w->post);
	w = ask_window(b.view, b.box, &by_threads, VIEW_AT_ROW, 0, 3, 2, 2);
	assert_int_equal(w->first, 1);
	assert_int_equal(w->at, 3);
	assert_int_equal(w->n, 4);
	assert_int_equal(w->rows[2].uid, 4);
	post_free(&w->post);
	w = ask_window(b.view, b.box, &by_threads, VIEW_AT_ROW, 0, 99, 0, 9);
	assert_int_equal(w->at, 6);
	assert_int_equal(w->n, 1);
	post_free(&w->post);
	bench_close(&b);
}

static void test_orders(void **state)
{
	static const struct {
		struct view_order by;
		const uint32_t uids[7];
	} cases[] = {
		{ { .key = VIEW_BY_DATE }, { 1, 2, 3, 4, 5, 6, 7 } },
		{ { .key = VIEW_BY_DATE, .reverse = true },
		  { 7, 6, 5, 4, 3, 2, 1 } },
		{ { .key = VIEW_BY_SUBJECT }, { 5, 4, 1, 7, 6, 3, 2 } },
		{ { .key = VIEW_BY_THREAD,
		    .aux = VIEW_BY_RECEIVED,
		    .last_aux = true,
		    .reverse_aux = true },
		  { 7, 5, 6, 1, 4, 2, 3 } },
	};
	struct bench b;

	(void)state;
	bench_open(&b);
	fill(&b);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct view_window *w = ask_window(b.view, b.box, &cases[i].by,
						   VIEW_AT_FIRST, 0, 0, 0, 9);

		assert_int_equal(w->n, 7);
		for (size_t k = 0; k < 7; k++)
			assert_int_equal(w->rows[k].uid, cases[i].uids[k]);
		post_free(&w->post);
	}
	bench_close(&b);
}

static void test_anchor(void **state)
{
	struct store_message new = mail(8, 90, "h", NULL, NULL, "earlier");
	const uint32_t seven = 7, five = 5, six = 6, three = 3;
	struct bench b;
	struct view_window *w;
	int64_t id5, id6, id7, id3;

	(void)state;
	bench_open(&b);
	fill(&b);
	id3 = id_of(&b, 3);
	id5 = id_of(&b, 5);
	id6 = id_of(&b, 6);
	id7 = id_of(&b, 7);
	w = at(&b, VIEW_AT_ID, id5);
	assert_int_equal(w->at, 4);
	post_free(&w->post);
	/* Something came in above: the message is the same, its row is not. */
	add(b.store, b.mbox, &new);
	w = at(&b, VIEW_AT_ID, id5);
	assert_true(w->found);
	assert_int_equal(w->at, 5);
	assert_int_equal(w->rows[0].uid, 5);
	post_free(&w->post);
	/* It vanished: what was below takes its place, for every asker. */
	assert_true(store_expunge(b.store, b.mbox, &five, 1, NULL));
	for (int i = 0; i < 2; i++) {
		w = at(&b, VIEW_AT_ID, id5);
		assert_false(w->found);
		assert_int_equal(w->rows[0].uid, 6);
		post_free(&w->post);
	}
	/* The heir vanished as well, then the one after it. */
	assert_true(store_expunge(b.store, b.mbox, &six, 1, NULL));
	w = at(&b, VIEW_AT_ID, id5);
	assert_int_equal(w->rows[0].id, id7);
	post_free(&w->post);
	assert_true(store_expunge(b.store, b.mbox, &seven, 1, NULL));
	w = at(&b, VIEW_AT_ID, id6);
	assert_int_equal(w->at, w->total - 1);
	assert_int_equal(w->rows[0].uid, 4);
	post_free(&w->post);
	assert_true(store_expunge(b.store, b.mbox, &three, 1, NULL));
	w = at(&b, VIEW_AT_ID, id3);
	assert_int_equal(w->rows[0].uid, 4);
	post_free(&w->post);
	bench_close(&b);
}

static void test_follows_everything(void **state)
{
	struct store_message m[] = {
		mail(20, 200, "t", "g", NULL, "to seven"),
		mail(21, 201, "u", "c", NULL, "to three"),
	};
	struct bench b;
	struct view_window *w;
	g_autofree char *fresh = NULL;
	GString *followed = g_string_new(NULL);

	(void)state;
	bench_open(&b);
	fill(&b);
	post_free(&at(&b, VIEW_AT_FIRST, 0)->post);
	add_all(b.store, b.mbox, m, 2);
	assert_true(store_set_flags(b.store, b.mbox, 6, STORE_SEEN, "", 0,
				    NULL, NULL));
	w = ask_window(b.view, b.box, &by_threads, VIEW_AT_FIRST, 0, 0, 0, 99);
	for (size_t i = 0; i < w->n; i++)
		g_string_append_printf(followed, "%u %s%s\n", w->rows[i].uid,
				       w->rows[i].tree, w->rows[i].subject);
	post_free(&w->post);
	fresh = picture(b.dir);
	assert_string_equal(followed->str, fresh);
	/* The flag byte followed as well: 6 is no longer new. */
	assert_int_equal(seen_from(&b, VIEW_AT_NEXT_NEW, 5), 20);
	g_string_free(followed, TRUE);
	bench_close(&b);
}

/* Enough for the first screen to be answered without the whole order. */
enum { MANY = 12000, BATCH = 2000 };

static void fill_many(struct bench *b)
{
	struct store_message *m = g_new0(struct store_message, MANY);
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);

	for (uint32_t i = 0; i < MANY; i++) {
		char *id = g_strdup_printf("<%u@x>", i);

		g_ptr_array_add(kept, id);
		m[i] = mail(i + 1, i, NULL, NULL, NULL,
			    i % 3 != 0 ? "Re: x" : "y");
		m[i].message_id = id;
		m[i].flags = i < MANY - 100 || i % 7 != 0 ? STORE_SEEN : 0;
		if (i % 3 != 0)
			m[i].in_reply_to = m[i - 1].message_id;
	}
	for (uint32_t i = MANY; i > 0; i -= BATCH)
		add_all(b->store, b->mbox, m + i - BATCH, BATCH);
	g_free(m);
}

static void test_first_screen_is_the_final_one(void **state)
{
	static const enum view_at places[] = { VIEW_AT_FIRST, VIEW_AT_LAST,
					       VIEW_AT_FIRST_NEW };
	struct view_order up = by_threads, down = by_threads;
	struct bench b;

	(void)state;
	bench_open(&b);
	fill_many(&b);
	down.reverse_aux = true;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(places); i++) {
		struct view *new = view_new("default", b.dir, b.box);
		const struct view_order *by = i % 2 == 0 ? &up : &down;
		struct view_window *quick, *whole;

		quick = ask_window(new, b.box, by, places[i / 2], 0, 0, 30,
				   40);
		/* Only a whole order knows a row by its number. */
		post_free(&ask_window(new, b.box, by, VIEW_AT_ROW, 0, 5, 0, 1)
				   ->post);
		whole = ask_window(new, b.box, by, places[i / 2], 0, 0, 30,
				   40);
		assert_int_equal(quick->at, whole->at);
		assert_int_equal(quick->first, whole->first);
		assert_int_equal(quick->total, whole->total);
		assert_int_equal(quick->n, whole->n);
		for (size_t k = 0; k < quick->n; k++)
			assert_int_equal(quick->rows[k].id, whole->rows[k].id);
		post_free(&quick->post);
		post_free(&whole->post);
		view_free(new);
	}
	bench_close(&b);
}

static void test_no_cache_yet(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	struct postbox *box = postbox_new();
	struct view *view = view_new("default", dir, box);
	struct store *store;
	struct view_window *w;
	struct view_folders *f;
	int64_t mbox;

	(void)state;
	w = ask_window(view, box, &by_threads, VIEW_AT_FIRST, 0, 0, 5, 5);
	assert_false(w->exists);
	assert_string_equal(w->mailbox, "INBOX");
	post_free(&w->post);
	store = cache_new(dir, &mbox);
	add(store, mbox, &m);
	w = ask_window(view, box, &by_threads, VIEW_AT_FIRST, 0, 0, 5, 5);
	assert_int_equal(w->n, 1);
	post_free(&w->post);
	/* Another cache takes its place. */
	store_close(store);
	store = store_open(dir, "someone else", NULL, NULL);
	w = ask_window(view, box, &by_threads, VIEW_AT_FIRST, 0, 0, 5, 5);
	assert_false(w->exists);
	assert_int_equal(w->n, 0);
	post_free(&w->post);
	f = (struct view_folders *)await(box, VIEW_FOLDERS,
					 view_folders(view));
	assert_int_equal(f->list->len, 0);
	post_free(&f->post);
	store_close(store);
	view_free(view);
	postbox_free(box);
	scratch_remove(dir);
}

static void test_folders(void **state)
{
	static const char *const names[] = {
		"Sent",	   "INBOX/Sub", "a",	 "Lists/zebra",
		"Archive", "Lists",	"Inbox", "Lists/Alpha",
		"Lists x",
	};
	static const char *const sorted[] = {
		"Inbox", "INBOX/Sub",	"a",	       "Archive", "Lists",
		"Lists/Alpha", "Lists/zebra", "Lists x", "Sent",
	};
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);
	char *dir = scratch_new();
	struct store *store = store_open(dir, IDENTITY, NULL, NULL);
	struct postbox *box = postbox_new();
	struct view *view = view_new("default", dir, box);
	struct view_folders *f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct store_mailbox *m = g_new0(struct store_mailbox, 1);

		m->name = g_strdup(names[i]);
		m->display = g_strdup(names[i]);
		m->delimiter = '/';
		g_ptr_array_add(list, m);
	}
	assert_true(store_set_mailboxes(store, list, NULL));
	f = (struct view_folders *)await(box, VIEW_FOLDERS,
					 view_folders(view));
	assert_int_equal(f->list->len, G_N_ELEMENTS(sorted));
	for (guint i = 0; i < f->list->len; i++) {
		struct store_mailbox *m = g_ptr_array_index(f->list, i);

		assert_string_equal(m->name, sorted[i]);
	}
	post_free(&f->post);
	view_free(view);
	postbox_free(box);
	store_close(store);
	scratch_remove(dir);
}

static void test_message(void **state)
{
	g_autoptr(GBytes) text = g_bytes_new_static("text", 4);
	struct view_message *m;
	struct bench b;
	int64_t id;

	(void)state;
	bench_open(&b);
	fill(&b);
	id = id_of(&b, 3);
	assert_int_equal(store_uid_of(b.store, b.mbox, id), 3);
	assert_true(store_put_body(b.store, b.mbox, 3, "", text, NULL));
	assert_true(store_put_body(b.store, b.mbox, 3, "HEADER", text, NULL));
	assert_true(store_put_body(b.store, b.mbox, 3, "1.2", text, NULL));
	assert_true(store_set_structure(b.store, b.mbox, 3, "(s)", NULL));
	m = (struct view_message *)await(b.box, VIEW_MESSAGE,
					 view_message(b.view, id));
	assert_true(m->found);
	assert_int_equal(m->size, 1003);
	assert_true(g_bytes_equal(m->whole, text));
	assert_true(g_bytes_equal(m->header, text));
	assert_string_equal(m->structure, "(s)");
	assert_true(g_bytes_equal(g_hash_table_lookup(m->sections, "1.2"),
				  text));
	post_free(&m->post);
	m = (struct view_message *)await(b.box, VIEW_MESSAGE,
					 view_message(b.view, 999999));
	assert_false(m->found);
	post_free(&m->post);
	bench_close(&b);
}

/* Many at once: each is answered once, the last in full. */
static void test_one_answer_each(void **state)
{
	enum { ASKED = 200 };
	bool answered[ASKED + 1] = { false };
	uint32_t last = 0;
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	fill(&b);
	for (int i = 0; i < ASKED; i++)
		last = view_window(b.view, "INBOX", &by_threads, VIEW_AT_FIRST,
				   0, 0, 0, 9);
	w = (struct view_window *)await(b.box, VIEW_FOLDERS,
					view_folders(b.view));
	post_free(&w->post);
	for (int i = 0; i < ASKED; i++)
		view_window(b.view, "INBOX", &by_threads, VIEW_AT_FIRST, 0, 0,
			    0, 9);
	for (int i = 0; i < ASKED; i++) {
		struct post *post;

		while ((post = postbox_pop(b.box)) == NULL)
			g_thread_yield();
		w = (struct view_window *)post;
		assert_int_equal(post->kind, VIEW_WINDOW);
		assert_int_equal(w->request, last + 2 + (uint32_t)i);
		assert_false(answered[i]);
		answered[i] = true;
		assert_true(w->exists);
		if (i == ASKED - 1)
			assert_int_equal(w->n, 7);
		post_free(post);
	}
	assert_null(postbox_pop(b.box));
	bench_close(&b);
}

/* ---- a writer at the same time ---- */

struct writer {
	const char *dir;
	atomic_bool done;
};

static void *write_pairs(void *data)
{
	struct writer *writer = data;
	int64_t mbox;
	struct store *store = cache_new(writer->dir, &mbox);

	for (uint32_t uid = 1; uid <= 600; uid += 2) {
		struct store_message m[] = {
			mail(uid, uid, NULL, NULL, NULL, "x"),
			mail(uid + 1, uid + 1, NULL, NULL, NULL, "Re: x"),
		};
		const uint32_t gone[] = { uid / 2, uid / 2 + 1 };

		if (!store_begin(store, NULL) ||
		    !store_add(store, mbox, m, 2, NULL) ||
		    !store_commit(store, NULL))
			break;
		store_set_flags(store, mbox, uid, STORE_SEEN, "", 0, NULL,
				NULL);
		if (uid % 8 == 1 && uid / 2 % 2 == 1)
			store_expunge(store, mbox, gone, 2, NULL);
	}
	store_close(store);
	atomic_store(&writer->done, true);
	return NULL;
}

static void test_reads_while_written(void **state)
{
	struct writer writer = { .dir = scratch_new() };
	struct postbox *box = postbox_new();
	struct view *view = view_new("default", writer.dir, box);
	struct view_window *w;
	pthread_t thread;
	bool done;

	(void)state;
	atomic_init(&writer.done, false);
	assert_int_equal(pthread_create(&thread, NULL, write_pairs, &writer),
			 0);
	do {
		done = atomic_load(&writer.done);
		w = ask_window(view, box, &by_threads, VIEW_AT_FIRST, 0, 0, 0,
			       1000);
		/* Pairs come and go together, counters with them. */
		assert_int_equal(w->total % 2, 0);
		assert_int_equal(w->n, w->total);
		for (size_t i = 0, unread = 0; i < w->n; i++) {
			unread += !(w->rows[i].flags & STORE_SEEN);
			if (i == w->n - 1)
				assert_int_equal(unread, w->unread);
		}
		post_free(&w->post);
	} while (!done);
	pthread_join(thread, NULL);
	view_free(view);
	postbox_free(box);
	scratch_remove((char *)writer.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_anchor),
		cmocka_unit_test(test_follows_everything),
		cmocka_unit_test(test_first_screen_is_the_final_one),
		cmocka_unit_test(test_no_cache_yet),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_one_answer_each),
		cmocka_unit_test(test_reads_while_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
