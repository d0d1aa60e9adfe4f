/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "smew/base.h"
#include "smew/net.h"

static char *pins_path(const char *dir)
{
	return g_build_filename(dir, "pins", NULL);
}

static char *place_of(const char *host, uint16_t port)
{
	g_autofree char *lower = g_ascii_strdown(host, -1);

	return g_strdup_printf("%s:%u ", lower, (unsigned)port);
}

/* The lines; an empty list when there is no file. NULL: it is unreadable. */
static char **pins_read(const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) problem = NULL;

	if (g_file_get_contents(path, &text, NULL, &problem))
		return g_strsplit(text, "\n", -1);
	if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return g_new0(char *, 1);
	g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
		    _("cannot read the accepted keys: %s"), problem->message);
	return NULL;
}

bool pins_find(const char *dir, const char *host, uint16_t port, char **key,
	       GError **error)
{
	g_autofree char *path = pins_path(dir);
	g_autofree char *place = place_of(host, port);
	g_auto(GStrv) lines = pins_read(path, error);

	*key = NULL;
	if (lines == NULL)
		return false;
	for (char **line = lines; *line != NULL; line++) {
		if (g_str_has_prefix(*line, place))
			*key = g_strstrip(g_strdup(*line + strlen(place)));
	}
	return true;
}

static bool write_whole(const char *path, const GString *text, GError **error)
{
	g_autofree char *fresh = g_strconcat(path, ".new", NULL);
	int fd = path_open_private(fresh, O_WRONLY | O_CREAT | O_TRUNC, error);

	if (fd < 0)
		return false;
	bool good = write(fd, text->str, text->len) == (ssize_t)text->len &&
		    fsync(fd) == 0;
	good = close(fd) == 0 && good;
	if (good && rename(fresh, path) == 0)
		return true;
	g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
		    _("cannot write '%s': %s"), path, g_strerror(errno));
	return false;
}

bool pins_set(const char *dir, const char *host, uint16_t port,
	      const char *key, GError **error)
{
	g_autofree char *path = pins_path(dir);
	g_autofree char *place = place_of(host, port);
	g_autoptr(GString) text = g_string_new(NULL);

	if (!path_make_private(dir, error))
		return false;
	g_auto(GStrv) lines = pins_read(path, error);
	if (lines == NULL)
		return false;
	for (char **line = lines; *line != NULL; line++) {
		if (**line != '\0' && !g_str_has_prefix(*line, place))
			g_string_append_printf(text, "%s\n", *line);
	}
	g_string_append_printf(text, "%s%s\n", place, key);
	return write_whole(path, text, error);
}
