/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes in: from the engine's responses to the session's events. */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "arrival.h"
#include "body.h"
#include "carry.h"
#include "events.h"
#include "folders.h"
#include "limits.h"
#include "link-private.h"
#include "standing.h"
#include "structure.h"

/* Data of a mailbox that was left count no more (RFC 7162, CLOSED). */
static bool is_current(const struct link *link,
		       const struct imap_response *response)
{
	/* Of two, the first is for a box that has gone. */
	if (link->selecting > 1)
		return false;
	if (link->selecting > 0)
		return response->selection != link->left;
	return link->selection != 0 && response->selection == link->selection;
}

/* ---- streamed sections ---- */

bool link_body_begin(uint32_t seq, const struct imap_section *section,
		     void *user)
{
	struct link *link = user;

	(void)seq;
	link->streaming = NULL;
	if (section->length <= LIMIT_BODY)
		link->streaming = g_byte_array_new();
	if (link->streaming != NULL)
		g_ptr_array_add(link->streamed, link->streaming);
	return link->streaming != NULL;
}

void link_body_data(const uint8_t *data, size_t length, void *user)
{
	struct link *link = user;

	g_byte_array_append(link->streaming, data, (guint)length);
}

void link_body_end(bool complete, void *user)
{
	struct link *link = user;

	if (!complete)
		g_ptr_array_set_size(link->streamed, 0);
	link->streaming = NULL;
}

/* ---- FETCH ---- */

static void convert_section(const struct link *link,
			    const struct imap_section *from, guint *streamed,
			    struct events_section *to)
{
	to->name = from->section;
	if (from->streamed) {
		GByteArray *all = *streamed < link->streamed->len ?
					  g_ptr_array_index(link->streamed,
							    (*streamed)++) :
					  NULL;

		if (all != NULL && all->len == from->length) {
			to->data = all->data != NULL ? all->data :
						       (const uint8_t *)"";
			to->length = all->len;
		}
	} else if (from->data != NULL) {
		to->data = from->data;
		to->length = (size_t)from->length;
	} else {
		to->too_large = !from->nil;
	}
	to->origin = from->origin;
}

static void untagged_fetch(struct link *link, const struct imap_fetch *fetch)
{
	g_autofree struct events_section *sections =
		g_new0(struct events_section, fetch->n_sections);
	struct mail_part *structure = structure_from_imap(fetch->body);
	GString *keywords = g_string_new(NULL);
	struct events_fetch event = {
		.uid = fetch->uid,
		.has_flags = (fetch->has & IMAP_ITEM_FLAGS) != 0,
		.has_size = (fetch->has & IMAP_ITEM_SIZE) != 0,
		.structure = structure,
		.sections = sections,
		.n = fetch->n_sections,
	};
	guint streamed = 0;

	if (event.has_flags)
		event.flags = flags_from_imap(&fetch->flags, keywords);
	event.keywords = keywords->str;
	if (fetch->has & IMAP_ITEM_MODSEQ)
		event.modseq = fetch->modseq;
	if (event.has_size)
		event.size = fetch->size;
	if (fetch->has & IMAP_ITEM_INTERNALDATE)
		event.received = fetch->internaldate;
	/* Only what bears its UID itself is stored under it (imap-traps 3). */
	event.own_uid = (fetch->has & IMAP_ITEM_UID) != 0;
	for (size_t i = 0; i < fetch->n_sections; i++)
		convert_section(link, &fetch->sections[i], &streamed,
				&sections[i]);
	if (event.n > 0 && event.own_uid) {
		body_fetched(link, &event);
		actions_octets(link, &event);
	}
	if (event.has_flags && event.own_uid)
		actions_flags(link, &event);
	if (event.has_size && event.own_uid) {
		actions_fetched(link, &event);
		arrival_fetched(link, &event);
	}
	if (link->box != NULL && event.uid != 0)
		events_fetch(link->box, &event);
	g_ptr_array_set_size(link->streamed, 0);
	g_string_free(keywords, TRUE);
	mail_part_free(structure);
}

/* ---- SEARCH ---- */

