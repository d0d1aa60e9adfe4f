/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What base needs to know about single characters. GLib's tables answer most
 * questions; only what they cannot answer is listed here.
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define U_ZWJ		      0x200d
#define U_TEXT_STYLE	      0xfe0e /* variation selector 15 */
#define U_EMOJI_STYLE	      0xfe0f /* variation selector 16 */
#define U_KEYCAP	      0x20e3
#define U_LINE_SEPARATOR      0x2028
#define U_PARAGRAPH_SEPARATOR 0x2029
#define U_REPLACEMENT	      0xfffd
#define U_DOTTED_CIRCLE	      0x25cc
#define U_CONTROL_BASE	      0x2400 /* the symbol of NUL */
#define U_DELETE_SYMBOL	      0x2421

/*
 * Decodes the character at 'text', before 'end', and returns its length in
 * octets; 0 when the octets there are not valid UTF-8 (or none are left).
 */
size_t unicode_next(const char *text, const char *end, gunichar *c);

/*
 * Whether the character may be shown as it is, wherever it stands: not a
 * control or format character, not invisible, not a noncharacter. The joiner
 * and the variation selectors are not plain: they depend on their place.
 */
bool unicode_is_plain(gunichar c);
bool unicode_is_noncharacter(gunichar c);

/* Takes no cell of its own and is drawn over or joined to what precedes. */
bool unicode_is_extender(gunichar c);

/* Unicode's Extended_Pictographic: what emoji sequences are made of. */
bool unicode_is_pictograph(gunichar c);
bool unicode_is_emoji_modifier(gunichar c);
bool unicode_is_regional(gunichar c);
/* Digits, '#' and '*', which U+20E3 makes into key caps. */
bool unicode_is_keycap_base(gunichar c);

/* Cells a single character takes: 0, 1 or 2. */
int unicode_cells(gunichar c);

#endif
