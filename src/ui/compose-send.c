/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letting go of a message: into the outbox, or to be gone on with later. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "compose-private.h"
#include "compose.h"
#include "message.h"
#include "prompt.h"
#include "recall.h"
#include "smew/outbox.h"
#include "smew/query.h"

/* ---- the questions before ---- */

enum {
	CHECK_RECIPIENTS,
	CHECK_SUBJECT,
	CHECK_ATTACHMENT,
	CHECK_IDENTITY,
	CHECK_COPY,
	CHECK_END,
};

static void go_on(struct compose *c, int check);

static struct compose *current(struct app *app)
{
	return app->compose != NULL && app->compose->shown ? app->compose
							   : NULL;
}

static bool has_recipient(const struct mail_draft *draft)
{
	static const int fields[] = { MAIL_TO, MAIL_CC, MAIL_BCC };

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autoptr(GPtrArray) list =
			mail_addresses_read(draft->fields[fields[i]]);

		for (guint k = 0; k < list->len; k++)
			if (*((struct mail_address *)g_ptr_array_index(list, k))
				     ->email != '\0')
				return true;
	}
	return false;
}

/* What one wrote oneself: quoted lines and the signature promise nothing. */
static bool speaks_of_attachment(const struct compose *c)
{
	struct query_regex *regex = query_regex_new(
		compose_option(c, "abort_noattach_regexp"), NULL);
	struct query_regex *quote =
		query_regex_new(compose_option(c, "quote_regexp"), NULL);
	g_auto(GStrv) lines = g_strsplit(c->draft->text, "\n", -1);
	size_t start, end;
	bool found = false;

	for (char **line = lines; *line != NULL && regex != NULL && !found;
	     line++) {
		size_t n = strlen(*line);

		if (strcmp(*line, "-- ") == 0)
			break;
		if (quote != NULL &&
		    query_regex_find(quote, *line, n, 0, &start, &end) &&
		    start == 0)
			continue;
		found = query_regex_find(regex, *line, n, 0, &start, &end);
	}
	query_regex_free(regex);
	query_regex_free(quote);
	return found;
}

static void check_answered(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);

	if (c != NULL && g_strcmp0(answer, "no") == 0)
		go_on(c, GPOINTER_TO_INT(user));
	else
		message_show(app, _("Mail not sent."));
}

/* Whether it may go on; asks where the option says so, and then it may not. */
static bool may(struct compose *c, enum quad quad, const char *question,
		const char *refusal, int next)
{
	if (quad == QUAD_NO)
		return true;
	if (quad == QUAD_YES)
		message_error(c->app, refusal);
	else
		prompt_yes_no(c->app, question, quad == QUAD_ASK_YES,
			      check_answered, GINT_TO_POINTER(next));
	return false;
}

/* Whether a reply goes out from one of the addresses that it answers. */
static bool is_who_was_asked(const struct compose *c)
{
	g_autoptr(GPtrArray) from =
		mail_addresses_read(c->draft->fields[MAIL_FROM]);
	g_autoptr(GPtrArray) to =
		mail_addresses_read(c->came_to != NULL ? c->came_to : "");
	bool found = to->len == 0 || from->len == 0;

	for (guint i = 0; i < to->len && !found; i++)
		found = mail_address_same(
			((struct mail_address *)g_ptr_array_index(to, i))
				->email,
			((struct mail_address *)g_ptr_array_index(from, 0))
				->email);
	return found;
}

static bool check_identity(struct compose *c)
{
	g_autofree char *question = NULL;

	if (is_who_was_asked(c))
		return true;
	question = g_strdup_printf(
		_("It was sent to %s, you answer as %s. Cancel?"), c->came_to,
		c->draft->fields[MAIL_FROM]);
	return may(c, compose_quad(c, "abort_identity"), question,
		   _("Another sender than it was sent to: not sent."),
		   CHECK_IDENTITY + 1);
}

static void copy_answered(struct app *app, const char *answer, void *user)
{
	struct compose *c = current(app);

	(void)user;
	if (c == NULL || answer == NULL) {
		message_show(app, _("Mail not sent."));
		return;
	}
	if (strcmp(answer, "yes") != 0)
		mail_draft_set(&c->draft->fcc, "");
	go_on(c, CHECK_COPY + 1);
}