static void untagged_esearch(struct link *link,
			     const struct imap_esearch *esearch)
{
	size_t n = 0;
	const struct imap_range *ranges;

	if (!link->searching || esearch->all == NULL || !esearch->uid)
		return;
	if (imap_set_count(esearch->all) >
	    (uint64_t)imap_exists(link->imap) + link->uids->len) {
		link_fail(link, _("the server lists more messages than "
				  "there are"));
		return;
	}
	ranges = imap_set_ranges(esearch->all, &n);
	for (size_t i = 0; i < n; i++)
		for (uint64_t uid = ranges[i].first; uid <= ranges[i].last;
		     uid++) {
			uint32_t one = (uint32_t)uid;

			g_array_append_val(link->uids, one);
		}
}

static void untagged_search(struct link *link,
			    const struct imap_search *search)
{
	if (link->searching)
		g_array_append_vals(link->uids, search->numbers,
				    (guint)search->n);
}

/* ---- mailboxes ---- */

static const struct {
	uint32_t imap;
	uint32_t store;
} attributes[] = {
	{ IMAP_ATTR_NOSELECT, STORE_NOSELECT },
	{ IMAP_ATTR_NONEXISTENT, STORE_NONEXISTENT },
	{ IMAP_ATTR_NOINFERIORS, STORE_NOINFERIORS },
	{ IMAP_ATTR_HASCHILDREN, STORE_HASCHILDREN },
	{ IMAP_ATTR_HASNOCHILDREN, STORE_HASNOCHILDREN },
	{ IMAP_ATTR_SUBSCRIBED, STORE_SUBSCRIBED },
};

static const struct {
	uint32_t imap;
	enum store_role role;
} roles[] = {
	{ IMAP_ATTR_ALL, STORE_ROLE_ALL },
	{ IMAP_ATTR_ARCHIVE, STORE_ROLE_ARCHIVE },
	{ IMAP_ATTR_DRAFTS, STORE_ROLE_DRAFTS },
	{ IMAP_ATTR_FLAGGED, STORE_ROLE_FLAGGED },
	{ IMAP_ATTR_JUNK, STORE_ROLE_JUNK },
	{ IMAP_ATTR_SENT, STORE_ROLE_SENT },
	{ IMAP_ATTR_TRASH, STORE_ROLE_TRASH },
	{ IMAP_ATTR_IMPORTANT, STORE_ROLE_IMPORTANT },
};

static enum store_role list_role(const struct imap_list *list)
{
	if (strcmp(list->name, "INBOX") == 0)
		return STORE_ROLE_INBOX;
	for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
		if (list->attributes & roles[i].imap)
			return roles[i].role;
	return STORE_ROLE_NONE;
}

static void untagged_list(struct link *link, const struct imap_list *list,
			  bool lsub)
{
	struct store_mailbox *mailbox = g_new0(struct store_mailbox, 1);
	g_autofree char *name = imap_mailbox_decode(list->name);

	mailbox->name = g_strdup(list->name);
	mailbox->display = sanitise_line(name, -1);
	mailbox->delimiter = list->delimiter;
	mailbox->role = list_role(list);
	for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++)
		if (list->attributes & attributes[i].imap)
			mailbox->attributes |= attributes[i].store;
	if (lsub)
		mailbox->attributes |= STORE_SUBSCRIBED;
	folders_listed(link->account, mailbox);
}

static void untagged_counts(struct link *link,
			    const struct imap_mailbox_status *status)
{
	const uint32_t both = IMAP_STATUS_MESSAGES | IMAP_STATUS_UNSEEN;

	if ((status->has & IMAP_STATUS_UIDNEXT) && link->asked_uidnext != NULL &&
	    strcmp(link->asked_uidnext, status->name) == 0)
		link->told_uidnext = status->uidnext;
	if ((status->has & both) == both)
		folders_counted(link->account, status->name,
				(uint32_t)MIN(status->messages, UINT32_MAX),
				(uint32_t)MIN(status->unseen, UINT32_MAX));
	else if (link->notified)
		folders_told(link->account, status->name);
}

/* ---- the dispatcher ---- */

static void untagged_vanished(struct link *link, const struct imap_set *uids)
{
	size_t n = 0;
	const struct imap_range *ranges = imap_set_ranges(uids, &n);

	for (size_t i = 0; i < n; i++)
		events_vanished(link->box, ranges[i].first, ranges[i].last);
}

void link_forget_copied(struct link *link)
{
	g_clear_pointer(&link->copied_from, imap_set_free);
	g_clear_pointer(&link->copied_to, imap_set_free);
}

