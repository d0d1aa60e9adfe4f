/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes in the journal, and how the cache shows what is wished. */
#include "config.h"

#include "test-store-common.h"

static const struct journal_item nothing;

static void deed(struct journal_bench *b, enum journal_kind kind,
		 const char *mailbox, const char *target, uint32_t add, uint32_t del)
{
	const struct journal_entry entry = { .kind = kind,
					     .mailbox = mailbox,
					     .target = target,
					     .add = add,
					     .del = del,
					     .items = &nothing,
					     .n = 1 };

	assert_true(journal_append(b->journal, "deed", &entry, 1, NULL) > 0);
}

static void move(struct journal_bench *b, const char *mailbox,
		 const char *target)
{
	const struct journal_item item = { .uid = 5, .uidvalidity = 7 };
	const struct journal_entry entry = { .kind = JOURNAL_MOVE,
					     .mailbox = mailbox,
					     .target = target,
					     .items = &item,
					     .n = 1 };

	assert_true(journal_append(b->journal, "move", &entry, 1, NULL) > 0);
}

/* "create New, rename Old Older!": what is blocked has a mark. Owned. */
static char *deeds(struct journal_bench *b)
{
	static const char *const verbs[] = { "create", "rename", "delete",
					     "subscribe" };
	GPtrArray *list = journal_deeds(b->journal, NULL);
	GString *text = g_string_new(NULL);

	assert_non_null(list);
	for (guint i = 0; i < list->len; i++) {
		const struct journal_deed *d = g_ptr_array_index(list, i);

		g_string_append_printf(
			text, "%s%s %s%s%s%s", i > 0 ? ", " : "",
			verbs[d->kind - JOURNAL_CREATE], d->mailbox,
			*d->target != '\0' ? " " : "", d->target,
			d->blocked ? "!" : "");
	}
	g_ptr_array_unref(list);
	return g_string_free(text, FALSE);
}

static void check_deeds(struct journal_bench *b, const char *want)
{
	g_autofree char *have = deeds(b);

	assert_string_equal(have, want);
}

static void check_places(struct journal_bench *b, const char *want)
{
	GPtrArray *places = journal_places(b->journal, NULL);
	g_autofree char *have = NULL;

	assert_non_null(places);
	g_ptr_array_add(places, NULL);
	have = g_strjoinv(" ", (char **)places->pdata);
	assert_string_equal(have, want);
	g_ptr_array_unref(places);
}

static int64_t first_deed(struct journal_bench *b)
{
	GPtrArray *list = journal_deeds(b->journal, NULL);
	int64_t id;

	assert_non_null(list);
	assert_true(list->len > 0);
	id = ((struct journal_deed *)g_ptr_array_index(list, 0))->item;
	g_ptr_array_unref(list);
	return id;
}

static void settle_first(struct journal_bench *b, enum journal_state state)
{
	int64_t id = first_deed(b);

	assert_true(journal_settle(b->journal, &id, 1, state, "why", NULL));
}

static bool undo(struct journal_bench *b, bool redo)
{
	g_autofree char *what = NULL;

	return journal_undo(b->journal, redo, b->sent, &what, NULL) &&
	       what != NULL;
}

static unsigned waiting(struct journal_bench *b, unsigned *refused)
{
	struct journal_counts counts;

	assert_true(journal_count(b->journal, &counts, NULL));
	if (refused != NULL)
		*refused = counts.refused;
	return counts.waiting;
}

/* ---- the journal ---- */

static void test_order(void **state)
{
	struct journal_bench b;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_CREATE, "New", NULL, 0, 0);
	deed(&b, JOURNAL_RENAME, "Old", "Older", 0, 0);
	deed(&b, JOURNAL_DELETE, "Gone", NULL, 0, 3);
	deed(&b, JOURNAL_SUBSCRIBE, "INBOX", NULL, 1, 0);
	check_deeds(&b, "create New, rename Old Older, delete Gone, "
			"subscribe INBOX");
	/* None of them is a message that somebody carries out. */
	check_places(&b, "");
	assert_null(journal_next(b.journal, "New", 10, NULL, NULL));
	assert_int_equal(waiting(&b, NULL), 4);
	journal_bench_close(&b);
}

