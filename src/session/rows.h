/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Index rows on their way from FETCH answers into the cache. */
#ifndef SMEW_SESSION_ROWS_H
#define SMEW_SESSION_ROWS_H

#include "smew/mail.h"
#include "smew/store.h"

/* A batch of rows with the memory of their strings. */
struct rows;

struct rows *rows_new(void);
void rows_free(struct rows *rows);
size_t rows_count(const struct rows *rows);
const struct store_message *rows_messages(const struct rows *rows);
/* Empties it. */
void rows_reset(struct rows *rows);

/* What an answer says beside its header fields. */
struct row {
	uint32_t uid, flags;
	const char *keywords;	/* or NULL */
	uint64_t modseq, size;
	int64_t received;	/* 0: not known */
	const struct mail_part *structure; /* or NULL */
};

/* Adds a row; 'fields' is the fetched part of the header. All copied. */
void rows_add(struct rows *rows, const struct row *row, const void *fields,
	      size_t length);
/* Newer flags of a row in here; false when there is none of this UID. */
bool rows_set_flags(struct rows *rows, uint32_t uid, uint32_t flags,
		    const char *keywords, uint64_t modseq);

#endif
