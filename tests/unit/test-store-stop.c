/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal: a step that is stopped while it is carried out. */
#include "config.h"

#include "test-store-common.h"

/* Moves messages 'first' to 'last', as one step. */
static void move(struct journal_bench *b, uint32_t first, uint32_t last)
{
	struct journal_item items[20];
	struct journal_entry entry = { .kind = JOURNAL_MOVE,
				       .mailbox = "INBOX",
				       .target = "Archive",
				       .items = items };

	for (uint32_t uid = first; uid <= last; uid++)
		items[entry.n++] = (struct journal_item){ .uid = uid,
							  .uidvalidity = 7 };
	assert_true(journal_append(b->journal, "move", &entry, 1, NULL) > 0);
}

static unsigned stop(struct journal_bench *b)
{
	unsigned n = 99;

	assert_true(journal_stop(b->journal, b->sent, &n, NULL));
	return n;
}

static void check_counts(struct journal_bench *b, unsigned waiting)
{
	struct journal_counts counts;

	assert_true(journal_count(b->journal, &counts, NULL));
	assert_int_equal(counts.waiting, waiting);
}

/* The intents: what the cache is told is away. */
static guint away(struct journal_bench *b)
{
	GArray *intents = journal_intents(b->journal, "INBOX", NULL);
	guint n = intents->len;

	g_array_unref(intents);
	return n;
}

/* The ids of what waits, by UID from 'first' on. */
static void ids_of(struct journal_bench *b, int64_t *ids, guint n)
{
	struct journal_batch *batch;
	g_autoptr(GError) error = NULL;

	batch = journal_next(b->journal, "INBOX", 1000, NULL, &error);
	assert_non_null(batch);
	assert_true(batch->items->len >= n);
	for (guint i = 0; i < n; i++)
		ids[i] = g_array_index(batch->items, struct journal_item, i).id;
	journal_batch_free(batch);
}

static char *undo(struct journal_bench *b)
{
	char *what = NULL;

	assert_true(journal_undo(b->journal, false, b->sent, &what, NULL));
	return what;
}

/* Two are done, two under way: the other six stay, and undo is about four. */
static void test_half_way(void **state)
{
	g_autofree char *what = NULL;
	struct journal_bench b;
	int64_t ids[4];

	(void)state;
	journal_bench_open(&b);
	move(&b, 1, 10);
	ids_of(&b, ids, 4);
	assert_true(journal_landed(b.journal, ids[0], 101, 9, NULL));
	assert_true(journal_landed(b.journal, ids[1], 102, 9, NULL));
	assert_true(journal_settle(b.journal, ids, 2, JOURNAL_DONE, NULL,
				   NULL));
	g_hash_table_add(b.sent, &ids[2]);
	assert_true(journal_advance(b.journal, &ids[3], 1, JOURNAL_STEP_MOVING,
				    NULL));
	assert_int_equal(stop(&b), 6);
	check_counts(&b, 2);
	assert_int_equal(away(&b), 2);
	assert_int_equal(stop(&b), 0);
	assert_true(journal_settle(b.journal, &ids[2], 2, JOURNAL_DONE, NULL,
				   NULL));
	g_hash_table_remove_all(b.sent);
	what = undo(&b);
	assert_string_equal(what, "move");
	check_counts(&b, 4);
	/* The taking back is not stopped. */
	assert_int_equal(stop(&b), 0);
	check_counts(&b, 4);
	journal_bench_close(&b);
}

/* One that never began is as if it had not been: undo passes over it. */
static void test_before_it_began(void **state)
{
	g_autofree char *what = NULL;
	struct journal_bench b;

	(void)state;
	journal_bench_open(&b);
	move(&b, 1, 1);
	move(&b, 2, 4);
	assert_int_equal(stop(&b), 3);
	check_counts(&b, 1);
	assert_int_equal(away(&b), 1);
	what = undo(&b);
	assert_non_null(what);
	check_counts(&b, 0);
	g_free(what);
	what = undo(&b);
	assert_null(what);
	journal_bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_way),
		cmocka_unit_test(test_before_it_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
