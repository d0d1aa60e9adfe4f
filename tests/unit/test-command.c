/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command language: words, options, files and what they report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "smew/command.h"

/* What the host was told, joined by '|'. */
struct heard {
	GString *echo, *push, *changed;
	unsigned refreshed;
};

static void hear(GString *into, const char *text)
{
	if (into->len > 0)
		g_string_append_c(into, '|');
	g_string_append(into, text);
}

static void on_echo(void *user, const char *text)
{
	hear(((struct heard *)user)->echo, text);
}

static void on_push(void *user, const char *keys)
{
	hear(((struct heard *)user)->push, keys);
}

static void on_changed(void *user, const char *option, const char *account)
{
	hear(((struct heard *)user)->changed, option);
	if (account != NULL)
		hear(((struct heard *)user)->changed, account);
}

static void on_refresh(void *user)
{
	((struct heard *)user)->refreshed++;
}

static bool on_exec(void *user, const char *function)
{
	hear(((struct heard *)user)->push, function);
	return strcmp(function, "parent-message") != 0;
}

struct fixture {
	struct config *config;
	struct heard heard;
	char *folder;
};

static int setup(void **state)
{
	struct fixture *f = g_new0(struct fixture, 1);
	struct command_host host = {
		.user = &f->heard,
		.echo = on_echo,
		.push = on_push,
		.changed = on_changed,
		.refresh = on_refresh,
		.exec = on_exec,
	};

	f->config = config_new();
	f->heard.echo = g_string_new(NULL);
	f->heard.push = g_string_new(NULL);
	f->heard.changed = g_string_new(NULL);
	config_set_host(f->config, &host);
	f->folder = g_dir_make_tmp("smew-command-XXXXXX", NULL);
	*state = f;
	return f->folder == NULL;
}

static void remove_files(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(folder);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	config_free(f->config);
	g_string_free(f->heard.echo, TRUE);
	g_string_free(f->heard.push, TRUE);
	g_string_free(f->heard.changed, TRUE);
	remove_files(f->folder);
	g_free(f->folder);
	g_free(f);
	return 0;
}

static void good(struct fixture *f, const char *line)
{
	GError *error = NULL;

	if (!config_run(f->config, line, &error))
		fail_msg("'%s': %s", line, error->message);
}

static void bad(struct fixture *f, const char *line, int code,
		const char *message)
{
	GError *error = NULL;

	if (config_run(f->config, line, &error))
		fail_msg("'%s' was taken", line);
	assert_string_equal(error->message, message);
	assert_int_equal(error->code, code);
	g_error_free(error);
}

static void assert_echo(struct fixture *f, const char *line, const char *text)
{
	g_string_truncate(f->heard.echo, 0);
	good(f, line);
	assert_string_equal(f->heard.echo->str, text);
}

