/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words: encoded words (RFC 2047) and the raw octets between them. */
#ifndef SMEW_MAIL_WORDS_H
#define SMEW_MAIL_WORDS_H

#include <glib.h>

/*
 * 'raw' (line ends already taken out or not) decoded and sanitised to one
 * line without white space around it. A character that two encoded words
 * share is put together again. Linear in 'length'. Owned by the caller.
 */
char *words_decode(const char *raw, size_t length);

#endif
