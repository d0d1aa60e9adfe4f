/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of a message that is written: its fields, its parts, its text. */
#include "config.h"

#include <string.h>

#include "completion.h"
#include "compose-private.h"
#include "formats.h"
#include "index.h"
#include "message.h"
#include "prompt.h"
#include "viewer.h"

enum {
	LABEL_CELLS = 10,
	FIELD_ROWS = 3, /* of a field with many recipients */
};

static struct compose *of(struct pane *pane)
{
	return (struct compose *)pane;
}

/* ---- drawing ---- */

struct canvas {
	struct compose *c;
	int row; /* the next one of the pane */
};

static bool has_room(const struct canvas *canvas)
{
	return canvas->row < canvas->c->pane.area.h - 1;
}

/* One row of a value; returns what is left of it. */
static const char *draw_value(struct canvas *canvas, int x, const char *value,
			      bool last)
{
	const struct rect *area = &canvas->c->pane.area;
	struct draw *draw = canvas->c->app->draw;
	int cells = area->w - x, y = area->y + canvas->row;
	size_t length, next;

	if (cells <= 0)
		return "";
	length = text_wrap(value, strlen(value), cells, true, &next);
	if (last && value[next] != '\0') {
		/* There is more than is shown. */
		draw_styled(draw, y, area->x + x, cells - 3, value, -1,
			    STYLE_NORMAL);
		draw_styled(draw, y, area->x + area->w - 3, 3, "...", -1,
			    STYLE_HEADER_NAME);
		return "";
	}
	draw_styled(draw, y, area->x + x, cells, value, (gssize)length,
		    STYLE_NORMAL);
	return value + next;
}

static void draw_field(struct canvas *canvas, const char *label,
		       const char *value)
{
	const struct rect *area = &canvas->c->pane.area;
	int width = text_width(label, -1);
	int pad = MAX(LABEL_CELLS - width - 1, 0);
	int x = MAX(LABEL_CELLS, width + 1);

	if (!has_room(canvas))
		return;
	draw_styled(canvas->c->app->draw, area->y + canvas->row, area->x + pad,
		    area->w - pad, label, -1, STYLE_HEADER_NAME);
	for (int row = 1; row == 1 || (*value != '\0' && has_room(canvas));
	     row++) {
		/* A small screen has room for one row of each only. */
		bool last = row == FIELD_ROWS || area->h < 20;

		value = draw_value(canvas, x, value, last);
		canvas->row++;
	}
}

static void draw_bar(struct canvas *canvas, const char *title)
{
	g_autofree char *text = g_strdup_printf("-- %s", title);

	if (has_room(canvas))
		draw_row(canvas->c->app->draw, &canvas->c->pane.area,
			 canvas->row++, text, STYLE_STATUS);
}

static void draw_fields(struct canvas *canvas)
{
	const struct mail_draft *draft = canvas->c->draft;

	draw_field(canvas, _("From:"), draft->fields[MAIL_FROM]);
	draw_field(canvas, _("To:"), draft->fields[MAIL_TO]);
	draw_field(canvas, _("Cc:"), draft->fields[MAIL_CC]);
	draw_field(canvas, _("Bcc:"), draft->fields[MAIL_BCC]);
	draw_field(canvas, _("Subject:"), draft->fields[MAIL_SUBJECT]);
	draw_field(canvas, _("Reply-To:"), draft->fields[MAIL_REPLY_TO]);
	draw_field(canvas, _("Fcc:"), draft->fcc);
	if (!compose_flag(canvas->c, "compose_show_user_headers"))
		return;
	for (guint i = 0; i < draft->extra->len; i++) {
		const struct mail_field *field =
			g_ptr_array_index(draft->extra, i);
		g_autofree char *label = g_strconcat(field->name, ":", NULL);

		draw_field(canvas, label, field->value);
	}
}

/* ---- the list of parts ---- */

struct part_format {
	const struct compose *c;
	const struct mail_attachment *a; /* NULL: the text */
	int number;
};

static bool append(GString *out, const char *text)
{
	draw_append(out, text);
	return *text != '\0';
}

static bool append_type(GString *out, const char *type, bool minor)
{
	const char *slash = strchr(type, '/');
	g_autofree char *major =
		slash != NULL ? g_strndup(type, (gsize)(slash - type))
			      : g_strdup(type);

	return append(out, !minor ? major : slash != NULL ? slash + 1 : "");
}

