/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INTERNALDATE: " 7-Jul-1996 02:44:25 -0700". */
#include "parse.h"

#include <string.h>

/* 'n' digits, the first of which may be a space. -1 when they are none. */
static int digits(const char *p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (i == 0 && p[i] == ' ')
			continue;
		if (!g_ascii_isdigit(p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

static int month_of(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (g_ascii_strncasecmp(p, &names[i * 3], 3) == 0)
			return i + 1;
	}
	return 0;
}

/* Days since 1970-01-01 in the Gregorian calendar; years from 1. */
static int64_t days_since_epoch(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3; /* from March */

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day -
	       1 - 719468;
}

static bool read_zone(const char *p, int *zone)
{
	int hours = digits(p + 1, 2), minutes = digits(p + 3, 2);

	if ((*p != '+' && *p != '-') || hours < 0 || minutes < 0 ||
	    hours > 23 || minutes > 59)
		return false;
	*zone = hours * 60 + minutes;
	if (*p == '-')
		*zone = -*zone;
	return true;
}

bool parse_date(const struct token *token, int64_t *unix_time, int *zone)
{
	char text[27];
	int day, month, year, hour, minute, second;

	/* "7-Jul-1996 ..." without the space comes too. */
	if (token->s == NULL || (token->n != 26 && token->n != 25))
		return false;
	text[0] = ' ';
	memcpy(text + (26 - token->n), token->s, token->n);
	text[26] = '\0';
	day = digits(text, 2);
	month = month_of(text + 3);
	year = digits(text + 7, 4);
	hour = digits(text + 12, 2);
	minute = digits(text + 15, 2);
	second = digits(text + 18, 2);
	if (day < 1 || day > 31 || month == 0 || year < 1 || hour < 0 ||
	    hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60 || !read_zone(text + 21, zone))
		return false;
	*unix_time = days_since_epoch(year, month, day) * 86400 +
		     hour * 3600 + minute * 60 + second - *zone * 60;
	return true;
}
