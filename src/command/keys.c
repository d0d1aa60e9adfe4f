/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notation of keys: from text and back. */
#include "private.h"

#include <string.h>

static const struct {
	const char *name;
	int key;
} named[] = {
	/* The first name of a key is the one that is shown. */
	{ "Up", KEYC_UP },
	{ "Down", KEYC_DOWN },
	{ "Left", KEYC_LEFT },
	{ "Right", KEYC_RIGHT },
	{ "Home", KEYC_HOME },
	{ "End", KEYC_END },
	{ "PageUp", KEYC_PAGE_UP },
	{ "PageDown", KEYC_PAGE_DOWN },
	{ "PgUp", KEYC_PAGE_UP },
	{ "PgDn", KEYC_PAGE_DOWN },
	{ "Insert", KEYC_INSERT },
	{ "Delete", KEYC_DELETE },
	{ "Backspace", KEYC_BACKSPACE },
	{ "KeypadEnter", KEYC_ENTER },
	{ "Backtab", KEYC_BACKTAB },
	{ "BackTab", KEYC_BACKTAB },
	{ "Next", KEYC_NEXT },
	{ "Resize", KEYC_RESIZE },
	{ "Return", '\r' },
	{ "Enter", '\r' },
	{ "Tab", '\t' },
	{ "Space", ' ' },
	{ "Esc", 27 },
	{ "Escape", 27 },
};

const char *const *key_names(void)
{
	static const char *const names[] = {
		"<Up>", "<Down>", "<Left>", "<Right>", "<Home>", "<End>",
		"<PageUp>", "<PageDown>", "<Insert>", "<Delete>",
		"<Backspace>", "<Backtab>", "<Return>", "<Enter>", "<Tab>",
		"<Space>", "<Esc>", "<F1>", "<F2>", "<F3>", "<F4>", "<F5>",
		"<F6>", "<F7>", "<F8>", "<F9>", "<F10>", "<F11>", "<F12>",
		NULL,
	};

	return names;
}

/* ---- from text ---- */

static int find_named(const char *name)
{
	int64_t number;

	for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
		if (g_ascii_strcasecmp(named[i].name, name) == 0)
			return named[i].key;
	if ((name[0] == 'f' || name[0] == 'F') &&
	    g_ascii_string_to_signed(name + 1, 10, 0, 63, &number, NULL))
		return KEYC_F0 + (int)number;
	/* <177>: mutt's octal notation. */
	if (strlen(name) == 3 && strspn(name, "01234567") == 3) {
		int code = (int)g_ascii_strtoll(name, NULL, 8);

		return code > 0 && code < 256 ? code : -1;
	}
	return -1;
}

/* A key under Ctrl, Shift or Alt; -1 for what no terminal can say. */
static int modify(int key, int modifier)
{
	if (key >= KEY_CODE)
		return key | modifier;
	if (modifier == KEYC_SHIFT && key == '\t')
		return KEYC_BACKTAB;
	if (modifier == KEYC_SHIFT && g_unichar_isalpha((gunichar)key))
		return (int)g_unichar_toupper((gunichar)key);
	/* Terminals send no more than the key itself for these. */
	if (key == '\r' || key == '\t' || key == 27)
		return key;
	if (modifier == KEYC_CTRL && key == ' ')
		return -1;
	if (modifier == KEYC_CTRL && key >= '?' && key < 127)
		return g_ascii_toupper((char)key) & 0x1f;
	return -1;
}

/* "<...>" without the brackets: appends the key or keys it names. */
static bool append_named(GArray *keys, const char *name)
{
	int modifier = 0, key, escape = 27;
	char first = g_ascii_toupper(name[0]);

	if (name[0] != '\0' && name[1] == '-' && name[2] != '\0') {
		modifier = first == 'C'			     ? KEYC_CTRL :
			   first == 'S'			     ? KEYC_SHIFT :
			   first == 'A' || first == 'M'	     ? KEYC_ALT :
							       0;
		if (modifier == 0)
			return false;
		name += 2;
	}
	key = find_named(name);
	if (key < 0 && modifier != 0 && g_utf8_strlen(name, -1) == 1)
		key = (int)g_utf8_get_char(name);
	if (key < 0)
		return false;
	if (modifier == KEYC_ALT && key < KEY_CODE) {
		/* Alt with a character is Esc and the character. */
		g_array_append_val(keys, escape);
	} else if (modifier != 0) {
		key = modify(key, modifier);
		if (key <= 0)
			return false;
	}
	if (key == 127)
		key = KEYC_BACKSPACE;
	g_array_append_val(keys, key);
	return true;
}