static bool append_description(GString *out, const struct part_format *f)
{
	if (f->a == NULL)
		return append(out, _("<the text>"));
	if (*f->a->description != '\0')
		return append(out, f->a->description);
	return append(out, *f->a->name != '\0' ? f->a->name : f->a->type);
}

static bool expand_part(GString *out, char expando, const char *argument,
			void *user)
{
	const struct part_format *f = user;
	const char *type = f->a != NULL ? f->a->type : "text/plain";

	(void)argument;
	switch (expando) {
	case 'c':
		return append(out, "");
	case 'C':
		return append(out, f->a == NULL ? "utf-8" : f->a->charset);
	case 'd':
		return append_description(out, f);
	case 'D':
	case 't':
	case 'T':
		g_string_append_c(out, ' ');
		return false;
	case 'e':
		if (f->a != NULL && *f->a->encoding != '\0')
			return append(out, f->a->encoding);
		return append(out, g_str_has_prefix(type, "text/") ||
						   g_str_has_prefix(type,
								    "message/")
					   ? "text"
					   : "base64");
	case 'f':
	case 'F':
		return append(out, f->a == NULL ? "" : f->a->path);
	case 'I':
		g_string_append(out, f->a == NULL || f->a->is_inline ? "I"
								     : "A");
		return true;
	case 'm':
		return append_type(out, type, false);
	case 'M':
		return append_type(out, type, true);
	case 'n':
		g_string_append_printf(out, "%d", f->number);
		return true;
	case 's':
		format_size(out, f->a == NULL ? strlen(f->c->draft->text)
					      : f->a->size);
		return true;
	case 'u':
		g_string_append_c(out, f->a != NULL && f->a->unlink ? '-'
								    : ' ');
		return f->a != NULL && f->a->unlink;
	default:
		return false;
	}
}

static void draw_part(struct canvas *canvas, int number)
{
	struct compose *c = canvas->c;
	struct part_format f = { .c = c, .number = number + 1 };
	g_autofree char *line = NULL;

	if (!has_room(canvas))
		return;
	if (number > 0)
		f.a = g_ptr_array_index(c->draft->attachments, number - 1);
	line = format_string(config_string(c->app->config, NULL,
					   "attach_format"),
			     c->pane.area.w, expand_part, &f);
	draw_row(c->app->draw, &c->pane.area, canvas->row, line,
		 number == c->cursor ? STYLE_INDICATOR : STYLE_NORMAL);
	if (number == c->cursor)
		draw_cursor(c->app->draw, c->pane.area.y + canvas->row,
			    c->pane.area.x, false);
	canvas->row++;
}

static int parts(const struct compose *c)
{
	return (int)c->draft->attachments->len + 1;
}

/* The list gets what it needs, but leaves a few rows for the text. */
static void draw_parts(struct canvas *canvas)
{
	struct compose *c = canvas->c;
	int room = MAX(c->pane.area.h - 1 - canvas->row - 4, 1);
	int shown = MIN(parts(c), room);

	c->top = CLAMP(c->top, c->cursor - shown + 1, c->cursor);
	c->top = CLAMP(c->top, 0, parts(c) - shown);
	for (int i = c->top; i < c->top + shown; i++)
		draw_part(canvas, i);
}

/* The beginning of the text: enough to see that it is the right one. */
static void draw_text_part(struct canvas *canvas)
{
	const struct compose *c = canvas->c;
	const struct rect *area = &c->pane.area;
	const char *text = c->draft->text;

	while (has_room(canvas) && *text != '\0') {
		size_t n = strcspn(text, "\n");
		g_autofree char *line = sanitise_line(text, (gssize)n);

		draw_styled(c->app->draw, area->y + canvas->row++, area->x,
			    area->w, line, -1,
			    *line == '>' ? STYLE_QUOTED : STYLE_NORMAL);
		text += n;
		text += *text == '\n';
	}
}

static bool expand_status(GString *out, char expando, const char *argument,
			  void *user)
{
	const struct compose *c = user;
	uint64_t size = strlen(c->draft->text);

	(void)argument;
	switch (expando) {
	case 'a':
		g_string_append_printf(out, "%d", parts(c));
		return true;
	case 'h':
		return append(out, g_get_host_name());
	case 'l':
		for (guint i = 0; i < c->draft->attachments->len; i++)
			size += ((struct mail_attachment *)g_ptr_array_index(
					 c->draft->attachments, i))
					->size *
				4 / 3;
		format_size(out, size);
		return true;
	case 'v':
		return append(out, PACKAGE_STRING);
	default:
		return false;
	}
}

