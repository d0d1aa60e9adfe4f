/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "index.h"
#include "keys.h"
#include "message.h"
#include "prompt.h"
#include "tags.h"

enum {
	MAX_SEQUENCE = 16,
	/* A macro that runs itself ends here, with an error. */
	MAX_PUSHED = 4096,
	MAX_MACROS = 256,
	ABORT = 7,	/* ^G */
	INTERRUPT = 3,	/* ^C */
};

struct keys {
	int sequence[MAX_SEQUENCE];
	size_t n;
	GArray *pushed;	 /* of int, in reverse: the last is read next */
	unsigned macros; /* run since the user last typed */
	bool telling, running;
	/* Waits for the row it is about, with the key that called it. */
	const struct function_row *held;
	int held_key;
};

struct keys *keys_new(void)
{
	struct keys *keys = g_new0(struct keys, 1);

	keys->pushed = g_array_new(FALSE, FALSE, sizeof(int));
	return keys;
}

void keys_free(struct keys *keys)
{
	g_array_unref(keys->pushed);
	g_free(keys);
}

void keys_push(struct app *app, const char *text)
{
	struct keys *keys = app->keys;
	g_autoptr(GArray) typed = keys_typed(text);

	if (keys->pushed->len + typed->len > MAX_PUSHED ||
	    ++keys->macros > MAX_MACROS) {
		g_array_set_size(keys->pushed, 0);
		message_error(app, _("Macro loop detected."));
		return;
	}
	for (guint i = typed->len; i > 0; i--)
		g_array_append_val(keys->pushed,
				   g_array_index(typed, int, i - 1));
}

static void forget_sequence(struct app *app)
{
	app->keys->n = 0;
	message_hint(app, NULL);
}

/* What may follow an incomplete sequence: "g  g:first-entry ..." */
static void show_hint(struct app *app, enum keymap map)
{
	const struct keys *keys = app->keys;
	g_autoptr(GPtrArray) list = keymap_list(app->config, map);
	g_autofree char *prefix = keys_name(keys->sequence, keys->n);
	GString *hint = g_string_new(prefix);

	for (guint i = 0; i < list->len; i++) {
		const struct key_binding *b = g_ptr_array_index(list, i);
		const int *bound = (const int *)(void *)b->keys->data;
		g_autofree char *rest = NULL;

		if (b->keys->len <= keys->n ||
		    memcmp(bound, keys->sequence,
			   keys->n * sizeof(int)) != 0 ||
		    (b->function != NULL && b->function->planned))
			continue;
		rest = keys_name(bound + keys->n, b->keys->len - keys->n);
		g_string_append_printf(hint, "  %s:%s", rest,
				       b->function != NULL
					       ? b->function->name
					       : b->macro);
	}
	message_hint(app, hint->str);
	g_string_free(hint, TRUE);
}

static enum keymap current_map(const struct app *app)
{
	return app->prompt != NULL ? MAP_EDITOR : app_target(app)->ops->map;
}

/* What is done to the message under the cursor waits for its row. */
static bool hold(struct app *app, const struct function_row *row, int key)
{
	if (!index_awaits(app, row))
		return false;
	app->keys->held = row;
	app->keys->held_key = key;
	return true;
}

/* The next key has to wait for an answer of the view. */
static bool is_blocked(struct app *app)
{
	const struct function_row *held = app->keys->held;

	return index_jumps(app) ||
	       (held != NULL && index_awaits(app, held));
}

static void run_row(struct app *app, const struct function_row *row, int key)
{
	if (row->planned) {
		message_format(app, _("%s is not available yet"), row->name);
		return;
	}
	if (app->prompt != NULL)
		prompt_run(app, row->op, key);
	else if (!hold(app, row, key))
		app_run(app, row->op, key);
}

static void unbound(struct app *app, const int *sequence, size_t n)
{
	g_autofree char *name = keys_name(sequence, n);

	tags_forget_prefix(app);
	message_format(app, _("Key '%s' is not bound.  Press '?' for help."),
		       name);
}

static void run_binding(struct app *app, const struct key_binding *binding,
			int key)
{
	if (binding->function != NULL)
		run_row(app, binding->function, key);
	else
		keys_push(app, binding->macro);
}

