/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "background.h"
#include "compose-private.h"
#include "compose.h"
#include "index.h"
#include "message.h"
#include "prompt.h"
#include "recall.h"
#include "viewer.h"

/* ---- places and originals ---- */

uint64_t compose_validity(const struct compose *c, const char *mailbox)
{
	const struct store_mailbox *found =
		account_mailbox(c->account, mailbox);

	return found != NULL ? found->uidvalidity : 0;
}

void compose_place_clear(struct compose_place *place)
{
	g_clear_pointer(&place->mailbox, g_free);
	g_clear_pointer(&place->message_id, g_free);
	place->uid = 0;
	place->uidvalidity = 0;
}

static void row_copy(struct view_row *to, const struct view_row *from)
{
	*to = *from;
	to->from = g_strdup(from->from);
	to->from_name = g_strdup(from->from_name);
	to->to = g_strdup(from->to);
	to->to_name = g_strdup(from->to_name);
	to->cc = g_strdup(from->cc);
	to->subject = g_strdup(from->subject);
	to->message_id = g_strdup(from->message_id);
	to->list_id = g_strdup(from->list_id);
	to->keywords = g_strdup(from->keywords);
	to->tree = g_strdup("");
}

void compose_original_free(struct compose_original *o)
{
	if (o == NULL)
		return;
	view_row_clear(&o->row);
	g_free(o->mailbox);
	g_clear_pointer(&o->whole, g_bytes_unref);
	g_clear_pointer(&o->bytes, g_bytes_unref);
	g_clear_pointer(&o->sections, g_hash_table_unref);
	g_clear_pointer(&o->structure, mail_part_free);
	g_clear_pointer(&o->header, mail_header_free);
	g_free(o);
}

/* ---- life ---- */

struct compose *compose_new(struct app *app, struct account *account,
			    enum compose_kind kind)
{
	struct compose *c = g_new0(struct compose, 1);

	c->app = app;
	c->account = account;
	c->kind = kind;
	c->serial = ++app->compose_serial;
	g_queue_init(&c->jobs);
	c->draft = mail_draft_new();
	c->lock = -1;
	app->compose = c;
	people_ask(account);
	return c;
}

void compose_free(struct compose *c, bool drop)
{
	struct app *app = c->app;
	struct compose_job *job;

	if (c->shown)
		viewer_remove(app, &c->pane);
	background_release(c);
	if (drop && c->dir != NULL) {
		job = compose_job_new(NULL, COMPOSE_DROP);
		job->dir = g_strdup(c->dir);
		/* The lock is held until the files are gone. */
		job->lock = c->lock;
		c->lock = -1;
		/* What writes there still must not do so afterwards. */
		if (c->running != NULL)
			c->running->then = job;
		else
			compose_job_start(app, job);
	}
	if (c->lock >= 0)
		close(c->lock);
	while ((job = g_queue_pop_head(&c->jobs)) != NULL)
		post_free(&job->job.post);
	mail_draft_free(c->draft);
	compose_original_free(c->original);
	compose_place_clear(&c->answered);
	compose_place_clear(&c->postponed);
	g_free(c->dir);
	g_free(c->program);
	g_free(c->taken_path);
	g_free(c->taken_bcc);
	g_free(c->taken_fcc);
	g_free(c->came_to);
	if (app->compose == c)
		app->compose = NULL;
	g_free(c);
	app_relayout(app);
}

struct compose *compose_find(const struct app *app, unsigned serial)
{
	for (guint i = 0; i < app->background->len; i++) {
		struct compose *c = g_ptr_array_index(app->background, i);

		if (c->serial == serial)
			return c;
	}
	return app->compose != NULL && app->compose->serial == serial
		       ? app->compose
		       : NULL;
}

/*
 * What was changed an instant ago may wait behind another job, and no job is
 * begun any more: all of it is written once again when they have ended. While
 * a job brings the draft back, what that writes is the newer one.
 */
