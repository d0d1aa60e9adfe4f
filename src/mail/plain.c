/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "plain.h"
#include "smew/base.h"

static bool is_smiley(const char *at, const char *end)
{
	if (*at == '>')
		return end - at > 5 && memcmp(at, ">From ", 6) == 0;
	if (*at != ':' || end - at < 2)
		return false;
	if (at[1] == '-' || at[1] == '^')
		at++;
	return end - at > 1 && strchr("][)(><}{|/DP", at[1]) != NULL;
}

/* mutt's $quote_regexp ("^([ \t]*[|>:}#])+") and $smileys, by hand. */
static unsigned quote_level(const char *text, const char *end)
{
	unsigned level = 0;
	const char *at = text;

	for (; at < end; at++) {
		if (*at == ' ' || *at == '\t')
			continue;
		if (strchr("|>:}#", *at) == NULL || *at == '\0')
			break;
		if (level == 0 && is_smiley(at, end))
			return 0;
		level++;
	}
	return level;
}

static bool is_separator(const char *text, size_t length)
{
	return length == 3 && memcmp(text, "-- ", 3) == 0;
}

static void show_fixed(struct lines *lines, const char *text, const char *end)
{
	bool signature = false;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		unsigned level;

		if (stop == NULL)
			stop = end;
		signature = signature ||
			    is_separator(text, (size_t)(stop - text));
		level = signature ? 0 : quote_level(text, stop);
		lines_add(lines,
			  signature   ? MAIL_SIGNATURE
			  : level > 0 ? MAIL_QUOTED
				      : MAIL_BODY,
			  level, text, (size_t)(stop - text));
		text = stop + 1;
	}
}

/* A paragraph of format=flowed while its lines are joined. */
struct flow {
	struct lines *lines;
	GString *text;
	unsigned level;
	bool open;	/* the last line said that it goes on */
	bool signature; /* the separator has been seen */
};

static void end_paragraph(struct flow *flow)
{
	GString *out = flow->text;

	if (!flow->open)
		return;
	flow->open = false;
	if (flow->level > 0) {
		g_autofree char *marks = g_strnfill(MIN(flow->level, 255), '>');

		if (out->len > 0)
			g_string_prepend_c(out, ' ');
		g_string_prepend(out, marks);
	}
	lines_add(flow->lines,
		  flow->level > 0   ? MAIL_QUOTED
		  : flow->signature ? MAIL_SIGNATURE
				    : MAIL_BODY,
		  flow->level, out->str, out->len);
	g_string_truncate(out, 0);
}

/* One line as sent: quote marks, stuffing, and a blank that says "more". */
static void add_flowed(struct flow *flow, const char *text, size_t length,
		       bool delsp)
{
	unsigned level = 0;
	bool separator, soft;

	while (length > 0 && *text == '>') {
		level++;
		text++;
		length--;
	}
	if (length > 0 && *text == ' ') {
		text++;
		length--;
	}
	separator = is_separator(text, length);
	soft = !separator && length > 0 && text[length - 1] == ' ';
	if (level != flow->level || separator)
		end_paragraph(flow);
	flow->signature = flow->signature || (separator && level == 0);
	flow->level = level;
	flow->open = true;
	g_string_append_len(flow->text, text,
			    (gssize)(soft && delsp ? length - 1 : length));
	if (!soft)
		end_paragraph(flow);
}

static void show_flowed(struct lines *lines, const char *text, const char *end,
			bool delsp)
{
	struct flow flow = {.lines = lines, .text = g_string_new(NULL)};

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));

		if (stop == NULL)
			stop = end;
		add_flowed(&flow, text, (size_t)(stop - text), delsp);
		text = stop + 1;
	}
	end_paragraph(&flow);
	g_string_free(flow.text, TRUE);
}

void plain_show(struct lines *lines, const char *text, size_t length,
		bool flowed, bool delsp)
{
	g_autofree char *clean = sanitise_text(text, (gssize)length);
	const char *end = clean + strlen(clean);

	if (flowed)
		show_flowed(lines, clean, end, delsp);
	else
		show_fixed(lines, clean, end);
}
