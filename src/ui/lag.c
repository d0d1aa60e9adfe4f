/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "lag.h"

#include <glib.h>

#include "smew/base.h"

#ifdef SMEW_DEBUG

enum { LAG_LIMIT_US = 16000 };

/* A poll function has no argument, hence the static; the UI thread's alone. */
static struct {
	GPollFunc poll;	  /* what it stands before */
	gint64 woke;	  /* when poll returned last; 0: not counted */
	const char *what; /* done since; NULL: nothing that has a name */
	int number;
} lag;

static gint timed_poll(GPollFD *fds, guint n, gint timeout)
{
	gint64 busy = lag.woke != 0 ? g_get_monotonic_time() - lag.woke : 0;

	if (busy > LAG_LIMIT_US)
		log_line(LOG_FAULT, "ui",
			 "a turn of the loop took %" G_GINT64_FORMAT
			 " ms; last: %s %d",
			 busy / 1000, lag.what != NULL ? lag.what : "?",
			 lag.number);
	gint ready = lag.poll(fds, n, timeout);
	lag.woke = g_get_monotonic_time();
	lag.what = NULL;
	lag.number = 0;
	return ready;
}

void lag_start(void)
{
	lag.poll = g_main_context_get_poll_func(NULL);
	lag.woke = 0;
	g_main_context_set_poll_func(NULL, timed_poll);
}

void lag_stop(void)
{
	g_main_context_set_poll_func(NULL, lag.poll);
}

void lag_doing(const char *what, int number)
{
	lag.what = what;
	lag.number = number;
}

void lag_forgive(void)
{
	lag.woke = 0;
}

#else

void lag_start(void)
{
}

void lag_stop(void)
{
}

void lag_doing(const char *what, int number)
{
	(void)what;
	(void)number;
}

void lag_forgive(void)
{
}

#endif
