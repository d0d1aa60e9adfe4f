/* SPDX-License-Identifier: GPL-3.0-or-later */
/* private: what the files of query share. */
#ifndef QUERY_PRIVATE_H
#define QUERY_PRIVATE_H

#include "smew/query.h"

struct query {
	struct query_node *root; /* owned */
	char **mine;		 /* owned */
	bool gave_up;
};

/*
 * A regular expression in mutt's dialect (POSIX extended with GNU's word
 * borders), or with 'literal' a plain text to be found. Without a capital
 * letter in it case does not matter.
 */
struct query_regex *regex_new(const char *text, bool literal, GError **error);
void regex_free(struct query_regex *regex);

enum regex_result { REGEX_NO, REGEX_YES, REGEX_GAVE_UP };
enum regex_result regex_match(const struct query_regex *regex,
			      const char *text, size_t length);

/*
 * A date or range of dates in mutt's forms, in local time; both ends belong
 * to it. On failure '*wrong' is where, and what was expected is returned;
 * NULL when all is well.
 */
const char *dates_read(const char *text, int64_t now, int64_t *min,
		      int64_t *max, const char **wrong);

/*
 * A range of sizes at '*text', which is moved behind it. Returns what was
 * expected at '*text', NULL when all is well.
 */
const char *sizes_read(const char **text, int64_t *min, int64_t *max);

/*
 * Plain words to a pattern by 'simple'; NULL when 'text' is a pattern
 * already. Owned.
 */
char *simple_expand(const char *text, const char *simple);

#endif
