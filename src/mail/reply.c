/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply: whom an answer goes to, as mutt has it, and where it belongs. */
#include "config.h"

#include <string.h>

#include "address.h"
#include "smew/base.h"

/* RFC 5322 sets no limit; what is older than that helps nobody. */
enum { REFERENCES_MAX = 100 };

static const struct mail_address *first_of(const GPtrArray *list)
{
	return list->len > 0 ? g_ptr_array_index(list, 0) : NULL;
}

static bool has(const GPtrArray *list, const char *email)
{
	for (guint i = 0; i < list->len; i++)
		if (mail_address_same(
			    ((struct mail_address *)g_ptr_array_index(list, i))
				    ->email,
			    email))
			return true;
	return false;
}

static void append(GPtrArray *to, const GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		const struct mail_address *a = g_ptr_array_index(from, i);

		/* The names of groups are not theirs to be answered. */
		if (*a->email != '\0')
			mail_addresses_add(to, a->name, a->email);
	}
}

static bool is_me(const struct mail_people *people, const GPtrArray *list)
{
	const struct mail_address *first = first_of(list);

	return first != NULL && people->is_me(first->email, people->user);
}

/* ---- questions ---- */

static bool is_to_several(enum mail_reply kind)
{
	return kind == MAIL_REPLY_GROUP || kind == MAIL_REPLY_CHAT ||
	       kind == MAIL_REPLY_LIST;
}

static char *asked_for(const GPtrArray *list)
{
	const struct mail_address *first = first_of(list);

	if (first == NULL || *first->email == '\0')
		return NULL;
	return g_strconcat(first->email, list->len > 1 ? ",..." : "", NULL);
}

char *mail_reply_asks_followup(const struct mail_header *header,
			       enum mail_reply kind)
{
	return is_to_several(kind) ? asked_for(header->followup_to) : NULL;
}

/* Reply-To says nothing that From does not say. */
static bool is_plain_reply_to(const struct mail_header *header)
{
	const struct mail_address *from = first_of(header->from);
	const struct mail_address *to = first_of(header->reply_to);

	return from != NULL && header->reply_to->len == 1 &&
	       mail_address_same(from->email, to->email);
}

static bool is_list_reply_to(const struct mail_header *header,
			     const struct mail_reply_how *how,
			     const struct mail_people *people)
{
	const struct mail_address *to = first_of(header->reply_to);

	return how->ignore_list_reply_to &&
	       people->is_list(to->email, people->user) &&
	       (has(header->to, to->email) || has(header->cc, to->email));
}

static bool follows_up(const struct mail_header *header,
		       const struct mail_reply_how *how)
{
	return how->followup && is_to_several(how->kind) &&
	       header->followup_to->len > 0;
}

char *mail_reply_asks_reply_to(const struct mail_header *header,
			       const struct mail_reply_how *how,
			       const struct mail_people *people)
{
	if (how->kind == MAIL_REPLY_LIST || how->kind == MAIL_REPLY_FROM ||
	    header->reply_to->len == 0 || follows_up(header, how) ||
	    (!how->reply_self && is_me(people, header->from)) ||
	    is_plain_reply_to(header) || is_list_reply_to(header, how, people))
		return NULL;
	return asked_for(header->reply_to);
}

/* ---- recipients ---- */

static void add_default(GPtrArray *to, const struct mail_header *header,
			const struct mail_reply_how *how,
			const struct mail_people *people)
{
	if (!how->reply_self && is_me(people, header->from))
		append(to, header->to);
	else if (header->reply_to->len == 0 || is_plain_reply_to(header) ||
		 is_list_reply_to(header, how, people) || !how->reply_to)
		append(to, header->from);
	else
		append(to, header->reply_to);
}

static void add_lists(GPtrArray *to, const GPtrArray *from,
		      const struct mail_people *people)
{
	for (guint i = 0; i < from->len; i++) {
		const struct mail_address *a = g_ptr_array_index(from, i);

		if (*a->email != '\0' && people->is_list(a->email, people->user))
			mail_addresses_add(to, a->name, a->email);
	}
}

static void collect(GPtrArray *to, GPtrArray *cc,
		    const struct mail_header *header,
		    const struct mail_reply_how *how,
		    const struct mail_people *people)
{
	if (how->kind == MAIL_REPLY_LIST) {
		add_lists(to, header->to, people);
		add_lists(to, header->cc, people);
		if (follows_up(header, how))
			append(cc, header->followup_to);
		return;
	}
	if (how->kind == MAIL_REPLY_FROM) {
		append(to, header->from);
		return;
	}
	if (follows_up(header, how)) {
		append(to, header->followup_to);
		return;
	}
	add_default(to, header, how, people);
	if (how->kind == MAIL_REPLY_SENDER)
		return;
	append(how->kind == MAIL_REPLY_GROUP ? cc : to, header->to);
	append(cc, header->cc);
}

/* 'keep': somebody has to remain. */
static void remove_me(GPtrArray *list, const struct mail_people *people,
		      bool keep)
{
	for (guint i = 0; i < list->len;) {
		const struct mail_address *a = g_ptr_array_index(list, i);

		if (people->is_me(a->email, people->user) &&
		    !(keep && list->len == 1))
			g_ptr_array_remove_index(list, i);
		else
			i++;
	}
}

