/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "unicode.h"

struct range {
	gunichar first, last;
};

/* Sorted, as in_ranges() needs it. */
static const struct range pictographs[] = {
	{0xa9, 0xa9},	    {0xae, 0xae},	{0x203c, 0x203c},
	{0x2049, 0x2049},   {0x2122, 0x2122},	{0x2139, 0x2139},
	{0x2194, 0x2199},   {0x21a9, 0x21aa},	{0x231a, 0x231b},
	{0x2328, 0x2328},   {0x2388, 0x2388},	{0x23cf, 0x23cf},
	{0x23e9, 0x23f3},   {0x23f8, 0x23fa},	{0x24c2, 0x24c2},
	{0x25aa, 0x25ab},   {0x25b6, 0x25b6},	{0x25c0, 0x25c0},
	{0x25fb, 0x25fe},   {0x2600, 0x2605},	{0x2607, 0x2612},
	{0x2614, 0x2685},   {0x2690, 0x2705},	{0x2708, 0x2712},
	{0x2714, 0x2714},   {0x2716, 0x2716},	{0x271d, 0x271d},
	{0x2721, 0x2721},   {0x2728, 0x2728},	{0x2733, 0x2734},
	{0x2744, 0x2744},   {0x2747, 0x2747},	{0x274c, 0x274c},
	{0x274e, 0x274e},   {0x2753, 0x2755},	{0x2757, 0x2757},
	{0x2763, 0x2767},   {0x2795, 0x2797},	{0x27a1, 0x27a1},
	{0x27b0, 0x27b0},   {0x27bf, 0x27bf},	{0x2934, 0x2935},
	{0x2b05, 0x2b07},   {0x2b1b, 0x2b1c},	{0x2b50, 0x2b50},
	{0x2b55, 0x2b55},   {0x3030, 0x3030},	{0x303d, 0x303d},
	{0x3297, 0x3297},   {0x3299, 0x3299},	{0x1f000, 0x1f0ff},
	{0x1f10d, 0x1f10f}, {0x1f12f, 0x1f12f}, {0x1f16c, 0x1f171},
	{0x1f17e, 0x1f17f}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a},
	{0x1f1ad, 0x1f1e5}, {0x1f201, 0x1f20f}, {0x1f21a, 0x1f21a},
	{0x1f22f, 0x1f22f}, {0x1f232, 0x1f23a}, {0x1f23c, 0x1f23f},
	{0x1f249, 0x1f3fa}, {0x1f400, 0x1f53d}, {0x1f546, 0x1f64f},
	{0x1f680, 0x1f6ff}, {0x1f774, 0x1f77f}, {0x1f7d5, 0x1f7ff},
	{0x1f80c, 0x1f80f}, {0x1f848, 0x1f84f}, {0x1f85a, 0x1f85f},
	{0x1f888, 0x1f88f}, {0x1f8ae, 0x1f8ff}, {0x1f90c, 0x1f93a},
	{0x1f93c, 0x1f945}, {0x1f947, 0x1faff}, {0x1fc00, 0x1fffd},
};

/*
 * Default_Ignorable_Code_Point where the general category does not say so:
 * these are letters, marks or unassigned, and all of them show nothing.
 */
static const struct range invisible[] = {
	{0x34f, 0x34f},	    {0x115f, 0x1160}, {0x17b4, 0x17b5},
	{0x180b, 0x180f},   {0x2065, 0x2065}, {0x3164, 0x3164},
	{0xfe00, 0xfe0f},   {0xffa0, 0xffa0}, {0xfff0, 0xfff8},
	{0xe0000, 0xe0fff},
};

/* Format characters that have a glyph: Arabic and Syriac number signs. */
static const struct range visible_format[] = {
	{0x600, 0x605}, {0x6dd, 0x6dd},	    {0x70f, 0x70f},	{0x890, 0x891},
	{0x8e2, 0x8e2}, {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
};

/* Wide in newer Unicode and in every libc, not yet in GLib's table. */
static const struct range also_wide[] = {
	{0x3248, 0x324f},
	{0x4dc0, 0x4dff},
};

/* Medial vowels and final consonants: they join the syllable before. */
static const struct range conjoining[] = {
	{0x1160, 0x11ff},
	{0xd7b0, 0xd7ff},
};

static bool in_ranges(gunichar c, const struct range *table, size_t count)
{
	while (count > 0) {
		size_t middle = count / 2;

		if (c < table[middle].first) {
			count = middle;
		} else if (c > table[middle].last) {
			table += middle + 1;
			count -= middle + 1;
		} else {
			return true;
		}
	}
	return false;
}

#define IN(c, table) in_ranges(c, table, G_N_ELEMENTS(table))

size_t unicode_next(const char *text, const char *end, gunichar *c)
{
	if (text >= end)
		return 0;
	if (!((unsigned char)*text & 0x80)) {
		*c = (unsigned char)*text;
		return 1;
	}
	*c = g_utf8_get_char_validated(text, end - text);
	if (*c == (gunichar)-1 || *c == (gunichar)-2)
		return 0;
	return (size_t)(g_utf8_next_char(text) - text);
}

bool unicode_is_noncharacter(gunichar c)
{
	return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

bool unicode_is_plain(gunichar c)
{
	if (c < 0x7f)
		return c >= 0x20;
	if (unicode_is_noncharacter(c) || IN(c, invisible))
		return false;
	switch (g_unichar_type(c)) {
	case G_UNICODE_FORMAT:
		return IN(c, visible_format);
	case G_UNICODE_CONTROL:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return false;
	default:
		return true;
	}
}

bool unicode_is_extender(gunichar c)
{
	if (c < 0x300)
		return false;
	switch (g_unichar_type(c)) {
	case G_UNICODE_NON_SPACING_MARK:
	case G_UNICODE_ENCLOSING_MARK:
		return true;
	default:
		return c == U_ZWJ || IN(c, conjoining);
	}
}

bool unicode_is_pictograph(gunichar c)
{
	return c >= 0xa9 && IN(c, pictographs);
}

bool unicode_is_emoji_modifier(gunichar c)
{
	return c >= 0x1f3fb && c <= 0x1f3ff;
}

bool unicode_is_regional(gunichar c)
{
	return c >= 0x1f1e6 && c <= 0x1f1ff;
}

bool unicode_is_keycap_base(gunichar c)
{
	return (c >= '0' && c <= '9') || c == '#' || c == '*';
}

int unicode_cells(gunichar c)
{
	if (c >= 0x20 && c < 0x7f)
		return 1;
	if (c < 0xa0)
		return 0;
	if (IN(c, visible_format))
		return 1;
	if (g_unichar_iszerowidth(c) || unicode_is_extender(c))
		return 0;
	return g_unichar_iswide(c) || IN(c, also_wide) ? 2 : 1;
}
