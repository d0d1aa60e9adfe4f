/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts: which there are, where their servers are, whose a mailbox is. */
#include "private.h"

#include <string.h>

static bool fail(GError **error, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

static bool fail(GError **error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (error != NULL)
		*error = g_error_new_valist(COMMAND_ERROR,
					    COMMAND_ERROR_VALUE, format,
					    arguments);
	va_end(arguments);
	return false;
}

/* ---- URLs ---- */

void url_clear(struct url *url)
{
	g_free(url->user);
	g_free(url->password);
	g_free(url->host);
	g_free(url->path);
	*url = (struct url){ 0 };
}

static bool is_imap_url(const char *text)
{
	return g_ascii_strncasecmp(text, "imap://", 7) == 0 ||
	       g_ascii_strncasecmp(text, "imaps://", 8) == 0;
}

/* %XX decoded; NULL for what is no UTF-8 or hides a control character. */
static char *decode(const char *text, size_t length)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < length; i++) {
		int c = (unsigned char)text[i];

		if (c == '%') {
			if (i + 2 >= length ||
			    !g_ascii_isxdigit(text[i + 1]) ||
			    !g_ascii_isxdigit(text[i + 2]))
				goto bad;
			c = g_ascii_xdigit_value(text[i + 1]) * 16 +
			    g_ascii_xdigit_value(text[i + 2]);
			i += 2;
		}
		if (c < 0x20 || c == 0x7f)
			goto bad;
		g_string_append_c(out, (char)c);
	}
	if (g_utf8_validate(out->str, (gssize)out->len, NULL))
		return g_string_free(out, FALSE);
bad:
	g_string_free(out, TRUE);
	return NULL;
}

