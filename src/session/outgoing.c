/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "actions.h"
#include "credentials.h"
#include "limits.h"
#include "outgoing.h"
#include "work.h"

/* ---- what the sender tells ---- */

static struct outbox *outbox_of(const struct account *account)
{
	return sender_outbox(account->sender);
}

void outgoing_changed(struct account *account)
{
	struct outbox_counts counts;
	g_autoptr(GError) error = NULL;
	struct outbox_item *next;
	int64_t wait, due = 0;

	if (!outbox_count(outbox_of(account), &counts, &error)) {
		account_complain(account, NULL, &error);
		return;
	}
	next = outbox_due(outbox_of(account), &wait, NULL);
	if (wait >= 0)
		due = g_get_real_time() / G_USEC_PER_SEC + wait;
	outbox_item_free(next);
	report_outbox(&account->report, &counts, account->sender, due);
}

static void on_changed(void *user)
{
	outgoing_changed(user);
}

static void on_event(enum sender_event event, const struct outbox_item *item,
		     const char *text, void *user)
{
	struct account *account = user;

	if (event == SENDER_UNCERTAIN)
		filing_read(account);
	(void)item;
	report_notice(&account->report, NULL, text);
}

static void on_progress(const struct outbox_item *item, uint64_t done,
			uint64_t total, void *user)
{
	struct account *account = user;
	int64_t now = g_get_monotonic_time();

	(void)item;
	if (total != 0 && now - account->outgoing->shown <
				  LIMIT_WIRE_MS * (int64_t)1000)
		return;
	account->outgoing->shown = now;
	/* What takes no time needs no line. */
	if (total != 0 && total < LIMIT_SENDING_SHOWN)
		return;
	report_progress(&account->report, SESSION_WORK_SENDING, NULL,
			_("Sending (kB)"), done / 1000, total / 1000);
}

static void on_password(const char *user_name, const char *host,
			const char *words, void *user)
{
	struct account *account = user;

	report_password(&account->report, user_name, host, words, true);
}

static void on_certificate(const char *host, uint16_t port,
			   const struct net_certificate *certificate,
			   void *user)
{
	struct account *account = user;

	report_certificate(&account->report, host, port, certificate, true);
}

static void on_left(void *user)
{
	filing_read(user);
}

static const struct secret *on_lend(void *user)
{
	struct account *account = user;

	return account->credentials != NULL
		       ? credentials_password(account->credentials)
		       : NULL;
}

/* ---- life ---- */

/* What nobody has decided about is told of at each start. */
static void say_attention(struct account *account)
{
	struct outbox_counts counts;
	g_autofree char *text = NULL;

	if (!outbox_count(outbox_of(account), &counts, NULL) ||
	    counts.attention == 0)
		return;
	text = g_strdup_printf(
		ngettext("%u message in the outbox waits for you (:outbox)",
			 "%u messages in the outbox wait for you (:outbox)",
			 counts.attention),
		counts.attention);
	report_notice(&account->report, NULL, text);
}

void outgoing_open(struct account *account)
{
	static const struct sender_host host = {
		.changed = on_changed,
		.event = on_event,
		.progress = on_progress,
		.password = on_password,
		.certificate = on_certificate,
		.left = on_left,
		.lend = on_lend,
	};
	g_autofree char *whose = actions_identity(account);
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;

	if (account->sender == NULL)
		return;
	account->outgoing = g_new0(struct outgoing, 1);
	account->outgoing->left = g_ptr_array_new();
	account->outgoing->doubts = g_ptr_array_new();
	account->outgoing->settled = g_hash_table_new_full(
		g_int64_hash, g_int64_equal, g_free, NULL);
	if (!sender_start(account->sender, whose, &host, account, &notice,
			  &error)) {
		account->outgoing->failure = g_strdup(error->message);
		account_complain(account, NULL, &error);
		return;
	}
	if (notice != NULL)
		report_notice(&account->report, NULL, notice);
	/* From here on changes are others'. */
	outbox_changed(outbox_of(account));
	outgoing_changed(account);
	filing_read(account);
	say_attention(account);
}

void outgoing_close(struct account *account)
{
	struct outgoing *outgoing = account->outgoing;

	if (outgoing != NULL) {
		filing_close(account);
		timer_stop(&outgoing->later);
		g_ptr_array_unref(outgoing->left);
		g_ptr_array_unref(outgoing->doubts);
		g_hash_table_unref(outgoing->settled);
		g_free(outgoing->failure);
	}
	/* In the thread that it worked in. */
	g_clear_pointer(&account->sender, sender_free);
	g_clear_pointer(&account->outgoing, g_free);
}

static bool works(const struct account *account)
{
	return account->outgoing != NULL && account->outgoing->failure == NULL;
}

void outgoing_look(struct account *account)
{
	if (!works(account) || !outbox_changed(outbox_of(account)))
		return;
	outgoing_changed(account);
	filing_read(account);
	sender_look(account->sender);
}

