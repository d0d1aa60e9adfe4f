/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server says messages are. */
#ifndef SMEW_SESSION_IDENTIFY_H
#define SMEW_SESSION_IDENTIFY_H

#include <glib.h>
#include <stdint.h>

struct known {
	char *message_id; /* owned */
	int64_t received;
	uint64_t size;
};

/* From UID to struct known *, owned. */
GHashTable *known_table_new(void);

#endif
