/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message begins with: answers, forwarded messages, one's own fields. */
#include "config.h"

#include <string.h>

#include "compose-private.h"
#include "formats.h"
#include "hooks.h"
#include "smew/query.h"

/* ---- recipients ---- */

static struct mail_reply_how reply_how(const struct compose *c)
{
	return (struct mail_reply_how){
		.kind = c->reply,
		.metoo = compose_flag(c, "metoo"),
		.reply_self = compose_flag(c, "reply_self"),
		.ignore_list_reply_to =
			compose_flag(c, "ignore_list_reply_to"),
		.reply_to = c->reply_to,
		.followup = c->followup,
	};
}

char *compose_asks_followup(const struct compose *c)
{
	return mail_reply_asks_followup(c->original->header, c->reply);
}

char *compose_asks_reply_to(const struct compose *c)
{
	struct mail_reply_how how = reply_how(c);
	struct people people;
	char *question;

	people_init(&people, c->app, c->account->name);
	question = mail_reply_asks_reply_to(c->original->header, &how,
					    &people.rules);
	people_release(&people);
	return question;
}

/* The address of X-Original-To; owned, or NULL. */
static char *original_to(const struct mail_header *header)
{
	const struct mail_address *a =
		header->original_to->len > 0
			? g_ptr_array_index(header->original_to, 0)
			: NULL;

	return a != NULL && *a->email != '\0' ? g_strdup(a->email) : NULL;
}

/* From: the address that the message came to, with `reverse_name`. */
static void fill_from(struct compose *c, const struct people *people)
{
	g_autofree char *own = people_from(c->app, c->account->name);
	g_autofree char *reverse = NULL;

	if (c->original != NULL && compose_flag(c, "reverse_name"))
		reverse = mail_reply_from(c->original->header, &people->rules,
					  compose_flag(c, "reverse_realname"));
	if (reverse == NULL && c->original != NULL &&
	    compose_flag(c, "reply_with_xorig"))
		reverse = original_to(c->original->header);
	if (reverse != NULL && strchr(reverse, '<') == NULL) {
		g_autoptr(GPtrArray) one = mail_addresses_new();

		mail_addresses_add(one, compose_option(c, "realname"),
				   reverse);
		g_free(reverse);
		reverse = mail_addresses_text(one);
	}
	mail_draft_set(&c->draft->fields[MAIL_FROM],
		       reverse != NULL ? reverse : own);
}

/* ---- identities ---- */

/* $from of any account; of further addresses, who answers by one From alone
 * has said so by leaving reverse_name off. */
static bool is_identity(const struct compose *c, const struct people *people,
			const char *email)
{
	return people_account(c->app, email) != NULL ||
	       (compose_flag(c, "reverse_name") &&
		people->rules.is_me(email, people->rules.user));
}

static void note_identities(struct compose *c, const struct people *people)
{
	const struct mail_header *header = c->original->header;
	const GPtrArray *lists[] = { header->to, header->cc };
	g_autoptr(GPtrArray) own = mail_addresses_new();

	for (size_t l = 0; l < G_N_ELEMENTS(lists); l++)
		for (guint i = 0; i < lists[l]->len; i++) {
			const struct mail_address *a =
				g_ptr_array_index(lists[l], i);

			if (*a->email != '\0' &&
			    is_identity(c, people, a->email))
				mail_addresses_add(own, "", a->email);
		}
	g_free(c->came_to);
	c->came_to = own->len > 0 ? mail_addresses_text(own) : NULL;
}

/* ---- subjects ---- */

/* The subject without "Re:" at its beginning, by $reply_regexp. */
static const char *without_prefix(const struct compose *c, const char *subject)
{
	struct query_regex *regex =
		query_regex_new(compose_option(c, "reply_regexp"), NULL);
	size_t start = 0, end = 0;

	if (regex != NULL &&
	    query_regex_find(regex, subject, strlen(subject), 0, &start, &end) &&
	    start == 0)
		subject += end;
	query_regex_free(regex);
	return subject;
}

static void reply_subject(struct compose *c)
{
	const char *subject = c->original->header->subject;
	g_autofree char *text =
		*subject != '\0'
			? g_strconcat("Re: ", without_prefix(c, subject), NULL)
			: g_strdup("Re: your mail");

	mail_draft_set(&c->draft->fields[MAIL_SUBJECT], text);
}

static void forward_subject(struct compose *c)
{
	g_autofree char *text =
		format_message(c->app, compose_option(c, "forward_format"),
			       &c->original->row);

	mail_draft_set(&c->draft->fields[MAIL_SUBJECT], text);
}

/* ---- my_hdr ---- */

static void append_field(struct mail_draft *draft, int which,
			 const char *value)
{
	g_autofree char *both = NULL;

	if (*draft->fields[which] != '\0')
		both = g_strconcat(draft->fields[which], ", ", value, NULL);
	mail_draft_set(&draft->fields[which], both != NULL ? both : value);
}

static bool is_recipient(int field)
{
	return field == MAIL_TO || field == MAIL_CC || field == MAIL_BCC;
}

