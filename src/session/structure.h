/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the protocol's words to the cache's and the reader's. */
#ifndef SMEW_SESSION_STRUCTURE_H
#define SMEW_SESSION_STRUCTURE_H

#include <glib.h>

#include "smew/imap.h"
#include "smew/mail.h"

/* BODYSTRUCTURE as mail reads it; NULL when it is too large or too deep to be
 * of use (LIMIT_PARTS, LIMIT_PART_DEPTH). Owned by the caller. */
struct mail_part *structure_from_imap(const struct imap_body *body);

/* What a server with these PERMANENTFLAGS forgets: of enum store_flag. */
uint32_t flags_fleeting(const struct imap_flags *permanent);
/* The keywords that alone can be set there, by blanks; NULL: any. Owned. */
char *flags_lasting(const struct imap_flags *permanent);
/* Flags to enum store_flag; those without a bit are appended to 'keywords',
 * separated by spaces. */
uint32_t flags_from_imap(const struct imap_flags *flags, GString *keywords);
/* enum store_flag to what STORE sends; 'keywords' is NULL-terminated. */
uint32_t flags_to_imap(uint32_t flags, const char *keywords[3]);

#endif
