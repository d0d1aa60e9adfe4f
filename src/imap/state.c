/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The four states (RFC 9051 section 3). */
#include "engine.h"
#include "smew/base.h"

const char *imap_state_name(enum imap_state state)
{
	static const char *const names[] = {
		[IMAP_NOT_AUTHENTICATED] = "not authenticated",
		[IMAP_AUTHENTICATED] = "authenticated",
		[IMAP_SELECTED] = "selected",
		[IMAP_LOGOUT] = "logout",
	};

	return names[state];
}

enum imap_state imap_state(const struct imap *imap)
{
	return imap->state;
}

/* The only way to change the state. */
void state_set(struct imap *imap, enum imap_state state)
{
	enum imap_state old = imap->state;

	if (old == state)
		return;
	log_line(LOG_STATE, "imap", "%s -> %s", imap_state_name(old),
		 imap_state_name(state));
	imap->state = state;
	if (old == IMAP_SELECTED) {
		map_reset(&imap->map, 0);
		imap->renumbered++;
	}
	if (imap->handler.state != NULL)
		imap->handler.state(old, state, imap->user);
}

void selection_begin(struct imap *imap)
{
	map_reset(&imap->map, 0);
	imap->selection++;
	imap->renumbered++;
	imap->awaits_closed = false;
	imap->exists_known = false;
	imap->held_exists = 0;
}

const char *state_refuses(const struct imap *imap,
			  const struct imap_command *command)
{
	if ((command->states & STATE(imap->state)) == 0)
		return imap_state_name(imap->state);
	if (imap->logging_out || imap->bye)
		return imap_state_name(IMAP_LOGOUT);
	if (command->kind == COMMAND_LOGIN &&
	    imap_has(imap, IMAP_CAP_LOGINDISABLED))
		return "LOGINDISABLED";
	return NULL;
}
