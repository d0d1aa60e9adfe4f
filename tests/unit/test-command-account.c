/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Account blocks, servers and mailbox names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smew/command.h"

static int setup(void **state)
{
	*state = config_new();
	return 0;
}

static int teardown(void **state)
{
	config_free(*state);
	return 0;
}

/* Reads the text as a file and compares what is reported. */
static void assert_report(struct config *config, const char *text,
			  const char *wanted)
{
	struct config_report report = {
		.lines = g_ptr_array_new_with_free_func(g_free),
	};
	GString *all = g_string_new(NULL);
	char *path = NULL;
	int fd = g_file_open_tmp("smew-account-XXXXXX", &path, NULL);

	assert_true(fd >= 0);
	g_close(fd, NULL);
	assert_true(g_file_set_contents_full(path, text, -1,
					     G_FILE_SET_CONTENTS_NONE, 0600,
					     NULL));
	assert_true(config_source(config, path, &report, NULL));
	for (guint i = 0; i < report.lines->len; i++)
		g_string_append_printf(all, "%s\n",
				       (char *)report.lines->pdata[i] +
					       strlen(path) + 1);
	assert_string_equal(all->str, wanted);
	g_string_free(all, TRUE);
	g_ptr_array_unref(report.lines);
	g_unlink(path);
	g_free(path);
}

static void assert_accounts(struct config *config, const char *wanted)
{
	g_auto(GStrv) names = config_accounts(config);
	g_autofree char *joined = g_strjoinv(" ", names);

	assert_string_equal(joined, wanted);
}

static void test_blocks(void **state)
{
	struct config *config = *state;

	assert_accounts(config, "");
	assert_report(config,
		      "set realname=\"All\" folder=imaps://z@z.example\n"
		      "account work {\n"
		      "  set from=a@b.example # one\n"
		      "  set realname=Anna\n"
		      "  mailboxes =One =Two\n"
		      "  set my_x=1\n"
		      "}\n"
		      "account home { # the second\n"
		      "}  # its end\n"
		      "account work {\n"
		      "  set folder=imaps://w@w.example\n"
		      "}\n",
		      "");
	assert_accounts(config, "default work home");
	assert_string_equal(config_string(config, "work", "realname"), "Anna");
	assert_string_equal(config_string(config, "home", "realname"), "All");
	assert_string_equal(config_string(config, NULL, "realname"), "All");
	assert_string_equal(config_string(config, NULL, "from"), "");
	assert_string_equal(config_string(config, "work", "from"),
			    "a@b.example");
	assert_string_equal(config_string(config, "default", "folder"),
			    "imaps://z@z.example");
	/* What describes one account is not inherited. */
	assert_string_not_equal(config_string(config, "home", "folder"),
				"imaps://z@z.example");
	assert_int_equal(config_mailboxes(config, "work")->len, 2);
	assert_int_equal(config_mailboxes(config, "home")->len, 0);
}

static void test_block_errors(void **state)
{
	struct config *config = *state;

	assert_report(config,
		      "account work {\n"
		      "  set beep=no\n"
		      "  bind index x exit\n"
		      "  nonsense\n"
		      "  source /etc/passwd\n"
		      "}\n"
		      "}\n",
		      "2: error: 'beep' is one for all accounts: it cannot be "
		      "set inside an account\n"
		      "3: error: 'bind' is not possible inside an account\n"
		      "4: error: unknown command 'nonsense'\n"
		      "5: error: 'source' is not possible inside an account\n"
		      "7: error: '}' without an account block\n");
	assert_true(config_bool(config, NULL, "beep"));
}

static void test_missing_end(void **state)
{
	struct config *config = *state;

	assert_report(config,
		      "account a {\n"
		      "set realname=A\n"
		      "account b {\n"
		      "set realname=B\n"
		      "\n",
		      "1: error: the account block is not closed by a line "
		      "'}'\n"
		      "3: error: the account block is not closed by a line "
		      "'}'\n");
	assert_string_equal(config_string(config, "a", "realname"), "A");
	assert_string_equal(config_string(config, "b", "realname"), "B");
	assert_string_equal(config_string(config, NULL, "realname"), "");
}

