/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tags.h"
#include "index-private.h"
#include "keys.h"
#include "message.h"
#include "prompt.h"

static const struct deed tag_deed = { .words = DEED_TAGGED,
				      .tag = VIEW_MARK_TAG };
static const struct deed untag_deed = { .words = DEED_UNTAGGED,
					.tag = VIEW_MARK_UNTAG };

/* ---- the prefix ---- */

void tags_begin(struct app *app)
{
	struct index *index = index_of(app);

	selection_stay(app);
	index->tags_meant = index->tag_prefix ||
			    (config_bool(app->config, NULL, "auto_tag") &&
			     app_target(app) == app->index &&
			     selection_tags(app) > 0);
	index->after_prefix = index->tag_prefix;
	index->tag_prefix = false;
}

void tags_forget_prefix(struct app *app)
{
	index_of(app)->tag_prefix = false;
}

bool tags_are_meant(const struct app *app)
{
	return index_of(app)->tags_meant;
}

static void prefix(struct app *app, bool conditional)
{
	if (selection_tags(app) > 0) {
		index_of(app)->tag_prefix = true;
		message_hint(app, _("tag-"));
	} else if (conditional && keys_skip(app, OP_END_COND)) {
		message_show(app, _("Nothing to do."));
	} else {
		message_error(app, _("No tagged messages."));
	}
}

/* ---- setting them ---- */

static bool may_tag(struct app *app)
{
	if (index_account(app) != NULL && index_of(app)->anchor.total > 0)
		return true;
	message_show(app, _("There are no messages."));
	return false;
}

void tags_set(struct app *app, enum selection_kind kind, bool tag)
{
	if (!may_tag(app))
		return;
	if (kind == SELECT_CURRENT)
		selection_tag_current(app, tag);
	else
		selection_act(app, kind, NULL, tag ? &tag_deed : &untag_deed);
}

static void go_on(struct app *app, enum function_op op)
{
	if (config_bool(app->config, NULL, "resolve") &&
	    !index_is_at_end(app))
		index_move(app, op, app_pager_shown(app));
}

/* After the prefix it takes all tags away, as in mutt. */
static void tag_entry(struct app *app)
{
	const struct view_row *row = index_current(app);

	if (index_of(app)->after_prefix) {
		selection_act(app, SELECT_TAGGED, NULL, &untag_deed);
		return;
	}
	if (!may_tag(app) || row == NULL)
		return;
	selection_tag_current(app, !row->tagged);
	go_on(app, OP_NEXT_ENTRY);
}

static void tag_thread(struct app *app, enum selection_kind kind)
{
	const struct view_row *row = index_current(app);
	bool tag = row != NULL && !row->tagged;

	if (selection_act(app, kind, NULL, tag ? &tag_deed : &untag_deed))
		go_on(app, kind == SELECT_THREAD ? OP_NEXT_THREAD
						 : OP_NEXT_SUBTHREAD);
}

static void tag_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && *answer != '\0')
		selection_act(app, SELECT_PATTERN, answer, &tag_deed);
}

static void untag_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && *answer != '\0')
		selection_act(app, SELECT_PATTERN, answer, &untag_deed);
}

static void ask_pattern(struct app *app, bool tag)
{
	const struct prompt_line line = {
		.label = tag ? _("Tag messages matching: ")
			     : _("Untag messages matching: "),
		.history = HISTORY_SEARCH,
		.done = tag ? tag_typed : untag_typed,
	};

	if (may_tag(app))
		prompt_ask(app, &line);
}

bool tags_run(struct app *app, enum function_op op)
{
	if (app->focus == app->sidebar)
		return false;
	switch (op) {
	case OP_TAG_ENTRY:
		tag_entry(app);
		return true;
	case OP_TAG_THREAD:
		tag_thread(app, SELECT_THREAD);
		return true;
	case OP_TAG_SUBTHREAD:
		tag_thread(app, SELECT_SUBTHREAD);
		return true;
	case OP_TAG_PATTERN:
		ask_pattern(app, true);
		return true;
	case OP_UNTAG_PATTERN:
		ask_pattern(app, false);
		return true;
	case OP_TAG_PREFIX:
		prefix(app, false);
		return true;
	case OP_TAG_PREFIX_COND:
		prefix(app, true);
		return true;
	case OP_END_COND:
		return true;
	default:
		return false;
	}
}
