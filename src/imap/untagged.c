/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one dispatcher of untagged data, whatever command is running. Brings the
 * engine up to date with what is said, then tells the caller.
 */
#include <string.h>

#include "engine.h"
#include "parse.h"
#include "smew/base.h"

static void deliver(struct imap *imap, const struct imap_response *response)
{
	imap->handler.untagged(response, imap->user);
}

/* ---- status responses ---- */

static bool greet(struct imap *imap, const struct imap_status *status,
		  GError **error)
{
	if (status->condition != IMAP_OK && status->condition != IMAP_PREAUTH)
		return fail_with(error, IMAP_ERROR_BYE,
				 _("the server turned us away"), status->text,
				 strlen(status->text));
	imap->greeted = true;
	if (status->condition == IMAP_PREAUTH)
		state_set(imap, IMAP_AUTHENTICATED);
	else if (imap->handler.state != NULL)
		imap->handler.state(imap->state, imap->state, imap->user);
	return true;
}

static void apply_code(struct imap *imap, struct lexer *lex,
		       const struct imap_status *status)
{
	if (status->code == IMAP_CODE_CAPABILITY) {
		struct lexer names = lexer_inside(
			lex, status->argument,
			status->argument + strlen(status->argument));

		capabilities_read(imap, &names);
	}
	/* From here on it is the new mailbox that is spoken of. */
	if (status->code == IMAP_CODE_CLOSED && imap->selecting)
		selection_begin(imap);
}

static bool on_status(struct imap *imap, struct lexer *lex,
		      struct imap_response *response, GError **error)
{
	struct imap_status *status = &response->status;
	bool greeting = !imap->greeted;

	if (!parse_status(lex, status))
		return true;
	apply_code(imap, lex, status);
	deliver(imap, response);
	if (greeting)
		return greet(imap, status, error);
	if (status->condition != IMAP_BYE)
		return true;
	imap->bye = true;
	return imap->logging_out ||
	       fail_with(error, IMAP_ERROR_BYE,
			 _("the server ended the connection"), status->text,
			 strlen(status->text));
}

/* ---- data with a name ---- */

static bool on_capability(struct imap *imap, struct lexer *lex,
			  struct imap_response *response)
{
	(void)response;
	return capabilities_read(imap, lex);
}

static bool on_enabled(struct imap *imap, struct lexer *lex,
		       struct imap_response *response)
{
	struct token token;

	(void)response;
	while (!lex_at_end(lex)) {
		char *name;

		if (!lex_token(lex, &token) || token.s == NULL)
			return false;
		name = token_string(lex, &token);
		imap->enabled |= capability_bit(name);
	}
	/* QRESYNC contains CONDSTORE (RFC 7162 section 3.2.3). */
	if (imap_enabled(imap, IMAP_CAP_QRESYNC))
		imap->enabled |= UINT64_C(1) << IMAP_CAP_CONDSTORE;
	return true;
}

static bool on_list(struct imap *imap, struct lexer *lex,
		    struct imap_response *response)
{
	(void)imap;
	return parse_list(lex, &response->list);
}

static bool on_mailbox_status(struct imap *imap, struct lexer *lex,
			      struct imap_response *response)
{
	(void)imap;
	return parse_mailbox_status(lex, &response->mailbox);
}

static bool on_namespace(struct imap *imap, struct lexer *lex,
			 struct imap_response *response)
{
	(void)imap;
	return parse_namespaces(lex, &response->namespaces);
}

static bool on_quota(struct imap *imap, struct lexer *lex,
		     struct imap_response *response)
{
	(void)imap;
	return parse_quota(lex, &response->quota);
}

static bool on_quotaroot(struct imap *imap, struct lexer *lex,
			 struct imap_response *response)
{
	(void)imap;
	return parse_quotaroot(lex, &response->quotaroot);
}

static bool on_myrights(struct imap *imap, struct lexer *lex,
			struct imap_response *response)
{
	(void)imap;
	return parse_myrights(lex, &response->rights);
}

static bool on_id(struct imap *imap, struct lexer *lex,
		  struct imap_response *response)
{
	(void)imap;
	return parse_params(lex, &response->id.params, &response->id.n);
}

static bool on_search(struct imap *imap, struct lexer *lex,
		      struct imap_response *response)
{
	(void)imap;
	return parse_search(lex, &response->search);
}

static bool on_esearch(struct imap *imap, struct lexer *lex,
		       struct imap_response *response)
{
	(void)imap;
	return parse_esearch(lex, &response->esearch);
}

static bool on_flags(struct imap *imap, struct lexer *lex,
		     struct imap_response *response)
{
	(void)imap;
	return lex_flags(lex, &response->flags);
}

