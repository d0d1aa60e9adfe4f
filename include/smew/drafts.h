/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drafts: messages that are being written, on the disk from the beginning.
 * Each is a directory STATE/ACCOUNT/drafts/NAME, locked by the process that
 * has it open; what no process holds was left behind by a crash. All calls
 * wait for the disk: workers only. Belongs to the module store.
 */
#ifndef SMEW_DRAFTS_H
#define SMEW_DRAFTS_H

#include <glib.h>
#include <stdbool.h>

/*
 * Makes a directory below 'state', the account's state directory, and locks
 * it. Its path is owned by the caller, '*lock' is a descriptor that holds the
 * lock until it is closed.
 */
char *drafts_new(const char *state, int *lock, GError **error);
/* Locks one that was left behind: a descriptor, or -1 when another has it. */
int drafts_lock(const char *dir);
/* The directories below 'state' that nobody holds, the oldest first (of char
 * *, owned). */
GPtrArray *drafts_left(const char *state);

/* Replaces a file of the draft by these octets in one step: after a crash it
 * has the old or the new ones. On the disk when it returns. */
bool drafts_write(const char *dir, const char *name, const void *data,
		  size_t length, GError **error);
/* All of a file, or NULL. */
GBytes *drafts_read(const char *dir, const char *name, GError **error);
/* When the file was last changed, in nanoseconds; 0: there is none. */
int64_t drafts_time(const char *dir, const char *name);
void drafts_remove_file(const char *dir, const char *name);
/*
 * The pipe DIR/editor by which a program that edits the draft says that it
 * does: as long as somebody has it open, the program runs. The first makes it
 * anew and opens it for reading, which never waits; the second opens the one of
 * a program that still runs, else it is -1.
 */
#define DRAFTS_PIPE "editor"
int drafts_watch_new(const char *dir, GError **error);
int drafts_watch(const char *dir);
/* Removes the directory with all that is in it. */
void drafts_remove(const char *dir);

#endif