static bool check_copy(struct compose *c)
{
	enum quad quad = compose_quad(c, "copy");

	if (quad == QUAD_YES || quad == QUAD_NO || c->fcc_chosen ||
	    *c->draft->fcc == '\0')
		return true;
	prompt_yes_no(c->app, _("Save a copy of this message?"),
		      quad == QUAD_ASK_YES, copy_answered, NULL);
	return false;
}

static bool check(struct compose *c, int what)
{
	switch (what) {
	case CHECK_RECIPIENTS:
		if (has_recipient(c->draft))
			return true;
		message_error(c->app, _("No recipients are specified."));
		return false;
	case CHECK_SUBJECT:
		return *c->draft->fields[MAIL_SUBJECT] != '\0' ||
		       may(c, compose_quad(c, "abort_nosubject"),
			   _("No subject, abort sending?"),
			   _("No subject: not sent."), what + 1);
	case CHECK_IDENTITY:
		return check_identity(c);
	case CHECK_COPY:
		return check_copy(c);
	default:
		return c->draft->attachments->len > 0 ||
		       !speaks_of_attachment(c) ||
		       may(c, compose_quad(c, "abort_noattach"),
			   _("No attachments, cancel sending?"),
			   _("The attachment that the text speaks of is missing."),
			   what + 1);
	}
}

/* ---- what goes out ---- */

static void fill_how(const struct compose *c, struct compose_job *job)
{
	const char *charsets = compose_option(c, "send_charset");

	job->charsets = g_strdup(charsets);
	job->how = (struct mail_compose){
		.charsets = job->charsets,
		.flowed = compose_flag(c, "text_flowed"),
		.encode_from = compose_flag(c, "encode_from"),
		.agent = compose_flag(c, "user_agent") ? PACKAGE_STRING : NULL,
	};
}

static void build(struct compose *c)
{
	struct compose_job *job;
	struct people people;

	if (compose_flag(c, "followup_to")) {
		people_init(&people, c->app, c->account->name);
		mail_followup_to(c->draft, &people.rules);
		people_release(&people);
	}
	if (*c->draft->message_id == '\0') {
		g_autofree char *id =
			mail_message_id(c->draft->fields[MAIL_FROM]);

		mail_draft_set(&c->draft->message_id, id);
	}
	job = compose_job_new(c, COMPOSE_BUILD);
	fill_how(c, job);
	compose_job_start(c->app, job);
}

static void go_on(struct compose *c, int what)
{
	for (; what < CHECK_END; what++)
		if (!check(c, what))
			return;
	build(c);
}

void compose_send(struct compose *c)
{
	/* Who answers as somebody else sends by that account. */
	struct account *account =
		people_account(c->app, c->draft->fields[MAIL_FROM]);

	if (account != NULL && account != c->account && c->kind == COMPOSE_NEW)
		c->account = account;
	if (c->account->session == NULL) {
		message_error(c->app, _("The settings of the account are wrong: "
					"not sent."));
		return;
	}
	go_on(c, CHECK_RECIPIENTS);
}

/* Addresses alone, as the envelope has them. NULL-terminated, owned. */
static char **envelope(const struct mail_draft *draft)
{
	static const int fields[] = { MAIL_TO, MAIL_CC, MAIL_BCC };
	GPtrArray *all = g_ptr_array_new();
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autoptr(GPtrArray) list =
			mail_addresses_read(draft->fields[fields[i]]);

		for (guint k = 0; k < list->len; k++) {
			const struct mail_address *a =
				g_ptr_array_index(list, k);
			char *wire = mail_address_wire(a->email, NULL);

			if (wire != NULL && g_hash_table_add(seen, wire))
				g_ptr_array_add(all, wire);
			else
				g_free(wire);
		}
	}
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(all, FALSE);
}

static char *first_wire(const char *text)
{
	g_autoptr(GPtrArray) list = mail_addresses_read(text);
	const struct mail_address *a =
		list->len > 0 ? g_ptr_array_index(list, 0) : NULL;

	return a != NULL ? mail_address_wire(a->email, NULL) : NULL;
}

static struct outbox_place outbox_place(const struct compose_place *place)
{
	return (struct outbox_place){
		.mailbox = place->mailbox,
		.uid = place->uid,
		.uidvalidity = place->uidvalidity,
		.message_id = place->message_id,
	};
}

