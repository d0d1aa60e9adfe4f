/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "unicode.h"

/* A longer line is cut: a hostile server must not fill the disk so easily. */
#define LINE_LIMIT 16384
#define CUT_MARK   " [...]"

/*
 * The one mutable state of this module: a log that every caller had to be
 * handed would not be used where it is needed most.
 */
static struct {
	pthread_mutex_t lock; /* guards fd and the order of lines */
	int fd;
	atomic_int level;
} the_log = {PTHREAD_MUTEX_INITIALIZER, -1, LOG_OFF};

bool log_open(const char *path, enum log_level level, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *stamp = g_date_time_format_iso8601(now);
	int fd = path_open_private(path, O_WRONLY | O_CREAT | O_APPEND, error);

	if (fd == -1)
		return false;
	log_close();
	pthread_mutex_lock(&the_log.lock);
	the_log.fd = fd;
	pthread_mutex_unlock(&the_log.lock);
	atomic_store(&the_log.level, CLAMP((int)level, LOG_OFF, LOG_MAX));
	log_line(LOG_FAULT, "log", "%s %s, level %d, opened %s", PACKAGE_NAME,
		 PACKAGE_VERSION, (int)level, stamp);
	return true;
}

void log_close(void)
{
	atomic_store(&the_log.level, LOG_OFF);
	pthread_mutex_lock(&the_log.lock);
	if (the_log.fd != -1)
		close(the_log.fd);
	the_log.fd = -1;
	pthread_mutex_unlock(&the_log.lock);
}

bool log_wants(enum log_level level)
{
	return level != LOG_OFF && (int)level <= atomic_load(&the_log.level);
}

static void append_escaped_octet(GString *line, unsigned char octet)
{
	switch (octet) {
	case '\n':
		g_string_append(line, "\\n");
		break;
	case '\r':
		g_string_append(line, "\\r");
		break;
	case '\t':
		g_string_append(line, "\\t");
		break;
	default:
		g_string_append_printf(line, "\\x%02x", octet);
	}
}

/*
 * A log is read in a terminal too, so nothing in it may act on one; but it is
 * evidence, so what is stopped is written out instead of dropped.
 */
static void append_escaped(GString *line, const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		gunichar c;
		size_t size = unicode_next(text, end, &c);

		if (size == 0 || c < 0x20 || c == 0x7f) {
			append_escaped_octet(line, (unsigned char)*text);
			size = 1;
		} else if (unicode_is_plain(c)) {
			g_string_append_len(line, text, (gssize)size);
		} else {
			g_string_append_printf(line, "\\u{%x}", c);
		}
		text += size;
		if (line->len > LINE_LIMIT) {
			g_string_append(line, CUT_MARK);
			return;
		}
	}
}

static void write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		/* A full disk must not stop the program that logs it. */
		if (n <= 0)
			return;
		data += n;
		length -= (size_t)n;
	}
}

void log_line(enum log_level level, const char *area, const char *format, ...)
{
	g_autofree char *text = NULL;
	GString *line;
	char thread[32] = "?";
	gint64 now = g_get_monotonic_time();
	va_list args;
	int saved = errno;

	if (!log_wants(level))
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	pthread_getname_np(pthread_self(), thread, sizeof(thread));
	line = g_string_new(NULL);
	g_string_printf(line, "%" G_GINT64_FORMAT ".%06d ",
			now / G_USEC_PER_SEC, (int)(now % G_USEC_PER_SEC));
	append_escaped(line, thread);
	g_string_append_printf(line, " %s: ", area);
	append_escaped(line, text);
	g_string_append_c(line, '\n');
	pthread_mutex_lock(&the_log.lock);
	if (the_log.fd != -1)
		write_all(the_log.fd, line->str, line->len);
	pthread_mutex_unlock(&the_log.lock);
	g_string_free(line, TRUE);
	errno = saved;
}
