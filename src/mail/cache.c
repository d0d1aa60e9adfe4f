/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache: a structure as text. A first line with the version, then a line a
 * part: its depth, its flags, its size and its strings, TAB between, with
 * "\\", "\t", "\n" and "\r" for the four octets that would break the line.
 */
#include "config.h"

#include <string.h>

#include "part.h"
#include "smew/base.h"

#define FIRST_LINE "part 1\n"
#define COLUMNS 12
#define DEPTH_MAX 1000
#define PARTS_MAX 100000

G_DEFINE_QUARK(smew-mail-error-quark, mail_error)

static void put_string(GString *out, const char *text)
{
	g_string_append_c(out, '\t');
	for (; text != NULL && *text != '\0'; text++) {
		static const char from[] = "\\\t\n\r", to[] = "\\tnr";
		const char *special = strchr(from, *text);

		if (special != NULL) {
			g_string_append_c(out, '\\');
			g_string_append_c(out, to[special - from]);
		} else {
			g_string_append_c(out, *text);
		}
	}
}

static void write_part(GString *out, const struct mail_part *part, int depth,
		       int *count)
{
	if (++*count > PARTS_MAX)
		return;
	g_string_append_printf(out, "%d\t%s%s%s\t%" G_GUINT64_FORMAT, depth,
			       part->children != NULL ? "c" : "",
			       part->flowed ? "f" : "",
			       part->delsp ? "d" : "", part->size);
	put_string(out, part->section);
	put_string(out, part->type);
	put_string(out, part->subtype);
	put_string(out, part->charset);
	put_string(out, part->encoding);
	put_string(out, part->disposition);
	put_string(out, part->name);
	put_string(out, part->description);
	put_string(out, part->content_id);
	g_string_append_c(out, '\n');
	if (part->children == NULL || depth == DEPTH_MAX)
		return;
	for (guint i = 0; i < part->children->len; i++)
		write_part(out, g_ptr_array_index(part->children, i),
			   depth + 1, count);
}

char *mail_part_write(const struct mail_part *root)
{
	GString *out = g_string_new(FIRST_LINE);
	int count = 0;

	write_part(out, root, 0, &count);
	return g_string_free(out, FALSE);
}

/* In place; what is escaped wrongly shows when the text is written again. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0') {
			text++;
			*to++ = *text == 't'   ? '\t'
				: *text == 'n' ? '\n'
				: *text == 'r' ? '\r'
					       : *text;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static struct mail_part *read_columns(char **columns)
{
	struct mail_part *part = mail_part_new();
	char **slots[] = {
		&part->section,	 &part->type,	     &part->subtype,
		&part->charset,	 &part->encoding,    &part->disposition,
		&part->name,	 &part->description, &part->content_id,
	};

	G_STATIC_ASSERT(G_N_ELEMENTS(slots) == COLUMNS - 3);
	for (size_t i = 0; i < G_N_ELEMENTS(slots); i++) {
		unescape(columns[i + 3]);
		part_set(slots[i], g_strdup(columns[i + 3]));
	}
	if (strchr(columns[1], 'c') != NULL)
		part->children = g_ptr_array_new();
	part->flowed = strchr(columns[1], 'f') != NULL;
	part->delsp = strchr(columns[1], 'd') != NULL;
	if (!g_ascii_string_to_unsigned(columns[2], 10, 0, G_MAXUINT64,
					&part->size, NULL))
		part->size = 0;
	return part;
}

/*
 * Hangs a part below the last one of the level above it: 'path' has the last
 * part of each level that is open.
 */
static bool hang(GPtrArray *path, guint64 depth, struct mail_part *part)
{
	struct mail_part *parent;

	if (depth > path->len || (depth == 0 && path->len > 0))
		return false;
	if (depth > 0) {
		parent = g_ptr_array_index(path, depth - 1);
		if (parent->children == NULL)
			return false;
		g_ptr_array_add(parent->children, part);
	}
	g_ptr_array_set_size(path, (gint)depth);
	g_ptr_array_add(path, part);
	return true;
}

static bool read_line(GPtrArray *path, const char *line)
{
	g_auto(GStrv) columns = g_strsplit(line, "\t", COLUMNS + 1);
	struct mail_part *part;
	guint64 depth;

	if (g_strv_length(columns) != COLUMNS ||
	    !g_ascii_string_to_unsigned(columns[0], 10, 0, DEPTH_MAX, &depth,
					NULL))
		return false;
	part = read_columns(columns);
	if (hang(path, depth, part))
		return true;
	mail_part_free(part);
	return false;
}

static struct mail_part *read_lines(const char *text)
{
	g_autoptr(GPtrArray) path = g_ptr_array_new();
	struct mail_part *root = NULL;
	int count = 0;
	bool sound = true;

	while (sound && *text != '\0') {
		size_t length = strcspn(text, "\n");
		g_autofree char *line = g_strndup(text, length);

		sound = text[length] == '\n' && ++count <= PARTS_MAX &&
			read_line(path, line);
		text += length + 1;
		if (root == NULL && path->len > 0)
			root = g_ptr_array_index(path, 0);
		if (!sound)
			break;
	}
	if (sound)
		return root;
	mail_part_free(root);
	return NULL;
}

struct mail_part *mail_part_read(const char *text, GError **error)
{
	struct mail_part *root = NULL;

	if (g_str_has_prefix(text, FIRST_LINE))
		root = read_lines(text + strlen(FIRST_LINE));
	if (root != NULL) {
		/* Only what would be written so again has been read right. */
		g_autofree char *again = mail_part_write(root);

		if (strcmp(again, text) == 0)
			return root;
		mail_part_free(root);
	}
	g_set_error_literal(error, MAIL_ERROR, MAIL_ERROR_DAMAGED,
			    _("cannot read a message's structure in the "
			      "cache: it is damaged"));
	return NULL;
}
