/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A batch of the journal under way: between execute.c (its life, flags),
 * identify.c (which messages they are, and what became of them) and transfer.c
 * (copying, moving, removing).
 */
#ifndef SMEW_SESSION_EXECUTE_PRIVATE_H
#define SMEW_SESSION_EXECUTE_PRIVATE_H

#include "actions.h"
#include "box.h"

struct run {
	struct account *account;
	struct link *link;	/* borrowed; only compared */
	unsigned serial;	/* of the box */
	int64_t mbox;
	char *mailbox;		/* owned */
	uint64_t uidvalidity;	/* of the mailbox, now */
	struct journal_batch *batch; /* owned: what is left of it */
	GArray *ids;		/* of int64_t: all of its items; owned */
	bool identifying;
	bool looked;		/* the server has told of all that is new */
	GHashTable *seen;	/* UID to struct known *, owned */
	GArray *found;		/* of uint32_t, by a search; owned, or NULL */
	unsigned commands;	/* STOREs not answered yet */
	bool lost;		/* one of them was not answered */
	bool later;		/* one of them may work later */
	unsigned delay;		/* then, in milliseconds at least */
	bool trimmed;		/* some of its flags the server does not keep */
	bool too_many;		/* it was asked for too much at once */
	char *refusal;		/* of a command: what it left is refused */
	uint32_t copy;		/* UID that the server gave it, or 0 */
	struct remaking *remaking; /* owned by remake.c, or NULL */
	unsigned parcel;	/* another account is asked; 0: none is */
	uint32_t marks;		/* flags of what is made anew, or goes there */
	char *keywords;		/* and its keywords: what the server has; owned,
				   NULL: it did not say */
};

/* ---- execute.c ---- */

struct journal *run_journal(const struct run *run);
struct journal_item *run_item(const struct run *run, guint i);
void run_end(struct run *run);
/* The box while the run can go on in it; NULL: another mailbox is selected
 * there by now, or the connection is gone. */
struct box *run_box(const struct run *run);
/* Whether the command ended in a way that its run can go on from. Else the
 * run has ended: what was under way stays in the journal as it stands there,
 * or is held for a while. */
bool run_goes_on(struct run *run, const struct link_end *end);
/* The cache or the journal cannot be written. */
void run_fault(struct run *run, GError **error);
/* UIDs of what is left of the batch, owned. */
char *run_set(const struct run *run);
void run_drop(struct run *run, guint i);
void run_keep(struct run *run, guint n);
/* What is left of it is about to be asked for. False: the run has ended. */
bool run_claim(struct run *run, enum journal_step step);
bool run_settle(struct run *run, enum journal_state state, const char *reason,
		GError **error);
bool run_advance(struct run *run, enum journal_step step, GError **error);
void run_tell(const struct run *run);
/* These wait for the user from now on; a line says why. */
void run_refuse_all(struct run *run, const char *reason);
void run_refuse_one(struct run *run, guint i, const char *reason);
/* Tried again after so many milliseconds at least; a line says why. */
void run_hold_all(struct run *run, unsigned least, const char *why);
/* Not before so many milliseconds; NULL: nobody has to know why. */
void run_hold_one(struct run *run, guint i, unsigned ms);
/* The server refused all of them at once: they are asked for in smaller
 * portions, or refused. Ends the run. */
void run_refused(struct run *run, const struct link_end *end);
/* What a refusal said is noted, for run_refused() later. */
void run_note_refusal(struct run *run, const struct link_end *end);
void run_refused_as_noted(struct run *run);
/* The server did what was asked. */
void run_succeeded(struct run *run);
/* A command whose end is not known may still be under way there. */
bool run_may_be_under_way(const struct run *run, unsigned *ms);

/* ---- identify.c ---- */

/* Asks which messages the UIDs are, then goes on with them. */
void identify(struct run *run, struct box *box);
/* Looks for messages whose place is not known, or whose copy is in doubt. */
void locate(struct run *run, struct box *box);
/* Makes sure of the copy in this mailbox that the server says it took, as
 * 'uid' (0: it did not say), and ends the run: what is left is to remove the
 * message. */
void confirm(struct run *run, struct box *box, uint32_t uid);

/* What the server told of a message when it was identified. */
int64_t run_received(const struct run *run, uint32_t uid);
uint64_t run_size(const struct run *run, uint32_t uid);

/* ---- remake.c ---- */

/* Its copies are not the same as the messages: one at a time. */
bool run_remakes(const struct run *run);
void remake(struct run *run, struct box *box);
void remaking_free(struct remaking *remaking);

/* ---- carry.c ---- */

/* It goes to another account. */
bool run_carries(const struct run *run);
/* Asks that one first whether it can be reached; the run goes on from there. */
void carry_ask(struct run *run);
/* 'whole' is the message. */
void carry_message(struct run *run, GBytes *whole);

/* ---- transfer.c ---- */

/* They are what they should be: copies, moves or removes them. */
void transfer(struct run *run, struct box *box);

#endif