static void draw(struct pane *pane)
{
	struct compose *c = of(pane);
	struct canvas canvas = { .c = c };
	g_autofree char *status = NULL;

	draw_fill(c->app->draw, &pane->area, STYLE_NORMAL);
	draw_fields(&canvas);
	if (has_room(&canvas))
		canvas.row++;
	draw_bar(&canvas, _("Parts"));
	draw_parts(&canvas);
	draw_bar(&canvas, _("Text"));
	draw_text_part(&canvas);
	status = format_string(config_string(c->app->config, NULL,
					     "compose_format"),
			       pane->area.w, expand_status, c);
	if (pane->area.h > 0)
		draw_row(c->app->draw, &pane->area, pane->area.h - 1, status,
			 STYLE_STATUS);
}

/* ---- fields ---- */

static struct compose *current(struct app *app)
{
	return app->compose != NULL && app->compose->shown ? app->compose
							   : NULL;
}

static void changed(struct compose *c)
{
	compose_save(c);
	app_dirty(c->app);
}

static void field_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);
	int field = GPOINTER_TO_INT(user);
	g_autofree char *text = NULL;

	if (c == NULL || answer == NULL)
		return;
	text = field == MAIL_SUBJECT
		       ? g_strdup(answer)
		       : people_expand(app, c->account->name, answer);
	mail_draft_set(&c->draft->fields[field], text);
	compose_changed(c);
	changed(c);
}

static void ask_field(struct compose *c, const char *label, int field)
{
	const struct prompt_line line = {
		.label = label,
		.text = c->draft->fields[field],
		.history = HISTORY_NONE,
		.complete = field != MAIL_SUBJECT ? people_complete : NULL,
		.done = field_typed,
		.user = GINT_TO_POINTER(field),
	};

	prompt_ask(c->app, &line);
}

static void fcc_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);

	(void)user;
	if (c == NULL || answer == NULL)
		return;
	mail_draft_set(&c->draft->fcc,
		       *answer == '=' || *answer == '+' ? answer + 1 : answer);
	c->fcc_chosen = true;
	changed(c);
}

static bool edit_field(struct compose *c, enum function_op op)
{
	switch (op) {
	case OP_EDIT_FROM:
		ask_field(c, _("From: "), MAIL_FROM);
		return true;
	case OP_EDIT_TO:
		ask_field(c, _("To: "), MAIL_TO);
		return true;
	case OP_EDIT_CC:
		ask_field(c, _("Cc: "), MAIL_CC);
		return true;
	case OP_EDIT_BCC:
		ask_field(c, _("Bcc: "), MAIL_BCC);
		return true;
	case OP_EDIT_REPLY_TO:
		ask_field(c, _("Reply-To: "), MAIL_REPLY_TO);
		return true;
	case OP_EDIT_SUBJECT:
		ask_field(c, _("Subject: "), MAIL_SUBJECT);
		return true;
	case OP_EDIT_FCC: {
		const struct prompt_line line = {
			.label = _("Fcc: "),
			.text = c->draft->fcc,
			.history = HISTORY_MAILBOX,
			.complete = completion_folder,
			.done = fcc_typed,
		};

		prompt_ask(c->app, &line);
		return true;
	}
	default:
		return false;
	}
}

/* ---- attachments ---- */

static struct mail_attachment *selected(struct compose *c)
{
	if (c->cursor == 0 || c->cursor >= parts(c)) {
		message_show(c->app, _("That is the text of the message."));
		return NULL;
	}
	return g_ptr_array_index(c->draft->attachments, c->cursor - 1);
}

static void files_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);
	struct compose_job *job;

	(void)user;
	if (c == NULL || answer == NULL || *answer == '\0' || c->blocked)
		return;
	job = compose_job_new(c, COMPOSE_ATTACH);
	job->paths = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(job->paths, g_strdup(answer));
	c->cursor = parts(c);
	compose_job_start(app, job);
}

static void attach_file(struct compose *c)
{
	const struct prompt_line line = {
		.label = _("Attach file: "),
		.history = HISTORY_NONE,
		.complete = completion_file,
		.done = files_typed,
	};

	prompt_ask(c->app, &line);
}

static void detach(struct compose *c)
{
	struct mail_attachment *a = selected(c);

	if (a == NULL)
		return;
	g_ptr_array_remove_index(c->draft->attachments,
				 (guint)c->cursor - 1);
	c->cursor = MIN(c->cursor, parts(c) - 1);
	changed(c);
}

