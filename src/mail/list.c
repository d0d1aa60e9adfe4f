/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list: what the header of a message says of its mailing list (RFC 2369). */
#include "config.h"

#include <string.h>

#include "field.h"
#include "smew/mail.h"

enum { URL_MAX = 2048 };

static const char *const names[MAIL_LIST_ACTIONS] = {
	[MAIL_LIST_POST] = "List-Post",
	[MAIL_LIST_SUBSCRIBE] = "List-Subscribe",
	[MAIL_LIST_UNSUBSCRIBE] = "List-Unsubscribe",
	[MAIL_LIST_ARCHIVE] = "List-Archive",
	[MAIL_LIST_HELP] = "List-Help",
	[MAIL_LIST_OWNER] = "List-Owner",
};

/* Behind a comment, which may have others inside. */
static const char *skip_comment(const char *at)
{
	unsigned depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
	}
	return at;
}

/* What stands in <>, without the blanks that folding brought; NULL when it is
 * nothing that a link may be. Owned. */
static char *take_url(const char *at, size_t length)
{
	GString *url = g_string_new(NULL);

	for (size_t i = 0; i < length; i++) {
		if (at[i] == ' ' || at[i] == '\t')
			continue;
		if (at[i] <= ' ' || at[i] >= 127 || url->len == URL_MAX) {
			g_string_free(url, TRUE);
			return NULL;
		}
		g_string_append_c(url, at[i]);
	}
	return g_string_free(url, FALSE);
}

static bool has_scheme(const char *url, const char *scheme)
{
	return g_ascii_strncasecmp(url, scheme, strlen(scheme)) == 0;
}

/* The first mailto: in 'value', else the first page. Owned, or NULL. */
static char *choose(const char *value)
{
	g_autofree char *page = NULL;

	for (const char *at = value; *at != '\0';) {
		const char *end;
		g_autofree char *url = NULL;

		if (*at == '(') {
			at = skip_comment(at);
			continue;
		}
		end = *at == '<' ? strchr(at, '>') : NULL;
		if (end == NULL) {
			at++;
			continue;
		}
		url = take_url(at + 1, (size_t)(end - at - 1));
		at = end + 1;
		if (url == NULL)
			continue;
		if (has_scheme(url, "mailto:"))
			return g_steal_pointer(&url);
		if (page == NULL && (has_scheme(url, "https://") ||
				     has_scheme(url, "http://")))
			page = g_steal_pointer(&url);
	}
	return g_steal_pointer(&page);
}

char *mail_list_url(GBytes *header, enum mail_list_action action)
{
	gsize length;
	const char *data = g_bytes_get_data(header, &length);
	struct field_reader reader;
	struct field field;
	char *url = NULL;

	field_reader_init(&reader, data, length);
	while (url == NULL && field_next(&reader, &field)) {
		if (field_is(&field, names[action])) {
			g_autofree char *value = field_unfold(&field);

			url = choose(value);
		}
	}
	return url;
}
