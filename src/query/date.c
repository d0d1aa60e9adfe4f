/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date: mutt's dates and ranges of dates, and its ranges of sizes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "private.h"
#include "smew/base.h"

/* Offsets and years beyond are cut: far outside of any date, far inside int. */
#define OFFSET_MAX 100000000
#define YEAR_MAX 9999

struct range {
	struct tm min, max;
	bool min_open, max_open;
	const struct tm *today;
	const char *expected; /* NULL so far */
	const char *wrong;
};

static bool fail(struct range *range, const char *at, const char *expected)
{
	range->wrong = at;
	range->expected = expected;
	return false;
}

static int64_t seconds(const struct tm *tm)
{
	struct tm copy = *tm;

	copy.tm_isdst = -1;
	return (int64_t)mktime(&copy);
}

static void normalise(struct tm *tm)
{
	time_t when = (time_t)seconds(tm);

	localtime_r(&when, tm);
}

static const char *skip_blanks(const char *at)
{
	while (g_ascii_isspace(*at))
		at++;
	return at;
}

static int number(const char **at, int limit)
{
	long long value = 0;

	for (; g_ascii_isdigit(**at); (*at)++)
		value = MIN(value * 10 + (**at - '0'), limit);
	return (int)value;
}

/* ---- days ---- */

static bool is_compact(const char *at)
{
	for (int i = 0; i < 8; i++)
		if (!g_ascii_isdigit(at[i]))
			return false;
	return true;
}

static int digits(const char *at, int n)
{
	int value = 0;

	while (n-- > 0)
		value = value * 10 + (*at++ - '0');
	return value;
}

static bool check_day(struct range *range, const char *at, int day, int month)
{
	if (day < 1 || day > 31)
		return fail(range, at, _("a day from 1 to 31"));
	if (month < 1 || month > 12)
		return fail(range, at, _("a month from 1 to 12"));
	return true;
}

static void set_day(struct tm *tm, int year, int month, int day)
{
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
}

/* YYYYMMDD, or DD[/MM[/YY[YY]]]; what is left out is today's. */
static bool read_day(struct range *range, const char **at, struct tm *tm)
{
	const char *start = *at;
	int day, month = range->today->tm_mon + 1;
	int year = range->today->tm_year + 1900;

	if (!g_ascii_isdigit(**at))
		return fail(range, start,
			    _("a date such as 20/11/2026 or 20261120"));
	if (is_compact(start)) {
		year = digits(start, 4);
		month = digits(start + 4, 2);
		day = digits(start + 6, 2);
		*at = start + 8;
	} else {
		day = number(at, OFFSET_MAX);
		if (**at == '/') {
			++*at;
			month = number(at, OFFSET_MAX);
			if (**at == '/') {
				++*at;
				year = number(at, YEAR_MAX);
				if (year < 70)
					year += 2000;
				else if (year < 1000)
					year += 1900;
			}
		}
	}
	if (!check_day(range, start, day, month))
		return false;
	set_day(tm, year, month, day);
	return true;
}

/* ---- offsets ---- */

/* "3d" added 'sign' times to 'tm'; false and nothing changed without one. */
static bool add_offset(struct tm *tm, const char **at, int sign)
{
	const char *next = *at;
	int n = number(&next, OFFSET_MAX) * sign;

	switch (*next) {
	case 'y':
		tm->tm_year += CLAMP(n, -YEAR_MAX, YEAR_MAX);
		break;
	case 'm':
		tm->tm_mon += CLAMP(n, -12 * YEAR_MAX, 12 * YEAR_MAX);
		break;
	case 'w':
		tm->tm_mday += 7 * n;
		break;
	case 'd':
		tm->tm_mday += n;
		break;
	case 'H':
		tm->tm_hour += n;
		break;
	case 'M':
		tm->tm_min += n;
		break;
	case 'S':
		tm->tm_sec += n;
		break;
	default:
		return false;
	}
	normalise(tm);
	*at = next + 1;
	return true;
}

static bool need_offset(struct range *range, const char *at)
{
	return fail(range, at,
		    _("a number and a unit: y, m, w, d, H, M or S"));
}

static void end_of_day(struct tm *tm)
{
	tm->tm_hour = 23;
	tm->tm_min = tm->tm_sec = 59;
}

static void start_of_day(struct tm *tm)
{
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
}

/* "<3d" newer, ">3d" older, "=3d" just that day. */
static bool read_relative(struct range *range, const char *text)
{
	const char *at = text + 1;
	struct tm then = *range->today;
	bool days;

	if (!add_offset(&then, &at, -1))
		return need_offset(range, at);
	if (*skip_blanks(at) != '\0')
		return fail(range, at, _("the end of the date"));
	days = strchr("HMS", at[-1]) == NULL;
	if (days)
		end_of_day(&then);
	range->min = range->max = then;
	range->max_open = *text == '<';
	range->min_open = *text == '>';
	if (*text == '=')
		start_of_day(&range->min);
	else if (*text == '<' && days)
		range->min.tm_sec++;
	return true;
}

