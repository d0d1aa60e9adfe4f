/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the greeting to being signed in: STARTTLS, the choice of a mechanism,
 * the exchange. No secret leaves before the stream is secure, unless the user
 * said so with ssl_force_tls = no.
 */
#ifndef SMEW_SESSION_SIGNIN_H
#define SMEW_SESSION_SIGNIN_H

struct imap_status;
struct link;

/* The greeting came. link_signed_in() or link_fail() follows. */
void signin_begin(struct link *link);
/* TLS was put on top of the stream and stands. */
void signin_secured(struct link *link);
/*
 * A later command was answered: ends the link when a refusal says that having
 * signed in is worth nothing (any more).
 */
void signin_judge(struct link *link, const struct imap_status *status);
/* The server said BYE with 'words': when it says how long to stay away, the
 * account does. */
void signin_parted(struct link *link, const char *words);
/* The link ends. */
void signin_end(struct link *link);

#endif
