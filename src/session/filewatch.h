/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether files change that other processes write, too: told by the kernel,
 * so that nobody wakes up now and then to look.
 */
#ifndef SMEW_SESSION_FILEWATCH_H
#define SMEW_SESSION_FILEWATCH_H

#include <glib.h>
#include <stdbool.h>

#include "timer.h"

struct filewatch;

/*
 * 'changed' comes from the thread's loop, some moments after a file of 'dir'
 * whose name begins with 'prefix' was written by anybody, this process too.
 * Where the system has no watch left to give it looks now and then whether
 * 'prefix' or its "-wal" was. NULL: there is no such directory.
 */
struct filewatch *filewatch_new(const char *dir, const char *prefix,
				void (*changed)(void *user), void *user);
void filewatch_free(struct filewatch *watch);

#endif
