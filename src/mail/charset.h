/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charset: octets in whatever charset a message names, to UTF-8. */
#ifndef SMEW_MAIL_CHARSET_H
#define SMEW_MAIL_CHARSET_H

#include <glib.h>
#include <stdbool.h>

/*
 * The name that iconv shall hear for the name that a message gives: an alias
 * or a superset replaced, NULL when the name says nothing (empty, x-unknown)
 * or is not made of [A-Za-z0-9._:-]{1,40}. Owned by the caller.
 */
char *charset_resolve(const char *name);

/*
 * Appends 'data' to 'out' as valid UTF-8 (NUL octets stay). What is invalid
 * becomes U+FFFD and the rest goes on. Without a usable 'name' (may be NULL):
 * ISO-2022-JP if its escapes are there, else UTF-8 if it is valid, else
 * windows-1252. Returns how many U+FFFD were put in.
 */
size_t charset_append(GString *out, const char *name, const void *data,
		      size_t length);

/* Whether iconv can read what 'name' stands for, or it says nothing. */
bool charset_known(const char *name);

#endif
