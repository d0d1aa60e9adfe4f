/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailbox-text: addresses as users read and write them, and on the wire. */
#include "config.h"

#include <string.h>

#include "address.h"
#include "smew/base.h"

/* RFC 5321 4.5.3.1: more is refused by servers anyway. */
enum { ADDRESS_OCTETS = 320 };

/* RFC 5322 3.2.3, what may stand in a dot-atom beside letters and digits. */
#define ATOM_MARKS "!#$%&'*+-/=?^_`{|}~."

GPtrArray *mail_addresses_new(void)
{
	return address_list_new();
}

GPtrArray *mail_addresses_read(const char *text)
{
	GPtrArray *list = address_list_new();

	address_read(list, text, strlen(text));
	return list;
}

void mail_addresses_add(GPtrArray *list, const char *name, const char *email)
{
	struct mail_address *address = g_new0(struct mail_address, 1);

	address->name = g_strdup(name != NULL ? name : "");
	address->email = g_strdup(email != NULL ? email : "");
	g_ptr_array_add(list, address);
}

/* Whether a name can stand without quotes in a list. */
static bool is_plain(const char *name)
{
	return strpbrk(name, "()<>[]:;@\\,.\"") == NULL;
}

static void append_name(GString *out, const char *name)
{
	if (is_plain(name)) {
		g_string_append(out, name);
		return;
	}
	g_string_append_c(out, '"');
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *name);
	}
	g_string_append_c(out, '"');
}

static void append_address(GString *out, const struct mail_address *address)
{
	if (*address->name != '\0')
		append_name(out, address->name);
	if (*address->email == '\0')
		return;
	if (*address->name == '\0')
		g_string_append(out, address->email);
	else
		g_string_append_printf(out, " <%s>", address->email);
}

char *mail_addresses_text(const GPtrArray *list)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		if (i > 0)
			g_string_append(out, ", ");
		append_address(out, g_ptr_array_index(list, i));
	}
	return g_string_free(out, FALSE);
}

bool mail_address_same(const char *a, const char *b)
{
	return *a != '\0' && g_ascii_strcasecmp(a, b) == 0;
}

/* ---- on the wire ---- */

static bool is_quoted_local(const char *local, size_t length)
{
	if (length < 2 || local[0] != '"' || local[length - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < length; i++) {
		if (local[i] == '\\' && i + 2 < length)
			i++;
		else if (local[i] == '"' || local[i] == '\\')
			return false;
	}
	return true;
}

static bool is_local(const char *local, size_t length)
{
	if (length == 0)
		return false;
	if (*local == '"')
		return is_quoted_local(local, length);
	if (*local == '.' || local[length - 1] == '.')
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)local[i];

		if (c < 0x80 && !g_ascii_isalnum(c) &&
		    strchr(ATOM_MARKS, c) == NULL)
			return false;
		if (c == '.' && local[i + 1] == '.')
			return false;
	}
	return true;
}

static bool is_literal(const char *domain)
{
	size_t length = strlen(domain);

	return length > 2 && domain[0] == '[' && domain[length - 1] == ']' &&
	       strspn(domain + 1, "0123456789abcdefABCDEFIPv.:") == length - 2;
}

static bool is_domain(const char *domain)
{
	return *domain != '\0' && *domain != '.' && *domain != '-' &&
	       strstr(domain, "..") == NULL &&
	       strspn(domain, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789.-_") == strlen(domain);
}

/* The domain as ASCII, or NULL. Owned. */
static char *wire_domain(const char *domain)
{
	char *ascii;

	if (is_literal(domain))
		return g_strdup(domain);
	ascii = g_hostname_is_non_ascii(domain) ? g_hostname_to_ascii(domain)
						: g_strdup(domain);
	if (ascii != NULL && is_domain(ascii))
		return ascii;
	g_free(ascii);
	return NULL;
}

static bool has_control(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		return true;
	for (; *text != '\0'; text = g_utf8_next_char(text))
		if (g_unichar_iscntrl(g_utf8_get_char(text)))
			return true;
	return false;
}

char *mail_address_wire(const char *email, GError **error)
{
	const char *at = strrchr(email, '@');
	g_autofree char *domain = NULL, *shown = NULL;

	if (at != NULL && !has_control(email) &&
	    strlen(email) <= ADDRESS_OCTETS &&
	    is_local(email, (size_t)(at - email)))
		domain = wire_domain(at + 1);
	if (domain != NULL)
		return g_strdup_printf("%.*s@%s", (int)(at - email), email,
				       domain);
	shown = sanitise_line(email, -1);
	g_set_error(error, MAIL_ERROR, MAIL_ERROR_REFUSED,
		    _("'%s' is not an address"), shown);
	return NULL;
}