static void hand_over(struct compose *c, const char *path, const char *sender,
		      char **recipients, const char *message_id)
{
	g_autofree char *fcc = compose_wire_name(c, c->draft->fcc);
	g_autofree char *id = NULL, *bcc = NULL;
	struct outbox_mail mail = {
		.path = path,
		.sender = sender != NULL ? sender : "",
		.recipients = (const char *const *)recipients,
		.subject = c->draft->fields[MAIL_SUBJECT],
		.delay = (unsigned)config_number(
			c->app->config, c->account->name, "send_delay"),
		.fcc = fcc,
		.original = outbox_place(&c->answered),
		.forwarded = c->kind == COMPOSE_FORWARD,
		.draft = outbox_place(&c->postponed),
		.dsn_notify = compose_option(c, "dsn_notify"),
		.dsn_return = compose_option(c, "dsn_return"),
	};

	id = g_strdup_printf("<%s>", message_id);
	mail.message_id = id;
	bcc = mail_draft_bcc(c->draft);
	mail.fcc_header = bcc;
	c->sending = session_send_mail(c->account->session, &mail);
}

/* ---- postponing ---- */

/* What a draft on the server says beside the message. */
#define NOTE_FCC "X-Smew-Fcc"
#define NOTE_ANSWERED "X-Smew-Answered"

void compose_postpone(struct compose *c)
{
	g_autofree char *mailbox =
		compose_mailbox(c, "postponed", STORE_ROLE_DRAFTS);
	struct compose_job *job;
	g_autofree char *id = NULL;

	if (mailbox == NULL || c->account->session == NULL) {
		message_show(c->app, _("Kept on this computer: there is no "
				       "mailbox for drafts. R goes on with it."));
		compose_free(c, false);
		return;
	}
	/* Each version has its own, so that they can be told apart. */
	id = mail_message_id(c->draft->fields[MAIL_FROM]);
	mail_draft_set(&c->draft->message_id, id);
	job = compose_job_new(c, COMPOSE_BUILD);
	mail_draft_set(&c->draft->message_id, "");
	fill_how(c, job);
	job->how.bcc = true;
	job->notes[0] = g_strdup(NOTE_FCC);
	job->notes[1] = g_strdup(c->draft->fcc);
	if (c->answered.mailbox != NULL) {
		job->notes[2] = g_strdup(NOTE_ANSWERED);
		job->notes[3] = g_strdup_printf(
			"%u %" PRIu64 " %d %s %s", c->answered.uid,
			c->answered.uidvalidity, c->kind == COMPOSE_FORWARD,
			c->answered.message_id, c->answered.mailbox);
	}
	job->how.notes = (const char *const *)job->notes;
	c->postponing = true;
	compose_job_start(c->app, job);
}

static void hand_over_draft(struct compose *c, const char *path,
			    const char *message_id)
{
	g_autofree char *id = g_strdup_printf("<%s>", message_id);
	g_autofree char *mailbox =
		compose_mailbox(c, "postponed", STORE_ROLE_DRAFTS);
	g_autofree char *name = compose_wire_name(c, mailbox);
	const struct outbox_mail mail = {
		.path = path,
		.sender = "",
		.subject = c->draft->fields[MAIL_SUBJECT],
		.message_id = id,
		.fcc = name,
		.draft = outbox_place(&c->postponed),
		.postponed = true,
	};

	c->sending = session_send_mail(c->account->session, &mail);
	c->blocked++;
}

static void draft_stored(struct compose *c, const struct session_done *done)
{
	c->postponing = false;
	if (done->result != SESSION_OK) {
		message_error(c->app, done->text != NULL
					      ? done->text
					      : _("Not postponed."));
		return;
	}
	message_show(c->app, _("Message postponed."));
	compose_free(c, true);
}

static void read_answered(struct compose *c, const char *note)
{
	g_auto(GStrv) words = g_strsplit(note, " ", 5);

	if (g_strv_length(words) != 5)
		return;
	compose_place_clear(&c->answered);
	c->answered.uid = (uint32_t)g_ascii_strtoull(words[0], NULL, 10);
	c->answered.uidvalidity = g_ascii_strtoull(words[1], NULL, 10);
	if (*words[2] == '1')
		c->kind = COMPOSE_FORWARD;
	c->answered.message_id = g_strdup(words[3]);
	c->answered.mailbox = g_strdup(words[4]);
}

