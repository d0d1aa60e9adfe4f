/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "field.h"
#include "smew/base.h"

#define IDS_KEPT 100
#define ID_MAX_LENGTH 1000

void field_reader_init(struct field_reader *reader, const char *data,
		       size_t length)
{
	reader->at = data == NULL ? "" : data;
	reader->end = reader->at + (data == NULL ? 0 : length);
	reader->began = false;
}

static const char *line_end(const char *at, const char *end)
{
	const char *lf = memchr(at, '\n', (size_t)(end - at));

	return lf == NULL ? end : lf + 1;
}

static bool is_empty_line(const char *at, const char *end)
{
	if (at < end && *at == '\r')
		at++;
	return at == end || *at == '\n';
}

/* From the start of a field to the start of the next line that is another. */
static const char *field_end(const char *at, const char *end)
{
	do {
		at = line_end(at, end);
	} while (at < end && (*at == ' ' || *at == '\t') &&
		 !is_empty_line(at, end));
	return at;
}

static bool split_field(const char *at, const char *end, struct field *field)
{
	const char *name = at, *name_end;

	while (at < end && *at > ' ' && *at < 0x7f && *at != ':')
		at++;
	name_end = at;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == end || *at != ':')
		return false;
	field->name = name;
	field->name_length = (size_t)(name_end - name);
	field->value = at + 1;
	field->value_length = (size_t)(end - at - 1);
	return true;
}

static bool is_envelope_line(const struct field_reader *reader)
{
	size_t left = (size_t)(reader->end - reader->at);

	if (reader->began)
		return false;
	return (left > 5 && memcmp(reader->at, "From ", 5) == 0) ||
	       (left > 6 && memcmp(reader->at, ">From ", 6) == 0);
}

bool field_next(struct field_reader *reader, struct field *field)
{
	while (reader->at < reader->end) {
		const char *end;

		if (is_empty_line(reader->at, reader->end)) {
			reader->at = line_end(reader->at, reader->end);
			return false;
		}
		end = field_end(reader->at, reader->end);
		if (is_envelope_line(reader)) {
			reader->at = line_end(reader->at, reader->end);
			reader->began = true;
			continue;
		}
		if (!split_field(reader->at, end, field))
			return false;
		reader->at = end;
		reader->began = true;
		if (field->name_length > 0)
			return true;
	}
	return false;
}

bool field_is(const struct field *field, const char *name)
{
	return strlen(name) == field->name_length &&
	       g_ascii_strncasecmp(field->name, name, field->name_length) == 0;
}

size_t field_body_offset(const char *data, size_t length)
{
	struct field_reader reader;
	struct field field;

	field_reader_init(&reader, data, length);
	while (field_next(&reader, &field))
		;
	return (size_t)(reader.at - data);
}

char *field_unfold(const struct field *field)
{
	char *out = g_malloc(field->value_length + 1);
	size_t n = 0;

	for (size_t i = 0; i < field->value_length; i++)
		if (field->value[i] != '\r' && field->value[i] != '\n')
			out[n++] = field->value[i] == '\0' ? ' '
							   : field->value[i];
	out[n] = '\0';
	return g_strstrip(out);
}

/* Ids do not hold white space; where one was folded it is taken out. */
static char *clean_id(const char *text, size_t length)
{
	g_autofree char *flat = g_malloc(length + 1);
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isspace(text[i]))
			flat[n++] = text[i];
	return sanitise_line(flat, (gssize)n);
}

static void keep_id(GPtrArray *ids, const char *text, size_t length)
{
	char *id;

	if (length > ID_MAX_LENGTH)
		return;
	id = clean_id(text, length);
	if (*id == '\0') {
		g_free(id);
		return;
	}
	if (ids->len == IDS_KEPT)
		g_ptr_array_remove_index(ids, 1);
	g_ptr_array_add(ids, id);
}

/* An opened id ends at '>', or where another begins; bare ones at a blank. */
static const char *bracketed_end(const char *at, const char *end)
{
	while (at < end && *at != '>' && *at != '<')
		at++;
	return at;
}

static const char *skip_until(const char *at, const char *end, char close)
{
	const char *found = memchr(at, close, (size_t)(end - at));

	return found == NULL ? end : found + 1;
}

static const char *bare_end(const char *at, const char *end)
{
	while (at < end && !g_ascii_isspace(*at) && *at != '<' && *at != ',')
		at++;
	return at;
}

static const char *next_id(GPtrArray *ids, const char *at, const char *end)
{
	const char *stop;

	if (*at == '<') {
		stop = bracketed_end(at + 1, end);
		keep_id(ids, at + 1, (size_t)(stop - at - 1));
		return stop < end && *stop == '>' ? stop + 1 : stop;
	}
	if (*at == '"' || *at == '(')
		return skip_until(at + 1, end, *at == '"' ? '"' : ')');
	if (g_ascii_isspace(*at) || *at == ',' || *at == '>')
		return at + 1;
	stop = bare_end(at, end);
	if (memchr(at, '@', (size_t)(stop - at)) != NULL) {
		size_t length = (size_t)(stop - at);

		if (at[length - 1] == '>')
			length--;
		keep_id(ids, at, length);
	}
	return stop;
}

GPtrArray *field_ids(const char *value, size_t length)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	const char *at = value, *end = value + length;

	while (at < end)
		at = next_id(ids, at, end);
	return ids;
}

char *field_in_brackets(const char *value, size_t length)
{
	const char *close = memrchr(value, '>', length);
	const char *open;
	char *line;

	if (close == NULL)
		close = value + length;
	open = memrchr(value, '<', (size_t)(close - value));
	if (open != NULL)
		return clean_id(open + 1, (size_t)(close - open - 1));
	line = sanitise_line(value, (gssize)length);
	return g_strstrip(line);
}
