/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal: messages that go to mailboxes of other accounts. */
#include "config.h"

#include "test-store-common.h"

#define THERE "work\nArchive"
#define WHOSE "user=anna host=work port=143 tunnel="

struct bench {
	char *dir;
	struct journal *journal;
};

static void bench_open(struct bench *b)
{
	b->dir = scratch_new();
	b->journal = journal_open(b->dir, IDENTITY, NULL, NULL);
	assert_non_null(b->journal);
}

static void bench_close(struct bench *b)
{
	journal_close(b->journal);
	scratch_remove(b->dir);
}

/* Messages 1 to 'n' of INBOX, as one step. */
static void carry(struct bench *b, enum journal_kind kind, uint32_t n)
{
	struct journal_item items[9];
	struct journal_entry entry = { .kind = kind,
				       .mailbox = "INBOX",
				       .target = THERE,
				       .detail = WHOSE,
				       .items = items };

	for (uint32_t uid = 1; uid <= n; uid++)
		items[entry.n++] = (struct journal_item){ .uid = uid,
							  .uidvalidity = 7,
							  .size = 200 };
	assert_true(journal_append(b->journal, "carry", &entry, 1, NULL) > 0);
}

static void take_back(struct bench *b, bool redo)
{
	g_autofree char *what = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(journal_undo(b->journal, redo, NULL, &what, &error));
	assert_string_equal(what, "carry");
}

/* What is next there; it must be this kind, with this UID. */
static struct journal_batch *expect(struct bench *b, const char *mailbox,
				    enum journal_kind kind, uint32_t uid)
{
	g_autoptr(GError) error = NULL;
	struct journal_batch *batch =
		journal_next(b->journal, mailbox, 1000, NULL, &error);

	assert_null(error);
	assert_non_null(batch);
	assert_int_equal(batch->kind, kind);
	assert_int_equal(batch->items->len, 1);
	assert_int_equal(g_array_index(batch->items, struct journal_item, 0)
				 .uid,
			 uid);
	assert_string_equal(batch->detail, WHOSE);
	return batch;
}

static int64_t id_of(const struct journal_batch *batch)
{
	return g_array_index(batch->items, struct journal_item, 0).id;
}

static void expect_nothing(struct bench *b, const char *mailbox)
{
	assert_null(journal_next(b->journal, mailbox, 1000, NULL, NULL));
}

/* INBOX's message has landed as 'landed'. */
static void land(struct bench *b, uint32_t uid, uint32_t landed)
{
	struct journal_batch *batch = expect(b, "INBOX", JOURNAL_CARRY, uid);
	int64_t id = id_of(batch);

	assert_true(journal_claim(b->journal, batch, JOURNAL_STEP_COPYING,
				  NULL));
	assert_true(journal_landed(b->journal, id, landed, 9, NULL));
	assert_true(journal_settle(b->journal, &id, 1, JOURNAL_DONE, NULL,
				   NULL));
	journal_batch_free(batch);
}

static guint away(struct bench *b)
{
	GArray *intents = journal_intents(b->journal, "INBOX", NULL);
	guint n = 0;

	for (guint i = 0; i < intents->len; i++)
		n += g_array_index(intents, struct journal_intent, i).gone;
	g_array_unref(intents);
	return n;
}

static void assert_places(struct bench *b, const char *first,
			  const char *second)
{
	GPtrArray *places = journal_places(b->journal, NULL);

	assert_int_equal(places->len, (first != NULL) + (second != NULL));
	if (first != NULL)
		assert_string_equal(places->pdata[0], first);
	if (second != NULL)
		assert_string_equal(places->pdata[1], second);
	g_ptr_array_unref(places);
}

static void test_names(void **state)
{
	g_autofree char *name = journal_abroad("work", "Archive");
	g_autofree char *account = NULL;
	char *none = NULL;

	(void)state;
	assert_string_equal(name, THERE);
	assert_string_equal(journal_split(name, &account), "Archive");
	assert_string_equal(account, "work");
	assert_null(journal_split("Archive", &none));
	assert_null(none);
	assert_null(journal_split("Archive", NULL));
}

