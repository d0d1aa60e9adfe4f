/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fuzzy.h"

#include <string.h>

enum {
	MAX_LETTERS = 256, /* of a name or of what was typed: the rest is cut */
	MATCHED = 16,
	FOLLOWS = 24, /* right behind the one before */
	BEGINS = 20,  /* a word */
	LAST = 6,     /* in the last part of the name */
	NEVER = G_MININT / 2,
};

/* A letter without case and accents; 0: an accent alone. */
static gunichar plain(gunichar letter)
{
	gunichar parts[4];

	if (g_unichar_fully_decompose(letter, FALSE, parts, 4) > 0)
		letter = parts[0];
	return g_unichar_ismark(letter) ? 0 : g_unichar_tolower(letter);
}

static bool divides(gunichar letter)
{
	return letter != 0 && !g_unichar_isalnum(letter);
}

/* The letters that count; returns how many. */
static size_t letters(const char *text, bool blanks, gunichar *out)
{
	size_t n = 0;

	for (; *text != '\0' && n < MAX_LETTERS; text = g_utf8_next_char(text)) {
		gunichar letter = plain(g_utf8_get_char(text));

		if (letter != 0 && (blanks || !g_unichar_isspace(letter)))
			out[n++] = letter;
	}
	return n;
}

/* Cheap, for all that does not match at all. */
static bool in_order(const gunichar *typed, size_t n, const gunichar *text,
		     size_t m)
{
	size_t k = 0;

	for (size_t i = 0; i < m && k < n; i++)
		if (text[i] == typed[k])
			k++;
	return k == n;
}

/* What it is worth that a letter matches at 'i'. */
static int worth(const gunichar *text, size_t i, size_t last)
{
	bool begins = i == 0 || divides(text[i - 1]);

	return MATCHED + (begins ? BEGINS : 0) + (i >= last ? LAST : 0);
}

/*
 * best[i] is the best score of the letters so far when the last of them matches
 * at i. Going from one letter to the next, the best end before i is carried
 * along.
 */
static int best_score(const gunichar *typed, size_t n, const gunichar *text,
		      size_t m, size_t last)
{
	int best[MAX_LETTERS], next[MAX_LETTERS], found = NEVER;

	for (size_t i = 0; i < m; i++)
		best[i] = text[i] == typed[0] ? worth(text, i, last) : NEVER;
	for (size_t k = 1; k < n; k++) {
		int before = NEVER;

		for (size_t i = 0; i < m; i++) {
			int joined = i > 0 ? best[i - 1] + FOLLOWS : NEVER;

			next[i] = text[i] == typed[k] ?
					  MAX(before, joined) +
						  worth(text, i, last) :
					  NEVER;
			before = MAX(before, best[i]);
		}
		memcpy(best, next, m * sizeof(*best));
	}
	for (size_t i = 0; i < m; i++)
		found = MAX(found, best[i]);
	return found;
}

/* Where the last part of a name begins. */
static size_t last_part(const gunichar *text, size_t m)
{
	for (size_t i = m; i > 0; i--)
		if (text[i - 1] == '/' || text[i - 1] == '.')
			return i;
	return 0;
}

bool fuzzy_match(const char *typed, const char *text, int *score)
{
	gunichar wanted[MAX_LETTERS], name[MAX_LETTERS];
	size_t n = letters(typed, false, wanted);
	size_t m = letters(text, true, name);

	*score = -(int)m;
	if (n == 0)
		return true;
	if (!in_order(wanted, n, name, m))
		return false;
	*score += 4 * best_score(wanted, n, name, m, last_part(name, m));
	return true;
}
