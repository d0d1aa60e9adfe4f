/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailcap: which program shows a type (RFC 1524). No shell reads what is made
 * here: a command becomes words, and values are put into words. An entry whose
 * command needs a shell, or takes the octets from its standard input, is passed
 * over, as one whose test would see more than the user's environment.
 */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "smew/mail.h"

enum {
	FILE_MAX = 1 << 20,
	TEST_OUTPUT = 4096,
	TEST_MS = 2000,
};

static const char usual[] = "~/.mailcap:/etc/mailcap:/usr/etc/mailcap:"
			    "/usr/local/etc/mailcap";

void mail_viewer_free(struct mail_viewer *viewer)
{
	if (viewer == NULL)
		return;
	g_strfreev(viewer->argv);
	g_free(viewer);
}

/* ---- lines ---- */

/* Fields of an entry: `;` separates, a backslash takes the meaning away from
 * it. */
static GPtrArray *split(const char *line)
{
	GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
	GString *field = g_string_new(NULL);

	for (const char *p = line; *p != '\0'; p++) {
		if (*p == ';') {
			g_ptr_array_add(fields, g_strstrip(g_string_free(
							field, FALSE)));
			field = g_string_new(NULL);
			continue;
		}
		if (*p == '\\' && (p[1] == ';' || p[1] == '\\'))
			p++;
		g_string_append_c(field, *p);
	}
	g_ptr_array_add(fields, g_strstrip(g_string_free(field, FALSE)));
	return fields;
}

/* "image/png" fits "image/png", "image/" and "image/" with a star, "image". */
static bool fits(const char *pattern, const char *type)
{
	size_t n = strcspn(pattern, "/");

	if (pattern[n] == '\0' || strcmp(pattern + n, "/*") == 0 ||
	    strcmp(pattern + n, "/") == 0)
		return g_ascii_strncasecmp(pattern, type, n) == 0 &&
		       type[n] == '/';
	return g_ascii_strcasecmp(pattern, type) == 0;
}

static bool has_flag(const GPtrArray *fields, const char *name)
{
	for (guint i = 2; i < fields->len; i++)
		if (g_ascii_strcasecmp(fields->pdata[i], name) == 0)
			return true;
	return false;
}

/* Of "test=COMMAND": the command is the user's own, and nothing of a message
 * is in it. */
static bool passes_test(const GPtrArray *fields)
{
	for (guint i = 2; i < fields->len; i++) {
		const char *field = fields->pdata[i];
		size_t n = strcspn(field, "=");
		const char *command = field + n + 1;
		g_autofree char *output = NULL;

		if (field[n] == '\0' ||
		    g_ascii_strncasecmp(field, "test", MAX(n, 4)) != 0)
			continue;
		if (strchr(command, '%') != NULL)
			return false;
		output = spawn_output(command, TEST_OUTPUT, TEST_MS, NULL);
		if (output == NULL)
			return false;
	}
	return true;
}

/* ---- commands ---- */

/* What a shell would do something with, outside of quotes. */
static bool needs_shell(const char *command)
{
	char quote = '\0';

	for (const char *p = command; *p != '\0'; p++) {
		if (*p == '\\' && quote != '\'' && p[1] != '\0')
			p++;
		else if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
		else if (quote != '\'' && strchr("$`", *p) != NULL)
			return true;
		else if (quote == '\0' && strchr("|&;<>()*?[", *p) != NULL)
			return true;
	}
	return false;
}

/* A value that names something, and nothing else. */
static void append_name(GString *out, const char *value)
{
	for (; *value != '\0'; value++)
		if (g_ascii_isalnum(*value) || strchr("._:/+-", *value) != NULL)
			g_string_append_c(out, *value);
}

/* One word of the command; '*named' is set where it has the file's name. */
static char *fill(const char *word, const struct mail_viewed *viewed,
		  bool *named)
{
	GString *out = g_string_new(NULL);

	for (const char *p = word; *p != '\0'; p++) {
		const char *end;

		if (*p != '%') {
			g_string_append_c(out, *p);
		} else if (p[1] == 's') {
			g_string_append(out, viewed->path);
			*named = true;
			p++;
		} else if (p[1] == 't') {
			append_name(out, viewed->type);
			p++;
		} else if (p[1] == '{' && (end = strchr(p, '}')) != NULL) {
			/* Of parameters only this one is known. */
			if (g_str_has_prefix(p, "%{charset}"))
				append_name(out, viewed->charset);
			p = end;
		}
	}
	return g_string_free(out, FALSE);
}

static char **make_argv(const char *command, const struct mail_viewed *viewed)
{
	g_auto(GStrv) words = NULL;
	GPtrArray *argv;
	bool named = false;

	if (needs_shell(command) ||
	    !g_shell_parse_argv(command, NULL, &words, NULL))
		return NULL;
	argv = g_ptr_array_new_with_free_func(g_free);
	for (char **word = words; *word != NULL; word++)
		g_ptr_array_add(argv, fill(*word, viewed, &named));
	if (!named) {
		g_ptr_array_unref(argv);
		return NULL;
	}
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}

/* ---- files ---- */

static struct mail_viewer *try_entry(const char *line,
				     const struct mail_viewed *viewed)
{
	g_autoptr(GPtrArray) fields = split(line);
	struct mail_viewer *viewer;
	char **argv;

	if (fields->len < 2 || !fits(fields->pdata[0], viewed->type))
		return NULL;
	argv = make_argv(fields->pdata[1], viewed);
	if (argv == NULL || !passes_test(fields)) {
		g_strfreev(argv);
		return NULL;
	}
	viewer = g_new0(struct mail_viewer, 1);
	viewer->argv = argv;
	viewer->terminal = has_flag(fields, "needsterminal");
	viewer->text = has_flag(fields, "copiousoutput");
	return viewer;
}

/* A backslash at the end of a line joins it with the next one. */
static struct mail_viewer *search(const char *text,
				  const struct mail_viewed *viewed)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) entry = g_string_new(NULL);
	struct mail_viewer *found = NULL;

	for (char **line = lines; *line != NULL && found == NULL; line++) {
		if (entry->len == 0 && **line == '#')
			continue;
		g_string_append(entry, *line);
		if (entry->len > 0 && entry->str[entry->len - 1] == '\\') {
			g_string_truncate(entry, entry->len - 1);
			continue;
		}
		found = try_entry(entry->str, viewed);
		g_string_truncate(entry, 0);
	}
	return found;
}

struct mail_viewer *mail_viewer(const char *paths,
				const struct mail_viewed *viewed,
				GError **error)
{
	g_auto(GStrv) names =
		g_strsplit(*paths != '\0' ? paths : usual, ":", -1);
	g_autofree char *shown = NULL;

	for (char **name = names; *name != NULL; name++) {
		g_autofree char *path = path_expand(*name);
		g_autofree char *text = NULL;
		struct mail_viewer *found;
		gsize length;

		if (!g_file_get_contents(path, &text, &length, NULL) ||
		    length > FILE_MAX)
			continue;
		found = search(text, viewed);
		if (found != NULL)
			return found;
	}
	shown = sanitise_line(viewed->type, -1);
	g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
		    _("no entry of mailcap shows %s"), shown);
	return NULL;
}
