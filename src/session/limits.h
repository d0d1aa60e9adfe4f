/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every time-out, size and depth of the session, in one place. */
#ifndef SMEW_SESSION_LIMITS_H
#define SMEW_SESSION_LIMITS_H

enum {
	/* times, in milliseconds */
	LIMIT_GREETING = 15 * 1000,
	LIMIT_SILENCE = 90 * 1000,	/* a command without any progress */
	LIMIT_IDLE_STEP = 10 * 1000,	/* "+" after IDLE, OK after DONE */
	LIMIT_IDLE = 29 * 60 * 1000,	/* renewal, at the latest (RFC 2177) */
	LIMIT_IDLE_FRESH = 60 * 1000,	/* the first renewal, and before */
	LIMIT_IDLE_FRESH_SHARE = 9,	/* of this share of the others */
	LIMIT_LOGOUT = 500,
	LIMIT_PAUSE = 60 * 1000,	/* after refusals for now */
	LIMIT_DRAIN = 500,		/* for what a mailbox that was left asked */
	LIMIT_QUIET = 1000,		/* then what is under way takes long */
	LIMIT_PROBE = 5 * 1000,		/* of a NOOP after a suspend */
	LIMIT_JOURNAL_LOOK = 2 * 1000,	/* for what other processes do */
	LIMIT_FILE_TOLD = 20,		/* after a file was written */
	LIMIT_FILE_LOOK = 2 * 1000,	/* whether it was, without a watch */
	LIMIT_DOUBT = 5 * 1000,	/* a server may still do what was asked on a
				   connection that is gone */
	LIMIT_HOLD_FIRST = 5 * 1000, /* an action that was refused for now */
	LIMIT_HOLD_LAST = 10 * 60 * 1000,
	LIMIT_AWAY = 60 * 1000,	/* another account that is offline */
	LIMIT_SETTLE = 2 * 1000,	/* in a mailbox before INBOX is kept */
	LIMIT_TOLD_POLL = 10 * 60 * 1000, /* of the list, beside NOTIFY */
	LIMIT_SPARE = 2 * 60 * 1000,	/* of a connection nothing needs */
	LIMIT_ANSWER = 60 * 1000,	/* of the user, on an open connection */
	LIMIT_TOKEN_FRESH = 5 * 60 * 1000, /* of OAuth 2: asked for anew after */
	LIMIT_SECRET_COMMAND = 60 * 1000, /* imap_pass_command and such */

	/* after a refusal at least, in milliseconds (refusal.c) */
	LIMIT_BACKOFF = 60 * 1000,
	LIMIT_BACKOFF_INUSE = 5 * 1000,
	LIMIT_BACKOFF_CONNECTIONS = 30 * 1000,
	LIMIT_BACKOFF_LONG = 5 * 60 * 1000,
	LIMIT_BACKOFF_LAST = 60 * 60 * 1000, /* whatever the server says */

	/* copies of what was sent, in seconds */
	LIMIT_FILING_SOON = 1,
	LIMIT_FILING_AGAIN = 15,
	LIMIT_FILING_REFUSED = 60,
	LIMIT_FILING_PATIENCE = 60, /* with a server that files by itself */

	/* reconnecting, in seconds */
	LIMIT_RETRY_FIRST = 1,
	LIMIT_RETRY_LAST = 300,
	LIMIT_RETRY_CALM = 60,	/* online for so long: begin anew with FIRST */
	LIMIT_EXTRA_FIRST = 30,	/* after an extra connection failed */
	LIMIT_EXTRA_LAST = 30 * 60,

	/* the fill: messages of a FETCH; a chunk should take CHUNK_MS */
	LIMIT_WINDOW = 120,	/* the cold window; fewer mean all */
	LIMIT_WINDOW_LEAST = 30,
	LIMIT_WINDOW_SPARE = 8,	/* beyond the screen */
	LIMIT_CHUNK_FIRST = 200,
	LIMIT_CHUNK_LEAST = 25,
	LIMIT_CHUNK_MOST = 2000,
	LIMIT_CHUNK_MS = 300,
	LIMIT_CHUNK_SLOW = 2000, /* ms, all at once */
	LIMIT_FLAGS_CHUNK = 5000, /* of a FETCH of flags alone */
	LIMIT_TELL_MS = 250,	/* between two looks of the UI at a fill */
	LIMIT_BATCH = 500,	  /* rows of one transaction */
	LIMIT_IN_FLIGHT = 2,	  /* commands for data at a time */
	LIMIT_FILL_IN_FLIGHT = 4, /* portions; Dovecot reads no further */
	LIMIT_LONG_FILL = 4000,	  /* more rows want a second connection */
	LIMIT_STORE_SET = 1000,	  /* messages of one STORE, MOVE or COPY */
	LIMIT_ACTION_HALVINGS = 24, /* refusals before all are refused */
	LIMIT_SET_OCTETS = 7000,  /* of the set in such a command */

	/* sizes, in octets, and numbers */
	LIMIT_HEADER_FIELDS = 256 * 1024, /* of an index row */
	LIMIT_WHOLE = 64 * 1024,	/* fetched in one piece up to here */
	LIMIT_PIECE_FIRST = 256 * 1024,	/* of a large section; one should take */
	LIMIT_PIECE_MOST = 4 * 1024 * 1024, /* CHUNK_MS too */
	LIMIT_WHOLE_UNKNOWN = 256 * 1024, /* when the structure is unknown */
	LIMIT_SENDING_SHOWN = 256 * 1024, /* of a message: its progress */
	LIMIT_SECRET = 64 * 1024,	/* what a password command writes */
	LIMIT_BODY = 32 * 1024 * 1024,	/* of one section kept in memory */
	LIMIT_SECTIONS = 50,		/* fetched for one message */
	LIMIT_PARTS = 1000,		/* read of a body structure */
	LIMIT_PART_DEPTH = 64,
	LIMIT_JOURNAL_LINES = 500,	/* of the journal, shown */
	LIMIT_BROUGHT = 10 * 1000,	/* Message-IDs from other accounts */
	LIMIT_ALERTS = 10,		/* shown of one connection */
	LIMIT_RENAMES = 64,		/* that are remembered for readers */
	LIMIT_MAILBOXES = 100 * 1000,	/* of one LIST */

	/* the dialogue kept for the reader */
	LIMIT_WIRE_LINES = 4000,
	LIMIT_WIRE_OCTETS = 1024 * 1024,
	LIMIT_WIRE_LINE = 500,
	LIMIT_WIRE_BATCH = 300,	 /* lines of one post */
	LIMIT_WIRE_MS = 50,	 /* between two posts */
	LIMIT_WIRE_POSTS = 4,	 /* the UI has not handled yet */
	LIMIT_WIRE_LEARNED = 20, /* things learned about a server */
};

#endif
