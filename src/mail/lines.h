/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines: where every line of a document comes to be. */
#ifndef SMEW_MAIL_LINES_H
#define SMEW_MAIL_LINES_H

#include "smew/mail.h"

/* What is shown of one message at most, in octets of UTF-8. */
#define LINES_LIMIT (16 << 20)

struct lines {
	GArray *array; /* of struct mail_line; borrowed */
	size_t used;   /* of LINES_LIMIT */
	bool full;     /* something was left out */
};

/*
 * Appends one line of 'text' (sanitised by the caller, no line end), tabs
 * expanded. Beyond the limit nothing is added and 'full' is set.
 */
void lines_add(struct lines *lines, enum mail_style style, unsigned level,
	       const char *text, size_t length);

/* An empty line, unless there is none yet or the last one is empty. */
void lines_gap(struct lines *lines);

/* "[-- TEXT --]" in smew's own style; takes no limit into account. */
void lines_note(struct lines *lines, const char *text);
void lines_attachment(struct lines *lines, const char *text);

#endif
