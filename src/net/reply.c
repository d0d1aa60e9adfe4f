/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "reply.h"
#include "smew/base.h"

enum {
	LINE_MAX_OCTETS = 8 * 1024,
	LINES_MAX = 500,
	WORDS_MAX = 400,
};

void reply_free(struct reply *reply)
{
	if (reply == NULL)
		return;
	g_ptr_array_unref(reply->lines);
	g_free(reply);
}

void reply_reader_init(struct reply_reader *reader)
{
	*reader = (struct reply_reader){ .rest = g_byte_array_new() };
}

void reply_reader_clear(struct reply_reader *reader)
{
	g_clear_pointer(&reader->rest, g_byte_array_unref);
	g_clear_pointer(&reader->begun, reply_free);
}

void reply_reader_feed(struct reply_reader *reader, const void *data,
		       size_t length)
{
	g_byte_array_append(reader->rest, data, (guint)length);
}

size_t reply_reader_left(const struct reply_reader *reader)
{
	return reader->rest->len + (reader->begun != NULL ? 1 : 0);
}

/* The code of "250-text", "250 text" or "250"; 0 for anything else. */
static unsigned read_code(const char *line, size_t length)
{
	if (length < 3 || line[0] < '2' || line[0] > '5' ||
	    !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]) ||
	    (length > 3 && line[3] != ' ' && line[3] != '-'))
		return 0;
	return (unsigned)(line[0] - '0') * 100 +
	       (unsigned)(line[1] - '0') * 10 + (unsigned)(line[2] - '0');
}

/* A line without its end. False: it is none of a reply. */
static bool take_line(struct reply_reader *reader, const char *line,
		      size_t length, bool *last)
{
	unsigned code = read_code(line, length);
	struct reply *reply = reader->begun;

	if (code == 0 || (reply != NULL && reply->code != code))
		return false;
	if (reply == NULL) {
		reply = reader->begun = g_new0(struct reply, 1);
		reply->code = code;
		reply->lines = g_ptr_array_new_with_free_func(g_free);
	}
	if (reply->lines->len >= LINES_MAX)
		return false;
	g_ptr_array_add(reply->lines, length > 4 ? g_strndup(line + 4, length - 4)
						 : g_strdup(""));
	*last = length < 4 || line[3] == ' ';
	return true;
}

enum reply_result reply_reader_next(struct reply_reader *reader,
				    struct reply **reply)
{
	*reply = NULL;
	for (;;) {
		const char *line = (const char *)reader->rest->data;
		const char *end = reader->rest->len > 0
					  ? memchr(line, '\n', reader->rest->len)
					  : NULL;
		bool last = false, fine;
		size_t length;

		if (end == NULL)
			return reader->rest->len > LINE_MAX_OCTETS ? REPLY_WRONG
								   : REPLY_MORE;
		length = (size_t)(end - line);
		if (length > 0 && line[length - 1] == '\r')
			length--;
		fine = length <= LINE_MAX_OCTETS &&
		       take_line(reader, line, length, &last);
		g_byte_array_remove_range(reader->rest, 0,
					  (guint)(end - line + 1));
		if (!fine)
			return REPLY_WRONG;
		if (!last)
			continue;
		*reply = g_steal_pointer(&reader->begun);
		return REPLY_WHOLE;
	}
}

/* Where 'line' repeats the enhanced code of the one before, behind it. */
static const char *without_status(const char *line)
{
	size_t length = strspn(line, "0123456789.");

	return length >= 5 && line[length] == ' ' ? line + length + 1 : line;
}

char *reply_words(const struct reply *reply)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *clean = NULL;

	g_string_printf(text, "%u", reply->code);
	for (guint i = 0; i < reply->lines->len && text->len < WORDS_MAX; i++) {
		const char *line = g_ptr_array_index(reply->lines, i);

		g_string_append_c(text, ' ');
		g_string_append(text, i > 0 ? without_status(line) : line);
	}
	g_string_truncate(text, MIN(text->len, WORDS_MAX));
	clean = sanitise_line(text->str, -1);
	return g_strdup(g_strchomp(clean));
}
