/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailcap: which entry counts, and that values stay words. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "smew/mail.h"

static const char text[] =
	"# image/png; comment %s\n"
	"text/html; w3m -I %{charset} -T %t '%s' %{evil}; copiousoutput\n"
	"image/png; first | second %s\n"
	"image/png; no name\n"
	"image/png; refused %s; test=false\n"
	"image/png; unsafe %s; test=true %s\n"
	"image/png; show \\\n"
	"  \"--title=a\\; b\" x%sx; test=true; needsterminal\n"
	"image/*; any %s\n"
	"video; play 100% %s\n";

struct found {
	const char *words; /* with '|' between, or NULL */
	bool terminal, text;
};

static struct found look(const char *path, const char *type,
			 const char *charset)
{
	const struct mail_viewed viewed = { "/tmp/a 'b' $(c)", type, charset };
	g_autoptr(GError) error = NULL;
	struct mail_viewer *viewer = mail_viewer(path, &viewed, &error);
	struct found found = { 0 };

	if (viewer == NULL) {
		assert_non_null(error);
		return found;
	}
	found.words = g_strjoinv("|", viewer->argv);
	found.terminal = viewer->terminal;
	found.text = viewer->text;
	mail_viewer_free(viewer);
	return found;
}

static void assert_viewer(const char *path, const char *type,
			  const char *charset, const struct found *expected)
{
	struct found found = look(path, type, charset);

	if (expected->words == NULL)
		assert_null(found.words);
	else
		assert_string_equal(found.words, expected->words);
	assert_int_equal(found.terminal, expected->terminal);
	assert_int_equal(found.text, expected->text);
	g_free((char *)found.words);
}

static void test_entries(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("smew-mailcap-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "mailcap", NULL);
	g_autofree char *paths = g_strconcat("/nowhere:", path, NULL);

	(void)state;
	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_viewer(paths, "text/html", "utf-8; $(x)`y` -z",
		      &(struct found){ "w3m|-I|utf-8xy-z|-T|text/html|"
				       "/tmp/a 'b' $(c)|",
				       false, true });
	assert_viewer(paths, "IMAGE/PNG", "",
		      &(struct found){ "show|--title=a; b|x/tmp/a 'b' $(c)x",
				       true, false });
	assert_viewer(paths, "image/gif", "",
		      &(struct found){ "any|/tmp/a 'b' $(c)", false, false });
	assert_viewer(paths, "video/mpeg", "",
		      &(struct found){ "play|100|/tmp/a 'b' $(c)", false,
				       false });
	assert_viewer(paths, "audio/ogg", "", &(struct found){ 0 });
	assert_viewer("/nowhere", "image/png", "", &(struct found){ 0 });
	g_unlink(path);
	g_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
