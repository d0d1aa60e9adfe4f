/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes out: commands with their ends, and IDLE. */
#include "config.h"

#include "actions.h"
#include "events.h"
#include "folders.h"
#include "limits.h"
#include "link-private.h"
#include "refusal.h"
#include "signin.h"
#include "structure.h"
#include "work.h"

#define ROW_FIELDS                                                     \
	"HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID REFERENCES" \
	" IN-REPLY-TO LIST-ID)"

/* ---- the end of a command ---- */

struct call {
	struct link *link;
	link_ended ended; /* or NULL */
	void *user;
	bool select, list_uids, rows, find, copy;
	GArray **into;	/* of a search: where its UIDs go; or NULL */
	link_found found; /* of link_look_for() */
	bool acts;	/* for the journal: it can wait, others need not */
	uint64_t visit; /* the UIDVALIDITY it should have; 0: no visit */
};

static enum link_result call_result(enum imap_condition condition)
{
	switch (condition) {
	case IMAP_OK:
	case IMAP_PREAUTH:
		return LINK_OK;
	case IMAP_NO:
	case IMAP_REFUSED:
		return LINK_NO;
	case IMAP_BAD:
		return LINK_BAD;
	default:
		return LINK_GONE;
	}
}

static void call_selected(struct link *link, const struct imap_status *status)
{
	link->selection = 0;
	/* Another one is under way: what comes now is for that. */
	if (--link->selecting > 0) {
		link->left = imap_selection(link->imap);
		return;
	}
	if (status->condition != IMAP_OK)
		return;
	link->selection = imap_selection(link->imap);
	if (link->box != NULL)
		events_read_only(link->box,
				 status->code == IMAP_CODE_READ_ONLY);
}

static void call_searched(const struct call *call,
			  const struct imap_status *status)
{
	struct link *link = call->link;
	GArray *uids = link->uids;

	link->searching = false;
	link->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	if (call->into != NULL) {
		*call->into = uids;
	} else if (status->condition == IMAP_OK && call->found != NULL) {
		call->found(uids, call->user);
		g_array_free(uids, TRUE);
	} else if (status->condition == IMAP_OK && call->find) {
		actions_found(call->user, uids);
	} else if (status->condition == IMAP_OK && link->box != NULL) {
		events_uids(link->box, uids);
	} else {
		g_array_free(uids, TRUE);
	}
}

/* Some say it before the tagged answer, of COPY too (imap-traps 63). */
static void call_copied(struct link *link, const struct imap_status *status,
			struct link_end *end)
{
	if (status->code == IMAP_CODE_COPYUID)
		link_keep_copied(link, status);
	end->source = link->copied_from;
	end->uids = link->copied_to;
	end->uidvalidity = link->copied_validity;
}

/* Of rows a few refusals are no reason to wait: one message may be to blame,
 * and is found by halving. */
enum { ROWS_REFUSED = 16 };

/* What the refusal means for all that is to be sent. */
static bool call_refused(const struct call *call,
			 const struct imap_status *status,
			 struct link_end *end)
{
	struct link *link = call->link;
	struct account *account = link->account;
	/* Of a command it is a limit of what it may ask for (RFC 5530). */
	enum imap_code code = status->code != IMAP_CODE_LIMIT ?
				      status->code :
				      IMAP_CODE_NONE;
	struct refusal refusal = refusal_of(code, status->text);

	switch (refusal.kind) {
	case REFUSAL_THROTTLED:
		work_pause(account, refusal.delay, status->text);
		return true;
	case REFUSAL_TEMPORARY:
		end->delay = refusal.delay;
		end->holds = call->acts;
		if (call->acts)
			return true;
		if (!call->rows || account->refusals >= ROWS_REFUSED)
			work_pause(account, refusal.delay, NULL);
		else
			account->refusals++;
		return true;
	default:
		return false;
	}
}

