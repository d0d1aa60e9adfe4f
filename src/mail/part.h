/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part: what the module asks of a struct mail_part. */
#ifndef SMEW_MAIL_PART_H
#define SMEW_MAIL_PART_H

#include "smew/mail.h"

/* Levels of nesting that are read and shown. */
#define PART_DEPTH_LIMIT 64
/* Parts that are read and shown. */
#define PART_COUNT_LIMIT 1000

bool part_is(const struct mail_part *part, const char *type,
	     const char *subtype);
bool part_is_type(const struct mail_part *part, const char *type);

/* message/rfc822 or message/global. */
bool part_is_message(const struct mail_part *part);

/* Text that is shown where it stands; not one sent as an attachment. */
bool part_is_shown(const struct mail_part *part);

/* A multipart in which no parts could be told apart. */
bool part_is_broken(const struct mail_part *part);

/* The section to fetch for the content of a broken multipart; owned. */
char *part_broken_section(const struct mail_part *part);

/* Of a multipart/alternative the child to show, or NULL when none can be. */
struct mail_part *part_choose(const struct mail_part *part);

/* Of a multipart/related the root, or NULL when it is empty. */
struct mail_part *part_root(const struct mail_part *part);

struct mail_part *part_copy(const struct mail_part *part);

/* Replaces a string of a part; takes 'value' (NULL: ""). */
void part_set(char **slot, char *value);

#endif
