/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "find.h"
#include "message.h"
#include "prompt.h"
#include "save.h"
#include "viewer.h"
#include "wire.h"

enum {
	MAX_LINES = 20000,    /* kept while the pane is open */
	SPARE_LINES = 2000,   /* above it, before the oldest go */
	MIN_INDENTED = 60,    /* columns that leave room for an indentation */
};

/* What lines are in the order of. */
struct key {
	int64_t time;		 /* wall clock, microseconds */
	uint64_t serial;	 /* as it came */
};

struct line {
	struct key key;
	const char *account;	 /* borrowed */
	uint32_t connection;	 /* 0: of none */
	enum session_wire_kind kind;
	char *text;
};

struct wire {
	struct pane pane;
	GPtrArray *lines;	 /* of struct line, in order of time */
	uint64_t last_serial;
	GArray *connections;	 /* of uint32_t: all that had a line, sorted */
	struct text *text;	 /* what is shown of the lines */
	GArray *shown;		 /* of struct key: of each line of the text */
	struct text_place top;
	bool following;		 /* the end stays in sight */
	uint32_t only;		 /* connection; 0: all */
	char *filter;		 /* as typed, or NULL */
	GRegex *regex;		 /* of it */
};

static struct wire *wire_of(const struct app *app)
{
	return (struct wire *)app->wire;
}

static void line_free(gpointer data)
{
	struct line *line = data;

	g_free(line->text);
	g_free(line);
}

/* ---- what a line looks like ---- */

static const char marks[] = {
	[SESSION_WIRE_SERVER] = '<',
	[SESSION_WIRE_CLIENT] = '>',
	[SESSION_WIRE_NOTE] = '*',
};

static void append_time(GString *out, int64_t microseconds)
{
	time_t seconds = (time_t)(microseconds / G_USEC_PER_SEC);
	struct tm parts;
	char text[16] = "";

	if (localtime_r(&seconds, &parts) != NULL)
		strftime(text, sizeof text, "%H:%M:%S", &parts);
	g_string_append_printf(out, "%s.%03d ", text,
			       (int)(microseconds / 1000 % 1000));
}

static int longest_name(const struct app *app)
{
	int longest = 0;

	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *account =
			g_ptr_array_index(app->accounts, i);

		longest = MAX(longest, (int)strlen(account->name));
	}
	return longest;
}

/* The digits of the highest number; 0: there is but one connection. */
static int number_digits(const struct wire *wire)
{
	uint32_t highest;
	int digits = 1;

	if (wire->connections->len < 2)
		return 0;
	highest = g_array_index(wire->connections, uint32_t,
				wire->connections->len - 1);
	while (highest >= 10) {
		highest /= 10;
		digits++;
	}
	return digits;
}

/* Time, account and connection: what tells lines apart when there is more
 * than one. */
static void append_prefix(const struct wire *wire, GString *out,
			  const struct line *line)
{
	const struct app *app = wire->pane.app;
	int digits = number_digits(wire);

	append_time(out, line->key.time);
	if (app->accounts->len > 1)
		g_string_append_printf(out, "%-*s ", longest_name(app),
				       line->account);
	if (digits > 0 && line->connection != 0)
		g_string_append_printf(out, "%*u ", digits, line->connection);
	else if (digits > 0)
		g_string_append_printf(out, "%*s ", digits, "");
}

static bool is_shown(const struct wire *wire, const struct line *line)
{
	g_autofree char *text = NULL;

	if (wire->only != 0 && line->connection != wire->only)
		return false;
	if (wire->regex == NULL)
		return true;
	text = g_strdup_printf("%c %s", marks[line->kind], line->text);
	return g_regex_match(wire->regex, text, 0, NULL);
}