static void test_what_needs_a_mailbox(void **state)
{
	struct journal_bench b;
	unsigned refused;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_CREATE, "New", NULL, 0, 0);
	move(&b, "INBOX", "New");
	check_places(&b, "");
	settle_first(&b, JOURNAL_DONE);
	assert_true(journal_created(b.journal, "New"));
	check_places(&b, "INBOX");

	deed(&b, JOURNAL_CREATE, "Other", NULL, 0, 0);
	move(&b, "Sent", "Other");
	settle_first(&b, JOURNAL_REFUSED);
	assert_false(journal_created(b.journal, "Other"));
	assert_int_equal(waiting(&b, &refused), 1);
	assert_int_equal(refused, 2);
	journal_bench_close(&b);
}

static void test_undo_takes_along_what_needs_it(void **state)
{
	struct journal_bench b;
	bool redone;
	g_autofree char *what = NULL;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_CREATE, "New", NULL, 0, 0);
	move(&b, "INBOX", "New");
	assert_true(journal_undo_step(b.journal, 1, b.sent, &redone, &what,
				      NULL));
	assert_int_equal(waiting(&b, NULL), 0);
	check_places(&b, "");
	journal_bench_close(&b);
}

static void test_deletion_waits(void **state)
{
	struct journal_bench b;

	(void)state;
	journal_bench_open(&b);
	move(&b, "INBOX", "Old");
	deed(&b, JOURNAL_DELETE, "Old", NULL, 0, 0);
	deed(&b, JOURNAL_DELETE, "Other", NULL, 0, 0);
	move(&b, "INBOX", "Other");
	check_deeds(&b, "delete Old!, delete Other");
	assert_int_equal(journal_leaving(b.journal, "INBOX"), 2);
	assert_int_equal(journal_leaving(b.journal, "Old"), 0);
	journal_bench_close(&b);
}

static void test_undo_before(void **state)
{
	struct journal_bench b;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_CREATE, "New", NULL, 4, 0);
	deed(&b, JOURNAL_RENAME, "Old", "Older", 0, 0);
	deed(&b, JOURNAL_DELETE, "Gone", NULL, 0, 9);
	assert_true(undo(&b, false));
	assert_true(undo(&b, false));
	check_deeds(&b, "create New");
	assert_true(undo(&b, false));
	check_deeds(&b, "");
	assert_true(undo(&b, true));
	assert_true(undo(&b, true));
	assert_true(undo(&b, true));
	check_deeds(&b, "create New, rename Old Older, delete Gone");
	{
		GPtrArray *list = journal_deeds(b.journal, NULL);
		const struct journal_deed *made = g_ptr_array_index(list, 0);
		const struct journal_deed *gone = g_ptr_array_index(list, 2);

		assert_int_equal(made->add, 4);
		assert_int_equal(gone->del, 9);
		g_ptr_array_unref(list);
	}
	journal_bench_close(&b);
}

/* What has messages does not come back, what had none does. */
static void test_undo_after(void **state)
{
	struct journal_bench b;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_DELETE, "Full", NULL, 0, 2);
	settle_first(&b, JOURNAL_DONE);
	assert_false(undo(&b, false));
	deed(&b, JOURNAL_DELETE, "Empty", NULL, 0, 0);
	settle_first(&b, JOURNAL_DONE);
	assert_true(undo(&b, false));
	check_deeds(&b, "create Empty");
	settle_first(&b, JOURNAL_DONE);
	assert_true(undo(&b, true));
	check_deeds(&b, "delete Empty");
	settle_first(&b, JOURNAL_DONE);

	deed(&b, JOURNAL_CREATE, "New", NULL, 0, 0);
	settle_first(&b, JOURNAL_DONE);
	deed(&b, JOURNAL_RENAME, "New", "Newer", 0, 0);
	settle_first(&b, JOURNAL_DONE);
	assert_true(journal_rename(b.journal, "New", "Newer", '/', NULL));
	assert_true(undo(&b, false));
	check_deeds(&b, "rename Newer New");
	settle_first(&b, JOURNAL_DONE);
	assert_true(journal_rename(b.journal, "Newer", "New", '/', NULL));
	assert_true(undo(&b, false));
	check_deeds(&b, "delete New");
	journal_bench_close(&b);
}