static bool on_vanished(struct imap *imap, struct lexer *lex,
			struct imap_response *response)
{
	/* A damaged one cannot be ignored: some message is gone. */
	if (!parse_vanished(lex, &response->vanished.earlier,
			    &response->vanished.uids)) {
		response->vanished.uids =
			arena_set(lex->arena, imap_set_new());
		response->suspect = true;
		return true;
	}
	if (!response->vanished.earlier) {
		map_vanish(&imap->map, response->vanished.uids);
		imap->renumbered++;
	}
	return true;
}

/* ---- data with a number ---- */

static bool on_exists(struct imap *imap, uint32_t n,
		      struct imap_response *response, GError **error)
{
	if (n > imap->limits.messages) {
		g_set_error(error, IMAP_ERROR, IMAP_ERROR_LIMIT,
			    _("the mailbox has %u messages, which is more "
			      "than smew can hold"),
			    n);
		return false;
	}
	response->exists = n;
	/* Messages leave by EXPUNGE and VANISHED only. */
	response->suspect = imap->exists_known && n < imap->map.count &&
			    !imap->selecting;
	if (n < imap->map.count)
		imap->renumbered++;
	map_resize(&imap->map, n);
	imap->held_exists = n;
	imap->exists_known = true;
	return true;
}

static void on_expunge(struct imap *imap, uint32_t seq,
		       struct imap_response *response)
{
	response->expunge.seq = seq;
	if (seq == 0 || seq > imap->map.count) {
		response->suspect = true;
		return;
	}
	response->expunge.uid = map_remove(&imap->map, seq);
	imap->renumbered++;
}

static void learn_uid(struct imap *imap, struct imap_response *response)
{
	struct imap_fetch *fetch = &response->fetch;
	bool was_damaged = imap->map.damaged;

	if (fetch->uid == 0) {
		imap->map.damaged = true;
		fetch->has &= ~(uint32_t)IMAP_ITEM_UID;
	} else if (fetch->seq <= imap->map.count) {
		fetch->conflict =
			!map_learn(&imap->map, fetch->seq, fetch->uid);
	}
	response->suspect = fetch->conflict ||
			    (imap->map.damaged && !was_damaged);
}

/* False: it is not to be delivered. */
static bool on_fetch(struct imap *imap, uint32_t seq, struct lexer *lex,
		     struct imap_response *response)
{
	struct imap_fetch *fetch = &response->fetch;

	if (seq == 0 || (imap->exists_known && seq > imap->map.count))
		return lex_fail(lex, "a message that does not exist");
	fetch->seq = seq;
	if (!parse_fetch(lex, fetch))
		return false;
	if ((fetch->has & IMAP_ITEM_UID) != 0)
		learn_uid(imap, response);
	else
		fetch->uid = map_uid(&imap->map, seq);
	if (fetch->damaged)
		log_line(LOG_FAULT, "imap", "damaged FETCH %u: %s", seq,
			 lex->why != NULL ? lex->why : "an item");
	return true;
}

/* ---- the dispatcher ---- */

/* From which state on a kind of data is listened to: what comes earlier can
 * only be an attempt to plant something. */
enum since { SINCE_GREETING, SINCE_LOGIN, SINCE_SELECT };

static const struct {
	const char *name;
	enum imap_response_type type;
	enum since since;
	bool (*read)(struct imap *imap, struct lexer *lex,
		     struct imap_response *response);
} named[] = {
	{ "CAPABILITY", IMAP_RESPONSE_CAPABILITY, SINCE_GREETING,
	  on_capability },
	{ "ID", IMAP_RESPONSE_ID, SINCE_GREETING, on_id },
	{ "ENABLED", IMAP_RESPONSE_ENABLED, SINCE_LOGIN, on_enabled },
	{ "LIST", IMAP_RESPONSE_LIST, SINCE_LOGIN, on_list },
	{ "XLIST", IMAP_RESPONSE_LIST, SINCE_LOGIN, on_list },
	{ "LSUB", IMAP_RESPONSE_LSUB, SINCE_LOGIN, on_list },
	{ "STATUS", IMAP_RESPONSE_MAILBOX_STATUS, SINCE_LOGIN,
	  on_mailbox_status },
	{ "NAMESPACE", IMAP_RESPONSE_NAMESPACE, SINCE_LOGIN, on_namespace },
	{ "QUOTA", IMAP_RESPONSE_QUOTA, SINCE_LOGIN, on_quota },
	{ "QUOTAROOT", IMAP_RESPONSE_QUOTAROOT, SINCE_LOGIN, on_quotaroot },
	{ "MYRIGHTS", IMAP_RESPONSE_MYRIGHTS, SINCE_LOGIN, on_myrights },
	{ "SEARCH", IMAP_RESPONSE_SEARCH, SINCE_SELECT, on_search },
	{ "ESEARCH", IMAP_RESPONSE_ESEARCH, SINCE_SELECT, on_esearch },
	{ "FLAGS", IMAP_RESPONSE_FLAGS, SINCE_SELECT, on_flags },
	{ "VANISHED", IMAP_RESPONSE_VANISHED, SINCE_SELECT, on_vanished },
};