static void show_line(struct wire *wire, const struct line *line)
{
	static const enum text_kind kinds[] = {
		[SESSION_WIRE_SERVER] = TEXT_SERVER,
		[SESSION_WIRE_CLIENT] = TEXT_CLIENT,
		[SESSION_WIRE_NOTE] = TEXT_STATE,
	};
	struct text_line shown = { .kind = (uint8_t)kinds[line->kind] };
	GString *text;

	if (!is_shown(wire, line))
		return;
	text = g_string_new(NULL);
	append_prefix(wire, text, line);
	shown.mark = (uint32_t)text->len;
	g_string_append_printf(text, "%c ", marks[line->kind]);
	draw_append(text, line->text);
	shown.text = g_string_free(text, FALSE);
	text_add(wire->text, &shown);
	g_array_append_val(wire->shown, line->key);
}

/* ---- places ---- */

static int text_rows(const struct wire *wire)
{
	return MAX(wire->pane.area.h - 1, 1);
}

static struct text_place last_page(const struct wire *wire)
{
	return text_last_page(wire->text, text_rows(wire));
}

static void scroll(struct wire *wire, int rows)
{
	struct text_place last = last_page(wire);

	wire->top = text_move(wire->text, wire->top, rows, NULL);
	if (text_compare(wire->top, last) > 0)
		wire->top = last;
	wire->following = text_compare(wire->top, last) == 0;
	app_dirty(wire->pane.app);
}

static void follow(struct wire *wire)
{
	if (wire->following)
		wire->top = last_page(wire);
	app_dirty(wire->pane.app);
}

static void set_format(struct wire *wire)
{
	const struct text_format format = {
		.columns = MAX(wire->pane.area.w, 1),
		.smart = true,
		.indent = wire->pane.area.w >= MIN_INDENTED ? 4 : 0,
	};

	text_set_format(wire->text, &format);
}

/* ---- the text ---- */

