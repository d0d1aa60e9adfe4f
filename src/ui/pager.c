/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "find.h"
#include "formats.h"
#include "index.h"
#include "message.h"
#include "pager.h"
#include "selection.h"
#include "smew/mail.h"
#include "text.h"

struct pager {
	struct pane pane;
	struct account *account; /* borrowed; NULL: never opened */
	int64_t id;		 /* of the message, 0: none */
	uint32_t fetch, look;	 /* requests under way, 0: none */
	unsigned serial;	 /* of the rendering that counts */
	bool fetched;		 /* the session has nothing to add */
	char *problem;		 /* why it could not be fetched, or NULL */
	struct mail_document *document; /* NULL while there is none */
	struct text *text;
	struct text_place top;
	bool weed, hide_quoted;
};

/* A rendering on its way to a worker and back. */
struct pager_job {
	struct app_job job; /* APP_DOCUMENT */
	unsigned serial;
	GBytes *whole, *header;
	GHashTable *sections;
	struct mail_part *structure;
	struct mail_document *document;
};

static struct pager *pager_of(const struct app *app)
{
	return (struct pager *)app->pager;
}

/* ---- rendering in a worker ---- */

static void job_release(struct post *post)
{
	struct pager_job *job = (struct pager_job *)post;

	g_clear_pointer(&job->whole, g_bytes_unref);
	g_clear_pointer(&job->header, g_bytes_unref);
	g_clear_pointer(&job->sections, g_hash_table_unref);
	g_clear_pointer(&job->structure, mail_part_free);
	g_clear_pointer(&job->document, mail_document_free);
	g_free(job);
}

static void job_work(struct app_job *base)
{
	struct pager_job *job = (struct pager_job *)base;
	const struct mail_source source = {
		.whole = job->whole,
		.header = job->header,
		.structure = job->structure,
		.sections = job->sections,
	};

	job->document = mail_render(&source);
}

static void render(struct pager *pager, struct view_message *answer)
{
	struct pager_job *job = g_new0(struct pager_job, 1);

	job->job.post.kind = APP_DOCUMENT;
	job->job.post.release = job_release;
	job->job.work = job_work;
	job->serial = ++pager->serial;
	job->whole = g_steal_pointer(&answer->whole);
	job->header = g_steal_pointer(&answer->header);
	job->sections = g_hash_table_ref(answer->sections);
	if (answer->structure != NULL)
		job->structure = mail_part_read(answer->structure, NULL);
	app_start_job(pager->pane.app, &job->job);
}

/* ---- the text ---- */

static gint compare_fields(gconstpointer a, gconstpointer b, gpointer user)
{
	const struct config *config = user;
	const struct mail_field *x = *(const struct mail_field *const *)a;
	const struct mail_field *y = *(const struct mail_field *const *)b;
	int rank_x = config_header_rank(config, x->name);
	int rank_y = config_header_rank(config, y->name);

	return (rank_x > rank_y) - (rank_x < rank_y);
}

/* The fields to be shown, in their order; borrowed elements. */
static GPtrArray *shown_fields(const struct pager *pager)
{
	const struct config *config = pager->pane.app->config;
	const GPtrArray *all = pager->document->fields;
	GPtrArray *shown = g_ptr_array_new();

	for (guint i = 0; i < all->len; i++) {
		struct mail_field *field = g_ptr_array_index(all, i);

		if (!pager->weed || !config_header_ignored(config, field->name))
			g_ptr_array_add(shown, field);
	}
	/* g_ptr_array_sort_with_data() is stable. */
	if (pager->weed)
		g_ptr_array_sort_with_data(shown, compare_fields,
					   (gpointer)config);
	return shown;
}

static void add_fields(const struct pager *pager, struct text *text)
{
	g_autoptr(GPtrArray) fields = shown_fields(pager);

	for (guint i = 0; i < fields->len; i++) {
		const struct mail_field *field = g_ptr_array_index(fields, i);
		struct text_line line = { .kind = TEXT_HEADER };

		line.text = g_strdup_printf("%s: %s", field->name,
					    field->value);
		line.length = (uint32_t)strlen(line.text);
		line.mark = (uint32_t)strlen(field->name) + 1;
		text_add(text, &line);
	}
	text_append(text, TEXT_PLAIN, "");
}

