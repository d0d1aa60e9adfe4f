/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of actions. */
#include "config.h"

#include "test-store-common.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct journal *begin(const char *dir)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *notice = NULL;
	struct journal *journal =
		journal_open(dir, IDENTITY, &notice, &error);

	assert_null(error);
	assert_null(notice);
	assert_non_null(journal);
	return journal;
}

static struct journal_item item(uint32_t uid, uint32_t old)
{
	return (struct journal_item){ .uid = uid,
				      .uidvalidity = 7,
				      .old = old,
				      .message_id = (char *)(uintptr_t)"<a>",
				      .received = 100,
				      .size = 200 };
}

static int64_t flags(struct journal *journal, const char *mailbox, uint32_t uid,
		     uint32_t n, uint32_t old, uint32_t add, uint32_t del)
{
	struct journal_item items[100];
	struct journal_entry entry = { .kind = JOURNAL_FLAGS,
				       .mailbox = mailbox,
				       .add = add,
				       .del = del,
				       .items = items,
				       .n = n };
	int64_t step;

	for (uint32_t i = 0; i < n; i++)
		items[i] = item(uid + i, old);
	step = journal_append(journal, "flags", &entry, 1, NULL);
	assert_true(step > 0);
	return step;
}

static int64_t act(struct journal *journal, enum journal_kind kind,
		   const char *mailbox, const char *target, uint32_t uid)
{
	struct journal_item one = item(uid, 0);
	struct journal_entry entry = { .kind = kind,
				       .mailbox = mailbox,
				       .target = target,
				       .items = &one,
				       .n = 1 };
	int64_t step = journal_append(journal, "act", &entry, 1, NULL);

	assert_true(step > 0);
	return step;
}

static struct journal_batch *next(struct journal *journal, const char *mailbox)
{
	g_autoptr(GError) error = NULL;
	struct journal_batch *batch =
		journal_next(journal, mailbox, 1000, NULL, &error);

	assert_null(error);
	return batch;
}

static const struct journal_item *nth(const struct journal_batch *batch, guint i)
{
	return &g_array_index(batch->items, struct journal_item, i);
}

/* Everything of the batch has ended so; its first item landed at 'landed'. */
static void end(struct journal *journal, struct journal_batch *batch,
		enum journal_state state, uint32_t landed)
{
	if (batch->step == JOURNAL_STEP_NONE)
		assert_true(journal_claim(journal, batch, JOURNAL_STEP_MOVING,
					  NULL));
	for (guint i = 0; i < batch->items->len; i++)
		assert_true(journal_settle(journal, &nth(batch, i)->id, 1,
					   state, NULL, NULL));
	if (landed != 0)
		assert_true(journal_landed(journal, nth(batch, 0)->id, landed,
					   9, NULL));
	journal_batch_free(batch);
}

static void assert_next(struct journal *journal, const char *mailbox,
			enum journal_kind kind, uint32_t uid, uint32_t add,
			uint32_t del)
{
	struct journal_batch *batch = next(journal, mailbox);

	assert_non_null(batch);
	assert_int_equal(batch->kind, kind);
	assert_int_equal(nth(batch, 0)->uid, uid);
	assert_int_equal(batch->add, add);
	assert_int_equal(batch->del, del);
	journal_batch_free(batch);
}

static void take_back(struct journal *journal, bool redo)
{
	g_autofree char *what = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(journal_undo(journal, redo, NULL, &what, &error));
	assert_null(error);
	assert_non_null(what);
}

static void assert_nothing(struct journal *journal, const char *mailbox)
{
	assert_null(next(journal, mailbox));
}

/* ---- order and batches ---- */

