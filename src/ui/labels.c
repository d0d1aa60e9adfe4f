/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "index.h"
#include "labels.h"
#include "message.h"
#include "prompt.h"

struct question {
	enum selection_kind kind;
	int64_t id; /* under the cursor then */
	bool all;
};

/* "+a -b" that makes 'wanted' of 'now'; owned. */
static char *difference(const char *now, const char *wanted)
{
	g_auto(GStrv) old = g_strsplit(now != NULL ? now : "", " ", -1);
	g_auto(GStrv) new = g_strsplit(wanted, " ", -1);
	GString *out = g_string_new(NULL);

	for (char **word = new; *word != NULL; word++)
		if (**word != '\0' && !label_has(now, *word))
			g_string_append_printf(out, "+%s ", *word);
	for (char **word = old; *word != NULL; word++)
		if (**word != '\0' && !label_has(wanted, *word))
			g_string_append_printf(out, "-%s ", *word);
	return g_string_free(out, FALSE);
}

/* What was typed, each word with its sign; NULL and the reason on the screen.
 * Owned. */
static char *read_words(struct app *app, const char *text, bool signs)
{
	g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
	g_autoptr(GString) out = g_string_new(NULL);

	for (char **word = words; *word != NULL; word++) {
		bool has = signs && **word != '\0' &&
			   strchr("+-!", **word) != NULL;
		const char *label = *word + has;

		if (**word == '\0')
			continue;
		if (!label_is_valid(label)) {
			message_format(app,
				       _("No label can be called \"%s\"."),
				       label);
			return NULL;
		}
		g_string_append_printf(out, "%s%s%s", out->len > 0 ? " " : "",
				       signs && !has ? "+" : "", *word);
	}
	return g_strdup(out->str);
}

/* Of one message it is known what changes: that can be shown again and
 * again. */
static char *changes_for(struct app *app, const struct question *question,
			 const char *words)
{
	const struct view_row *row = index_current(app);
	g_autofree char *wanted = NULL;

	if (question->kind != SELECT_CURRENT)
		return question->all ? g_strconcat("=", words, NULL)
				     : g_strdup(words);
	wanted = question->all ? g_strdup(words)
			       : label_apply(row->keywords, words);
	return difference(row->keywords, wanted);
}

static void typed(struct app *app, const char *answer, void *user)
{
	g_autofree struct question *question = user;
	const struct view_row *row = index_current(app);
	g_autofree char *words = NULL, *changes = NULL;
	struct deed deed = { .words = DEED_LABELLED, .verb = SESSION_LABEL };

	if (answer == NULL)
		return;
	if (question->kind == SELECT_CURRENT &&
	    (row == NULL || row->id != question->id)) {
		message_error(app, _("The message is not there any more."));
		return;
	}
	words = read_words(app, answer, !question->all);
	if (words == NULL)
		return;
	changes = changes_for(app, question, words);
	deed.labels = changes;
	if (*changes != '\0')
		selection_act(app, question->kind, NULL, &deed);
}

void labels_ask(struct app *app, enum selection_kind kind, bool all)
{
	const struct view_row *row = index_current(app);
	struct question *question;
	struct prompt_line line = {
		.label = all ? _("Labels: ")
			     : _("Change labels (+add -remove !toggle): "),
		.history = HISTORY_NONE,
		.done = typed,
	};

	if (row == NULL)
		return;
	question = g_new0(struct question, 1);
	question->kind = kind;
	question->id = row->id;
	question->all = all;
	line.user = question;
	if (all && kind == SELECT_CURRENT)
		line.text = row->keywords;
	prompt_ask(app, &line);
}
