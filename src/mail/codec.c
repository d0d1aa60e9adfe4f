/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <gmime/gmime.h>
#include <stdint.h>
#include <string.h>

#include "codec.h"

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * GMime's decoder drops an unpadded last group, which is the end of a text
 * that was cut; this one gives every whole octet.
 */
bool codec_base64(GByteArray *out, const char *text, size_t length)
{
	guint8 chunk[3072] = {0};
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0, padding = 0;
	bool whole = true;

	for (size_t i = 0; i < length; i++) {
		int value = base64_value((unsigned char)text[i]);

		if (text[i] == '=') {
			padding++;
			continue;
		}
		if (value < 0) {
			whole = whole && is_blank((unsigned char)text[i]);
			continue;
		}
		if (padding > 0) {
			bits = 0;
			have = 0;
			padding = 0;
		}
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			chunk[n++] = (guint8)(bits >> have);
		}
		if (n == sizeof(chunk)) {
			g_byte_array_append(out, chunk, (guint)n);
			n = 0;
		}
	}
	g_byte_array_append(out, chunk, (guint)n);
	return whole && (have == 0 || padding > 0);
}

static bool read_escape(const char *text, size_t left, guint8 *octet)
{
	int high, low;

	if (left < 3)
		return false;
	high = g_ascii_xdigit_value(text[1]);
	low = g_ascii_xdigit_value(text[2]);
	if (high < 0 || low < 0)
		return false;
	*octet = (guint8)(high << 4 | low);
	return true;
}

static void decode_escapes(GByteArray *out, const char *text, size_t length,
			   char mark, char space)
{
	for (size_t i = 0; i < length; i++) {
		guint8 octet = (guint8)text[i];

		if (text[i] == mark) {
			if (read_escape(text + i, length - i, &octet))
				i += 2;
		} else if (text[i] == space) {
			octet = ' ';
		}
		g_byte_array_append(out, &octet, 1);
	}
}

void codec_q(GByteArray *out, const char *text, size_t length)
{
	decode_escapes(out, text, length, '=', '_');
}

void codec_percent(GByteArray *out, const char *text, size_t length)
{
	decode_escapes(out, text, length, '%', ' ');
}

static GBytes *decode_base64(GBytes *data, bool *damaged)
{
	GByteArray *out = g_byte_array_new();
	gsize length;
	const char *text = g_bytes_get_data(data, &length);

	*damaged = !codec_base64(out, text, length);
	return g_byte_array_free_to_bytes(out);
}

static GBytes *decode_gmime(GMimeContentEncoding encoding, GBytes *data)
{
	GMimeEncoding state;
	gsize length;
	const char *text = g_bytes_get_data(data, &length);
	char *out;
	size_t n;

	g_mime_encoding_init_decode(&state, encoding);
	out = g_malloc(g_mime_encoding_outlen(&state, length) + 1);
	n = g_mime_encoding_step(&state, text, length, out);
	return g_bytes_new_take(out, n);
}

/* After "begin MODE NAME", which GMime wants to have been taken off. */
static GBytes *uu_body(GBytes *data)
{
	gsize length;
	const char *text = g_bytes_get_data(data, &length);
	const char *at = text, *end = text + length;

	while (at < end) {
		const char *line = at;

		at = memchr(at, '\n', (size_t)(end - at));
		at = at == NULL ? end : at + 1;
		if (end - line > 6 && memcmp(line, "begin ", 6) == 0)
			return g_bytes_new_from_bytes(data, (gsize)(at - text),
						      (gsize)(end - at));
	}
	return g_bytes_ref(data);
}

GBytes *codec_decode(const char *encoding, GBytes *data, bool *damaged)
{
	*damaged = false;
	if (strcmp(encoding, "base64") == 0)
		return decode_base64(data, damaged);
	if (strcmp(encoding, "quoted-printable") == 0)
		return decode_gmime(GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE,
				    data);
	if (strcmp(encoding, "x-uuencode") == 0 ||
	    strcmp(encoding, "uuencode") == 0 ||
	    strcmp(encoding, "x-uue") == 0) {
		g_autoptr(GBytes) body = uu_body(data);

		return decode_gmime(GMIME_CONTENT_ENCODING_UUENCODE, body);
	}
	return g_bytes_ref(data);
}