static enum text_kind kind_of(uint8_t style)
{
	switch ((enum mail_style)style) {
	case MAIL_QUOTED:
		return TEXT_QUOTED;
	case MAIL_SIGNATURE:
		return TEXT_SIGNATURE;
	case MAIL_ATTACHMENT:
		return TEXT_ATTACHMENT;
	case MAIL_NOTE:
		return TEXT_NOTE;
	default:
		return TEXT_PLAIN;
	}
}

static void add_lines(const struct pager *pager, struct text *text)
{
	const GArray *lines = pager->document->lines;

	for (guint i = 0; i < lines->len; i++) {
		const struct mail_line *from =
			&g_array_index(lines, struct mail_line, i);
		struct text_line line = {
			.text = g_strdup(from->text),
			.length = (uint32_t)strlen(from->text),
			.kind = (uint8_t)kind_of(from->style),
			.level = from->level,
		};

		text_add(text, &line);
	}
}

static void set_format(struct pager *pager)
{
	const struct config *config = pager->pane.app->config;
	const struct text_format format = {
		.columns = MAX(pager->pane.area.w, 1),
		.wrap = (int)config_number(config, NULL, "wrap"),
		.smart = config_bool(config, NULL, "smart_wrap"),
		.markers = config_bool(config, NULL, "markers"),
		.hide_quoted = pager->hide_quoted,
		.show_levels = (int)config_number(config, NULL,
						  "toggle_quoted_show_levels"),
	};

	text_set_format(pager->text, &format);
}

static void fill_text(struct pager *pager)
{
	g_clear_pointer(&pager->text, text_free);
	pager->text = text_new();
	add_fields(pager, pager->text);
	add_lines(pager, pager->text);
	set_format(pager);
	pager->top = text_start(pager->text);
	app_dirty(pager->pane.app);
}

/* ---- getting the message ---- */

static void forget(struct pager *pager)
{
	g_clear_pointer(&pager->document, mail_document_free);
	g_clear_pointer(&pager->text, text_free);
	g_clear_pointer(&pager->problem, g_free);
	pager->serial++;
	pager->fetched = false;
}

/* For the message: of the session what is lacking, of the cache what is there. */
static void ask(struct pager *pager)
{
	struct account *account = pager->account;

	forget(pager);
	pager->fetch = account->session != NULL
			       ? session_fetch(account->session,
					       index_mailbox(pager->pane.app),
					       pager->id)
			       : 0;
	pager->look = view_message(account->view, pager->id);
	app_dirty(pager->pane.app);
}

static void mark_seen(struct pager *pager)
{
	static const struct deed seen = { .words = DEED_READ,
					  .add = STORE_SEEN,
					  .quiet = true };
	struct app *app = pager->pane.app;
	const struct view_row *row = index_current(app);

	if (row != NULL && row->id == pager->id &&
	    !(row->flags & STORE_SEEN) && !index_facts(app).read_only)
		selection_act(app, SELECT_CURRENT, NULL, &seen);
}

void pager_open(struct app *app)
{
	struct pager *pager = pager_of(app);
	const struct view_row *row = index_current(app);
	struct account *account = index_account(app);

	if (row == NULL) {
		message_show(app, _("There are no messages."));
		return;
	}
	app_show_pager(app, true);
	if (pager->account == account && pager->id == row->id &&
	    pager->document != NULL)
		return;
	if (pager->fetch != 0 && pager->account->session != NULL)
		session_cancel(pager->account->session, pager->fetch);
	pager->account = account;
	pager->id = row->id;
	pager->weed = config_bool(app->config, NULL, "weed");
	pager->hide_quoted = false;
	ask(pager);
}

void pager_online(struct app *app, const struct account *account)
{
	struct pager *pager = pager_of(app);

	if (app_pager_shown(app) && pager->account == account &&
	    index_account(app) == account && pager->problem != NULL &&
	    pager->fetch == 0)
		ask(pager);
}