static void add_ranges(struct imap_set **to, const struct imap_set *from)
{
	size_t n = 0;
	const struct imap_range *ranges = imap_set_ranges(from, &n);

	if (*to == NULL)
		*to = imap_set_new();
	for (size_t i = 0; i < n; i++)
		imap_set_add(*to, ranges[i].first, ranges[i].last);
}

/* Empty ones say nothing (imap-traps 63). */
void link_keep_copied(struct link *link, const struct imap_status *status)
{
	if (status->source == NULL || status->uids == NULL ||
	    imap_set_count(status->source) != imap_set_count(status->uids))
		return;
	add_ranges(&link->copied_from, status->source);
	add_ranges(&link->copied_to, status->uids);
	link->copied_validity = status->number;
}

static void untagged_status(struct link *link,
			    const struct imap_response *response)
{
	const struct imap_status *status = &response->status;

	if (status->code == IMAP_CODE_ALERT)
		events_alert(link->account, status->text);
	if (status->code == IMAP_CODE_NOTIFICATIONOVERFLOW && link->notified)
		link_notify_overflow(link);
	if (status->code == IMAP_CODE_COPYUID)
		link_keep_copied(link, status);
	if (!is_current(link, response))
		return;
	if (status->code == IMAP_CODE_UIDVALIDITY)
		link->visit_validity = status->number;
	if (link->box == NULL)
		return;
	if (status->code == IMAP_CODE_UIDVALIDITY)
		events_uidvalidity(link->box, status->number);
	else if (status->code == IMAP_CODE_UIDNEXT)
		events_uidnext(link->box, status->number);
	else if (status->code == IMAP_CODE_HIGHESTMODSEQ)
		events_highestmodseq(link->box, status->number);
	else if (status->code == IMAP_CODE_PERMANENTFLAGS) {
		events_fleeting(link->box, flags_fleeting(&status->flags));
		events_keywords(link->box, flags_lasting(&status->flags));
	}
}

/* Data of the selected mailbox; without a box only bodies count. */
static void untagged_message(struct link *link,
			     const struct imap_response *response)
{
	struct box *box = link->box;

	if (!is_current(link, response))
		return;
	if (response->type == IMAP_RESPONSE_FETCH)
		untagged_fetch(link, &response->fetch);
	if (box == NULL)
		return;
	if (response->type == IMAP_RESPONSE_EXISTS)
		events_exists(box);
	else if (response->type == IMAP_RESPONSE_EXPUNGE)
		events_gone(box, response->expunge.uid);
	else if (response->type == IMAP_RESPONSE_VANISHED)
		untagged_vanished(link, response->vanished.uids);
	if (response->suspect)
		events_suspect(box);
}

void link_untagged(const struct imap_response *response, void *user)
{
	struct link *link = user;

	/* Nothing counts that came before the server was verified. */
	if (link->state < LINK_SETUP || link->state == LINK_DEAD)
		return;
	switch (response->type) {
	case IMAP_RESPONSE_STATUS:
		untagged_status(link, response);
		break;
	case IMAP_RESPONSE_LIST:
	case IMAP_RESPONSE_LSUB:
		untagged_list(link, &response->list,
			      response->type == IMAP_RESPONSE_LSUB);
		break;
	case IMAP_RESPONSE_MAILBOX_STATUS:
		untagged_counts(link, &response->mailbox);
		break;
	case IMAP_RESPONSE_NAMESPACE:
		folders_namespaces(link->account, &response->namespaces);
		break;
	case IMAP_RESPONSE_QUOTA:
		standing_quota(link->account, &response->quota);
		break;
	case IMAP_RESPONSE_QUOTAROOT:
		standing_roots(link->account, &response->quotaroot);
		break;
	case IMAP_RESPONSE_MYRIGHTS:
		standing_rights(link->account, &response->rights);
		break;
	case IMAP_RESPONSE_ID:
		wire_server_id(link->account, response->id.params,
			       response->id.n);
		break;
	case IMAP_RESPONSE_SEARCH:
		untagged_search(link, &response->search);
		break;
	case IMAP_RESPONSE_ESEARCH:
		untagged_esearch(link, &response->esearch);
		break;
	default:
		untagged_message(link, response);
	}
}
