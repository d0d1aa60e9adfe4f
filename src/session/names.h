/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a user types to the wire name of a new mailbox. Pure. */
#ifndef SMEW_SESSION_NAMES_H
#define SMEW_SESSION_NAMES_H

#include <stdbool.h>

/* What the server said about names; all borrowed. */
struct name_rules {
	char delimiter;	    /* between levels; 0: names are flat */
	const char *prefix; /* of the user's own mailboxes, wire form, or "" */
	const char *const *others; /* prefixes of others' mailboxes and shared
				      ones; NULL-terminated, or NULL */
	/* Whether there is a mailbox of this wire name; may be NULL. */
	bool (*exists)(const char *name, void *user);
	void *user;
};

/*
 * The wire name for 'typed' (UTF-8), owned; NULL and '*why' (for the reader, a
 * constant) when no mailbox can be called so. A level ends at the delimiter
 * and, unless names are flat, at `/`. What begins with none of the prefixes
 * goes below the user's own, unless its first level exists.
 */
char *name_make(const struct name_rules *rules, const char *typed,
		const char **why);
/* Whether 'name' is 'of' or stands below it. */
bool name_is_within(const char *name, const char *of, char delimiter);
/* The wire name of what 'name' stands below, owned; NULL: nothing. */
char *name_parent(const char *name, char delimiter);

#endif
