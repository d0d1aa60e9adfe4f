/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "limits.h"
#include "refusal.h"

/*
 * They go before the code: [ALERT], [LIMIT] and [UNAVAILABLE] say less than
 * the words. ASCII and in lower case; servers do not translate them.
 */
static const struct {
	const char *words;
	struct refusal refusal;
} texts[] = {
	/* Office 365, also for a wrong password, scope or licence */
	{ "authenticated but not connected",
	  { REFUSAL_NO_MAILBOX, LIMIT_BACKOFF_LONG } },
	/* Gmail, Dovecot, Courier, Yahoo */
	{ "too many simultaneous connections",
	  { REFUSAL_CONNECTIONS, LIMIT_BACKOFF_CONNECTIONS } },
	{ "maximum number of connections",
	  { REFUSAL_CONNECTIONS, LIMIT_BACKOFF_CONNECTIONS } },
	{ "too many connections",
	  { REFUSAL_CONNECTIONS, LIMIT_BACKOFF_CONNECTIONS } },
	{ "too many concurrent",
	  { REFUSAL_CONNECTIONS, LIMIT_BACKOFF_CONNECTIONS } },
	/* Cyrus, whose SASL library says no more */
	{ "bad protocol", { REFUSAL_BINDING, 0 } },
	{ "channel binding", { REFUSAL_BINDING, 0 } },
	{ "channel-binding", { REFUSAL_BINDING, 0 } },
	{ "too many login", { REFUSAL_THROTTLED, LIMIT_BACKOFF_LONG } },
	{ "too many failed", { REFUSAL_THROTTLED, LIMIT_BACKOFF_LONG } },
	{ "rate limit", { REFUSAL_THROTTLED, LIMIT_BACKOFF } },
	{ "bandwidth limit", { REFUSAL_THROTTLED, LIMIT_BACKOFF_LONG } },
	/* Gmail's answers to what is no app password, and to a robot */
	{ "application-specific password required",
	  { REFUSAL_CREDENTIALS, 0 } },
	{ "please log in via your web browser",
	  { REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG } },
};

static const struct {
	enum imap_code code;
	struct refusal refusal;
} codes[] = {
	{ IMAP_CODE_UNAVAILABLE, { REFUSAL_TEMPORARY, 0 } },
	{ IMAP_CODE_SERVERBUG, { REFUSAL_TEMPORARY, LIMIT_BACKOFF } },
	{ IMAP_CODE_INUSE, { REFUSAL_TEMPORARY, LIMIT_BACKOFF_INUSE } },
	{ IMAP_CODE_LIMIT, { REFUSAL_THROTTLED, LIMIT_BACKOFF } },
	{ IMAP_CODE_THROTTLED, { REFUSAL_THROTTLED, LIMIT_BACKOFF } },
	{ IMAP_CODE_AUTHENTICATIONFAILED, { REFUSAL_CREDENTIALS, 0 } },
	{ IMAP_CODE_EXPIRED, { REFUSAL_EXPIRED, 0 } },
	{ IMAP_CODE_AUTHORIZATIONFAILED,
	  { REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG } },
	{ IMAP_CODE_NOPERM, { REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG } },
	{ IMAP_CODE_CANNOT, { REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG } },
	{ IMAP_CODE_PRIVACYREQUIRED,
	  { REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG } },
	{ IMAP_CODE_CONTACTADMIN, { REFUSAL_FORBIDDEN, LIMIT_BACKOFF_LONG } },
};

/*
 * Exchange: "Request is throttled. Suggested Backoff Time: 299961 milliseconds"
 * (imap-traps 74).
 */
static bool suggested_time(const char *text, unsigned *delay)
{
	static const char words[] = "suggested backoff time:";
	const char *place = strstr(text, words);
	guint64 milliseconds;

	if (place == NULL)
		return false;
	place += strlen(words);
	place += strspn(place, " ");
	/* strtoull would take a sign */
	milliseconds = g_ascii_isdigit(*place) ?
			       g_ascii_strtoull(place, NULL, 10) :
			       LIMIT_BACKOFF;
	*delay = (unsigned)MIN(milliseconds, LIMIT_BACKOFF_LAST);
	return true;
}

static struct refusal of_code(enum imap_code code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		if (codes[i].code == code)
			return codes[i].refusal;
	return (struct refusal){ REFUSAL_OTHER, 0 };
}

struct refusal refusal_of(enum imap_code code, const char *text)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);
	struct refusal throttled = { REFUSAL_THROTTLED, 0 };
	struct refusal by_code = of_code(code);

	/* What else it says, the same password must not be sent again. */
	if (by_code.kind == REFUSAL_CREDENTIALS ||
	    by_code.kind == REFUSAL_EXPIRED)
		return by_code;
	if (suggested_time(lower, &throttled.delay))
		return throttled;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (strstr(lower, texts[i].words) != NULL)
			return texts[i].refusal;
	return by_code;
}

bool refusal_asks_again(enum refusal_kind kind)
{
	return kind == REFUSAL_OTHER || kind == REFUSAL_BINDING ||
	       kind == REFUSAL_CREDENTIALS || kind == REFUSAL_EXPIRED;
}
