/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands about messages, and the selection of their mailbox. */
#include "config.h"

#include "calls.h"
#include "structure.h"

#define ROW_FIELDS                                                             \
	"HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID REFERENCES"         \
	" IN-REPLY-TO LIST-ID)"

void link_select(struct link *link, const char *mailbox, uint64_t uidvalidity,
		 uint64_t modseq, bool condstore, link_ended ended, void *user)
{
	struct imap_select select = {
		.mailbox = mailbox,
		.qresync = modseq > 0 && uidvalidity > 0 &&
			   uidvalidity <= UINT32_MAX,
		.uidvalidity = (uint32_t)uidvalidity,
		.modseq = modseq,
	};
	GError *error = NULL;
	struct imap_command *command;
	struct call *call = call_new(link, ended, user);

	select.examine = link->account->read_only;
	select.condstore = condstore && !select.qresync;
	command = imap_cmd_select(&select, &error);
	call->select = true;
	link->condstore = condstore;
	link->left = imap_selection(link->imap);
	link->selecting++;
	call_submit(call, command, error);
}

void link_visit(struct link *link, const char *mailbox, uint64_t uidvalidity,
		link_ended ended, void *user)
{
	const struct imap_select select = { .mailbox = mailbox, .examine = true };
	GError *error = NULL;
	struct imap_command *command = imap_cmd_select(&select, &error);
	struct call *call = call_new(link, ended, user);

	call->select = true;
	call->visit = uidvalidity;
	link->visit_validity = 0;
	link->left = imap_selection(link->imap);
	link->selecting++;
	call_submit(call, command, error);
}

uint64_t link_visit_validity(const struct link *link)
{
	return link->visit_validity;
}

void link_noop(struct link *link, link_ended ended, void *user)
{
	call_send(link, imap_cmd_noop(), NULL, ended, user);
}

void link_list_uids(struct link *link, link_ended ended, void *user)
{
	unsigned options =
		imap_has(link->imap, IMAP_CAP_ESEARCH) ||
				imap_has(link->imap, IMAP_CAP_IMAP4REV2)
			? IMAP_RETURN_ALL
			: 0;
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_uid_search(NULL, options, &error);
	struct call *call = call_new(link, ended, user);

	call->list_uids = true;
	link->searching = true;
	g_array_set_size(link->uids, 0);
	call_submit(call, command, error);
}

GArray *link_known_uids(const struct link *link)
{
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t exists = imap_exists(link->imap);

	for (uint32_t seq = 1; seq <= exists; seq++) {
		uint32_t uid = imap_uid_of(link->imap, seq);

		if (uid != 0)
			g_array_append_val(uids, uid);
	}
	return uids;
}

static void fetch(struct link *link, const char *text, bool by_uid,
		  const struct imap_fetch_request *request, link_ended ended,
		  void *user)
{
	struct call *call = call_new(link, ended, user);
	GError *error = NULL;
	struct imap_command *command = NULL;
	struct imap_set *set;

	if (g_str_has_suffix(text, ":*")) {
		set = imap_set_new();
		imap_set_add(set, (uint32_t)g_ascii_strtoull(text, NULL, 10),
			     IMAP_STAR);
	} else {
		set = imap_set_parse(text, -1, G_MAXUINT, &error);
	}
	if (set != NULL)
		command = by_uid ? imap_cmd_uid_fetch(set, request, &error)
				 : imap_cmd_fetch(set, request, &error);
	imap_set_free(set);
	call->rows = (request->items & IMAP_ITEM_BODYSTRUCTURE) != 0;
	call_submit(call, command, error);
}

void link_fetch_rows(struct link *link, const char *set, bool by_uid,
		     link_ended ended, void *user)
{
	const struct imap_section_request section = { .section = ROW_FIELDS };
	struct imap_fetch_request request = {
		.items = IMAP_ITEM_FLAGS | IMAP_ITEM_INTERNALDATE |
			 IMAP_ITEM_SIZE | IMAP_ITEM_BODYSTRUCTURE,
		.sections = &section,
		.n_sections = 1,
	};

	if (link->condstore)
		request.items |= IMAP_ITEM_MODSEQ;
	link->asked_rows = true;
	fetch(link, set, by_uid, &request, ended, user);
}

