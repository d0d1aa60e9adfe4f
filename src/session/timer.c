/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "timer.h"

static gboolean timer_fired(gpointer data)
{
	struct timer *timer = data;

	timer_stop(timer);
	timer->fire(timer->user);
	return G_SOURCE_REMOVE;
}

void timer_start(struct timer *timer, unsigned ms, void (*fire)(void *user),
		 void *user)
{
	timer_stop(timer);
	timer->fire = fire;
	timer->user = user;
	timer->source = g_timeout_source_new(ms);
	g_source_set_callback(timer->source, timer_fired, timer, NULL);
	g_source_attach(timer->source, g_main_context_get_thread_default());
}

void timer_stop(struct timer *timer)
{
	if (timer->source == NULL)
		return;
	g_source_destroy(timer->source);
	g_source_unref(timer->source);
	timer->source = NULL;
}
