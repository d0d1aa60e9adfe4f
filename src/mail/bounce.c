/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bounce: a message that is sent on as it is. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "draft.h"
#include "field.h"
#include "smew/base.h"

enum { PORTION = 64 * 1024 };

static bool write_octets(int fd, const char *data, size_t length,
			 GError **error)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
				    _("the message cannot be written: %s"),
				    g_strerror(errno));
			return false;
		}
		data += n;
		length -= (size_t)n;
	}
	return true;
}

/* Line ends as CRLF, NULs left out, in portions. */
static bool write_lines(int fd, const char *data, size_t length,
			GError **error)
{
	g_autoptr(GString) out = g_string_sized_new(PORTION + 2);

	for (size_t i = 0; i < length; i++) {
		char c = data[i];
		bool crlf = c == '\r' && i + 1 < length && data[i + 1] == '\n';

		if (crlf || c == '\0')
			continue;
		if (c == '\n' || c == '\r')
			g_string_append(out, "\r\n");
		else
			g_string_append_c(out, c);
		if (out->len >= PORTION) {
			if (!write_octets(fd, out->str, out->len, error))
				return false;
			g_string_truncate(out, 0);
		}
	}
	if (length > 0 && data[length - 1] != '\n' && data[length - 1] != '\r')
		g_string_append(out, "\r\n");
	return write_octets(fd, out->str, out->len, error);
}

/* What another journey left, or nobody else is to read. */
static bool is_left_out(const struct field *field)
{
	return field_is(field, "Bcc") || field_is(field, "Return-Path") ||
	       field_is(field, "Delivered-To") ||
	       field_is(field, "X-Original-To") ||
	       field_is(field, "Content-Length") || field_is(field, "Lines") ||
	       field_is(field, "Status") || field_is(field, "X-Status");
}

static bool write_header(GBytes *whole, int fd, size_t *body, GError **error)
{
	struct field_reader reader;
	struct field field;
	gsize length;
	const char *data = g_bytes_get_data(whole, &length);
	bool good = true;

	field_reader_init(&reader, data, length);
	while (good && field_next(&reader, &field)) {
		const char *end = field.value + field.value_length;

		if (!is_left_out(&field))
			good = write_lines(fd, field.name,
					   (size_t)(end - field.name), error);
	}
	*body = (size_t)(reader.at - data);
	return good && write_octets(fd, "\r\n", 2, error);
}

bool mail_bounce(GBytes *whole, const char *from, const char *to, int fd,
		 char **message_id, GError **error)
{
	g_autoptr(GString) head = g_string_new(NULL);
	gsize length;
	const char *data = g_bytes_get_data(whole, &length);
	size_t body = 0;
	bool utf8 = false;

	*message_id = mail_message_id(from);
	if (!field_check("Resent-From", from, error) ||
	    !field_check("Resent-To", to, error) ||
	    !field_write_addresses(head, "Resent-From", from, NULL, &utf8,
				   error))
		return false;
	field_write_date(head, "Resent-Date", 0);
	g_string_append_printf(head, "Resent-Message-ID: <%s>\r\n",
			       *message_id);
	return field_write_addresses(head, "Resent-To", to, NULL, &utf8,
				     error) &&
	       write_octets(fd, head->str, head->len, error) &&
	       write_header(whole, fd, &body, error) &&
	       write_lines(fd, data + body, length - body, error);
}
