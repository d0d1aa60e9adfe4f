/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the session thread tells the UI thread. Each call makes one post;
 * strings are copied; 'ui' is the UI's postbox.
 */
#ifndef SMEW_SESSION_REPORT_H
#define SMEW_SESSION_REPORT_H

#include "smew/session.h"

struct reporter {
	struct postbox *ui;  /* borrowed */
	const char *account; /* borrowed */
};

/* The merge key of posts about an account, or about a mailbox of it. */
uint64_t report_key(const char *account, const char *mailbox);
/* 'text' NULL unless failed. */
void report_done(const struct reporter *to, uint32_t request,
		 enum session_result result, const char *text);
/* The same with what SESSION_COUNT_MARKED found. */
void report_marked(const struct reporter *to, uint32_t request, uint32_t count,
		   uint32_t own);
/* The same with what was counted, or made (or NULL). */
void report_managed(const struct reporter *to, uint32_t request,
		    enum session_result result, const char *text,
		    uint32_t count, const char *display);
void report_state(const struct reporter *to, enum session_phase phase,
		  const char *reason, int64_t retry_at, bool read_only,
		  enum session_security security);
/* Kind: SESSION_FOLDERS_CHANGED, SESSION_MAILBOX_CHANGED or _DELETED. */
void report_change(const struct reporter *to, enum session_post kind,
		   const char *mailbox);
void report_renamed(const struct reporter *to, const char *mailbox,
		    const char *name, const char *display);
void report_rights(const struct reporter *to, const char *mailbox,
		   const char *rights);
/* 'quota' without post and account; its mailbox is copied. */
void report_quota(const struct reporter *to, const struct session_quota *quota);
void report_new_mail(const struct reporter *to, const char *mailbox,
		     uint32_t count);
/* 'words' NULL when nothing was refused yet. */
void report_password(const struct reporter *to, const char *user,
		     const char *host, const char *words, bool sending);
struct net_certificate;
void report_certificate(const struct reporter *to, const char *host,
			uint16_t port,
			const struct net_certificate *certificate,
			bool sending);
/* 'text' is for the reader and sanitised already. */
void report_notice(const struct reporter *to, const char *mailbox,
		   const char *text);
/* A message is in the outbox as 'item'. */
void report_queued(const struct reporter *to, uint32_t request, int64_t item);
void report_outbox(const struct reporter *to,
		   const struct outbox_counts *counts,
		   const struct sender *sender, int64_t due);
/* Both are given away. */
void report_outbox_list(const struct reporter *to, GPtrArray *items);
void report_taken_back(const struct reporter *to, uint32_t request,
		       struct outbox_item *item);
/* What waits in the journal. */
void report_actions(const struct reporter *to, unsigned waiting,
		    unsigned refused, unsigned foreign);
/* 'lines' are of struct journal_line. */
void report_action_list(const struct reporter *to, const GPtrArray *lines);
/* 'total' 0 ends it. */
void report_progress(const struct reporter *to, enum session_work work,
		     const char *mailbox, const char *what, uint64_t done,
		     uint64_t total);

#endif