static void test_batches(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_batch *batch;
	GPtrArray *places;

	(void)state;
	assert_nothing(journal, "INBOX");
	flags(journal, "INBOX", 1, 3, 0, STORE_SEEN, 0);
	flags(journal, "INBOX", 2, 1, STORE_SEEN, 0, STORE_SEEN);
	flags(journal, "INBOX", 2, 3, 0, STORE_SEEN, 0);
	flags(journal, "Sent", 1, 1, 0, STORE_SEEN, 0);
	places = journal_places(journal, NULL);
	assert_int_equal(places->len, 2);
	assert_string_equal(g_ptr_array_index(places, 0), "INBOX");
	g_ptr_array_unref(places);
	/* 1, 2, 3 and what is alike, but not message 2 again: it has to wait
	 * until it was made unread. */
	batch = next(journal, "INBOX");
	assert_int_equal(batch->items->len, 5);
	assert_int_equal(nth(batch, 3)->uid, 3);
	assert_int_equal(nth(batch, 4)->uid, 4);
	assert_string_equal(nth(batch, 0)->message_id, "<a>");
	end(journal, batch, JOURNAL_DONE, 0);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 2, 0, STORE_SEEN);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 2, STORE_SEEN, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_nothing(journal, "INBOX");
	assert_next(journal, "Sent", JOURNAL_FLAGS, 1, STORE_SEEN, 0);
	journal_close(journal);
	/* It is there for the next process. */
	journal = begin(dir);
	assert_next(journal, "Sent", JOURNAL_FLAGS, 1, STORE_SEEN, 0);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_a_limit_splits(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_batch *batch;

	(void)state;
	flags(journal, "INBOX", 1, 10, 0, STORE_SEEN, 0);
	batch = journal_next(journal, "INBOX", 4, NULL, NULL);
	assert_int_equal(batch->items->len, 4);
	end(journal, batch, JOURNAL_DONE, 0);
	batch = next(journal, "INBOX");
	assert_int_equal(batch->items->len, 6);
	assert_int_equal(nth(batch, 0)->uid, 5);
	journal_batch_free(batch);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_intents(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	const struct journal_intent *intent;
	GArray *intents;

	(void)state;
	flags(journal, "INBOX", 1, 1, 0, STORE_SEEN | STORE_FLAGGED, 0);
	flags(journal, "INBOX", 1, 1, 0, STORE_DELETED, STORE_SEEN);
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 2);
	act(journal, JOURNAL_COPY, "INBOX", "Trash", 3);
	act(journal, JOURNAL_EXPUNGE, "Sent", NULL, 1);
	intents = journal_intents(journal, "INBOX", NULL);
	assert_int_equal(intents->len, 3);
	intent = &g_array_index(intents, struct journal_intent, 0);
	assert_int_equal(intent->add, STORE_FLAGGED | STORE_DELETED);
	assert_int_equal(intent->del, STORE_SEEN);
	assert_int_equal(intent->uidvalidity, 7);
	assert_false(intent->gone);
	assert_true(g_array_index(intents, struct journal_intent, 1).gone);
	assert_false(g_array_index(intents, struct journal_intent, 2).gone);
	g_array_unref(intents);
	/* What cannot be removed stays out of sight. */
	end(journal, next(journal, "Sent"), JOURNAL_LEFT, 0);
	intents = journal_intents(journal, NULL, NULL);
	assert_int_equal(intents->len, 4);
	assert_true(g_array_index(intents, struct journal_intent, 3).gone);
	g_array_unref(intents);
	journal_close(journal);
	scratch_remove(dir);
}

/* ---- undo ---- */

static void test_undo_before_it_ran(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	char *what;

	(void)state;
	assert_true(journal_undo(journal, false, NULL, &what, NULL));
	assert_null(what);
	flags(journal, "INBOX", 1, 2, 0, STORE_SEEN, 0);
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 3);
	take_back(journal, false);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, STORE_SEEN, 0);
	take_back(journal, false);
	assert_nothing(journal, "INBOX");
	assert_nothing(journal, "Trash");
	assert_true(journal_undo(journal, false, NULL, &what, NULL));
	assert_null(what);
	/* Again, after a restart; and back once more. */
	journal_close(journal);
	journal = begin(dir);
	for (int i = 0; i < 3; i++) {
		take_back(journal, true);
		assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, STORE_SEEN, 0);
		take_back(journal, false);
		assert_nothing(journal, "INBOX");
	}
	take_back(journal, true);
	take_back(journal, true);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_next(journal, "INBOX", JOURNAL_MOVE, 3, 0, 0);
	assert_true(journal_undo(journal, true, NULL, &what, NULL));
	assert_null(what);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_undo_after_it_ran(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);

	(void)state;
	/* Message 2 was flagged already: undo leaves that. */
	flags(journal, "INBOX", 1, 1, 0, STORE_FLAGGED, STORE_SEEN);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	flags(journal, "INBOX", 2, 1, STORE_FLAGGED | STORE_SEEN,
	      STORE_FLAGGED, STORE_SEEN);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	take_back(journal, false);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 2, STORE_SEEN, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	take_back(journal, false);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, 0, STORE_FLAGGED);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, STORE_FLAGGED, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 2, 0, STORE_SEEN);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_undo_of_a_move(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);

	(void)state;
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 1);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 55);
	take_back(journal, false);
	assert_nothing(journal, "INBOX");
	assert_next(journal, "Trash", JOURNAL_MOVE, 55, 0, 0);
	end(journal, next(journal, "Trash"), JOURNAL_DONE, 2);
	/* And there again, from where it is now. */
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_MOVE, 2, 0, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	/* Where it landed is not known: it is looked for. */
	take_back(journal, false);
	assert_next(journal, "Trash", JOURNAL_MOVE, 0, 0, 0);
	journal_close(journal);
	scratch_remove(dir);
}

