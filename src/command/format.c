/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mutt's format strings: index_format, status_format and their kin. */
#include "private.h"

#include <string.h>

enum {
	FORMAT_LENGTH = 4096, /* octets of a format that are read */
	FORMAT_DEPTH = 16,    /* conditionals within conditionals */
	FORMAT_OUTPUT = 1 << 16,
	FORMAT_WIDTH = 1000,  /* cells of one expando's padding */
};

struct formatter {
	const char *at; /* unread part of the format */
	int width, depth;
	format_expand expand;
	void *user;
};

/* How one expando is laid out: %-20.30X */
struct layout {
	bool left, center, zeros, lower;
	int min, max; /* max -1: none */
};

static void run(struct formatter *f, GString *out, const char *stops,
		bool active);

/* ---- one value ---- */

static void pad(GString *out, int cells, const char *with)
{
	int each = MAX(text_width(with, -1), 1);

	for (; cells >= each && out->len < FORMAT_OUTPUT; cells -= each)
		g_string_append(out, with);
	for (; cells > 0 && out->len < FORMAT_OUTPUT; cells--)
		g_string_append_c(out, ' ');
}

static void append_value(GString *out, GString *value,
			 const struct layout *layout)
{
	g_autofree char *text = g_utf8_make_valid(value->str,
						  (gssize)value->len);
	g_autofree char *lower =
		layout->lower ? g_utf8_strdown(text, -1) : NULL;
	const char *shown = lower != NULL ? lower : text;
	int width = text_width(shown, -1);
	size_t length = strlen(shown);
	int space, before;

	if (layout->max >= 0 && width > layout->max)
		length = text_fit(shown, -1, layout->max, &width);
	space = MAX(layout->min - width, 0);
	before = layout->left ? 0 : layout->center ? space / 2 : space;
	pad(out, before, layout->zeros && !layout->left ? "0" : " ");
	g_string_append_len(out, shown, (gssize)length);
	pad(out, space - before, " ");
}

/* ---- reading ---- */

static int read_number(struct formatter *f)
{
	int number = 0;

	for (; g_ascii_isdigit(*f->at); f->at++)
		number = MIN(number * 10 + (*f->at - '0'), FORMAT_WIDTH);
	return number;
}

static struct layout read_layout(struct formatter *f)
{
	struct layout layout = { .max = -1 };

	for (;; f->at++) {
		if (*f->at == '-')
			layout.left = true;
		else if (*f->at == '=')
			layout.center = true;
		else if (*f->at == '0')
			layout.zeros = true;
		else
			break;
	}
	layout.min = read_number(f);
	if (*f->at == '.') {
		f->at++;
		layout.max = read_number(f);
	}
	/* %_X in small letters; %:X is mutt's too, for dots: not needed. */
	if (*f->at == '_' || *f->at == ':')
		layout.lower = *f->at++ == '_';
	return layout;
}

/* Text up to 'close', which is read too. Owned. */
static char *read_argument(struct formatter *f, char close)
{
	const char *end = strchr(f->at, close);
	char *argument;

	if (end == NULL)
		end = f->at + strlen(f->at);
	argument = g_strndup(f->at, (gsize)(end - f->at));
	f->at = *end == close ? end + 1 : end;
	return argument;
}

static void expand_value(struct formatter *f, GString *out, char expando,
			 const char *argument, const struct layout *layout)
{
	GString *value = g_string_new(NULL);

	f->expand(value, expando, argument, f->user);
	append_value(out, value, layout);
	g_string_free(value, TRUE);
}

/* ---- conditionals ---- */

/* %<X? begins a conditional, %<text> is a date. */
static bool is_condition(const char *text)
{
	size_t name = 0;

	if (*text == '[')
		name++;
	while (g_ascii_isalnum(text[name]) && name < 16)
		name++;
	if (name == 0 && *text != '\0' && text[1] == '?')
		return true;
	return name > 0 && text[name] == '?';
}

static bool condition(struct formatter *f)
{
	g_autofree char *name = read_argument(f, '?');
	GString *value;
	bool truth;

	if (*name == '\0' || (unsigned char)*name >= 0x80)
		return false;
	value = g_string_new(NULL);
	truth = f->expand(value, *name, name[1] != '\0' ? name + 1 : NULL,
			  f->user);
	g_string_free(value, TRUE);
	return truth;
}

/* After %? or %<: the name, `?`, one text, `&`, another, the end. */
static void run_conditional(struct formatter *f, GString *out, char close,
			    bool active)
{
	const char yes[] = { '&', close, '\0' }, no[] = { close, '\0' };
	bool truth = condition(f);

	if (f->depth >= FORMAT_DEPTH) {
		f->at += strlen(f->at);
		return;
	}
	f->depth++;
	run(f, out, yes, active && truth);
	if (*f->at == '&') {
		f->at++;
		run(f, out, no, active && !truth);
	}
	if (*f->at == close)
		f->at++;
	f->depth--;
}