/* Recipients before they are asked for, the others when all is known. */
static void add_own(struct compose *c, const char *name, const char *value,
		    bool recipients)
{
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++) {
		if (g_ascii_strcasecmp(name, mail_draft_field_name(
						     (enum mail_draft_field)i)))
			continue;
		if (is_recipient(i) && recipients)
			append_field(c->draft, i, value);
		else if (!is_recipient(i) && !recipients &&
			 (i != MAIL_SUBJECT ||
			  *c->draft->fields[MAIL_SUBJECT] == '\0'))
			mail_draft_set(&c->draft->fields[i], value);
		return;
	}
	if (!recipients)
		mail_draft_add_header(c->draft, name, value);
}

static void add_own_headers(struct compose *c, bool recipients)
{
	g_autoptr(GPtrArray) lines =
		config_my_headers(c->app->config, c->account->name);

	if (!compose_flag(c, "hdrs"))
		return;
	for (guint i = 0; i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i);
		const char *colon = strchr(line, ':');
		g_autofree char *name =
			g_strndup(line, (gsize)(colon - line));

		add_own(c, name, colon + 1 + strspn(colon + 1, " \t"),
			recipients);
	}
}

/* ---- where the mark goes ---- */

static void mark_original(struct compose *c)
{
	const struct compose_original *o = c->original;

	compose_place_clear(&c->answered);
	c->answered.mailbox = g_strdup(o->mailbox);
	c->answered.uid = o->row.uid;
	c->answered.uidvalidity = compose_validity(c, o->mailbox);
	c->answered.message_id =
		g_strdup_printf("<%s>", o->header->message_id);
}

/* $save_name and $force_name: the mailbox of whom it goes to. Owned, or NULL. */
static char *fcc_by_recipient(const struct compose *c)
{
	g_autofree char *name = NULL, *text = NULL;
	g_autofree char *mailbox = NULL;

	if (!compose_flag(c, "save_name") && !compose_flag(c, "force_name"))
		return NULL;
	name = hooks_named_after(c->account, c->draft->fields[MAIL_TO]);
	if (name == NULL)
		return NULL;
	text = g_strconcat("=", name, NULL);
	mailbox = compose_named(c, text);
	if (mailbox == NULL || (!compose_flag(c, "force_name") &&
				account_by_display(c->account, mailbox) == NULL))
		return NULL;
	return g_steal_pointer(&mailbox);
}

static void fill_fcc(struct compose *c, const struct query_message *message)
{
	g_autofree char *hook =
		hooks_mailbox(c->account, HOOK_FCC, message);
	g_autofree char *sent = hook != NULL ? compose_named(c, hook)
					     : fcc_by_recipient(c);

	if (hook == NULL && sent == NULL)
		sent = compose_mailbox(c, "record", STORE_ROLE_SENT);
	if (sent != NULL && compose_quad(c, "copy") != QUAD_NO)
		mail_draft_set(&c->draft->fcc, sent);
}

void compose_fill(struct compose *c)
{
	struct mail_reply_how how = reply_how(c);
	struct people people;

	if (c->kind == COMPOSE_REPLY) {
		const struct query_message message =
			hooks_row(&c->original->row);

		hooks_message(c->account, HOOK_REPLY, &message);
	}
	people_init(&people, c->app, c->account->name);
	if (c->kind != COMPOSE_RESEND && c->kind != COMPOSE_RECALL &&
	    *c->draft->fields[MAIL_FROM] == '\0')
		fill_from(c, &people);
	if (c->kind == COMPOSE_REPLY ||
	    (c->kind == COMPOSE_NEW && c->original != NULL))
		mail_reply_recipients(c->draft, c->original->header, &how,
				      &people.rules);
	if (c->kind == COMPOSE_REPLY) {
		note_identities(c, &people);
		mail_reply_thread(c->draft, c->original->header);
		reply_subject(c);
	}
	if (c->kind == COMPOSE_FORWARD) {
		forward_subject(c);
		if (compose_flag(c, "forward_references"))
			mail_reply_thread(c->draft, c->original->header);
	}
	if (c->kind == COMPOSE_REPLY || c->kind == COMPOSE_FORWARD)
		mark_original(c);
	people_release(&people);
	if (c->kind != COMPOSE_RESEND && c->kind != COMPOSE_RECALL)
		add_own_headers(c, true);
}

static struct query_message written(const struct compose *c)
{
	char *const *fields = c->draft->fields;

	return (struct query_message){
		.from = fields[MAIL_FROM],
		.to = fields[MAIL_TO],
		.cc = fields[MAIL_CC],
		.subject = fields[MAIL_SUBJECT],
	};
}

void compose_changed(struct compose *c)
{
	const struct query_message message = written(c);

	hooks_message(c->account, HOOK_SEND2, &message);
}

void compose_fill_rest(struct compose *c)
{
	struct mail_draft *draft = c->draft;
	g_autofree char *before = people_from(c->app, c->account->name);
	g_autofree char *after = NULL;
	struct query_message message = written(c);

	if (c->kind == COMPOSE_RESEND || c->kind == COMPOSE_RECALL)
		return;
	hooks_message(c->account, HOOK_SEND, &message);
	after = people_from(c->app, c->account->name);
	/* The hook made somebody else of the sender: that is meant so. */
	if (strcmp(before, after) != 0)
		g_clear_pointer(&c->came_to, g_free);
	if (strcmp(before, draft->fields[MAIL_FROM]) == 0)
		mail_draft_set(&draft->fields[MAIL_FROM], after);
	add_own_headers(c, false);
	message.from = draft->fields[MAIL_FROM];
	fill_fcc(c, &message);
}
