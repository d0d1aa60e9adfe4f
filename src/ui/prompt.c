/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "lineedit.h"
#include "message.h"
#include "people.h"
#include "prompt.h"

enum {
	MAX_HISTORY = 500,
	ABORT = 7,
	INTERRUPT = 3,
	RETURN = 13,
	LINE_FEED = 10,
	MAX_FOUND = 10,	 /* lines of what was found */
	PANES_LEFT = 4,	 /* that stay of the panes */
	MAX_ABOVE = 3,	 /* lines of a question above its last one */
	LEAST_ROOM = 20, /* cells to type in */
};

enum prompt_kind { PROMPT_LINE, PROMPT_YES_NO, PROMPT_KEY };

struct prompt {
	enum prompt_kind kind;
	char *label;
	struct lineedit edit;
	enum history history;
	guint at;		/* in the history; its length: the new line */
	char *draft;		/* the new line while the history is shown */
	prompt_complete complete;
	prompt_find find;
	char **found;		/* by the line as it is; owned, or NULL */
	size_t chosen;		/* of them */
	prompt_done done;
	void *user;
	char **candidates;	/* of the last completion, or NULL */
	size_t start, shown;	/* where they go, which one stands there */
	bool cycling, literal, yes, secret;
};

static void prompt_free(struct prompt *prompt)
{
	g_free(prompt->label);
	if (prompt->secret)
		explicit_bzero(prompt->edit.text->str,
			       prompt->edit.text->allocated_len);
	lineedit_release(&prompt->edit);
	g_free(prompt->draft);
	g_strfreev(prompt->candidates);
	g_strfreev(prompt->found);
	g_free(prompt);
}

static struct prompt *prompt_new(struct app *app, enum prompt_kind kind,
				 const char *label, const char *text)
{
	struct prompt *prompt = g_new0(struct prompt, 1);

	prompt_cancel(app);
	prompt->kind = kind;
	prompt->label = g_strdup(label);
	prompt->history = HISTORY_NONE;
	lineedit_init(&prompt->edit, text != NULL ? text : "");
	app->prompt = prompt;
	app_dirty(app);
	return prompt;
}

/* ---- what the line finds ---- */

static void find(struct app *app, struct prompt *p)
{
	if (p->find == NULL)
		return;
	g_strfreev(p->found);
	p->found = p->find(app, p->edit.text->str);
	p->chosen = 0;
}

static void choose(struct prompt *p, int step)
{
	size_t n = g_strv_length(p->found);

	if (n > 0)
		p->chosen = (p->chosen + n + (size_t)(step + (int)n)) % n;
}

/* False: the function is none of the list's. */
static bool find_run(struct prompt *p, enum function_op op)
{
	if (p->find == NULL)
		return false;
	/* The best stands lowest, next to the line. */
	if (op == OP_EDITOR_HISTORY_UP || op == OP_EDITOR_COMPLETE)
		choose(p, 1);
	else if (op == OP_EDITOR_HISTORY_DOWN)
		choose(p, -1);
	else
		return false;
	return true;
}

/* ---- asking ---- */

void prompt_ask(struct app *app, const struct prompt_line *line)
{
	struct prompt *p = prompt_new(app, PROMPT_LINE, line->label,
				      line->text);

	p->secret = line->secret;
	p->history = line->history;
	if (p->history != HISTORY_NONE)
		p->at = app->histories[p->history]->len;
	p->complete = line->complete;
	p->find = line->find;
	p->done = line->done;
	p->user = line->user;
	find(app, p);
}

void prompt_yes_no(struct app *app, const char *question, bool yes,
		   prompt_done done, void *user)
{
	/* TRANSLATORS: the answer that Enter gives stands in brackets. */
	const char *choices = yes ? _(" ([yes]/no): ") : _(" (yes/[no]): ");
	g_autofree char *label = g_strconcat(question, choices, NULL);
	struct prompt *p = prompt_new(app, PROMPT_YES_NO, label, NULL);

	p->yes = yes;
	p->done = done;
	p->user = user;
}