static bool parse_port(const char *text, size_t length, uint16_t *port)
{
	g_autofree char *digits = g_strndup(text, length);
	uint64_t number;

	if (!g_ascii_string_to_unsigned(digits, 10, 1, 65535, &number, NULL))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* user[:password] */
static bool parse_user(const char *text, size_t length, struct url *url)
{
	const char *colon = memchr(text, ':', length);
	size_t user = colon != NULL ? (size_t)(colon - text) : length;

	url->user = decode(text, user);
	if (url->user == NULL)
		return false;
	if (colon == NULL)
		return true;
	url->password = decode(colon + 1, length - user - 1);
	return url->password != NULL;
}

/* host[:port] or [address]:port */
static bool parse_host(const char *text, size_t length, struct url *url)
{
	const char *end = text + length, *after;

	if (length > 0 && *text == '[') {
		after = memchr(text, ']', length);
		if (after == NULL)
			return false;
		url->host = decode(text + 1, (size_t)(after - text) - 1);
		after++;
	} else {
		after = memchr(text, ':', length);
		if (after == NULL)
			after = end;
		url->host = decode(text, (size_t)(after - text));
	}
	if (url->host == NULL || strpbrk(url->host, " /\\@?#") != NULL)
		return false;
	return after == end ||
	       (*after == ':' &&
		parse_port(after + 1, (size_t)(end - after) - 1, &url->port));
}

static bool is_scheme(const char *text, const char *scheme, bool *tls)
{
	size_t length = strlen(scheme);

	if (g_ascii_strncasecmp(text, scheme, length) != 0)
		return false;
	*tls = g_ascii_tolower(text[length]) == 's';
	return g_str_has_prefix(text + length + (*tls ? 1 : 0), "://");
}

bool url_read(const char *text, const char *scheme, struct url *url)
{
	const char *start, *slash, *at;
	size_t length;

	*url = (struct url){ 0 };
	if (!is_scheme(text, scheme, &url->tls))
		return false;
	start = strstr(text, "://") + 3;
	slash = start + strcspn(start, "/");
	/* A user name may hold an @ of its own: the last one counts. */
	at = g_strrstr_len(start, slash - start, "@");
	if (at != NULL && !parse_user(start, (size_t)(at - start), url))
		goto bad;
	if (at != NULL)
		start = at + 1;
	if (!parse_host(start, (size_t)(slash - start), url))
		goto bad;
	length = strlen(slash);
	while (length > 1 && slash[length - 1] == '/')
		length--;
	url->path = length > 0 ? decode(slash + 1, length - 1) : g_strdup("");
	if (url->path != NULL)
		return true;
bad:
	url_clear(url);
	return false;
}

static bool url_parse(const char *text, struct url *url)
{
	return url_read(text, "imap", url);
}

/* ---- accounts ---- */

/* Whether options outside of blocks describe an account. */
static bool has_default(const struct config *config)
{
	const struct scope *global = config_scope(config, NULL);

	if (config_scope(config, "default") != NULL)
		return false; /* it is listed as a block */
	return g_hash_table_contains(global->values, option_find("folder")) ||
	       *config_string(config, NULL, "tunnel") != '\0' ||
	       is_imap_url(config_string(config, NULL, "spoolfile"));
}

char **config_accounts(const struct config *config)
{
	GPtrArray *names = g_ptr_array_new();

	if (has_default(config))
		g_ptr_array_add(names, g_strdup("default"));
	for (guint i = 1; i < config->scopes->len; i++) {
		const struct scope *scope = config->scopes->pdata[i];

		g_ptr_array_add(names, g_strdup(scope->name));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

void account_server_clear(struct account_server *server)
{
	g_free(server->user);
	g_free(server->host);
	g_free(server->tunnel);
	g_free(server->prefix);
	if (server->password != NULL)
		explicit_bzero(server->password, strlen(server->password));
	g_free(server->password);
	*server = (struct account_server){ 0 };
}

static char *non_empty(const char *text)
{
	return *text != '\0' ? g_strdup(text) : NULL;
}

/* The URL that says where the account is: folder, else spoolfile. */
static const char *server_url(const struct config *config, const char *account,
			      bool *is_folder)
{
	const char *folder = config_string(config, account, "folder");
	const char *spoolfile = config_string(config, account, "spoolfile");

	*is_folder = is_imap_url(folder) || !is_imap_url(spoolfile);
	return *is_folder ? folder : spoolfile;
}

static bool take_url(struct account_server *server, const char *text,
		     bool with_path, GError **error)
{
	struct url url;

	if (!url_parse(text, &url))
		return fail(error, _("the URL '%.*s...' cannot be read"),
			    (int)strcspn(text, "/") + 2, text);
	server->user = g_steal_pointer(&url.user);
	server->password = g_steal_pointer(&url.password);
	server->host = g_steal_pointer(&url.host);
	server->implicit_tls = url.tls;
	server->port = url.port != 0 ? url.port : url.tls ? 993 : 143;
	if (with_path)
		server->prefix = g_steal_pointer(&url.path);
	url_clear(&url);
	if (server->host != NULL && *server->host == '\0')
		g_clear_pointer(&server->host, g_free);
	return true;
}

bool config_account_server(const struct config *config, const char *account,
			   struct account_server *server, GError **error)
{
	bool is_folder;
	const char *url = server_url(config, account, &is_folder);
	const char *name = account != NULL ? account : "default";

	*server = (struct account_server){
		.tunnel = non_empty(config_string(config, account, "tunnel")),
	};
	if (is_imap_url(url) && !take_url(server, url, is_folder, error))
		goto bad;
	if (server->tunnel == NULL && !is_imap_url(url)) {
		fail(error, _("account %s: folder is neither imaps:// nor "
			      "imap://, and there is no tunnel"), name);
		goto bad;
	}
	if (server->tunnel == NULL && server->host == NULL) {
		fail(error, _("account %s: the URL names no host"), name);
		goto bad;
	}
	/* The URL's user and password win over the separate options. */
	if (server->user == NULL)
		server->user = non_empty(config_string(config, account,
						       "imap_user"));
	if (server->password == NULL)
		server->password = non_empty(config_string(config, account,
							   "imap_pass"));
	if (server->prefix == NULL)
		server->prefix = g_strdup("");
	return true;
bad:
	account_server_clear(server);
	return false;
}

/* ---- mailbox names ---- */

/* The part of 'path' below 'prefix', NULL when it is elsewhere. */
static const char *below(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	if (length == 0 || g_ascii_strcasecmp(path, "INBOX") == 0)
		return path;
	if (strncmp(path, prefix, length) != 0)
		return NULL;
	if (path[length] == '\0')
		return path + length;
	return path[length] == '/' || path[length] == '.' ?
		       path + length + 1 :
		       NULL;
}

static bool same_server(const struct url *url,
			const struct account_server *server)
{
	uint16_t port = url->port != 0 ? url->port : url->tls ? 993 : 143;

	if (server->host == NULL ||
	    g_ascii_strcasecmp(server->host, url->host) != 0)
		return false;
	if (url->user != NULL && g_strcmp0(url->user, server->user) != 0)
		return false;
	return port == server->port && url->tls == server->implicit_tls;
}

static bool find_url(const struct config *config, const struct url *url,
		     char **account, char **name)
{
	g_auto(GStrv) accounts = config_accounts(config);

	for (char **a = accounts; *a != NULL; a++) {
		struct account_server server;
		const char *rest;

		if (!config_account_server(config, *a, &server, NULL))
			continue;
		rest = same_server(url, &server) ?
			       below(url->path, server.prefix) :
			       NULL;
		if (rest != NULL) {
			*account = g_strdup(*a);
			*name = g_strdup(*rest != '\0' ? rest : "INBOX");
		}
		account_server_clear(&server);
		if (rest != NULL)
			return true;
	}
	return false;
}

static bool url_name(const struct config *config, const char *text,
		     char **account, char **name, GError **error)
{
	struct url url;
	bool found;

	if (!url_parse(text, &url))
		return fail(error, _("the URL cannot be read"));
	found = find_url(config, &url, account, name);
	if (!found)
		fail(error, _("no account is at '%s' with this user"),
		     url.host);
	url_clear(&url);
	return found;
}

static char *first_account(const struct config *config)
{
	g_auto(GStrv) accounts = config_accounts(config);

	return g_strdup(accounts[0] != NULL ? accounts[0] : "default");
}

/* "NAME:X": the account NAME, when there is one. */
static const char *after_account(const struct config *config, const char *text,
				 char **account)
{
	const char *colon = strchr(text, ':');
	g_auto(GStrv) accounts = config_accounts(config);
	g_autofree char *name = NULL;

	if (colon == NULL)
		return NULL;
	name = g_strndup(text, (size_t)(colon - text));
	if (!g_strv_contains((const char *const *)accounts, name))
		return NULL;
	*account = g_steal_pointer(&name);
	return colon + 1;
}

/* mutt's one-letter names: the option each stands for. */
static const char *shortcut(const char *text)
{
	if (text[0] == '\0' || text[1] != '\0')
		return NULL;
	switch (text[0]) {
	case '!':
		return "spoolfile";
	case '>':
		return "mbox";
	case '<':
		return "record";
	default:
		return NULL;
	}
}

static bool plain_name(const char *text, char **account, char **name,
		       const char *of, GError **error)
{
	if (*text == '=' || *text == '+')
		text++;
	while (*text == '/')
		text++;
	for (const char *p = text; *p != '\0'; p++) {
		if (g_ascii_iscntrl(*p)) {
			g_clear_pointer(account, g_free);
			return fail(error, _("the mailbox name has control "
					     "characters"));
		}
	}
	if (*account == NULL)
		*account = g_strdup(of);
	*name = g_strdup(g_ascii_strcasecmp(text, "INBOX") == 0 ? "INBOX" :
								  text);
	return true;
}

bool config_mailbox_name(const struct config *config, const char *current,
			 const char *text, char **account, char **name,
			 GError **error)
{
	g_autofree char *of = current != NULL ? g_strdup(current) :
						first_account(config);
	const char *option, *rest;

	*account = *name = NULL;
	if (!g_utf8_validate(text, -1, NULL))
		return fail(error, _("the mailbox name is not valid UTF-8"));
	option = shortcut(text);
	if (option != NULL) {
		const char *value = config_string(config, of, option);

		/* One step only: options that name each other end here. */
		if (shortcut(value) != NULL || *value == '\0')
			value = "INBOX";
		text = value;
	}
	if (is_imap_url(text))
		return url_name(config, text, account, name, error);
	rest = after_account(config, text, account);
	return plain_name(rest != NULL ? rest : text, account, name, of,
			  error);
}
