/* SPDX-License-Identifier: GPL-3.0-or-later */
/* codec: the content transfer encodings (RFC 2045 6, and uuencode). */
#ifndef SMEW_MAIL_CODEC_H
#define SMEW_MAIL_CODEC_H

#include <glib.h>
#include <stdbool.h>

/*
 * Appends the octets that base64 text stands for: padding may be missing or
 * stand in the middle, foreign octets are skipped, a cut group gives what it
 * holds. False if anything of that happened (white space is no damage).
 */
bool codec_base64(GByteArray *out, const char *text, size_t length);

/*
 * The Q encoding of RFC 2047 4.2: '_' is a space, a wrong escape stands for
 * itself.
 */
void codec_q(GByteArray *out, const char *text, size_t length);

/* The %XX escapes of RFC 2231; a wrong one stands for itself. */
void codec_percent(GByteArray *out, const char *text, size_t length);

/*
 * The body 'data' decoded by 'encoding' (lower case); an unknown encoding
 * leaves it as it is. 'damaged' tells whether something was lacking. Owned by
 * the caller.
 */
GBytes *codec_decode(const char *encoding, GBytes *data, bool *damaged);

#endif