/* "Bcc: ..." of the sender's copy, back into the field. */
static void read_bcc(struct compose *c, const char *line)
{
	GBytes *bytes = g_bytes_new(line, strlen(line));
	struct mail_draft *only = mail_draft_reopen(bytes, "", NULL);

	if (only != NULL)
		mail_draft_set(&c->draft->fields[MAIL_BCC],
			       only->fields[MAIL_BCC]);
	mail_draft_free(only);
	g_bytes_unref(bytes);
}

void compose_reopened(struct compose *c)
{
	GPtrArray *extra = c->draft->extra;

	for (guint i = extra->len; i-- > 0;) {
		const struct mail_field *field = g_ptr_array_index(extra, i);

		if (g_ascii_strcasecmp(field->name, NOTE_ANSWERED) != 0)
			continue;
		read_answered(c, field->value);
		g_ptr_array_remove_index(extra, i);
	}
	if (c->taken_fcc != NULL)
		mail_draft_set(&c->draft->fcc, c->taken_fcc);
	if (c->taken_forward)
		c->kind = COMPOSE_FORWARD;
	if (c->taken_bcc != NULL && *c->taken_bcc != '\0')
		read_bcc(c, c->taken_bcc);
	compose_save(c);
}

void compose_saved(struct compose *c)
{
	if (c->taken != 0 && c->account->session != NULL)
		session_outgoing(c->account->session, SESSION_DROP, c->taken,
				 0);
	c->taken = 0;
}

/* ---- taking back ---- */

bool compose_take_back(struct app *app)
{
	if (app->sent.account == NULL || app->compose != NULL ||
	    g_get_monotonic_time() >= app->sent.until ||
	    app->sent.account->session == NULL)
		return false;
	if (app->sent.behind > 0) {
		app->sent.behind--;
		return false;
	}
	session_outgoing(app->sent.account->session, SESSION_TAKE_BACK,
			 app->sent.item, 0);
	app->sent.account = NULL;
	return true;
}

static void take_place(struct compose_place *place, const char *mailbox,
		       uint32_t uid, uint64_t uidvalidity,
		       const char *message_id)
{
	if (*mailbox == '\0')
		return;
	place->mailbox = g_strdup(mailbox);
	place->uid = uid;
	place->uidvalidity = uidvalidity;
	place->message_id = g_strdup(message_id);
}

void compose_taken_back(struct app *app, struct session_taken_back *back)
{
	const struct outbox_item *item = back->item;
	struct account *account = account_find(app, back->account);
	const struct store_mailbox *fcc;
	struct compose *c;

	/* What nobody takes up now, the next start offers as refused. */
	if (app->compose != NULL)
		message_error(app, _("Another message is being written: this "
				     "one waits in the outbox."));
	if (account == NULL || app->compose != NULL)
		return;
	c = compose_new(app, account, COMPOSE_RECALL);
	c->taken = item->id;
	c->taken_path = g_strdup(item->path);
	c->taken_bcc = g_strdup(item->fcc_header);
	take_place(&c->answered, item->original_mailbox, item->original_uid,
		   item->original_validity, item->original_message_id);
	take_place(&c->postponed, item->draft_mailbox, item->draft_uid,
		   item->draft_validity, item->draft_message_id);
	fcc = account_mailbox(account, item->fcc);
	c->taken_fcc = g_strdup(
		fcc != NULL ? fcc->display
		: g_str_has_prefix(item->fcc, FCC_BY_NAME)
			? item->fcc + strlen(FCC_BY_NAME)
			: item->fcc);
	c->taken_forward = item->forwarded;
	/* What has a reason may have been tried, and in doubt. */
	message_show(app, *item->reason == '\0'
				  ? _("Taken back: it has not been sent.")
				  : _("Taken back."));
	compose_take_up(c);
}

void compose_built(struct compose *c, struct compose_job *job)
{
	g_auto(GStrv) recipients = NULL;
	g_autofree char *sender = NULL;
	const char *envelope_from;

	if (job->problem != NULL || c->account->session == NULL) {
		if (!c->shown)
			compose_free(c, true);
		return;
	}
	if (c->postponing) {
		hand_over_draft(c, job->path, job->draft->message_id);
		return;
	}
	envelope_from = compose_option(c, "envelope_from_address");
	sender = first_wire(*envelope_from != '\0'
				    ? envelope_from
				    : c->draft->fields[MAIL_FROM]);
	recipients = envelope(c->draft);
	hand_over(c, job->path, sender, recipients, c->draft->message_id);
	c->blocked++;
}

