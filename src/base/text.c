/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "unicode.h"

/*
 * The rules are those of UAX #29 as far as they matter on a grid of cells.
 * Spacing marks of the Indic scripts and second leading consonants of old
 * Hangul are clusters of their own, because terminals give them cells of
 * their own.
 */

/* Where a cluster that is being read stands. */
struct cluster {
	const char *next; /* behind what has been taken; borrowed */
	const char *end;
	int cells;
	bool pictograph; /* the last base is one: a modifier and ZWJ apply */
	bool modified;	 /* it has its skin tone */
	bool keycap;	 /* the base is a digit, '#' or '*' */
};

static void take_base(struct cluster *cluster, gunichar c, size_t size)
{
	cluster->next += size;
	cluster->cells = MAX(cluster->cells, unicode_cells(c));
	cluster->pictograph = unicode_is_pictograph(c);
	cluster->modified = false;
	cluster->keycap = unicode_is_keycap_base(c);
}

static void take_extender(struct cluster *cluster, gunichar c, size_t size)
{
	gunichar after;
	size_t length;

	cluster->next += size;
	if (c == U_EMOJI_STYLE && (cluster->pictograph || cluster->keycap))
		cluster->cells = 2;
	if (c != U_ZWJ || !cluster->pictograph)
		return;
	length = unicode_next(cluster->next, cluster->end, &after);
	if (length > 0 && unicode_is_pictograph(after))
		take_base(cluster, after, length);
}

/* Two regional indicators are a flag; a third begins the next one. */
static void take_flag(struct cluster *cluster)
{
	gunichar c;
	size_t size = unicode_next(cluster->next, cluster->end, &c);

	if (size > 0 && unicode_is_regional(c)) {
		cluster->next += size;
		cluster->cells = 2;
	}
}

static void take_extenders(struct cluster *cluster)
{
	gunichar c;
	size_t size;

	while ((size = unicode_next(cluster->next, cluster->end, &c)) > 0) {
		if (unicode_is_extender(c)) {
			take_extender(cluster, c, size);
		} else if (cluster->pictograph && !cluster->modified &&
			   unicode_is_emoji_modifier(c)) {
			cluster->next += size;
			cluster->cells = 2;
			cluster->modified = true;
		} else {
			return;
		}
	}
}

size_t text_cluster(const char *text, const char *end, int *cells)
{
	struct cluster cluster = {.next = text, .end = end};
	gunichar c;
	size_t size;

	*cells = 0;
	if (text >= end)
		return 0;
	size = unicode_next(text, end, &c);
	if (size == 0) {
		/* Not for us to show; one octet keeps any caller going. */
		*cells = 1;
		return 1;
	}
	take_base(&cluster, c, size);
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return size;
	if (unicode_is_regional(c))
		take_flag(&cluster);
	take_extenders(&cluster);
	*cells = cluster.cells;
	return (size_t)(cluster.next - text);
}

static const char *end_of(const char *text, gssize length)
{
	return text + (length < 0 ? strlen(text) : (size_t)length);
}

/* An ASCII character before another one is a cluster by itself. */
static bool is_simple(const char *text, const char *end)
{
	return *text >= 0x20 && *text < 0x7f &&
	       (text + 1 == end || !(text[1] & 0x80));
}

static size_t next_cluster(const char *text, const char *end, int *cells)
{
	if (text < end && is_simple(text, end)) {
		*cells = 1;
		return 1;
	}
	return text_cluster(text, end, cells);
}

int text_width(const char *text, gssize length)
{
	const char *end = end_of(text, length);
	int total = 0, cells;

	while (text < end) {
		text += next_cluster(text, end, &cells);
		if (total > G_MAXINT - cells)
			return G_MAXINT;
		total += cells;
	}
	return total;
}

size_t text_fit(const char *text, gssize length, int cells, int *used)
{
	const char *start = text, *end = end_of(text, length);
	int total = 0;

	while (text < end) {
		int width;
		size_t size = next_cluster(text, end, &width);

		if (width > cells - total)
			break;
		total += width;
		text += size;
	}
	if (used != NULL)
		*used = total;
	return (size_t)(text - start);
}
