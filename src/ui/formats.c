/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "formats.h"
#include "index.h"
#include "rights.h"

enum { QUOTA_SCARCE = 75 }; /* percent */

/* ---- parts ---- */

void format_size(GString *out, uint64_t size)
{
	static const char units[] = "KMGT";
	double value = (double)size / 1024;
	size_t unit = 0;

	while (value >= 1000 && unit + 2 < sizeof units) {
		value /= 1024;
		unit++;
	}
	if (size == 0)
		g_string_append(out, "0K");
	else if (value < 10)
		g_string_append_printf(out, "%.1f%c", MAX(value, 0.1),
				       units[unit]);
	else
		g_string_append_printf(out, "%.0f%c", value, units[unit]);
}

static bool append_number(GString *out, int64_t number)
{
	g_string_append_printf(out, "%" PRId64, number);
	return number != 0;
}

static bool append_text(GString *out, const char *text)
{
	if (text != NULL)
		draw_append(out, text);
	return text != NULL && *text != '\0';
}

static void append_time(GString *out, const char *format, const struct tm *tm)
{
	char text[256];

	if (format == NULL || *format == '\0' || strlen(format) > 128)
		return;
	/* A leading '!' asks for the C locale: our names are ASCII then. */
	if (*format == '!')
		format++;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strftime(text, sizeof text, format, tm) == 0)
		return;
#pragma GCC diagnostic pop
	if (g_utf8_validate(text, -1, NULL)) {
		draw_append(out, text);
	} else {
		g_autofree char *utf8 =
			g_locale_to_utf8(text, -1, NULL, NULL, NULL);
		append_text(out, utf8);
	}
}

/* The time in the zone of the reader, or in the sender's. */
static void append_date(GString *out, const char *format, int64_t when,
			bool senders, int zone)
{
	time_t t = (time_t)(senders ? when + zone * 60 : when);
	struct tm tm;

	if (when == 0)
		return;
	if (senders ? gmtime_r(&t, &tm) : localtime_r(&t, &tm))
		append_time(out, format, &tm);
}

/* The nth character of an option such as $status_chars. */
static void append_char(GString *out, const struct app *app, const char *option,
			long n)
{
	const char *chars = config_string(app->config, NULL, option);

	if (n >= g_utf8_strlen(chars, -1))
		return;
	const char *at = g_utf8_offset_to_pointer(chars, n);
	g_autofree char *one = g_strndup(at, (gsize)(g_utf8_next_char(at) - at));
	append_text(out, one);
}

/* ---- the index ---- */

struct row_format {
	struct app *app;
	const struct view_row *row;
	int64_t number;
	int percent; /* the pager's; -1: all is shown; or NO_PAGER */
};

enum {
	NO_PAGER = -2,
	MESSAGE_WIDTH = 900, /* of a line that goes into a message */
};

static char status_letter(const struct view_row *row)
{
	if (row->flags & STORE_DELETED)
		return 'D';
	if (!(row->flags & STORE_SEEN))
		return row->flags & STORE_OLD ? 'O' : 'N';
	return row->flags & STORE_ANSWERED ? 'r' : ' ';
}

static char mark_letter(const struct view_row *row)
{
	if (row->tagged)
		return '*';
	return row->flags & STORE_FLAGGED ? '!' : ' ';
}

static bool is_from_me(const struct app *app, const struct view_row *row)
{
	const char *me = config_string(app->config, NULL, "from");
	const char *at = strchr(me, '<');
	g_autofree char *address = NULL;

	if (*me == '\0' || row->from == NULL)
		return false;
	address = at != NULL ? g_strndup(at + 1, strcspn(at + 1, ">"))
			     : g_strdup(me);
	return *address != '\0' && strstr(row->from, address) != NULL;
}

/* The address in the first "Name <address>" of a list. */
static bool append_address(GString *out, const char *list)
{
	const char *open = list != NULL ? strchr(list, '<') : NULL;
	g_autofree char *address =
		open != NULL ? g_strndup(open + 1, strcspn(open + 1, ">"))
			     : g_strndup(list != NULL ? list : "",
					 strcspn(list != NULL ? list : "", ","));

	return append_text(out, address);
}

/* %F: who wrote it, or "To NAME" for what I wrote myself. */
static bool append_partner(GString *out, const struct row_format *f)
{
	if (is_from_me(f->app, f->row) && f->row->to_name != NULL &&
	    *f->row->to_name != '\0') {
		/* TRANSLATORS: before the recipient of a message of one's own */
		g_string_append(out, _("To "));
		return append_text(out, f->row->to_name);
	}
	return append_text(out, f->row->from_name);
}

