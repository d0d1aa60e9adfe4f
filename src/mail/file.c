/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file: what files of the user's are sent as, and signatures. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smew/base.h"
#include "smew/mail.h"

enum {
	SAMPLE = 4096,
	SIGNATURE_LIMIT = 64 * 1024,
	SIGNATURE_MS = 10 * 1000,
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
