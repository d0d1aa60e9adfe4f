/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of a connection: waiting, then flying, then done. A command is
 * in one of the two queues until its completion has been called.
 */
#include <string.h>

#include "engine.h"
#include "smew/base.h"

/*
 * Whether nothing is in flight that could matter. SELECT goes in one flight
 * with ENABLE and ID (RFC 5161, section 3.1): a server that refuses ENABLE
 * refuses the parameter of SELECT, too, which is asked again without.
 */
static bool has_the_line(const struct imap *imap,
			 const struct imap_command *command)
{
	for (GList *l = imap->flying.head; l != NULL; l = l->next) {
		const struct imap_command *other = l->data;

		if ((command->rules & RULE_AFTER_SETUP) == 0 ||
		    (other->rules & RULE_SETUP) == 0)
			return false;
	}
	return true;
}

/*
 * An IDLE that was sent its DONE is a command like others: what follows may
 * go in the same flight, unless a stray "+" could be taken for its own.
 */
static bool is_over(const struct imap_command *idle,
		    const struct imap_command *command)
{
	return idle->kind == COMMAND_IDLE && idle->idle == IDLE_ENDED &&
	       (command->rules & RULE_AFTER_DONE) != 0;
}

static bool stands_alone(const struct imap_command *other,
			 const struct imap_command *command)
{
	return (other->rules & (RULE_ALONE | RULE_LAST)) != 0 &&
	       !is_over(other, command);
}

/* The one place that says when a command has to wait, and for what. */
const char *queue_blocks(const struct imap *imap,
			 const struct imap_command *command)
{
	if (!imap->greeted)
		return N_("the greeting");
	if (imap->broken)
		return N_("the end of the connection");
	if (imap->writing != NULL)
		return N_("a literal of the command before");
	if ((command->rules & RULE_ALONE) != 0 && !has_the_line(imap, command))
		return N_("all answers");
	for (GList *l = imap->flying.head; l != NULL; l = l->next) {
		const struct imap_command *other = l->data;
		unsigned both = command->rules & other->rules;

		if (stands_alone(other, command))
			return other->name;
		/* Any command but these may bring an EXPUNGE, which would
		 * change what sequence numbers mean. */
		if ((command->rules & ~other->rules & RULE_SEQUENCE) != 0)
			return N_("sequence numbers");
		if ((both & (RULE_SEARCH | RULE_LIST)) != 0)
			return N_("an answer that does not name its command");
	}
	return NULL;
}

/* Calls the completion, once. */
static void complete(struct imap_command *command,
		     const struct imap_status *status)
{
	imap_done done = command->done;

	if (command->ended)
		return;
	command->ended = true;
	if (done != NULL)
		done(status, command->user);
}

static void complete_as(struct imap_command *command,
			enum imap_condition condition, const char *text)
{
	struct imap_status status = {
		.condition = condition,
		.name = "",
		.argument = "",
		.text = text,
	};

	complete(command, &status);
}

static void refuse(struct imap_command *command, const char *why)
{
	/* TRANSLATORS: an IMAP command and the state of the connection. */
	char *text = g_strdup_printf(_("%s is not possible now (%s)"),
				     command->name, why);

	complete_as(command, IMAP_REFUSED, text);
	g_free(text);
	imap_command_free(command);
}

static bool is_stale(const struct imap *imap,
		     const struct imap_command *command)
{
	return (command->rules & RULE_SEQUENCE) != 0 &&
	       command->renumbered != imap->renumbered;
}

/* A command that waits ends an IDLE. */
static void end_idle(struct imap *imap)
{
	struct imap_command *command = queue_flying(imap, COMMAND_IDLE);

	if (command != NULL)
		send_idle_done(imap, command);
}

static void send_what_may_go(struct imap *imap)
{
	struct imap_command *command;

	while ((command = g_queue_peek_head(&imap->waiting)) != NULL &&
	       queue_blocks(imap, command) == NULL) {
		const char *why = state_refuses(imap, command);

		g_queue_pop_head(&imap->waiting);
		if (why == NULL && is_stale(imap, command))
			why = "renumbered";
		if (why != NULL) {
			refuse(command, why);
			continue;
		}
		g_queue_push_tail(&imap->flying, command);
		send_command(imap, command);
	}
}

void queue_pump(struct imap *imap)
{
	if (imap->pumping || imap->closed || imap->failed)
		return;
	imap->pumping = true;
	send_what_may_go(imap);
	if (imap->waiting.length > 0) {
		end_idle(imap);
		send_what_may_go(imap);
	}
	imap->pumping = false;
}

struct imap_command *queue_find(const struct imap *imap, const char *tag,
				size_t n)
{
	for (GList *l = imap->flying.head; l != NULL; l = l->next) {
		struct imap_command *command = l->data;

		if (strlen(command->tag) == n &&
		    g_ascii_strncasecmp(command->tag, tag, n) == 0)
			return command;
	}
	return NULL;
}

struct imap_command *queue_flying(const struct imap *imap,
				  enum command_kind kind)
{
	struct imap_command *command = imap->flying.head == NULL ?
					       NULL :
					       imap->flying.head->data;

	return command != NULL && command->kind == kind ? command : NULL;
}

