/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "address.h"
#include "smew/base.h"
#include "words.h"

/*
 * More than any message has; 10 MB of ",a" would otherwise take a gigabyte.
 */
#define ADDRESS_LIMIT 250000

/*
 * One address is collected twice at once, because only its end tells what it
 * was: 'phrase' is what a display name would be (quotes resolved), 'spec'
 * what an address would be (quotes kept, white space and comments out).
 */
struct reader {
	const char *at, *end;
	GPtrArray *list;
	GString *phrase, *spec, *comment, *angle;
	bool has_angle;	 /* <...> has been seen */
	bool blank;	 /* white space is waiting to go into the phrase */
	bool quoted;	 /* the phrase has quoted text */
	guint words;	 /* words in the phrase */
};

static void free_address(void *data)
{
	struct mail_address *address = data;

	g_free(address->name);
	g_free(address->email);
	g_free(address);
}

GPtrArray *address_list_new(void)
{
	return g_ptr_array_new_with_free_func(free_address);
}

static void add_phrase(struct reader *reader, char c)
{
	if (reader->blank && reader->phrase->len > 0)
		g_string_append_c(reader->phrase, ' ');
	if (reader->blank || reader->phrase->len == 0)
		reader->words++;
	reader->blank = false;
	g_string_append_c(reader->phrase, c);
}

/* A quote that nothing closes must not swallow the address behind it. */
static bool is_closed(const struct reader *reader)
{
	const char *rest = reader->at + 1;

	return memchr(rest, '"', (size_t)(reader->end - rest)) != NULL;
}

/* At the opening quote. The quotes belong to a local part, not to a name. */
static void read_quoted(struct reader *reader)
{
	reader->quoted = true;
	if (reader->phrase->len > 0 && reader->blank)
		add_phrase(reader, ' ');
	g_string_append_c(reader->spec, '"');
	for (reader->at++; reader->at < reader->end; reader->at++) {
		if (*reader->at == '"')
			break;
		if (*reader->at == '\\' && reader->at + 1 < reader->end)
			g_string_append_c(reader->spec, *reader->at++);
		g_string_append_c(reader->spec, *reader->at);
		g_string_append_c(reader->phrase, *reader->at);
	}
	g_string_append_c(reader->spec, '"');
	if (reader->words == 0)
		reader->words = 1;
	if (reader->at < reader->end)
		reader->at++;
}

/* At '('. Nested comments are counted, never recursed into. */
static void read_comment(struct reader *reader)
{
	size_t depth = 0;

	g_string_truncate(reader->comment, 0);
	for (; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (c == '(' && depth++ == 0)
			continue;
		if (c == ')' && --depth == 0)
			break;
		if (c == '\\' && reader->at + 1 < reader->end)
			c = *++reader->at;
		g_string_append_c(reader->comment, c);
	}
	if (reader->at < reader->end)
		reader->at++;
	reader->blank = true;
}

/* At '<'. A missing '>' ends at the comma; a route is left out. */
static void read_angle(struct reader *reader)
{
	bool quoted = false;
	const char *route;

	g_string_truncate(reader->angle, 0);
	for (reader->at++; reader->at < reader->end; reader->at++) {
		char c = *reader->at;

		if (c == '"')
			quoted = !quoted;
		if (!quoted && (c == '>' || c == ';'))
			break;
		if (!quoted && c == ',' && reader->angle->len > 0 &&
		    *reader->angle->str != '@')
			break;
		if (quoted || (!g_ascii_isspace(c) && c != '<'))
			g_string_append_c(reader->angle, c);
	}
	if (*reader->angle->str == '@') {
		route = strchr(reader->angle->str, ':');
		if (route != NULL)
			g_string_erase(reader->angle, 0,
				       route + 1 - reader->angle->str);
	}
	reader->has_angle = true;
	if (reader->at < reader->end && *reader->at == '>')
		reader->at++;
	while (reader->at < reader->end && *reader->at == '>')
		reader->at++;
}

/* At '[' of a domain literal, whose colons begin no group. */
static void read_literal(struct reader *reader)
{
	for (; reader->at < reader->end && *reader->at != ','; reader->at++) {
		g_string_append_c(reader->spec, *reader->at);
		add_phrase(reader, *reader->at);
		if (*reader->at == ']') {
			reader->at++;
			break;
		}
	}
}

static void add(struct reader *reader, const char *name, size_t name_length,
		const char *email, size_t email_length)
{
	struct mail_address *address;

	if (name_length == 0 && email_length == 0)
		return;
	address = g_new0(struct mail_address, 1);
	address->name = words_decode(name, name_length);
	address->email = g_strstrip(sanitise_line(email, (gssize)email_length));
	if (*address->name == '\0' && *address->email == '\0')
		free_address(address);
	else
		g_ptr_array_add(reader->list, address);
}

