/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * query: mutt's pattern language ("~f anna ~N !~F") as a tree. No I/O, no
 * clock: what a pattern means is known when it has been read. Store makes SQL
 * of the tree, ui matches rows in memory. A query belongs to one thread at a
 * time.
 */
#ifndef SMEW_QUERY_H
#define SMEW_QUERY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define QUERY_ERROR (query_error_quark())
GQuark query_error_quark(void);

enum query_error {
	QUERY_ERROR_SYNTAX,	 /* the text says where and what was expected */
	QUERY_ERROR_UNSUPPORTED, /* known, but smew cannot do it yet */
	QUERY_ERROR_EXPRESSION,	 /* the regular expression is wrong */
};

enum query_op {
	QUERY_ALL,
	QUERY_AND, QUERY_OR,	  /* of 'children' */
	QUERY_THREAD,		  /* a message of its thread is 'children' */
	QUERY_PARENT, QUERY_CHILD, /* the one above is; one right below is */
	QUERY_NEW, QUERY_OLD, QUERY_READ, QUERY_UNREAD,
	QUERY_FLAGGED, QUERY_DELETED, QUERY_REPLIED, QUERY_TAGGED,
	QUERY_COLLAPSED,	  /* in a thread of several that is folded */
	QUERY_UNREFERENCED,	  /* nothing answers it */
	QUERY_SENT, QUERY_RECEIVED, QUERY_SIZE, /* min <= value <= max */
	QUERY_TEXT,		  /* 'field' and query_node_match() */
};

/* The texts that a QUERY_TEXT is about. */
enum query_field {
	QUERY_FROM, QUERY_TO, QUERY_CC,
	QUERY_RECIPIENT, /* to and cc */
	QUERY_ADDRESS,	 /* from, to and cc */
	QUERY_SUBJECT, QUERY_ID, QUERY_LABEL,
	QUERY_REFERENCES, /* In-Reply-To and References */
	QUERY_HEADER,	  /* lines "Name: value" */
};

struct query_regex;

struct query_node {
	enum query_op op;
	bool not;	       /* the opposite is meant */
	enum query_field field;
	bool every;	       /* '^': all addresses of the lists, not one */
	bool mine;	       /* ~p, ~P: one of the user's own addresses */
	bool group;	       /* %f and the like: one of 'members' */
	char **members;	       /* addresses, owned, or NULL */
	GPtrArray *expressions; /* of the group, of struct query_regex; owned,
				   or NULL */
	int64_t min, max;
	GPtrArray *children;   /* of struct query_node, owned, or NULL */
	struct query_regex *regex; /* owned, NULL with 'mine' and 'group' */
	const struct query *query; /* it belongs to */
};

/* The marks of what belongs to a group. */
enum { GROUP_ADDRESS = '=', GROUP_EXPRESSION = '~' };

struct query;
typedef struct query query_t; /* for g_autoptr() */

/* What a pattern may refer to; borrowed, copied where it is kept. */
struct query_context {
	int64_t now;	    /* for relative dates, seconds */
	const char *simple; /* $simple_search, for plain words; NULL: none */
	const char *const *mine; /* addresses for ~p ~P; NULL-terminated */
	/* For % NAME: what belongs to a group, NULL-terminated and owned, each
	 * with its mark before it; NULL: there is no such group. */
	char **(*group)(const char *name, const void *user);
	const void *user;
};

/* As long as a pattern may be, in octets, and as deep as it may nest. */
#define QUERY_LENGTH_MAX 8192
#define QUERY_DEPTH_MAX 50

/*
 * Reads a pattern as the user typed it (UTF-8), plain words included. NULL
 * and an error that names the column and what was expected.
 */
struct query *query_new(const char *text, const struct query_context *context,
			GError **error);
void query_free(struct query *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(query_t, query_free)

/* The tree, borrowed. */
const struct query_node *query_root(const struct query *query);
/* Whether it is "all": a limit to it is none. */
bool query_is_all(const struct query *query);
/*
 * Whether an expression was so costly that it was given up on some text,
 * which counts as no match.
 */
bool query_gave_up(const struct query *query);

/*
 * Whether a QUERY_TEXT node is true for the texts of its field, 'not' left
 * aside: address lists as "Name <address>, address", ids as "<id> <id>", others
 * as they stand. NULL is "". Bounded time for each text.
 */
bool query_node_match(const struct query_node *node, const char *const *texts,
		      size_t n);

/* A message in memory. */
struct query_message {
	bool read, old, flagged, deleted, replied, tagged, collapsed, answered;
	int64_t sent, received;
	uint64_t size;
	const char *from, *to, *cc, *subject, *id, *label, *list;
};

/*
 * Whether it matches. What a message does not know of itself - its thread,
 * its references - does not match.
 */
bool query_matches(const struct query *query,
		   const struct query_message *message);

/* ---- expressions alone ---- */

/*
 * An expression in mutt's form: without a capital letter in it case does not
 * matter. Matching takes a bounded time. NULL and an error when it is wrong.
 */
struct query_regex *query_regex_new(const char *text, GError **error);
void query_regex_free(struct query_regex *regex);
/*
 * Its first match of one octet or more that begins at the octet 'from' of
 * 'text' or behind it: *start and *end are octets from the beginning of 'text'.
 * What gives up at its bound has not matched.
 */
bool query_regex_find(const struct query_regex *regex, const char *text,
		      size_t length, size_t from, size_t *start, size_t *end);

#endif
