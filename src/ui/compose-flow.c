/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to a message: fetching what it answers, the questions, the editor.
 * Each step either is done at once or waits for an answer, a job or a fetch,
 * which calls compose_next() again.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "background.h"
#include "compose-private.h"
#include "compose.h"
#include "formats.h"
#include "message.h"
#include "prompt.h"

enum { LOOK_MAX = 256 * 1024 }; /* octets that are parsed at once */

enum step {
	STEP_FETCH,
	STEP_LIST,
	STEP_FOLLOWUP,
	STEP_REPLY_TO,
	STEP_MIME_FORWARD,
	STEP_FORWARD_ATTACHMENTS,
	STEP_FETCH_WHOLE,
	STEP_FILL,
	STEP_BOUNCE,
	STEP_TO,
	STEP_CC,
	STEP_BCC,
	STEP_SUBJECT,
	STEP_NO_SUBJECT,
	STEP_HOOKS,
	STEP_INCLUDE,
	STEP_FORWARD_EDIT,
	STEP_PREPARE,
	STEP_WRITE,
	STEP_EDITOR,
	STEP_UNMODIFIED,
	STEP_MENU,
};

void compose_abort(struct compose *c, const char *why)
{
	struct app *app = c->app;

	if (why != NULL)
		message_show(app, why);
	compose_free(c, true);
}

/* ---- fetching ---- */

static bool step_fetch(struct compose *c)
{
	struct session *session = c->account->session;

	if (c->original == NULL || c->got_whole)
		return true;
	if (session == NULL) {
		c->look = view_message(c->account->view, c->original->row.id);
		return false;
	}
	c->fetch = c->want_whole
			   ? session_fetch_whole(session, c->original->mailbox,
						 c->original->row.id)
			   : session_fetch(session, c->original->mailbox,
					   c->original->row.id);
	return false;
}

/* Attachments go along only with all of the message. */
static bool step_fetch_whole(struct compose *c)
{
	c->want_whole = c->want_whole || c->as_attachment ||
			c->with_attachments;
	return !c->want_whole || step_fetch(c);
}

/* ---- questions ---- */

typedef void (*answer_to)(struct compose *c, bool yes);

static struct compose *current(struct app *app, void *user)
{
	struct compose *c = app->compose;

	return c != NULL && GUINT_TO_POINTER(c->serial) == user ? c : NULL;
}

static void take_followup(struct compose *c, bool yes)
{
	c->followup = yes;
}

static void take_reply_to(struct compose *c, bool yes)
{
	c->reply_to = yes;
}

static void take_mime_forward(struct compose *c, bool yes)
{
	c->as_attachment = yes;
}

static void take_attachments(struct compose *c, bool yes)
{
	c->with_attachments = yes;
}

static void take_include(struct compose *c, bool yes)
{
	c->include = yes;
}

static void take_edit(struct compose *c, bool yes)
{
	c->edit = yes;
}

static const answer_to takers[] = {
	[STEP_FOLLOWUP] = take_followup,
	[STEP_REPLY_TO] = take_reply_to,
	[STEP_MIME_FORWARD] = take_mime_forward,
	[STEP_FORWARD_ATTACHMENTS] = take_attachments,
	[STEP_INCLUDE] = take_include,
	[STEP_FORWARD_EDIT] = take_edit,
};

static void question_answered(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app, user);

	if (c == NULL)
		return;
	if (answer == NULL) {
		compose_abort(c, _("Not written."));
		return;
	}
	takers[c->step - 1](c, strcmp(answer, "yes") == 0);
	compose_next(c);
}

/* Answers by the option, or asks: then false. */
static bool ask(struct compose *c, const char *option, const char *question,
		answer_to take)
{
	enum quad quad = compose_quad(c, option);

	if (quad == QUAD_YES || quad == QUAD_NO) {
		take(c, quad == QUAD_YES);
		return true;
	}
	prompt_yes_no(c->app, question, quad == QUAD_ASK_YES, question_answered,
		      GUINT_TO_POINTER(c->serial));
	return false;
}

static bool step_followup(struct compose *c)
{
	g_autofree char *address = NULL, *question = NULL;

	if (c->kind != COMPOSE_REPLY)
		return true;
	address = compose_asks_followup(c);
	if (address == NULL)
		return true;
	question = g_strdup_printf(_("Follow-up to %s?"), address);
	return ask(c, "honor_followup_to", question, take_followup);
}