static void after_select(struct imap *imap, bool ok)
{
	bool unclosed = imap->awaits_closed;
	uint32_t held = imap->held_exists;

	imap->selecting = false;
	if (unclosed) {
		/* The server never said [CLOSED]: what came was the new
		 * mailbox's all the same. */
		selection_begin(imap);
		map_resize(&imap->map, held);
		imap->exists_known = true;
	}
	if (!ok)
		map_reset(&imap->map, 0);
	state_set(imap, ok ? IMAP_SELECTED : IMAP_AUTHENTICATED);
}

static void after_enable(struct imap *imap, const struct imap_command *command)
{
	const uint64_t both = UINT64_C(1) << IMAP_CAP_CONDSTORE |
			      UINT64_C(1) << IMAP_CAP_QRESYNC;

	/* iCloud does not send ENABLED. */
	imap->enabled |= command->enable & both;
	if (imap_enabled(imap, IMAP_CAP_QRESYNC))
		imap->enabled |= both;
}

static void after_login(struct imap *imap)
{
	/* What was told before may have changed. */
	if (!imap->capabilities_fresh)
		capabilities_forget(imap);
	state_set(imap, IMAP_AUTHENTICATED);
}

static void take_effect(struct imap *imap, const struct imap_command *command,
			bool ok)
{
	if (command->kind == COMMAND_SELECT) {
		after_select(imap, ok);
		return;
	}
	if (!ok)
		return;
	switch (command->kind) {
	case COMMAND_STARTTLS:
		/* Whatever was said in the clear is worth nothing. */
		capabilities_forget(imap);
		imap->input.stop = true;
		break;
	case COMMAND_COMPRESS:
		imap->input.stop = true;
		break;
	case COMMAND_LOGIN:
	case COMMAND_AUTHENTICATE:
		after_login(imap);
		break;
	case COMMAND_ENABLE:
		after_enable(imap, command);
		break;
	case COMMAND_UNSELECT:
		state_set(imap, IMAP_AUTHENTICATED);
		break;
	case COMMAND_LOGOUT:
		state_set(imap, IMAP_LOGOUT);
		break;
	case COMMAND_PLAIN:
	case COMMAND_SELECT:
	case COMMAND_IDLE:
		break;
	}
}

void queue_answer(struct imap *imap, struct imap_command *command,
		  const struct imap_status *status)
{
	take_effect(imap, command, status->condition == IMAP_OK);
	/* NO instead of "+": the literal is not sent any more. What has begun
	 * would have to be sent to its end: nothing can follow. */
	if (imap->writing == command) {
		imap->broken |= command->streaming;
		imap->writing = NULL;
		g_string_truncate(imap->wire, 0);
	}
	g_queue_remove(&imap->flying, command);
	complete(command, status);
	imap_command_free(command);
}

void queue_drop(struct imap *imap, const char *text)
{
	struct imap_command *command;

	imap->writing = NULL;
	while ((command = g_queue_pop_head(&imap->flying)) != NULL ||
	       (command = g_queue_pop_head(&imap->waiting)) != NULL) {
		complete_as(command, IMAP_LOST, text);
		imap_command_free(command);
	}
}

uint64_t imap_submit(struct imap *imap, struct imap_command *command,
		     imap_done done, void *user)
{
	uint64_t id = ++imap->last_id;

	command->id = id;
	command->done = done;
	command->user = user;
	command->renumbered = imap->renumbered;
	if (imap->closed) {
		complete_as(command, IMAP_LOST, _("the connection has ended"));
		imap_command_free(command);
		return id;
	}
	engine_enter(imap);
	g_queue_push_tail(&imap->waiting, command);
	engine_leave(imap);
	return id;
}

static GList *find_id(GQueue *queue, uint64_t id)
{
	for (GList *l = queue->head; l != NULL; l = l->next) {
		const struct imap_command *command = l->data;

		if (command->id == id)
			return l;
	}
	return NULL;
}

static void cancel_waiting(struct imap *imap, GList *link)
{
	struct imap_command *command = link->data;

	g_queue_delete_link(&imap->waiting, link);
	complete_as(command, IMAP_CANCELLED, _("cancelled"));
	imap_command_free(command);
}

/* It stays until its answer comes, which nobody hears. */
static void cancel_flying(struct imap *imap, struct imap_command *command)
{
	if (command->kind == COMMAND_IDLE)
		send_idle_done(imap, command);
	complete_as(command, IMAP_CANCELLED, _("cancelled"));
}

void imap_cancel(struct imap *imap, uint64_t id)
{
	GList *waiting = find_id(&imap->waiting, id);
	GList *flying = find_id(&imap->flying, id);

	engine_enter(imap);
	if (waiting != NULL)
		cancel_waiting(imap, waiting);
	else if (flying != NULL)
		cancel_flying(imap, flying->data);
	engine_leave(imap);
}

bool imap_is_quiet(const struct imap *imap)
{
	return imap->waiting.length == 0 && imap->flying.length == 0;
}

unsigned imap_waiting(const struct imap *imap, const char **name,
		      const char **why)
{
	const struct imap_command *first =
		imap->waiting.head != NULL ? imap->waiting.head->data : NULL;

	*name = first != NULL ? first->name : "";
	*why = first != NULL ? queue_blocks(imap, first) : NULL;
	return imap->waiting.length;
}

void imap_idle_done(struct imap *imap)
{
	engine_enter(imap);
	end_idle(imap);
	engine_leave(imap);
}

bool imap_is_idling(const struct imap *imap)
{
	const struct imap_command *command = queue_flying(imap, COMMAND_IDLE);

	return command != NULL && command->idle == IDLE_RUNNING;
}
