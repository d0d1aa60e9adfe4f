/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "keydecode.h"
#include "smew/command.h"

enum {
	ESCAPE = 27,
	MAX_SEQUENCE = 24,
	MAX_WAITING = 65536, /* a paste beyond that loses its end */
};

struct sequence {
	char *octets; /* owned */
	size_t length;
	int key;
};

struct keydecode {
	GArray *sequences; /* of struct sequence */
	GString *waiting;
};

/* What terminals send in either cursor key mode, whatever terminfo says. */
static const struct {
	const char *octets;
	int key;
} usual[] = {
	{"\033[A", KEYC_UP},	      {"\033OA", KEYC_UP},
	{"\033[B", KEYC_DOWN},	      {"\033OB", KEYC_DOWN},
	{"\033[C", KEYC_RIGHT},	      {"\033OC", KEYC_RIGHT},
	{"\033[D", KEYC_LEFT},	      {"\033OD", KEYC_LEFT},
	{"\033[H", KEYC_HOME},	      {"\033OH", KEYC_HOME},
	{"\033[F", KEYC_END},	      {"\033OF", KEYC_END},
	{"\033[1~", KEYC_HOME},	      {"\033[4~", KEYC_END},
	{"\033[7~", KEYC_HOME},	      {"\033[8~", KEYC_END},
	{"\033[2~", KEYC_INSERT},     {"\033[3~", KEYC_DELETE},
	{"\033[5~", KEYC_PAGE_UP},    {"\033[6~", KEYC_PAGE_DOWN},
	{"\033[Z", KEYC_BACKTAB},     {"\033OM", KEYC_ENTER},
	{"\033OP", KEYC_F0 + 1},      {"\033OQ", KEYC_F0 + 2},
	{"\033OR", KEYC_F0 + 3},      {"\033OS", KEYC_F0 + 4},
	{"\033[11~", KEYC_F0 + 1},    {"\033[12~", KEYC_F0 + 2},
	{"\033[13~", KEYC_F0 + 3},    {"\033[14~", KEYC_F0 + 4},
	{"\033[15~", KEYC_F0 + 5},    {"\033[17~", KEYC_F0 + 6},
	{"\033[18~", KEYC_F0 + 7},    {"\033[19~", KEYC_F0 + 8},
	{"\033[20~", KEYC_F0 + 9},    {"\033[21~", KEYC_F0 + 10},
	{"\033[23~", KEYC_F0 + 11},   {"\033[24~", KEYC_F0 + 12},
};

static void sequence_clear(gpointer data)
{
	struct sequence *sequence = data;

	g_free(sequence->octets);
}

struct keydecode *keydecode_new(void)
{
	struct keydecode *decode = g_new0(struct keydecode, 1);

	decode->sequences =
		g_array_new(FALSE, FALSE, sizeof(struct sequence));
	g_array_set_clear_func(decode->sequences, sequence_clear);
	decode->waiting = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
		keydecode_learn(decode, usual[i].octets, usual[i].key);
	return decode;
}

void keydecode_free(struct keydecode *decode)
{
	if (decode == NULL)
		return;
	g_array_unref(decode->sequences);
	g_string_free(decode->waiting, TRUE);
	g_free(decode);
}

void keydecode_learn(struct keydecode *decode, const char *octets, int key)
{
	struct sequence sequence = {g_strdup(octets), strlen(octets), key};

	g_array_append_val(decode->sequences, sequence);
}

void keydecode_feed(struct keydecode *decode, const char *octets, size_t n)
{
	n = MIN(n, MAX_WAITING - MIN(decode->waiting->len, MAX_WAITING));
	g_string_append_len(decode->waiting, octets, (gssize)n);
}

bool keydecode_pending(const struct keydecode *decode)
{
	return decode->waiting->len > 0;
}

static int take(struct keydecode *decode, size_t n, int key)
{
	g_string_erase(decode->waiting, 0, (gssize)n);
	return key;
}

enum found { FOUND_NONE, FOUND_PREFIX, FOUND_WHOLE };

