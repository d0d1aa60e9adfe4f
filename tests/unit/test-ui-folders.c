/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder pane's lines, and names found by some of their letters. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/ui/foldertree.h"
#include "../../src/ui/fuzzy.h"

/* ---- the tree ---- */

static struct store_mailbox some[] = {
	{ .name = (char *)"INBOX", .display = (char *)"INBOX",
	  .delimiter = '/', .role = STORE_ROLE_INBOX, .exists = 3 },
	{ .name = (char *)"A", .display = (char *)"A", .delimiter = '/',
	  .exists = 9 },
	{ .name = (char *)"A/x", .display = (char *)"A/x", .delimiter = '/',
	  .unseen = 1 },
	{ .name = (char *)"A/y", .display = (char *)"A/y", .delimiter = '/',
	  .unseen = 2, .flagged = 5 },
	{ .name = (char *)"A/y/z", .display = (char *)"A/y/z",
	  .delimiter = '/' },
	{ .name = (char *)"A b", .display = (char *)"A b", .delimiter = '/',
	  .unseen = 4 },
	{ .name = (char *)"C", .display = (char *)"C", .delimiter = '/',
	  .exists = 20, .flagged = 1 },
};

/* "-" for each level, "+" behind a fold, blanks between. */
static char *picture(const struct tree_rules *rules)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	g_autoptr(GArray) lines = NULL;
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(some); i++)
		g_ptr_array_add(list, &some[i]);
	lines = tree_lines(list, rules);
	for (guint i = 0; i < lines->len; i++) {
		const struct tree_line *line =
			&g_array_index(lines, struct tree_line, i);

		if (i > 0)
			g_string_append(out, ", ");
		for (int k = 0; k < line->depth; k++)
			g_string_append_c(out, '-');
		g_string_append(out, line->mailbox->name);
		if (line->parent)
			g_string_append_c(out, line->folded ? '+' : ':');
		if (line->folded)
			g_string_append_printf(out, "%u/%u", line->unseen,
					       line->flagged);
	}
	return g_string_free(out, FALSE);
}

static void expect(const struct tree_rules *rules, const char *wanted)
{
	g_autofree char *found = picture(rules);

	assert_string_equal(found, wanted);
}

static bool is_a(const struct store_mailbox *mailbox, void *user)
{
	return strcmp(mailbox->name, user) == 0;
}

static bool is_not_a(const struct store_mailbox *mailbox, void *user)
{
	return strcmp(mailbox->name, user) != 0;
}

static void test_orders(void **state)
{
	static const char *const names[] = { "C", "A/y", "INBOX" };
	g_autoptr(GPtrArray) named = g_ptr_array_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_ptr_array_add(named, (char *)names[i]);
	expect(&(struct tree_rules){ 0 },
	       "INBOX, A:, -A/x, -A/y:, --A/y/z, A b, C");
	expect(&(struct tree_rules){ .order = TREE_BY_COUNT },
	       "C, A:, -A/x, -A/y:, --A/y/z, INBOX, A b");
	expect(&(struct tree_rules){ .order = TREE_BY_UNREAD },
	       "A b, A:, -A/y:, --A/y/z, -A/x, INBOX, C");
	expect(&(struct tree_rules){ .order = TREE_BY_FLAGGED },
	       "A:, -A/y:, --A/y/z, -A/x, C, INBOX, A b");
	expect(&(struct tree_rules){ .order = TREE_AS_NAMED, .named = named },
	       "C, A:, -A/y:, --A/y/z, -A/x, INBOX, A b");
	expect(&(struct tree_rules){ .reverse = true },
	       "C, A b, A:, -A/y:, --A/y/z, -A/x, INBOX");
}

static void test_folds_and_filters(void **state)
{
	(void)state;
	expect(&(struct tree_rules){ .folded = is_a, .user = (void *)"A" },
	       "INBOX, A+3/5, A b, C");
	expect(&(struct tree_rules){ .shown = is_not_a, .user = (void *)"A" },
	       "INBOX, A/x, A/y:, -A/y/z, A b, C");
	expect(&(struct tree_rules){ .shown = is_not_a,
				     .user = (void *)"A/y" },
	       "INBOX, A:, -A/x, -A/y/z, A b, C");
}

static void test_pins(void **state)
{
	g_autoptr(GPtrArray) pins = g_ptr_array_new();

	(void)state;
	g_ptr_array_add(pins, (char *)"C");
	g_ptr_array_add(pins, (char *)"A/y");
	g_ptr_array_add(pins, (char *)"none");
	expect(&(struct tree_rules){ .pins = pins },
	       "INBOX, C, A/y:, -A/y/z, A:, -A/x, A b");
	/* INBOX is above them in any order. */
	expect(&(struct tree_rules){ .pins = pins, .order = TREE_BY_COUNT },
	       "INBOX, C, A/y:, -A/y/z, A:, -A/x, A b");
}

static void test_option(void **state)
{
	bool reverse;

	(void)state;
	assert_int_equal(tree_order_of("alpha", &reverse), TREE_AS_LISTED);
	assert_false(reverse);
	assert_int_equal(tree_order_of("reverse-unread", &reverse),
			 TREE_BY_UNREAD);
	assert_true(reverse);
}

/* ---- letters ---- */

static int score(const char *typed, const char *text)
{
	int found;

	if (!fuzzy_match(typed, text, &found))
		fail_msg("'%s' does not find '%s'", typed, text);
	return found;
}

static void test_matches(void **state)
{
	int found;

	(void)state;
	score("", "anything");
	score("lnd", "Lists/numerics-devel");
	score("  L N d ", "Lists/numerics-devel");
	score("brucke", "Projekte/Br\u00fccke");
	score("BR\u00dcCKE", "Projekte/Br\u00fccke");
	score("nabl", "nabludenia");
	score("\u043d\u0430\u0431", "\u041d\u0430\u0431\u043b\u044e\u0434\u0435");
	score("\u771f", "\u5199\u771f");
	assert_false(fuzzy_match("dnl", "Lists/numerics-devel", &found));
	assert_false(fuzzy_match("xx", "x", &found));
	assert_false(fuzzy_match("a", "", &found));
}

static void test_ranks(void **state)
{
	(void)state;
	/* Together, at the beginning of a word, in the last part, short. */
	assert_true(score("work", "Work") > score("work", "World/ark"));
	assert_true(score("dev", "Lists/devel") > score("dev", "Lists/dxexv"));
	assert_true(score("nd", "a/num-devel") > score("nd", "a/xnxd"));
	assert_true(score("sent", "Sent") > score("sent", "Sent/2024"));
	assert_true(score("a", "x/a") > score("a", "a/x"));
	assert_true(score("inbox", "INBOX") > score("inbox", "INBOX/inb/ox"));
}

/* Names of any length cost no more than they may. */
static void test_long(void **state)
{
	g_autofree char *text = g_strnfill(100000, 'a');
	int found;

	(void)state;
	assert_true(fuzzy_match("aaa", text, &found));
	assert_true(fuzzy_match(text, text, &found));
	assert_false(fuzzy_match("b", text, &found));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_folds_and_filters),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