void compose_stop(struct app *app)
{
	struct compose *c = app->compose;

	while (app->background->len > 0)
		compose_free(g_ptr_array_index(app->background, 0), false);
	if (c == NULL)
		return;
	if (c->dir != NULL && c->blocked == 0) {
		app->last_save = compose_job_new(c, COMPOSE_SAVE);
		app->last_save->lock = c->lock;
		c->lock = -1;
	}
	compose_free(c, false);
}

void compose_save_last(struct app *app)
{
	struct compose_job *job = g_steal_pointer(&app->last_save);

	if (job == NULL)
		return;
	job->job.work(&job->job);
	close(job->lock);
	post_free(&job->job.post);
}

/* ---- the configuration ---- */

const char *compose_option(const struct compose *c, const char *name)
{
	return config_string(c->app->config, c->account->name, name);
}

bool compose_flag(const struct compose *c, const char *name)
{
	return config_bool(c->app->config, c->account->name, name);
}

enum quad compose_quad(const struct compose *c, const char *name)
{
	return config_quad(c->app->config, c->account->name, name);
}

char *compose_mailbox(const struct compose *c, const char *option,
		      enum store_role role)
{
	const char *text = compose_option(c, option);
	const struct store_mailbox *found;

	if (*text != '\0')
		return compose_named(c, text);
	found = account_by_role(c->account, role);
	return found != NULL ? g_strdup(found->display) : NULL;
}

char *compose_named(const struct compose *c, const char *text)
{
	g_autofree char *account = NULL;
	char *name = NULL;

	if (config_mailbox_name(c->app->config, c->account->name, text,
				&account, &name, NULL) &&
	    strcmp(account, c->account->name) == 0)
		return name;
	g_free(name);
	return NULL;
}

char *compose_wire_name(const struct compose *c, const char *display)
{
	const struct store_mailbox *found =
		account_by_display(c->account, display);
	const struct session_folder make = { .verb = SESSION_CREATE,
					     .name = display,
					     .quiet = true };

	if (found != NULL)
		return g_strdup(found->name);
	/* Before the list has come nobody knows what is lacking. */
	if (*display != '\0' && c->account->folders != NULL &&
	    c->account->folders->len > 0 && c->account->session != NULL &&
	    c->account->phase == SESSION_ONLINE)
		session_folder(c->account->session, &make);
	return *display != '\0' ? g_strconcat(FCC_BY_NAME, display, NULL)
				: g_strdup("");
}

/* ---- beginning ---- */

struct account *compose_account(const struct app *app)
{
	struct account *open = index_account(app);

	if (open != NULL)
		return open;
	return app->accounts->len > 0 ? g_ptr_array_index(app->accounts, 0)
				      : NULL;
}

/* ---- what was postponed ---- */

const struct store_mailbox *compose_postponed(struct app *app,
					      struct account *account)
{
	const struct compose asking = { .app = app, .account = account };
	g_autofree char *name =
		compose_mailbox(&asking, "postponed", STORE_ROLE_DRAFTS);

	return name != NULL ? account_by_display(account, name)
			    : NULL;
}

static bool is_in_postponed(struct app *app)
{
	struct account *account = index_account(app);
	const struct store_mailbox *mailbox =
		account != NULL ? compose_postponed(app, account) : NULL;

	return mailbox != NULL && index_current(app) != NULL &&
	       strcmp(mailbox->name, index_mailbox(app)) == 0;
}

/* ---- new ones ---- */

static void write_new(struct app *app)
{
	struct account *account = compose_account(app);

	if (account != NULL)
		compose_next(compose_new(app, account, COMPOSE_NEW));
}

static void recall_answered(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer == NULL || app->compose != NULL)
		return;
	if (strcmp(answer, "yes") == 0)
		recall_open(app);
	else
		write_new(app);
}