static void add_to_sequence(struct app *app, int key)
{
	struct keys *keys = app->keys;
	const struct key_binding *binding = NULL;
	int sequence[MAX_SEQUENCE];
	size_t n;

	keys->sequence[keys->n++] = key;
	switch (keymap_lookup(app->config, current_map(app), keys->sequence,
			      keys->n, &binding)) {
	case KEY_PREFIX:
		if (keys->n < MAX_SEQUENCE) {
			if (app->prompt == NULL)
				show_hint(app, current_map(app));
			return;
		}
		break;
	case KEY_FUNCTION:
	case KEY_MACRO:
		forget_sequence(app);
		run_binding(app, binding, key);
		return;
	case KEY_NONE:
		break;
	}
	n = keys->n;
	memcpy(sequence, keys->sequence, n * sizeof(int));
	forget_sequence(app);
	/* In a prompt what is not bound is text. */
	if (app->prompt != NULL && n == 1)
		prompt_type(app, key);
	else if (app->prompt == NULL)
		unbound(app, sequence, n);
}

static void tell(struct app *app, int key)
{
	g_autofree char *name = keys_name(&key, 1);

	if (key == ABORT || key == INTERRUPT) {
		app->keys->telling = false;
		message_clear(app);
		return;
	}
	message_format(app, "%s (%d)", name, key);
}

static bool is_function(int key, enum function_op op)
{
	size_t n;
	const struct function_row *table = function_table(&n);

	return key >= KEYC_FUNCTION && (size_t)(key - KEYC_FUNCTION) < n &&
	       table[key - KEYC_FUNCTION].op == op;
}

bool keys_skip(struct app *app, enum function_op op)
{
	GArray *pushed = app->keys->pushed;
	bool any = pushed->len > 0, found = false;

	while (pushed->len > 0 && !found) {
		found = is_function(g_array_index(pushed, int, pushed->len - 1),
				    op);
		g_array_set_size(pushed, pushed->len - 1);
	}
	return any;
}

char *keys_of(const struct app *app, enum function_op op)
{
	g_autoptr(GPtrArray) list = keymap_list(app->config, MAP_INDEX);

	for (guint i = 0; i < list->len; i++) {
		const struct key_binding *b = g_ptr_array_index(list, i);

		if (b->function != NULL && b->function->op == op)
			return keys_name((const int *)(void *)b->keys->data,
					 b->keys->len);
	}
	return NULL;
}

void keys_tell(struct app *app)
{
	app->keys->telling = true;
	message_show(app, _("Enter keys (^G to abort): "));
}

static void read_key(struct app *app, int key)
{
	struct keys *keys = app->keys;
	bool typing;
	size_t n;

	if (keys->telling) {
		tell(app, key);
		return;
	}
	if (key >= KEYC_FUNCTION) {
		const struct function_row *table = function_table(&n);
		size_t index = (size_t)(key - KEYC_FUNCTION);

		forget_sequence(app);
		if (index < n)
			run_row(app, &table[index], key);
		return;
	}
	if (app->prompt != NULL && prompt_wants(app, key)) {
		forget_sequence(app);
		prompt_key(app, key);
		return;
	}
	if (key == ABORT || key == INTERRUPT) {
		typing = keys->n > 0;
		forget_sequence(app);
		if (app->prompt != NULL)
			prompt_cancel(app);
		else if (!typing)
			app_cancel(app);
		return;
	}
	add_to_sequence(app, key);
}

static void run_held(struct app *app)
{
	const struct function_row *held = g_steal_pointer(&app->keys->held);

	if (held != NULL)
		run_row(app, held, app->keys->held_key);
}

void keys_forget_held(struct app *app)
{
	app->keys->held = NULL;
}

void keys_run_pushed(struct app *app)
{
	struct keys *keys = app->keys;

	/* A function may push more: only the outermost call reads. */
	if (keys->running)
		return;
	keys->running = true;
	if (!is_blocked(app))
		run_held(app);
	while (keys->pushed->len > 0 && !app->ending && !is_blocked(app)) {
		int key = g_array_index(keys->pushed, int,
					keys->pushed->len - 1);

		g_array_set_size(keys->pushed, keys->pushed->len - 1);
		read_key(app, key);
	}
	keys->running = false;
}

/* Behind what waits already. */
static void wait_in_line(struct keys *keys, int key)
{
	if (keys->pushed->len < MAX_PUSHED)
		g_array_prepend_val(keys->pushed, key);
}

void keys_typed_one(struct app *app, int key)
{
	bool abort = key == ABORT || key == INTERRUPT;

	/* What follows a jump is about where it leads. */
	if (is_blocked(app) && !abort) {
		wait_in_line(app->keys, key);
		return;
	}
	if (abort) {
		g_array_set_size(app->keys->pushed, 0);
		keys_forget_held(app);
	}
	app->keys->macros = 0;
	if (!app->keys->telling)
		message_clear(app);
	read_key(app, key);
	keys_run_pushed(app);
}