static bool step_reply_to(struct compose *c)
{
	g_autofree char *address = NULL, *question = NULL;

	if (c->kind != COMPOSE_REPLY)
		return true;
	c->reply_to = true;
	address = compose_asks_reply_to(c);
	if (address == NULL)
		return true;
	question = g_strdup_printf(_("Reply to %s?"), address);
	return ask(c, "reply_to", question, take_reply_to);
}

static bool step_mime_forward(struct compose *c)
{
	return c->kind != COMPOSE_FORWARD ||
	       ask(c, "mime_forward", _("Forward as attachment?"),
		   take_mime_forward);
}

static bool has_attachments(const struct mail_part *part)
{
	if (part == NULL)
		return false;
	if (strcmp(part->disposition, "attachment") == 0 ||
	    (part->children == NULL && strcmp(part->type, "text") != 0))
		return true;
	for (guint i = 0; part->children != NULL && i < part->children->len;
	     i++)
		if (has_attachments(g_ptr_array_index(part->children, i)))
			return true;
	return false;
}

/* Of a message in one piece, its structure is known only to its reader. */
static bool original_has_attachments(const struct compose *c)
{
	const struct compose_original *o = c->original;
	struct mail_document *document;
	bool has;

	if (o->whole == NULL)
		return has_attachments(o->structure);
	/* No key waits for a large one to be taken apart; it has some. */
	if (g_bytes_get_size(o->whole) > LOOK_MAX)
		return true;
	document = mail_render(&(struct mail_source){ .whole = o->whole });
	has = has_attachments(document->structure);
	mail_document_free(document);
	return has;
}

static bool step_forward_attachments(struct compose *c)
{
	if (c->kind != COMPOSE_FORWARD || c->as_attachment ||
	    !original_has_attachments(c))
		return true;
	return ask(c, "forward_attachments", _("Forward attachments?"),
		   take_attachments);
}

static bool step_include(struct compose *c)
{
	c->include = c->kind == COMPOSE_FORWARD && !c->as_attachment;
	return c->kind != COMPOSE_REPLY ||
	       ask(c, "include", _("Include message in reply?"), take_include);
}

static bool step_forward_edit(struct compose *c)
{
	c->edit = true;
	return c->kind != COMPOSE_FORWARD ||
	       ask(c, "forward_edit", _("Edit forwarded message?"), take_edit);
}

/* ---- lines ---- */

static void line_answered(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app, user);
	g_autofree char *text = NULL;
	int field;

	if (c == NULL)
		return;
	if (answer == NULL) {
		compose_abort(c, _("Not written."));
		return;
	}
	if (c->step - 1 == STEP_SUBJECT) {
		mail_draft_set(&c->draft->fields[MAIL_SUBJECT], answer);
		compose_next(c);
		return;
	}
	field = c->step - 1 == STEP_TO	 ? MAIL_TO
		: c->step - 1 == STEP_CC ? MAIL_CC
					 : MAIL_BCC;
	text = people_expand(app, c->account->name, answer);
	if (field == MAIL_TO && *text == '\0') {
		compose_abort(c, _("No recipients: not written."));
		return;
	}
	mail_draft_set(&c->draft->fields[field], text);
	compose_next(c);
}

static bool ask_line(struct compose *c, const char *label, int field)
{
	const struct prompt_line line = {
		.label = label,
		.text = c->draft->fields[field],
		.history = HISTORY_NONE,
		.complete = field != MAIL_SUBJECT ? people_complete : NULL,
		.done = line_answered,
		.user = GUINT_TO_POINTER(c->serial),
	};

	prompt_ask(c->app, &line);
	return false;
}

/* Whether the editor shows the fields, and the questions are spared. */
static bool goes_straight(const struct compose *c)
{
	if (c->kind == COMPOSE_RESEND || c->kind == COMPOSE_RECALL)
		return true;
	if (compose_flag(c, "autoedit") && compose_flag(c, "edit_headers"))
		return true;
	return c->kind == COMPOSE_REPLY && compose_flag(c, "fast_reply") &&
	       *c->draft->fields[MAIL_TO] != '\0';
}

static bool step_to(struct compose *c)
{
	return goes_straight(c) || ask_line(c, _("To: "), MAIL_TO);
}

static bool step_cc(struct compose *c)
{
	return goes_straight(c) || !compose_flag(c, "askcc") ||
	       ask_line(c, _("Cc: "), MAIL_CC);
}

static bool step_bcc(struct compose *c)
{
	return goes_straight(c) || !compose_flag(c, "askbcc") ||
	       ask_line(c, _("Bcc: "), MAIL_BCC);
}