/* Back and forth gives a message another UID each time: what is undone next
 * finds it where it is. */
static void test_undo_of_several_moves(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);

	(void)state;
	flags(journal, "INBOX", 1, 1, 0, STORE_FLAGGED, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	act(journal, JOURNAL_MOVE, "INBOX", "Archive", 1);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 18);
	{
		struct journal_item one = item(18, 0);
		struct journal_entry entry = { .kind = JOURNAL_MOVE,
					       .mailbox = "Archive",
					       .target = "Junk",
					       .items = &one,
					       .n = 1 };

		one.uidvalidity = 9;
		assert_true(journal_append(journal, "act", &entry, 1, NULL) >
			    0);
	}
	end(journal, next(journal, "Archive"), JOURNAL_DONE, 17);
	take_back(journal, false);
	assert_next(journal, "Junk", JOURNAL_MOVE, 17, 0, 0);
	/* This one waits for where that one brings it. */
	take_back(journal, false);
	assert_nothing(journal, "Archive");
	take_back(journal, false);
	assert_nothing(journal, "INBOX");
	end(journal, next(journal, "Junk"), JOURNAL_DONE, 20);
	assert_next(journal, "Archive", JOURNAL_MOVE, 20, 0, 0);
	end(journal, next(journal, "Archive"), JOURNAL_DONE, 5);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 5, 0, STORE_FLAGGED);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	/* There again, and back once more. */
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 5, STORE_FLAGGED, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_MOVE, 5, 0, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 30);
	take_back(journal, false);
	assert_next(journal, "Archive", JOURNAL_MOVE, 30, 0, 0);
	end(journal, next(journal, "Archive"), JOURNAL_DONE, 6);
	take_back(journal, false);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 6, 0, STORE_FLAGGED);
	journal_close(journal);
	scratch_remove(dir);
}

/* Undone, redone and undone again while the command is under way. */
static void test_undo_to_and_fro(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_batch *batch;

	(void)state;
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 1);
	batch = next(journal, "INBOX");
	assert_true(journal_claim(journal, batch, JOURNAL_STEP_MOVING, NULL));
	take_back(journal, false);
	take_back(journal, true);
	take_back(journal, false);
	assert_nothing(journal, "Trash");
	end(journal, batch, JOURNAL_DONE, 8);
	assert_next(journal, "Trash", JOURNAL_MOVE, 8, 0, 0);
	journal_close(journal);
	scratch_remove(dir);
}

/* Two processes: what was taken back is not sent, what was sent is taken
 * back. */
static void test_claims(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir), *other = begin(dir);
	struct journal_batch *batch;

	(void)state;
	flags(journal, "INBOX", 1, 1, 0, STORE_FLAGGED, 0);
	flags(journal, "INBOX", 2, 1, 0, STORE_FLAGGED, 0);
	batch = next(journal, "INBOX");
	assert_int_equal(batch->items->len, 2);
	take_back(other, false);
	assert_true(journal_claim(journal, batch, JOURNAL_STEP_MOVING, NULL));
	assert_int_equal(batch->items->len, 1);
	assert_int_equal(nth(batch, 0)->uid, 1);
	take_back(other, false);
	end(journal, batch, JOURNAL_DONE, 0);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, 0, STORE_FLAGGED);
	journal_close(other);
	journal_close(journal);
	scratch_remove(dir);
}

static guint places(struct journal *journal)
{
	GPtrArray *list = journal_places(journal, NULL);
	guint n = list->len;

	g_ptr_array_unref(list);
	return n;
}