static void call_done(const struct imap_status *status, void *user)
{
	struct call *call = user;
	struct link *link = call->link;
	struct link_end end = { .result = call_result(status->condition),
				.text = status->text };

	link->in_flight--;
	signin_judge(link, status);
	if (end.result == LINK_OK)
		link->account->refusals = 0;
	else if (end.result != LINK_GONE && link->state != LINK_DEAD)
		end.temporary = call_refused(call, status, &end);
	end.too_many = status->code == IMAP_CODE_LIMIT;
	if (call->select)
		call_selected(link, status);
	if (call->list_uids || call->find || call->into != NULL)
		call_searched(call, status);
	if (call->copy)
		call_copied(link, status, &end);
	if (call->visit != 0 && end.result == LINK_OK &&
	    call->visit != link->visit_validity) {
		end.result = LINK_NO;
		end.text = _("the mailbox was renumbered by the server");
	}
	if (call->ended != NULL)
		call->ended(link->account, &end, call->user);
	g_free(call);
}

static struct call *call_new(struct link *link, link_ended ended, void *user)
{
	struct call *call = g_new0(struct call, 1);

	call->link = link;
	call->ended = ended;
	call->user = user;
	return call;
}

/* Takes 'error', which says why there is no 'command'. */
static void call_submit(struct call *call, struct imap_command *command,
			GError *error)
{
	struct link *link = call->link;

	link_idle_stop(link);
	link_watch(link);
	if (command == NULL) {
		struct imap_status refused = {
			.condition = IMAP_BAD,
			.text = error->message,
			.name = "",
			.argument = "",
		};

		call_done(&refused, call);
		g_error_free(error);
		return;
	}
	imap_submit(link->imap, command, call_done, call);
}

static void submit(struct link *link, struct imap_command *command,
		   GError *error, link_ended ended, void *user)
{
	call_submit(call_new(link, ended, user), command, error);
}

static void submit_act(struct link *link, struct imap_command *command,
		       GError *error, link_ended ended, void *user)
{
	struct call *call = call_new(link, ended, user);

	call->acts = true;
	call_submit(call, command, error);
}

/* ---- COMPRESS ---- */

/* From inside the engine: what it sends next must be compressed already. */
static void compress_agreed(struct account *account, const struct link_end *end,
			    void *user)
{
	struct link *link = user;

	(void)account;
	if (end->result != LINK_OK)
		return;
	link->compressed = true;
	link->stream = stream_start_deflate(link->stream);
	wire_note(link, _("compressed"));
}

bool link_compress(struct link *link)
{
	if (link->compressing || !link->account->deflate ||
	    link->account->tunnel != NULL ||
	    !imap_has(link->imap, IMAP_CAP_COMPRESS_DEFLATE))
		return false;
	link->compressing = true;
	submit(link, imap_cmd_compress(), NULL, compress_agreed, link);
	return true;
}

/* ---- setting up ---- */

static void enabled(struct account *account, const struct link_end *end,
		    void *user)
{
	struct link *link = user;

	(void)account;
	if (end->result != LINK_OK)
		link_forget_qresync(link);
}

static void send_id(struct link *link)
{
	const struct imap_param params[] = {
		{ "name", PACKAGE_NAME },
		{ "version", PACKAGE_VERSION },
	};
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_id(params, G_N_ELEMENTS(params), &error);

	submit(link, command, error, NULL, NULL);
}

/*
 * ID and ENABLE ride in the flight of the SELECT that follows: none of them
 * changes what the next may say.
 */
static void link_setup(struct link *link)
{
	struct account *account = link->account;

	if (account->send_id && imap_has(link->imap, IMAP_CAP_ID))
		send_id(link);
	if (link_offers_qresync(link))
		submit(link,
		       imap_cmd_enable(UINT64_C(1) << IMAP_CAP_QRESYNC), NULL,
		       enabled, link);
	if (imap_has(link->imap, IMAP_CAP_X_GM_EXT_1))
		account_is_gmail(account);
	link_set_state(link, LINK_READY);
	link->was_ready = true;
	account_online(link);
	work_pump(account);
}

static void capabilities_told(struct account *account,
			      const struct link_end *end, void *user)
{
	struct link *link = user;

	(void)account;
	if (link->state != LINK_SETUP || end->result == LINK_GONE)
		return;
	if (end->result == LINK_OK)
		link_setup(link);
	else
		link_fail(link, end->text);
}