bool link_asked_rows(const struct link *link)
{
	return link->asked_rows;
}

void link_fetch_flags(struct link *link, const char *uids,
		      uint64_t changed_since, link_ended ended, void *user)
{
	struct imap_fetch_request request = {
		.items = IMAP_ITEM_FLAGS,
		.changed_since = changed_since,
	};

	fetch(link, uids, true, &request, ended, user);
}

void link_fetch_body(struct link *link, uint32_t uid, bool structure,
		     const char *const *sections, size_t n, link_ended ended,
		     void *user)
{
	g_autofree struct imap_section_request *wanted =
		g_new0(struct imap_section_request, n);
	g_autofree char *set = g_strdup_printf("%" G_GUINT32_FORMAT, uid);
	struct imap_fetch_request request = {
		.items = structure ? IMAP_ITEM_BODYSTRUCTURE : 0,
		.sections = wanted,
		.n_sections = n,
	};

	for (size_t i = 0; i < n; i++)
		wanted[i].section = sections[i];
	fetch(link, set, true, &request, ended, user);
}

void link_fetch_piece(struct link *link, uint32_t uid, const char *section,
		      uint32_t offset, uint32_t length, link_ended ended,
		      void *user)
{
	const struct imap_section_request piece = {
		.section = section,
		.offset = offset,
		.length = length,
	};
	const struct imap_fetch_request request = {
		.sections = &piece,
		.n_sections = 1,
	};
	g_autofree char *set = g_strdup_printf("%" G_GUINT32_FORMAT, uid);

	fetch(link, set, true, &request, ended, user);
}

bool link_store(struct link *link, const char *uids, bool add, uint32_t flags,
		link_ended ended, void *user)
{
	const char *keywords[3];
	struct imap_store_request request = {
		.remove = !add,
		.silent = true,
		.system = flags_to_imap(flags, keywords),
		.keywords = keywords,
	};
	GError *error = NULL;
	struct imap_command *command = NULL;
	struct imap_set *set;

	if (request.system == 0 && keywords[0] == NULL)
		return false;
	set = imap_set_parse(uids, -1, G_MAXUINT, &error);
	if (set != NULL)
		command = imap_cmd_uid_store(set, &request, &error);
	imap_set_free(set);
	call_send_act(link, command, error, ended, user);
	return true;
}

void link_label(struct link *link, const char *uids, bool add,
		const char *keyword, link_ended ended, void *user)
{
	const char *const keywords[] = {keyword, NULL};
	const struct imap_store_request request = {
		.remove = !add,
		.silent = true,
		.keywords = keywords,
	};
	GError *error = NULL;
	struct imap_command *command = NULL;
	struct imap_set *set = imap_set_parse(uids, -1, G_MAXUINT, &error);

	if (set != NULL)
		command = imap_cmd_uid_store(set, &request, &error);
	imap_set_free(set);
	call_send_act(link, command, error, ended, user);
}

void link_identify(struct link *link, const char *uids, link_ended ended,
		   void *user)
{
	const struct imap_section_request section = {
		.section = "HEADER.FIELDS (MESSAGE-ID)",
	};
	const struct imap_fetch_request request = {
		.items = IMAP_ITEM_INTERNALDATE | IMAP_ITEM_SIZE,
		.sections = &section,
		.n_sections = 1,
	};

	fetch(link, uids, true, &request, ended, user);
}

void link_copy(struct link *link, const char *uids, const char *mailbox,
	       bool move, link_ended ended, void *user)
{
	struct call *call = call_new(link, ended, user);
	GError *error = NULL;
	struct imap_command *command = NULL;
	struct imap_set *set = imap_set_parse(uids, -1, G_MAXUINT, &error);

	if (set != NULL)
		command = (move ? imap_cmd_uid_move
				: imap_cmd_uid_copy)(set, mailbox, &error);
	imap_set_free(set);
	link_forget_copied(link);
	call->copy = call->acts = true;
	call_submit(call, command, error);
}