/* The outbox has what was in them. */
static void unlink_sent(struct compose *c)
{
	const GPtrArray *list = c->draft->attachments;
	struct compose_job *job = compose_job_new(NULL, COMPOSE_UNLINK);

	job->paths = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < list->len; i++) {
		const struct mail_attachment *a = g_ptr_array_index(list, i);

		if (a->unlink && !a->own)
			g_ptr_array_add(job->paths, g_strdup(a->path));
	}
	compose_job_start(c->app, job);
}

bool compose_send_answer(struct compose *c, const struct session_done *done)
{
	struct app *app = c->app;
	unsigned delay = (unsigned)config_number(
		app->config, c->account->name, "send_delay");

	if (c->sending == 0 || done->request != c->sending)
		return false;
	c->sending = 0;
	c->blocked--;
	if (c->postponing) {
		draft_stored(c, done);
		return true;
	}
	if (done->result != SESSION_OK) {
		message_error(c->app, done->text != NULL ? done->text
							 : _("Not sent."));
		if (!c->shown)
			compose_free(c, true);
		return true;
	}
	app->sent.account = c->account;
	app->sent.item = done->item;
	app->sent.behind = 0;
	app->sent.until = g_get_monotonic_time() +
			  (gint64)delay * G_USEC_PER_SEC;
	unlink_sent(c);
	if (delay > 0)
		message_format(app, _("Sending in %u s. Undo: _"), delay);
	else
		message_show(app, _("Sending..."));
	compose_free(c, true);
	return true;
}

/* ---- bouncing ---- */

static struct compose *bouncing(struct app *app)
{
	struct compose *c = app->compose;

	return c != NULL && c->kind == COMPOSE_BOUNCE ? c : NULL;
}

static void bounce_confirmed(struct app *app, const char *answer, void *user)
{
	struct compose *c = bouncing(app);
	struct compose_job *job;

	(void)user;
	if (c == NULL)
		return;
	if (g_strcmp0(answer, "yes") != 0) {
		compose_abort(c, _("Message not bounced."));
		return;
	}
	mail_draft_set(&c->draft->fields[MAIL_SUBJECT],
		       c->original->header->subject);
	mail_draft_set(&c->draft->fcc, "");
	compose_place_clear(&c->answered);
	job = compose_job_new(c, COMPOSE_BUILD);
	job->bounce = true;
	job->whole = g_bytes_ref(c->original->whole);
	compose_job_start(app, job);
}

static void bounce_typed(struct app *app, const char *answer, void *user)
{
	struct compose *c = bouncing(app);
	g_autofree char *to = NULL, *question = NULL;
	enum quad quad;

	(void)user;
	if (c == NULL)
		return;
	to = answer != NULL ? people_expand(app, c->account->name, answer)
			    : g_strdup("");
	mail_draft_set(&c->draft->fields[MAIL_TO], to);
	if (!has_recipient(c->draft) || c->account->session == NULL) {
		compose_abort(c, _("Message not bounced."));
		return;
	}
	quad = compose_quad(c, "bounce");
	if (quad == QUAD_YES || quad == QUAD_NO) {
		bounce_confirmed(app, quad == QUAD_YES ? "yes" : "no", NULL);
		return;
	}
	question = g_strdup_printf(_("Bounce message to %s?"), to);
	prompt_yes_no(app, question, quad == QUAD_ASK_YES, bounce_confirmed,
		      NULL);
}

void compose_bounce(struct compose *c)
{
	const struct prompt_line line = {
		.label = _("Bounce message to: "),
		.history = HISTORY_NONE,
		.complete = people_complete,
		.done = bounce_typed,
	};

	prompt_ask(c->app, &line);
}

/* ---- what was left ---- */

void compose_left(struct app *app, struct compose_job *job)
{
	struct compose_job *next;

	if (job->left == NULL || job->left->len == 0) {
		if (job->resume && app->compose == NULL)
			recall_open(app);
		return;
	}
	if (job->resume && app->compose != NULL)
		return;
	if (!job->resume) {
		message_format(app,
			       ngettext("%u unfinished message was left. "
					"R goes on with it.",
					"%u unfinished messages were left. "
					"R goes on with them.",
					job->left->len),
			       job->left->len);
		return;
	}
	next = compose_job_new(NULL, COMPOSE_RESUME);
	next->dir = g_strdup(g_ptr_array_index(job->left, 0));
	next->account = g_strdup(job->account);
	compose_job_start(app, next);
}
