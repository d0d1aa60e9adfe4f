/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "tame.h"

#define ATTRIBUTE_LIMIT 100

enum state { BEFORE_NAME, IN_NAME, AFTER_NAME, BEFORE_VALUE, IN_VALUE };

static char *end_of_quote(char *at, char *end)
{
	char *close = memchr(at + 1, *at, (size_t)(end - at - 1));

	return close == NULL ? end : close + 1;
}

/* One octet of a tag outside of quoted values, as libxml2 takes it. */
static enum state next_state(enum state state, char c)
{
	bool blank = g_ascii_isspace(c);

	switch (state) {
	case BEFORE_NAME:
		return blank || c == '/' ? BEFORE_NAME : IN_NAME;
	case IN_NAME:
	case AFTER_NAME:
		if (c == '=')
			return BEFORE_VALUE;
		if (blank)
			return AFTER_NAME;
		return IN_NAME;
	case BEFORE_VALUE:
		return blank ? BEFORE_VALUE : IN_VALUE;
	case IN_VALUE:
		return blank ? BEFORE_NAME : IN_VALUE;
	}
	return BEFORE_NAME;
}

/* From behind the tag's name to behind its '>'. */
static char *tame_tag(char *at, char *end)
{
	enum state state = BEFORE_NAME;
	int names = 0;

	while (at < end && *at != '>') {
		enum state next = next_state(state, *at);

		if (next == IN_NAME && state != IN_NAME)
			names++;
		if (state == BEFORE_VALUE && (*at == '"' || *at == '\'')) {
			char *stop = end_of_quote(at, end);

			if (names > ATTRIBUTE_LIMIT)
				memset(at, ' ', (size_t)(stop - at));
			at = stop;
			state = BEFORE_NAME;
			continue;
		}
		if (names > ATTRIBUTE_LIMIT)
			*at = ' ';
		state = next;
		at++;
	}
	return at < end ? at + 1 : at;
}

void tame_attributes(char *html, size_t length)
{
	char *end = html + length, *at = html;

	while ((at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		at++;
		if (at == end || !g_ascii_isalpha(*at))
			continue;
		while (at < end && !g_ascii_isspace(*at) && *at != '>' &&
		       *at != '/')
			at++;
		at = tame_tag(at, end);
	}
}
