/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The known name that a mistyped one was meant to be. */
#include "private.h"

#include <string.h>

enum { LONGEST = 48 };

/* Damerau-Levenshtein with adjacent swaps, in octets; names are ASCII. */
static int distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	int rows[3][LONGEST + 1];

	if (n > LONGEST || m > LONGEST)
		return G_MAXINT;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *now = rows[i % 3], *last = rows[(i - 1) % 3];
		int *before = rows[(i + 1) % 3];

		now[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			int change = a[i - 1] != b[j - 1];

			now[j] = MIN(MIN(last[j] + 1, now[j - 1] + 1),
				     last[j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

/* The best so far; more than a third of a word wrong is another word. */
struct best {
	const char *word, *name;
	int distance;
};

static struct best best_new(const char *word)
{
	return (struct best){
		.word = word,
		.distance = MAX((int)MIN(strlen(word), LONGEST) / 3, 1),
	};
}

static void consider(struct best *best, const char *name)
{
	int d = distance(best->word, name);

	if (d > best->distance || (d == best->distance && best->name != NULL))
		return;
	best->distance = d;
	best->name = name;
}

const char *nearest_name(const char *word, const char *const *names)
{
	struct best best = best_new(word);

	for (; *names != NULL; names++)
		consider(&best, *names);
	return best.name;
}

const char *nearest_option(const char *word)
{
	struct best best = best_new(word);
	const struct option_row *row = NULL;
	size_t n;
	const struct option_synonym *synonyms = option_synonyms(&n);

	while ((row = option_next(row)) != NULL)
		consider(&best, row->name);
	for (size_t i = 0; i < n; i++)
		consider(&best, synonyms[i].name);
	return best.name;
}

const char *nearest_command(const char *word)
{
	struct best best = best_new(word);
	size_t n;
	const struct command_row *rows = command_table(&n);

	for (size_t i = 0; i < n; i++)
		consider(&best, rows[i].name);
	return best.name;
}

const char *nearest_function(const char *word)
{
	struct best best = best_new(word);
	size_t n;
	const struct function_row *rows = function_table(&n);

	for (size_t i = 0; i < n; i++)
		consider(&best, rows[i].name);
	return best.name;
}