static void begin_new(struct app *app)
{
	struct account *account = compose_account(app);
	const struct store_mailbox *mailbox =
		account != NULL ? compose_postponed(app, account) : NULL;
	enum quad quad = config_quad(app->config, NULL, "recall");

	if (mailbox == NULL || mailbox->exists == 0 || quad == QUAD_NO)
		write_new(app);
	else if (quad == QUAD_YES)
		recall_open(app);
	else
		prompt_yes_no(app, _("Recall postponed message?"),
			      quad == QUAD_ASK_YES, recall_answered, NULL);
}

/* A message that is about 'row' of 'mailbox'. */
static struct compose *new_about(struct app *app, struct account *account,
				 enum compose_kind kind, const char *mailbox,
				 const struct view_row *row)
{
	struct compose *c = compose_new(app, account, kind);

	c->original = g_new0(struct compose_original, 1);
	row_copy(&c->original->row, row);
	c->original->mailbox = g_strdup(mailbox);
	c->want_whole = kind == COMPOSE_BOUNCE || kind == COMPOSE_RESEND ||
			kind == COMPOSE_RECALL;
	return c;
}

/* The old version goes when what becomes of it is safe. */
void compose_recall(struct app *app, struct account *account,
		    const char *mailbox, uint64_t uidvalidity,
		    const struct view_row *row)
{
	struct compose *c =
		new_about(app, account, COMPOSE_RECALL, mailbox, row);

	c->postponed.mailbox = g_strdup(mailbox);
	c->postponed.uid = row->uid;
	c->postponed.uidvalidity = uidvalidity;
	c->postponed.message_id = g_strdup_printf("<%s>", row->message_id);
	compose_next(c);
}

static void recall_current(struct app *app)
{
	struct account *account = index_account(app);
	const char *mailbox = index_mailbox(app);
	const struct store_mailbox *known = account_mailbox(account, mailbox);

	compose_recall(app, account, mailbox,
		       known != NULL ? known->uidvalidity : 0,
		       index_current(app));
}

static void begin_with(struct app *app, enum compose_kind kind,
		       enum mail_reply reply)
{
	const struct view_row *row = index_current(app);
	struct account *account = index_account(app);
	struct compose *c;

	if (row == NULL || account == NULL) {
		message_show(app, _("There are no messages."));
		return;
	}
	c = new_about(app, account, kind, index_mailbox(app), row);
	c->reply = reply;
	compose_next(c);
}

static void look_for_left(struct app *app, bool resume)
{
	/* Drafts that no smew holds: of all accounts at a start, of one when
	 * they are wanted. */
	guint n = resume ? 1 : app->accounts->len;

	for (guint i = 0; i < n; i++) {
		const struct account *account =
			resume ? compose_account(app)
			       : g_ptr_array_index(app->accounts, i);
		struct compose_job *job = compose_job_new(NULL, COMPOSE_LEFT);

		job->account = g_strdup(account->name);
		job->state = path_state_dir(account->name);
		job->resume = resume;
		compose_job_start(app, job);
	}
}

void compose_look_for_left(struct app *app)
{
	look_for_left(app, false);
}

bool compose_run(struct app *app, enum function_op op)
{
	if (op < OP_MAIL || op > OP_QUERY)
		return false;
	if (app->compose != NULL) {
		message_show(app, _("A message is being written already."));
		return true;
	}
	switch (op) {
	case OP_MAIL:
		begin_new(app);
		break;
	case OP_REPLY:
		begin_with(app, COMPOSE_REPLY, MAIL_REPLY_SENDER);
		break;
	case OP_GROUP_REPLY:
		begin_with(app, COMPOSE_REPLY, MAIL_REPLY_GROUP);
		break;
	case OP_GROUP_CHAT_REPLY:
		begin_with(app, COMPOSE_REPLY, MAIL_REPLY_CHAT);
		break;
	case OP_LIST_REPLY:
		begin_with(app, COMPOSE_REPLY, MAIL_REPLY_LIST);
		break;
	case OP_LIST_ACTION:
		begin_with(app, COMPOSE_LIST, MAIL_REPLY_SENDER);
		break;
	case OP_FORWARD_MESSAGE:
		begin_with(app, COMPOSE_FORWARD, MAIL_REPLY_SENDER);
		break;
	case OP_RESEND_MESSAGE:
		begin_with(app, COMPOSE_RESEND, MAIL_REPLY_SENDER);
		break;
	case OP_COMPOSE_TO_SENDER:
		begin_with(app, COMPOSE_NEW, MAIL_REPLY_FROM);
		break;
	case OP_BOUNCE_MESSAGE:
		begin_with(app, COMPOSE_BOUNCE, MAIL_REPLY_SENDER);
		break;
	case OP_RECALL_MESSAGE:
		if (is_in_postponed(app))
			recall_current(app);
		else
			look_for_left(app, true);
		break;
	case OP_QUERY:
		people_query(app);
		break;
	case OP_CREATE_ALIAS:
		people_create_alias(app);
		break;
	default:
		return false;
	}
	return true;
}