static char *make_file(struct fixture *f, const char *name, const char *text)
{
	char *path = g_build_filename(f->folder, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_int_equal(g_chmod(path, 0600), 0);
	return path;
}

/* Reads 'text' as a file; its report without the folder's name. */
static char *read_text(struct fixture *f, const char *text)
{
	g_autofree char *path = make_file(f, "rc", text);
	struct config_report report = {
		.lines = g_ptr_array_new_with_free_func(g_free),
	};
	GString *all = g_string_new(NULL);

	assert_true(config_source(f->config, path, &report, NULL));
	for (guint i = 0; i < report.lines->len; i++) {
		const char *line = report.lines->pdata[i];

		if (g_str_has_prefix(line, path))
			line += strlen(path) + 1;
		g_string_append_printf(all, "%s\n", line);
	}
	g_ptr_array_unref(report.lines);
	return g_string_free(all, FALSE);
}

static void assert_report(struct fixture *f, const char *text,
			  const char *wanted)
{
	g_autofree char *report = read_text(f, text);

	assert_string_equal(report, wanted);
}

/* ---- options ---- */

static void test_defaults(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(config_string(f->config, NULL, "sort"), "threads");
	assert_string_equal(config_string(f->config, NULL, "sort_aux"),
			    "last-date-received");
	assert_int_equal(config_number(f->config, NULL, "pager_index_lines"),
			 -1);
	assert_string_equal(config_string(f->config, NULL, "sidebar_visible"),
			    "auto");
	assert_true(config_bool(f->config, NULL, "imap_idle"));
	assert_true(config_bool(f->config, NULL, "ssl_force_tls"));
	assert_false(config_bool(f->config, NULL, "markers"));
	assert_int_equal(config_quad(f->config, NULL, "include"),
			 QUAD_ASK_YES);
	assert_string_equal(config_string(f->config, NULL, "attach_sep"),
			    "\n");
	assert_string_equal(config_string(f->config, NULL, "mask"),
			    "!^\\.[^.]");
	assert_string_equal(config_string(f->config, NULL, "index_format"),
			    "%4C %Z %{%b %d} %-15.15L (%?l?%4l&%4c?) %s");
}

static void test_bool(void **state)
{
	struct fixture *f = *state;

	good(f, "set nobeep");
	assert_false(config_bool(f->config, NULL, "beep"));
	good(f, "set beep");
	assert_true(config_bool(f->config, NULL, "beep"));
	good(f, "set invbeep");
	assert_false(config_bool(f->config, NULL, "beep"));
	good(f, "toggle beep; unset beep_new");
	assert_true(config_bool(f->config, NULL, "beep"));
	good(f, "set beep = NO");
	assert_false(config_bool(f->config, NULL, "beep"));
	good(f, "set &beep");
	assert_true(config_bool(f->config, NULL, "beep"));
	assert_echo(f, "set beep?", "beep is set");
	assert_echo(f, "set ?beep_new", "beep_new is unset");
	bad(f, "set beep=maybe", COMMAND_ERROR_VALUE,
	    "beep: 'maybe' is not yes or no");
}

static void test_quad(void **state)
{
	struct fixture *f = *state;

	good(f, "set quit=ask-no");
	assert_int_equal(config_quad(f->config, NULL, "quit"), QUAD_ASK_NO);
	good(f, "toggle quit");
	assert_int_equal(config_quad(f->config, NULL, "quit"), QUAD_ASK_YES);
	assert_echo(f, "set quit?", "quit=\"ask-yes\"");
	good(f, "set noquit");
	assert_int_equal(config_quad(f->config, NULL, "quit"), QUAD_NO);
	bad(f, "set quit=perhaps", COMMAND_ERROR_VALUE,
	    "quit: 'perhaps' is not yes, no, ask-yes or ask-no");
}

static void test_number(void **state)
{
	struct fixture *f = *state;

	good(f, "set sidebar_width=25");
	good(f, "set sidebar_width+=5 sidebar_width -= 3");
	assert_int_equal(config_number(f->config, NULL, "sidebar_width"), 27);
	assert_echo(f, "set sidebar_width", "sidebar_width=27");
	bad(f, "set sidebar_width=99999", COMMAND_ERROR_VALUE,
	    "sidebar_width: '99999' is not a number from 0 to 1000");
	bad(f, "set sidebar_width=12x", COMMAND_ERROR_VALUE,
	    "sidebar_width: '12x' is not a number from 0 to 1000");
	bad(f, "toggle sidebar_width", COMMAND_ERROR_VALUE,
	    "sidebar_width has more values than two: it cannot be toggled");
	good(f, "unset sidebar_width");
	assert_int_equal(config_number(f->config, NULL, "sidebar_width"), 0);
}

static void test_choices(void **state)
{
	struct fixture *f = *state;

	good(f, "set sort=reverse-last-date-received");
	assert_string_equal(config_string(f->config, NULL, "sort"),
			    "reverse-last-date-received");
	good(f, "set mbox_type=maildir");
	assert_string_equal(config_string(f->config, NULL, "mbox_type"),
			    "Maildir");
	bad(f, "set mbox_type=x", COMMAND_ERROR_VALUE,
	    "mbox_type: 'x' is not one of: mbox, MMDF, MH, Maildir");
	good(f, "set sidebar_visible");
	assert_string_equal(config_string(f->config, NULL, "sidebar_visible"),
			    "yes");
	good(f, "toggle sidebar_visible");
	assert_string_equal(config_string(f->config, NULL, "sidebar_visible"),
			    "no");
	good(f, "set sidebar_visible=auto; set invsidebar_visible");
	assert_string_equal(config_string(f->config, NULL, "sidebar_visible"),
			    "no");
}

static void test_text(void **state)
{
	struct fixture *f = *state;

	good(f, "set editor=vim; set editor+=\" -c 'set tw=72'\"");
	assert_string_equal(config_string(f->config, NULL, "editor"),
			    "vim -c 'set tw=72'");
	good(f, "set signature=~/sig");
	assert_string_not_equal(config_string(f->config, NULL, "signature"),
				"~/sig");
	assert_echo(f, "set signature?", "signature=\"~/sig\"");
	good(f, "set realname = \"A \\\"B\\\" \\$C\"");
	assert_string_equal(config_string(f->config, NULL, "realname"),
			    "A \"B\" $C");
	assert_echo(f, "set realname?", "realname=\"A \\\"B\\\" \\$C\"");
	assert_false(config_run(f->config, "set quote_regexp=\"(\"", NULL));
}

static void test_synonyms(void **state)
{
	struct fixture *f = *state;

	good(f, "set real_name=X spool_file=+INBOX");
	assert_string_equal(config_string(f->config, NULL, "realname"), "X");
	assert_echo(f, "set real_name?", "realname=\"X\"");
}

static void test_variables(void **state)
{
	struct fixture *f = *state;

	good(f, "set my_a=12 sidebar_width=$my_a");
	assert_int_equal(config_number(f->config, NULL, "sidebar_width"), 12);
	g_setenv("SMEW_TEST_WORD", "two words", TRUE);
	good(f, "set realname=\"${SMEW_TEST_WORD}\" my_b=$SMEW_TEST_WORD");
	assert_string_equal(config_string(f->config, NULL, "realname"),
			    "two words");
	assert_echo(f, "set my_b?", "my_b=\"two words\"");
	good(f, "set my_a+=3");
	assert_echo(f, "echo $my_a '$my_a' $nothing_here x", "123 $my_a  x");
	good(f, "unset my_a");
	bad(f, "set my_a?", COMMAND_ERROR_UNKNOWN, "unknown option 'my_a'");
	g_unsetenv("SMEW_TEST_WORD");
}

static void test_reset(void **state)
{
	struct fixture *f = *state;

	good(f, "set beep=no sidebar_width=3; reset all");
	assert_true(config_bool(f->config, NULL, "beep"));
	assert_int_equal(config_number(f->config, NULL, "sidebar_width"), 30);
	good(f, "set sidebar_width=3; reset sidebar_width");
	assert_int_equal(config_number(f->config, NULL, "sidebar_width"), 30);
}

static void test_changed(void **state)
{
	struct fixture *f = *state;

	good(f, "set beep=no; reset beep");
	assert_string_equal(f->heard.changed->str, "beep|beep");
}

static void test_secrets(void **state)
{
	struct fixture *f = *state;
	g_autofree char *line = NULL;
	g_autofree char *dump = NULL;

	good(f, "set imap_pass=geheim");
	good(f, "set folder=imaps://a:geheim@host/x");
	assert_string_equal(config_string(f->config, NULL, "imap_pass"),
			    "geheim");
	line = config_query(f->config, NULL, "imap_pass", NULL);
	assert_string_equal(line, "imap_pass=\"<set>\"");
	dump = config_dump(f->config);
	assert_null(strstr(dump, "geheim"));
	assert_non_null(strstr(dump, "folder=\"imaps://a:<set>@host/x\"\n"));
	assert_non_null(strstr(dump, "smtp_pass=\"\"\n"));
}

/* ---- words ---- */

static void test_words(void **state)
{
	static const struct {
		const char *line, *said;
	} rows[] = {
		{ "echo a  b\tc", "a b c" },
		{ "echo \"a  b\"'c  d'", "a  bc  d" },
		{ "echo a#b", "a" },
		{ "echo \"a\"#b", "a" },
		{ "echo a\\#b", "a#b" },
		{ "echo \"not closed; at all", "not closed; at all" },
		{ "echo 'it\\'", "it\\" },
		{ "echo \\101\\102", "AB" },
		{ "echo a; echo b", "a|b" },
		{ ";; echo a;;", "a" },
		{ "", "" },
		{ "# echo", "" },
		{ "echo \"\" x", "x" },
		{ "echo `echo one; echo two`", "one" },
		{ "echo \"`printf 'a b'`\" '`x`'", "a b `x`" },
		{ "echo x`printf 'a b'`y", "xa by" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_echo(f, rows[i].line, rows[i].said);
	}
}

static void test_word_errors(void **state)
{
	struct fixture *f = *state;

	bad(f, "echo `open", COMMAND_ERROR_SYNTAX,
	    "a backquote is not closed");
	assert_false(config_run(f->config, "set beep=`exit 1`", NULL));
	assert_true(config_bool(f->config, NULL, "beep"));
	bad(f, "set", COMMAND_ERROR_SYNTAX,
	    "set needs more: [no|inv|?|&]OPTION[=VALUE | ?] ...");
	bad(f, "alias; set nobeep", COMMAND_ERROR_SYNTAX,
	    "alias needs more: [-group NAME]... NAME ADDRESS[, ADDRESS...]");
	assert_false(config_bool(f->config, NULL, "beep"));
	bad(f, "alias someone", COMMAND_ERROR_SYNTAX,
	    "alias: the address is missing");
	assert_true(config_run(f->config, "echo; mailboxes `true`", NULL));
	bad(f, "fodler-hook . x", COMMAND_ERROR_UNKNOWN,
	    "unknown command 'fodler-hook' (did you mean 'folder-hook'?)");
	bad(f, "set srot=date", COMMAND_ERROR_UNKNOWN,
	    "unknown option 'srot' (did you mean 'sort'?)");
	bad(f, "set xyzzyxyzzy=date", COMMAND_ERROR_UNKNOWN,
	    "unknown option 'xyzzyxyzzy'");
	bad(f, "exec nxet-entry", COMMAND_ERROR_UNKNOWN,
	    "unknown function 'nxet-entry' (did you mean 'next-entry'?)");
	bad(f, "bind index x exit y", COMMAND_ERROR_SYNTAX,
	    "too many words: 'y'");
	bad(f, "\xff", COMMAND_ERROR_SYNTAX, "the line is not valid UTF-8");
}

static void test_no_shell(void **state)
{
	struct fixture *f = *state;

	config_set_shell(f->config, false);
	bad(f, "echo `echo x`", COMMAND_ERROR_IO,
	    "commands in backquotes are not run here");
	bad(f, "source \"echo x|\"", COMMAND_ERROR_IO,
	    "source: commands are not run here");
}

static void test_host(void **state)
{
	struct fixture *f = *state;

	good(f, "push <limit>all\\n; exec next-entry");
	assert_string_equal(f->heard.push->str, "<limit>all\r|next-entry");
	bad(f, "exec parent-message", COMMAND_ERROR_VALUE,
	    "'parent-message' is not possible here");
	g_string_truncate(f->heard.push, 0);
	good(f, "wire; connections");
	assert_string_equal(f->heard.push->str, "wire|connections");
	bad(f, "wire now", COMMAND_ERROR_SYNTAX, "too many words: 'now'");
	assert_echo(f, "set header_cache=x",
		    "header_cache has no effect in smew");
}

/* ---- files ---- */

static void test_file(void **state)
{
	struct fixture *f = *state;

	assert_report(f,
		      "\xef\xbb\xbfset beep=no\r\n"
		      "# a comment \\\n"
		      "set sidebar_\\\n"
		      "width=7\n"
		      "nonsense here\n"
		      "set pop_host=x nothing=1 realname=Y\n"
		      "folder-hook . 'set sort=date'\n"
		      "set realname=\"\xe4\"\n"
		      "# \xe4\n"
		      "set quit=ask-no \\",
		      "5: error: unknown command 'nonsense'\n"
		      "6: note: pop_host has no effect in smew\n"
		      "6: error: unknown option 'nothing'\n"
		      "8: error: the line is not valid UTF-8\n");
	assert_false(config_bool(f->config, NULL, "beep"));
	assert_string_equal(config_string(f->config, NULL, "realname"), "Y");
	assert_int_equal(config_quad(f->config, NULL, "quit"), QUAD_ASK_NO);
}

static void test_unsafe_file(void **state)
{
	struct fixture *f = *state;
	g_autofree char *path = make_file(f, "open", "set beep=no\n");
	g_autofree char *missing = g_build_filename(f->folder, "no", NULL);
	GError *error = NULL;

	assert_int_equal(g_chmod(path, 0602), 0);
	assert_false(config_source(f->config, path, NULL, &error));
	assert_non_null(strstr(error->message, "others can write to it"));
	g_clear_error(&error);
	assert_true(config_bool(f->config, NULL, "beep"));
	assert_false(config_source(f->config, missing, NULL, &error));
	assert_int_equal(error->code, COMMAND_ERROR_IO);
	g_clear_error(&error);
	assert_false(config_source(f->config, f->folder, NULL, &error));
	g_clear_error(&error);
}

static void test_source(void **state)
{
	struct fixture *f = *state;
	g_autofree char *report = NULL;

	g_free(make_file(f, "inner", "set sidebar_width=5\nwrong\n"));
	g_free(make_file(f, "loop", "source loop\n"));

	/* A relative name is looked for beside the file. */
	report = read_text(f, "source inner\nsource 'echo set beep=no |'\n");
	assert_true(g_str_has_suffix(report,
				     "inner:2: error: unknown command "
				     "'wrong'\n"));
	assert_int_equal(config_number(f->config, NULL, "sidebar_width"), 5);
	assert_false(config_bool(f->config, NULL, "beep"));
	g_clear_pointer(&report, g_free);
	report = read_text(f, "source loop\n");
	assert_non_null(strstr(report, "too many files within files"));
}

/* What muttrc files were found to contain. */
static void test_idioms(void **state)
{
	struct fixture *f = *state;
	g_autofree char *report = NULL;

	g_setenv("SMEW_TEST_DIR", f->folder, TRUE);
	g_free(make_file(f, "colors", "color normal default default\n"));
	report = read_text(f,
		"set my_dir=$SMEW_TEST_DIR\n"
		"source $my_dir/colors\n"
		"source `echo $SMEW_TEST_DIR/colors`\n"
		"set folder=imaps://a@b.example spoolfile=+INBOX\n"
		"set record=\"=Sent\"#straight after\n"
		"set from=\"a@b.example\" realname='A B' # behind\n"
		"mailboxes `echo +one +two`\n"
		"mailboxes = +three\n"
		"set editor=\"vim -c 'set tw=72'\n"
		"ignore *   \n"
		"unignore from: \\\n"
		"  date: \\\n"
		"\n"
		"set my_cmd='set beep=no'\n"
		"$my_cmd\n"
		"set noconfirmappend delete nomark_old include fast_reply\n"
		"color body brightcyan default "
		"[-a-z_0-9.]+@[-a-z_0-9.]+\\#x\n"
		"macro index,pager \\Cb \"<pipe-message>urlview\\n\" 'URLs'\n"
		"macro index <F2> '<sync-mailbox><enter-command>source x"
		"<enter><change-folder>!<enter>'\n"
		"bind index,pager g noop\n"
		"bind index gg first-entry\n"
		"bind editor <Tab> complete-query\n"
		"bind attach <return> view-mailcap\n"
		"folder-hook ! . 'push <collapse-all>'\n"
		"auto_view text/html\n"
		"alternative_order text/plain text/html\n");
	assert_string_equal(report,
		"23: note: the map attach has no effect in smew yet\n"
		"25: note: auto_view has no effect in smew yet\n"
		"26: note: alternative_order has no effect in smew yet\n");
	assert_string_equal(config_string(f->config, NULL, "record"), "=Sent");
	assert_string_equal(config_string(f->config, NULL, "editor"),
			    "vim -c 'set tw=72'");
	assert_false(config_bool(f->config, NULL, "beep"));
	assert_int_equal(config_quad(f->config, NULL, "delete"), QUAD_YES);
	const GPtrArray *names = config_mailboxes(f->config, "default");
	assert_int_equal(names->len, 3);
	assert_string_equal(names->pdata[1], "two");
	g_unsetenv("SMEW_TEST_DIR");
}

/* However a file is cut: every beginning of it is read without harm. */
static void test_cut(void **state)
{
	static const char text[] =
		"account a {\n set from=\"x\"\n mailboxes =A =B\n}\n"
		"bind index <Esc>v noop; macro index \\Cx \"<limit>~A\\n\" d\n"
		"color index #ff0000 default \"~N | ~O\" # c\n"
		"set sort = reverse-threads my_x='y' sidebar_width+=1\n"
		"hdr_order from: to:; ignore *; unignore from\n";
	struct fixture *f = *state;

	for (size_t i = 0; i <= strlen(text); i++) {
		g_autofree char *part = g_strndup(text, i);
		g_autofree char *report = read_text(f, part);

		assert_null(strstr(report, "CRITICAL"));
	}
}

/* ---- headers, colours, completion ---- */

static void test_people(void **state)
{
	struct fixture *f = *state;
	const GPtrArray *list;

	good(f, "alias bob Bob \"B.\" Builder <bob@x>, b2@x # note");
	assert_string_equal(config_alias(f->config, "BOB"),
			    "Bob \"B.\" Builder <bob@x>, b2@x");
	good(f, "alias -group g all bob, c@x; alias bob other@x");
	assert_string_equal(config_alias(f->config, "all"), "bob, c@x");
	assert_string_equal(config_alias(f->config, "bob"), "other@x");
	assert_int_equal(config_aliases(f->config)->len, 2);
	good(f, "unalias all nobody");
	assert_null(config_alias(f->config, "all"));
	good(f, "alternates me@ you@; unalternates you@ him@");
	list = config_alternates(f->config, "default", false);
	assert_int_equal(list->len, 1);
	assert_string_equal(list->pdata[0], "me@");
	list = config_alternates(f->config, "default", true);
	assert_string_equal(list->pdata[0], "him@");
	good(f, "account own alternates its@");
	list = config_alternates(f->config, "own", false);
	assert_int_equal(list->len, 1);
	assert_string_equal(list->pdata[0], "its@");
	good(f, "lists l@; subscribe s@");
	assert_int_equal(config_lists(f->config, false, false)->len, 2);
	assert_int_equal(config_lists(f->config, true, false)->len, 1);
	good(f, "unlists s@");
	assert_int_equal(config_lists(f->config, true, false)->len, 0);
	good(f, "unalias *; unlists *; unalternates *");
	assert_int_equal(config_aliases(f->config)->len, 0);
	assert_int_equal(config_lists(f->config, false, false)->len, 0);
}

static void assert_group(struct fixture *f, const char *name,
			 const char *expected)
{
	g_auto(GStrv) list = config_group(name, f->config);
	g_autofree char *text = list != NULL ? g_strjoinv("|", list) : NULL;

	assert_string_equal(text != NULL ? text : "none", expected);
}

static void test_groups(void **state)
{
	struct fixture *f = *state;

	assert_group(f, "g", "none");
	good(f, "group -group g -group h -addr 'B <b@x>, c@x' d@x -rx @y @z");
	assert_group(f, "g", "=b@x|=c@x|=d@x|~@y|~@z");
	good(f, "group -group g -addr B@X");
	assert_group(f, "g", "=b@x|=c@x|=d@x|~@y|~@z");
	good(f, "ungroup -group g -rx @y -addr C@x; ungroup -group h *");
	assert_group(f, "g", "=b@x|=d@x|~@z");
	assert_group(f, "h", "none");
	good(f, "alias -group g e E <e@x>, f@x");
	assert_string_equal(config_alias(f->config, "e"), "E <e@x>, f@x");
	good(f, "lists -group h l@; subscribe -group h s@; unlists -group h l@");
	good(f, "alternates -group me me@");
	assert_group(f, "g", "=b@x|=d@x|~@z|=e@x|=f@x");
	assert_group(f, "h", "~s@");
	assert_group(f, "me", "~me@");
	good(f, "ungroup *");
	assert_group(f, "g", "none");
	assert_false(config_run(f->config, "group -group g b@x", NULL));
	assert_false(config_run(f->config, "group -rx b@x", NULL));
	assert_false(config_run(f->config, "group -group", NULL));
	assert_false(config_run(f->config, "group", NULL));
}

static void assert_hooks(struct fixture *f, const char *account,
			 enum hook_kind kind, const char *expected)
{
	g_autoptr(GPtrArray) list = config_hooks(f->config, account, kind);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const struct config_hook *hook = list->pdata[i];

		g_string_append_printf(text, "%s%s -> %s|", hook->not ? "!" : "",
				       hook->pattern, hook->command);
	}
	assert_string_equal(text->str, expected);
}

static void test_hooks(void **state)
{
	struct fixture *f = *state;

	good(f, "folder-hook . 'set sort=date'; folder-hook !=Sent set beep");
	good(f, "folder-hook . \"set sort=date\" # once");
	good(f, "account own folder-hook x push <collapse-all>");
	assert_hooks(f, "default", HOOK_FOLDER,
		     "!=Sent -> set beep|. -> set sort=date|");
	assert_hooks(f, "own", HOOK_FOLDER,
		     "!=Sent -> set beep|. -> set sort=date|"
		     "x -> push <collapse-all>|");
	good(f, "send-hook '~t bob' 'set from=\"A B <a@x>\"'");
	good(f, "send-hook !~l my_hdr X: y z");
	assert_hooks(f, "default", HOOK_SEND,
		     "~t bob -> set from=\"A B <a@x>\"|"
		     "!~l -> my_hdr X: y z|");
	good(f, "fcc-hook bob =A; fcc-hook bob =B; fcc-hook eve =C");
	assert_hooks(f, "default", HOOK_FCC, "bob -> =B|eve -> =C|");
	good(f, "save-hook bob =C; fcc-save-hook bob =D; save-hook ann =E");
	assert_hooks(f, "default", HOOK_FCC,
		     "bob -> =B|eve -> =C|bob -> =D|");
	assert_hooks(f, "default", HOOK_SAVE,
		     "bob -> =C|bob -> =D|ann -> =E|");
	good(f, "unhook save-hook; send2-hook . 'set x = y'");
	assert_hooks(f, "default", HOOK_SAVE, "bob -> =D|");
	assert_hooks(f, "default", HOOK_SEND2, ". -> set x = y|");
	good(f, "unhook fcc-save-hook");
	assert_hooks(f, "default", HOOK_SAVE, "");
	good(f, "unhook send-hook");
	assert_hooks(f, "default", HOOK_SEND, "");
	good(f, "unhook *");
	assert_hooks(f, "own", HOOK_FOLDER, "");
	assert_false(config_run(f->config, "send-hook .", NULL));
}

static void assert_my_headers(struct fixture *f, const char *account,
			      const char *expected)
{
	g_autoptr(GPtrArray) list = config_my_headers(f->config, account);
	g_autofree char *joined = NULL;

	g_ptr_array_add(list, NULL);
	joined = g_strjoinv("|", (char **)list->pdata);
	assert_string_equal(joined, expected);
}

static void test_my_headers(void **state)
{
	struct fixture *f = *state;

	good(f, "my_hdr X-One: some words; my_hdr X-Two: \"quoted\"");
	assert_my_headers(f, "default",
			  "X-One: some words|X-Two: \"quoted\"");
	good(f, "my_hdr x-one: new");
	assert_my_headers(f, "default", "X-Two: \"quoted\"|x-one: new");
	good(f, "account own my_hdr X-ONE: own");
	assert_my_headers(f, "own", "X-ONE: own|X-Two: \"quoted\"");
	good(f, "unmy_hdr X-One:");
	assert_my_headers(f, "default", "X-Two: \"quoted\"");
	good(f, "unmy_hdr *");
	assert_my_headers(f, "default", "");
	good(f, "my_hdr X-Long: a\\nBcc: b@x");
	assert_my_headers(f, "default", "X-Long: a Bcc: b@x");
	assert_false(config_run(f->config, "my_hdr no colon", NULL));
	assert_false(config_run(f->config, "alias only", NULL));
}

static void test_headers(void **state)
{
	struct fixture *f = *state;

	assert_false(config_header_ignored(f->config, "From"));
	assert_true(config_header_ignored(f->config, "Received"));
	assert_int_equal(config_header_rank(f->config, "date"), 0);
	assert_int_equal(config_header_rank(f->config, "X-Y"), G_MAXINT);
	good(f, "unignore *; ignore x-; unignore x-mailer");
	assert_false(config_header_ignored(f->config, "Received"));
	assert_true(config_header_ignored(f->config, "X-Foo"));
	assert_false(config_header_ignored(f->config, "X-Mailer"));
	good(f, "unhdr_order *; hdr_order subject from");
	assert_int_equal(config_header_rank(f->config, "From"), 1);
}

static void assert_color(struct fixture *f, const char *line, int fg, int bg,
			 unsigned attributes, const char *pattern)
{
	g_autoptr(GPtrArray) rules = NULL;
	const struct color_rule *rule;

	good(f, "uncolor *");
	good(f, line);
	rules = config_colors(f->config, false);
	assert_int_equal(rules->len, 1);
	rule = rules->pdata[0];
	assert_int_equal(rule->fg, fg);
	assert_int_equal(rule->bg, bg);
	assert_int_equal(rule->attributes, attributes);
	if (pattern != NULL)
		assert_string_equal(rule->pattern, pattern);
	else
		assert_null(rule->pattern);
}

static void test_colors(void **state)
{
	struct fixture *f = *state;
	g_autoptr(GPtrArray) mono = NULL;

	assert_color(f, "color normal white default", 7, -1, 0, NULL);
	assert_color(f, "color status brightyellow blue", 11, 4, 0, NULL);
	assert_color(f, "color quoted3 color196 lightblack", 196, 8, 0, NULL);
	assert_color(f, "color index #FF8000 default '~N'",
		     COLOR_RGB | 0xff8000, -1, 0, "~N");
	assert_color(f, "color index_author bold underline red black", 1, 0,
		     ATTR_BOLD | ATTR_UNDERLINE, NULL);
	assert_color(f, "color body red default x; color body blue default x",
		     4, -1, 0, "x");
	good(f, "mono indicator reverse bold");
	mono = config_colors(f->config, true);
	assert_int_equal(mono->len, 1);
	bad(f, "color indikator red default", COMMAND_ERROR_UNKNOWN,
	    "unknown object 'indikator' (did you mean 'indicator'?)");
	bad(f, "color normal redd default", COMMAND_ERROR_UNKNOWN,
	    "unknown colour 'redd' (did you mean 'red'?)");
	bad(f, "color normal red", COMMAND_ERROR_SYNTAX,
	    "the background colour is missing");
	bad(f, "color body red default", COMMAND_ERROR_SYNTAX,
	    "the pattern for 'body' is missing");
	bad(f, "color normal color256 default", COMMAND_ERROR_UNKNOWN,
	    "unknown colour 'color256'");
}

static void assert_completes(struct fixture *f, const char *line, size_t at,
			     const char *wanted)
{
	size_t start;
	g_auto(GStrv) found =
		config_complete(f->config, line, strlen(line), &start);
	g_autofree char *joined = g_strjoinv(" ", found);

	assert_string_equal(joined, wanted);
	assert_int_equal(start, at);
}

static void test_completion(void **state)
{
	struct fixture *f = *state;
	g_autofree char *file = make_file(f, "filename", "");
	g_autofree char *line = g_strconcat("source ", f->folder, "/file",
					    NULL);

	assert_completes(f, "hdr", 0, "hdr_order");
	assert_completes(f, "echo x; unhd", 8, "unhdr_order");
	assert_completes(f, "set sidebar_w", 4, "sidebar_width");
	assert_completes(f, "set nosidebar_on", 6, "sidebar_on_right");
	assert_completes(f, "set beep=", 9, "no yes");
	assert_completes(f, "set sort=reverse-mail", 17, "mailbox-order");
	assert_completes(f, "set sidebar_visible=", 20, "auto no yes");
	assert_completes(f, "bind index,pag", 11, "pager");
	assert_completes(f, "bind pager x skip-", 13,
			 "skip-headers skip-quoted");
	assert_completes(f, "bind editor <ta", 12, "");
	assert_completes(f, "bind editor <Ta", 12, "<Tab>");
	assert_completes(f, "color indic", 6, "indicator");
	assert_completes(f, "color index whi", 12, "white");
	assert_completes(f, "account x tog", 10, "toggle");
	assert_completes(f, "account x toggle imap_id", 17, "imap_idle");
	assert_completes(f, line, strlen("source "), file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),  TEST(test_bool),
		TEST(test_quad),      TEST(test_number),
		TEST(test_choices),   TEST(test_text),
		TEST(test_synonyms),  TEST(test_variables),
		TEST(test_reset),     TEST(test_changed),
		TEST(test_secrets),   TEST(test_words),
		TEST(test_word_errors), TEST(test_no_shell),
		TEST(test_host),      TEST(test_file),
		TEST(test_unsafe_file), TEST(test_source),
		TEST(test_idioms),    TEST(test_cut),
		TEST(test_people),    TEST(test_my_headers),
		TEST(test_hooks),     TEST(test_groups),
		TEST(test_headers),   TEST(test_colors),
		TEST(test_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