/* Names of what waits are those of its turn; of what was done, today's. */
static void test_names_follow(void **state)
{
	struct journal_bench b;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_CREATE, "A/x", NULL, 0, 0);
	settle_first(&b, JOURNAL_DONE);
	deed(&b, JOURNAL_RENAME, "A", "B", 0, 0);
	deed(&b, JOURNAL_RENAME, "B", "A", 0, 0);
	move(&b, "INBOX", "A/x");
	settle_first(&b, JOURNAL_DONE);
	assert_true(journal_rename(b.journal, "A", "B", '/', NULL));
	check_deeds(&b, "rename B A");
	assert_true(journal_created(b.journal, "B/x"));
	{
		struct journal_batch *batch =
			journal_next(b.journal, "INBOX", 10, NULL, NULL);

		assert_non_null(batch);
		assert_string_equal(batch->target, "B/x");
		journal_batch_free(batch);
	}
	journal_bench_close(&b);
}

static void test_claims(void **state)
{
	struct journal_bench b;
	bool claimed = false;
	int64_t id;

	(void)state;
	journal_bench_open(&b);
	deed(&b, JOURNAL_CREATE, "New", NULL, 0, 0);
	id = first_deed(&b);
	assert_true(journal_claim_deed(b.journal, id, &claimed, NULL));
	assert_true(claimed);
	{
		GPtrArray *list = journal_deeds(b.journal, NULL);
		const struct journal_deed *d = g_ptr_array_index(list, 0);

		assert_int_not_equal(d->step, JOURNAL_STEP_NONE);
		g_ptr_array_unref(list);
	}
	/* It may have been done: what undoes it follows. */
	assert_true(undo(&b, false));
	check_deeds(&b, "create New, delete New");
	settle_first(&b, JOURNAL_DONE);
	assert_true(journal_claim_deed(b.journal, id, &claimed, NULL));
	assert_false(claimed);
	journal_bench_close(&b);
}

/* ---- the cache ---- */

struct cache {
	char *dir;
	struct store *store;
	int64_t inbox;
};

static void list_mailboxes(struct cache *c, const char *const *names)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);

	for (; *names != NULL; names++) {
		struct store_mailbox *m = g_new0(struct store_mailbox, 1);

		m->name = g_strdup(*names);
		m->display = g_strdup(*names);
		m->delimiter = '/';
		g_ptr_array_add(list, m);
	}
	assert_true(store_set_mailboxes(c->store, list, NULL));
	g_ptr_array_unref(list);
}

static const char *const served[] = { "INBOX", "Old", "Old/2024", "Gone",
				      NULL };

static void cache_open(struct cache *c)
{
	c->dir = scratch_new();
	c->store = cache_new(c->dir, &c->inbox);
	list_mailboxes(c, served);
}

static void cache_close(struct cache *c)
{
	store_close(c->store);
	scratch_remove(c->dir);
}

/* Sets them; "-Name" for what was unmade, "Name>Shown" for what is shown by
 * another name. Owned. */
static char *wish(struct cache *c, const struct store_wish *wishes, size_t n)
{
	GPtrArray *changed, *unmade;
	GString *text = g_string_new(NULL);

	assert_true(store_set_mailbox_wishes(c->store, wishes, n, &changed,
					     &unmade, NULL));
	for (guint i = 0; i < changed->len; i++) {
		const struct store_mailbox *m = g_ptr_array_index(changed, i);

		g_string_append_printf(text, " %s>%s", m->name, m->display);
	}
	for (guint i = 0; i < unmade->len; i++)
		g_string_append_printf(text, " -%s", (const char *)
					       g_ptr_array_index(unmade, i));
	g_ptr_array_unref(changed);
	g_ptr_array_unref(unmade);
	return g_string_free(text, FALSE);
}