/* ---- ranges ---- */

/* "-20/11" with nothing before it: all before that day. */
static bool read_last_day(struct range *range, const char **at, bool has_min)
{
	if (!read_day(range, at, &range->max))
		return false;
	range->min_open = !has_min;
	return true;
}

/* What follows a first date: "-date", or margins as "+1w", "-3d", "*2d". */
static bool read_margins(struct range *range, const char *at, bool has_min)
{
	bool first = true;

	for (at = skip_blanks(at); *at != '\0'; at = skip_blanks(at)) {
		char sign = *at;
		const char *start, *again;

		if (strchr("-+*", sign) == NULL)
			return fail(range, at, _("'-', '+', '*' or the end"));
		start = again = at = skip_blanks(at + 1);
		if (sign == '-' && !add_offset(&range->min, &at, -1)) {
			if (!first)
				return need_offset(range, start);
			if (!read_last_day(range, &at, has_min))
				return false;
			if (*skip_blanks(at) != '\0')
				return fail(range, at,
					    _("the end of the date"));
			return true;
		}
		if (sign == '-' && first && !has_min)
			set_day(&range->max, range->min.tm_year + 1900,
				range->min.tm_mon + 1, range->min.tm_mday);
		if (sign == '+' && !add_offset(&range->max, &at, 1))
			return need_offset(range, start);
		if (sign == '*' && (!add_offset(&range->min, &at, -1) ||
				    !add_offset(&range->max, &again, 1)))
			return need_offset(range, start);
		first = false;
	}
	return true;
}

static bool read_range(struct range *range, const char *at)
{
	bool has_min = g_ascii_isdigit(*at);

	range->min = *range->today;
	if (has_min) {
		if (!read_day(range, &at, &range->min))
			return false;
		at = skip_blanks(at);
		if (*at == '-' && *skip_blanks(at + 1) == '\0')
			range->max_open = true;
	} else if (strchr("-+*", *at) == NULL) {
		return fail(range, at, _("a date such as 20/11/2026, 20261120, "
					 "<1w or >2d"));
	}
	start_of_day(&range->min);
	range->max = range->min;
	end_of_day(&range->max);
	return range->max_open || read_margins(range, at, has_min);
}

static bool is_later(const struct tm *a, const struct tm *b)
{
	if (a->tm_year != b->tm_year)
		return a->tm_year > b->tm_year;
	if (a->tm_mon != b->tm_mon)
		return a->tm_mon > b->tm_mon;
	return a->tm_mday > b->tm_mday;
}

/* The ends may be given in either order. */
static void order_ends(struct range *range)
{
	struct tm kept = range->min;

	if (range->min_open || range->max_open ||
	    !is_later(&range->min, &range->max))
		return;
	range->min = range->max;
	range->max = kept;
	start_of_day(&range->min);
	end_of_day(&range->max);
}

const char *dates_read(const char *text, int64_t now, int64_t *min,
		      int64_t *max, const char **wrong)
{
	time_t when = (time_t)now;
	struct range range = { 0 };
	struct tm today;

	localtime_r(&when, &today);
	range.today = &today;
	text = skip_blanks(text);
	if (*text != '\0' && strchr("<>=", *text) != NULL
		    ? !read_relative(&range, text)
		    : !read_range(&range, text)) {
		*wrong = range.wrong;
		return range.expected;
	}
	order_ends(&range);
	*min = range.min_open ? INT64_MIN : seconds(&range.min);
	*max = range.max_open ? INT64_MAX : seconds(&range.max);
	return NULL;
}

/* ---- sizes ---- */

static bool read_size(const char **at, int64_t *size)
{
	char *end;

	if (!g_ascii_isdigit(**at))
		return false;
	*size = (int64_t)MIN(g_ascii_strtoull(*at, &end, 10),
			     (guint64)INT64_MAX >> 21);
	if (*end == 'K' || *end == 'k') {
		*size *= 1024;
		end++;
	} else if (*end == 'M' || *end == 'm') {
		*size *= 1024 * 1024;
		end++;
	}
	*at = end;
	return true;
}

static const char *read_ends(const char **at, int64_t *min, int64_t *max)
{
	const char *expected = _("a size such as 10K, <1M, >2K or 10K-1M");
	char sign = **at;

	*min = 0;
	*max = INT64_MAX;
	if (sign == '<' || sign == '>' || sign == '-') {
		++*at;
		if (!read_size(at, sign == '>' ? min : max))
			return expected;
		if (sign == '>')
			++*min;
		else if (sign == '<')
			--*max;
		return NULL;
	}
	if (!read_size(at, min))
		return expected;
	if (**at == '-') {
		++*at;
		read_size(at, max);
	} else {
		*max = *min;
	}
	return NULL;
}

const char *sizes_read(const char **text, int64_t *min, int64_t *max)
{
	bool quoted = **text == '"';
	const char *expected;

	if (quoted)
		++*text;
	expected = read_ends(text, min, max);
	if (expected == NULL && quoted) {
		if (**text != '"')
			return "\"";
		++*text;
	}
	return expected;
}