static int compare_keys(const struct key *x, const struct key *y)
{
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* The first line of the text that is not before this one. */
static size_t line_from(const struct wire *wire, const struct key *key)
{
	size_t i = 0;

	while (i < wire->shown->len &&
	       compare_keys(&g_array_index(wire->shown, struct key, i), key) <
		       0)
		i++;
	return i;
}

/* The lines shown are others, or look otherwise: from the start. */
static void show_all(struct wire *wire)
{
	struct key anchor = { 0 };

	if (wire->top.line < wire->shown->len)
		anchor = g_array_index(wire->shown, struct key,
				       wire->top.line);
	text_free(wire->text);
	wire->text = text_new();
	g_array_set_size(wire->shown, 0);
	set_format(wire);
	for (guint i = 0; i < wire->lines->len; i++)
		show_line(wire, g_ptr_array_index(wire->lines, i));
	wire->top = text_at_line(wire->text, line_from(wire, &anchor));
	if (wire->following)
		follow(wire);
	else
		scroll(wire, 0);
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = *(const struct line *const *)a;
	const struct line *y = *(const struct line *const *)b;

	return compare_keys(&x->key, &y->key);
}

/* True when it is a new one. */
static bool learn_connection(struct wire *wire, uint32_t number)
{
	GArray *known = wire->connections;
	guint i = known->len;

	if (number == 0)
		return false;
	while (i > 0 && g_array_index(known, uint32_t, i - 1) > number)
		i--;
	if (i > 0 && g_array_index(known, uint32_t, i - 1) == number)
		return false;
	g_array_insert_val(known, i, number);
	return true;
}

static void add_line(struct wire *wire, const struct account *account,
			     int64_t time, uint32_t connection,
			     enum session_wire_kind kind, char *text)
{
	struct line *line = g_new0(struct line, 1);

	line->key = (struct key){ time, wire->last_serial++ };
	line->account = account->name;
	line->connection = connection;
	line->kind = kind;
	line->text = text;
	g_ptr_array_add(wire->lines, line);
}

static bool drop_oldest(struct wire *wire)
{
	guint n = wire->lines->len;

	if (n <= MAX_LINES + SPARE_LINES)
		return false;
	g_ptr_array_remove_range(wire->lines, 0, n - MAX_LINES);
	return true;
}

static int64_t last_time(const struct wire *wire)
{
	const struct line *last =
		wire->lines->len > 0
			? g_ptr_array_index(wire->lines, wire->lines->len - 1)
			: NULL;

	return last != NULL ? last->key.time : 0;
}

static void note_missed(struct wire *wire, const struct account *account,
			const struct session_wire *post)
{
	unsigned long n = (unsigned long)post->missed;

	if (n == 0 || post->n == 0)
		return;
	add_line(wire, account, post->lines[0].time, 0, SESSION_WIRE_NOTE,
		 g_strdup_printf(ngettext("%'lu line came too fast to be shown",
					  "%'lu lines came too fast to be "
					  "shown",
					  n),
				 n));
}

void wire_take(struct app *app, struct session_wire *post)
{
	struct wire *wire = wire_of(app);
	struct account *account = account_find(app, post->account);
	bool anew;
	guint before;

	if (wire == NULL || account == NULL || post->n == 0 ||
	    post->watch != account->wire_watch)
		return;
	before = wire->lines->len;
	/* Several accounts tell their past one after the other. */
	anew = post->lines[0].time < last_time(wire);
	note_missed(wire, account, post);
	for (size_t i = 0; i < post->n; i++) {
		struct session_wire_line *from = &post->lines[i];

		anew |= learn_connection(wire, from->connection);
		add_line(wire, account, from->time, from->connection,
			 from->kind, g_steal_pointer(&from->text));
	}
	if (anew)
		g_ptr_array_sort(wire->lines, compare_lines);
	if (drop_oldest(wire) || anew) {
		show_all(wire);
		return;
	}
	for (guint i = before; i < wire->lines->len; i++)
		show_line(wire, g_ptr_array_index(wire->lines, i));
	follow(wire);
}

/* ---- what is shown ---- */

static void show_only(struct wire *wire, uint32_t connection)
{
	wire->only = connection;
	show_all(wire);
}

/* From all to the newest, then down to the oldest, then all again. */
static void next_connection(struct wire *wire)
{
	const GArray *known = wire->connections;
	uint32_t next = 0;

	for (guint i = 0; i < known->len; i++) {
		uint32_t number = g_array_index(known, uint32_t, i);

		if (wire->only == 0 || number < wire->only)
			next = number;
	}
	show_only(wire, next);
}

static void connection_typed(struct app *app, const char *answer, void *user)
{
	struct wire *wire = wire_of(app);
	uint64_t number;

	(void)user;
	if (wire == NULL || answer == NULL)
		return;
	if (!g_ascii_string_to_unsigned(answer, 10, 0, UINT32_MAX, &number,
					NULL))
		message_error(app, _("That is no number."));
	else
		show_only(wire, (uint32_t)number);
}

static void ask_connection(struct app *app, int key)
{
	char digit[2] = "";
	const struct prompt_line line = {
		.label = _("Show only connection (0: all): "),
		.text = digit,
		.history = HISTORY_NONE,
		.done = connection_typed,
	};

	if (key >= '0' && key <= '9')
		digit[0] = (char)key;
	prompt_ask(app, &line);
}

/* A regular expression, or what is not one as plain text. Backtracking is
 * bounded: a line is looked at within a frame or not at all. */
static GRegex *compile_filter(const char *filter)
{
	g_autofree char *bounded = g_strconcat("(*LIMIT_MATCH=5000)", filter,
					       NULL);
	g_autofree char *plain = g_regex_escape_string(filter, -1);
	GRegex *regex = g_regex_new(bounded, G_REGEX_CASELESS, 0, NULL);

	return regex != NULL ? regex
			     : g_regex_new(plain, G_REGEX_CASELESS, 0, NULL);
}

static void filter_typed(struct app *app, const char *answer, void *user)
{
	struct wire *wire = wire_of(app);

	(void)user;
	if (wire == NULL || answer == NULL)
		return;
	g_clear_pointer(&wire->filter, g_free);
	g_clear_pointer(&wire->regex, g_regex_unref);
	if (*answer != '\0') {
		wire->filter = g_strdup(answer);
		wire->regex = compile_filter(answer);
	}
	show_all(wire);
}

static void ask_filter(struct wire *wire)
{
	const struct prompt_line line = {
		.label = _("Show only lines that match (empty: all): "),
		.text = wire->filter,
		.history = HISTORY_SEARCH,
		.done = filter_typed,
	};

	prompt_ask(wire->pane.app, &line);
}

/* ---- saving ---- */

/* The lines that are shown, with the date that they lack. */
static void ask_save(struct wire *wire)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *date = g_date_time_format(now, "%F %T %z");
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%s, %s\n", PACKAGE_STRING, date);
	for (size_t i = 0; i < text_lines(wire->text); i++) {
		const struct text_line *line = text_line_at(wire->text, i);

		g_string_append_len(text, line->text, line->length);
		g_string_append_c(text, '\n');
	}
	save_ask(wire->pane.app, _("Save these lines to: "),
		 g_string_free(text, FALSE));
}