static void move(struct compose *c, int step)
{
	GPtrArray *list = c->draft->attachments;
	int from = c->cursor - 1, to = from + step;
	gpointer kept;

	if (selected(c) == NULL)
		return;
	if (to < 0 || to >= (int)list->len) {
		message_show(c->app, _("It cannot be moved further."));
		return;
	}
	kept = list->pdata[from];
	list->pdata[from] = list->pdata[to];
	list->pdata[to] = kept;
	c->cursor += step;
	changed(c);
}

/* What is asked about the attachment under the cursor. */
enum attribute {
	ATTRIBUTE_NAME,
	ATTRIBUTE_TYPE,
	ATTRIBUTE_DESCRIPTION,
	ATTRIBUTE_ENCODING,
};

static char **slot(struct mail_attachment *a, enum attribute what)
{
	switch (what) {
	case ATTRIBUTE_NAME:
		return &a->name;
	case ATTRIBUTE_TYPE:
		return &a->type;
	case ATTRIBUTE_ENCODING:
		return &a->encoding;
	default:
		return &a->description;
	}
}

static bool is_type(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash != NULL && slash != text && slash[1] != '\0' &&
	       strpbrk(text, " ;\"") == NULL;
}

static void attribute_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);
	enum attribute what = (enum attribute)GPOINTER_TO_INT(user);
	struct mail_attachment *a = c != NULL ? selected(c) : NULL;

	if (a == NULL || answer == NULL)
		return;
	if (what == ATTRIBUTE_TYPE && !is_type(answer)) {
		message_format(app, _("'%s' is no type."), answer);
		return;
	}
	if (what == ATTRIBUTE_ENCODING && !mail_encoding_known(answer)) {
		message_show(app, _("Only base64 and quoted-printable can be "
				    "asked for."));
		return;
	}
	mail_draft_set(slot(a, what), answer);
	changed(c);
}

static void ask_attribute(struct compose *c, const char *label,
			  enum attribute what)
{
	struct mail_attachment *a = selected(c);
	const struct prompt_line line = {
		.label = label,
		.text = a != NULL ? *slot(a, what) : NULL,
		.history = HISTORY_NONE,
		.done = attribute_typed,
		.user = GINT_TO_POINTER(what),
	};

	if (a != NULL)
		prompt_ask(c->app, &line);
}

static void toggle(struct compose *c, enum function_op op)
{
	struct mail_attachment *a = selected(c);

	if (a == NULL)
		return;
	if (op == OP_TOGGLE_UNLINK)
		a->unlink = !a->unlink;
	else
		a->is_inline = !a->is_inline;
	changed(c);
}

void compose_view_text(struct compose *c, const char *title, const char *body)
{
	struct text *text = text_new();
	g_auto(GStrv) lines = g_strsplit(body, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		g_autofree char *clean = sanitise_line(*line, -1);

		text_append(text, TEXT_PLAIN, clean);
	}
	viewer_open(c->app, title, text);
}

static void view(struct compose *c)
{
	struct compose_job *job;

	if (c->cursor == 0) {
		compose_view_text(c, _("Text"), c->draft->text);
		return;
	}
	if (c->dir == NULL || selected(c) == NULL)
		return;
	job = compose_job_new(c, COMPOSE_VIEW);
	job->at = (guint)c->cursor;
	compose_job_start(c->app, job);
}

static bool edit_part(struct compose *c, enum function_op op)
{
	switch (op) {
	case OP_ATTACH_FILE:
		attach_file(c);
		return true;
	case OP_ATTACH_MESSAGE:
		compose_attach_message(c);
		return true;
	case OP_DETACH_FILE:
		detach(c);
		return true;
	case OP_MOVE_UP:
		move(c, -1);
		return true;
	case OP_MOVE_DOWN:
		move(c, 1);
		return true;
	case OP_RENAME_ATTACHMENT:
		ask_attribute(c, _("Send attachment with name: "),
			      ATTRIBUTE_NAME);
		return true;
	case OP_EDIT_TYPE:
		ask_attribute(c, _("Content-Type: "), ATTRIBUTE_TYPE);
		return true;
	case OP_EDIT_ENCODING:
		ask_attribute(c, _("Content-Transfer-Encoding: "),
			      ATTRIBUTE_ENCODING);
		return true;
	case OP_EDIT_DESCRIPTION:
		ask_attribute(c, _("Description: "), ATTRIBUTE_DESCRIPTION);
		return true;
	case OP_TOGGLE_UNLINK:
	case OP_TOGGLE_DISPOSITION:
		toggle(c, op);
		return true;
	default:
		return false;
	}
}