void prompt_one_key(struct app *app, const char *label, prompt_done done,
		    void *user)
{
	struct prompt *p = prompt_new(app, PROMPT_KEY, label, NULL);

	p->done = done;
	p->user = user;
}

/* The prompt goes first: its answer may ask the next question. */
static void finish(struct app *app, const char *answer)
{
	struct prompt *prompt = g_steal_pointer(&app->prompt);
	char *kept = g_strdup(answer);

	app_dirty(app);
	prompt->done(app, kept, prompt->user);
	if (kept != NULL && prompt->secret)
		explicit_bzero(kept, strlen(kept));
	g_free(kept);
	prompt_free(prompt);
}

void prompt_cancel(struct app *app)
{
	if (app->prompt != NULL)
		finish(app, NULL);
}

static void remember(struct app *app, enum history history, const char *line)
{
	GPtrArray *list;

	if (history == HISTORY_NONE || *line == '\0')
		return;
	list = app->histories[history];
	for (guint i = 0; i < list->len; i++)
		if (strcmp(g_ptr_array_index(list, i), line) == 0) {
			g_ptr_array_remove_index(list, i);
			break;
		}
	g_ptr_array_add(list, g_strdup(line));
	if (list->len > MAX_HISTORY)
		g_ptr_array_remove_index(list, 0);
}

static void accept(struct app *app)
{
	struct prompt *p = app->prompt;

	/* There is nothing to be chosen. */
	if (p->find != NULL && p->found[0] == NULL)
		return;
	remember(app, p->history, p->edit.text->str);
	finish(app, p->find == NULL ? p->edit.text->str :
				      p->found[p->chosen]);
}

/* ---- history ---- */

static void recall(struct app *app, struct prompt *p, int step)
{
	const GPtrArray *list;

	if (p->history == HISTORY_NONE)
		return;
	list = app->histories[p->history];
	if ((step < 0 && p->at == 0) || (step > 0 && p->at >= list->len))
		return;
	if (p->at == list->len) {
		g_free(p->draft);
		p->draft = g_strdup(p->edit.text->str);
	}
	p->at = (guint)((int)p->at + step);
	lineedit_set(&p->edit, p->at == list->len
				       ? p->draft
				       : g_ptr_array_index(list, p->at));
}

/* The last line that contains what has been typed. */
static void search_history(struct app *app, struct prompt *p)
{
	const GPtrArray *list;

	if (p->history == HISTORY_NONE)
		return;
	list = app->histories[p->history];
	for (guint i = MIN(p->at, list->len); i > 0; i--) {
		const char *line = g_ptr_array_index(list, i - 1);

		if (strstr(line, p->edit.text->str) != NULL) {
			p->at = i - 1;
			lineedit_set(&p->edit, line);
			return;
		}
	}
}

/* ---- completion ---- */

static void stop_cycling(struct prompt *p)
{
	g_clear_pointer(&p->candidates, g_strfreev);
	p->cycling = false;
}

/* The beginning that all candidates share, owned. */
static char *common_beginning(char *const *candidates)
{
	size_t n = strlen(candidates[0]);

	for (size_t i = 1; candidates[i] != NULL; i++) {
		size_t same = 0;

		while (same < n && candidates[i][same] == candidates[0][same])
			same++;
		n = same;
	}
	while (n > 0 && ((unsigned char)candidates[0][n] & 0xc0) == 0x80)
		n--;
	return g_strndup(candidates[0], n);
}

static void cycle(struct prompt *p)
{
	if (p->cycling)
		p->shown++;
	if (p->candidates[p->shown] == NULL)
		p->shown = 0;
	p->cycling = true;
	lineedit_replace(&p->edit, p->start, p->candidates[p->shown]);
}

static void complete(struct app *app, struct prompt *p)
{
	g_autofree char *common = NULL;
	size_t typed;

	if (p->candidates != NULL) {
		cycle(p);
		return;
	}
	if (p->complete == NULL)
		return;
	p->candidates = p->complete(app, p->edit.text->str, p->edit.cursor,
				    &p->start);
	p->shown = 0;
	if (p->candidates == NULL || p->candidates[0] == NULL) {
		stop_cycling(p);
		return;
	}
	typed = p->edit.cursor - MIN(p->start, p->edit.cursor);
	common = common_beginning(p->candidates);
	if (strlen(common) >= typed)
		lineedit_replace(&p->edit, p->start, common);
	if (p->candidates[1] == NULL)
		stop_cycling(p);
}

