/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope: MAIL and RCPT with what the extensions add to them. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "smew/base.h"
#include "smtp-private.h"

/* ---- addresses ---- */

/* The last net: whoever calls has looked at them before. */
static bool is_clean(const char *address)
{
	for (const char *c = address; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return address[0] == '"' || strpbrk(address, " <>") == NULL;
}

/*
 * As it goes over the wire: a domain name in its ASCII form; owned. Only a
 * local part that is not ASCII needs more ('*utf8'). NULL: it cannot go.
 */
static char *wire_address(const char *address, bool *utf8)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = NULL;

	*utf8 = false;
	if (!is_clean(address))
		return NULL;
	if (g_str_is_ascii(address) || at == NULL)
		return g_strdup(address);
	for (const char *c = address; c < at; c++)
		*utf8 |= (unsigned char)*c > 127;
	domain = g_hostname_to_ascii(at + 1);
	if (*utf8)
		return g_strdup(address);
	if (domain == NULL)
		return NULL;
	return g_strdup_printf("%.*s@%s", (int)(at - address), address, domain);
}

static bool needs_utf8(const struct smtp_message *message)
{
	bool utf8, any;

	g_free(wire_address(message->sender, &any));
	for (const char *const *to = message->recipients; *to != NULL; to++) {
		g_free(wire_address(*to, &utf8));
		any |= utf8;
	}
	return any;
}

/* ---- delivery status notifications (RFC 3461) ---- */

static void append_xtext(GString *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c > ' ' && *c < 0x7f && *c != '+' && *c != '=')
			g_string_append_c(out, *c);
		else
			g_string_append_printf(out, "+%02X",
					       (unsigned)(unsigned char)*c);
	}
}

/* "failure,delay" to "FAILURE,DELAY"; NULL for what is none. Owned. */
static char *notify_words(const char *notify)
{
	static const char *const known[] = { "NEVER", "SUCCESS", "FAILURE",
					     "DELAY", NULL };
	g_autofree char *upper = g_ascii_strup(notify, -1);
	g_auto(GStrv) words = g_strsplit_set(upper, ", ", -1);
	g_autoptr(GString) out = g_string_new(NULL);

	for (char **word = words; *word != NULL; word++) {
		if (**word == '\0')
			continue;
		if (!g_strv_contains(known, *word))
			return NULL;
		g_string_append_printf(out, "%s%s", out->len > 0 ? "," : "",
				       *word);
	}
	return out->len > 0 ? g_strdup(out->str) : NULL;
}

static void append_mail_dsn(struct smtp *smtp, GString *line)
{
	const char *ret = smtp->message.ret;

	if (!smtp->offers.dsn || ret == NULL)
		return;
	if (g_ascii_strcasecmp(ret, "hdrs") == 0)
		g_string_append(line, " RET=HDRS");
	else if (g_ascii_strcasecmp(ret, "full") == 0)
		g_string_append(line, " RET=FULL");
	else
		return;
	if (smtp->message.envid == NULL || strlen(smtp->message.envid) > 90)
		return;
	g_string_append(line, " ENVID=");
	append_xtext(line, smtp->message.envid);
}

static void append_rcpt_dsn(struct smtp *smtp, GString *line, const char *to)
{
	g_autofree char *notify = NULL;

	if (!smtp->offers.dsn || smtp->message.notify == NULL)
		return;
	notify = notify_words(smtp->message.notify);
	if (notify == NULL)
		return;
	g_string_append_printf(line, " NOTIFY=%s", notify);
	if (!g_str_is_ascii(to))
		return;
	g_string_append(line, " ORCPT=rfc822;");
	append_xtext(line, to);
}

/* ---- the lines ---- */

static char *mail_line(struct smtp *smtp, const char *sender)
{
	GString *line = g_string_new("MAIL FROM:<");

	g_string_append_printf(line, "%s>", sender);
	if (smtp->offers.size)
		g_string_append_printf(line, " SIZE=%" PRIu64,
				       smtp->message.size);
	if (smtp->offers.eight_bit)
		g_string_append(line, " BODY=8BITMIME");
	if (smtp->offers.utf8 && needs_utf8(&smtp->message))
		g_string_append(line, " SMTPUTF8");
	append_mail_dsn(smtp, line);
	return g_string_free(line, FALSE);
}

static char *rcpt_line(struct smtp *smtp, const char *to)
{
	GString *line = g_string_new("RCPT TO:<");

	g_string_append_printf(line, "%s>", to);
	append_rcpt_dsn(smtp, line, to);
	return g_string_free(line, FALSE);
}