/* One by one; what is in doubt is looked for there, and its message neither
 * shown nor touched here. */
static void test_one_by_one(void **state)
{
	struct bench b;
	struct journal_batch *batch;
	int64_t id;

	(void)state;
	bench_open(&b);
	carry(&b, JOURNAL_CARRY, 3);
	assert_int_equal(away(&b), 3);
	assert_places(&b, "INBOX", NULL);
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 1);
	assert_string_equal(batch->target, THERE);
	id = id_of(batch);
	g_array_index(batch->items, struct journal_item, 0).floor = 55;
	assert_true(journal_claim(b.journal, batch, JOURNAL_STEP_COPYING,
				  NULL));
	journal_batch_free(batch);
	assert_places(&b, THERE, "INBOX");
	batch = expect(&b, THERE, JOURNAL_CARRY, 1);
	assert_int_equal(batch->step, JOURNAL_STEP_COPYING);
	assert_string_equal(batch->target, "INBOX");
	assert_int_equal(g_array_index(batch->items, struct journal_item, 0)
				 .floor,
			 55);
	journal_batch_free(batch);
	journal_batch_free(expect(&b, "INBOX", JOURNAL_CARRY, 2));
	/* The copy is there: what is left is to remove it here. */
	assert_true(journal_advance(b.journal, &id, 1, JOURNAL_STEP_COPIED,
				    NULL));
	expect_nothing(&b, THERE);
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 1);
	assert_int_equal(batch->step, JOURNAL_STEP_COPIED);
	journal_batch_free(batch);
	bench_close(&b);
}

/* What stays because its removal was refused is not copied again. */
static void test_removal_again(void **state)
{
	struct bench b;
	struct journal_batch *batch;
	int64_t id;

	(void)state;
	bench_open(&b);
	carry(&b, JOURNAL_CARRY, 1);
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 1);
	id = id_of(batch);
	journal_batch_free(batch);
	assert_true(journal_settle(b.journal, &id, 1, JOURNAL_REFUSED, "full",
				   NULL));
	assert_int_equal(away(&b), 0);
	assert_true(journal_again(b.journal, 1, NULL));
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 1);
	assert_int_equal(batch->step, JOURNAL_STEP_NONE);
	journal_batch_free(batch);
	assert_true(journal_landed(b.journal, id, 31, 9, NULL));
	assert_true(journal_settle(b.journal, &id, 1, JOURNAL_REFUSED, "no",
				   NULL));
	assert_true(journal_again(b.journal, 1, NULL));
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 1);
	assert_int_equal(batch->step, JOURNAL_STEP_COPIED);
	journal_batch_free(batch);
	bench_close(&b);
}

static void test_undo_before(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	carry(&b, JOURNAL_CARRY, 1);
	take_back(&b, false);
	assert_int_equal(away(&b), 0);
	assert_places(&b, NULL, NULL);
	take_back(&b, true);
	journal_batch_free(expect(&b, "INBOX", JOURNAL_CARRY, 1));
	assert_int_equal(away(&b), 1);
	bench_close(&b);
}

/* It is brought back by that account; where it is then a search finds. */
static void test_undo_after(void **state)
{
	struct bench b;
	struct journal_batch *batch;
	int64_t id;

	(void)state;
	bench_open(&b);
	carry(&b, JOURNAL_CARRY, 1);
	land(&b, 1, 31);
	take_back(&b, false);
	assert_places(&b, THERE, NULL);
	batch = expect(&b, THERE, JOURNAL_CARRY, 31);
	assert_int_equal(batch->step, JOURNAL_STEP_NONE);
	assert_int_equal(batch->uidvalidity, 9);
	assert_string_equal(batch->target, "INBOX");
	id = id_of(batch);
	journal_batch_free(batch);
	assert_true(journal_settle(b.journal, &id, 1, JOURNAL_DONE, NULL,
				   NULL));
	take_back(&b, true);
	journal_batch_free(expect(&b, "INBOX", JOURNAL_CARRY, 0));
	bench_close(&b);
}

