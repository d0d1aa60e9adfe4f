/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply: octets from an SMTP server to its replies (RFC 5321, 4.2). */
#ifndef SMEW_NET_REPLY_H
#define SMEW_NET_REPLY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reply {
	unsigned code;	  /* 200 to 599 */
	GPtrArray *lines; /* of char *: the texts, as they came; owned */
};

struct reply_reader {
	GByteArray *rest;    /* not a whole line yet; owned */
	struct reply *begun; /* its last line has not come; owned, or NULL */
};

enum reply_result { REPLY_MORE, REPLY_WHOLE, REPLY_WRONG };

void reply_reader_init(struct reply_reader *reader);
void reply_reader_clear(struct reply_reader *reader);
void reply_reader_feed(struct reply_reader *reader, const void *data,
		       size_t length);
/* The next whole reply, given to the caller. REPLY_WRONG: that is no SMTP, or
 * it is too much (lines above 8 kB, more than 500 of them). */
enum reply_result reply_reader_next(struct reply_reader *reader,
				    struct reply **reply);
/* Octets that no reply has taken. */
size_t reply_reader_left(const struct reply_reader *reader);
void reply_free(struct reply *reply);
/* "550 5.1.1 no such user", sanitised, in one line; owned by the caller. */
char *reply_words(const struct reply *reply);

#endif
