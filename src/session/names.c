/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "names.h"

#include <glib.h>
#include <string.h>

#include "smew/base.h"
#include "smew/imap.h"

bool name_is_within(const char *name, const char *of, char delimiter)
{
	size_t n = strlen(of);

	return strncmp(name, of, n) == 0 &&
	       (name[n] == '\0' || (delimiter != '\0' && name[n] == delimiter));
}

char *name_parent(const char *name, char delimiter)
{
	const char *end = delimiter != '\0' ? strrchr(name, delimiter) : NULL;

	return end != NULL && end > name ?
		       g_strndup(name, (size_t)(end - name)) :
		       NULL;
}

/* In the wire form the delimiter stands for itself, so each level is encoded
 * alone: none of its characters can become one. */
static char *encode_level(const char *level, const char **why)
{
	char *wire;

	if (*level == '\0') {
		*why = _("a level of the name is empty");
		return NULL;
	}
	if (strpbrk(level, "*%") != NULL) {
		*why = _("* and % cannot stand in a name: they stand for other "
			 "names");
		return NULL;
	}
	wire = imap_mailbox_encode(level);
	if (wire == NULL)
		*why = _("the name has control characters");
	return wire;
}

static char *encode_levels(char **levels, char delimiter, const char **why)
{
	const char between[] = { delimiter, '\0' };
	g_autoptr(GPtrArray) wires = g_ptr_array_new_with_free_func(g_free);

	for (char **level = levels; *level != NULL; level++) {
		char *wire = encode_level(*level, why);

		if (wire == NULL)
			return NULL;
		g_ptr_array_add(wires, wire);
	}
	g_ptr_array_add(wires, NULL);
	return g_strjoinv(between, (char **)wires->pdata);
}

/* The levels of 'typed', without what ends it. Owned. */
static char **split(const char *typed, char delimiter)
{
	const char flat[] = { '\0' };
	const char both[] = { delimiter, '/', '\0' };
	g_autofree char *name = g_strdup(typed);
	size_t n = strlen(name);

	while (delimiter != '\0' && n > 0 && strchr(both, name[n - 1]) != NULL)
		name[--n] = '\0';
	return delimiter != '\0' ? g_strsplit_set(name, both, -1) :
				   g_strsplit_set(name, flat, -1);
}

/* "INBOX." in any case; everything else as it is. */
static bool begins(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	if (n == 0)
		return false;
	if (g_ascii_strncasecmp(prefix, "INBOX", 5) == 0 && n <= 6)
		return g_ascii_strncasecmp(name, prefix, n) == 0;
	return strncmp(name, prefix, n) == 0;
}

static bool has_prefix(const struct name_rules *rules, const char *name)
{
	const char *const *other = rules->others;

	if (*rules->prefix == '\0' || begins(name, rules->prefix))
		return true;
	for (; other != NULL && *other != NULL; other++)
		if (begins(name, *other))
			return true;
	return false;
}

static bool stands_alone(const struct name_rules *rules, const char *name)
{
	size_t n = rules->delimiter != '\0' && strchr(name, rules->delimiter) ?
			   strcspn(name, (char[]){ rules->delimiter, '\0' }) :
			   strlen(name);
	g_autofree char *first = g_strndup(name, n);

	return name[n] != '\0' && rules->exists != NULL &&
	       rules->exists(first, rules->user);
}

char *name_make(const struct name_rules *rules, const char *typed,
		const char **why)
{
	g_auto(GStrv) levels = NULL;
	g_autofree char *name = NULL;

	if (!g_utf8_validate(typed, -1, NULL)) {
		*why = _("the name is not valid UTF-8");
		return NULL;
	}
	levels = split(typed, rules->delimiter);
	if (levels[0] == NULL) {
		*why = _("the name is empty");
		return NULL;
	}
	if (g_ascii_strcasecmp(levels[0], "INBOX") == 0) {
		g_free(levels[0]);
		levels[0] = g_strdup("INBOX");
	}
	name = encode_levels(levels, rules->delimiter, why);
	if (name == NULL)
		return NULL;
	if (strcmp(name, "INBOX") == 0) {
		*why = _("there is only one INBOX");
		return NULL;
	}
	if (has_prefix(rules, name) || stands_alone(rules, name))
		return g_steal_pointer(&name);
	return g_strconcat(rules->prefix, name, NULL);
}
