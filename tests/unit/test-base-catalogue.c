/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compiled German catalogue of the build tree is found and used. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smew/base.h"

/* Where tests run: at the top of the build tree. */
static char *catalogues(void)
{
	g_autofree char *top = g_get_current_dir();

	return g_build_filename(top, "po", NULL);
}

/* Any locale but "C" lets LANGUAGE choose; this one is always installed. */
static int speak_german(void **state)
{
	g_autofree char *dir = catalogues();

	(void)state;
	g_setenv("LANGUAGE", "de", TRUE);
	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return -1;
	bindtextdomain(PACKAGE_NAME, dir);
	bind_textdomain_codeset(PACKAGE_NAME, "UTF-8");
	textdomain(PACKAGE_NAME);
	return 0;
}

static void catalogue_is_built(void **state)
{
	g_autofree char *dir = catalogues();
	g_autofree char *file =
		g_build_filename(dir, "de", "LC_MESSAGES", "smew.mo", NULL);

	(void)state;
	assert_true(g_file_test(file, G_FILE_TEST_IS_REGULAR));
}

static void texts_are_translated(void **state)
{
	(void)state;
	assert_string_equal(_("unknown command '%s'"),
			    "unbekannter Befehl »%s«");
	assert_string_equal(_("no catalogue has this"),
			    "no catalogue has this");
}

static void errors_are_translated_and_sanitised(void **state)
{
	GError *error = NULL;

	(void)state;
	assert_false(path_make_private("/", &error));
	assert_string_equal(error->message, "»/« ist nicht verwendbar: kein "
					    "privates Verzeichnis");
	g_error_free(error);
}

static void plurals_follow_the_language(void **state)
{
	const char *one =
		ngettext("the server did not give %u message of %s",
			 "the server did not give %u messages of %s", 1);
	const char *two =
		ngettext("the server did not give %u message of %s",
			 "the server did not give %u messages of %s", 2);

	(void)state;
	assert_non_null(strstr(one, "Nachricht von"));
	assert_non_null(strstr(two, "Nachrichten von"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue_is_built),
		cmocka_unit_test(texts_are_translated),
		cmocka_unit_test(errors_are_translated_and_sanitised),
		cmocka_unit_test(plurals_follow_the_language),
	};

	return cmocka_run_group_tests(tests, speak_german, NULL);
}
