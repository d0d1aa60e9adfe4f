/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the sign-in: what is switched on, and what the server offers. */
#include "config.h"

#include "calls.h"
#include "work.h"

/* ---- COMPRESS ---- */

/* From inside the engine: what it sends next must be compressed already. */
static void compress_agreed(struct account *account, const struct link_end *end,
			    void *user)
{
	struct link *link = user;

	(void)account;
	if (end->result != LINK_OK)
		return;
	link->compressed = true;
	link->stream = stream_start_deflate(link->stream);
	wire_note(link, _("compressed"));
}

bool link_compress(struct link *link)
{
	if (link->compressing || !link->account->deflate ||
	    link->account->tunnel != NULL ||
	    !imap_has(link->imap, IMAP_CAP_COMPRESS_DEFLATE))
		return false;
	link->compressing = true;
	call_send(link, imap_cmd_compress(), NULL, compress_agreed, link);
	return true;
}

/* ---- setting up ---- */

static void enabled(struct account *account, const struct link_end *end,
		    void *user)
{
	struct link *link = user;

	(void)account;
	if (end->result != LINK_OK)
		link_forget_qresync(link);
}

static void send_id(struct link *link)
{
	const struct imap_param params[] = {
		{"name", PACKAGE_NAME},
		{"version", PACKAGE_VERSION},
	};
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_id(params, G_N_ELEMENTS(params), &error);

	call_send(link, command, error, NULL, NULL);
}

/*
 * ID and ENABLE ride in the flight of the SELECT that follows: none of them
 * changes what the next may say.
 */
static void link_setup(struct link *link)
{
	struct account *account = link->account;

	if (account->send_id && imap_has(link->imap, IMAP_CAP_ID))
		send_id(link);
	if (link_offers_qresync(link))
		call_send(link,
			  imap_cmd_enable(UINT64_C(1) << IMAP_CAP_QRESYNC),
			  NULL, enabled, link);
	if (imap_has(link->imap, IMAP_CAP_X_GM_EXT_1))
		account_is_gmail(account);
	link_set_state(link, LINK_READY);
	link->was_ready = true;
	account_online(link);
	work_pump(account);
}

static void capabilities_told(struct account *account,
			      const struct link_end *end, void *user)
{
	struct link *link = user;

	(void)account;
	if (link->state != LINK_SETUP || end->result == LINK_GONE)
		return;
	if (end->result == LINK_OK)
		link_setup(link);
	else
		link_fail(link, end->text);
}

void link_setup_begin(struct link *link)
{
	if (imap_capabilities_known(link->imap))
		link_setup(link);
	else
		call_send(link, imap_cmd_capability(), NULL, capabilities_told,
			  link);
}

bool link_offers_idle(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_IDLE);
}

bool link_offers_extended_list(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_LIST_EXTENDED) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_list_status(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_LIST_STATUS) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_move(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_MOVE) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_uidplus(const struct link *link)
{
	return imap_has(link->imap, IMAP_CAP_UIDPLUS) ||
	       imap_has(link->imap, IMAP_CAP_IMAP4REV2);
}

bool link_offers_condstore(const struct link *link)
{
	return link->account->condstore &&
	       (imap_has(link->imap, IMAP_CAP_CONDSTORE) ||
		imap_has(link->imap, IMAP_CAP_QRESYNC));
}

bool link_offers_qresync(const struct link *link)
{
	return !link->no_qresync && imap_has(link->imap, IMAP_CAP_QRESYNC) &&
	       imap_has(link->imap, IMAP_CAP_ENABLE);
}

void link_forget_qresync(struct link *link)
{
	link->no_qresync = true;
	wire_learn(link->account,
		   _("QRESYNC was refused: mailboxes are compared in full"));
}

unsigned link_in_flight(const struct link *link)
{
	return link->in_flight;
}

uint32_t link_exists(const struct link *link)
{
	return imap_exists(link->imap);
}

bool link_has(const struct link *link, uint32_t uid)
{
	return imap_seq_of(link->imap, uid) != 0;
}

void link_seed_uids(struct link *link, const GArray *uids)
{
	imap_seed_uids(link->imap, (const uint32_t *)(const void *)uids->data,
		       uids->len);
}

bool link_keeps_sent(const struct link *link)
{
	const char *host = link->account->host;

	return imap_has(link->imap, IMAP_CAP_X_GM_EXT_1) ||
	       (host != NULL && (g_str_has_suffix(host, ".office365.com") ||
				 g_str_has_suffix(host, ".outlook.com")));
}