/* What is under way on one connection is not begun on another one. */
static void test_under_way(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	g_autoptr(GHashTable) sent =
		g_hash_table_new(g_int64_hash, g_int64_equal);
	struct journal_batch *batch, *other;

	(void)state;
	act(journal, JOURNAL_COPY, "INBOX", "Archive", 1);
	act(journal, JOURNAL_COPY, "INBOX", "Archive", 1);
	flags(journal, "INBOX", 1, 1, 0, STORE_SEEN, 0);
	flags(journal, "INBOX", 2, 1, 0, STORE_SEEN, 0);
	batch = next(journal, "INBOX");
	/* Twice is twice. */
	assert_int_equal(batch->items->len, 1);
	g_hash_table_add(sent, &g_array_index(batch->items,
					      struct journal_item, 0)
					.id);
	other = journal_next(journal, "INBOX", 1000, sent, NULL);
	assert_int_equal(other->kind, JOURNAL_FLAGS);
	assert_int_equal(other->items->len, 1);
	assert_int_equal(nth(other, 0)->uid, 2);
	journal_batch_free(other);
	assert_true(journal_claim(journal, batch, JOURNAL_STEP_COPYING, NULL));
	assert_null(journal_next(journal, "Archive", 1000, sent, NULL));
	other = journal_next(journal, "INBOX", 1000, sent, NULL);
	assert_int_equal(nth(other, 0)->uid, 2);
	journal_batch_free(other);
	journal_batch_free(batch);
	journal_close(journal);
	scratch_remove(dir);
}

/* What cannot be done now lets the rest pass, but not what is meant for the
 * same message. */
static void test_holds(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	int64_t now = g_get_real_time() / G_USEC_PER_SEC, until;
	struct journal_batch *batch;
	int64_t id;

	(void)state;
	flags(journal, "INBOX", 1, 1, 0, STORE_FLAGGED, 0);
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 1);
	batch = next(journal, "INBOX");
	id = nth(batch, 0)->id;
	journal_batch_free(batch);
	assert_true(journal_holds_until(journal, &until, NULL));
	assert_int_equal(until, 0);
	assert_true(journal_hold(journal, &id, 1, now + 1000, "later", NULL));
	assert_nothing(journal, "INBOX");
	assert_int_equal(places(journal), 0);
	assert_true(journal_holds_until(journal, &until, NULL));
	assert_int_equal(until, now + 1000);
	flags(journal, "INBOX", 2, 1, 0, STORE_SEEN, 0);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 2, STORE_SEEN, 0);
	assert_int_equal(places(journal), 1);
	assert_true(journal_hold(journal, &id, 1, now - 1, NULL, NULL));
	batch = next(journal, "INBOX");
	assert_int_equal(nth(batch, 0)->uid, 1);
	assert_int_equal(nth(batch, 0)->tries, 2);
	journal_batch_free(batch);
	journal_close(journal);
	scratch_remove(dir);
}

/* Nothing is dropped in silence. */
static void test_what_follows_a_refusal(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_counts counts;

	(void)state;
	act(journal, JOURNAL_MOVE, "INBOX", "Archive", 1);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 4);
	flags(journal, "INBOX", 9, 1, 0, STORE_SEEN, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	take_back(journal, false);
	take_back(journal, false);
	act(journal, JOURNAL_MOVE, "INBOX", "Archive", 2);
	end(journal, next(journal, "Archive"), JOURNAL_REFUSED, 0);
	take_back(journal, false);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 9, 0, STORE_SEEN);
	assert_true(journal_count(journal, &counts, NULL));
	assert_int_equal(counts.refused, 1);
	journal_close(journal);
	scratch_remove(dir);
}

/* A command is under way while it is undone. */
static void test_undo_of_what_runs(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_batch *batch;

	(void)state;
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 1);
	batch = next(journal, "INBOX");
	assert_true(journal_advance(journal, &nth(batch, 0)->id, 1,
				    JOURNAL_STEP_MOVING, NULL));
	take_back(journal, false);
	assert_nothing(journal, "Trash");
	end(journal, batch, JOURNAL_DONE, 8);
	assert_next(journal, "Trash", JOURNAL_MOVE, 8, 0, 0);
	end(journal, next(journal, "Trash"), JOURNAL_DONE, 2);
	/* The same, but it is refused in the end: there is nothing to undo. */
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 3);
	batch = next(journal, "INBOX");
	assert_true(journal_advance(journal, &nth(batch, 0)->id, 1,
				    JOURNAL_STEP_MOVING, NULL));
	take_back(journal, false);
	end(journal, batch, JOURNAL_REFUSED, 0);
	assert_nothing(journal, "Trash");
	assert_nothing(journal, "INBOX");
	journal_close(journal);
	scratch_remove(dir);
}

