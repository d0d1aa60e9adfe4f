/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dialogue of an account's connections as its reader sees it: kept in a
 * ring from the start, given to the log, and posted to the UI while it
 * watches. Lines come redacted from the engine.
 */
#ifndef SMEW_SESSION_WIRE_H
#define SMEW_SESSION_WIRE_H

#include "report.h"
#include "smew/imap.h"
#include "tap.h"

struct account;
struct link;
struct wire;

/* Of one connection. */
struct wire_tap {
	struct tap tap;
	uint32_t number;	/* unique in this run, from 1 on */
	int64_t since;		/* wall clock, microseconds */
};

/* 'report' is borrowed. */
struct wire *wire_new(const struct reporter *report);
void wire_free(struct wire *wire);
/* Posts what there is, and what comes, as SESSION_WIRE; 'watch' 0 ends it. */
void wire_watch(struct wire *wire, uint32_t watch);

/* ---- what a connection tells ---- */

void wire_begin(struct link *link);
void wire_end(struct link *link);
/* A line of the dialogue. */
void wire_said(struct link *link, enum imap_direction direction,
	       const char *line);
/* A change of state, for the reader. */
void wire_note(struct link *link, const char *format, ...)
	G_GNUC_PRINTF(2, 3);
/* The stream stands, or TLS on it. */
void wire_opened(struct link *link);
/* The engine's state changed. */
void wire_state(struct link *link, enum imap_state old, enum imap_state now);

/* ---- what was learned about the server ---- */

/* A thing that is not done any more, and why; said twice it is kept once. */
void wire_learn(struct account *account, const char *text);
/* What it says about itself in answer to ID. */
void wire_server_id(struct account *account, const struct imap_param *params,
		    size_t n);
/* Borrowed; NULL when it said nothing. */
const char *wire_server(const struct wire *wire);
/* Of char *; borrowed. */
const GPtrArray *wire_learned(const struct wire *wire);

/* ---- connections.c ---- */

/* Posts SESSION_CONNECTIONS. */
void wire_describe(struct account *account);

#endif
