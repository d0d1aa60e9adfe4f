/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What headers say of their mailing lists (RFC 2369). */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smew/mail.h"

static const struct {
	const char *header;
	const char *url; /* of List-Unsubscribe; NULL: none */
} cases[] = {
	{ "List-Unsubscribe: <mailto:leave@example.net>\r\n\r\n",
	  "mailto:leave@example.net" },
	{ "list-unsubscribe: <https://example.net/u>,\r\n"
	  " <mailto:leave@example.net?subject=unsubscribe>\r\n\r\n",
	  "mailto:leave@example.net?subject=unsubscribe" },
	{ "List-Unsubscribe: <ftp://example.net/>, <http://example.net/u>\n\n",
	  "http://example.net/u" },
	{ "List-Unsubscribe: (Not <mailto:no@example.net> (nor\\) that))"
	  " <mailto:yes@example.net>\n\n",
	  "mailto:yes@example.net" },
	{ "List-Unsubscribe: <mailto:a@exa\r\n mple.net>\r\n\r\n",
	  "mailto:a@example.net" },
	{ "List-Unsubscribe: NO\n\n", NULL },
	{ "List-Unsubscribe: mailto:bare@example.net\n\n", NULL },
	{ "List-Unsubscribe: <mailto:open@example.net\n\n", NULL },
	{ "List-Unsubscribe: (<mailto:open@example.net>\n\n", NULL },
	{ "List-Unsubscribe: <javascript:alert(1)>\n\n", NULL },
	{ "List-Unsubscribe: <mailto:a@example.net\x1b[31m>\n\n", NULL },
	{ "List-Unsubscribe: <mailto:\xe2\x80\xae@example.net>\n\n", NULL },
	{ "Subject: x\n\nList-Unsubscribe: <mailto:body@example.net>\n", NULL },
	{ "List-Unsubscribe: NO\n"
	  "List-Unsubscribe: <mailto:second@example.net>\n\n",
	  "mailto:second@example.net" },
	{ "", NULL },
};

static void test_unsubscribe(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GBytes *header = g_bytes_new_static(cases[i].header,
						    strlen(cases[i].header));
		g_autofree char *url =
			mail_list_url(header, MAIL_LIST_UNSUBSCRIBE);

		if (cases[i].url == NULL)
			assert_null(url);
		else
			assert_string_equal(url, cases[i].url);
		g_bytes_unref(header);
	}
}

static void test_each_field(void **state)
{
	static const char *const names[] = { "Post", "Subscribe",
					     "Unsubscribe", "Archive", "Help",
					     "Owner" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *text = g_strdup_printf(
			"List-%s: <mailto:x@example.net>\n\n", names[i]);
		GBytes *header = g_bytes_new(text, strlen(text));

		for (int k = 0; k < MAIL_LIST_ACTIONS; k++) {
			g_autofree char *url = mail_list_url(
				header, (enum mail_list_action)k);

			assert_int_equal(url != NULL, k == (int)i);
		}
		g_bytes_unref(header);
	}
}

static void test_long(void **state)
{
	g_autofree char *many = g_strnfill(5000, 'a');
	g_autofree char *text = g_strdup_printf(
		"List-Post: <mailto:%s@example.net>\n\n", many);
	GBytes *header = g_bytes_new(text, strlen(text));

	(void)state;
	assert_null(mail_list_url(header, MAIL_LIST_POST));
	g_bytes_unref(header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unsubscribe),
		cmocka_unit_test(test_each_field),
		cmocka_unit_test(test_long),
	};

	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
