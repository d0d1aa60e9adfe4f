/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailto links (RFC 6068). */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "smew/mail.h"
#include "smew/send.h"

enum { URL_MAX = 64 * 1024 };

static bool fail(GError **error, const char *why)
{
	g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
		    _("that mailto: link is refused: %s"), why);
	return false;
}

/* CRLF to LF; false for other controls and for line ends where there may be
 * none. */
static bool tame(char *text, bool lines)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		unsigned char c = (unsigned char)*from;

		if (c == '\r' && from[1] == '\n' && lines)
			continue;
		if ((c < 0x20 && c != '\t' && !(c == '\n' && lines)) ||
		    c == 0x7f)
			return false;
		*to++ = (char)c;
	}
	*to = '\0';
	return true;
}

/* Percent signs decoded; NULL for %00, for a wrong one, or when it is not
 * UTF-8. "+" is itself. */
static char *decode(const char *text, size_t length, bool lines)
{
	char *decoded = g_uri_unescape_segment(text, text + length, "");

	if (decoded == NULL || !g_utf8_validate(decoded, -1, NULL) ||
	    !tame(decoded, lines)) {
		g_free(decoded);
		return NULL;
	}
	return decoded;
}

static void add_addresses(char **list, const char *more)
{
	char *all;

	if (*more == '\0')
		return;
	all = *list != NULL ? g_strdup_printf("%s, %s", *list, more)
			    : g_strdup(more);
	g_free(*list);
	*list = all;
}

static void set_text(char **place, const char *text)
{
	g_free(*place);
	*place = g_strdup(text);
}

/* Never, whoever allows it: they make a file of the user's go out, or lie
 * about where the message comes from and goes to. */
static bool never(const char *name)
{
	static const char *const names[] = {
		"attach", "attachment", "from", "sender", "date",
		"message-id", "received", "return-path", "content-type",
		"content-transfer-encoding", "mime-version", "resent-to",
		"resent-cc", "resent-bcc", "resent-from", "dkim-signature",
		"fcc", "pgp", NULL,
	};

	return g_strv_contains(names, name);
}

static bool is_allowed(const char *name, const char *const *allowed)
{
	if (never(name))
		return false;
	return g_strv_contains(allowed, name) || g_strv_contains(allowed, "*");
}

static bool name_ok(const char *name)
{
	for (const char *c = name; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && *c != '-')
			return false;
	return *name != '\0';
}

static void take_field(struct mailto *mailto, const char *name,
		       const char *value)
{
	if (strcmp(name, "to") == 0)
		add_addresses(&mailto->to, value);
	else if (strcmp(name, "cc") == 0)
		add_addresses(&mailto->cc, value);
	else if (strcmp(name, "bcc") == 0)
		add_addresses(&mailto->bcc, value);
	else if (strcmp(name, "subject") == 0)
		set_text(&mailto->subject, value);
	else if (strcmp(name, "body") == 0)
		set_text(&mailto->body, value);
	else if (strcmp(name, "in-reply-to") == 0)
		set_text(&mailto->in_reply_to, value);
	else
		g_ptr_array_add(mailto->others,
				g_strdup_printf("%s: %s", name, value));
}

static bool read_field(struct mailto *mailto, const char *pair,
		       const char *const *allowed, GError **error)
{
	const char *sign = strchr(pair, '=');
	g_autofree char *name = NULL, *lower = NULL, *value = NULL;

	if (sign == NULL)
		return *pair == '\0' || fail(error, _("a field has no value"));
	name = decode(pair, (size_t)(sign - pair), false);
	if (name == NULL || !name_ok(name))
		return fail(error, _("the name of a field is wrong"));
	lower = g_ascii_strdown(name, -1);
	value = decode(sign + 1, strlen(sign + 1), strcmp(lower, "body") == 0);
	if (value == NULL)
		return fail(error, _("a field has octets that no link may "
				     "have"));
	if (is_allowed(lower, allowed))
		take_field(mailto, lower, value);
	return true;
}

static bool read_addresses(struct mailto *mailto, const char *text,
			   size_t length, GError **error)
{
	g_autofree char *part = g_strndup(text, length);
	g_auto(GStrv) list = g_strsplit(part, ",", -1);

	for (char **one = list; *one != NULL; one++) {
		g_autofree char *address = decode(*one, strlen(*one), false);

		if (address == NULL)
			return fail(error, _("an address has octets that no "
					     "link may have"));
		add_addresses(&mailto->to, address);
	}
	return true;
}

bool mailto_parse(const char *url, const char *const *allowed,
		  struct mailto *mailto, GError **error)
{
	const char *start;
	size_t length;
	g_auto(GStrv) pairs = NULL;
	bool ok;

	*mailto = (struct mailto){
		.others = g_ptr_array_new_with_free_func(g_free),
	};
	if (g_ascii_strncasecmp(url, "mailto:", 7) != 0)
		return fail(error, _("it does not begin with mailto:"));
	if (strlen(url) > URL_MAX)
		return fail(error, _("it is too long"));
	start = url + 7;
	length = strcspn(start, "?#");
	ok = read_addresses(mailto, start, length, error);
	if (!ok || start[length] != '?')
		return ok;
	/* Pages write the & of HTML. */
	pairs = g_strsplit(start + length + 1, "&", -1);
	for (char **pair = pairs; ok && *pair != NULL; pair++) {
		const char *text = g_str_has_prefix(*pair, "amp;") ? *pair + 4
								   : *pair;

		(*pair)[strcspn(*pair, "#")] = '\0';
		ok = read_field(mailto, text, allowed, error);
	}
	return ok;
}

static void fill_addresses(struct mail_draft *draft, int field,
			   const char *more)
{
	g_autofree char *all = NULL;

	if (more == NULL || *more == '\0')
		return;
	if (*draft->fields[field] != '\0')
		all = g_strdup_printf("%s, %s", draft->fields[field], more);
	mail_draft_set(&draft->fields[field], all != NULL ? all : more);
}

static void fill_text(char **slot, const char *text)
{
	if (text != NULL)
		mail_draft_set(slot, text);
}

void mailto_fill(const struct mailto *mailto, struct mail_draft *draft)
{
	fill_addresses(draft, MAIL_TO, mailto->to);
	fill_addresses(draft, MAIL_CC, mailto->cc);
	fill_addresses(draft, MAIL_BCC, mailto->bcc);
	fill_text(&draft->fields[MAIL_SUBJECT], mailto->subject);
	fill_text(&draft->text, mailto->body);
	fill_text(&draft->in_reply_to, mailto->in_reply_to);
	for (guint i = 0; i < mailto->others->len; i++) {
		const char *line = g_ptr_array_index(mailto->others, i);
		size_t n = strcspn(line, ":");
		g_autofree char *name = g_strndup(line, n);

		/* As in "Name: value". */
		mail_draft_add_header(draft, name, line + n + 2);
	}
}

void mailto_clear(struct mailto *mailto)
{
	g_free(mailto->to);
	g_free(mailto->cc);
	g_free(mailto->bcc);
	g_free(mailto->subject);
	g_free(mailto->body);
	g_free(mailto->in_reply_to);
	if (mailto->others != NULL)
		g_ptr_array_unref(mailto->others);
	*mailto = (struct mailto){ 0 };
}
