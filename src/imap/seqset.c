/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sequence sets as intervals: a server may send 1:4294967295, so nothing here
 * ever counts through the numbers of a range.
 */
#include "smew/imap.h"

#include <string.h>

#include "smew/base.h"

struct imap_set {
	GArray *ranges; /* owned; of struct imap_range */
};

struct imap_set *imap_set_new(void)
{
	struct imap_set *set = g_new(struct imap_set, 1);

	set->ranges = g_array_new(FALSE, FALSE, sizeof(struct imap_range));
	return set;
}

void imap_set_free(struct imap_set *set)
{
	if (set == NULL)
		return;
	g_array_free(set->ranges, TRUE);
	g_free(set);
}

struct imap_set *imap_set_copy(const struct imap_set *set)
{
	struct imap_set *copy = imap_set_new();

	g_array_append_vals(copy->ranges, set->ranges->data, set->ranges->len);
	return copy;
}

static struct imap_range *at(const struct imap_set *set, guint i)
{
	return &g_array_index(set->ranges, struct imap_range, i);
}

void imap_set_add(struct imap_set *set, uint32_t first, uint32_t last)
{
	struct imap_range range = { first, last };
	guint n = set->ranges->len;

	if (first == 0)
		return;
	if (last != IMAP_STAR && last < first) {
		range.first = last;
		range.last = first;
	}
	if (n > 0 && at(set, n - 1)->last != IMAP_STAR &&
	    at(set, n - 1)->last != UINT32_MAX &&
	    at(set, n - 1)->last + 1 == range.first)
		at(set, n - 1)->last = range.last;
	else
		g_array_append_val(set->ranges, range);
}

static bool parse_number(const char **p, const char *end, uint32_t *number)
{
	uint64_t n = 0;
	const char *start = *p;

	while (*p < end && g_ascii_isdigit(**p) && n <= UINT32_MAX)
		n = n * 10 + (uint64_t)(*(*p)++ - '0');
	*number = (uint32_t)n;
	return *p > start && n > 0 && n <= UINT32_MAX;
}

static bool parse_range(const char **p, const char *end, struct imap_set *set)
{
	uint32_t first, last;

	if (!parse_number(p, end, &first))
		return false;
	last = first;
	if (*p < end && **p == ':') {
		(*p)++;
		if (!parse_number(p, end, &last))
			return false;
	}
	imap_set_add(set, first, last);
	return true;
}

static bool parse_ranges(const char *p, const char *end, size_t max,
			 struct imap_set *set)
{
	for (;;) {
		if (set->ranges->len >= max || !parse_range(&p, end, set))
			return false;
		if (p == end)
			return true;
		if (*p++ != ',')
			return false;
	}
}

struct imap_set *imap_set_parse(const char *text, gssize length, size_t max,
				GError **error)
{
	struct imap_set *set = imap_set_new();
	size_t n = length < 0 ? strlen(text) : (size_t)length;

	if (parse_ranges(text, text + n, max, set))
		return set;
	imap_set_free(set);
	g_set_error_literal(error, IMAP_ERROR, IMAP_ERROR_PROTOCOL,
			    _("a set of message numbers is damaged"));
	return NULL;
}

static void format_range(GString *out, const struct imap_range *range)
{
	if (out->len > 0)
		g_string_append_c(out, ',');
	g_string_append_printf(out, "%u", range->first);
	if (range->last == IMAP_STAR)
		g_string_append(out, ":*");
	else if (range->last != range->first)
		g_string_append_printf(out, ":%u", range->last);
}

char *imap_set_format(const struct imap_set *set)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < set->ranges->len; i++)
		format_range(out, at(set, i));
	return g_string_free(out, FALSE);
}

/* The end of a range as a number that can be compared. */
static uint32_t end_of(const struct imap_range *range)
{
	return range->last == IMAP_STAR ? UINT32_MAX : range->last;
}

static gint compare(gconstpointer a, gconstpointer b)
{
	const struct imap_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

void imap_set_normalise(struct imap_set *set)
{
	guint kept = 0;

	if (set->ranges->len < 2)
		return;
	g_array_sort(set->ranges, compare);
	for (guint i = 1; i < set->ranges->len; i++) {
		struct imap_range *last = at(set, kept), *next = at(set, i);

		if ((uint64_t)next->first > (uint64_t)end_of(last) + 1)
			*at(set, ++kept) = *next;
		else if (next->last == IMAP_STAR || last->last == IMAP_STAR)
			last->last = IMAP_STAR;
		else
			last->last = MAX(last->last, next->last);
	}
	g_array_set_size(set->ranges, kept + 1);
}

bool imap_set_contains(const struct imap_set *set, uint32_t number)
{
	for (guint i = 0; i < set->ranges->len; i++) {
		if (number >= at(set, i)->first && number <= end_of(at(set, i)))
			return true;
	}
	return false;
}

uint64_t imap_set_count(const struct imap_set *set)
{
	uint64_t count = 0;

	for (guint i = 0; i < set->ranges->len; i++) {
		if (at(set, i)->last == IMAP_STAR)
			count++;
		else
			count += (uint64_t)at(set, i)->last -
				 at(set, i)->first + 1;
	}
	return count;
}

const struct imap_range *imap_set_ranges(const struct imap_set *set, size_t *n)
{
	*n = set->ranges->len;
	return (const struct imap_range *)(void *)set->ranges->data;
}
