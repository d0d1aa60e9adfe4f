/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema: the cache's file: its tables, versions, and who it belongs to. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "sql.h"

#define SCHEMA_FILE "cache.db"

/* The version that this smew writes and reads. */
int schema_version(void);

/*
 * Opens or makes 'dir'/cache.db for 'identity'; see store_open() for what is
 * set aside. '*notice' is given to the caller.
 */
struct sql *schema_open(const char *dir, const char *identity, char **notice,
			GError **error);

/* What to tell of a cache that was another server's. */
const char *schema_foreign_notice(void);

/* Opens what is there for reading; NULL without a word when it is no cache of
 * this version (yet). */
struct sql *schema_open_reader(const char *dir);

/* Renames cache.db and what belongs to it to cache.db + 'suffix'. */
bool schema_set_aside(const char *dir, const char *suffix, GError **error);

#endif
