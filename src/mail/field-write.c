/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * field-write: header fields as octets: folded, other than ASCII in encoded
 * words (RFC 2047). Nothing that comes in can end a line: what goes out is
 * either a printable ASCII character or a fold of our own.
 */
#include "config.h"

#include <string.h>

#include "draft.h"
#include "smew/base.h"

enum {
	LINE_GOAL = 76, /* RFC 5322 2.1.1: 78 with the end of the line */
	WORD_MAX = 75,	/* RFC 2047 2 */
};

/* ---- checks ---- */

bool field_check(const char *name, const char *value, GError **error)
{
	g_autofree char *shown = NULL;
	const char *p = value;

	if (g_utf8_validate(value, -1, NULL)) {
		while (*p != '\0' && (*p == '\t' ||
				      !g_unichar_iscntrl(g_utf8_get_char(p))))
			p = g_utf8_next_char(p);
		if (*p == '\0')
			return true;
	}
	shown = sanitise_line(name, -1);
	g_set_error(error, MAIL_ERROR, MAIL_ERROR_REFUSED,
		    _("the field %s holds a control character"), shown);
	return false;
}

/* ---- encoded words ---- */

struct words {
	GString *out;
	size_t column;	     /* octets of the line so far */
	const char *charset; /* of the words */
};

static size_t column_of(const GString *out)
{
	const char *end = strrchr(out->str, '\n');

	return end != NULL ? strlen(end + 1) : out->len;
}

/* RFC 2047 5 (3): what is safe in every place is used everywhere. */
static bool is_q_plain(unsigned char c)
{
	return g_ascii_isalnum(c) || strchr("!*+-/", c) != NULL;
}

static size_t q_length(const char *octets, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)octets[i];

		n += c == ' ' || (c != '\0' && is_q_plain(c)) ? 1 : 3;
	}
	return n;
}

static void append_q(GString *out, const char *octets, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)octets[i];

		if (c == ' ')
			g_string_append_c(out, '_');
		else if (c != '\0' && is_q_plain(c))
			g_string_append_c(out, (char)c);
		else
			g_string_append_printf(out, "=%02X", c);
	}
}

static void append_word(struct words *w, const GString *octets, bool base64)
{
	size_t before = w->out->len;
	g_autofree char *text = NULL;

	g_string_append_printf(w->out, "=?%s?%c?", w->charset,
			       base64 ? 'B' : 'Q');
	if (base64) {
		text = g_base64_encode((const guchar *)octets->str,
				       octets->len);
		g_string_append(w->out, text);
	} else {
		append_q(w->out, octets->str, octets->len);
	}
	g_string_append(w->out, "?=");
	w->column += w->out->len - before;
}

/* The blank that begins the new line takes the place of one before it. */
static void fold(struct words *w)
{
	if (w->out->len > 0 && w->out->str[w->out->len - 1] == ' ')
		g_string_truncate(w->out, w->out->len - 1);
	g_string_append(w->out, "\r\n ");
	w->column = 1;
}

static char *in_charset(const char *text, gssize length, const char *charset,
			gsize *written)
{
	return g_convert(text, length, charset, "UTF-8", NULL, written, NULL);
}

/* 'length' octets of UTF-8 as encoded words, broken between characters. */
static void append_encoded(struct words *w, const char *text, size_t length)
{
	size_t head = strlen(w->charset) + strlen("=?") + strlen("?Q?") +
		      strlen("?=");
	g_autofree char *whole = NULL;
	gsize total = 0;
	g_autoptr(GString) octets = g_string_new(NULL);
	bool base64;

	whole = in_charset(text, (gssize)length, w->charset, &total);
	if (whole == NULL)
		return;
	base64 = q_length(whole, total) > (total + 2) / 3 * 4;
	for (const char *p = text, *next; p < text + length; p = next) {
		g_autofree char *one = NULL;
		gsize n = 0;
		size_t size, room;

		next = g_utf8_next_char(p);
		one = in_charset(p, next - p, w->charset, &n);
		size = base64 ? (octets->len + n + 2) / 3 * 4
			      : q_length(octets->str, octets->len) +
					q_length(one, n);
		room = MIN(WORD_MAX, LINE_GOAL - MIN(w->column, LINE_GOAL));
		if (head + size > room && (octets->len > 0 || w->column > 1)) {
			if (octets->len > 0)
				append_word(w, octets, base64);
			fold(w);
			g_string_truncate(octets, 0);
		}
		g_string_append_len(octets, one, (gssize)n);
	}
	if (octets->len > 0)
		append_word(w, octets, base64);
}

/* ---- unstructured text ---- */

/* Whether a run without blanks can stand as it is. */
static bool is_plain_run(const char *text, size_t length)
{
	if (length >= LINE_GOAL)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text[i] < '!' || text[i] > '~')
			return false;
	return g_strstr_len(text, (gssize)length, "=?") == NULL;
}

/* A run with the blanks before it, on a new line where it does not fit. */
static void append_run(struct words *w, const char *blanks, size_t n,
		       const char *run, size_t length)
{
	if (w->column + n + length > LINE_GOAL && n > 0 && w->column > 1) {
		g_string_append(w->out, "\r\n");
		w->column = 0;
	}
	g_string_append_len(w->out, blanks, (gssize)n);
	g_string_append_len(w->out, run, (gssize)length);
	w->column += n + length;
}

