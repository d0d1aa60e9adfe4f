/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program: hands a message to `sendmail`: started without a shell, recipients
 * behind `--`, the message from a file, so that our end does not become the
 * message's.
 */
#ifndef SMEW_SEND_PROGRAM_H
#define SMEW_SEND_PROGRAM_H

#include "smew/outbox.h"
#include "smew/smtp.h"

struct program;

struct program_handler {
	/* As of struct smtp_handler. */
	bool (*delivering)(void *user);
	/* Once; the program is freed by its owner, here or later. */
	void (*ended)(enum smtp_result result, const char *words, void *user);
};

/* 'command' in words as sh quotes them. What is wrong is told to `ended`. */
struct program *program_start(const char *command, bool envelope_from,
			      const struct outbox_item *item,
			      const struct program_handler *handler,
			      void *user);
/* The program goes on if it has begun. */
void program_free(struct program *program);

#endif