/* ---- functions ---- */

static bool move(struct wire *wire, enum function_op op)
{
	int page = text_rows(wire), half = MAX(page / 2, 1);

	switch (op) {
	case OP_NEXT_LINE:
	case OP_NEXT_ENTRY:
		scroll(wire, 1);
		return true;
	case OP_PREVIOUS_LINE:
	case OP_PREVIOUS_ENTRY:
		scroll(wire, -1);
		return true;
	case OP_NEXT_PAGE:
		scroll(wire, page);
		return true;
	case OP_PREVIOUS_PAGE:
		scroll(wire, -page);
		return true;
	case OP_HALF_DOWN:
		scroll(wire, half);
		return true;
	case OP_HALF_UP:
		scroll(wire, -half);
		return true;
	case OP_FIRST_ENTRY:
		scroll(wire, -G_MAXINT / 2);
		return true;
	case OP_LAST_ENTRY:
		scroll(wire, G_MAXINT / 2);
		return true;
	default:
		return false;
	}
}

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct wire *wire = (struct wire *)pane;

	switch (op) {
	case OP_EXIT:
	case OP_QUIT:
		viewer_close(pane->app);
		return true;
	case OP_WIRE_FILTER:
		ask_filter(wire);
		return true;
	case OP_WIRE_SAVE:
		ask_save(wire);
		return true;
	case OP_WIRE_SEARCH:
		return find_run(pane, OP_SEARCH);
	case OP_WIRE_SEARCH_NEXT:
		return find_run(pane, OP_SEARCH_NEXT);
	case OP_WIRE_NEXT_CONNECTION:
		next_connection(wire);
		return true;
	case OP_WIRE_ALL_CONNECTIONS:
		show_only(wire, 0);
		return true;
	case OP_JUMP:
		ask_connection(pane->app, key);
		return true;
	default:
		return move(wire, op);
	}
}

/* ---- drawing ---- */

static enum style line_style(const struct text_line *line)
{
	switch ((enum text_kind)line->kind) {
	case TEXT_CLIENT:
		return STYLE_WIRE_CLIENT;
	case TEXT_SERVER:
		return STYLE_WIRE_SERVER;
	default:
		return STYLE_WIRE_NOTE;
	}
}

static void draw_one(const struct wire *wire, int y, struct text_place place,
		     size_t length)
{
	struct app *app = wire->pane.app;
	const struct rect *area = &wire->pane.area;
	const struct text_line *line = text_line_at(wire->text, place.line);
	size_t mark = place.offset < line->mark ? line->mark - place.offset : 0;
	int x = area->x;

	mark = MIN(mark, length);
	if (place.offset > 0 && area->w >= MIN_INDENTED)
		x += 4;
	if (mark > 0)
		x += draw_styled(app->draw, y, x, area->w - x,
				 line->text + place.offset, (gssize)mark,
				 STYLE_NORMAL);
	find_draw(app, y, x, area->x + area->w - x, line,
		  place.offset + mark, length - mark,
		  theme_look(app->theme, line_style(line)));
}

static void append_names(const struct app *app, GString *out)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *account =
			g_ptr_array_index(app->accounts, i);

		g_string_append_printf(out, "%s, ", account->name);
	}
}

