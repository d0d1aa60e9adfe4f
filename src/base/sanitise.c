/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "unicode.h"

/* More than any orthography needs; fewer than it takes to paint a screen. */
#define MARK_LIMIT 8
/* The longest emoji in use joins four parts. */
#define JOIN_LIMIT 8

/*
 * What has been written so far decides what may follow. Every decision rests
 * on the output and the next character alone, so a second pass changes
 * nothing.
 */
struct sanitiser {
	GString *out;	 /* owned by the caller */
	const char *end; /* of the input; borrowed */
	bool lines;	 /* a body: LF and tab stay */
	bool has_base;	 /* something stands there for a mark to sit on */
	bool emoji;	 /* the base is a pictograph */
	bool modified;	 /* and has its skin tone */
	bool joining;	 /* a joiner was the last character */
	bool keycap;	 /* the last character is a digit, '#' or '*' */
	bool blank_run;	 /* the last character stands for a line end or tab */
	int marks;	 /* on the base */
	int joins;	 /* in this emoji sequence */
};

static void put(struct sanitiser *state, gunichar c)
{
	g_string_append_unichar(state->out, c);
	state->keycap = unicode_is_keycap_base(c);
	state->blank_run = false;
	state->joining = false;
}

static void put_base(struct sanitiser *state, gunichar c)
{
	if (!state->joining)
		state->joins = 0;
	put(state, c);
	state->has_base = true;
	state->emoji = unicode_is_pictograph(c);
	state->modified = false;
	state->marks = 0;
}

/*
 * A mark without a base would be drawn over what stands to the left of the
 * text on the screen: it gets a dotted circle to sit on.
 */
static void put_mark(struct sanitiser *state, gunichar c)
{
	if (!state->has_base)
		put_base(state, U_DOTTED_CIRCLE);
	if (state->marks == MARK_LIMIT)
		return;
	put(state, c);
	state->marks++;
}

static bool followed_by(const struct sanitiser *state, const char *rest,
			bool (*test)(gunichar))
{
	gunichar c;

	return unicode_next(rest, state->end, &c) > 0 && test(c);
}

static void put_joiner(struct sanitiser *state, const char *rest)
{
	if (!state->emoji || state->joins == JOIN_LIMIT ||
	    !followed_by(state, rest, unicode_is_pictograph))
		return;
	put(state, U_ZWJ);
	state->joining = true;
	state->joins++;
}

static bool is_keycap(gunichar c)
{
	return c == U_KEYCAP;
}

static void put_selector(struct sanitiser *state, gunichar c, const char *rest)
{
	if (state->emoji ? state->marks == 0
			 : state->keycap && followed_by(state, rest, is_keycap))
		put_mark(state, c);
}

static void put_modifier(struct sanitiser *state, gunichar c)
{
	if (state->emoji && !state->modified) {
		put(state, c);
		state->modified = true;
	} else {
		put_base(state, c);
	}
}

/* Tab and line ends: what they are in a body, one space for a run in a line. */
static void put_blank(struct sanitiser *state, char blank)
{
	if (state->lines) {
		put_base(state, (gunichar)blank);
		state->has_base = false;
	} else if (!state->blank_run) {
		put_base(state, ' ');
		state->blank_run = true;
	}
}

static void put_control(struct sanitiser *state, gunichar c, const char *rest)
{
	switch (c) {
	case '\t':
		put_blank(state, '\t');
		break;
	case '\r':
		/* Of CRLF, the LF does it. */
		if (rest == state->end || *rest != '\n')
			put_blank(state, '\n');
		break;
	case '\n':
		put_blank(state, '\n');
		break;
	case 0x7f:
		put_base(state, U_DELETE_SYMBOL);
		break;
	default:
		put_base(state, c < 0x20 ? U_CONTROL_BASE + c : U_REPLACEMENT);
	}
}

static void put_character(struct sanitiser *state, gunichar c, const char *rest)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		put_control(state, c, rest);
	else if (c == U_ZWJ)
		put_joiner(state, rest);
	else if (c == U_TEXT_STYLE || c == U_EMOJI_STYLE)
		put_selector(state, c, rest);
	else if (c == U_LINE_SEPARATOR || c == U_PARAGRAPH_SEPARATOR)
		put_blank(state, '\n');
	else if (unicode_is_noncharacter(c))
		put_base(state, U_REPLACEMENT);
	else if (!unicode_is_plain(c))
		return; /* invisible: it could only mislead */
	else if (unicode_is_extender(c))
		put_mark(state, c);
	else if (unicode_is_emoji_modifier(c))
		put_modifier(state, c);
	else
		put_base(state, c);
}

/* Most text is this; returns what follows it. */
static const char *put_printable_ascii(struct sanitiser *state,
				       const char *text)
{
	const char *p = text;

	while (p < state->end && *p >= 0x20 && *p < 0x7f)
		p++;
	if (p == text)
		return p;
	g_string_append_len(state->out, text, p - text - 1);
	put_base(state, (gunichar)p[-1]);
	return p;
}

static bool is_printable_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] >= 0x7f)
			return false;
	return true;
}

static char *sanitise(const char *text, gssize length, bool lines)
{
	size_t size = length < 0 ? strlen(text) : (size_t)length;
	struct sanitiser state = {0};

	if (is_printable_ascii(text, size))
		return g_strndup(text, size);
	state.out = g_string_sized_new(size + 1);
	state.end = text + size;
	state.lines = lines;
	while ((text = put_printable_ascii(&state, text)) < state.end) {
		gunichar c;
		size_t octets = unicode_next(text, state.end, &c);

		if (octets == 0) {
			put_base(&state, U_REPLACEMENT);
			text++;
		} else {
			text += octets;
			put_character(&state, c, text);
		}
	}
	return g_string_free(state.out, FALSE);
}

char *sanitise_line(const char *text, gssize length)
{
	return sanitise(text, length, false);
}

char *sanitise_text(const char *text, gssize length)
{
	return sanitise(text, length, true);
}
