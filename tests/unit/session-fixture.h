/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session against session-server.py: what a test of it needs. Everything
 * waits for a condition with a generous limit; nothing depends on timing.
 */
#ifndef SMEW_TEST_SESSION_FIXTURE_H
#define SMEW_TEST_SESSION_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smew/session.h"
#include "smew/store.h"

struct fixture {
	char *dir, *cache, *state; /* owned */
	struct postbox *ui;
	struct session *session; /* NULL when stopped */
	struct view *view;
	struct view_window *window; /* the last answer */
	struct view_folders *folders;
	struct view_message *message;
	/* what was posted since the last fixture_forget() */
	GPtrArray *notices;  /* of char * */
	enum session_phase phase;
	char *reason;
	unsigned states, offline, new_mail, progress_ended;
	unsigned waiting, refused, foreign; /* actions, as last told */
	GHashTable *done; /* request to struct session_done */
	GPtrArray *wire;  /* of struct session_wire, since the start */
	struct session_connections *connections; /* the last answer */
};

void fixture_setup(struct fixture *f);
void fixture_teardown(struct fixture *f);

/* Writes the server's state: INBOX with UIDs 1 to 'inbox', every tenth with
 * a body of 'size' octets, Sent and Lists with three. */
void fixture_mail(struct fixture *f, int inbox, int size);
/* Starts the session; 'words' are the server's arguments. */
void fixture_start(struct fixture *f, const char *words);
/* The same with any command. */
void fixture_start_tunnel(struct fixture *f, const char *tunnel);
void fixture_stop(struct fixture *f);
/* Changes flags in INBOX; the request. */
uint32_t fixture_flag(struct fixture *f, const int64_t *ids, size_t n,
		      uint32_t add, uint32_t del);
/* Another client acts: lines for the server's control file. */
void fixture_control(struct fixture *f, const char *lines);
/* How often 'needle' is in what the server received. */
unsigned fixture_said(struct fixture *f, const char *needle);
/* Whether connections fail from now on. */
void fixture_refuse(struct fixture *f, bool refuse);
void fixture_forget_log(struct fixture *f);
/* Of the server from the next connection on. */
void fixture_faults(struct fixture *f, const char *names);

/* One turn: the posts that are there, or a short wait. */
void fixture_turn(struct fixture *f);
void fixture_limit(gint64 start, const char *what);
#define fixture_wait(f, condition)                             \
	do {                                                   \
		gint64 start_ = g_get_monotonic_time();        \
		while (!(condition)) {                         \
			fixture_limit(start_, #condition);     \
			fixture_turn(f);                       \
		}                                              \
	} while (0)

/* Asks the view for all of a mailbox and waits for the answer. */
struct view_window *fixture_look(struct fixture *f, const char *mailbox);
/* The row of a UID in the last answer, or NULL. */
const struct view_row *fixture_row(struct fixture *f, uint32_t uid);
int64_t fixture_id(struct fixture *f, uint32_t uid);
struct view_message *fixture_message(struct fixture *f, int64_t id);
/* Looks until INBOX has 'count' rows. */
void fixture_wait_rows(struct fixture *f, const char *mailbox, int count);
/* Waits for the end of a request. */
const struct session_done *fixture_done(struct fixture *f, uint32_t request);

#endif