/* What a wrong block holds must not reach the global options. */
static void test_wrong_names(void **state)
{
	struct config *config = *state;

	assert_report(config,
		      "account a/b {\n"
		      "set realname=A\n"
		      "}\n"
		      "account {\n"
		      "set realname=A\n"
		      "}\n"
		      "account my work {\n"
		      "set realname=A\n"
		      "}\n"
		      "account x '{'\n",
		      "1: error: 'a/b' is no name for an account: 1 to 32 "
		      "letters, digits, '_' or '-'\n"
		      "4: error: an account block begins with "
		      "'account NAME {'\n"
		      "7: error: an account block begins with "
		      "'account NAME {'\n"
		      "10: error: unknown command '{'\n");
	assert_string_equal(config_string(config, NULL, "realname"), "");
}

static void test_prompt(void **state)
{
	struct config *config = *state;

	assert_true(config_run(config, "account w set realname=W; set "
				       "realname=G", NULL));
	assert_string_equal(config_string(config, "w", "realname"), "W");
	assert_string_equal(config_string(config, NULL, "realname"), "G");
	assert_false(config_run(config, "account w bind index x exit", NULL));
	assert_false(config_run(config, "account w {", NULL));
	assert_false(config_run(config, "account", NULL));
}

static void test_dump(void **state)
{
	struct config *config = *state;
	g_autofree char *dump = NULL;

	assert_true(config_run(config, "account w set imap_pass=x my_a=b",
			       NULL));
	dump = config_dump(config);
	assert_true(g_str_has_suffix(dump, "account w {\n"
					   "\timap_pass=\"<set>\"\n"
					   "\tmy_a=\"b\"\n}\n"));
}

