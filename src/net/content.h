/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content: a message's file as the octets of DATA (RFC 5321, 4.5.2), piece by
 * piece: dots doubled at the beginning of lines, CRLF and nothing else as
 * line end, no NUL, whatever is in the file.
 */
#ifndef SMEW_NET_CONTENT_H
#define SMEW_NET_CONTENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct content {
	int fd;		/* borrowed */
	uint64_t at;	/* octets of the file that were read */
	bool line_start; /* the next octet begins a line */
	bool cr;	/* the last octet was a CR, whose line end went out */
	bool ended;	/* the final dot was given out */
};

void content_init(struct content *content, int fd);
/* Appends the next piece to 'out', with the final dot after the last one.
 * False when the file cannot be read. */
bool content_next(struct content *content, GByteArray *out, GError **error);

/* Whether the file has octets above 127 in its next piece; '*end' at its end.
 * Moves 'at' alone. */
bool content_is_8bit(struct content *content, bool *end);

#endif