static void test_undo_of_flags_on_the_way(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	g_autoptr(GHashTable) sent =
		g_hash_table_new(g_int64_hash, g_int64_equal);
	struct journal_batch *batch;
	g_autofree char *what = NULL;

	(void)state;
	flags(journal, "INBOX", 1, 1, 0, STORE_SEEN, 0);
	batch = next(journal, "INBOX");
	g_hash_table_add(sent, (gpointer)(uintptr_t)&nth(batch, 0)->id);
	assert_true(journal_undo(journal, false, sent, &what, NULL));
	end(journal, batch, JOURNAL_DONE, 0);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, 0, STORE_SEEN);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_undo_of_a_copy(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	g_autoptr(GError) error = NULL;
	char *what;

	(void)state;
	act(journal, JOURNAL_COPY, "INBOX", "Lists", 4);
	take_back(journal, false);
	assert_nothing(journal, "INBOX");
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_COPY, 4, 0, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 30);
	take_back(journal, false);
	assert_next(journal, "Lists", JOURNAL_EXPUNGE, 30, 0, 0);
	/* It is taken back before it ran: the copy stays. */
	take_back(journal, true);
	assert_nothing(journal, "Lists");
	assert_nothing(journal, "INBOX");
	take_back(journal, false);
	assert_next(journal, "Lists", JOURNAL_EXPUNGE, 30, 0, 0);
	end(journal, next(journal, "Lists"), JOURNAL_DONE, 0);
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_COPY, 4, 0, 0);
	/* The server does not say where: it stays, and one is told. */
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_false(journal_undo(journal, false, NULL, &what, &error));
	assert_non_null(error);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_undo_of_a_removal(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	g_autoptr(GError) error = NULL;
	char *what;

	(void)state;
	act(journal, JOURNAL_EXPUNGE, "INBOX", NULL, 4);
	take_back(journal, false);
	assert_nothing(journal, "INBOX");
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_EXPUNGE, 4, 0, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_false(journal_undo(journal, false, NULL, &what, &error));
	assert_non_null(strstr(error->message, "brought back"));
	journal_close(journal);
	scratch_remove(dir);
}

/* ---- other fields ---- */

static void relink(struct journal *journal, uint32_t uid, const char *fields)
{
	struct journal_item one = item(uid, 0);
	struct journal_entry entry = { .kind = JOURNAL_RELINK,
				       .mailbox = "INBOX",
				       .target = "INBOX",
				       .detail = fields,
				       .items = &one,
				       .n = 1 };

	assert_true(journal_append(journal, "link", &entry, 1, NULL) > 0);
}

static void assert_relinks(struct journal *journal, uint32_t uid,
			   const char *fields)
{
	struct journal_batch *batch = next(journal, "INBOX");

	assert_non_null(batch);
	assert_int_equal(batch->kind, JOURNAL_RELINK);
	assert_int_equal(nth(batch, 0)->uid, uid);
	assert_string_equal(batch->detail, fields);
	journal_batch_free(batch);
}

enum { MADE = 4321 };

/* The next one has run: it replaced 'kept', and is 'landed' now. */
static void run_relink(struct journal *journal, const char *kept,
		       uint32_t landed)
{
	struct journal_batch *batch = next(journal, "INBOX");
	int64_t id = nth(batch, 0)->id;

	g_array_index(batch->items, struct journal_item, 0).made = MADE;
	assert_true(journal_keep(journal, id, kept, NULL));
	assert_true(journal_claim(journal, batch, JOURNAL_STEP_COPYING, NULL));
	assert_true(journal_landed(journal, id, landed, 7, NULL));
	assert_true(journal_relinked(journal, id, NULL));
	assert_true(journal_settle(journal, &id, 1, JOURNAL_DONE, NULL, NULL));
	journal_batch_free(batch);
}

