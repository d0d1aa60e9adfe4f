/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on their way, and what their ends mean. */
#include "config.h"

#include "actions.h"
#include "calls.h"
#include "events.h"
#include "refusal.h"
#include "signin.h"
#include "work.h"

enum link_result call_result(enum imap_condition condition)
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
			 const struct imap_status *status, struct link_end *end)
{
	struct link *link = call->link;
	struct account *account = link->account;
	/* Of a command it is a limit of what it may ask for (RFC 5530). */
	enum imap_code code =
		status->code != IMAP_CODE_LIMIT ? status->code : IMAP_CODE_NONE;
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
	struct link_end end = {.result = call_result(status->condition),
			       .text = status->text};

	link->in_flight--;
	signin_judge(link, status);
	if (end.result == LINK_OK)
		link->account->refusals = 0;
	else if (end.result != LINK_GONE && link->state != LINK_DEAD)
		end.temporary = call_refused(call, status, &end);
	end.too_many = status->code == IMAP_CODE_LIMIT;
	end.try_create = status->code == IMAP_CODE_TRYCREATE;
	end.exists = status->code == IMAP_CODE_ALREADYEXISTS;
	if (call->select)
		call_selected(link, status);
	if (call->list_uids || call->find || call->into != NULL)
		call_searched(call, status);
	if (call->copy)
		call_copied(link, status, &end);
	if (call->append && status->code == IMAP_CODE_APPENDUID) {
		end.uids = status->uids;
		end.uidvalidity = status->number;
	}
	if (call->visit != 0 && end.result == LINK_OK &&
	    call->visit != link->visit_validity) {
		end.result = LINK_NO;
		end.text = _("the mailbox was renumbered by the server");
	}
	if (call->ended != NULL)
		call->ended(link->account, &end, call->user);
	g_free(call);
}

struct call *call_new(struct link *link, link_ended ended, void *user)
{
	struct call *call = g_new0(struct call, 1);

	call->link = link;
	call->ended = ended;
	call->user = user;
	return call;
}

void call_submit(struct call *call, struct imap_command *command, GError *error)
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

void call_send(struct link *link, struct imap_command *command, GError *error,
	       link_ended ended, void *user)
{
	call_submit(call_new(link, ended, user), command, error);
}

void call_send_act(struct link *link, struct imap_command *command,
		   GError *error, link_ended ended, void *user)
{
	struct call *call = call_new(link, ended, user);

	call->acts = true;
	call_submit(call, command, error);
}