/* Whether all that showing it needs has come. */
static bool is_enough(const struct view_message *answer)
{
	g_autoptr(GPtrArray) wanted = NULL;
	struct mail_part *structure;
	bool all = true;

	if (answer->whole != NULL)
		return true;
	if (answer->header == NULL || answer->structure == NULL)
		return false;
	structure = mail_part_read(answer->structure, NULL);
	if (structure == NULL)
		return false;
	wanted = mail_part_shown(structure);
	for (guint i = 0; i < wanted->len && all; i++)
		all = g_hash_table_contains(answer->sections,
					    g_ptr_array_index(wanted, i));
	mail_part_free(structure);
	return all;
}

bool pager_answer(struct app *app, struct view_message *answer)
{
	struct pager *pager = pager_of(app);

	if (answer->request != pager->look || pager->look == 0)
		return false;
	pager->look = 0;
	if (is_enough(answer) ||
	    (pager->fetched && (answer->header != NULL)))
		render(pager, answer);
	app_dirty(app);
	return true;
}

bool pager_cancel(struct app *app)
{
	struct pager *pager = pager_of(app);

	if (pager->fetch == 0 || !app_pager_shown(app))
		return false;
	session_cancel(pager->account->session, pager->fetch);
	pager->fetch = 0;
	forget(pager);
	app_show_pager(app, false);
	return true;
}

bool pager_fetched(struct app *app, const struct session_done *done)
{
	struct pager *pager = pager_of(app);

	if (pager->fetch == 0 || done->request != pager->fetch ||
	    strcmp(done->account, pager->account->name) != 0)
		return false;
	pager->fetch = 0;
	pager->fetched = true;
	if (done->result == SESSION_FAILED) {
		g_free(pager->problem);
		pager->problem = g_strdup(done->text);
	}
	if (pager->document == NULL)
		pager->look = view_message(pager->account->view, pager->id);
	app_dirty(app);
	return true;
}

void pager_rendered(struct app *app, struct post *post)
{
	struct pager *pager = pager_of(app);
	struct pager_job *job = (struct pager_job *)post;

	if (job->serial == pager->serial) {
		g_clear_pointer(&pager->document, mail_document_free);
		pager->document = g_steal_pointer(&job->document);
		fill_text(pager);
		if (app_pager_shown(app)) {
			mark_seen(pager);
			app_answer(app);
		}
	}
	post_free(post);
}

void pager_options(struct app *app)
{
	struct pager *pager = pager_of(app);
	struct text_place top = pager->top;

	if (pager->document == NULL)
		return;
	fill_text(pager);
	if (top.line < text_lines(pager->text))
		pager->top = text_relocate(pager->text, top);
}

/* ---- moving ---- */

static bool at_end(const struct pager *pager)
{
	struct text_place last =
		text_last_page(pager->text, MAX(pager->pane.area.h, 1));

	return text_compare(pager->top, last) >= 0;
}

static void scroll(struct pager *pager, int rows)
{
	struct app *app = pager->pane.app;
	int did = 0;

	if (rows > 0 && at_end(pager)) {
		message_show(app, _("Bottom of message is shown."));
		return;
	}
	pager->top = text_move(pager->text, pager->top, rows, &did);
	if (did == 0)
		message_show(app, _("Top of message is shown."));
	app_dirty(app);
}

static void next_page(struct pager *pager)
{
	struct app *app = pager->pane.app;
	int overlap = (int)config_number(app->config, NULL, "pager_context");

	if (at_end(pager) && !config_bool(app->config, NULL, "pager_stop")) {
		index_move(app, OP_NEXT_UNDELETED, true);
		return;
	}
	scroll(pager, MAX(pager->pane.area.h - overlap, 1));
}

static void go_to(struct pager *pager, struct text_place place)
{
	pager->top = place;
	app_dirty(pager->pane.app);
}

static bool is_quoted(const struct text *text, size_t line)
{
	return text_line_at(text, line)->kind == TEXT_QUOTED;
}

/* Behind the next quoted stretch. */
static void skip_quoted(struct pager *pager)
{
	size_t line = pager->top.line;
	size_t n = text_lines(pager->text);

	while (line < n && !is_quoted(pager->text, line))
		line++;
	if (line == n) {
		message_show(pager->pane.app, _("No more quoted text."));
		return;
	}
	while (line < n && is_quoted(pager->text, line))
		line++;
	if (line == n)
		message_show(pager->pane.app,
			     _("No more unquoted text after quoted text."));
	else
		go_to(pager, text_at_line(pager->text, line));
}