static void test_relink_to_and_fro(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);

	(void)state;
	/* Before it ran, to and fro: still what was wished. */
	relink(journal, 5, "new");
	for (int i = 0; i < 3; i++) {
		take_back(journal, false);
		assert_nothing(journal, "INBOX");
		take_back(journal, true);
		assert_relinks(journal, 5, "new");
	}
	run_relink(journal, "old", 6);
	take_back(journal, false);
	assert_relinks(journal, 6, "old");
	/* What takes back never runs: nothing has to be done again. */
	take_back(journal, true);
	assert_nothing(journal, "INBOX");
	take_back(journal, false);
	assert_relinks(journal, 6, "old");
	run_relink(journal, "new", 7);
	take_back(journal, true);
	assert_relinks(journal, 7, "new");
	/* A message that had none of the fields. */
	run_relink(journal, "", 8);
	take_back(journal, false);
	assert_relinks(journal, 8, "");
	journal_close(journal);
	scratch_remove(dir);
}

static void test_relink_is_followed(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_batch *batch;

	(void)state;
	flags(journal, "INBOX", 5, 1, 0, STORE_FLAGGED, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	relink(journal, 5, "new");
	/* What comes behind it waits, and is about the copy then. */
	flags(journal, "INBOX", 5, 1, 0, STORE_SEEN, 0);
	flags(journal, "INBOX", 6, 1, 0, STORE_SEEN, 0);
	assert_relinks(journal, 5, "new");
	run_relink(journal, "", 9);
	batch = next(journal, "INBOX");
	assert_int_equal(batch->items->len, 2);
	assert_int_equal(nth(batch, 0)->uid, 9);
	assert_int_equal(nth(batch, 0)->size, MADE);
	assert_int_equal(nth(batch, 1)->uid, 6);
	assert_int_not_equal(nth(batch, 1)->size, MADE);
	end(journal, batch, JOURNAL_DONE, 0);
	/* So is what is taken back of what was done before. */
	take_back(journal, false);
	take_back(journal, false);
	batch = next(journal, "INBOX");
	end(journal, batch, JOURNAL_DONE, 0);
	take_back(journal, false);
	run_relink(journal, "new", 10);
	take_back(journal, false);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 10, 0, STORE_FLAGGED);
	journal_close(journal);
	scratch_remove(dir);
}

/* In doubt: it is found in the same mailbox, and nothing passes it. */
static void test_relink_in_doubt(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_batch *batch;
	GArray *intents;

	(void)state;
	relink(journal, 5, "new");
	batch = next(journal, "INBOX");
	assert_true(journal_claim(journal, batch, JOURNAL_STEP_COPYING, NULL));
	journal_batch_free(batch);
	flags(journal, "INBOX", 5, 1, 0, STORE_SEEN, 0);
	batch = next(journal, "INBOX");
	assert_non_null(batch);
	assert_int_equal(batch->kind, JOURNAL_RELINK);
	assert_int_equal(batch->step, JOURNAL_STEP_COPYING);
	intents = journal_intents(journal, "INBOX", NULL);
	assert_false(g_array_index(intents, struct journal_intent, 0).gone);
	g_array_unref(intents);
	/* The copy is there: the message is not shown any more. */
	assert_true(journal_advance(journal, &nth(batch, 0)->id, 1,
				    JOURNAL_STEP_COPIED, NULL));
	intents = journal_intents(journal, "INBOX", NULL);
	assert_true(g_array_index(intents, struct journal_intent, 0).gone);
	g_array_unref(intents);
	journal_batch_free(batch);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_a_new_action_ends_redo(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	char *what;

	(void)state;
	flags(journal, "INBOX", 1, 1, 0, STORE_SEEN, 0);
	take_back(journal, false);
	flags(journal, "INBOX", 2, 1, 0, STORE_SEEN, 0);
	assert_true(journal_undo(journal, true, NULL, &what, NULL));
	assert_null(what);
	/* Also when that is undone itself: it is what is redone. */
	take_back(journal, false);
	take_back(journal, true);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 2, STORE_SEEN, 0);
	assert_true(journal_undo(journal, true, NULL, &what, NULL));
	assert_null(what);
	journal_close(journal);
	scratch_remove(dir);
}

/* Not the last one, and there again. */
static void test_undo_of_any_step(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	int64_t first = flags(journal, "INBOX", 1, 1, 0, STORE_SEEN, 0);
	g_autofree char *what = NULL, *again = NULL;
	g_autoptr(GError) error = NULL;
	char *never;
	bool redone;

	(void)state;
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	flags(journal, "INBOX", 2, 1, 0, STORE_FLAGGED, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_true(journal_undo_step(journal, first, NULL, &redone, &what,
				      NULL));
	assert_false(redone);
	assert_string_equal(what, "flags");
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, 0, STORE_SEEN);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	assert_true(journal_undo_step(journal, first, NULL, &redone, &again,
				      NULL));
	assert_true(redone);
	assert_next(journal, "INBOX", JOURNAL_FLAGS, 1, STORE_SEEN, 0);
	assert_false(journal_undo_step(journal, 1000, NULL, &redone, &never,
				       &error));
	assert_non_null(error);
	journal_close(journal);
	scratch_remove(dir);
}

