/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "draw.h"
#include "find.h"
#include "message.h"
#include "prompt.h"
#include "smew/query.h"

struct find {
	struct query_regex *regex; /* NULL: nothing was searched for yet */
	bool backwards;		   /* the last search typed goes up */
	bool hidden;		   /* its matches are not shown */
	const struct text *text;   /* where it found something last; only to be
				      compared */
	size_t line;
};

struct find *find_new(void)
{
	return g_new0(struct find, 1);
}

void find_free(struct find *find)
{
	query_regex_free(find->regex);
	g_free(find);
}

static const struct text *text_of(struct pane *pane, struct text_place *top)
{
	return pane->ops->text != NULL ? pane->ops->text(pane, top) : NULL;
}

/* ---- searching ---- */

static bool has_match(const struct find *find, const struct text_line *line)
{
	size_t start, end;

	return query_regex_find(find->regex, line->text, line->length, 0,
				&start, &end);
}

/* The first line with a match from 'line' on that is before 'stop'. */
static bool look_down(const struct find *find, const struct text *text,
		      size_t line, size_t stop, size_t *found)
{
	for (; line < stop; line++) {
		if (text_visible(text, line) &&
		    has_match(find, text_line_at(text, line))) {
			*found = line;
			return true;
		}
	}
	return false;
}

/* The last one before 'line' that is not before 'stop'. */
static bool look_up(const struct find *find, const struct text *text,
		    size_t line, size_t stop, size_t *found)
{
	while (line > stop) {
		if (text_visible(text, --line) &&
		    has_match(find, text_line_at(text, line))) {
			*found = line;
			return true;
		}
	}
	return false;
}

/* The line searched from: what was found last, while it is on the screen. */
static bool is_last_seen(const struct find *find, const struct pane *pane,
			 const struct text *text, struct text_place top)
{
	return find->text == text && find->line >= top.line &&
	       find->line < top.line + (size_t)MAX(pane->area.h, 1);
}

static void show_found(struct pane *pane, const struct text *text, size_t line)
{
	struct app *app = pane->app;
	int context = (int)config_number(app->config, NULL, "search_context");
	struct text_place place = text_at_line(text, line);

	app->find->text = text;
	app->find->line = line;
	app->find->hidden = false;
	if (context > 0 && !pane->ops->list)
		place = text_move(text, place, -context, NULL);
	pane->ops->go(pane, place);
}

static void search(struct pane *pane, bool backwards)
{
	struct app *app = pane->app;
	const struct find *find = app->find;
	struct text_place top;
	const struct text *text = text_of(pane, &top);
	bool wrap = config_bool(app->config, NULL, "wrap_search");
	size_t n, line;

	if (text == NULL)
		return;
	n = text_lines(text);
	bool again = is_last_seen(find, pane, text, top);
	size_t here = again ? find->line : top.line;

	if (!backwards && look_down(find, text, here + again, n, &line))
		show_found(pane, text, line);
	else if (backwards && look_up(find, text, here, 0, &line))
		show_found(pane, text, line);
	else if (!wrap)
		message_error(app, backwards ? _("Search hit top without "
						 "finding match")
					     : _("Search hit bottom without "
						 "finding match"));
	else if (backwards ? look_up(find, text, n, here, &line)
			   : look_down(find, text, 0, MIN(here + 1, n),
				       &line)) {
		message_show(app, backwards ? _("Search wrapped to bottom.")
					    : _("Search wrapped to top."));
		show_found(pane, text, line);
	} else {
		message_error(app, _("Not found."));
	}
	app_dirty(app);
}

static void search_typed(struct app *app, const char *answer, bool backwards)
{
	g_autoptr(GError) error = NULL;
	struct query_regex *regex;

	if (answer == NULL || *answer == '\0')
		return;
	regex = query_regex_new(answer, &error);
	if (regex == NULL) {
		message_error(app, error->message);
		return;
	}
	query_regex_free(app->find->regex);
	app->find->regex = regex;
	app->find->backwards = backwards;
	app->find->text = NULL;
	search(app_target(app), backwards);
}

static void search_down(struct app *app, const char *answer, void *user)
{
	(void)user;
	search_typed(app, answer, false);
}

static void search_up(struct app *app, const char *answer, void *user)
{
	(void)user;
	search_typed(app, answer, true);
}

static void ask(struct app *app, bool backwards)
{
	const struct prompt_line line = {
		.label = backwards ? _("Reverse search for: ")
				   : _("Search for: "),
		.history = HISTORY_SEARCH,
		.done = backwards ? search_up : search_down,
	};

	prompt_ask(app, &line);
}

static void search_again(struct pane *pane, bool opposite)
{
	const struct find *find = pane->app->find;

	if (find->regex == NULL)
		ask(pane->app, opposite);
	else
		search(pane, find->backwards != opposite);
}

bool find_run(struct pane *pane, enum function_op op)
{
	struct text_place top;

	if (text_of(pane, &top) == NULL)
		return false;
	switch (op) {
	case OP_SEARCH:
	case OP_SEARCH_REVERSE:
		ask(pane->app, op == OP_SEARCH_REVERSE);
		return true;
	case OP_SEARCH_NEXT:
	case OP_SEARCH_OPPOSITE:
		search_again(pane, op == OP_SEARCH_OPPOSITE);
		return true;
	case OP_SEARCH_TOGGLE:
		pane->app->find->hidden = !pane->app->find->hidden;
		app_dirty(pane->app);
		return true;
	default:
		return false;
	}
}

/* ---- drawing ---- */

/* Draws what of [from, to) of the line is in [offset, end). */
struct strip {
	struct app *app;
	const struct text_line *line;
	size_t offset, end;
	int y, x, left;
};

static void draw_between(struct strip *strip, size_t from, size_t to,
			 struct look look)
{
	from = MAX(from, strip->offset);
	to = MIN(to, strip->end);
	if (from >= to || strip->left <= 0)
		return;
	int used = draw_text(strip->app->draw, strip->y, strip->x, strip->left,
			     strip->line->text + from, (gssize)(to - from),
			     look);
	strip->x += used;
	strip->left -= used;
}

int find_draw(struct app *app, int y, int x, int cells,
	      const struct text_line *line, size_t offset, size_t length,
	      struct look look)
{
	const struct find *find = app->find;
	struct look found = theme_look(app->theme, STYLE_SEARCH);
	struct strip strip = { .app = app, .line = line, .offset = offset,
			       .end = offset + length, .y = y, .x = x,
			       .left = cells };
	size_t at = 0, start, end;

	while (find->regex != NULL && !find->hidden && at < strip.end &&
	       query_regex_find(find->regex, line->text, line->length, at,
				&start, &end)) {
		draw_between(&strip, at, start, look);
		draw_between(&strip, start, end, found);
		at = end;
	}
	draw_between(&strip, at, line->length, look);
	return strip.x - x;
}