void compose_open(struct app *app, struct mail_draft *draft)
{
	struct account *account = compose_account(app);
	struct compose *c;

	if (app->compose != NULL || account == NULL) {
		mail_draft_free(draft);
		message_show(app, _("A message is being written already."));
		return;
	}
	c = compose_new(app, account, COMPOSE_NEW);
	mail_draft_free(c->draft);
	c->draft = draft;
	compose_next(c);
}

/* ---- answers ---- */

static void take_attachment(struct compose *c, struct view_message *answer)
{
	struct compose_job *job;

	c->attaching = 0;
	if (answer->whole == NULL) {
		message_error(c->app, _("The message could not be fetched."));
		return;
	}
	job = compose_job_new(c, COMPOSE_ATTACH);
	job->whole = g_steal_pointer(&answer->whole);
	compose_job_start(c->app, job);
}

bool compose_answer(struct app *app, struct view_message *answer)
{
	struct compose *c = app->compose;
	struct compose_original *o;
	gsize length;
	const char *data;

	if (c == NULL || c->look == 0 || answer->request != c->look)
		return false;
	c->look = 0;
	if (c->attaching != 0) {
		take_attachment(c, answer);
		return true;
	}
	o = c->original;
	if (answer->whole == NULL &&
	    (answer->header == NULL || c->want_whole)) {
		compose_abort(c, _("The message could not be fetched."));
		return true;
	}
	g_clear_pointer(&o->whole, g_bytes_unref);
	g_clear_pointer(&o->bytes, g_bytes_unref);
	g_clear_pointer(&o->sections, g_hash_table_unref);
	g_clear_pointer(&o->structure, mail_part_free);
	g_clear_pointer(&o->header, mail_header_free);
	o->whole = g_steal_pointer(&answer->whole);
	o->bytes = g_steal_pointer(&answer->header);
	o->sections = g_hash_table_ref(answer->sections);
	if (answer->structure != NULL)
		o->structure = mail_part_read(answer->structure, NULL);
	data = g_bytes_get_data(o->whole != NULL ? o->whole : o->bytes,
				&length);
	o->header = mail_header_read(data, length);
	c->got_whole = o->whole != NULL;
	compose_next(c);
	return true;
}

bool compose_fetched(struct app *app, const struct session_done *done)
{
	struct compose *c = app->compose;

	if (c == NULL || strcmp(done->account, c->account->name) != 0)
		return false;
	if (c->fetch != 0 && done->request == c->fetch) {
		c->fetch = 0;
		/* Offline the cache may have it nevertheless. */
		c->look = view_message(c->account->view,
				       c->attaching != 0
					       ? c->attaching
					       : c->original->row.id);
		return true;
	}
	return compose_send_answer(c, done);
}

bool compose_cancel(struct app *app)
{
	struct compose *c = app->compose;

	if (c == NULL || c->fetch == 0)
		return false;
	session_cancel(c->account->session, c->fetch);
	c->fetch = 0;
	if (c->attaching != 0)
		c->attaching = 0;
	else
		compose_abort(c, _("The message is not fetched any more."));
	return true;
}