static void append_counts(const struct wire *wire, GString *out)
{
	unsigned long connections = wire->connections->len;
	unsigned long lines = text_lines(wire->text);

	if (wire->only != 0)
		g_string_append_printf(out, _("only connection %u, "),
				       wire->only);
	else
		g_string_append_printf(out,
				       ngettext("%lu connection, ",
						"%lu connections, ",
						connections),
				       connections);
	g_string_append_printf(out,
			       ngettext("%'lu line, ", "%'lu lines, ", lines),
			       lines);
	if (wire->filter != NULL)
		g_string_append_printf(out, _("matching %s, "), wire->filter);
}

/* "Wire: work, 2 connections, 1,234 lines, following" */
static char *status_text(const struct wire *wire)
{
	GString *out = g_string_new(_("Wire: "));

	append_names(wire->pane.app, out);
	append_counts(wire, out);
	if (wire->following)
		g_string_append(out, _("following"));
	else
		g_string_append_printf(out, "%d%%",
				       text_percent(wire->text, wire->top));
	return g_string_free(out, FALSE);
}

static void draw(struct pane *pane)
{
	struct wire *wire = (struct wire *)pane;
	struct app *app = pane->app;
	g_autofree char *status = status_text(wire);
	bool on_top = config_bool(app->config, NULL, "status_on_top");
	struct text_place place = wire->top, next;
	int y = pane->area.y + (on_top ? 1 : 0);
	size_t length;

	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	for (int rows = text_rows(wire);
	     rows > 0 && text_row(wire->text, place, &length, &next); rows--) {
		draw_one(wire, y++, place, length);
		place = next;
	}
	if (text_lines(wire->text) == 0)
		draw_row(app->draw, &pane->area, on_top ? 1 : 0,
			 wire->lines->len > 0 ? _("No line matches.")
					      : _("Nothing was said yet."),
			 STYLE_TILDE);
	draw_row(app->draw, &pane->area, on_top ? 0 : pane->area.h - 1, status,
		 STYLE_STATUS);
}

static void resize(struct pane *pane)
{
	struct wire *wire = (struct wire *)pane;

	set_format(wire);
	wire->top = text_relocate(wire->text, wire->top);
	follow(wire);
}

/* ---- beginning and end ---- */

static void done(struct pane *pane)
{
	struct wire *wire = (struct wire *)pane;
	struct app *app = pane->app;

	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (account->session != NULL)
			account->wire_watch =
				session_watch_wire(account->session, false);
	}
	app->wire = NULL;
	g_ptr_array_unref(wire->lines);
	g_array_unref(wire->connections);
	g_array_unref(wire->shown);
	text_free(wire->text);
	g_free(wire->filter);
	g_clear_pointer(&wire->regex, g_regex_unref);
	g_free(wire);
}

static const struct text *shown_text(struct pane *pane, struct text_place *top)
{
	const struct wire *wire = (const struct wire *)pane;

	*top = wire->top;
	return wire->text;
}

static void go(struct pane *pane, struct text_place place)
{
	struct wire *wire = (struct wire *)pane;

	wire->top = place;
	scroll(wire, 0);
}

static const struct pane_ops ops = {
	.text = shown_text,
	.go = go,
	.map = MAP_WIRE,
	.title = N_("The wire"),
	.draw = draw,
	.run = run,
	.resize = resize,
	.done = done,
};

void wire_open(struct app *app)
{
	struct wire *wire;

	if (app->wire != NULL) {
		viewer_raise(app, app->wire);
		return;
	}
	wire = g_new0(struct wire, 1);
	wire->pane.ops = &ops;
	wire->pane.app = app;
	wire->lines = g_ptr_array_new_with_free_func(line_free);
	wire->connections = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	wire->shown = g_array_new(FALSE, FALSE, sizeof(struct key));
	wire->text = text_new();
	wire->following = true;
	app->wire = &wire->pane;
	viewer_show(app, app->wire);
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (account->session != NULL)
			account->wire_watch =
				session_watch_wire(account->session, true);
	}
}
