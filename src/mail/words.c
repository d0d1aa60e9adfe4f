/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "charset.h"
#include "codec.h"
#include "smew/base.h"
#include "words.h"

/* Room for a charset of 40 and the language tag of RFC 2231. */
#define CHARSET_ROOM 80

/*
 * Octets of encoded words wait in 'run' until a word in another charset or
 * plain text follows: senders cut a text at an octet, not at a character.
 */
struct decoder {
	GString *out;	    /* UTF-8 */
	GByteArray *run;    /* decoded octets of adjacent words */
	char *charset;	    /* of the run, or NULL when there is none */
	const char *end;    /* of the raw text */
	const char *closer; /* the last "?=" that was looked up */
	const char *raw;    /* start of the raw text */
	GString *plain;	    /* raw octets between words */
	bool guess_utf8;    /* the raw octets as a whole are valid */
};

struct word {
	char charset[CHARSET_ROOM];
	char encoding; /* 'b' or 'q' */
	const char *text, *text_end, *end;
};

/* Each "?=" is searched for once, or a header of "=?a?q?" would be n^2. */
static const char *find_closer(struct decoder *decoder, const char *from)
{
	if (decoder->closer != NULL && decoder->closer >= from)
		return decoder->closer < decoder->end ? decoder->closer : NULL;
	decoder->closer = memmem(from, (size_t)(decoder->end - from), "?=", 2);
	if (decoder->closer == NULL)
		decoder->closer = decoder->end;
	return decoder->closer < decoder->end ? decoder->closer : NULL;
}

/* =?charset*language?encoding?text?= with the text not empty of sense. */
static bool read_word(struct decoder *decoder, const char *at,
		      struct word *word)
{
	const char *name = at + 2;
	size_t room = (size_t)(decoder->end - name), length;
	const char *mark = memchr(name, '?', MIN(room, CHARSET_ROOM));
	const char *star;

	if (mark == NULL || decoder->end - mark < 5 || mark[2] != '?')
		return false;
	word->encoding = g_ascii_tolower(mark[1]);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	star = memchr(name, '*', (size_t)(mark - name));
	length = (size_t)((star != NULL ? star : mark) - name);
	if (length == 0 || memchr(name, ' ', length) != NULL)
		return false;
	memcpy(word->charset, name, length);
	word->charset[length] = '\0';
	word->text = mark + 3;
	word->text_end = find_closer(decoder, word->text);
	if (word->text_end == NULL)
		return false;
	word->end = word->text_end + 2;
	return true;
}

static void flush_run(struct decoder *decoder)
{
	if (decoder->charset == NULL)
		return;
	charset_append(decoder->out, decoder->charset, decoder->run->data,
		       decoder->run->len);
	g_byte_array_set_size(decoder->run, 0);
	g_clear_pointer(&decoder->charset, g_free);
}

static void flush_plain(struct decoder *decoder)
{
	if (decoder->plain->len == 0)
		return;
	charset_append(decoder->out,
		       decoder->guess_utf8 ? "utf-8" : NULL,
		       decoder->plain->str, decoder->plain->len);
	g_string_truncate(decoder->plain, 0);
}

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!g_ascii_isspace(text[i]))
			return false;
	return true;
}

/* White space between two encoded words belongs to neither. */
static void add_word(struct decoder *decoder, const struct word *word)
{
	if (decoder->charset != NULL &&
	    is_blank(decoder->plain->str, decoder->plain->len)) {
		g_string_truncate(decoder->plain, 0);
		if (g_ascii_strcasecmp(decoder->charset, word->charset) != 0)
			flush_run(decoder);
	} else {
		flush_run(decoder);
		flush_plain(decoder);
	}
	if (decoder->charset == NULL)
		decoder->charset = g_strdup(word->charset);
	if (word->encoding == 'b')
		codec_base64(decoder->run, word->text,
			     (size_t)(word->text_end - word->text));
	else
		codec_q(decoder->run, word->text,
			(size_t)(word->text_end - word->text));
}

static void scan(struct decoder *decoder)
{
	const char *at = decoder->raw;
	struct word word;

	while (at < decoder->end) {
		if (decoder->end - at > 7 && at[0] == '=' && at[1] == '?' &&
		    read_word(decoder, at, &word)) {
			add_word(decoder, &word);
			at = word.end;
			continue;
		}
		if (decoder->charset != NULL && !g_ascii_isspace(*at)) {
			flush_run(decoder);
		}
		if (*at != '\r' && *at != '\n')
			g_string_append_c(decoder->plain, *at);
		at++;
	}
	flush_run(decoder);
	flush_plain(decoder);
}

static bool is_utf8(const char *raw, size_t length)
{
	g_autofree char *flat = g_memdup2(raw, length);

	for (size_t i = 0; i < length; i++)
		if (flat[i] == '\0')
			flat[i] = ' ';
	return g_utf8_validate(flat, (gssize)length, NULL);
}

/* Most text is plain and printable ASCII, folded at most: of that all the rest
 * would make the same. NULL: it is not. */
static char *decode_plain(const char *raw, size_t length)
{
	char *line, *to;

	for (size_t i = 0; i < length; i++) {
		bool printable = raw[i] >= ' ' && raw[i] <= '~';

		if (!printable && raw[i] != '\r' && raw[i] != '\n')
			return NULL;
		if (raw[i] == '=' && i + 1 < length && raw[i + 1] == '?')
			return NULL;
	}
	line = to = g_malloc(length + 1);
	for (size_t i = 0; i < length; i++)
		if (raw[i] >= ' ')
			*to++ = raw[i];
	*to = '\0';
	return g_strstrip(line);
}

static char *decode_any(const char *raw, size_t length)
{
	struct decoder decoder = {
		.out = g_string_sized_new(length),
		.run = g_byte_array_new(),
		.plain = g_string_new(NULL),
		.raw = raw,
		.end = raw + length,
	};
	char *line;

	if (length > 0) {
		decoder.guess_utf8 = memchr(raw, '\033', length) == NULL &&
				     is_utf8(raw, length);
		scan(&decoder);
	}
	line = sanitise_line(decoder.out->str, (gssize)decoder.out->len);
	g_string_free(decoder.out, TRUE);
	g_byte_array_unref(decoder.run);
	g_string_free(decoder.plain, TRUE);
	return g_strstrip(line);
}

char *words_decode(const char *raw, size_t length)
{
	char *line = decode_plain(raw, length);

	return line != NULL ? line : decode_any(raw, length);
}
