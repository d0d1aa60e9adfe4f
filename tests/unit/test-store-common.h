/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the store share. */
#ifndef TEST_STORE_COMMON_H
#define TEST_STORE_COMMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the four above it. */
#include <cmocka.h>

#include "smew/store.h"

#define IDENTITY "anna@imap.example.org:993"

/* A directory of its own for a test; owned by the caller. */
char *scratch_new(void);
void scratch_remove(char *dir);

/* An open cache with INBOX in it; '*mbox' is its id. */
struct store *cache_new(const char *dir, int64_t *mbox);

/* A journal in a directory of its own, and the items of it that are under way
 * (none). */
struct journal_bench {
	char *dir;
	struct journal *journal;
	GHashTable *sent; /* of int64_t * */
};
void journal_bench_open(struct journal_bench *b);
void journal_bench_close(struct journal_bench *b);

/* A message with the given ids: "a" stands for a@example.org, references
 * are letters, oldest first. All strings are kept until the end. */
struct store_message mail(uint32_t uid, int64_t sent, const char *id,
			  const char *in_reply_to, const char *references,
			  const char *subject);
void add(struct store *store, int64_t mbox, const struct store_message *m);
void add_all(struct store *store, int64_t mbox, const struct store_message *m,
	     size_t n);

/* The next post of 'kind' with this request's number; fails the test when it
 * does not come. Others are thrown away. */
struct post *await(struct postbox *box, int kind, uint32_t request);
struct view_window *ask_window(struct view *view, struct postbox *box,
			       const struct view_order *by, enum view_at at,
			       int64_t id, int64_t row, int before, int after);

/* mutt's threads by last-date-received. */
extern const struct view_order by_threads;

/* All rows as "UID tree subject" lines, '~' where the subject is the
 * parent's; owned by the caller. */
char *picture(const char *dir);

#endif