/* ---- filling ---- */

/* The fill character. Owned. */
static char *read_fill(struct formatter *f)
{
	const char *end = g_utf8_next_char(f->at);
	char *fill;

	if (*f->at == '\0')
		return g_strdup(" ");
	fill = g_strndup(f->at, (gsize)(end - f->at));
	f->at = end;
	return fill;
}

/* Takes up to 'cells' of filling away from the end; how many that were. */
static int trim(GString *out, const char *fill, int cells)
{
	int width = text_width(fill, -1), trimmed = 0;

	/* Blanks keep words and columns apart. */
	if (width < 1 || *fill == ' ')
		return 0;
	while (trimmed < cells && g_str_has_suffix(out->str, fill)) {
		g_string_truncate(out, out->len - strlen(fill));
		trimmed += width;
	}
	return trimmed;
}

/* %>X and %*X: what follows goes to the right edge. With too little room what
 * is filling anyway goes first, then %> cuts the right part, %* the left
 * one. */
static void fill_right(struct formatter *f, GString *out, const char *stops,
		       bool active, bool soft)
{
	g_autofree char *fill = read_fill(f);
	GString *right = g_string_new(NULL);
	int left_width, room;

	run(f, right, stops, active);
	left_width = text_width(out->str, (gssize)out->len);
	room = f->width - left_width - text_width(right->str, -1);
	if (active && room < 0) {
		room += trim(right, fill, -room);
		room += trim(out, fill, -room);
		left_width = text_width(out->str, (gssize)out->len);
	}
	if (active && room < 0 && soft)
		g_string_truncate(out, text_fit(out->str, (gssize)out->len,
						MAX(left_width + room, 0),
						&left_width));
	if (active && room > 0)
		pad(out, room, fill);
	g_string_append_len(out, right->str, (gssize)right->len);
	g_string_free(right, TRUE);
}

static void fill_end(struct formatter *f, GString *out, bool active)
{
	g_autofree char *fill = read_fill(f);

	if (active)
		pad(out, f->width - text_width(out->str, (gssize)out->len),
		    fill);
}

/* ---- the whole ---- */

static char closing(char open)
{
	switch (open) {
	case '{':
		return '}';
	case '[':
		return ']';
	case '(':
		return ')';
	case '<':
		return '>';
	case '@':
		return '@';
	default:
		return '\0';
	}
}

static void run_value(struct formatter *f, GString *out, char expando,
		      const struct layout *layout, bool active)
{
	g_autofree char *argument = NULL;

	if (closing(expando) != '\0')
		argument = read_argument(f, closing(expando));
	if (active)
		expand_value(f, out, expando, argument, layout);
}

/* After a percent sign. */
static void run_expando(struct formatter *f, GString *out, const char *stops,
			bool active)
{
	struct layout layout = read_layout(f);
	char c = *f->at;

	if (c == '\0')
		return;
	if (c == '%' || (unsigned char)c >= 0x80) {
		f->at += c == '%';
		if (active)
			g_string_append_c(out, '%');
		return;
	}
	f->at++;
	if (c == '?')
		run_conditional(f, out, '?', active);
	else if (c == '<' && is_condition(f->at))
		run_conditional(f, out, '>', active);
	else if (c == '>' || c == '*')
		fill_right(f, out, stops, active, c == '*');
	else if (c == '|')
		fill_end(f, out, active);
	else
		run_value(f, out, c, &layout, active);
}

/* Up to a character of 'stops' or the end. */
static void run(struct formatter *f, GString *out, const char *stops,
		bool active)
{
	while (*f->at != '\0' && strchr(stops, *f->at) == NULL &&
	       out->len < FORMAT_OUTPUT) {
		char c = *f->at++;

		if (c == '%') {
			run_expando(f, out, stops, active);
			continue;
		}
		if (c == '\\' && *f->at != '\0')
			c = *f->at++;
		if (active)
			g_string_append_c(out, c);
	}
}

char *format_string(const char *format, int width, format_expand expand,
		    void *user)
{
	g_autofree char *bounded =
		g_strndup(format, strnlen(format, FORMAT_LENGTH));
	g_autofree char *valid = g_utf8_make_valid(bounded, -1);
	struct formatter f = {
		.at = valid,
		.width = MAX(width, 0),
		.expand = expand,
		.user = user,
	};
	GString *out = g_string_new(NULL);

	run(&f, out, "", true);
	g_string_truncate(out, text_fit(out->str, (gssize)out->len, f.width,
					NULL));
	return g_string_free(out, FALSE);
}