void link_setup_begin(struct link *link)
{
	if (imap_capabilities_known(link->imap))
		link_setup(link);
	else
		submit(link, imap_cmd_capability(), NULL, capabilities_told,
		       link);
}

bool link_offers_idle(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_IDLE);
}

bool link_offers_extended_list(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_LIST_EXTENDED) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_list_status(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_LIST_STATUS) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_move(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_MOVE) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_uidplus(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_UIDPLUS) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_condstore(const struct link *link)
{
	return link->account->condstore &&
	       (imap_has(link->imap, IMAP_CAP_CONDSTORE) ||
		imap_has(link->imap, IMAP_CAP_QRESYNC));
}

bool link_offers_qresync(const struct link *link)
{
	return !link->no_qresync && imap_has(link->imap, IMAP_CAP_QRESYNC) &&
	       imap_has(link->imap, IMAP_CAP_ENABLE);
}

void link_forget_qresync(struct link *link)
{
	link->no_qresync = true;
	wire_learn(link->account,
		   _("QRESYNC was refused: mailboxes are compared in full"));
}

unsigned link_in_flight(const struct link *link)
{
	return link->in_flight;
}

uint32_t link_exists(const struct link *link)
{
	return imap_exists(link->imap);
}

void link_seed_uids(struct link *link, const GArray *uids)
{
	imap_seed_uids(link->imap, (const uint32_t *)(const void *)uids->data,
		       uids->len);
}

/* ---- commands ---- */

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
	const struct imap_select select = { .mailbox = mailbox,
					    .examine = true };
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

void link_noop(struct link *link, link_ended ended, void *user)
{
	submit(link, imap_cmd_noop(), NULL, ended, user);
}

void link_list_uids(struct link *link, link_ended ended, void *user)
{
	unsigned options = imap_has(link->imap, IMAP_CAP_ESEARCH) ||
					   imap_has(link->imap,
						    IMAP_CAP_IMAP4REV2) ?
				   IMAP_RETURN_ALL :
				   0;
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
		imap_set_add(set,
			     (uint32_t)g_ascii_strtoull(text, NULL, 10),
			     IMAP_STAR);
	} else {
		set = imap_set_parse(text, -1, G_MAXUINT, &error);
	}
	if (set != NULL)
		command = by_uid ? imap_cmd_uid_fetch(set, request, &error) :
				   imap_cmd_fetch(set, request, &error);
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
	submit_act(link, command, error, ended, user);
	return true;
}

void link_label(struct link *link, const char *uids, bool add,
		const char *keyword, link_ended ended, void *user)
{
	const char *const keywords[] = { keyword, NULL };
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
	submit_act(link, command, error, ended, user);
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
		command = (move ? imap_cmd_uid_move : imap_cmd_uid_copy)(
			set, mailbox, &error);
	imap_set_free(set);
	link_forget_copied(link);
	call->copy = call->acts = true;
	call_submit(call, command, error);
}

void link_ask_uidnext(struct link *link, const char *mailbox)
{
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_status(mailbox, IMAP_STATUS_UIDNEXT, &error);

	g_free(link->asked_uidnext);
	link->asked_uidnext = g_strdup(mailbox);
	link->told_uidnext = 0;
	submit_act(link, command, error, NULL, NULL);
}