void prompt_offer(struct app *app, const char *line, size_t start,
		  char **candidates)
{
	struct prompt *p = app->prompt;

	if (p == NULL || p->kind != PROMPT_LINE || candidates[0] == NULL ||
	    start > p->edit.cursor ||
	    (line != NULL && strcmp(line, p->edit.text->str) != 0)) {
		g_strfreev(candidates);
		return;
	}
	stop_cycling(p);
	p->candidates = candidates;
	p->start = start;
	p->shown = 0;
	cycle(p);
	if (p->candidates[1] == NULL)
		stop_cycling(p);
	app_dirty(app);
}

/* ---- keys ---- */

bool prompt_wants(const struct app *app, int key)
{
	const struct prompt *p = app->prompt;

	if (p->kind != PROMPT_LINE || p->literal)
		return true;
	return key == RETURN || key == LINE_FEED || key == KEYC_ENTER;
}

static void answer_yes_no(struct app *app, struct prompt *p, int key)
{
	/* TRANSLATORS: the letters that mean yes and no. */
	const char *yes = _("yY"), *no = _("nN");
	gunichar c = key > 0 && key < KEY_CODE ? (gunichar)key : 0;

	if (key == RETURN || key == LINE_FEED || key == KEYC_ENTER)
		finish(app, p->yes ? "yes" : "no");
	else if (c != 0 && g_utf8_strchr(yes, -1, c) != NULL)
		finish(app, "yes");
	else if (c != 0 && g_utf8_strchr(no, -1, c) != NULL)
		finish(app, "no");
}

void prompt_key(struct app *app, int key)
{
	struct prompt *p = app->prompt;
	char text[8] = "";

	app_dirty(app);
	if (p->literal) {
		p->literal = false;
		if (key > 0 && key < KEY_CODE)
			lineedit_insert(&p->edit, (gunichar)key);
		return;
	}
	if (key == ABORT || key == INTERRUPT) {
		prompt_cancel(app);
		return;
	}
	switch (p->kind) {
	case PROMPT_LINE:
		accept(app);
		break;
	case PROMPT_YES_NO:
		answer_yes_no(app, p, key);
		break;
	case PROMPT_KEY:
		if (key > 0 && key < KEY_CODE)
			g_unichar_to_utf8((gunichar)key, text);
		finish(app, *text != '\0' ? text : NULL);
		break;
	}
}

void prompt_type(struct app *app, int key)
{
	struct prompt *p = app->prompt;

	stop_cycling(p);
	if (key > 0 && key < KEY_CODE)
		lineedit_insert(&p->edit, (gunichar)key);
	find(app, p);
	app_dirty(app);
}

void prompt_run(struct app *app, enum function_op op, int key)
{
	struct prompt *p = app->prompt;

	(void)key;
	app_dirty(app);
	if (p->kind != PROMPT_LINE || find_run(p, op))
		return;
	if (op == OP_EDITOR_COMPLETE) {
		complete(app, p);
		return;
	}
	if (op == OP_EDITOR_COMPLETE_QUERY && p->complete == people_complete) {
		people_query_prompt(app, p->edit.text->str, p->edit.cursor);
		return;
	}
	stop_cycling(p);
	switch (op) {
	case OP_EDITOR_HISTORY_UP:
		recall(app, p, -1);
		break;
	case OP_EDITOR_HISTORY_DOWN:
		recall(app, p, 1);
		break;
	case OP_EDITOR_HISTORY_SEARCH:
		search_history(app, p);
		break;
	case OP_EDITOR_QUOTE_CHAR:
		p->literal = true;
		break;
	default:
		lineedit_do(&p->edit, op);
		find(app, p);
		break;
	}
}

/* ---- drawing ---- */

/* How much of 'text' goes into one line: up to a blank or a slash. */
static size_t label_break(const char *text, int cells)
{
	size_t fit = text_fit(text, -1, cells, NULL), at = fit;

	while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '/')
		at--;
	return at > 0 ? at : fit;
}