/* fast_reply spares the subject of a forwarded message, too. */
static bool step_subject(struct compose *c)
{
	bool spared = c->kind == COMPOSE_FORWARD &&
		      compose_flag(c, "fast_reply") &&
		      *c->draft->fields[MAIL_SUBJECT] != '\0';

	return goes_straight(c) || spared ||
	       ask_line(c, _("Subject: "), MAIL_SUBJECT);
}

static void no_subject_answered(struct app *app, const char *answer,
				void *user)
{
	struct compose *c = current(app, user);

	if (c == NULL)
		return;
	if (g_strcmp0(answer, "no") == 0)
		compose_next(c);
	else
		compose_abort(c, _("No subject: not written."));
}

static bool step_no_subject(struct compose *c)
{
	enum quad quad = compose_quad(c, "abort_nosubject");

	if (goes_straight(c) || *c->draft->fields[MAIL_SUBJECT] != '\0' ||
	    quad == QUAD_NO)
		return true;
	if (quad == QUAD_YES) {
		compose_abort(c, _("No subject: not written."));
		return false;
	}
	prompt_yes_no(c->app, _("No subject, abort?"), quad == QUAD_ASK_YES,
		      no_subject_answered, GUINT_TO_POINTER(c->serial));
	return false;
}

/* ---- jobs ---- */

static void fill_template(struct compose *c, struct compose_template *t)
{
	const struct view_row *row =
		c->original != NULL ? &c->original->row : NULL;
	bool forward = c->kind == COMPOSE_FORWARD;

	t->signature = g_strdup(compose_option(c, "signature"));
	t->sig_dashes = compose_flag(c, "sig_dashes");
	t->sig_on_top = compose_flag(c, "sig_on_top");
	t->indent = g_strdup(compose_flag(c, "text_flowed")
				     ? ">"
				     : compose_option(c, "indent_string"));
	t->quote = forward ? compose_flag(c, "forward_quote") : true;
	t->fields = forward || compose_flag(c, "header");
	if (row == NULL)
		return;
	if (forward) {
		t->intro = format_message(
			c->app, compose_option(c, "forward_attribution_intro"),
			row);
		t->outro = format_message(
			c->app,
			compose_option(c, "forward_attribution_trailer"), row);
		return;
	}
	t->attribution =
		format_message(c->app, compose_option(c, "attribution"), row);
	t->trailer = format_message(
		c->app, compose_option(c, "post_indent_string"), row);
}

static bool step_prepare(struct compose *c)
{
	struct compose_job *job = compose_job_new(c, COMPOSE_PREPARE);
	const struct compose_original *o = c->original;

	fill_template(c, &job->text);
	job->include = c->include;
	job->as_attachment = c->as_attachment;
	job->with_attachments = c->with_attachments;
	job->reopen = c->kind == COMPOSE_RESEND || c->kind == COMPOSE_RECALL;
	job->from_file = g_strdup(c->taken_path);
	if (o != NULL) {
		job->whole = o->whole != NULL ? g_bytes_ref(o->whole) : NULL;
		job->bytes = o->bytes != NULL ? g_bytes_ref(o->bytes) : NULL;
		job->sections = o->sections != NULL
					? g_hash_table_ref(o->sections)
					: NULL;
		if (o->structure != NULL && o->whole == NULL) {
			g_autofree char *text = mail_part_write(o->structure);

			job->structure = mail_part_read(text, NULL);
		}
	}
	compose_job_start(c->app, job);
	return false;
}

static const char *editor(const struct compose *c)
{
	static const char *const names[] = { "editor", "visual" };
	const char *found;

	if (c->program != NULL)
		return c->program;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		found = config_string(c->app->config, NULL, names[i]);
		if (*found != '\0')
			return found;
	}
	found = g_getenv("VISUAL");
	if (found == NULL || *found == '\0')
		found = g_getenv("EDITOR");
	return found != NULL && *found != '\0' ? found : "vi";
}

static bool step_write(struct compose *c)
{
	struct compose_job *job;

	if (!c->edit) {
		c->step = STEP_MENU;
		return true;
	}
	job = compose_job_new(c, COMPOSE_WRITE);
	job->headers = c->headers;
	if (c->program == NULL &&
	    config_bool(c->app->config, NULL, "background_edit"))
		job->script = g_strdup(editor(c));
	compose_job_start(c->app, job);
	return false;
}

void compose_take_up(struct compose *c)
{
	c->edit = false;
	c->step = STEP_PREPARE;
	compose_next(c);
}

void compose_edit(struct compose *c, bool headers)
{
	c->headers = headers;
	c->edit = true;
	c->step = STEP_WRITE;
	compose_next(c);
}