static const struct journal_line *line_at(const GPtrArray *lines, guint i)
{
	return g_ptr_array_index(lines, i);
}

/* What was given up before it was sent; and what the list says. */
static void test_lines(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	int64_t step = act(journal, JOURNAL_MOVE, "INBOX", "Archive", 1);
	int64_t entry;
	GPtrArray *lines;
	char *what;

	(void)state;
	flags(journal, "INBOX", 2, 3, 0, STORE_SEEN, 0);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 5);
	end(journal, next(journal, "INBOX"), JOURNAL_DONE, 0);
	flags(journal, "INBOX", 7, 2, 0, STORE_FLAGGED, 0);
	assert_true(journal_undo_step(journal, step, NULL, &(bool){ false },
				      &what, NULL));
	g_free(what);
	lines = journal_lines(journal, 10, NULL);
	assert_int_equal(lines->len, 4);
	/* What waits comes first, the newest of it before the others. */
	assert_true(line_at(lines, 0)->back);
	assert_int_equal(line_at(lines, 0)->step, step);
	entry = line_at(lines, 1)->entry;
	assert_int_equal(line_at(lines, 1)->waiting, 2);
	assert_int_equal(line_at(lines, 2)->done, 3);
	assert_true(line_at(lines, 3)->undone);
	g_ptr_array_unref(lines);
	assert_true(journal_drop(journal, entry, NULL));
	assert_nothing(journal, "INBOX");
	journal_close(journal);
	scratch_remove(dir);
}

/* ---- refusals ---- */

static void test_refused(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_counts counts;
	int64_t step = act(journal, JOURNAL_MOVE, "INBOX", "Nowhere", 1);
	const struct journal_line *line;
	GPtrArray *lines;

	(void)state;
	flags(journal, "INBOX", 2, 1, 0, STORE_SEEN, 0);
	assert_true(journal_refuse(journal, "INBOX", "renumbered", NULL));
	assert_nothing(journal, "INBOX");
	assert_true(journal_count(journal, &counts, NULL));
	assert_int_equal(counts.refused, 2);
	assert_int_equal(counts.waiting, 0);
	lines = journal_lines(journal, 10, NULL);
	assert_int_equal(lines->len, 2);
	line = g_ptr_array_index(lines, 1);
	assert_int_equal(line->step, step);
	assert_string_equal(line->reason, "renumbered");
	assert_string_equal(line->target, "Nowhere");
	assert_int_equal(line->refused, 1);
	g_ptr_array_unref(lines);
	assert_true(journal_again(journal, step, NULL));
	assert_next(journal, "INBOX", JOURNAL_MOVE, 1, 0, 0);
	assert_true(journal_refuse(journal, "INBOX", "no", NULL));
	assert_true(journal_drop(journal, step, NULL));
	assert_nothing(journal, "INBOX");
	assert_true(journal_count(journal, &counts, NULL));
	assert_int_equal(counts.refused, 1);
	journal_close(journal);
	scratch_remove(dir);
}

/* ---- whose it is ---- */

static void test_another_server(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = begin(dir);
	struct journal_counts counts;
	GPtrArray *places;

	(void)state;
	act(journal, JOURNAL_MOVE, "INBOX", "Trash", 1);
	journal_close(journal);
	journal = journal_open(dir, "bob@imap.example.net:993", NULL, NULL);
	assert_nothing(journal, "INBOX");
	places = journal_places(journal, NULL);
	assert_int_equal(places->len, 0);
	g_ptr_array_unref(places);
	assert_true(journal_count(journal, &counts, NULL));
	assert_int_equal(counts.foreign, 1);
	assert_int_equal(counts.waiting, 0);
	assert_true(journal_refuse(journal, "INBOX", "no", NULL));
	journal_close(journal);
	journal = begin(dir);
	assert_next(journal, "INBOX", JOURNAL_MOVE, 1, 0, 0);
	journal_close(journal);
	scratch_remove(dir);
}