static bool listens(const struct imap *imap, enum since since)
{
	if (since == SINCE_SELECT)
		return imap->state == IMAP_SELECTED || imap->selecting;
	if (since == SINCE_LOGIN)
		return imap->state != IMAP_NOT_AUTHENTICATED;
	return true;
}

static void lost(const struct lexer *lex, const char *name)
{
	log_line(LOG_FAULT, "imap", "lost %s: %s", name,
		 lex->why != NULL ? lex->why : "damaged");
}

static void handle_named(struct imap *imap, struct lexer *lex,
			 const struct token *name,
			 struct imap_response *response)
{
	for (size_t i = 0; i < G_N_ELEMENTS(named); i++) {
		if (!token_is(name, named[i].name))
			continue;
		response->type = named[i].type;
		if (!listens(imap, named[i].since))
			lost(lex, "what nobody may say yet");
		else if (!named[i].read(imap, lex, response))
			lost(lex, named[i].name);
		else
			deliver(imap, response);
		return;
	}
}

static bool handle_numbered(struct imap *imap, struct lexer *lex,
			    uint32_t number, struct imap_response *response,
			    GError **error)
{
	struct token name;

	if (!lex_atom(lex, &name) || !listens(imap, SINCE_SELECT))
		return true;
	if (token_is(&name, "FETCH")) {
		response->type = IMAP_RESPONSE_FETCH;
		if (!on_fetch(imap, number, lex, response)) {
			lost(lex, "FETCH");
			return true;
		}
	} else if (token_is(&name, "EXISTS")) {
		response->type = IMAP_RESPONSE_EXISTS;
		if (!on_exists(imap, number, response, error))
			return false;
	} else if (token_is(&name, "EXPUNGE")) {
		response->type = IMAP_RESPONSE_EXPUNGE;
		on_expunge(imap, number, response);
	} else if (token_is(&name, "RECENT")) {
		response->type = IMAP_RESPONSE_RECENT;
		response->recent = number;
	} else {
		return true;
	}
	deliver(imap, response);
	return true;
}

static bool is_status(const struct token *name)
{
	return token_is(name, "OK") || token_is(name, "NO") ||
	       token_is(name, "BAD") || token_is(name, "BYE") ||
	       token_is(name, "PREAUTH");
}

/* Lists that no message makes a server nest so deeply: it means harm. */
#define NESTING_HARM 16

/*
 * A message may be nested more deeply than is read; that response is lost and
 * nothing else. A server that goes far beyond ends the connection.
 */
static bool check_depth(const struct imap *imap, const struct lexer *lex,
			GError **error)
{
	unsigned depth = 0;
	unsigned most = imap->limits.nesting * NESTING_HARM;

	if (lex->why == NULL && lex->depth <= imap->limits.nesting)
		return true;
	for (const char *p = lex->start; p < lex->end && depth <= most; p++) {
		if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
	}
	if (depth <= most)
		return true;
	g_set_error(error, IMAP_ERROR, IMAP_ERROR_LIMIT,
		    _("the server nested lists more than %u deep"), most);
	return false;
}

static bool handle(struct imap *imap, struct lexer *lex, GError **error)
{
	struct imap_response response;
	struct token name;
	const char *start;
	uint64_t number;

	memset(&response, 0, sizeof(response));
	response.selection = imap->selection;
	lex_at_end(lex);
	start = lex->p;
	if (!lex_atom(lex, &name))
		name.n = 0;
	if (is_status(&name)) {
		lex->p = start;
		return on_status(imap, lex, &response, error);
	}
	if (!imap->greeted)
		return fail_with(error, IMAP_ERROR_PROTOCOL,
				 _("this is no IMAP server, it said"), start,
				 (size_t)(lex->end - start));
	if (token_number(&name, &number) && number <= UINT32_MAX)
		return handle_numbered(imap, lex, (uint32_t)number, &response,
				       error);
	handle_named(imap, lex, &name, &response);
	return true;
}

bool untagged_handle(struct imap *imap, struct lexer *lex, GError **error)
{
	return handle(imap, lex, error) && check_depth(imap, lex, error);
}