/* Those that are in 'list' already, or in 'before', go. */
static void remove_twice(GPtrArray *list, const GPtrArray *before)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; before != NULL && i < before->len; i++)
		g_hash_table_add(
			seen,
			g_ascii_strdown(((struct mail_address *)
						 g_ptr_array_index(before, i))
						->email,
					-1));
	for (guint i = 0; i < list->len;) {
		const struct mail_address *a = g_ptr_array_index(list, i);

		if (g_hash_table_add(seen, g_ascii_strdown(a->email, -1)))
			i++;
		else
			g_ptr_array_remove_index(list, i);
	}
}

void mail_reply_recipients(struct mail_draft *draft,
			   const struct mail_header *header,
			   const struct mail_reply_how *how,
			   const struct mail_people *people)
{
	g_autoptr(GPtrArray) to = mail_addresses_new();
	g_autoptr(GPtrArray) cc = mail_addresses_new();
	g_autofree char *to_text = NULL, *cc_text = NULL;

	collect(to, cc, header, how, people);
	/* The copies first: who is alone among them ends up as recipient. */
	if (!how->metoo) {
		remove_me(cc, people, to->len == 0);
		remove_me(to, people, cc->len == 0 || how->reply_self);
	}
	remove_twice(to, NULL);
	remove_twice(cc, to);
	to_text = mail_addresses_text(to->len > 0 ? to : cc);
	cc_text = to->len > 0 ? mail_addresses_text(cc) : g_strdup("");
	mail_draft_set(&draft->fields[MAIL_TO], to_text);
	mail_draft_set(&draft->fields[MAIL_CC], cc_text);
}

/* ---- from whom, and where to ---- */

char *mail_reply_from(const struct mail_header *header,
		      const struct mail_people *people, bool with_name)
{
	const GPtrArray *lists[] = { header->to, header->cc, header->from };

	for (size_t l = 0; l < G_N_ELEMENTS(lists); l++)
		for (guint i = 0; i < lists[l]->len; i++) {
			const struct mail_address *a =
				g_ptr_array_index(lists[l], i);
			g_autoptr(GPtrArray) one = NULL;

			if (*a->email == '\0' ||
			    !people->is_me(a->email, people->user))
				continue;
			one = mail_addresses_new();
			mail_addresses_add(one, with_name ? a->name : "",
					   a->email);
			return mail_addresses_text(one);
		}
	return NULL;
}

void mail_reply_thread(struct mail_draft *draft,
		       const struct mail_header *header)
{
	const GPtrArray *refs = header->references;
	guint first = refs->len > REFERENCES_MAX - 1
			      ? refs->len - (REFERENCES_MAX - 2)
			      : 0;
	g_autofree char *id = NULL;

	g_ptr_array_set_size(draft->references, 0);
	/* The root and the nearest tell most. */
	if (first > 0)
		g_ptr_array_add(draft->references,
				g_strdup(g_ptr_array_index(refs, 0)));
	for (guint i = first; i < refs->len; i++)
		g_ptr_array_add(draft->references,
				g_strdup(g_ptr_array_index(refs, i)));
	if (refs->len == 0 && *header->in_reply_to != '\0')
		g_ptr_array_add(draft->references,
				g_strdup(header->in_reply_to));
	if (*header->message_id == '\0')
		return;
	g_ptr_array_add(draft->references, g_strdup(header->message_id));
	id = g_strconcat("<", header->message_id, ">", NULL);
	mail_draft_set(&draft->in_reply_to, id);
}

static bool any(const GPtrArray *list, bool (*is)(const char *, void *),
		void *user)
{
	for (guint i = 0; i < list->len; i++)
		if (is(((struct mail_address *)g_ptr_array_index(list, i))
			       ->email,
		       user))
			return true;
	return false;
}

void mail_followup_to(struct mail_draft *draft,
		      const struct mail_people *people)
{
	g_autoptr(GPtrArray) all =
		mail_addresses_read(draft->fields[MAIL_TO]);
	g_autoptr(GPtrArray) cc = mail_addresses_read(draft->fields[MAIL_CC]);
	g_autoptr(GPtrArray) me = mail_addresses_read(
		*draft->fields[MAIL_REPLY_TO] != '\0'
			? draft->fields[MAIL_REPLY_TO]
			: draft->fields[MAIL_FROM]);
	g_autofree char *text = NULL;
	bool subscribed;

	append(all, cc);
	subscribed = any(all, people->is_subscribed, people->user);
	if (*draft->fields[MAIL_FOLLOWUP_TO] != '\0' ||
	    (!subscribed && !any(all, people->is_list, people->user)))
		return;
	remove_me(all, people, false);
	/* Who does not get the list's mail wants the answers themselves. */
	if (!subscribed) {
		append(me, all);
		remove_twice(me, NULL);
	}
	remove_twice(all, NULL);
	text = mail_addresses_text(subscribed ? all : me);
	mail_draft_set(&draft->fields[MAIL_FOLLOWUP_TO], text);
}
