/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "filewatch.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "limits.h"

struct filewatch {
	int fd;		 /* owned */
	char *prefix;	 /* owned */
	GSource *source; /* owned */
	struct timer told; /* one transaction is several writes */
	void (*changed)(void *user);
	void *user;
};

static bool concerns(const struct filewatch *watch,
		     const struct inotify_event *event)
{
	/* What got lost may have been one of ours. */
	return (event->mask & IN_Q_OVERFLOW) != 0 ||
	       (event->len > 0 && g_str_has_prefix(event->name, watch->prefix));
}

static gboolean watch_ready(gint fd, GIOCondition condition, gpointer user)
{
	_Alignas(struct inotify_event) char events[4096];
	struct filewatch *watch = user;
	bool any = false;
	ssize_t n;

	(void)condition;
	while ((n = read(fd, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event =
				(const void *)(events + at);

			any = any || concerns(watch, event);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	if (any && watch->told.source == NULL)
		timer_start(&watch->told, LIMIT_FILE_TOLD, watch->changed,
			    watch->user);
	return G_SOURCE_CONTINUE;
}

struct filewatch *filewatch_new(const char *dir, const char *prefix,
				void (*changed)(void *user), void *user)
{
	const uint32_t what = IN_MODIFY | IN_CREATE | IN_MOVED_TO;
	struct filewatch *watch;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (inotify_add_watch(fd, dir, what) < 0) {
		close(fd);
		return NULL;
	}
	watch = g_new0(struct filewatch, 1);
	watch->fd = fd;
	watch->prefix = g_strdup(prefix);
	watch->changed = changed;
	watch->user = user;
	watch->source = g_unix_fd_source_new(fd, G_IO_IN);
	g_source_set_callback(watch->source, G_SOURCE_FUNC(watch_ready), watch,
			      NULL);
	g_source_attach(watch->source, g_main_context_get_thread_default());
	return watch;
}

void filewatch_free(struct filewatch *watch)
{
	if (watch == NULL)
		return;
	timer_stop(&watch->told);
	g_source_destroy(watch->source);
	g_source_unref(watch->source);
	close(watch->fd);
	g_free(watch->prefix);
	g_free(watch);
}