void outgoing_online(struct account *account)
{
	if (works(account))
		filing_read(account);
}

void outgoing_way_changed(struct account *account)
{
	if (works(account))
		sender_hurry(account->sender);
}

void outgoing_offline(struct account *account, bool offline)
{
	if (works(account))
		sender_offline(account->sender, offline);
}

/* ---- requests ---- */

/* Where the caller does not know the UIDVALIDITY, it is the one that the
 * cache knows the message by. */
static void fill_place(struct account *account, struct outbox_place *place)
{
	struct store_mailbox *mailbox;

	if (place->mailbox == NULL || place->uidvalidity != 0 ||
	    account->store == NULL)
		return;
	mailbox = store_mailbox_get(account->store, place->mailbox, NULL);
	if (mailbox == NULL)
		return;
	place->uidvalidity = mailbox->uidvalidity;
	store_mailbox_free(mailbox);
}

static void add(struct account *account, struct request *request)
{
	fill_place(account, &request->mail->original);
	fill_place(account, &request->mail->draft);
	g_autoptr(GError) error = NULL;
	int64_t item = outbox_add(outbox_of(account), request->mail, &error);

	if (item == 0) {
		account_done(account, request, SESSION_FAILED, error->message);
		return;
	}
	report_queued(&account->report, request->id, item);
	request_free(request);
}

static bool take_back(struct account *account, const struct request *request,
		      int64_t item, GError **error)
{
	struct outbox_item *taken =
		outbox_take_back(outbox_of(account), item, error);

	if (taken == NULL)
		return false;
	report_taken_back(&account->report, request->id, taken);
	return true;
}

static bool stop_sending(struct account *account, int64_t item, GError **error)
{
	if (sender_stop(account->sender, item))
		return true;
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_IO,
			    _("it is not being sent, or it is too late"));
	return false;
}

/* Of those that wait; 0: none does. */
static int64_t newest(struct outbox *outbox)
{
	GPtrArray *items = outbox_list(outbox, NULL);
	int64_t id = 0;

	for (guint i = 0; items != NULL && id == 0 && i < items->len; i++) {
		const struct outbox_item *item = g_ptr_array_index(items, i);

		if (item->state == OUTBOX_WAITING)
			id = item->id;
	}
	if (items != NULL)
		g_ptr_array_unref(items);
	return id;
}

static bool decide(struct account *account, const struct request *request,
		   GError **error)
{
	struct outbox *outbox = outbox_of(account);
	int64_t item = request->ids[0] == SESSION_NEWEST
			       ? newest(outbox)
			       : request->ids[0];

	switch ((enum session_outgoing)request->verb) {
	case SESSION_RETRY:
		return outbox_retry(outbox, item, request->at, false, error);
	case SESSION_RETRY_PARTLY:
		return outbox_retry(outbox, item, 0, true, error);
	case SESSION_TAKE_BACK:
		return take_back(account, request, item, error);
	case SESSION_DROP:
		return outbox_drop(outbox, item, error);
	case SESSION_STOP_SENDING:
		return stop_sending(account, item, error);
	case SESSION_IS_SENT:
		return outbox_accept(outbox, item, error);
	case SESSION_SEND_ALL:
		return outbox_hurry(outbox, true, error);
	}
	return false;
}

static void outgoing(struct account *account, struct request *request)
{
	g_autoptr(GError) error = NULL;
	bool ok = decide(account, request, &error);

	account_done(account, request, ok ? SESSION_OK : SESSION_FAILED,
		     ok ? NULL : error->message);
}

static void list(struct account *account, struct request *request)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *items = outbox_list(outbox_of(account), &error);

	if (items != NULL)
		report_outbox_list(&account->report, items);
	account_done(account, request,
		     items != NULL ? SESSION_OK : SESSION_FAILED,
		     items != NULL ? NULL : error->message);
}

static void answer(struct account *account, struct request *request)
{
	if (request->post.kind == REQUEST_SENDING_PASSWORD)
		sender_password(account->sender,
				g_steal_pointer(&request->secret));
	else
		sender_trust(account->sender,
			     request->trust == SESSION_TRUST_NO ? NULL
								: request->key,
			     request->trust == SESSION_TRUST_ALWAYS);
	request_free(request);
}

void outgoing_request(struct account *account, struct request *request)
{
	if (!works(account)) {
		account_done(account, request, SESSION_FAILED,
			     account->outgoing != NULL
				     ? account->outgoing->failure
				     : _("this account cannot send"));
		return;
	}
	switch ((enum request_kind)request->post.kind) {
	case REQUEST_SEND:
		add(account, request);
		break;
	case REQUEST_OUTGOING:
		outgoing(account, request);
		break;
	case REQUEST_OUTBOX:
		list(account, request);
		return;
	default:
		answer(account, request);
		return;
	}
	outgoing_changed(account);
	filing_read(account);
	sender_look(account->sender);
}
