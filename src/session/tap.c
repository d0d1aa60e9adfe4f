/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "tap.h"

enum { TAP_COMMANDS = 64 }; /* more in flight: the oldest are forgotten */

static void command_clear(gpointer data)
{
	g_free(((struct tap_command *)data)->mailbox);
}

void tap_init(struct tap *tap)
{
	*tap = (struct tap){ .last = -1, .least = -1 };
	tap->flying = g_array_new(FALSE, FALSE, sizeof(struct tap_command));
	g_array_set_clear_func(tap->flying, command_clear);
}

void tap_release(struct tap *tap)
{
	g_array_unref(tap->flying);
	g_free(tap->signing);
	g_free(tap->mechanism);
	g_free(tap->mailbox);
}

/* Our tags are "s12". What follows the tag, or NULL. */
static const char *read_tag(const char *line, uint64_t *tag)
{
	char *end;

	if (g_ascii_tolower(line[0]) != 's' || !g_ascii_isdigit(line[1]))
		return NULL;
	*tag = g_ascii_strtoull(line + 1, &end, 10);
	return *end == ' ' ? end + 1 : NULL;
}

static bool begins(const char *text, const char *word)
{
	size_t n = strlen(word);

	return g_ascii_strncasecmp(text, word, n) == 0 &&
	       (text[n] == ' ' || text[n] == '\0');
}

static bool takes_mailbox(const char *command)
{
	return begins(command, "SELECT") || begins(command, "EXAMINE");
}

static bool leaves_mailbox(const char *command)
{
	return begins(command, "UNSELECT") || begins(command, "CLOSE");
}

static bool signs_in(const char *command)
{
	return begins(command, "AUTHENTICATE") || begins(command, "LOGIN");
}

/* AUTHENTICATE names its mechanism, LOGIN is one. */
static char *mechanism_of(const char *command)
{
	const char *word = begins(command, "LOGIN") ?
				   command :
				   command + strlen("AUTHENTICATE");

	word += strspn(word, " ");
	return g_strndup(word, strcspn(word, " "));
}

/* SELECT "NAME" (...): quotes inside of the name stand as they are, and there
 * are none behind it. A literal stands as its "{n}". */
static char *mailbox_of(const char *command)
{
	const char *word = strchr(command, ' ');
	const char *from = strchr(command, '"'), *to = strrchr(command, '"');

	if (from != NULL && to > from)
		return g_strndup(from + 1, (gsize)(to - from - 1));
	return word != NULL ? g_strndup(word + 1, strcspn(word + 1, " ")) :
			      NULL;
}

enum tap_event tap_client(struct tap *tap, const char *line, int64_t now)
{
	struct tap_command command = { .since = now };
	const char *text = read_tag(line, &command.tag);

	if (text == NULL)
		return TAP_NOTHING;
	g_strlcpy(command.text, text, sizeof command.text);
	if (takes_mailbox(text))
		command.mailbox = mailbox_of(text);
	if (tap->flying->len >= TAP_COMMANDS)
		g_array_remove_index(tap->flying, 0);
	g_array_append_val(tap->flying, command);
	if (!signs_in(text))
		return TAP_NOTHING;
	g_free(tap->signing);
	tap->signing = mechanism_of(text);
	return TAP_SIGNING_IN;
}

/* Its place among those in flight, or their number. */
static guint find_command(const struct tap *tap, uint64_t tag)
{
	guint i = 0;

	while (i < tap->flying->len &&
	       g_array_index(tap->flying, struct tap_command, i).tag != tag)
		i++;
	return i;
}

/* An IDLE lasts as long as it likes. */
static void measure(struct tap *tap, const struct tap_command *command,
		    int64_t now)
{
	if (begins(command->text, "IDLE"))
		return;
	tap->last = now - command->since;
	if (tap->least < 0 || tap->last < tap->least)
		tap->least = tap->last;
}

static enum tap_event take_effect(struct tap *tap,
				  struct tap_command *command, bool ok)
{
	bool before = tap->mailbox != NULL;

	if (signs_in(command->text) && ok) {
		g_free(tap->mechanism);
		tap->mechanism = g_steal_pointer(&tap->signing);
	} else if (takes_mailbox(command->text)) {
		g_free(tap->mailbox);
		tap->mailbox = ok ? g_steal_pointer(&command->mailbox) : NULL;
		if (tap->mailbox != NULL)
			return TAP_SELECTED;
		return before ? TAP_UNSELECTED : TAP_NOTHING;
	} else if (leaves_mailbox(command->text) && ok) {
		g_clear_pointer(&tap->mailbox, g_free);
		return TAP_UNSELECTED;
	}
	return TAP_NOTHING;
}

enum tap_event tap_server(struct tap *tap, const char *line, int64_t now)
{
	struct tap_command *command;
	enum tap_event event;
	uint64_t tag;
	const char *text = read_tag(line, &tag);
	guint i = text != NULL ? find_command(tap, tag) : tap->flying->len;

	if (i == tap->flying->len)
		return TAP_NOTHING;
	command = &g_array_index(tap->flying, struct tap_command, i);
	measure(tap, command, now);
	event = take_effect(tap, command, begins(text, "OK"));
	g_array_remove_index(tap->flying, i);
	return event;
}