static void append_tree(GString *out, const char *tree)
{
	static const struct {
		char letter;
		enum glyph glyph;
	} glyphs[] = {
		{ '|', GLYPH_VLINE },	{ '+', GLYPH_TEE },
		{ '`', GLYPH_CORNER },	{ ',', GLYPH_UPPER },
		{ 'T', GLYPH_DOWN },	{ 'B', GLYPH_UP },
		{ '-', GLYPH_DASH },	{ '>', GLYPH_ARROW },
		{ '?', GLYPH_MISSING }, { '&', GLYPH_HIDDEN },
		{ '*', GLYPH_SUBJECT }, { '=', GLYPH_DUPLICATE },
	};

	for (; tree != NULL && *tree != '\0'; tree++) {
		size_t i = 0;

		while (i < G_N_ELEMENTS(glyphs) && glyphs[i].letter != *tree)
			i++;
		if (i < G_N_ELEMENTS(glyphs))
			draw_append_glyph(out, glyphs[i].glyph);
		else
			g_string_append_c(out, ' ');
	}
}

/* In the pager's line the subject stands alone. */
static bool append_subject(GString *out, const struct row_format *f)
{
	const struct view_row *row = f->row;

	if (f->percent != NO_PAGER) {
		append_text(out, row->subject);
		return true;
	}
	append_tree(out, row->tree);
	if (row->same_subject &&
	    config_bool(f->app->config, NULL, "hide_thread_subject"))
		return true;
	append_text(out, row->subject);
	return true;
}

static bool append_percent(GString *out, int percent)
{
	if (percent == -1)
		g_string_append(out, _("all"));
	else if (percent >= 100)
		g_string_append(out, _("end"));
	else
		g_string_append_printf(out, "%d%%", percent);
	return true;
}

static bool expand_date(GString *out, char expando, const char *argument,
			const struct row_format *f)
{
	const struct view_row *row = f->row;
	const char *format =
		argument != NULL ? argument
				 : config_string(f->app->config, NULL,
						 "date_format");

	switch (expando) {
	case '{':
	case 'd':
		append_date(out, format, row->sent, true, row->zone);
		return row->sent != 0;
	case '[':
	case 'D':
		append_date(out, format, row->sent, false, 0);
		return row->sent != 0;
	case '(':
		append_date(out, format, row->received, false, 0);
		return row->received != 0;
	default:
		append_date(out, format, g_get_real_time() / G_USEC_PER_SEC,
			    false, 0);
		return true;
	}
}

static bool expand_row(GString *out, char expando, const char *argument,
		       void *user)
{
	const struct row_format *f = user;
	const struct view_row *row = f->row;

	switch (expando) {
	case 'a':
		return append_address(out, row->from);
	case 'b':
	case 'B':
		return expando == 'B' && append_text(out, row->list_id)
			       ? true
			       : append_text(out, index_facts(f->app).display);
	case 'c':
		format_size(out, row->size);
		return true;
	case 'C':
		return append_number(out, f->number);
	case 'd':
	case 'D':
	case '{':
	case '[':
	case '(':
	case '<':
		return expand_date(out, expando, argument, f);
	case 'e':
		return append_number(out, 1);
	case 'E':
		return append_number(out, row->thread_size);
	case 'f':
		return append_text(out, row->from);
	case 'F':
		return append_partner(out, f);
	case 'i':
		if (row->message_id == NULL || *row->message_id == '\0')
			return false;
		g_string_append_c(out, '<');
		append_text(out, row->message_id);
		g_string_append_c(out, '>');
		return true;
	case 'l':
		return append_number(out, 0);
	case 'L':
		return append_partner(out, f);
	case 'm':
		return append_number(out, index_facts(f->app).total);
	case 'M':
		return append_number(out, row->hidden);
	case 'n':
		return append_text(out, row->from_name);
	case 'N':
		return append_number(out, f->number);
	case 'O':
		return append_partner(out, f);
	case 'P':
		return append_percent(out, f->percent);
	case 'r':
		return append_text(out, row->to);
	case 'R':
		return append_text(out, row->cc);
	case 's':
		return append_subject(out, f);
	case 'S':
		g_string_append_c(out, status_letter(row));
		return status_letter(row) != ' ';
	case 't':
		return append_text(out, row->to_name);
	case 'T':
		append_char(out, f->app, "to_chars", is_from_me(f->app, row) ? 4
									     : 0);
		return true;
	case 'u':
	case 'v': {
		g_autofree char *name =
			g_strndup(row->from_name,
				  strcspn(row->from_name, " @"));
		return append_text(out, name);
	}
	case 'g':
	case 'y':
	case 'Y':
		return append_text(out, row->keywords);
	case 'Z':
		g_string_append_printf(out, "%c%c%c", status_letter(row),
				       ' ', mark_letter(row));
		return true;
	default:
		return false;
	}
}

char *format_index(struct app *app, const struct view_row *row, int64_t number,
		   int width)
{
	struct row_format f = { app, row, number, NO_PAGER };

	return format_string(config_string(app->config, NULL, "index_format"),
			     width, expand_row, &f);
}

char *format_message(struct app *app, const char *format,
		     const struct view_row *row)
{
	/* The subject stands alone, without the tree. */
	struct row_format f = { app, row, 1, -1 };

	return format_string(format, MESSAGE_WIDTH, expand_row, &f);
}

char *format_pager(struct app *app, const struct view_row *row, int64_t number,
		   int percent, int width)
{
	struct row_format f = { app, row, number, percent };

	return format_string(config_string(app->config, NULL, "pager_format"),
			     width, expand_row, &f);
}

