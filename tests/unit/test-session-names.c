/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of new mailboxes, as servers of every kind want them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "src/session/names.h"

static bool exists(const char *name, void *user)
{
	return g_strv_contains(user, name);
}

static const char *const known[] = { "Public", "Gr&APw-n", NULL };
static const char *const others[] = { "user.", "#shared.", NULL };

static const struct name_rules slash = { .delimiter = '/', .prefix = "" };
static const struct name_rules flat = { .delimiter = '\0', .prefix = "" };
static const struct name_rules below_inbox = {
	.delimiter = '.',
	.prefix = "INBOX.",
	.others = others,
	.exists = exists,
	.user = (void *)known,
};

static const struct {
	const struct name_rules *rules;
	const char *typed, *wire;
} good[] = {
	{ &slash, "Work", "Work" },
	{ &slash, "Work/2026/", "Work/2026" },
	{ &slash, "v1.2", "v1.2" },
	{ &slash, "inbox/Sub", "INBOX/Sub" },
	{ &slash, "Inboxes", "Inboxes" },
	{ &slash, "A & B", "A &- B" },
	{ &slash, "Entwürfe/日本", "Entw&APw-rfe/&ZeVnLA-" },
	{ &slash, "💊", "&2D3cig-" },
	{ &slash, "-x \"y\" \\", "-x \"y\" \\" },
	{ &flat, "a/b.c", "a/b.c" },
	{ &flat, "a/", "a/" },
	{ &below_inbox, "Work", "INBOX.Work" },
	{ &below_inbox, "Work/2026", "INBOX.Work.2026" },
	{ &below_inbox, "Work.2026.", "INBOX.Work.2026" },
	{ &below_inbox, "inbox.Work", "INBOX.Work" },
	{ &below_inbox, "Inbox/Work", "INBOX.Work" },
	{ &below_inbox, "user.bob.x", "user.bob.x" },
	{ &below_inbox, "#shared.x", "#shared.x" },
	{ &below_inbox, "users.x", "INBOX.users.x" },
	{ &below_inbox, "Public.x", "Public.x" },
	{ &below_inbox, "Public", "INBOX.Public" },
	{ &below_inbox, "Grün.x", "Gr&APw-n.x" },
	{ &below_inbox, "Publics.x", "INBOX.Publics.x" },
};

static const struct {
	const struct name_rules *rules;
	const char *typed;
} bad[] = {
	{ &slash, "" },	       { &slash, "/" },	      { &slash, "/a" },
	{ &slash, "a//b" },    { &slash, "INBOX" },   { &slash, "inbox/" },
	{ &slash, "a*" },      { &slash, "a/%/b" },   { &slash, "a\tb" },
	{ &slash, "a\r\nb" },  { &slash, "\xff" },    { &flat, "" },
	{ &below_inbox, "." }, { &below_inbox, ".a" }, { &below_inbox, "a/.b" },
	{ &below_inbox, "INBOX." },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		const char *why = NULL;
		g_autofree char *wire =
			name_make(good[i].rules, good[i].typed, &why);

		if (wire == NULL)
			fail_msg("'%s': %s", good[i].typed, why);
		assert_string_equal(wire, good[i].wire);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		const char *why = NULL;
		g_autofree char *wire =
			name_make(bad[i].rules, bad[i].typed, &why);

		if (wire != NULL)
			fail_msg("'%s' became '%s'", bad[i].typed, wire);
		assert_non_null(why);
	}
}

static void test_tree(void **state)
{
	g_autofree char *parent = name_parent("a.b.c", '.');

	(void)state;
	assert_string_equal(parent, "a.b");
	assert_null(name_parent("abc", '.'));
	assert_null(name_parent(".abc", '.'));
	assert_null(name_parent("a.b", '\0'));
	assert_true(name_is_within("a.b", "a", '.'));
	assert_true(name_is_within("a", "a", '\0'));
	assert_false(name_is_within("a.b", "a", '\0'));
	assert_false(name_is_within("ab", "a", '.'));
	assert_false(name_is_within("a", "a.b", '.'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
