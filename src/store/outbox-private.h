/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox-private: what the files of the outbox share. */
#ifndef STORE_OUTBOX_PRIVATE_H
#define STORE_OUTBOX_PRIVATE_H

#include "sql.h"

#include "smew/outbox.h"

struct outbox {
	struct sql *sql; /* owned */
	char *identity;	 /* owned */
	char *dir;	 /* owned: the account's state directory */
	int lock;	 /* of the one that sends; -1: not this process */
	int64_t version; /* of the data, as last seen */
};

/* Where the message of an item is; owned by the caller. */
char *outbox_path(const struct outbox *outbox, int64_t id);
/* The clock on the wall, seconds. */
int64_t outbox_now(void);

#endif
