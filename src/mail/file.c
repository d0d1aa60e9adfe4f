/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: what files of the user's are sent as, and signatures. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "charset.h"
#include "smew/base.h"
#include "smew/mail.h"

enum {
	SAMPLE = 4096,
	SIGNATURE_LIMIT = 64 * 1024,
	SIGNATURE_MS = 10 * 1000,
	SHOWN_MAX = 1 << 20, /* octets of a file that is looked at */
};

/* What the system knows of its name and octets, else what they look like. */
static char *type_of(const char *path, const char *data, gsize length)
{
	gboolean uncertain = FALSE;
	g_autofree char *guess = g_content_type_guess(
		path, (const guchar *)data, length, &uncertain);
	g_autofree char *type = guess != NULL
					? g_content_type_get_mime_type(guess)
					: NULL;

	if (type != NULL && !uncertain &&
	    strcmp(type, "application/octet-stream") != 0)
		return g_steal_pointer(&type);
	if (memchr(data, '\0', length) == NULL &&
	    (length == SAMPLE || g_utf8_validate(data, (gssize)length, NULL)))
		return g_strdup("text/plain");
	return g_strdup("application/octet-stream");
}

char *mail_file_type(const char *path, uint64_t *size, GError **error)
{
	g_autofree char *full = path_expand(path);
	g_autofree char *shown = sanitise_line(path, -1);
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char data[SAMPLE];
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		errno = EISDIR;
		if (S_ISREG(st.st_mode))
			n = read(fd, data, sizeof data);
	}
	if (n < 0) {
		g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
			    _("cannot read '%s': %s"), shown,
			    g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	close(fd);
	*size = (uint64_t)st.st_size;
	return type_of(full, data, (gsize)n);
}

GPtrArray *mail_files(const char *name)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *full = path_expand(name);
	glob_t found = { 0 };

	/* A name that is one is no pattern, whatever is in it. */
	if (!g_file_test(full, G_FILE_TEST_EXISTS) &&
	    strpbrk(full, "*?[") != NULL && glob(full, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (g_file_test(found.gl_pathv[i],
					G_FILE_TEST_IS_REGULAR))
				g_ptr_array_add(files,
						g_strdup(found.gl_pathv[i]));
	globfree(&found);
	if (files->len == 0)
		g_ptr_array_add(files, g_steal_pointer(&full));
	return files;
}

/* At most SHOWN_MAX octets of it, or NULL. */
static GBytes *read_sample(const char *path, GError **error)
{
	g_autofree char *full = path_expand(path);
	g_autofree char *shown = sanitise_line(path, -1);
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	g_autofree char *data = g_malloc(SHOWN_MAX);
	size_t got = 0;
	ssize_t n = 0;

	while (fd >= 0 && got < SHOWN_MAX &&
	       (n = read(fd, data + got, SHOWN_MAX - got)) > 0)
		got += (size_t)n;
	if (fd < 0 || n < 0)
		g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
			    _("cannot read '%s': %s"), shown,
			    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return fd < 0 || n < 0 ? NULL : g_bytes_new(data, got);
}

static char *message_text(GBytes *whole)
{
	struct mail_document *document =
		mail_render(&(struct mail_source){ .whole = whole });
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < document->fields->len; i++) {
		const struct mail_field *f =
			g_ptr_array_index(document->fields, i);

		g_string_append_printf(text, "%s: %s\n", f->name, f->value);
	}
	g_string_append_c(text, '\n');
	for (guint i = 0; i < document->lines->len; i++)
		g_string_append_printf(
			text, "%s\n",
			g_array_index(document->lines, struct mail_line, i)
				.text);
	mail_document_free(document);
	return g_string_free(text, FALSE);
}

char *mail_file_text(const char *path, const char *type, GError **error)
{
	bool message = g_ascii_strcasecmp(type, "message/rfc822") == 0;
	g_autoptr(GBytes) octets = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *shown = sanitise_line(type, -1);

	if (!message && g_ascii_strncasecmp(type, "text/", 5) != 0) {
		g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
			    _("%s cannot be shown as text"), shown);
		return NULL;
	}
	octets = read_sample(path, error);
	if (octets == NULL)
		return NULL;
	if (message)
		return message_text(octets);
	charset_append(text, NULL, g_bytes_get_data(octets, NULL),
		       g_bytes_get_size(octets));
	return sanitise_text(text->str, (gssize)text->len);
}

/* ---- copies ---- */

static bool copy_octets(int from, int to)
{
	char buffer[65536];
	ssize_t n, done;

	while ((n = read(from, buffer, sizeof buffer)) > 0)
		for (ssize_t at = 0; at < n; at += done) {
			done = write(to, buffer + at, (size_t)(n - at));
			if (done < 0)
				return false;
		}
	return n == 0 && fsync(to) == 0;
}

bool mail_file_copy(const char *from, const char *to, GError **error)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int out = in >= 0 ? open(to,
				 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
					 O_CLOEXEC,
				 0600)
			  : -1;
	g_autofree char *shown = sanitise_line(in >= 0 ? to : from, -1);
	bool good = out >= 0 && copy_octets(in, out);
	int number = errno;

	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0 && good) {
		number = errno;
		good = false;
	}
	if (good)
		return true;
	if (out >= 0)
		unlink(to);
	g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
		    _("cannot copy '%s': %s"), shown, g_strerror(number));
	return false;
}

char *mail_signature(const char *signature)
{
	size_t length = strlen(signature);
	g_autofree char *command = NULL, *path = NULL;
	char *text = NULL;
	gsize size = 0;

	if (length == 0)
		return NULL;
	if (signature[length - 1] == '|') {
		command = g_strndup(signature, length - 1);
		return spawn_output(command, SIGNATURE_LIMIT, SIGNATURE_MS,
				    NULL);
	}
	path = path_expand(signature);
	if (!g_file_get_contents(path, &text, &size, NULL))
		return NULL;
	if (size > SIGNATURE_LIMIT)
		g_clear_pointer(&text, g_free);
	return text;
}