void link_ask_uidnext(struct link *link, const char *mailbox, link_ended ended,
		      void *user)
{
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_status(mailbox, IMAP_STATUS_UIDNEXT, &error);

	g_free(link->asked_uidnext);
	link->asked_uidnext = g_strdup(mailbox);
	link->told_uidnext = 0;
	call_send_act(link, command, error, ended, user);
}

uint32_t link_told_uidnext(const struct link *link, const char *mailbox)
{
	return g_strcmp0(link->asked_uidnext, mailbox) == 0 ? link->told_uidnext
							    : 0;
}

void link_expunge(struct link *link, const char *uids, link_ended ended,
		  void *user)
{
	GError *error = NULL;
	struct imap_command *command = NULL;
	struct imap_set *set = imap_set_parse(uids, -1, G_MAXUINT, &error);

	if (set != NULL)
		command = imap_cmd_uid_expunge(set, &error);
	imap_set_free(set);
	call_send_act(link, command, error, ended, user);
}

void link_expunge_marked(struct link *link, link_ended ended, void *user)
{
	call_send_act(link, imap_cmd_expunge(), NULL, ended, user);
}

static void find(struct link *link, const char *message_id, link_found found,
		 link_ended ended, void *user)
{
	struct imap_criteria *criteria = imap_criteria_new();
	GError *error = NULL;
	struct imap_command *command;
	struct call *call = call_new(link, ended, user);

	imap_criteria_key(criteria, "HEADER");
	imap_criteria_key(criteria, "MESSAGE-ID");
	imap_criteria_text(criteria, message_id);
	command = imap_cmd_uid_search(criteria, 0, &error);
	imap_criteria_free(criteria);
	call->find = true;
	call->acts = found == NULL;
	call->found = found;
	link->searching = true;
	g_array_set_size(link->uids, 0);
	call_submit(call, command, error);
}

void link_search_key(struct link *link, const char *key, GArray **uids,
		     link_ended ended, void *user)
{
	struct imap_criteria *criteria = imap_criteria_new();
	GError *error = NULL;
	struct imap_command *command;
	struct call *call = call_new(link, ended, user);

	imap_criteria_key(criteria, key);
	command = imap_cmd_uid_search(criteria, 0, &error);
	imap_criteria_free(criteria);
	call->into = uids;
	link->searching = true;
	g_array_set_size(link->uids, 0);
	call_submit(call, command, error);
}

void link_find(struct link *link, const char *message_id, link_ended ended,
	       void *user)
{
	find(link, message_id, NULL, ended, user);
}

void link_look_for(struct link *link, const char *message_id, link_found found,
		   link_ended ended, void *user)
{
	find(link, message_id, found, ended, user);
}

/* The names of 'flags' and the words of 'keywords', each once; NULL at the end.
 * The array alone is owned. */
static GPtrArray *keyword_list(const char *const *of_flags, char **words)
{
	GPtrArray *list = g_ptr_array_new();

	for (; *of_flags != NULL; of_flags++)
		g_ptr_array_add(list, (gpointer)(uintptr_t)*of_flags);
	for (; *words != NULL; words++) {
		bool there = **words == '\0';

		for (guint i = 0; !there && i < list->len; i++)
			there = g_ascii_strcasecmp(list->pdata[i],
						   *words) == 0;
		if (!there)
			g_ptr_array_add(list, *words);
	}
	g_ptr_array_add(list, NULL);
	return list;
}

void link_append(struct link *link, const struct link_message *message,
		 ssize_t (*source)(char *, size_t, void *), link_ended ended,
		 void *user)
{
	const char *of_flags[3];
	struct imap_append append = {
		.mailbox = message->mailbox,
		.system = flags_to_imap(message->flags, of_flags),
		.received = message->received,
		.size = message->size,
		.source = source,
		.user = user,
	};
	const char *keywords =
		message->keywords != NULL ? message->keywords : "";
	g_auto(GStrv) words = g_strsplit(keywords, " ", -1);
	g_autoptr(GPtrArray) list = keyword_list(of_flags, words);
	struct call *call = call_new(link, ended, user);
	GError *error = NULL;
	struct imap_command *command;

	append.keywords = (const char *const *)list->pdata;
	command = imap_cmd_append(&append, &error);
	call->append = true;
	call->acts = message->acts;
	call_submit(call, command, error);
}