static void test_server(void **state)
{
	static const struct {
		const char *set, *user, *host, *prefix, *password;
		int port;
		bool tls;
	} rows[] = {
		{ "folder=imaps://anna@imap.example.org", "anna",
		  "imap.example.org", "", NULL, 993, true },
		{ "folder=imap://anna@example.org@host:1143/INBOX/",
		  "anna@example.org", "host", "INBOX", NULL, 1143, false },
		{ "folder=imaps://a%40b:p%3aw@[::1]:99/x%20y", "a@b", "::1",
		  "x y", "p:w", 99, true },
		{ "folder=IMAPS://host imap_user=u imap_pass=q", "u", "host",
		  "", "q", 993, true },
		{ "folder=imaps://v@host imap_user=u", "v", "host", "", NULL,
		  993, true },
		{ "folder=~/Mail spoolfile=imaps://v@host/INBOX", "v", "host",
		  "", NULL, 993, true },
		{ "folder=/nowhere tunnel=prog", NULL, NULL, "", NULL, 0,
		  false },
		{ "folder=imap://v@/x tunnel=prog", "v", NULL, "x", NULL, 143,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct config *config = config_new();
		struct account_server server;
		g_autofree char *line =
			g_strconcat("account t set ", rows[i].set, NULL);

		assert_true(config_run(config, line, NULL));
		assert_true(config_account_server(config, "t", &server,
						  NULL));
		assert_int_equal(g_strcmp0(server.user, rows[i].user), 0);
		assert_int_equal(g_strcmp0(server.host, rows[i].host), 0);
		assert_string_equal(server.prefix, rows[i].prefix);
		assert_int_equal(g_strcmp0(server.password, rows[i].password),
				 0);
		assert_int_equal(server.port, rows[i].port);
		assert_int_equal(server.implicit_tls, rows[i].tls);
		account_server_clear(&server);
		config_free(config);
	}
}

static void test_server_errors(void **state)
{
	static const char *const wrong[] = {
		"folder=/var/mail", "folder=imaps://", "folder=imaps://u@",
		"folder=imaps://h%00st", "folder=imaps://u%0a@h",
		"folder=imaps://h:0", "folder=imaps://h:65536",
		"folder=imaps://h:12x", "folder=imaps://[::1",
		"folder=imaps://[::1]x", "folder=imaps://h/%zz",
		"folder=imaps://h/%ff", "folder=imaps://h/%",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct config *config = config_new();
		struct account_server server;
		GError *error = NULL;
		g_autofree char *line =
			g_strconcat("account t set ", wrong[i], NULL);

		assert_true(config_run(config, line, NULL));
		if (config_account_server(config, "t", &server, &error))
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(error->code, COMMAND_ERROR_VALUE);
		g_clear_error(&error);
		config_free(config);
	}
}

static void assert_mailbox(const struct config *config, const char *current,
			   const char *text, const char *account,
			   const char *name)
{
	g_autofree char *found_account = NULL;
	g_autofree char *found_name = NULL;

	assert_true(config_mailbox_name(config, current, text, &found_account,
					&found_name, NULL));
	assert_string_equal(found_account, account);
	assert_string_equal(found_name, name);
}

static void test_mailbox_names(void **state)
{
	struct config *config = *state;
	char *account, *name;

	assert_true(config_run(config, "account a set folder=imaps://u@one/"
				       "Root record=+Sent", NULL));
	assert_true(config_run(config, "account b set folder=imap://v@two",
			       NULL));
	assert_mailbox(config, NULL, "=Lists/x", "a", "Lists/x");
	assert_mailbox(config, "b", "+Lists", "b", "Lists");
	assert_mailbox(config, "a", "!", "a", "INBOX");
	assert_mailbox(config, "a", "<", "a", "Sent");
	assert_mailbox(config, "a", "inbox", "a", "INBOX");
	assert_mailbox(config, "a", "b:Some:thing", "b", "Some:thing");
	assert_mailbox(config, "a", "c:Some", "a", "c:Some");
	assert_mailbox(config, "b", "imaps://one/Root/Lists", "a", "Lists");
	assert_mailbox(config, "b", "imaps://u@one/INBOX", "a", "INBOX");
	assert_mailbox(config, "a", "imap://v@two/x%2Fy", "b", "x/y");
	assert_mailbox(config, "a", "imap://two", "b", "INBOX");
	assert_false(config_mailbox_name(config, "a", "imaps://x@one/Root/q",
					 &account, &name, NULL));
	assert_false(config_mailbox_name(config, "a", "imaps://three/x",
					 &account, &name, NULL));
	assert_false(config_mailbox_name(config, "a", "a\nb", &account, &name,
					 NULL));
}

static void test_mailboxes(void **state)
{
	struct config *config = *state;
	const GPtrArray *names;

	assert_report(config,
		      "account b {\nset folder=imaps://v@two\n}\n"
		      "set folder=imaps://u@one\n"
		      "mailboxes =A =B =A -label x =C b:D /var/mail/me =\n"
		      "named-mailboxes \"label\" =E\n"
		      "unmailboxes =B\n",
		      "5: note: /var/mail/me has no effect in smew\n");
	names = config_mailboxes(config, "default");
	assert_int_equal(names->len, 3);
	assert_string_equal(names->pdata[0], "A");
	assert_string_equal(names->pdata[1], "C");
	assert_string_equal(names->pdata[2], "E");
	assert_int_equal(config_mailboxes(config, "b")->len, 1);
	assert_true(config_run(config, "unmailboxes *", NULL));
	assert_int_equal(config_mailboxes(config, "default")->len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void check_when(const char *text, const char *meant)
{
	g_autoptr(GDateTime) now = g_date_time_new_local(2026, 11, 21, 12, 30,
							 15);
	int64_t when = 0;

	if (meant == NULL) {
		assert_false(config_when(text, g_date_time_to_unix(now), &when));
		return;
	}
	assert_true(config_when(text, g_date_time_to_unix(now), &when));
	g_autoptr(GDateTime) got = g_date_time_new_from_unix_local(when);
	g_autofree char *shown = g_date_time_format(got, "%F %T");

	assert_string_equal(shown, meant);
}

static void test_when(void **state)
{
	(void)state;
	check_when("12:31", "2026-11-21 12:31:00");
	check_when("12:30", "2026-11-22 12:30:00");
	check_when("8:05", "2026-11-22 08:05:00");
	check_when("+30m", "2026-11-21 13:00:15");
	check_when("+2h", "2026-11-21 14:30:15");
	check_when("+1d", "2026-11-22 12:30:15");
	check_when("tomorrow", "2026-11-22 08:00:00");
	check_when(" tomorrow 18:00 ", "2026-11-22 18:00:00");
	check_when("2026-12-24", "2026-12-24 08:00:00");
	check_when("2026-12-24 18:30", "2026-12-24 18:30:00");
	check_when("", NULL);
	check_when("soon", NULL);
	check_when("+0m", NULL);
	check_when("+5", NULL);
	check_when("+5mm", NULL);
	check_when("-5m", NULL);
	check_when("24:00", NULL);
	check_when("8:60", NULL);
	check_when("8:5", NULL);
	check_when("2026-02-30", NULL);
	check_when("2025-12-24", NULL);
	check_when("2026-12-24 18:30 x", NULL);
	check_when("+99999999999999999999d", NULL);
}

/* ---- sending ---- */

static void check_sending(const char *lines, const char *user,
			  const char *host, unsigned port, bool tls,
			  const char *password)
{
	struct config *config = config_new();
	struct account_sending way;
	g_auto(GStrv) list = g_strsplit(lines, ";", -1);

	for (char **line = list; *line != NULL; line++)
		assert_true(config_run(config, *line, NULL));
	assert_true(config_account_sending(config, "default", &way, NULL));
	assert_string_equal(way.host != NULL ? way.host : "", host);
	assert_string_equal(way.user != NULL ? way.user : "", user);
	assert_string_equal(way.password != NULL ? way.password : "",
			    password);
	assert_int_equal(way.port, port);
	assert_true(way.implicit_tls == tls);
	account_sending_clear(&way);
	config_free(config);
}

static void test_sending(void **state)
{
	struct config *config = config_new();
	struct account_sending way;

	(void)state;
	check_sending("set folder=imaps://a@b", "", "", 0, false, "");
	check_sending("set smtp_url=smtps://anna@m.example", "anna",
		      "m.example", 465, true, "");
	check_sending("set smtp_url=smtp://m.example; set smtp_user=eve;"
		      "set smtp_pass=x", "eve", "m.example", 587, false, "x");
	check_sending("set smtp_url=smtp://anna:p%40@m.example:25/", "anna",
		      "m.example", 25, false, "p@");
	/* The mailbox's password, for its own user alone. */
	check_sending("set folder=imaps://anna@i.example; set imap_pass=y;"
		      "set smtp_url=smtps://anna@m.example", "anna",
		      "m.example", 465, true, "y");
	check_sending("set folder=imaps://anna@i.example; set imap_pass=y;"
		      "set smtp_url=smtps://eve@m.example", "eve",
		      "m.example", 465, true, "");
	assert_true(config_run(config, "set smtp_url=imaps://x", NULL));
	assert_false(config_account_sending(config, NULL, &way, NULL));
	assert_true(config_run(config, "set smtp_url=smtps://", NULL));
	assert_false(config_account_sending(config, NULL, &way, NULL));
	config_free(config);
}

static void test_mailto_allow(void **state)
{
	struct config *config = config_new();

	(void)state;
	assert_true(g_strv_contains(config_mailto_allow(config), "subject"));
	assert_false(g_strv_contains(config_mailto_allow(config), "x-mine"));
	assert_true(config_run(config, "mailto_allow X-Mine", NULL));
	assert_true(g_strv_contains(config_mailto_allow(config), "x-mine"));
	assert_true(config_run(config, "unmailto_allow *", NULL));
	assert_null(config_mailto_allow(config)[0]);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_blocks),	 TEST(test_block_errors),
		TEST(test_missing_end),	 TEST(test_wrong_names),
		TEST(test_prompt),	 TEST(test_dump),
		TEST(test_server),	 TEST(test_server_errors),
		TEST(test_mailbox_names), TEST(test_mailboxes),
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_sending),
		cmocka_unit_test(test_mailto_allow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