/* What stands in <> at 'text'; NULL when nothing does. Owned. */
static char *bracketed(const char *text, const char **after)
{
	size_t length;

	if (*text != '<')
		return NULL;
	length = strcspn(text + 1, "<> \t");
	if (length == 0 || text[1 + length] != '>')
		return NULL;
	*after = text + length + 2;
	return g_strndup(text + 1, length);
}

static const char *append_char(GArray *keys, const char *text)
{
	int key = (int)g_utf8_get_char(text);

	if (key == 127)
		key = KEYC_BACKSPACE;
	g_array_append_val(keys, key);
	return g_utf8_next_char(text);
}

GArray *keys_from_word(const char *word, GError **error)
{
	GArray *keys = g_array_new(FALSE, FALSE, sizeof(int));
	const char *after;

	while (*word != '\0' && keys->len <= LIMIT_KEYS) {
		g_autofree char *name = bracketed(word, &after);

		if (name == NULL) {
			word = append_char(keys, word);
		} else if (append_named(keys, name)) {
			word = after;
		} else {
			g_set_error(error, COMMAND_ERROR,
				    COMMAND_ERROR_UNKNOWN,
				    _("unknown key '<%s>'"), name);
			g_array_unref(keys);
			return NULL;
		}
	}
	if (keys->len > 0 && keys->len <= LIMIT_KEYS)
		return keys;
	g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_SYNTAX,
			    keys->len == 0 ? _("no key is named") :
					     _("too many keys in a row"));
	g_array_unref(keys);
	return NULL;
}

GArray *keys_parse(const char *text, GError **error)
{
	struct lexer lexer;
	g_autofree char *safe = NULL;
	GString *quoted = g_string_new("\"");
	GArray *keys;

	if (strlen(text) > 1024 || !g_utf8_validate(text, -1, NULL)) {
		g_string_free(quoted, TRUE);
		g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_SYNTAX,
				    _("this text names no keys"));
		return NULL;
	}
	/* Escapes are the lexer's; quotes, $ and ` stand for themselves. */
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			g_string_append_c(quoted, *text++);
		else if (strchr("\"$`", *text) != NULL)
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *text);
	}
	g_string_append_c(quoted, '"');
	safe = g_string_free(quoted, FALSE);
	lexer_init(&lexer, NULL, safe);
	lexer_word(&lexer, LEX_KEYS);
	keys = keys_from_word(lexer.word->str, error);
	lexer_clear(&lexer);
	return keys;
}

GArray *keys_typed(const char *text)
{
	GArray *typed = g_array_new(FALSE, FALSE, sizeof(int));
	const char *after;

	while (*text != '\0') {
		g_autofree char *name = bracketed(text, &after);
		const struct function_row *row =
			name != NULL ? function_find(name) : NULL;
		size_t n;

		if (name != NULL && append_named(typed, name)) {
			text = after;
		} else if (row != NULL) {
			int op = KEYC_FUNCTION +
				 (int)(row - function_table(&n));
			g_array_append_val(typed, op);
			text = after;
		} else {
			text = append_char(typed, text);
		}
	}
	return typed;
}

/* ---- to text ---- */

static void append_special(GString *out, int key)
{
	int plain = key & ~(KEYC_SHIFT | KEYC_CTRL | KEYC_ALT);

	g_string_append_c(out, '<');
	if (key & KEYC_CTRL)
		g_string_append(out, "C-");
	if (key & KEYC_SHIFT)
		g_string_append(out, "S-");
	if (key & KEYC_ALT)
		g_string_append(out, "A-");
	for (size_t i = 0; i < G_N_ELEMENTS(named); i++) {
		if (named[i].key != plain)
			continue;
		g_string_append_printf(out, "%s>", named[i].name);
		return;
	}
	g_string_append_printf(out, "F%d>", plain - KEYC_F0);
}

static void append_key(GString *out, int key)
{
	if (key >= KEY_CODE)
		append_special(out, key);
	else if (key == '\r')
		g_string_append(out, "<Return>");
	else if (key == '\t')
		g_string_append(out, "<Tab>");
	else if (key == ' ')
		g_string_append(out, "<Space>");
	else if (key == 27)
		g_string_append(out, "<Esc>");
	else if (key < 32)
		g_string_append_printf(out, "^%c", key + 64);
	else
		g_string_append_unichar(out, (gunichar)key);
}

char *keys_name(const int *keys, size_t n)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < n; i++)
		append_key(out, keys[i]);
	return g_string_free(out, FALSE);
}
