/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SMEW_NET_REAPER_H
#define SMEW_NET_REAPER_H

#include <sys/types.h>

/*
 * Ends the process group of 'pid', a child of ours that leads its own
 * session: SIGTERM now, SIGKILL when it has not ended a second later, and
 * reaps it. Does not block; the caller must not wait for 'pid' any more.
 */
void reaper_end(pid_t pid);

#endif
