/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys of servers that the user accepted for good: a line "host:port KEY"
 * each, in the file `pins` of the account's state directory.
 */
#ifndef SMEW_SESSION_PINS_H
#define SMEW_SESSION_PINS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The key, owned by the caller; NULL when none was accepted. A file that is
 * there and cannot be read is an error: it must not count as no pin. */
bool pins_find(const char *dir, const char *host, uint16_t port, char **key,
	       GError **error);
/* Puts 'key' in the place of what was accepted before, on disk. */
bool pins_set(const char *dir, const char *host, uint16_t port,
	      const char *key, GError **error);

#endif