static void skip_headers(struct pager *pager)
{
	size_t line = 0;

	while (line < text_lines(pager->text) &&
	       text_line_at(pager->text, line)->kind == TEXT_HEADER)
		line++;
	go_to(pager, text_at_line(pager->text, line));
}

static void toggle_quoted(struct pager *pager)
{
	pager->hide_quoted = !pager->hide_quoted;
	set_format(pager);
	pager->top = text_relocate(pager->text, pager->top);
	app_dirty(pager->pane.app);
}

/* Functions on the text; only when there is one. */
static bool run_text(struct pager *pager, enum function_op op)
{
	int half = MAX(pager->pane.area.h / 2, 1);

	switch (op) {
	case OP_NEXT_LINE:
		scroll(pager, 1);
		return true;
	case OP_PREVIOUS_LINE:
		scroll(pager, -1);
		return true;
	case OP_NEXT_PAGE:
		next_page(pager);
		return true;
	case OP_PREVIOUS_PAGE:
		scroll(pager, -MAX(pager->pane.area.h, 1));
		return true;
	case OP_HALF_DOWN:
		scroll(pager, half);
		return true;
	case OP_HALF_UP:
		scroll(pager, -half);
		return true;
	case OP_TOP:
		go_to(pager, text_start(pager->text));
		return true;
	case OP_BOTTOM:
		go_to(pager, text_last_page(pager->text,
					    MAX(pager->pane.area.h, 1)));
		return true;
	case OP_SKIP_QUOTED:
		skip_quoted(pager);
		return true;
	case OP_SKIP_HEADERS:
		skip_headers(pager);
		return true;
	case OP_TOGGLE_QUOTED:
		toggle_quoted(pager);
		return true;
	case OP_DISPLAY_TOGGLE_WEED:
		pager->weed = !pager->weed;
		fill_text(pager);
		return true;
	default:
		return false;
	}
}

static void close_pager(struct pager *pager)
{
	app_show_pager(pager->pane.app, false);
}

static bool run(struct pane *pane, enum function_op op, int key)
{
	struct pager *pager = (struct pager *)pane;
	struct app *app = pane->app;

	if (find_run(pane, op) || (pager->text != NULL && run_text(pager, op)))
		return true;
	switch (op) {
	case OP_EXIT:
		close_pager(pager);
		return true;
	case OP_JUMP:
		index_ask_jump(app, key);
		return true;
	case OP_NEXT_ENTRY:
	case OP_PREVIOUS_ENTRY:
	case OP_NEXT_UNDELETED:
	case OP_PREVIOUS_UNDELETED:
	case OP_NEXT_NEW:
	case OP_PREVIOUS_NEW:
	case OP_NEXT_UNREAD:
	case OP_PREVIOUS_UNREAD:
	case OP_NEXT_NEW_THEN_UNREAD:
	case OP_PREVIOUS_NEW_THEN_UNREAD:
	case OP_NEXT_THREAD:
	case OP_PREVIOUS_THREAD:
	case OP_NEXT_SUBTHREAD:
	case OP_PREVIOUS_SUBTHREAD:
	case OP_PARENT_MESSAGE:
	case OP_ROOT_MESSAGE:
		index_move(app, op, true);
		return true;
	default:
		return false;
	}
}

/* ---- drawing ---- */

static enum style line_style(const struct text_line *line)
{
	switch ((enum text_kind)line->kind) {
	case TEXT_HEADER:
		return STYLE_HEADER;
	case TEXT_QUOTED:
		return STYLE_QUOTED +
		       (enum style)((MAX(line->level, 1) - 1) % 10);
	case TEXT_SIGNATURE:
		return STYLE_SIGNATURE;
	case TEXT_ATTACHMENT:
		return STYLE_ATTACHMENT;
	case TEXT_NOTE:
		return STYLE_NOTE;
	case TEXT_TITLE:
		return STYLE_TITLE;
	default:
		return STYLE_NORMAL;
	}
}

static struct look line_look(const struct app *app,
			     const struct text_line *line)
{
	if (line->kind == TEXT_HEADER) {
		g_autofree char *text = g_strndup(line->text, line->length);
		return theme_header(app->theme, text);
	}
	return theme_look(app->theme, line_style(line));
}