void compose_edit_by(struct compose *c, const char *program)
{
	g_free(c->program);
	c->program = g_strdup(program);
	compose_edit(c, false);
}

/* ---- the editor ---- */

char *compose_words(char *const *argv)
{
	GString *out = g_string_new(NULL);

	for (; *argv != NULL; argv++) {
		g_autofree char *word = g_shell_quote(*argv);

		g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "",
				       word);
	}
	return g_string_free(out, FALSE);
}

char *compose_command(const char *command, const char *what)
{
	const char *place = strstr(command, "%s");

	if (place == NULL)
		return g_strconcat(command, " ", what, NULL);
	return g_strdup_printf("%.*s%s%s", (int)(place - command), command,
			       what, place + 2);
}

static void run_editor(struct compose *c, const struct compose_job *written)
{
	g_autofree char *word = g_shell_quote(written->path);
	g_autofree char *command = compose_command(editor(c), word);

	g_clear_pointer(&c->program, g_free);
	compose_back(c, app_run_editor(c->app, command));
}

void compose_back(struct compose *c, int status)
{
	struct compose_job *job;

	if (status != 0)
		message_format(c->app,
			       status < 0 ? _("The editor could not be started.")
					  : _("The editor ended with status %d."),
			       status);
	job = compose_job_new(c, COMPOSE_READ);
	job->headers = c->headers;
	compose_job_start(c->app, job);
}

static void unmodified_answered(struct app *app, const char *answer,
				void *user)
{
	struct compose *c = current(app, user);

	if (c == NULL)
		return;
	if (g_strcmp0(answer, "yes") == 0)
		compose_abort(c, _("Aborted unmodified message."));
	else
		compose_next(c);
}

/* A message that was begun and left as it was is not wanted, as in mutt. */
static bool step_unmodified(struct compose *c)
{
	enum quad quad = compose_quad(c, "abort_unmodified");

	if (c->listed || !c->unchanged || quad == QUAD_NO ||
	    (c->kind != COMPOSE_NEW && c->kind != COMPOSE_REPLY) ||
	    c->draft->attachments->len > 0)
		return true;
	if (quad == QUAD_YES) {
		compose_abort(c, _("Aborted unmodified message."));
		return false;
	}
	prompt_yes_no(c->app, _("Abort unmodified message?"),
		      quad == QUAD_ASK_YES, unmodified_answered,
		      GUINT_TO_POINTER(c->serial));
	return false;
}

/* ---- the steps ---- */

static bool step_list(struct compose *c)
{
	if (c->kind != COMPOSE_LIST)
		return true;
	compose_ask_list(c);
	return false;
}

static bool step_fill(struct compose *c)
{
	compose_fill(c);
	if (c->kind == COMPOSE_REPLY && c->reply == MAIL_REPLY_LIST &&
	    *c->draft->fields[MAIL_TO] == '\0' && !compose_fill_list(c)) {
		compose_abort(c, _("No mailing lists found!"));
		return false;
	}
	c->headers = compose_flag(c, "edit_headers");
	return true;
}

static bool step_hooks(struct compose *c)
{
	compose_fill_rest(c);
	c->headers = compose_flag(c, "edit_headers");
	return true;
}

static bool step_menu(struct compose *c)
{
	c->step = STEP_MENU + 1;
	compose_changed(c);
	compose_show(c);
	return false;
}

static bool step_bounce(struct compose *c)
{
	if (c->kind != COMPOSE_BOUNCE)
		return true;
	compose_bounce(c);
	return false;
}

static bool (*const steps[])(struct compose *c) = {
	[STEP_FETCH] = step_fetch,
	[STEP_LIST] = step_list,
	[STEP_FOLLOWUP] = step_followup,
	[STEP_REPLY_TO] = step_reply_to,
	[STEP_MIME_FORWARD] = step_mime_forward,
	[STEP_FORWARD_ATTACHMENTS] = step_forward_attachments,
	[STEP_FETCH_WHOLE] = step_fetch_whole,
	[STEP_FILL] = step_fill,
	[STEP_BOUNCE] = step_bounce,
	[STEP_TO] = step_to,
	[STEP_CC] = step_cc,
	[STEP_BCC] = step_bcc,
	[STEP_SUBJECT] = step_subject,
	[STEP_NO_SUBJECT] = step_no_subject,
	[STEP_HOOKS] = step_hooks,
	[STEP_INCLUDE] = step_include,
	[STEP_FORWARD_EDIT] = step_forward_edit,
	[STEP_PREPARE] = step_prepare,
	[STEP_WRITE] = step_write,
	[STEP_EDITOR] = step_menu, /* never reached by itself */
	[STEP_UNMODIFIED] = step_unmodified,
	[STEP_MENU] = step_menu,
};

