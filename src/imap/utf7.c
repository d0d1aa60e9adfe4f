/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailbox names: modified UTF-7 (RFC 3501 section 5.1.3). */
#include "smew/imap.h"

#include <string.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : (int)(at - alphabet);
}

/* One UTF-16 unit; a high surrogate waits in 'high' for its other half. */
static bool put_unit(GString *out, uint32_t unit, uint32_t *high)
{
	if (*high != 0) {
		if (unit < 0xDC00 || unit > 0xDFFF)
			return false;
		unit = 0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00);
		*high = 0;
	} else if (unit >= 0xD800 && unit <= 0xDBFF) {
		*high = unit;
		return true;
	} else if (unit == 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) {
		return false;
	}
	g_string_append_unichar(out, unit);
	return true;
}

/* What stands between "&" and "-", at least one character. */
static bool decode_run(GString *out, const char *p, const char *end)
{
	uint32_t bits = 0, high = 0;
	int n = 0;

	for (; p < end; p++) {
		int value = value_of(*p);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		n += 6;
		if (n < 16)
			continue;
		n -= 16;
		if (!put_unit(out, bits >> n & 0xFFFF, &high))
			return false;
		bits &= (1u << n) - 1;
	}
	return n < 6 && bits == 0 && high == 0;
}

static bool decode(GString *out, const char *wire)
{
	for (const char *p = wire; *p != '\0'; p++) {
		const char *end;

		if (*p != '&') {
			g_string_append_c(out, *p);
			continue;
		}
		end = strchr(p, '-');
		if (end == NULL)
			return false;
		if (end == p + 1)
			g_string_append_c(out, '&');
		else if (!decode_run(out, p + 1, end))
			return false;
		p = end;
	}
	return g_utf8_validate(out->str, (gssize)out->len, NULL);
}

char *imap_mailbox_decode(const char *wire)
{
	GString *out = g_string_new(NULL);

	if (decode(out, wire))
		return g_string_free(out, FALSE);
	g_string_free(out, TRUE);
	return g_utf8_make_valid(wire, -1);
}

struct encoder {
	GString *out;
	uint32_t bits;
	int n;
	bool shifted;
};

static void put_bits(struct encoder *encoder, uint32_t unit)
{
	encoder->bits = encoder->bits << 16 | unit;
	encoder->n += 16;
	while (encoder->n >= 6) {
		encoder->n -= 6;
		g_string_append_c(encoder->out,
				  alphabet[encoder->bits >> encoder->n & 63]);
	}
	encoder->bits &= (1u << encoder->n) - 1;
}

static void unshift(struct encoder *encoder)
{
	if (!encoder->shifted)
		return;
	if (encoder->n > 0)
		g_string_append_c(
			encoder->out,
			alphabet[encoder->bits << (6 - encoder->n) & 63]);
	g_string_append_c(encoder->out, '-');
	encoder->bits = 0;
	encoder->n = 0;
	encoder->shifted = false;
}

static void put_wide(struct encoder *encoder, gunichar c)
{
	if (!encoder->shifted)
		g_string_append_c(encoder->out, '&');
	encoder->shifted = true;
	if (c >= 0x10000) {
		put_bits(encoder, 0xD800 + ((c - 0x10000) >> 10));
		c = 0xDC00 + ((c - 0x10000) & 0x3FF);
	}
	put_bits(encoder, c);
}

char *imap_mailbox_encode(const char *name)
{
	struct encoder encoder = { .out = g_string_new(NULL) };

	if (!g_utf8_validate(name, -1, NULL))
		return g_string_free(encoder.out, TRUE);
	for (; *name != '\0'; name = g_utf8_next_char(name)) {
		gunichar c = g_utf8_get_char(name);

		if (g_unichar_iscntrl(c))
			return g_string_free(encoder.out, TRUE);
		if (c >= 0x7F) {
			put_wide(&encoder, c);
			continue;
		}
		unshift(&encoder);
		g_string_append_c(encoder.out, (char)c);
		if (c == '&')
			g_string_append_c(encoder.out, '-');
	}
	unshift(&encoder);
	return g_string_free(encoder.out, FALSE);
}