uint32_t link_told_uidnext(const struct link *link, const char *mailbox)
{
	return g_strcmp0(link->asked_uidnext, mailbox) == 0
		       ? link->told_uidnext
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
	submit_act(link, command, error, ended, user);
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

void link_search_all(struct link *link, GArray **uids, link_ended ended,
		     void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_uid_search(NULL, 0, &error);
	struct call *call = call_new(link, ended, user);

	call->into = uids;
	link->searching = true;
	g_array_set_size(link->uids, 0);
	call_submit(call, command, error);
}

bool link_ask_standing(struct link *link, const char *mailbox)
{
	bool rights = imap_has(link->imap, IMAP_CAP_ACL);
	bool quota = imap_has(link->imap, IMAP_CAP_QUOTA);
	GError *error = NULL;
	struct imap_command *command;

	if (rights) {
		command = imap_cmd_myrights(mailbox, &error);
		submit(link, command, error, NULL, NULL);
		error = NULL;
	}
	if (quota) {
		command = imap_cmd_getquotaroot(mailbox, &error);
		submit(link, command, error, NULL, NULL);
	}
	return rights || quota;
}

/* ---- mailboxes as such ---- */

void link_leave(struct link *link, link_ended ended, void *user)
{
	link->selection = 0;
	if (imap_has(link->imap, IMAP_CAP_UNSELECT))
		submit(link, imap_cmd_unselect(), NULL, ended, user);
	else
		link_noop(link, ended, user);
}

static const struct {
	enum store_role role;
	uint32_t use;
} uses[] = {
	{ STORE_ROLE_ALL, IMAP_ATTR_ALL },
	{ STORE_ROLE_ARCHIVE, IMAP_ATTR_ARCHIVE },
	{ STORE_ROLE_DRAFTS, IMAP_ATTR_DRAFTS },
	{ STORE_ROLE_FLAGGED, IMAP_ATTR_FLAGGED },
	{ STORE_ROLE_JUNK, IMAP_ATTR_JUNK },
	{ STORE_ROLE_SENT, IMAP_ATTR_SENT },
	{ STORE_ROLE_TRASH, IMAP_ATTR_TRASH },
	{ STORE_ROLE_IMPORTANT, IMAP_ATTR_IMPORTANT },
};

void link_create(struct link *link, const char *mailbox, enum store_role role,
		 link_ended ended, void *user)
{
	GError *error = NULL;
	uint32_t use = 0;
	struct imap_command *command;

	for (size_t i = 0; i < G_N_ELEMENTS(uses); i++)
		if (uses[i].role == role &&
		    imap_has(link->imap, IMAP_CAP_CREATE_SPECIAL_USE))
			use = uses[i].use;
	command = imap_cmd_create(mailbox, use, &error);
	submit(link, command, error, ended, user);
}

void link_delete(struct link *link, const char *mailbox, link_ended ended,
		 void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_delete(mailbox, &error);

	submit(link, command, error, ended, user);
}

void link_rename(struct link *link, const char *mailbox, const char *name,
		 link_ended ended, void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_rename(mailbox, name, &error);

	submit(link, command, error, ended, user);
}

void link_subscribe(struct link *link, const char *mailbox, bool subscribe,
		    link_ended ended, void *user)
{
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_subscribe(mailbox, subscribe, &error);

	submit(link, command, error, ended, user);
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

void link_append(struct link *link, const char *mailbox, uint32_t flags,
		 uint64_t size, ssize_t (*source)(char *, size_t, void *),
		 link_ended ended, void *user)
{
	const char *keywords[3];
	const struct imap_append append = {
		.mailbox = mailbox,
		.system = flags_to_imap(flags, keywords),
		.keywords = keywords,
		.size = size,
		.source = source,
		.user = user,
	};
	GError *error = NULL;
	struct imap_command *command = imap_cmd_append(&append, &error);

	submit(link, command, error, ended, user);
}

bool link_keeps_sent(const struct link *link)
{
	const char *host = link->account->host;

	return imap_has(link->imap, IMAP_CAP_X_GM_EXT_1) ||
	       (host != NULL &&
		(g_str_has_suffix(host, ".office365.com") ||
		 g_str_has_suffix(host, ".outlook.com")));
}

void link_list(struct link *link, bool subscribed, bool extended,
	       link_ended ended, void *user)
{
	GError *error = NULL;
	struct imap_command *command;
	unsigned options = 0;

	if (extended) {
		options = IMAP_LIST_CHILDREN | IMAP_LIST_SUBSCRIBED;
		if (imap_has(link->imap, IMAP_CAP_SPECIAL_USE))
			options |= IMAP_LIST_SPECIAL_USE;
		if (link_offers_list_status(link))
			options |= IMAP_LIST_STATUS;
		if (subscribed)
			options |= IMAP_LIST_SUBSCRIBED_ONLY;
	}
	if (subscribed && !extended)
		command = imap_cmd_lsub("", "*", &error);
	else
		command = imap_cmd_list("", "*", options,
					IMAP_STATUS_MESSAGES |
						IMAP_STATUS_UNSEEN,
					&error);
	submit(link, command, error, ended, user);
}

void link_status(struct link *link, const char *mailbox, link_ended ended,
		 void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_status(
		mailbox, IMAP_STATUS_MESSAGES | IMAP_STATUS_UNSEEN, &error);

	submit(link, command, error, ended, user);
}

void link_namespace(struct link *link)
{
	if (imap_has(link->imap, IMAP_CAP_NAMESPACE))
		submit(link, imap_cmd_namespace(), NULL, NULL, NULL);
}

/* ---- NOTIFY ---- */

static void notified(struct account *account, const struct link_end *end,
		     void *user)
{
	struct link *link = user;

	link->notified = end->result == LINK_OK;
	if (end->result != LINK_GONE)
		folders_notify(account);
	if (end->result == LINK_NO || end->result == LINK_BAD) {
		account->no_notify = true;
		wire_learn(account, _("NOTIFY was refused: counts are asked for "
				      "now and then instead"));
	}
}

bool link_notify(struct link *link)
{
	if (!imap_has(link->imap, IMAP_CAP_NOTIFY))
		return false;
	link->notified = true;
	submit(link, imap_cmd_notify(true), NULL, notified, link);
	return true;
}

bool link_has_notified(const struct link *link)
{
	return link->notified;
}

/* It sends nothing by itself any more (RFC 5465, 5.8): of the selected mailbox
 * it shall go on. */
void link_notify_overflow(struct link *link)
{
	link->notified = false;
	link->account->no_notify = true;
	wire_learn(link->account, _("NOTIFY is too much for it: counts are "
				    "asked for now and then instead"));
	submit(link, imap_cmd_notify(false), NULL, NULL, NULL);
	folders_notify(link->account);
}

/* ---- IDLE ---- */

/* A server that hangs in IDLE is polled from the next connection on. */
static void idle_stuck(void *user)
{
	struct link *link = user;

	link->account->idle = false;
	wire_learn(link->account, _("IDLE hangs: it is asked for news now and "
				    "then instead"));
	link_fail(link, _("the server does not answer in IDLE"));
}

static void idle_renew(void *user)
{
	link_idle_stop(user);
}

static unsigned idle_time(const struct link *link)
{
	unsigned seconds = link->account->keepalive_seconds;

	return seconds > 0 ? MIN(seconds * 1000, LIMIT_IDLE) : LIMIT_IDLE;
}

void link_idle_heard(struct link *link)
{
	if (link->state != LINK_READY || !link->idling || link->stopping ||
	    link->confirmed || !imap_is_idling(link->imap))
		return;
	link->confirmed = true;
	timer_start(&link->idle, idle_time(link), idle_renew, link);
}

static void idle_done(const struct imap_status *status, void *user)
{
	struct call *call = user;
	struct link *link = call->link;
	struct link_end end = { .result = call_result(status->condition),
				.text = status->text };

	timer_stop(&link->idle);
	/* A server that ends it unasked at once would be asked in a circle. */
	if (end.result == LINK_OK && !link->stopping &&
	    g_get_monotonic_time() - link->idle_since <
		    LIMIT_IDLE_STEP * INT64_C(1000))
		end.result = LINK_NO;
	link->idling = link->stopping = false;
	call->ended(link->account, &end, call->user);
	g_free(call);
}

void link_idle_start(struct link *link, link_ended ended, void *user)
{
	link->idling = true;
	link->confirmed = false;
	link->idle_since = g_get_monotonic_time();
	timer_start(&link->idle, LIMIT_IDLE_STEP, idle_stuck, link);
	imap_submit(link->imap, imap_cmd_idle(), idle_done,
		    call_new(link, ended, user));
}

void link_idle_stop(struct link *link)
{
	if (!link->idling || link->stopping)
		return;
	link->stopping = true;
	timer_start(&link->idle, LIMIT_IDLE_STEP, idle_stuck, link);
	imap_idle_done(link->imap);
}

bool link_is_idle(const struct link *link)
{
	return link->idling;
}