/* ---- the status line ---- */

struct status_format {
	struct app *app;
	struct index_facts facts;
};

static bool append_read_mark(GString *out, const struct status_format *f)
{
	/* $status_chars: unchanged, changed, read-only, attach */
	append_char(out, f->app, "status_chars", f->facts.read_only ? 2 : 0);
	return true;
}

/* "93%", or "465M/500M"; it counts as true from where there is little left. */
static bool append_quota(GString *out, const struct app *app, bool full)
{
	const struct account_quota *quota = rights_quota(app);

	if (quota == NULL)
		return false;
	if (!full) {
		g_string_append_printf(out, "%u%%", quota->percent);
	} else if (quota->messages) {
		g_string_append_printf(out, "%" PRIu64 "/%" PRIu64,
				       quota->used, quota->limit);
	} else {
		format_size(out, quota->used);
		g_string_append_c(out, '/');
		format_size(out, quota->limit);
	}
	return quota->percent >= QUOTA_SCARCE;
}

static int64_t waiting_actions(const struct app *app)
{
	int64_t n = 0;

	for (guint i = 0; i < app->accounts->len; i++)
		n += account_waiting(g_ptr_array_index(app->accounts, i));
	return n;
}

static int64_t refused_actions(const struct app *app)
{
	int64_t n = 0;

	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *account =
			g_ptr_array_index(app->accounts, i);

		n += account->refused;
	}
	return n;
}

static bool expand_status(GString *out, char expando, const char *argument,
			  void *user)
{
	const struct status_format *f = user;
	const struct index_facts *facts = &f->facts;
	const struct config *config = f->app->config;

	(void)argument;
	switch (expando) {
	case 'a': {
		g_autofree char *lacking = rights_text(f->app);
		return append_text(out, lacking);
	}
	case 'b':
		return append_number(out, 0);
	case 'B':
		return append_number(out, f->app->background->len);
	case 'q':
	case 'Q':
		return append_quota(out, f->app, expando == 'Q');
	case 'd':
		return append_number(out, facts->deleted);
	case 'D':
	case 'f':
		return append_text(out, facts->display);
	case 'E':
		return append_number(out, refused_actions(f->app));
	case 'F':
		return append_number(out, facts->flagged);
	case 'h':
		return append_text(out, g_get_host_name());
	case 'l':
		format_size(out, facts->octets);
		return facts->octets != 0;
	case 'L':
		format_size(out, facts->octets);
		return facts->limit != NULL;
	case 'm':
		return append_number(out, facts->total);
	case 'M':
		append_number(out, facts->shown);
		return facts->limit != NULL;
	case 'n':
		return append_number(out, facts->fresh);
	case 'o':
		return append_number(out, facts->old);
	case 'p':
		return append_number(out, 0);
	case 't':
		return append_number(out, facts->tagged);
	case 'P':
		if (facts->all)
			return append_percent(out, -1);
		if (facts->at_top) {
			g_string_append(out, _("top"));
			return true;
		}
		return append_percent(out, facts->percent);
	case 'r':
		return append_read_mark(out, f);
	case 's':
		return append_text(out, config_string(config, NULL, "sort"));
	case 'S':
		return append_text(out,
				   config_string(config, NULL, "sort_aux"));
	case 'u':
		return append_number(out, facts->unread);
	case 'v':
		g_string_append(out, PACKAGE_VERSION);
		return true;
	case 'V':
		return append_text(out, facts->limit);
	case 'W':
		return append_number(out, waiting_actions(f->app));
	default:
		return false;
	}
}

char *format_status(struct app *app, int width)
{
	struct status_format f = { app, index_facts(app) };

	return format_string(config_string(app->config, NULL, "status_format"),
			     width, expand_status, &f);
}

/* ---- the sidebar ---- */

struct sidebar_format {
	const struct store_mailbox *mailbox;
	const char *name;
	bool open;
};

static bool expand_sidebar(GString *out, char expando, const char *argument,
			   void *user)
{
	const struct sidebar_format *f = user;
	const struct store_mailbox *mailbox = f->mailbox;

	(void)argument;
	switch (expando) {
	case 'B':
	case 'D':
		return append_text(out, f->name);
	case 'S':
		return append_number(out, mailbox->exists);
	case 'N':
	case 'o':
	case 'Z':
		return append_number(out, mailbox->unseen);
	case 'n':
		g_string_append(out, mailbox->unseen > 0 ? "N" : " ");
		return mailbox->unseen > 0;
	case 'F':
		return append_number(out, mailbox->flagged);
	case 'L':
	case 'd':
	case 't':
		return append_number(out, 0);
	case '!':
		g_string_append(out, mailbox->flagged > 0 ? "!" : "");
		return mailbox->flagged > 0;
	default:
		return false;
	}
}

char *format_sidebar(struct app *app, const struct store_mailbox *mailbox,
		     const char *name, bool open, int width)
{
	struct sidebar_format f = { mailbox, name, open };

	return format_string(config_string(app->config, NULL, "sidebar_format"),
			     width, expand_sidebar, &f);
}