static bool bad_address(struct smtp *smtp, const char *address, bool utf8)
{
	g_autofree char *clean = sanitise_line(address, -1);
	g_autofree char *words = g_strdup_printf(
		utf8 ? _("the server cannot take '%s': it has no SMTPUTF8")
		     : _("'%s' is not an address that mail can be sent to"),
		clean);

	smtp_end(smtp, SMTP_REFUSED, words);
	return false;
}

static bool add_line(struct smtp *smtp, const char *address, bool sender)
{
	bool utf8;
	g_autofree char *wire = wire_address(address, &utf8);

	if (wire == NULL || (utf8 && !smtp->offers.utf8))
		return bad_address(smtp, address, wire != NULL);
	g_ptr_array_add(smtp->envelope, sender ? mail_line(smtp, wire)
					       : rcpt_line(smtp, wire));
	return true;
}

/* ---- asking and hearing ---- */

/* All at once where the server bears it, else one after the other. */
static void ask(struct smtp *smtp)
{
	while (smtp->asked < smtp->envelope->len &&
	       (smtp->offers.pipelining || smtp->asked == smtp->answered))
		smtp_say(smtp, g_ptr_array_index(smtp->envelope,
						 smtp->asked++));
}

static void too_large(struct smtp *smtp)
{
	g_autofree char *size = g_format_size(smtp->message.size);
	g_autofree char *limit = g_format_size(smtp->offers.size_limit);
	g_autofree char *words = g_strdup_printf(
		_("the message is too large for the server: it has %s, and "
		  "%s are allowed"),
		size, limit);

	smtp_end(smtp, SMTP_REFUSED, words);
}

static void begin(struct smtp *smtp)
{
	smtp_enter(smtp, SMTP_ENVELOPE);
	if (!add_line(smtp, smtp->message.sender, true))
		return;
	for (const char *const *to = smtp->message.recipients; *to != NULL;
	     to++)
		if (!add_line(smtp, *to, false))
			return;
	ask(smtp);
}

/* A server that has no 8BITMIME gets nothing but ASCII. What smew writes always
 * is; what is sent on as it came is not changed. */
static void scan(struct smtp *smtp)
{
	bool end;

	if (content_is_8bit(&smtp->content, &end))
		smtp_end(smtp, SMTP_REFUSED,
			 _("the server takes no 8-bit text (8BITMIME), and "
			   "this message, which goes on as it came, has some: "
			   "forward it with its text included"));
	else if (end)
		begin(smtp);
	else
		smtp_soon(smtp, scan);
}

void smtp_envelope_begin(struct smtp *smtp)
{
	if (smtp->offers.size_limit > 0 &&
	    smtp->message.size > smtp->offers.size_limit) {
		too_large(smtp);
	} else if (smtp->offers.eight_bit) {
		begin(smtp);
	} else {
		smtp_enter(smtp, SMTP_SCANNING);
		content_init(&smtp->content, smtp->message.fd);
		scan(smtp);
	}
}

static void note_refusal(struct smtp *smtp, const char *to,
			 const struct reply *reply)
{
	g_autofree char *words = reply_words(reply);
	g_autofree char *clean = sanitise_line(to, -1);

	if (reply->code < 500)
		smtp->temporary++;
	else
		smtp->permanent++;
	g_ptr_array_add(smtp->refused,
			g_strdup_printf("%s: %s", clean, words));
}

/* "a@b: 550 no; and 2 others". */
static char *refusal_words(const struct smtp *smtp)
{
	const char *first = g_ptr_array_index(smtp->refused, 0);
	guint more = smtp->refused->len - 1;

	if (more == 0)
		return g_strdup(first);
	return g_strdup_printf(ngettext("%s (and %u other recipient)",
					"%s (and %u other recipients)", more),
			       first, more);
}

static void all_answered(struct smtp *smtp)
{
	g_autofree char *words = NULL;

	if (smtp->refused->len == 0 ||
	    (smtp->message.partly && smtp->taken > 0 && smtp->temporary == 0)) {
		smtp_enter(smtp, SMTP_DATA);
		smtp_say(smtp, "DATA");
		return;
	}
	words = refusal_words(smtp);
	smtp_end(smtp, smtp->permanent > 0 ? SMTP_REFUSED : SMTP_LATER, words);
}

void smtp_envelope_reply(struct smtp *smtp, const struct reply *reply)
{
	guint n = smtp->answered++;

	if (n == 0 && reply->code != 250) {
		smtp_end_reply(smtp,
			       reply->code < 500 ? SMTP_LATER : SMTP_REFUSED,
			       _("the sender was refused"), reply);
		return;
	}
	if (n > 0 && (reply->code == 250 || reply->code == 251 ||
		      reply->code == 252))
		smtp->taken++;
	else if (n > 0)
		note_refusal(smtp, smtp->message.recipients[n - 1], reply);
	if (smtp->answered == smtp->envelope->len)
		all_answered(smtp);
	else
		ask(smtp);
}
