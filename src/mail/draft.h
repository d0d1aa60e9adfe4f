/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft: what the files about drafts share. */
#ifndef SMEW_MAIL_DRAFT_H
#define SMEW_MAIL_DRAFT_H

#include "smew/mail.h"

/* The longest line that RFC 5322 2.1.1 allows, without its end. */
#define DRAFT_LINE_MAX 998

/* ---- fields: field-write.c ---- */

/*
 * Appends "NAME: VALUE" CRLF, folded, other than ASCII as encoded words in
 * the first fitting of 'charsets'.
 */
void field_write_text(GString *out, const char *name, const char *value,
		      const char *charsets);
/* The same for a list of addresses. '*utf8' becomes true for a local part
 * that is not ASCII. Nothing is written for an empty list. */
bool field_write_addresses(GString *out, const char *name, const char *value,
			   const char *charsets, bool *utf8, GError **error);
/* Ids without <>. */
void field_write_ids(GString *out, const char *name, const GPtrArray *ids);
/* The local date of 'when' (seconds, 0: now). */
bool field_write_date(GString *out, const char *name, int64_t when);
/* Whether 'value' is UTF-8 without control characters; tabs pass. */
bool field_check(const char *name, const char *value, GError **error);

/* ---- text: text-write.c ---- */

/*
 * The first of 'charsets' that 'text' (UTF-8) can be converted to without
 * loss; us-ascii and utf-8 are always tried. '*octets' is the text in it.
 * The name is owned.
 */
char *text_charset(const char *text, const char *charsets, GBytes **octets);
/* Space-stuffed by RFC 3676 4.4. Owned. */
char *text_stuff(const char *text);

#endif