static void draw_one(struct pager *pager, int y, struct text_place place,
		     size_t length)
{
	struct app *app = pager->pane.app;
	const struct rect *area = &pager->pane.area;
	const struct text_line *line = text_line_at(pager->text, place.line);
	size_t mark = place.offset < line->mark ? line->mark - place.offset : 0;
	int x = area->x, left = area->w;

	if (place.offset > 0 &&
	    config_bool(app->config, NULL, "markers")) {
		x += draw_styled(app->draw, y, x, left, "+", 1, STYLE_MARKERS);
		left = area->w - (x - area->x);
	}
	mark = MIN(mark, length);
	if (mark > 0) {
		int used = draw_styled(app->draw, y, x, left,
				       line->text + place.offset, (gssize)mark,
				       STYLE_HEADER_NAME);
		x += used;
		left -= used;
	}
	find_draw(app, y, x, left, line, place.offset + mark, length - mark,
		  line_look(app, line));
}

static void draw_waiting(const struct pager *pager)
{
	struct app *app = pager->pane.app;
	const struct rect *area = &pager->pane.area;

	if (area->h == 0)
		return;
	if (pager->problem != NULL && pager->look == 0)
		draw_row(app->draw, area, 0, pager->problem, STYLE_ERROR);
	else
		draw_row(app->draw, area, 0, _("Loading..."), STYLE_TILDE);
}

static void draw(struct pane *pane)
{
	struct pager *pager = (struct pager *)pane;
	struct app *app = pane->app;
	struct text_place place = pager->top, next;
	bool tilde = config_bool(app->config, NULL, "tilde");
	size_t length;
	int line = 0;

	draw_fill(app->draw, &pane->area, STYLE_NORMAL);
	if (pager->text == NULL) {
		draw_waiting(pager);
		return;
	}
	for (; line < pane->area.h &&
	       text_row(pager->text, place, &length, &next); line++) {
		draw_one(pager, pane->area.y + line, place, length);
		place = next;
	}
	for (; tilde && line < pane->area.h; line++)
		draw_row(app->draw, &pane->area, line, "~", STYLE_TILDE);
}

/* How far one has read: what is above the end of the screen. -1: all. */
static int percent(const struct pager *pager)
{
	struct text_place end;
	int moved;

	if (pager->text == NULL)
		return 0;
	if (at_end(pager))
		return text_compare(pager->top, text_start(pager->text)) == 0
			       ? -1
			       : 100;
	end = text_move(pager->text, pager->top, pager->pane.area.h, &moved);
	return MIN(text_percent(pager->text, end), 99);
}

void pager_draw_status(struct app *app)
{
	struct pager *pager = pager_of(app);
	const struct rect *area = &app->layout.pager_status;
	const struct view_row *row = index_current(app);
	g_autofree char *text = NULL;

	if (area->h == 0)
		return;
	if (row != NULL && row->id == pager->id)
		text = format_pager(app, row, index_number(app),
				    percent(pager), area->w);
	draw_row(app->draw, area, 0, text != NULL ? text : "", STYLE_STATUS);
}

static void resize(struct pane *pane)
{
	struct pager *pager = (struct pager *)pane;

	if (pager->text == NULL)
		return;
	set_format(pager);
	pager->top = text_relocate(pager->text, pager->top);
}

static void done(struct pane *pane)
{
	struct pager *pager = (struct pager *)pane;

	forget(pager);
	g_free(pager);
}

static const struct text *shown_text(struct pane *pane, struct text_place *top)
{
	const struct pager *pager = (const struct pager *)pane;

	*top = pager->top;
	return pager->text;
}

static void go(struct pane *pane, struct text_place place)
{
	struct pager *pager = (struct pager *)pane;
	struct text_place last =
		text_last_page(pager->text, MAX(pane->area.h, 1));

	go_to(pager, text_compare(place, last) > 0 ? last : place);
}

static const struct pane_ops ops = {
	.map = MAP_PAGER,
	.title = N_("The pager"),
	.text = shown_text,
	.go = go,
	.draw = draw,
	.run = run,
	.resize = resize,
	.done = done,
};

struct pane *pager_new(struct app *app)
{
	struct pager *pager = g_new0(struct pager, 1);

	pager->pane.ops = &ops;
	pager->pane.app = app;
	return &pager->pane;
}