void compose_next(struct compose *c)
{
	unsigned serial = c->serial;
	struct app *app = c->app;

	/* A step may end the message. */
	while (app->compose != NULL && app->compose->serial == serial &&
	       c->step <= STEP_MENU)
		if (!steps[c->step++](c))
			break;
}

/* ---- jobs that have ended ---- */

static void take_draft(struct compose *c, struct compose_job *job)
{
	mail_draft_free(c->draft);
	c->draft = g_steal_pointer(&job->draft);
	app_dirty(c->app);
}

static void prepared(struct compose *c, struct compose_job *job)
{
	if (job->dir == NULL || job->problem != NULL) {
		g_free(c->dir);
		c->dir = g_steal_pointer(&job->dir);
		compose_abort(c, NULL);
		return;
	}
	c->dir = g_steal_pointer(&job->dir);
	c->lock = job->lock;
	job->lock = -1;
	take_draft(c, job);
	compose_reopened(c);
	compose_next(c);
}

static void edited(struct compose *c, struct compose_job *job)
{
	c->unchanged = job->time == c->edited;
	if (job->problem == NULL || job->draft != NULL)
		take_draft(c, job);
	c->step = STEP_UNMODIFIED;
	compose_next(c);
}

static void resumed(struct app *app, struct compose_job *job)
{
	struct account *account = account_find(app, job->account);
	struct compose *c;

	if (job->problem != NULL || account == NULL || app->compose != NULL)
		return;
	c = compose_new(app, account, COMPOSE_NEW);
	c->dir = g_steal_pointer(&job->dir);
	c->lock = job->lock;
	job->lock = -1;
	compose_take_about(c, job->about);
	take_draft(c, job);
	c->headers = job->headers;
	c->listed = true;
	if (job->watch < 0)
		compose_show(c);
	else
		background_adopt(c, job);
}

static void finish(struct compose *c, struct compose_job *job)
{
	struct compose_job *next = g_queue_pop_head(&c->jobs);

	c->running = NULL;
	c->blocked -= compose_blocks(job->work);
	if (next != NULL)
		compose_job_start(c->app, next);
	switch (job->work) {
	case COMPOSE_PREPARE:
		prepared(c, job);
		return;
	case COMPOSE_WRITE:
		c->edited = job->time;
		if (job->problem == NULL && job->watch >= 0) {
			background_start(c, job);
		} else if (job->problem == NULL) {
			run_editor(c, job);
		} else {
			c->step = STEP_MENU;
			compose_next(c);
		}
		return;
	case COMPOSE_READ:
		edited(c, job);
		return;
	case COMPOSE_ATTACH:
		take_draft(c, job);
		c->cursor = (int)c->draft->attachments->len;
		return;
	case COMPOSE_BUILD:
		compose_built(c, job);
		return;
	case COMPOSE_KEEP:
		take_draft(c, job);
		if (job->problem == NULL)
			message_show(c->app, _("The draft has a copy of it."));
		return;
	case COMPOSE_COPY:
		if (job->problem == NULL)
			message_format(c->app, _("Saved: %s"), job->command);
		return;
	case COMPOSE_MAILCAP:
		if (job->problem == NULL)
			compose_part_viewed(c, job);
		return;
	case COMPOSE_PIPE:
		if (job->problem == NULL)
			compose_part_written(c, job);
		return;
	case COMPOSE_VIEW:
		if (job->shown != NULL)
			compose_view_text(c, _("Attachment"), job->shown);
		return;
	default:
		break;
	}
	if (job->problem == NULL)
		compose_saved(c);
}

void compose_job_done(struct app *app, struct post *post)
{
	struct compose_job *job = (struct compose_job *)post;
	struct compose *c = compose_find(app, job->serial);
	bool stale = job->serial != 0 && c == NULL;

	if (job->problem != NULL && !stale)
		message_error(app, job->problem);
	if (job->then != NULL)
		compose_job_start(app, g_steal_pointer(&job->then));
	if (job->work == COMPOSE_LEFT)
		compose_left(app, job);
	else if (job->work == COMPOSE_RESUME)
		resumed(app, job);
	else if (!stale && job->serial != 0)
		finish(c, job);
	if (job->lock >= 0)
		close(job->lock);
	post_free(post);
}