void compose_attach_message(struct compose *c)
{
	const struct view_row *row = index_current(c->app);

	if (row == NULL || index_account(c->app) != c->account ||
	    c->account->session == NULL) {
		message_show(c->app, _("There is no message in the index to be "
				       "attached."));
		return;
	}
	c->attaching = row->id;
	c->fetch = session_fetch_whole(c->account->session,
				       index_mailbox(c->app), row->id);
}

void compose_spell(struct compose *c)
{
	g_autofree char *command = NULL;

	command = g_strdup_printf(
		"%s -x", config_string(c->app->config, NULL, "ispell"));
	compose_edit_by(c, command);
}

/* ---- leaving ---- */

static void leave_answered(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);

	(void)user;
	if (c == NULL || answer == NULL)
		return;
	if (strcmp(answer, "yes") == 0) {
		compose_postpone(c);
		return;
	}
	compose_abort(c, _("Mail not sent."));
}

/* As in mutt: the answer no throws it away, ^G stays. */
static void leave(struct compose *c)
{
	enum quad quad = compose_quad(c, "postpone");

	if (quad == QUAD_YES)
		compose_postpone(c);
	else if (quad == QUAD_NO)
		compose_abort(c, _("Mail not sent."));
	else
		prompt_yes_no(c->app, _("Save (postpone) draft message?"),
			      quad == QUAD_ASK_YES, leave_answered, NULL);
}

/* ---- functions ---- */

static bool move_cursor(struct compose *c, enum function_op op)
{
	switch (op) {
	case OP_NEXT_ENTRY:
	case OP_NEXT_LINE:
		c->cursor++;
		break;
	case OP_PREVIOUS_ENTRY:
	case OP_PREVIOUS_LINE:
		c->cursor--;
		break;
	case OP_FIRST_ENTRY:
	case OP_PREVIOUS_PAGE:
		c->cursor = 0;
		break;
	case OP_LAST_ENTRY:
	case OP_NEXT_PAGE:
		c->cursor = parts(c) - 1;
		break;
	default:
		return false;
	}
	c->cursor = CLAMP(c->cursor, 0, parts(c) - 1);
	app_dirty(c->app);
	return true;
}

static bool run_whole(struct compose *c, enum function_op op)
{
	switch (op) {
	case OP_EDIT_MESSAGE:
		compose_edit(c, compose_flag(c, "edit_headers"));
		return true;
	case OP_EDIT_HEADERS:
		compose_edit(c, true);
		return true;
	case OP_SEND_MESSAGE:
		compose_send(c);
		return true;
	case OP_POSTPONE_MESSAGE:
		compose_postpone(c);
		return true;
	case OP_ISPELL:
		compose_spell(c);
		return true;
	case OP_EXIT:
	case OP_QUIT:
		leave(c);
		return true;
	default:
		return false;
	}
}

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct compose *c = of(pane);

	(void)key;
	if (move_cursor(c, op))
		return true;
	if (op == OP_VIEW_ATTACH || op == OP_SELECT_ENTRY) {
		view(c);
		return true;
	}
	/* A worker has the draft: what it brings back must not undo a key. */
	if (c->blocked)
		return op != OP_HELP && op != OP_ENTER_COMMAND &&
		       op != OP_REFRESH;
	return edit_field(c, op) || edit_part(c, op) ||
	       compose_parts_run(c, op) || run_whole(c, op);
}

static void resize(struct pane *pane)
{
	(void)pane;
}

/* Something else needs the place: the draft stays on the disk. */
static void done(struct pane *pane)
{
	struct compose *c = of(pane);

	c->shown = false;
	message_show(c->app, _("Kept on this computer: R goes on with it."));
	compose_free(c, false);
}

static int count(const struct pane *pane)
{
	return parts((const struct compose *)pane);
}

static void to_line(struct pane *pane, int line)
{
	((struct compose *)pane)->cursor = line;
	app_dirty(pane->app);
}

static const struct pane_ops ops = {
	.map = MAP_COMPOSE,
	.title = N_("A message that is written"),
	.draw = draw,
	.run = run,
	.count = count,
	.to_line = to_line,
	.resize = resize,
	.done = done,
};

void compose_show(struct compose *c)
{
	app_dirty(c->app);
	if (c->shown)
		return;
	c->pane.ops = &ops;
	c->pane.app = c->app;
	c->shown = c->listed = true;
	viewer_show(c->app, &c->pane);
}
