/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "content.h"
#include "smew/base.h"
#include "smew/net.h"

enum { PIECE = 32 * 1024 };

void content_init(struct content *content, int fd)
{
	*content = (struct content){ .fd = fd, .line_start = true };
}

static ssize_t read_piece(struct content *content, char *buffer)
{
	ssize_t got;

	do
		got = pread(content->fd, buffer, PIECE, (off_t)content->at);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		content->at += (uint64_t)got;
	return got;
}

static void end_line(struct content *content, GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)"\r\n", 2);
	content->line_start = true;
}

static void put_octet(struct content *content, char octet, GByteArray *out)
{
	bool after_cr = content->cr;

	content->cr = octet == '\r';
	if (octet == '\0' || (octet == '\n' && after_cr))
		return;
	if (octet == '\r' || octet == '\n') {
		end_line(content, out);
		return;
	}
	if (content->line_start && octet == '.')
		g_byte_array_append(out, (const guint8 *)".", 1);
	content->line_start = false;
	g_byte_array_append(out, (const guint8 *)&octet, 1);
}

/* Octets from 'text' on that go out as they are. */
static size_t plain_run(const struct content *content, const char *text,
			size_t length)
{
	size_t n = 0;

	if (content->line_start || content->cr)
		return 0;
	while (n < length && text[n] != '\r' && text[n] != '\n' &&
	       text[n] != '\0')
		n++;
	return n;
}

bool content_next(struct content *content, GByteArray *out, GError **error)
{
	char buffer[PIECE];
	ssize_t got = read_piece(content, buffer);

	if (got < 0) {
		g_set_error(error, NET_ERROR, NET_ERROR_CLOSED,
			    _("cannot read the message: %s"),
			    g_strerror(errno));
		return false;
	}
	for (size_t i = 0; i < (size_t)got;) {
		size_t run = plain_run(content, buffer + i, (size_t)got - i);

		g_byte_array_append(out, (const guint8 *)buffer + i,
				    (guint)run);
		i += run;
		if (i < (size_t)got)
			put_octet(content, buffer[i++], out);
	}
	if (got == 0) {
		if (!content->line_start)
			end_line(content, out);
		g_byte_array_append(out, (const guint8 *)".\r\n", 3);
		content->ended = true;
	}
	return true;
}

bool content_is_8bit(struct content *content, bool *end)
{
	char buffer[PIECE];
	ssize_t got = read_piece(content, buffer);

	*end = got <= 0;
	for (ssize_t i = 0; i < got; i++)
		if ((unsigned char)buffer[i] > 127)
			return true;
	return false;
}
