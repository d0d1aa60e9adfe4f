/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "message.h"
#include "prompt.h"
#include "sort.h"

/* ---- from the options ---- */

static const struct {
	const char *name;
	enum view_key key;
} names[] = {
	{ "threads", VIEW_BY_THREAD },	     { "date", VIEW_BY_DATE },
	{ "date-sent", VIEW_BY_DATE },	     { "from", VIEW_BY_FROM },
	{ "date-received", VIEW_BY_RECEIVED }, { "to", VIEW_BY_TO },
	{ "subject", VIEW_BY_SUBJECT },	     { "size", VIEW_BY_SIZE },
	{ "label", VIEW_BY_LABEL },	     { "score", VIEW_EQUAL },
	{ "spam", VIEW_EQUAL },		     { "unsorted", VIEW_UNSORTED },
	{ "mailbox-order", VIEW_UNSORTED },
};

/* "reverse-last-date-received", in three. */
struct sorting {
	enum view_key key;
	bool reverse, last;
};

static struct sorting sorting_of(const char *text)
{
	struct sorting s = { .key = VIEW_BY_DATE };

	s.reverse = g_str_has_prefix(text, "reverse-");
	if (s.reverse)
		text += strlen("reverse-");
	s.last = g_str_has_prefix(text, "last-");
	if (s.last)
		text += strlen("last-");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].name, text) == 0)
			s.key = names[i].key;
	return s;
}

static void set_group(struct view_order *order, struct sorting s)
{
	order->group = (uint8_t)s.key;
	order->reverse_group = s.reverse;
	order->last_group = s.last;
}

/*
 * neomutt's use_threads says whether there are threads, and `sort` in what
 * order they are; without it `sort` says both in mutt's way.
 */
static void read_sort(const struct config *config, struct view_order *order)
{
	const char *use = config_string(config, NULL, "use_threads");
	const char *groups = config_string(config, NULL, "sort_thread_groups");
	struct sorting sort = sorting_of(config_string(config, NULL, "sort"));
	bool flat = strcmp(use, "flat") == 0 || strcmp(use, "no") == 0;

	order->key = (uint8_t)sort.key;
	order->reverse = sort.reverse;
	set_group(order, (struct sorting){ .key = VIEW_BY_THREAD });
	if (!g_str_has_suffix(groups, "aux"))
		set_group(order, sorting_of(groups));
	if (strcmp(use, "unset") == 0)
		return;
	order->key = VIEW_BY_THREAD;
	if (flat)
		order->key = (uint8_t)(sort.key == VIEW_BY_THREAD
					       ? VIEW_BY_DATE
					       : sort.key);
	else if (sort.key != VIEW_BY_THREAD)
		set_group(order, sort);
	if (!flat)
		order->reverse = strcmp(use, "reverse") == 0;
}

static uint8_t bits_of(const struct config *config, const char *const *options,
		       const uint8_t *bits, const bool *when, size_t n)
{
	unsigned result = 0;

	for (size_t i = 0; i < n; i++)
		if (config_bool(config, NULL, options[i]) == when[i])
			result |= bits[i];
	return (uint8_t)result;
}

static uint8_t read_rules(const struct config *config)
{
	static const char *const options[] = { "strict_threads", "sort_re",
					       "duplicate_threads",
					       "thread_received" };
	static const uint8_t bits[] = { VIEW_STRICT_THREADS, VIEW_ANY_SUBJECT,
					VIEW_DUPLICATES_APART,
					VIEW_JOIN_BY_RECEIVED };
	static const bool when[] = { true, false, false, true };

	return bits_of(config, options, bits, when, G_N_ELEMENTS(bits));
}

static uint8_t read_drawn(const struct config *config)
{
	static const char *const options[] = { "hide_missing",
					       "hide_top_missing",
					       "hide_limited",
					       "hide_top_limited",
					       "narrow_tree" };
	static const uint8_t bits[] = { VIEW_SHOW_MISSING,
					VIEW_SHOW_TOP_MISSING,
					VIEW_HIDE_LIMITED,
					VIEW_HIDE_TOP_LIMITED, VIEW_NARROW };
	static const bool when[] = { false, false, true, true, true };

	return bits_of(config, options, bits, when, G_N_ELEMENTS(bits));
}

void sort_read(const struct config *config, struct view_order *order)
{
	const char *reply = config_string(config, NULL, "reply_regexp");
	struct sorting aux = sorting_of(config_string(config, NULL, "sort_aux"));

	read_sort(config, order);
	order->aux = (uint8_t)(aux.key == VIEW_BY_THREAD ? VIEW_BY_DATE
							 : aux.key);
	order->reverse_aux = aux.reverse;
	order->last_aux = aux.last;
	order->rules = read_rules(config);
	order->drawn = read_drawn(config);
	order->reply = strcmp(reply, VIEW_REPLY) != 0 ? g_intern_string(reply)
						      : NULL;
}

bool sort_is_newest_first(const struct view_order *order)
{
	if (order->key != VIEW_BY_THREAD)
		return order->reverse;
	return order->reverse != (order->group == VIEW_BY_THREAD
					  ? order->reverse_aux
					  : order->reverse_group);
}

/* ---- by a key ---- */

static void choose(struct app *app, const char *answer, const char *prefix)
{
	static const char *const orders[] = {
		"date", "from",	    "date-received", "subject", "to",	"threads",
		"unsorted", "size", "score",	     "spam",	"label",
	};
	/* TRANSLATORS: the letters in brackets of the question, in order. */
	const char *letters = _("dfrsotuzcpl");
	const char *letter;
	g_autofree char *line = NULL;

	if (answer == NULL || *answer == '\0')
		return;
	letter = strchr(letters, *answer);
	if (letter == NULL || letter - letters >= (int)G_N_ELEMENTS(orders)) {
		message_error(app, _("There is no such order."));
		return;
	}
	line = g_strdup_printf("set sort=%s%s", prefix,
			       orders[letter - letters]);
	config_run(app->config, line, NULL);
}

static void sort_chosen(struct app *app, const char *answer, void *user)
{
	(void)user;
	choose(app, answer, "");
}

static void reverse_chosen(struct app *app, const char *answer, void *user)
{
	(void)user;
	choose(app, answer, "reverse-");
}

bool sort_run(struct app *app, enum function_op op)
{
	if (op == OP_SORT_MAILBOX)
		prompt_one_key(
			app,
			_("Sort (d)ate/(f)rm/(r)ecv/(s)ubj/t(o)/(t)hread/"
			  "(u)nsort/si(z)e/s(c)ore/s(p)am/(l)abel?: "),
			sort_chosen, NULL);
	else if (op == OP_SORT_REVERSE)
		prompt_one_key(
			app,
			_("Rev-Sort (d)ate/(f)rm/(r)ecv/(s)ubj/t(o)/(t)hread/"
			  "(u)nsort/si(z)e/s(c)ore/s(p)am/(l)abel?: "),
			reverse_chosen, NULL);
	else
		return false;
	return true;
}
