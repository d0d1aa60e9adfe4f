/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "param.h"
#include "part.h"

/*
 * Of an alternative, text that takes no more than this has nothing in it:
 * some senders put two line ends where the text should be.
 */
#define BLANK_SIZE 4

struct mail_part *mail_part_new(void)
{
	struct mail_part *part = g_new0(struct mail_part, 1);
	char **slots[] = {
		&part->section,	 &part->type,	     &part->subtype,
		&part->charset,	 &part->encoding,    &part->disposition,
		&part->name,	 &part->description, &part->content_id,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(slots); i++)
		*slots[i] = g_strdup("");
	return part;
}

void mail_part_free(struct mail_part *part)
{
	if (part == NULL)
		return;
	if (part->children != NULL) {
		for (guint i = 0; i < part->children->len; i++)
			mail_part_free(g_ptr_array_index(part->children, i));
		g_ptr_array_set_free_func(part->children, NULL);
		g_ptr_array_unref(part->children);
	}
	g_free(part->section);
	g_free(part->type);
	g_free(part->subtype);
	g_free(part->charset);
	g_free(part->encoding);
	g_free(part->disposition);
	g_free(part->name);
	g_free(part->description);
	g_free(part->content_id);
	g_free(part);
}

void part_set(char **slot, char *value)
{
	g_free(*slot);
	*slot = value != NULL ? value : g_strdup("");
}

/* A tree as deep as can be shown; what is below is left out. */
static struct mail_part *copy_at(const struct mail_part *part, int depth)
{
	struct mail_part *copy = mail_part_new();

	part_set(&copy->section, g_strdup(part->section));
	part_set(&copy->type, g_strdup(part->type));
	part_set(&copy->subtype, g_strdup(part->subtype));
	part_set(&copy->charset, g_strdup(part->charset));
	part_set(&copy->encoding, g_strdup(part->encoding));
	part_set(&copy->disposition, g_strdup(part->disposition));
	part_set(&copy->name, g_strdup(part->name));
	part_set(&copy->description, g_strdup(part->description));
	part_set(&copy->content_id, g_strdup(part->content_id));
	copy->flowed = part->flowed;
	copy->delsp = part->delsp;
	copy->size = part->size;
	if (part->children == NULL)
		return copy;
	copy->children = g_ptr_array_new();
	if (depth <= PART_DEPTH_LIMIT)
		for (guint i = 0; i < part->children->len; i++)
			g_ptr_array_add(
				copy->children,
				copy_at(g_ptr_array_index(part->children, i),
					depth + 1));
	return copy;
}

struct mail_part *part_copy(const struct mail_part *part)
{
	return copy_at(part, 0);
}

static GPtrArray *collect(const char *const *list)
{
	GPtrArray *params = params_new();

	for (; list != NULL && list[0] != NULL; list += 2) {
		if (list[1] == NULL)
			break;
		g_ptr_array_add(params, g_ascii_strdown(list[0], -1));
		g_ptr_array_add(params, g_strdup(list[1]));
	}
	return params;
}

static bool says(const GPtrArray *params, const char *name, const char *value)
{
	g_autofree char *given = params_get(params, name);

	return given != NULL && g_ascii_strcasecmp(given, value) == 0;
}

void mail_part_parameters(struct mail_part *part, const char *const *type,
			  const char *const *disposition)
{
	g_autoptr(GPtrArray) of_type = collect(type);
	g_autoptr(GPtrArray) of_disposition = collect(disposition);
	char *name = params_get(of_disposition, "filename");

	if (name == NULL)
		name = params_get(of_type, "name");
	part_set(&part->name, name);
	part_set(&part->charset, params_get(of_type, "charset"));
	part->flowed = says(of_type, "format", "flowed");
	part->delsp = part->flowed && says(of_type, "delsp", "yes");
}

bool part_is_type(const struct mail_part *part, const char *type)
{
	return strcmp(part->type, type) == 0;
}

bool part_is(const struct mail_part *part, const char *type,
	     const char *subtype)
{
	return part_is_type(part, type) && strcmp(part->subtype, subtype) == 0;
}

