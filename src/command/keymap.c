/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key maps: what a sequence of keys means in a pane. */
#include "private.h"

#include <string.h>

static const char *const map_names[] = {
	[MAP_GENERIC] = "generic", [MAP_INDEX] = "index",
	[MAP_PAGER] = "pager",	   [MAP_EDITOR] = "editor",
	[MAP_SIDEBAR] = "sidebar", [MAP_WIRE] = "wire",
	[MAP_COMPOSE] = "compose", [MAP_POSTPONE] = "postpone",
	[MAP_JOURNAL] = "journal",
	[MAP_OUTBOX] = "outbox",
};

const char *const *keymap_names(void)
{
	static const char *const names[] = {
		"generic", "index", "pager", "editor", "sidebar", "alias",
		"attach", "autocrypt", "browser", "compose", "dialog", "key_select_pgp",
		"journal", "key_select_smime", "list", "mix", "outbox", "pgp", "postpone",
		"query", "smime", "wire", NULL,
	};

	return names;
}

int keymap_find(const char *name)
{
	for (int i = 0; i < MAP_COUNT; i++)
		if (g_ascii_strcasecmp(map_names[i], name) == 0)
			return i;
	for (const char *const *known = keymap_names(); *known; known++)
		if (g_ascii_strcasecmp(*known, name) == 0)
			return -1;
	return -2;
}

const char *keymap_name(int map)
{
	return map_names[map];
}

void key_binding_free(struct key_binding *binding)
{
	g_array_unref(binding->keys);
	g_free((char *)binding->macro);
	g_free((char *)binding->description);
	g_free(binding);
}

/* By the keys, a beginning before what goes on. */
static int compare(const int *a, size_t a_len, const int *b, size_t b_len)
{
	for (size_t i = 0; i < a_len && i < b_len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return a_len < b_len ? -1 : a_len > b_len;
}

static bool begins(const GArray *with, const GArray *keys)
{
	return with->len <= keys->len &&
	       memcmp(with->data, keys->data, with->len * sizeof(int)) == 0;
}

static bool is_noop(const struct key_binding *binding)
{
	return binding->function != NULL && binding->function->op == OP_NULL;
}

/* The first place in 'map' that is not before the keys. */
static guint place(const GPtrArray *map, const int *keys, size_t n)
{
	guint low = 0, high = map->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const struct key_binding *binding = map->pdata[middle];

		if (compare((const int *)binding->keys->data,
			    binding->keys->len, keys, n) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of two bindings whose keys begin alike only the newer can be reached. */
static void remove_overlaps(GPtrArray *map, const GArray *keys, bool longer)
{
	for (guint i = map->len; i-- > 0;) {
		const struct key_binding *other = map->pdata[i];

		if (begins(other->keys, keys) ||
		    (longer && begins(keys, other->keys)))
			g_ptr_array_remove_index(map, i);
	}
}

static bool goes_on(const GPtrArray *map, const GArray *keys)
{
	guint at = place(map, (const int *)keys->data, keys->len);

	return at < map->len &&
	       begins(keys, ((struct key_binding *)map->pdata[at])->keys);
}

void keymap_bind(struct config *config, enum keymap map, const GArray *keys,
		 const struct function_row *function, const char *macro,
		 const char *description)
{
	GPtrArray *list = config->maps[map];
	struct key_binding *binding;
	bool noop = function != NULL && function->op == OP_NULL;

	/* `bind index g noop` after `gg` was bound does not take that away. */
	remove_overlaps(list, keys, !noop);
	if (noop && goes_on(list, keys))
		return;
	binding = g_new0(struct key_binding, 1);
	binding->map = map;
	binding->keys = g_array_copy((GArray *)keys);
	binding->function = function;
	binding->macro = g_strdup(macro);
	binding->description = g_strdup(description);
	g_ptr_array_insert(list, (int)place(list, (const int *)keys->data,
					    keys->len), binding);
}

void keymap_unbind(struct config *config, enum keymap map, const GArray *keys,
		   bool macros)
{
	GPtrArray *list = config->maps[map];

	for (guint i = list->len; i-- > 0;) {
		const struct key_binding *binding = list->pdata[i];

		if ((binding->macro != NULL) != macros)
			continue;
		if (keys == NULL ||
		    (keys->len == binding->keys->len &&
		     begins(keys, binding->keys)))
			g_ptr_array_remove_index(list, i);
	}
}

/* These share the keys of `generic`, as lists do in mutt. */
static bool falls_back(enum keymap map)
{
	return map != MAP_GENERIC && map != MAP_PAGER && map != MAP_EDITOR;
}

static enum key_match look_up(const GPtrArray *map, const int *keys, size_t n,
			      const struct key_binding **found)
{
	guint at = place(map, keys, n);
	const struct key_binding *binding;

	if (at >= map->len)
		return KEY_NONE;
	binding = map->pdata[at];
	if (binding->keys->len < n ||
	    memcmp(binding->keys->data, keys, n * sizeof(int)) != 0)
		return KEY_NONE;
	*found = binding;
	if (binding->keys->len > n)
		return KEY_PREFIX;
	return binding->macro != NULL ? KEY_MACRO : KEY_FUNCTION;
}

enum key_match keymap_lookup(const struct config *config, enum keymap map,
			     const int *keys, size_t n,
			     const struct key_binding **found)
{
	const struct key_binding *binding = NULL;
	int plain[LIMIT_KEYS];
	enum key_match match;

	if (n == 0 || n > LIMIT_KEYS)
		return KEY_NONE;
	for (size_t i = 0; i < n; i++)
		plain[i] = keys[i] == 127 ? KEYC_BACKSPACE : keys[i];
	match = look_up(config->maps[map], plain, n, &binding);
	if (match == KEY_NONE && falls_back(map))
		match = look_up(config->maps[MAP_GENERIC], plain, n, &binding);
	if (match != KEY_NONE && match != KEY_PREFIX && is_noop(binding))
		return KEY_NONE;
	if (found != NULL && match != KEY_NONE && match != KEY_PREFIX)
		*found = binding;
	return match;
}

/* Whether 'own' has a binding that hides 'binding' of the generic map. */
static bool hidden(const GPtrArray *own, const struct key_binding *binding)
{
	for (guint i = 0; i < own->len; i++) {
		const struct key_binding *other = own->pdata[i];

		if (begins(other->keys, binding->keys) ||
		    begins(binding->keys, other->keys))
			return true;
	}
	return false;
}

static int compare_bindings(const void *a, const void *b)
{
	const struct key_binding *x = *(struct key_binding *const *)a;
	const struct key_binding *y = *(struct key_binding *const *)b;

	return compare((const int *)x->keys->data, x->keys->len,
		       (const int *)y->keys->data, y->keys->len);
}

GPtrArray *keymap_list(const struct config *config, enum keymap map)
{
	GPtrArray *list = g_ptr_array_new();
	const GPtrArray *own = config->maps[map];
	const GPtrArray *generic = config->maps[MAP_GENERIC];

	for (guint i = 0; i < own->len; i++)
		if (!is_noop(own->pdata[i]))
			g_ptr_array_add(list, own->pdata[i]);
	for (guint i = 0; falls_back(map) && i < generic->len; i++)
		if (!is_noop(generic->pdata[i]) &&
		    !hidden(own, generic->pdata[i]))
			g_ptr_array_add(list, generic->pdata[i]);
	g_ptr_array_sort(list, compare_bindings);
	return list;
}
