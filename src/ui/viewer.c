/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "find.h"
#include "message.h"
#include "viewer.h"

enum {
	MAX_DEPTH = 4,	   /* viewers over viewers */
	MIN_INDENTED = 60, /* columns that leave room for an indentation */
	KEY_CELLS = 12,	   /* of the columns of the help */
	NAME_CELLS = 24,
};

struct viewer {
	struct pane pane;
	char *title;
	struct text *text;
	struct text_place top;
	int indent;
	bool help;		    /* it is the help: ? closes it */
	void (*closed)(void *user); /* or NULL */
	void *user;
};

static int indent_of(const struct viewer *viewer)
{
	return viewer->pane.area.w >= MIN_INDENTED ? viewer->indent : 0;
}

/* The title takes the first row, keys of the pane the others. */
static int text_rows(const struct viewer *viewer)
{
	return MAX(viewer->pane.area.h - 1, 1);
}

static void keep_in_text(struct viewer *viewer)
{
	struct text_place last =
		text_last_page(viewer->text, text_rows(viewer));

	if (text_compare(viewer->top, last) > 0)
		viewer->top = last;
	app_dirty(viewer->pane.app);
}

static void scroll(struct viewer *viewer, int rows)
{
	int moved;

	viewer->top = text_move(viewer->text, viewer->top, rows, &moved);
	keep_in_text(viewer);
}

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct viewer *viewer = (struct viewer *)pane;
	int page = text_rows(viewer);

	(void)key;
	if (find_run(pane, op))
		return true;
	switch (op) {
	case OP_EXIT:
	case OP_QUIT:
		viewer_close(pane->app);
		return true;
	case OP_HELP:
		if (!viewer->help)
			return false;
		viewer_close(pane->app);
		return true;
	case OP_NEXT_LINE:
	case OP_NEXT_ENTRY:
	case OP_NEXT_UNDELETED:
		scroll(viewer, 1);
		return true;
	case OP_PREVIOUS_LINE:
	case OP_PREVIOUS_ENTRY:
	case OP_PREVIOUS_UNDELETED:
		scroll(viewer, -1);
		return true;
	case OP_NEXT_PAGE:
		scroll(viewer, page);
		return true;
	case OP_PREVIOUS_PAGE:
		scroll(viewer, -page);
		return true;
	case OP_HALF_DOWN:
		scroll(viewer, MAX(page / 2, 1));
		return true;
	case OP_HALF_UP:
		scroll(viewer, -MAX(page / 2, 1));
		return true;
	case OP_TOP:
	case OP_FIRST_ENTRY:
		scroll(viewer, -G_MAXINT / 2);
		return true;
	case OP_BOTTOM:
	case OP_LAST_ENTRY:
		scroll(viewer, G_MAXINT / 2);
		return true;
	default:
		return false;
	}
}

static void draw(struct pane *pane)
{
	struct viewer *viewer = (struct viewer *)pane;
	struct app *app = pane->app;
	struct text_place place = viewer->top, next;
	size_t length;

	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	draw_row(app->draw, &pane->area, 0, viewer->title, STYLE_STATUS);
	for (int line = 1; line < pane->area.h &&
			   text_row(viewer->text, place, &length, &next);
	     line++) {
		const struct text_line *from =
			text_line_at(viewer->text, place.line);
		int indent = place.offset > 0 ? indent_of(viewer) : 0;

		find_draw(app, pane->area.y + line, pane->area.x + indent,
			  pane->area.w - indent, from, place.offset, length,
			  theme_look(app->theme, from->kind == TEXT_TITLE
							 ? STYLE_TITLE
							 : STYLE_NORMAL));
		place = next;
	}
}

static void set_format(struct viewer *viewer)
{
	const struct text_format format = {
		.columns = MAX(viewer->pane.area.w, 1),
		.smart = true,
		.indent = indent_of(viewer),
	};

	text_set_format(viewer->text, &format);
	viewer->top = text_relocate(viewer->text, viewer->top);
}

static void resize(struct pane *pane)
{
	set_format((struct viewer *)pane);
}

static void done(struct pane *pane)
{
	struct viewer *viewer = (struct viewer *)pane;

	text_free(viewer->text);
	g_free(viewer->title);
	if (viewer->closed != NULL)
		viewer->closed(viewer->user);
	g_free(viewer);
}

static const struct text *shown_text(struct pane *pane, struct text_place *top)
{
	const struct viewer *viewer = (const struct viewer *)pane;

	*top = viewer->top;
	return viewer->text;
}

static void go(struct pane *pane, struct text_place place)
{
	struct viewer *viewer = (struct viewer *)pane;

	viewer->top = place;
	keep_in_text(viewer);
}

static const struct pane_ops ops = {
	.text = shown_text,
	.go = go,
	.map = MAP_PAGER,
	.title = N_("A text"),
	.draw = draw,
	.run = run,
	.resize = resize,
	.done = done,
};

void viewer_close(struct app *app)
{
	struct pane *top = app->viewer;

	if (top == NULL)
		return;
	app->viewer = top->below;
	top->ops->done(top);
	app_relayout(app);
}