/* Where the last run that has to be encoded ends; NULL: there is none. */
static const char *encoded_end(const char *text)
{
	const char *last = NULL;

	while (*text != '\0') {
		size_t n = strcspn(text, " \t");

		if (n > 0 && !is_plain_run(text, n))
			last = text + n;
		text += n;
		text += strspn(text, " \t");
	}
	return last;
}

static void append_text(struct words *w, const char *text)
{
	const char *until = encoded_end(text);

	while (*text != '\0') {
		size_t blanks = strspn(text, " \t");
		const char *run = text + blanks;
		size_t n = strcspn(run, " \t");

		if (until != NULL && run < until && !is_plain_run(run, n)) {
			/* Blanks between words count only inside of them. */
			g_string_append_len(w->out, text, (gssize)blanks);
			w->column += blanks;
			append_encoded(w, run, (size_t)(until - run));
			text = until;
			until = NULL;
			continue;
		}
		append_run(w, text, blanks, run, n);
		text = run + n;
	}
}

static void begin(struct words *w, GString *out, const char *name)
{
	g_string_append_printf(out, "%s:", name);
	w->out = out;
	w->column = column_of(out);
}

/* Words are made of characters one by one, which shift states do not bear. */
static char *word_charset(const char *text, const char *charsets)
{
	char *name = text_charset(text, charsets, NULL);

	if (g_ascii_strncasecmp(name, "iso-2022", 8) != 0 &&
	    g_ascii_strncasecmp(name, "utf-7", 5) != 0 &&
	    g_ascii_strcasecmp(name, "us-ascii") != 0)
		return name;
	g_free(name);
	return g_strdup("utf-8");
}

void field_write_text(GString *out, const char *name, const char *value,
		      const char *charsets)
{
	g_autofree char *charset = word_charset(value, charsets);
	struct words w = { .charset = charset };
	g_autofree char *text = g_strdup(value);
	g_autofree char *spaced = NULL;

	spaced = g_strconcat(" ", g_strstrip(text), NULL);
	begin(&w, out, name);
	append_text(&w, spaced);
	g_string_append(out, "\r\n");
}

/* ---- addresses ---- */

static bool is_atoms(const char *name)
{
	for (; *name != '\0'; name++)
		if (!g_ascii_isalnum(*name) &&
		    strchr(" !#$%&'*+-/=?^_`{|}~", *name) == NULL)
			return false;
	return true;
}

static void append_phrase(struct words *w, const char *name)
{
	g_autoptr(GString) quoted = g_string_new("\"");

	if (encoded_end(name) != NULL || strlen(name) >= LINE_GOAL - 2) {
		append_encoded(w, name, strlen(name));
		return;
	}
	if (is_atoms(name)) {
		append_run(w, "", 0, name, strlen(name));
		return;
	}
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *p);
	}
	g_string_append_c(quoted, '"');
	append_run(w, "", 0, quoted->str, quoted->len);
}

/* Octets that an address takes at most before it needs a line of its own. */
static size_t guess_length(const struct mail_address *a)
{
	return strlen(a->name) + strlen(a->email) + 6;
}

static bool append_one(struct words *w, const struct mail_address *a,
		       bool *utf8, GError **error)
{
	g_autofree char *wire = mail_address_wire(a->email, error);
	g_autofree char *angle = NULL;

	if (wire == NULL)
		return false;
	*utf8 = *utf8 || !g_str_is_ascii(wire);
	if (w->column > 1 && w->column + guess_length(a) > LINE_GOAL) {
		g_string_append(w->out, "\r\n");
		w->column = 0;
	}
	g_string_append_c(w->out, ' ');
	w->column++;
	if (*a->name == '\0') {
		append_run(w, "", 0, wire, strlen(wire));
		return true;
	}
	append_phrase(w, a->name);
	angle = g_strdup_printf("<%s>", wire);
	append_run(w, " ", 1, angle, strlen(angle));
	return true;
}

bool field_write_addresses(GString *out, const char *name, const char *value,
			   const char *charsets, bool *utf8, GError **error)
{
	g_autoptr(GPtrArray) list = mail_addresses_read(value);
	g_autofree char *charset = word_charset(value, charsets);
	struct words w = { .charset = charset };
	bool first = true;

	if (list->len == 0)
		return true;
	begin(&w, out, name);
	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);

		/* The name of a group is for the one who wrote it. */
		if (*a->email == '\0' && i + 1 < list->len)
			continue;
		if (!first) {
			g_string_append_c(out, ',');
			w.column++;
		}
		first = false;
		if (!append_one(&w, a, utf8, error))
			return false;
	}
	g_string_append(out, "\r\n");
	return true;
}

void field_write_ids(GString *out, const char *name, const GPtrArray *ids)
{
	struct words w = { .charset = "utf-8" };

	begin(&w, out, name);
	for (guint i = 0; i < ids->len; i++) {
		g_autofree char *id = g_strdup_printf(
			"<%s>", (const char *)g_ptr_array_index(ids, i));

		append_run(&w, " ", 1, id, strlen(id));
	}
	g_string_append(out, "\r\n");
}