static void test_undo_of_a_copy(void **state)
{
	struct bench b;
	struct journal_batch *batch;
	int64_t id;

	(void)state;
	bench_open(&b);
	carry(&b, JOURNAL_CARRY_COPY, 1);
	assert_int_equal(away(&b), 0);
	batch = expect(&b, "INBOX", JOURNAL_CARRY_COPY, 1);
	id = id_of(batch);
	journal_batch_free(batch);
	assert_true(journal_landed(b.journal, id, 31, 9, NULL));
	assert_true(journal_settle(b.journal, &id, 1, JOURNAL_DONE, NULL,
				   NULL));
	take_back(&b, false);
	batch = expect(&b, THERE, JOURNAL_EXPUNGE, 31);
	id = id_of(batch);
	journal_batch_free(batch);
	assert_true(journal_settle(b.journal, &id, 1, JOURNAL_DONE, NULL,
				   NULL));
	take_back(&b, true);
	journal_batch_free(expect(&b, "INBOX", JOURNAL_CARRY_COPY, 1));
	bench_close(&b);
}

static void hold(struct bench *b, int64_t id)
{
	assert_true(journal_hold(b->journal, &id, 1,
				 g_get_real_time() / G_USEC_PER_SEC + 1000,
				 "offline", NULL));
	assert_places(b, NULL, NULL);
}

static void test_release(void **state)
{
	struct bench b;
	struct journal_batch *batch;
	int64_t id;

	(void)state;
	bench_open(&b);
	carry(&b, JOURNAL_CARRY, 1);
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 1);
	id = id_of(batch);
	journal_batch_free(batch);
	hold(&b, id);
	assert_true(journal_release(b.journal, "wor", NULL));
	assert_true(journal_release(b.journal, "other", NULL));
	assert_places(&b, NULL, NULL);
	assert_true(journal_release(b.journal, "work", NULL));
	assert_places(&b, "INBOX", NULL);
	hold(&b, id);
	assert_true(journal_release(b.journal, NULL, NULL));
	assert_places(&b, "INBOX", NULL);
	bench_close(&b);
}

/* What another account wants is there once, however often it says so, and is
 * no step of undo. */
static void test_orders(void **state)
{
	const struct journal_item item = { .uid = 4, .uidvalidity = 7 };
	const struct journal_entry entry = { .kind = JOURNAL_CARRY,
					     .mailbox = "INBOX",
					     .target = "home\nINBOX",
					     .detail = WHOSE,
					     .items = &item,
					     .n = 1 };
	struct journal_counts counts;
	struct journal_batch *batch;
	struct bench b;
	g_autofree char *what = NULL;
	int64_t id;

	(void)state;
	bench_open(&b);
	assert_true(journal_order(b.journal, "back", &entry, 1, NULL));
	assert_true(journal_order(b.journal, "back", &entry, 1, NULL));
	assert_true(journal_count(b.journal, &counts, NULL));
	assert_int_equal(counts.waiting, 1);
	assert_true(journal_undo(b.journal, false, NULL, &what, NULL));
	assert_null(what);
	batch = expect(&b, "INBOX", JOURNAL_CARRY, 4);
	id = id_of(batch);
	journal_batch_free(batch);
	assert_true(journal_settle(b.journal, &id, 1, JOURNAL_DONE, NULL,
				   NULL));
	assert_true(journal_order(b.journal, "back", &entry, 1, NULL));
	expect_nothing(&b, "INBOX");
	bench_close(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_one_by_one),
		cmocka_unit_test(test_removal_again),
		cmocka_unit_test(test_undo_before),
		cmocka_unit_test(test_undo_after),
		cmocka_unit_test(test_undo_of_a_copy),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
