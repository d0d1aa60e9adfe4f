/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "charset.h"
#include "codec.h"
#include "param.h"
#include "smew/base.h"
#include "words.h"

#define PARAM_LIMIT 500

GPtrArray *params_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

/* Comments go, outside of quotes. */
static const char *skip_blank(const char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !g_ascii_isspace(*at))
			break;
	}
	return at;
}

static const char *read_quoted(GString *out, const char *at)
{
	for (at++; *at != '\0' && *at != '"'; at++) {
		/* Windows paths come with single backslashes. */
		if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		g_string_append_c(out, *at);
	}
	return *at == '"' ? at + 1 : at;
}

/* Unquoted values are read up to the ';', blanks and all: so they are sent. */
static const char *read_value(GString *out, const char *at)
{
	if (*at == '"') {
		at = read_quoted(out, at);
		return at + strcspn(at, ";");
	}
	while (*at != '\0' && *at != ';')
		g_string_append_c(out, *at++);
	while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
	return at;
}

static const char *read_param(GPtrArray *params, const char *at)
{
	const char *name = at;
	size_t length = strcspn(at, "=;");
	GString *value;
	char *key;

	at += length;
	if (*at != '=')
		return at;
	value = g_string_new(NULL);
	at = read_value(value, skip_blank(at + 1));
	key = g_strstrip(g_ascii_strdown(name, (gssize)length));
	if (*key == '\0' || params->len >= 2 * PARAM_LIMIT) {
		g_free(key);
		g_string_free(value, TRUE);
		return at;
	}
	g_ptr_array_add(params, key);
	g_ptr_array_add(params, g_string_free(value, FALSE));
	return at;
}

char *params_read(GPtrArray *params, const char *value)
{
	const char *at = skip_blank(value);
	size_t length = strcspn(at, ";( \t\r\n");
	char *head = g_ascii_strdown(at, (gssize)length);

	at += length;
	while (*at != '\0') {
		at = skip_blank(at);
		if (*at == ';')
			at++;
		else if (*at != '\0')
			at = read_param(params, at);
	}
	return head;
}

/* One piece of a parameter: NAME (-1), NAME* and NAME*0 (0), NAME*1* (1). */
struct piece {
	int index;
	bool escaped;
	const char *value; /* borrowed */
};

static bool read_piece(const char *key, const char *name, struct piece *piece)
{
	size_t length = strlen(name);
	const char *at = key + length;
	size_t digits;

	if (strncmp(key, name, length) != 0)
		return false;
	piece->index = *at == '\0' ? -1 : 0;
	piece->escaped = false;
	if (*at == '\0')
		return true;
	if (*at++ != '*')
		return false;
	digits = strspn(at, "0123456789");
	if (digits > 4)
		return false;
	for (size_t i = 0; i < digits; i++)
		piece->index = piece->index * 10 + (at[i] - '0');
	at += digits;
	piece->escaped = *at == '*' || digits == 0;
	return *at == '\0' || (at[0] == '*' && at[1] == '\0');
}

/* The first one that bears just the name, or NULL. Almost all do: room for
 * pieces is made for the others alone. */
static const char *find_plain(const GPtrArray *params, const char *name,
			      bool *divided)
{
	const char *plain = NULL;

	*divided = false;
	for (guint i = 0; i + 1 < params->len; i += 2) {
		struct piece piece;

		if (!read_piece(g_ptr_array_index(params, i), name, &piece))
			continue;
		if (piece.index >= 0)
			*divided = true;
		else if (plain == NULL)
			plain = g_ptr_array_index(params, i + 1);
	}
	return plain;
}

static void find_pieces(const GPtrArray *params, const char *name,
			struct piece *pieces)
{
	for (guint i = 0; i + 1 < params->len; i += 2) {
		struct piece piece;

		if (!read_piece(g_ptr_array_index(params, i), name, &piece))
			continue;
		piece.value = g_ptr_array_index(params, i + 1);
		if (piece.index >= 0 && piece.index < PARAM_LIMIT &&
		    pieces[piece.index].value == NULL)
			pieces[piece.index] = piece;
	}
}

/* charset'language'text; without the quotes all of it is text. */
static const char *read_charset(const char *value, char **charset)
{
	const char *first = strchr(value, '\'');
	const char *second = first == NULL ? NULL : strchr(first + 1, '\'');

	if (second == NULL)
		return value;
	*charset = g_strndup(value, (gsize)(first - value));
	return second + 1;
}

static char *show_octets(const char *charset, const GByteArray *octets)
{
	GString *text = g_string_new(NULL);
	char *line;

	charset_append(text, charset, octets->data, octets->len);
	line = sanitise_line(text->str, (gssize)text->len);
	g_string_free(text, TRUE);
	return g_strstrip(line);
}

/* Octets first, characters then: a piece may end inside of one. */
static char *join_pieces(const struct piece *pieces)
{
	GByteArray *octets = g_byte_array_new();
	g_autofree char *charset = NULL;
	char *line;

	for (int i = 0; i < PARAM_LIMIT && pieces[i].value != NULL; i++) {
		const char *text = pieces[i].value;

		if (i == 0 && pieces[i].escaped)
			text = read_charset(text, &charset);
		if (pieces[i].escaped)
			codec_percent(octets, text, strlen(text));
		else
			g_byte_array_append(octets, (const guint8 *)text,
					    (guint)strlen(text));
	}
	if (charset == NULL && octets->len > 0 &&
	    memmem(octets->data, octets->len, "=?", 2) != NULL)
		line = words_decode((const char *)octets->data, octets->len);
	else
		line = show_octets(charset, octets);
	g_byte_array_unref(octets);
	return line;
}

static char *get_joined(const GPtrArray *params, const char *name)
{
	g_autofree struct piece *pieces = g_new0(struct piece, PARAM_LIMIT);

	find_pieces(params, name, pieces);
	return pieces[0].value != NULL ? join_pieces(pieces) : NULL;
}

char *params_get(const GPtrArray *params, const char *name)
{
	bool divided;
	const char *plain = find_plain(params, name, &divided);
	char *joined = divided ? get_joined(params, name) : NULL;

	if (joined != NULL)
		return joined;
	return plain == NULL ? NULL : words_decode(plain, strlen(plain));
}