static void test_one_executor(void **state)
{
	char *dir = scratch_new();
	struct journal *one = begin(dir), *two = begin(dir);

	(void)state;
	assert_true(journal_executes(one));
	assert_true(journal_executes(one));
	assert_false(journal_executes(two));
	assert_false(journal_changed(two));
	flags(one, "INBOX", 1, 1, 0, STORE_SEEN, 0);
	assert_true(journal_changed(two));
	assert_false(journal_changed(two));
	assert_next(two, "INBOX", JOURNAL_FLAGS, 1, STORE_SEEN, 0);
	journal_close(one);
	assert_true(journal_executes(two));
	journal_close(two);
	scratch_remove(dir);
}

static void test_damaged(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "journal.db", NULL);
	struct journal *journal;

	(void)state;
	for (unsigned i = 1; i <= 2; i++) {
		g_autofree char *kept =
			g_strdup_printf("%s.bad-%u", path, i);
		g_autofree char *notice = NULL;

		assert_true(g_file_set_contents(path, "no database at all, "
						"but long enough to be read",
						-1, NULL));
		journal = journal_open(dir, IDENTITY, &notice, NULL);
		assert_non_null(journal);
		assert_non_null(strstr(notice, kept));
		assert_true(g_file_test(kept, G_FILE_TEST_EXISTS));
		flags(journal, "INBOX", 1, 1, 0, STORE_SEEN, 0);
		journal_close(journal);
	}
	scratch_remove(dir);
}

/* ---- kills ---- */

/* What a process does that is killed after 'steps' of it. */
static void work(const char *dir, int steps)
{
	struct journal *journal = begin(dir);
	struct journal_batch *batch = NULL;

	if (steps > 0)
		act(journal, JOURNAL_MOVE, "INBOX", "Trash", 1);
	if (steps > 1)
		flags(journal, "INBOX", 2, 50, 0, STORE_SEEN, 0);
	if (steps > 2) {
		batch = next(journal, "INBOX");
		journal_advance(journal, &nth(batch, 0)->id, 1,
				JOURNAL_STEP_MOVING, NULL);
	}
	if (steps > 3)
		journal_begin(journal, NULL);
	if (steps > 4)
		journal_landed(journal, nth(batch, 0)->id, 5, 9, NULL);
	if (steps > 5)
		journal_settle(journal, &nth(batch, 0)->id, 1, JOURNAL_DONE,
			       NULL, NULL);
	if (steps > 6)
		journal_commit(journal, NULL);
	if (steps > 7)
		take_back(journal, false);
	_exit(0);
}

static void test_kills(void **state)
{
	(void)state;
	for (int steps = 0; steps <= 8; steps++) {
		char *dir = scratch_new();
		struct journal *journal;
		struct journal_batch *batch;
		struct journal_counts counts;
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0)
			work(dir, steps);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		journal = begin(dir);
		assert_true(journal_executes(journal));
		assert_true(journal_count(journal, &counts, NULL));
		assert_int_equal(counts.waiting,
				 (steps > 0 && steps <= 6) +
					 (steps > 1 && steps <= 7) * 50);
		batch = next(journal, "INBOX");
		if (steps > 0 && steps <= 6)
			assert_int_equal(batch->step,
					 steps > 2 ? JOURNAL_STEP_MOVING
						   : JOURNAL_STEP_NONE);
		journal_batch_free(batch);
		journal_close(journal);
		scratch_remove(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_a_limit_splits),
		cmocka_unit_test(test_intents),
		cmocka_unit_test(test_undo_before_it_ran),
		cmocka_unit_test(test_undo_after_it_ran),
		cmocka_unit_test(test_undo_of_a_move),
		cmocka_unit_test(test_undo_of_several_moves),
		cmocka_unit_test(test_undo_to_and_fro),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_what_follows_a_refusal),
		cmocka_unit_test(test_undo_of_what_runs),
		cmocka_unit_test(test_undo_of_flags_on_the_way),
		cmocka_unit_test(test_undo_of_a_copy),
		cmocka_unit_test(test_undo_of_a_removal),
		cmocka_unit_test(test_relink_to_and_fro),
		cmocka_unit_test(test_relink_is_followed),
		cmocka_unit_test(test_relink_in_doubt),
		cmocka_unit_test(test_a_new_action_ends_redo),
		cmocka_unit_test(test_undo_of_any_step),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_another_server),
		cmocka_unit_test(test_one_executor),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
