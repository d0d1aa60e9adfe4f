/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "filewatch.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "limits.h"

struct filewatch {
	int fd;		 /* owned; -1: there was none, it is looked */
	char *dir, *prefix; /* owned */
	GSource *source; /* owned, or NULL */
	struct timer look;
	guint64 seen;	 /* at the last look */
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

/* ---- where the system has no more watches to give ---- */

/* What a write changes, of the database and its log. */
static guint64 stamp(const struct filewatch *watch)
{
	static const char *const ends[] = { "", "-wal" };
	guint64 sum = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *path = g_strconcat(
			watch->dir, "/", watch->prefix, ends[i], NULL);
		GStatBuf info;

		if (g_stat(path, &info) == 0)
			sum = sum * 31 + (guint64)info.st_size * 7 +
			      (guint64)info.st_mtim.tv_sec * G_USEC_PER_SEC +
			      (guint64)info.st_mtim.tv_nsec;
	}
	return sum;
}

static void look(void *user)
{
	struct filewatch *watch = user;
	guint64 now = stamp(watch);
	bool changed = now != watch->seen;

	watch->seen = now;
	timer_start(&watch->look, LIMIT_FILE_LOOK, look, watch);
	if (changed)
		watch->changed(watch->user);
}

/* ---- both ---- */

static void watch_fd(struct filewatch *watch)
{
	watch->source = g_unix_fd_source_new(watch->fd, G_IO_IN);
	g_source_set_callback(watch->source, G_SOURCE_FUNC(watch_ready), watch,
			      NULL);
	g_source_attach(watch->source, g_main_context_get_thread_default());
}

/* -1: the system has none left; *gone: the directory is not there. */
static int watch_open(const char *dir, bool *gone)
{
	const uint32_t what = IN_MODIFY | IN_CREATE | IN_MOVED_TO;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	*gone = false;
	if (fd < 0 || inotify_add_watch(fd, dir, what) >= 0)
		return fd;
	*gone = errno != ENOSPC && errno != ENOMEM;
	close(fd);
	return -1;
}

struct filewatch *filewatch_new(const char *dir, const char *prefix,
				void (*changed)(void *user), void *user)
{
	struct filewatch *watch;
	bool gone;
	int fd = watch_open(dir, &gone);

	if (gone)
		return NULL;
	watch = g_new0(struct filewatch, 1);
	watch->fd = fd;
	watch->dir = g_strdup(dir);
	watch->prefix = g_strdup(prefix);
	watch->changed = changed;
	watch->user = user;
	if (fd >= 0) {
		watch_fd(watch);
	} else {
		watch->seen = stamp(watch);
		timer_start(&watch->look, LIMIT_FILE_LOOK, look, watch);
	}
	return watch;
}

void filewatch_free(struct filewatch *watch)
{
	if (watch == NULL)
		return;
	timer_stop(&watch->told);
	timer_stop(&watch->look);
	if (watch->source != NULL) {
		g_source_destroy(watch->source);
		g_source_unref(watch->source);
		close(watch->fd);
	}
	g_free(watch->dir);
	g_free(watch->prefix);
	g_free(watch);
}
