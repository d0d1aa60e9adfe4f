/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command is inside the engine. */
#ifndef SMEW_IMAP_COMMAND_H
#define SMEW_IMAP_COMMAND_H

#include "smew/imap.h"

enum command_kind {
	COMMAND_PLAIN, /* nothing to do at its end */
	COMMAND_STARTTLS,
	COMMAND_LOGIN,
	COMMAND_AUTHENTICATE,
	COMMAND_COMPRESS,
	COMMAND_ENABLE,
	COMMAND_SELECT,
	COMMAND_UNSELECT,
	COMMAND_IDLE,
	COMMAND_LOGOUT,
};

/* When a command may go beside others (RFC 9051 section 5.5). */
enum command_rule {
	RULE_ALONE = 1 << 0,	/* with nothing else in flight */
	RULE_SETUP = 1 << 4,	/* says something about the connection alone */
	RULE_AFTER_SETUP = 1 << 5, /* with RULE_ALONE: but such commands */
	RULE_SEQUENCE = 1 << 1, /* uses sequence numbers */
	RULE_SEARCH = 1 << 2,	/* one at a time of each of these, whose */
	RULE_LIST = 1 << 3,	/* answers do not say which command asked */
	RULE_LAST = 1 << 6,	/* beside others, but nothing behind it */
	RULE_AFTER_DONE = 1 << 7, /* in one flight with DONE: no literals */
};

#define STATE(state)	 (1u << (state))
#define STATES_ANY                                              \
	(STATE(IMAP_NOT_AUTHENTICATED) | STATE(IMAP_AUTHENTICATED) | \
	 STATE(IMAP_SELECTED))
#define STATES_LOGGED_IN (STATE(IMAP_AUTHENTICATED) | STATE(IMAP_SELECTED))

enum piece_kind {
	PIECE_RAW,    /* ours: sent as it is */
	PIECE_STRING, /* foreign: quoted or a literal */
	PIECE_STREAM, /* a literal whose octets come from 'source' */
};

/* A part of the command line behind the tag. */
struct piece {
	enum piece_kind kind;
	bool secret;
	char *data; /* owned */
	size_t n;
	imap_source source; /* PIECE_STREAM */
	void *user;	    /* of it; foreign */
};

enum idle_phase { IDLE_ASKED, IDLE_RUNNING, IDLE_ENDED };

struct imap_command {
	enum command_kind kind;
	const char *name;   /* "UID FETCH", a constant */
	unsigned rules;	    /* enum command_rule */
	unsigned states;    /* bit set of STATE() */
	GArray *pieces;	    /* owned; of struct piece */
	uint64_t enable;    /* COMMAND_ENABLE: bits 1 << IMAP_CAP_... */
	char *initial;	    /* COMMAND_AUTHENTICATE: owned, or NULL */
	imap_challenge answer;
	void *answer_user;  /* foreign */

	/* The engine's, from imap_submit() on. */
	uint64_t id;
	char tag[16];
	imap_done done;
	void *user;	      /* foreign */
	uint32_t renumbered;  /* the engine's counter when it was submitted */
	guint next_piece;     /* to be sent */
	bool literal_pending; /* its "{n}" went out, "+" did not come */
	bool streaming;	      /* the octets of a literal go out */
	size_t streamed;      /* so many have */
	bool ended;	      /* 'done' has been called */
	bool done_wanted;     /* IDLE: DONE as soon as it runs */
	enum idle_phase idle;
};

struct imap_command *command_new(enum command_kind kind, const char *name,
				 unsigned rules, unsigned states);
void command_raw(struct imap_command *command, const char *text);
void command_format(struct imap_command *command, const char *format, ...)
	G_GNUC_PRINTF(2, 3);
/* A foreign string, preceded by a space. False: it cannot be sent. */
bool command_string(struct imap_command *command, const char *text,
		    GError **error);
void command_secret(struct imap_command *command, const char *text);
/* A literal of 'n' octets from 'source', preceded by a space. */
void command_stream(struct imap_command *command, size_t n, imap_source source,
		    void *user);
/* Frees it, sets the error, returns NULL. */
struct imap_command *command_refuse(struct imap_command *command,
				    const char *what, GError **error);
/* Letters, digits and the signs an atom may have (RFC 9051 atom). */
bool is_atom(const char *text);

#endif
