/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-shot timers of the session thread, in its default context. */
#ifndef SMEW_SESSION_TIMER_H
#define SMEW_SESSION_TIMER_H

#include <glib.h>

struct timer {
	GSource *source; /* NULL: not running */
	void (*fire)(void *user);
	void *user;
};

/* Starts it anew; 'ms' 0: as soon as the loop turns. It has stopped when
 * 'fire' is called. */
void timer_start(struct timer *timer, unsigned ms, void (*fire)(void *user),
		 void *user);
void timer_stop(struct timer *timer);

#endif
