/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "date.h"

/* No date is longer; what follows is junk. */
#define TEXT_LIMIT 256

struct date {
	int day, month, year; /* 0: not seen; year -1 */
	int hour, minute, second;
	bool has_time, has_zone, failed;
	int zone;
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

/* RFC 5322 4.3; the letters of one are not to be trusted, so they are UTC. */
static const struct {
	const char *name;
	int zone;
} zones[] = {
	{"ut", 0},     {"utc", 0},    {"gmt", 0},    {"z", 0},
	{"est", -300}, {"edt", -240}, {"cst", -360}, {"cdt", -300},
	{"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420},
	{"cet", 60},   {"cest", 120}, {"met", 60},   {"mest", 120},
	{"bst", 60},   {"eet", 120},  {"eest", 180}, {"wet", 0},
	{"west", 60},  {"jst", 540},  {"msk", 180},
};

/* Days since 1970-01-01 of the proleptic Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t from_march = month + (month > 2 ? -3 : 9);
	int64_t of_year = (153 * from_march + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static int month_of(const char *word, size_t length)
{
	if (length < 3)
		return 0;
	for (int i = 0; i < 12; i++)
		if (g_ascii_strncasecmp(word, months + (ptrdiff_t)i * 3, 3) == 0)
			return i + 1;
	return 0;
}

static int number_of(const char *digits, size_t length)
{
	int value = 0;

	for (size_t i = 0; i < length && i < 6; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

static void take_word(struct date *date, const char *word, size_t length)
{
	int month = month_of(word, length);

	if (month != 0 && date->month == 0) {
		date->month = month;
		return;
	}
	if (!date->has_time)
		return;
	if (length == 2 && g_ascii_strncasecmp(word, "pm", 2) == 0) {
		date->hour += date->hour < 12 ? 12 : 0;
		return;
	}
	if (length == 2 && g_ascii_strncasecmp(word, "am", 2) == 0) {
		date->hour = date->hour == 12 ? 0 : date->hour;
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
		if (strlen(zones[i].name) == length && !date->has_zone &&
		    g_ascii_strncasecmp(word, zones[i].name, length) == 0) {
			date->zone = zones[i].zone;
			date->has_zone = length > 1 && date->zone != 0;
		}
}

static size_t digits_at(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && g_ascii_isdigit(*at))
		at++;
	return (size_t)(at - start);
}

/* RFC 5322 4.3: two digits below 50 are 20xx, other two and three 19xx. */
static int full_year(int year, size_t digits)
{
	if (digits == 2)
		return year < 50 ? 2000 + year : 1900 + year;
	return digits == 3 ? 1900 + year : year;
}

static void take_number(struct date *date, const char *digits, size_t length)
{
	int value = number_of(digits, length);

	if (length <= 2 && date->day == 0 && value >= 1 && value <= 31)
		date->day = value;
	else if (length == 4 && date->year == -1)
		date->year = value;
	else if (length >= 2 && length <= 3 && date->year == -1)
		date->year = full_year(value, length);
}

/* hh:mm, hh:mm:ss, with a fraction of the second that is not kept. */
static const char *take_time(struct date *date, const char *at, const char *end)
{
	int values[3] = {0, 0, 0};

	for (int i = 0; i < 3; i++) {
		size_t n = digits_at(at, end);

		if (n == 0 || n > 2)
			break;
		values[i] = number_of(at, n);
		at += n;
		if (i == 2 || at == end || *at != ':')
			break;
		at++;
	}
	if (at < end && (*at == '.' || *at == ',') && at + 1 < end &&
	    g_ascii_isdigit(at[1]))
		at += 1 + digits_at(at + 1, end);
	date->hour = values[0];
	date->minute = values[1];
	date->second = values[2];
	date->has_time = true;
	date->failed = date->failed || values[0] > 24 || values[1] > 59 ||
		       values[2] > 61;
	return at;
}

static const char *take_zone(struct date *date, const char *at, const char *end)
{
	int sign = *at == '-' ? -1 : 1, value;
	size_t n = digits_at(at + 1, end);
	const char *next = at + 1 + n;

	value = number_of(at + 1, n);
	if (n <= 2 && next < end && *next == ':') {
		size_t more = digits_at(next + 1, end);

		value = value * 100 + number_of(next + 1, more);
		next += 1 + more;
	} else if (n <= 2) {
		value *= 100;
	}
	if (n > 0 && n <= 4 && value / 100 <= 24 && value % 100 < 60)
		date->zone = sign * (value / 100 * 60 + value % 100);
	date->has_zone = true;
	return next;
}

/* 2026-11-21T04:32:36Z, which is no RFC 5322 date but is found in mail. */
static const char *take_iso(struct date *date, const char *at, const char *end)
{
	if (end - at < 10 || digits_at(at, end) != 4 || at[4] != '-' ||
	    digits_at(at + 5, end) != 2 || at[7] != '-' ||
	    digits_at(at + 8, end) != 2)
		return NULL;
	date->year = number_of(at, 4);
	date->month = number_of(at + 5, 2);
	date->day = number_of(at + 8, 2);
	date->failed = date->month < 1 || date->month > 12;
	at += 10;
	return at < end && (*at == 'T' || *at == 't') ? at + 1 : at;
}

static const char *take_digits(struct date *date, const char *at,
			       const char *end)
{
	size_t n = digits_at(at, end);
	const char *iso = date->year == -1 ? take_iso(date, at, end) : NULL;

	if (iso != NULL)
		return iso;
	if (n <= 2 && at + n < end && at[n] == ':' && !date->has_time)
		return take_time(date, at, end);
	take_number(date, at, n);
	return at + n;
}

static const char *skip_comment(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
	}
	return end;
}

static const char *take_letters(struct date *date, const char *at,
				const char *end)
{
	const char *start = at;

	while (at < end && g_ascii_isalpha(*at))
		at++;
	take_word(date, start, (size_t)(at - start));
	return at;
}

static void scan(struct date *date, const char *at, const char *end)
{
	while (at < end && !date->has_zone) {
		if (g_ascii_isdigit(*at))
			at = take_digits(date, at, end);
		else if (g_ascii_isalpha(*at))
			at = take_letters(date, at, end);
		else if (*at == '(')
			at = skip_comment(at, end);
		else if ((*at == '+' || *at == '-') && date->has_time)
			at = take_zone(date, at, end);
		else
			at++;
	}
	/* ctime() puts the year behind the time and sometimes the zone. */
	for (; at < end && date->year == -1; at++)
		if (g_ascii_isdigit(*at)) {
			size_t n = digits_at(at, end);

			take_number(date, at, n);
			at += n - 1;
		}
}

int64_t date_read(const char *text, size_t length, int *zone)
{
	struct date date = {.year = -1};
	int64_t seconds;

	*zone = 0;
	scan(&date, text, text + MIN(length, TEXT_LIMIT));
	if (date.failed || date.day == 0 || date.month == 0 || date.year < 0)
		return 0;
	seconds = days_of(date.year, date.month, date.day) * 86400 +
		  (int64_t)date.hour * 3600 + (int64_t)date.minute * 60 +
		  date.second - (int64_t)date.zone * 60;
	*zone = date.zone;
	return seconds;
}