static void close_lowest(struct app *app)
{
	struct pane **place = &app->viewer;
	struct pane *lowest;

	while ((*place)->below != NULL)
		place = &(*place)->below;
	lowest = *place;
	*place = NULL;
	lowest->ops->done(lowest);
}

void viewer_show(struct app *app, struct pane *pane)
{
	int depth = 0;

	for (const struct pane *p = app->viewer; p != NULL; p = p->below)
		depth++;
	if (depth == MAX_DEPTH)
		close_lowest(app);
	pane->below = app->viewer;
	app->viewer = pane;
	app_relayout(app);
}

void viewer_remove(struct app *app, struct pane *pane)
{
	struct pane **place = &app->viewer;

	while (*place != NULL && *place != pane)
		place = &(*place)->below;
	if (*place != NULL)
		*place = pane->below;
	app_relayout(app);
}

void viewer_raise(struct app *app, const struct pane *pane)
{
	while (app->viewer != NULL && app->viewer != pane)
		viewer_close(app);
}

struct pane *viewer_open(struct app *app, const char *title, struct text *text)
{
	struct viewer *viewer = g_new0(struct viewer, 1);

	viewer->pane.ops = &ops;
	viewer->pane.app = app;
	viewer->title = g_strdup_printf("%s  (%s)", title, _("q: back"));
	viewer->text = text;
	viewer->top = text_start(text);
	viewer_show(app, &viewer->pane);
	return &viewer->pane;
}

void viewer_set_indent(struct pane *pane, int cells)
{
	((struct viewer *)pane)->indent = cells;
}

void viewer_on_close(struct pane *pane, void (*closed)(void *user), void *user)
{
	struct viewer *viewer = (struct viewer *)pane;

	viewer->closed = closed;
	viewer->user = user;
}

void viewer_replace(struct pane *pane, struct text *text)
{
	struct viewer *viewer = (struct viewer *)pane;

	text_free(viewer->text);
	viewer->text = text;
	set_format(viewer);
	scroll(viewer, 0);
}

/* ---- help ---- */

/* Owned. */
static char *help_line(const char *key, const char *name, const char *what)
{
	return g_strdup_printf("%-*s %-*s %s", KEY_CELLS, key, NAME_CELLS,
			       name, what);
}

static void add_binding(struct text *text, const struct key_binding *binding)
{
	g_autofree char *key =
		keys_name((const int *)(void *)binding->keys->data,
			  binding->keys->len);
	g_autofree char *line = NULL;

	if (binding->function == NULL)
		line = help_line(key, _("(macro)"),
				 binding->description != NULL
					 ? binding->description
					 : binding->macro);
	else if (!binding->function->planned)
		line = help_line(key, binding->function->name,
				 _(binding->function->help));
	if (line != NULL)
		text_append(text, TEXT_PLAIN, line);
}

static void add_map(struct app *app, struct text *text, const char *title,
		    enum keymap map)
{
	g_autoptr(GPtrArray) list = keymap_list(app->config, map);

	if (text_lines(text) > 0)
		text_append(text, TEXT_PLAIN, "");
	text_append(text, TEXT_TITLE, title);
	for (guint i = 0; i < list->len; i++)
		add_binding(text, g_ptr_array_index(list, i));
}

static void add_unbound(struct text *text, enum keymap map, GPtrArray *bound)
{
	size_t n;
	const struct function_row *table = function_table(&n);

	text_append(text, TEXT_PLAIN, "");
	text_append(text, TEXT_TITLE, _("Functions without a key"));
	for (size_t i = 0; i < n; i++) {
		const struct function_row *row = &table[i];
		bool has_key = false;

		for (guint k = 0; k < bound->len && !has_key; k++) {
			const struct key_binding *b =
				g_ptr_array_index(bound, k);
			has_key = b->function != NULL &&
				  b->function->op == row->op;
		}
		if (has_key || row->planned || row->op == OP_NULL ||
		    !(row->maps & 1u << map))
			continue;
		g_autofree char *line =
			help_line("", row->name, _(row->help));
		text_append(text, TEXT_PLAIN, line);
	}
}

void viewer_open_help(struct app *app)
{
	const struct pane_ops *target = app_target(app)->ops;
	g_autoptr(GPtrArray) list = keymap_list(app->config, target->map);
	struct text *text = text_new();
	g_autofree char *title = g_strdup_printf(_("Keys: %s"),
						 _(target->title));
	struct pane *help;

	add_map(app, text, _(target->title), target->map);
	add_unbound(text, target->map, list);
	help = viewer_open(app, title, text);
	viewer_set_indent(help, KEY_CELLS + 1 + NAME_CELLS + 1);
	((struct viewer *)help)->help = true;
}

void viewer_open_messages(struct app *app)
{
	const GPtrArray *history = message_history(app);
	struct text *text = text_new();

	for (guint i = 0; i < history->len; i++)
		text_append(text, TEXT_PLAIN, g_ptr_array_index(history, i));
	viewer_open(app, _("Messages"), text);
}