/*
 * The end of the question, which stands in the last line before what is typed;
 * what does not fit there begins in '*above' lines above it.
 */
static const char *draw_above(struct app *app, const struct prompt *p,
			      int *above)
{
	const struct rect *area = &app->layout.message;
	int typed = p->kind == PROMPT_LINE ? MIN(LEAST_ROOM, area->w / 2) : 1;
	int most = CLAMP(area->y - PANES_LEFT, 0, MAX_ABOVE);
	const char *ends[MAX_ABOVE + 1] = { p->label };

	for (*above = 0; *above < most; ++*above) {
		const char *rest = ends[*above];

		if (text_width(rest, -1) <= area->w - typed)
			break;
		ends[*above + 1] = rest + label_break(rest, area->w);
	}
	for (int i = 0; i < *above; i++) {
		struct rect row = { area->y - *above + i, area->x, 1,
				    area->w };
		g_autofree char *text = g_strndup(
			ends[i], (size_t)(ends[i + 1] - ends[i]));

		draw_row(app->draw, &row, 0, text, STYLE_PROMPT);
	}
	return ends[*above];
}

static void draw_candidates(struct app *app, const struct prompt *p,
			    int lowest)
{
	const struct rect *line = &app->layout.message;
	struct rect above = {lowest, line->x, 1, line->w};
	size_t first = 0;
	int x = 1;

	if (p->candidates == NULL || above.y < 0)
		return;
	/* The one that stands in the line is always among those shown. */
	for (size_t i = 0, width = 1; p->cycling && i <= p->shown; i++) {
		width += (size_t)text_width(p->candidates[i], -1) + 2;
		if ((int)width > above.w) {
			first = i;
			width = (size_t)text_width(p->candidates[i], -1) + 3;
		}
	}
	draw_fill(app->draw, &above, STYLE_STATUS);
	for (size_t i = first; p->candidates[i] != NULL && x < above.w; i++) {
		bool here = p->cycling && i == p->shown;

		x += draw_styled(app->draw, above.y, x, above.w - x,
				 p->candidates[i], -1,
				 here ? STYLE_PROMPT : STYLE_STATUS) + 2;
	}
}

/* The best next to the line, the chosen one always among them. */
static void draw_found(struct app *app, const struct prompt *p, int lowest)
{
	const struct rect *line = &app->layout.message;
	int room = MIN(MAX_FOUND, lowest + 1 - PANES_LEFT);
	int n = p->find != NULL ? (int)g_strv_length(p->found) : 0;
	int first = MAX((int)p->chosen - room + 1, 0);

	for (int i = first; i < n && i < first + room; i++) {
		bool here = i == (int)p->chosen;
		struct rect row = { lowest - (i - first), line->x, 1,
				    line->w };
		g_autofree char *text =
			g_strconcat(here ? "> " : "  ", p->found[i], NULL);

		draw_row(app->draw, &row, 0, text,
			 here ? STYLE_PROMPT : STYLE_STATUS);
	}
}

void prompt_draw(struct app *app)
{
	const struct prompt *p = app->prompt;
	const struct rect *area = &app->layout.message;
	int label, room, cursor, above;
	const char *end;
	size_t from;

	if (area->h == 0)
		return;
	end = draw_above(app, p, &above);
	draw_candidates(app, p, area->y - above - 1);
	draw_found(app, p, area->y - above - 1);
	draw_fill(app->draw, area, STYLE_MESSAGE);
	label = draw_styled(app->draw, area->y, area->x,
			    CLAMP(text_width(end, -1), 1, MAX(area->w - 4, 1)),
			    end, -1, STYLE_PROMPT);
	if (p->secret) {
		draw_cursor(app->draw, area->y, area->x + label, true);
		return;
	}
	room = MAX(area->w - label, 1);
	cursor = lineedit_view(&p->edit, room, &from);
	draw_styled(app->draw, area->y, area->x + label, room,
		    p->edit.text->str + from, -1, STYLE_NORMAL);
	draw_cursor(app->draw, area->y, area->x + label + cursor, true);
}
