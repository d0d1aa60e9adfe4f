/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What servers say when they refuse, and what is made of it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

#include "../../src/session/limits.h"
#include "../../src/session/refusal.h"
#include "../../src/session/retry.h"

static const struct {
	enum imap_code code;
	const char *text;
	enum refusal_kind kind;
	unsigned delay;
} rows[] = {
	/* codes alone */
	{ IMAP_CODE_NONE, "", REFUSAL_OTHER, 0 },
	{ IMAP_CODE_ALERT, "Something", REFUSAL_OTHER, 0 },
	{ IMAP_CODE_UNAVAILABLE, "Temporary authentication failure.",
	  REFUSAL_TEMPORARY, 0 },
	{ IMAP_CODE_SERVERBUG, "Oops", REFUSAL_TEMPORARY, LIMIT_BACKOFF },
	{ IMAP_CODE_INUSE, "Mailbox is locked", REFUSAL_TEMPORARY,
	  LIMIT_BACKOFF_INUSE },
	{ IMAP_CODE_LIMIT, "Enough", REFUSAL_THROTTLED, LIMIT_BACKOFF },
	{ IMAP_CODE_THROTTLED, "", REFUSAL_THROTTLED, LIMIT_BACKOFF },
	{ IMAP_CODE_AUTHENTICATIONFAILED, "Authentication failed.",
	  REFUSAL_CREDENTIALS, 0 },
	{ IMAP_CODE_EXPIRED, "Your password expired", REFUSAL_EXPIRED, 0 },
	{ IMAP_CODE_AUTHORIZATIONFAILED, "No", REFUSAL_FORBIDDEN,
	  LIMIT_BACKOFF_LONG },
	{ IMAP_CODE_NOPERM, "No", REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG },
	{ IMAP_CODE_PRIVACYREQUIRED, "Use TLS", REFUSAL_FORBIDDEN,
	  LIMIT_BACKOFF_LONG },
	{ IMAP_CODE_CONTACTADMIN, "Call us", REFUSAL_FORBIDDEN,
	  LIMIT_BACKOFF_LONG },
	/* words */
	{ IMAP_CODE_NONE, "User is authenticated but not connected.",
	  REFUSAL_NO_MAILBOX, LIMIT_BACKOFF_LONG },
	{ IMAP_CODE_ALERT, "Too many simultaneous connections. (Failure)",
	  REFUSAL_CONNECTIONS, LIMIT_BACKOFF_CONNECTIONS },
	{ IMAP_CODE_UNAVAILABLE,
	  "Maximum number of connections from user+IP exceeded "
	  "(mail_max_userip_connections=10)",
	  REFUSAL_CONNECTIONS, LIMIT_BACKOFF_CONNECTIONS },
	{ IMAP_CODE_ALERT,
	  "Application-specific password required: https://example.org",
	  REFUSAL_CREDENTIALS, 0 },
	{ IMAP_CODE_ALERT, "Please log in via your web browser: https://x",
	  REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG },
	{ IMAP_CODE_NONE, "LOGIN rate limit hit", REFUSAL_THROTTLED,
	  LIMIT_BACKOFF },
	{ IMAP_CODE_NONE, "bad protocol / cancel", REFUSAL_BINDING, 0 },
	/* the time the server wants */
	{ IMAP_CODE_NONE,
	  "Request is throttled. Suggested Backoff Time: 299961 milliseconds",
	  REFUSAL_THROTTLED, 299961 },
	{ IMAP_CODE_NONE, "Suggested Backoff Time: 0 milliseconds",
	  REFUSAL_THROTTLED, 0 },
	{ IMAP_CODE_NONE, "Suggested Backoff Time: milliseconds",
	  REFUSAL_THROTTLED, LIMIT_BACKOFF },
	{ IMAP_CODE_NONE, "Suggested Backoff Time: -5 milliseconds",
	  REFUSAL_THROTTLED, LIMIT_BACKOFF },
	{ IMAP_CODE_NONE,
	  "Suggested Backoff Time: 99999999999999999999999 milliseconds",
	  REFUSAL_THROTTLED, LIMIT_BACKOFF_LAST },
	/* a password that is wrong is not sent again, whatever else is said */
	{ IMAP_CODE_AUTHENTICATIONFAILED, "Too many failed attempts",
	  REFUSAL_CREDENTIALS, 0 },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct refusal refusal =
			refusal_of(rows[i].code, rows[i].text);

		if (refusal.kind != rows[i].kind ||
		    refusal.delay != rows[i].delay)
			fail_msg("row %zu, '%s': kind %d, delay %u", i,
				 rows[i].text, (int)refusal.kind,
				 refusal.delay);
	}
}

static void test_who_is_asked(void **state)
{
	(void)state;
	assert_true(refusal_asks_again(REFUSAL_OTHER));
	assert_true(refusal_asks_again(REFUSAL_CREDENTIALS));
	assert_true(refusal_asks_again(REFUSAL_EXPIRED));
	assert_false(refusal_asks_again(REFUSAL_TEMPORARY));
	assert_false(refusal_asks_again(REFUSAL_THROTTLED));
	assert_false(refusal_asks_again(REFUSAL_CONNECTIONS));
	assert_false(refusal_asks_again(REFUSAL_FORBIDDEN));
	assert_false(refusal_asks_again(REFUSAL_NO_MAILBOX));
}

static void test_waits_at_least(void **state)
{
	struct retry retry = { 0 };

	(void)state;
	retry_at_least(&retry, 30000);
	retry_at_least(&retry, 10000);
	assert_int_equal(retry_delay(&retry, 0, 0), 30000);
	/* once */
	assert_int_equal(retry_delay(&retry, 0, 0.5), 2000);
	retry_at_least(&retry, 30000);
	assert_in_range(retry_delay(&retry, 0, 0.99), 30001, 35000);
	/* what would have been waited anyway is not made shorter */
	for (int i = 0; i < 10; i++)
		retry_delay(&retry, 0, 0.5);
	retry_at_least(&retry, 1000);
	assert_int_equal(retry_delay(&retry, 0, 0.5), LIMIT_RETRY_LAST * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_who_is_asked),
		cmocka_unit_test(test_waits_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