bool part_is_message(const struct mail_part *part)
{
	return part_is(part, "message", "rfc822") ||
	       part_is(part, "message", "global");
}

bool part_is_shown(const struct mail_part *part)
{
	if (strcmp(part->disposition, "attachment") == 0)
		return false;
	return part_is_type(part, "text") ||
	       part_is(part, "message", "delivery-status") ||
	       part_is(part, "message", "disposition-notification");
}

bool part_is_broken(const struct mail_part *part)
{
	return part_is_type(part, "multipart") &&
	       (part->children == NULL || part->children->len == 0);
}

char *part_broken_section(const struct mail_part *part)
{
	return g_strdup(*part->section == '\0' ? "TEXT" : part->section);
}

/* How well a part serves as the one to read; 0: not at all. */
static int rank(const struct mail_part *part, int depth)
{
	int best = 0;

	if (part_is_type(part, "multipart") && part->children != NULL &&
	    depth < PART_DEPTH_LIMIT) {
		for (guint i = 0; i < part->children->len; i++) {
			int of_child = rank(
				g_ptr_array_index(part->children, i),
				depth + 1);

			best = MAX(best, of_child);
		}
		return best;
	}
	if (!part_is_type(part, "text") || !part_is_shown(part))
		return part_is_message(part) ? 1 : 0;
	if (part_is(part, "text", "plain"))
		return part->size > BLANK_SIZE ? 6 : 2;
	if (part_is(part, "text", "html"))
		return part->size > BLANK_SIZE ? 5 : 2;
	return 3;
}

struct mail_part *part_choose(const struct mail_part *part)
{
	struct mail_part *best = NULL;
	int best_rank = 0;

	for (guint i = 0; part->children != NULL && i < part->children->len;
	     i++) {
		struct mail_part *child = g_ptr_array_index(part->children, i);
		int of_child = rank(child, 0);

		if (of_child > best_rank) {
			best = child;
			best_rank = of_child;
		}
	}
	return best;
}

struct mail_part *part_root(const struct mail_part *part)
{
	struct mail_part *best = part_choose(part);

	if (part->children == NULL || part->children->len == 0)
		return NULL;
	return best != NULL ? best : g_ptr_array_index(part->children, 0);
}

static void add_shown(GPtrArray *sections, const struct mail_part *part,
		      int depth);

static void add_children(GPtrArray *sections, const struct mail_part *part,
			 int depth)
{
	const struct mail_part *only = NULL;

	if (part_is(part, "multipart", "encrypted"))
		return;
	if (part_is(part, "multipart", "alternative"))
		only = part_choose(part);
	if (part_is(part, "multipart", "related"))
		only = part_root(part);
	if (part_is(part, "multipart", "signed"))
		only = g_ptr_array_index(part->children, 0);
	if (only != NULL) {
		add_shown(sections, only, depth + 1);
		return;
	}
	for (guint i = 0; i < part->children->len; i++)
		add_shown(sections, g_ptr_array_index(part->children, i),
			  depth + 1);
}

static void add_shown(GPtrArray *sections, const struct mail_part *part,
		      int depth)
{
	if (depth > PART_DEPTH_LIMIT || sections->len >= PART_COUNT_LIMIT)
		return;
	if (part_is_broken(part)) {
		g_ptr_array_add(sections, part_broken_section(part));
	} else if (part_is_type(part, "multipart")) {
		add_children(sections, part, depth);
	} else if (part_is_message(part)) {
		if (strcmp(part->disposition, "attachment") == 0)
			return;
		g_ptr_array_add(sections,
				g_strconcat(part->section, ".HEADER", NULL));
		if (part->children != NULL)
			add_children(sections, part, depth);
	} else if (part_is_shown(part)) {
		g_ptr_array_add(sections, g_strdup(part->section));
	}
}

GPtrArray *mail_part_shown(const struct mail_part *root)
{
	GPtrArray *sections = g_ptr_array_new_with_free_func(g_free);

	if (root != NULL)
		add_shown(sections, root, 0);
	return sections;
}