/* "Anna anna@example.org": the last word of several is the address. */
static bool add_loose(struct reader *reader)
{
	const char *text = reader->phrase->str;
	const char *blank = memrchr(text, ' ', reader->phrase->len);
	const char *at;

	if (blank == NULL || reader->quoted)
		return false;
	at = strchr(blank, '@');
	if (at == NULL || at == blank + 1 || at[1] == '\0')
		return false;
	add(reader, text, (size_t)(blank - text), blank + 1,
	    strlen(blank + 1));
	return true;
}

static void finish(struct reader *reader)
{
	GString *phrase = reader->phrase, *spec = reader->spec;
	GString *name = reader->comment;

	if (reader->has_angle) {
		name = phrase->len > 0 ? phrase : reader->comment;
		add(reader, name->str, name->len, reader->angle->str,
		    reader->angle->len);
	} else if (memchr(spec->str, '@', spec->len) != NULL) {
		if (reader->words < 2 || !add_loose(reader))
			add(reader, name->str, name->len, spec->str, spec->len);
	} else if (reader->words > 1 || reader->quoted ||
		   g_str_has_prefix(phrase->str, "=?")) {
		add(reader, phrase->str, phrase->len, "", 0);
	} else {
		add(reader, name->str, name->len, spec->str, spec->len);
	}
	g_string_truncate(phrase, 0);
	g_string_truncate(spec, 0);
	g_string_truncate(reader->comment, 0);
	g_string_truncate(reader->angle, 0);
	reader->has_angle = reader->blank = reader->quoted = false;
	reader->words = 0;
}

static bool begins_group(const struct reader *reader)
{
	return !reader->has_angle && reader->phrase->len > 0 &&
	       memchr(reader->spec->str, '@', reader->spec->len) == NULL;
}

static void read_group_name(struct reader *reader)
{
	add(reader, reader->phrase->str, reader->phrase->len, "", 0);
	g_string_truncate(reader->phrase, 0);
	g_string_truncate(reader->spec, 0);
	reader->words = 0;
	reader->blank = reader->quoted = false;
	reader->at++;
}

static void read_plain(struct reader *reader)
{
	char c = *reader->at;

	if (c == '\\' && reader->at + 1 < reader->end)
		c = *++reader->at;
	reader->at++;
	if (!reader->has_angle || reader->phrase->len == 0) {
		g_string_append_c(reader->spec, c);
		add_phrase(reader, c);
	}
}

static void step(struct reader *reader)
{
	char c = *reader->at;

	if (c == ',' || c == ';') {
		finish(reader);
		reader->at++;
	} else if (c == '"') {
		if (is_closed(reader))
			read_quoted(reader);
		else
			reader->at++;
	} else if (c == '(') {
		read_comment(reader);
	} else if (c == '<') {
		read_angle(reader);
	} else if (c == '[') {
		read_literal(reader);
	} else if (c == ':' && begins_group(reader)) {
		read_group_name(reader);
	} else if (g_ascii_isspace(c)) {
		reader->blank = true;
		reader->at++;
	} else {
		read_plain(reader);
	}
}

void address_read(GPtrArray *list, const char *value, size_t length)
{
	struct reader reader = {
		.at = value,
		.end = value + length,
		.list = list,
		.phrase = g_string_new(NULL),
		.spec = g_string_new(NULL),
		.comment = g_string_new(NULL),
		.angle = g_string_new(NULL),
	};

	while (reader.at < reader.end && list->len < ADDRESS_LIMIT)
		step(&reader);
	finish(&reader);
	g_string_free(reader.phrase, TRUE);
	g_string_free(reader.spec, TRUE);
	g_string_free(reader.comment, TRUE);
	g_string_free(reader.angle, TRUE);
}

static void show_one(GString *out, const struct mail_address *address)
{
	if (*address->name == '\0')
		g_string_append(out, address->email);
	else if (*address->email == '\0')
		g_string_append_printf(out, "%s:;", address->name);
	else
		g_string_append_printf(out, "%s <%s>", address->name,
				       address->email);
}

char *address_show(const GPtrArray *list, guint limit)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < list->len && i < limit; i++) {
		if (i > 0)
			g_string_append(out, ", ");
		show_one(out, g_ptr_array_index(list, i));
	}
	if (list->len > limit)
		g_string_append_printf(out,
				       ngettext(", and %u more", ", and %u more",
						list->len - limit),
				       list->len - limit);
	return g_string_free(out, FALSE);
}