/* The longest known sequence at the beginning of what waits. */
static enum found find_sequence(const struct keydecode *decode,
				const struct sequence **best)
{
	const GString *w = decode->waiting;
	enum found found = FOUND_NONE;

	*best = NULL;
	for (guint i = 0; i < decode->sequences->len; i++) {
		const struct sequence *s =
			&g_array_index(decode->sequences, struct sequence, i);

		if (w->len >= s->length) {
			if (memcmp(w->str, s->octets, s->length) == 0 &&
			    (*best == NULL || s->length > (*best)->length))
				*best = s;
		} else if (memcmp(w->str, s->octets, w->len) == 0) {
			found = FOUND_PREFIX;
		}
	}
	return *best != NULL ? FOUND_WHOLE : found;
}

/*
 * The length of a control sequence with parameters (ECMA-48) that no table
 * knows. 0: there is none; SIZE_MAX: not all of it is here.
 */
static size_t control_length(const GString *w)
{
	size_t i = 2;

	if (w->len < 2 || w->str[0] != ESCAPE || w->str[1] != '[')
		return 0;
	while (i < w->len && w->str[i] >= 0x20 && w->str[i] < 0x40)
		i++;
	if (i >= MAX_SEQUENCE)
		return 0;
	if (i == w->len)
		return SIZE_MAX;
	/* "\e[" and a letter without parameters may be keys: Esc, [, x. */
	return i > 2 && w->str[i] >= 0x40 && w->str[i] < 0x7f ? i + 1 : 0;
}

static int plain_key(const struct keydecode *decode, const char *octets)
{
	for (guint i = 0; i < decode->sequences->len; i++) {
		const struct sequence *s =
			&g_array_index(decode->sequences, struct sequence, i);

		if (strcmp(s->octets, octets) == 0)
			return s->key;
	}
	return -1;
}

/*
 * A key with modifiers as xterm and its likes send it: "\e[1;5A" is <C-Up>,
 * "\e[3;2~" is <S-Delete>. -1 for anything else.
 */
static int modified_key(const struct keydecode *decode, const char *control,
			size_t length)
{
	char last = control[length - 1], plain[MAX_SEQUENCE + 4], *end;
	long number = strtol(control + 2, &end, 10), modifiers;
	int key;

	if (*end != ';' || number < 1 || number > 99)
		return -1;
	modifiers = strtol(end + 1, &end, 10) - 1;
	if (end != control + length - 1 || modifiers < 1 || modifiers > 7)
		return -1;
	if (last == '~')
		g_snprintf(plain, sizeof(plain), "\033[%ld~", number);
	else
		g_snprintf(plain, sizeof(plain), "\033%c%c",
			   last >= 'P' && last <= 'S' ? 'O' : '[', last);
	key = plain_key(decode, plain);
	if (key < 0)
		return -1;
	return key | (modifiers & 1 ? KEYC_SHIFT : 0) |
	       (modifiers & 2 ? KEYC_ALT : 0) | (modifiers & 4 ? KEYC_CTRL : 0);
}

static int next_character(struct keydecode *decode, bool final)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t n = mbrtowc(&wide, decode->waiting->str, decode->waiting->len,
			   &state);

	if (n == (size_t)-2 && !final)
		return -1;
	/* What the locale cannot read is one unknown character. */
	if (n == (size_t)-1 || n == (size_t)-2)
		return take(decode, 1, 0xfffd);
	if (n == 0)
		return take(decode, 1, 0);
	return take(decode, n, wide == 127 ? KEYC_BACKSPACE : (int)wide);
}

/* A control sequence at the beginning: its key, -1 when nothing is decided,
 * -2 when it was swallowed because nobody knows it, -3 when there is none. */
static int next_control(struct keydecode *decode, bool final)
{
	size_t n = control_length(decode->waiting);
	int key;

	if (n == SIZE_MAX)
		return final ? -3 : -1;
	if (n == 0)
		return -3;
	key = modified_key(decode, decode->waiting->str, n);
	return take(decode, n, key < 0 ? -2 : key);
}

int keydecode_next(struct keydecode *decode, bool final)
{
	const struct sequence *sequence;

	while (decode->waiting->len > 0) {
		enum found found = find_sequence(decode, &sequence);
		int key;

		if (found == FOUND_WHOLE)
			return take(decode, sequence->length, sequence->key);
		if (found == FOUND_PREFIX && !final)
			return -1;
		key = next_control(decode, final);
		if (key >= -1)
			return key;
		if (key == -2)
			continue;
		if (decode->waiting->str[0] == ESCAPE)
			return take(decode, 1, ESCAPE);
		return next_character(decode, final);
	}
	return -1;
}
