/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes with other names: the cache and the journal follow. */
#include "config.h"

#include "test-store-common.h"

#include <string.h>

static int64_t make(struct store *store, const char *name, uint32_t uid)
{
	struct store_mailbox *m = store_mailbox_make(store, name, name, NULL);
	struct store_message one = mail(uid, 100, "a", NULL, NULL, "x");
	int64_t id = m->id;

	add(store, id, &one);
	store_mailbox_free(m);
	return id;
}

static int64_t id_of(struct store *store, const char *name)
{
	struct store_mailbox *m = store_mailbox_get(store, name, NULL);
	int64_t id = m != NULL ? m->id : 0;

	store_mailbox_free(m);
	return id;
}

static guint messages(struct store *store, int64_t mbox)
{
	GArray *uids = store_uids(store, mbox, NULL);
	guint n = uids->len;

	g_array_unref(uids);
	return n;
}

static void test_cache(void **state)
{
	char *dir = scratch_new();
	int64_t inbox, a, b, other, flat;
	struct store *store = cache_new(dir, &inbox);
	struct store_mailbox *m;

	(void)state;
	a = make(store, "A", 1);
	b = make(store, "A/b", 2);
	other = make(store, "AB", 3);
	flat = make(store, "A.x", 4);
	/* A row of the new name is of another mailbox, which is gone. */
	make(store, "New", 5);
	assert_true(store_mailbox_rename(store, "A", "New", "N\u00ebw", '/',
					 NULL));
	assert_int_equal(id_of(store, "New"), a);
	assert_int_equal(id_of(store, "New/b"), b);
	assert_int_equal(id_of(store, "AB"), other);
	assert_int_equal(id_of(store, "A.x"), flat);
	assert_int_equal(id_of(store, "A"), 0);
	assert_int_equal(messages(store, a), 1);
	assert_int_equal(messages(store, b), 1);
	m = store_mailbox_get(store, "New/b", NULL);
	assert_string_equal(m->display, "N\u00ebw/b");
	store_mailbox_free(m);
	store_close(store);
	scratch_remove(dir);
}

/* Names without a tree have nothing below them. */
static void test_flat(void **state)
{
	char *dir = scratch_new();
	int64_t inbox;
	struct store *store = cache_new(dir, &inbox);
	g_autoptr(GError) error = NULL;

	(void)state;
	make(store, "A", 1);
	make(store, "A/b", 2);
	assert_true(store_mailbox_rename(store, "A", "C", "C", '\0', NULL));
	assert_int_not_equal(id_of(store, "A/b"), 0);
	assert_int_equal(id_of(store, "C/b"), 0);
	assert_false(store_mailbox_rename(store, "X", "Y", "Y", '/', &error));
	assert_true(g_error_matches(error, STORE_ERROR, STORE_ERROR_NONE));
	store_close(store);
	scratch_remove(dir);
}

static void test_remove(void **state)
{
	char *dir = scratch_new();
	int64_t inbox, a, b;
	struct store *store = cache_new(dir, &inbox);

	(void)state;
	a = make(store, "A", 1);
	b = make(store, "A/b", 2);
	assert_true(store_mailbox_remove(store, "A", NULL));
	assert_true(store_mailbox_remove(store, "none", NULL));
	assert_int_equal(id_of(store, "A"), 0);
	assert_int_equal(messages(store, a), 0);
	assert_int_equal(messages(store, b), 1);
	store_close(store);
	scratch_remove(dir);
}

static void move(struct journal *journal, const char *from, const char *to)
{
	const struct journal_item item = { .uid = 1, .uidvalidity = 7 };
	const struct journal_entry entry = { .kind = JOURNAL_MOVE,
					     .mailbox = from,
					     .target = to,
					     .items = &item,
					     .n = 1 };

	assert_true(journal_append(journal, "move", &entry, 1, NULL) > 0);
}

/* "FROM>TO" of the first that waits in 'mailbox', or "". Owned. */
static char *waiting(struct journal *journal, const char *mailbox)
{
	struct journal_batch *batch = journal_next(journal, mailbox, 1, NULL,
						   NULL);
	char *text = batch != NULL ? g_strconcat(mailbox, ">", batch->target,
						 NULL)
				   : g_strdup("");

	if (batch != NULL)
		journal_batch_free(batch);
	return text;
}

static void expect(struct journal *journal, const char *mailbox,
		   const char *wanted)
{
	g_autofree char *found = waiting(journal, mailbox);

	assert_string_equal(found, wanted);
}

static void test_journal(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = journal_open(dir, "here", NULL, NULL);

	(void)state;
	move(journal, "A.b", "INBOX");
	move(journal, "INBOX", "A");
	move(journal, "AB", "A_b");
	journal_close(journal);
	/* Of another server it is another mailbox. */
	journal = journal_open(dir, "there", NULL, NULL);
	move(journal, "A", "A.b");
	assert_true(journal_rename(journal, "A", "x", '.', NULL));
	expect(journal, "x", "x>x.b");
	journal_close(journal);
	journal = journal_open(dir, "here", NULL, NULL);
	assert_true(journal_rename(journal, "A", "Neu.%", '.', NULL));
	expect(journal, "Neu.%.b", "Neu.%.b>INBOX");
	expect(journal, "INBOX", "INBOX>Neu.%");
	expect(journal, "AB", "AB>A_b");
	expect(journal, "A.b", "");
	/* Flat: only the one. */
	assert_true(journal_rename(journal, "Neu.%", "C", '\0', NULL));
	expect(journal, "Neu.%.b", "Neu.%.b>INBOX");
	expect(journal, "INBOX", "INBOX>C");
	journal_close(journal);
	scratch_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_flat),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