/* What a reader sees, by blanks; a star is behind what is subscribed to. */
static char *seen(struct cache *c)
{
	struct postbox *box = postbox_new();
	struct view *view = view_new("home", c->dir, box);
	struct view_folders *answer = (struct view_folders *)(void *)await(
		box, VIEW_FOLDERS, view_folders(view));
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < answer->list->len; i++) {
		const struct store_mailbox *m =
			g_ptr_array_index(answer->list, i);

		g_string_append_printf(
			text, "%s%s%s", i > 0 ? " " : "", m->display,
			m->attributes & STORE_SUBSCRIBED ? "*" : "");
	}
	post_free(&answer->post);
	view_free(view);
	postbox_free(box);
	return g_string_free(text, FALSE);
}

static void check_seen(struct cache *c, const char *want)
{
	g_autofree char *have = seen(c);

	assert_string_equal(have, want);
}

static const struct store_wish all[] = {
	{ STORE_WISH_MADE, "New", NULL, "New", '/' },
	{ STORE_WISH_RENAMED, "Old", "Older", "Older", '/' },
	{ STORE_WISH_GONE, "Gone", NULL, NULL, '/' },
	{ STORE_WISH_SUBSCRIBED, "Older", NULL, NULL, '/' },
};

static void test_wishes(void **state)
{
	struct cache c;
	g_autofree char *said = NULL, *again = NULL, *last = NULL;
	g_autofree char *will = NULL;

	(void)state;
	cache_open(&c);
	said = wish(&c, all, 4);
	assert_string_equal(said, " Old>Older Old/2024>Older/2024");
	check_seen(&c, "INBOX New Older* Older/2024");
	will = store_wished_name(c.store, "Old/2024");
	assert_string_equal(will, "Older/2024");
	/* The server's list changes nothing of it. */
	list_mailboxes(&c, served);
	check_seen(&c, "INBOX New Older* Older/2024");
	again = wish(&c, all, 4);
	assert_string_equal(again, "");
	last = wish(&c, NULL, 0);
	assert_string_equal(last, " Old>Old Old/2024>Old/2024 -New");
	assert_true(store_mailbox_remove(c.store, "New", NULL));
	check_seen(&c, "INBOX Gone Old Old/2024");
	cache_close(&c);
}

static void test_one_after_the_other(void **state)
{
	static const struct store_wish chain[] = {
		{ STORE_WISH_RENAMED, "Old", "A", "A", '/' },
		{ STORE_WISH_RENAMED, "A/2024", "B", "B", '/' },
		{ STORE_WISH_RENAMED, "A", "Old", "Old", '/' },
		{ STORE_WISH_MADE, "C", NULL, "C", '/' },
		{ STORE_WISH_RENAMED, "C", "D", "D", '/' },
	};
	struct cache c;
	g_autofree char *said = NULL;

	(void)state;
	cache_open(&c);
	said = wish(&c, chain, G_N_ELEMENTS(chain));
	assert_string_equal(said, " Old/2024>B C>D");
	check_seen(&c, "INBOX B D Gone Old");
	cache_close(&c);
}

static void test_names_taken(void **state)
{
	struct cache c;
	g_autofree char *said = NULL;

	(void)state;
	cache_open(&c);
	said = wish(&c, all, 4);
	assert_int_equal(store_mailbox_taken(c.store, "Free"),
			 STORE_NAME_FREE);
	assert_int_equal(store_mailbox_taken(c.store, "New"),
			 STORE_NAME_TAKEN);
	assert_int_equal(store_mailbox_taken(c.store, "Older/2024"),
			 STORE_NAME_TAKEN);
	assert_int_equal(store_mailbox_taken(c.store, "Old"),
			 STORE_NAME_WAITS);
	assert_int_equal(store_mailbox_taken(c.store, "Gone"),
			 STORE_NAME_WAITS);
	cache_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_what_needs_a_mailbox),
		cmocka_unit_test(test_undo_takes_along_what_needs_it),
		cmocka_unit_test(test_deletion_waits),
		cmocka_unit_test(test_undo_before),
		cmocka_unit_test(test_undo_after),
		cmocka_unit_test(test_names_follow),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_names_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
