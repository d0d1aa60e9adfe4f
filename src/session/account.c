/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread: its loop, its requests, its way between offline and online. */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "account.h"
#include "actions.h"
#include "arrival.h"
#include "body.h"
#include "box.h"
#include "carry.h"
#include "credentials.h"
#include "deeds.h"
#include "folders.h"
#include "limits.h"
#include "links.h"
#include "look.h"
#include "manage.h"
#include "outgoing.h"
#include "parcel.h"
#include "shared.h"
#include "smew/net.h"
#include "standing.h"
#include "wire.h"
#include "work.h"

/* ---- saying ---- */

void account_say_state(struct account *account)
{
	bool online = account->phase == SESSION_ONLINE;

	report_state(&account->report, account->phase,
		     account->phase == SESSION_OFFLINE ? account->reason : NULL,
		     account->retry_at,
		     online && account->box != NULL && account->box->read_only,
		     online ? links_security(account) : SESSION_UNCONNECTED);
}

void account_done(struct account *account, struct request *request,
		  enum session_result result, const char *text)
{
	report_done(&account->report, request->id, result, text);
	request_free(request);
}

void account_complain(struct account *account, const char *mailbox,
		      GError **error)
{
	if (*error == NULL)
		return;
	log_line(LOG_FAULT, "session", "%s", (*error)->message);
	report_notice(&account->report, mailbox, (*error)->message);
	g_clear_error(error);
}

char *account_offline_text(const struct account *account)
{
	if (account->reason == NULL)
		return g_strdup(_("offline"));
	return g_strdup_printf(_("offline: %s"), account->reason);
}

static void account_fail_offline(struct account *account,
				 struct request *request)
{
	g_autofree char *text = account_offline_text(account);

	account_done(account, request, SESSION_FAILED, text);
}

static void account_set_reason(struct account *account, const char *reason)
{
	char *copy = g_strdup(reason);

	g_free(account->reason);
	account->reason = copy;
}

/* ---- connecting ---- */

static void account_connect(void *user)
{
	struct account *account = user;

	timer_stop(&account->retry_timer);
	if (account->links->len > 0 || account->store == NULL ||
	    account->unplugged)
		return;
	account->retry_at = 0;
	if (account->tunnel == NULL && account->host == NULL) {
		account_set_reason(account,
				   _("no server is set: set folder to its URL, "
				     "or tunnel to a command"));
		account_say_state(account);
		return;
	}
	account->phase = SESSION_CONNECTING;
	account->alerts = account->refusals = 0;
	account->paused_until = 0;
	account_say_state(account);
	links_connect(account);
}

void account_online(struct link *link)
{
	struct account *account = link_account(link);

	if (link_is_extra(link)) {
		account->extra_wait = 0;
		account_say_state(account);
		return;
	}
	retry_succeeded(&account->retry, g_get_monotonic_time());
	account->phase = SESSION_ONLINE;
	folders_online(account);
	outgoing_online(account);
	arrivals_ready(account);
	account_say_state(account);
}

/* ---- whose cache it is ---- */

static char *account_identity(const struct account *account)
{
	return g_strdup_printf("user=%s host=%s port=%u",
			       account->user != NULL ? account->user : "",
			       account->host != NULL ? account->host : "",
			       account->port);
}

bool account_owns_cache(struct account *account)
{
	const char *command = account->tunnel != NULL ? account->tunnel : "";
	g_autofree char *known = store_note(account->store, "tunnel");
	g_autoptr(GError) error = NULL;

	if (known != NULL && strcmp(known, command) != 0) {
		account->foreign = true;
		return false;
	}
	if (known == NULL &&
	    !store_set_note(account->store, "tunnel", command, &error))
		account_complain(account, NULL, &error);
	return true;
}

void account_is_gmail(struct account *account)
{
	g_autoptr(GError) error = NULL;

	if (account->gmail)
		return;
	account->gmail = true;
	report_change(&account->report, SESSION_GMAIL, NULL);
	if (!store_set_note(account->store, "gmail", "yes", &error))
		account_complain(account, NULL, &error);
}

/* What is done before the server is reached depends on it, too. */
static void account_recall(struct account *account)
{
	g_autofree char *gmail = store_note(account->store, "gmail");

	account->gmail = gmail != NULL;
	if (account->gmail)
		report_change(&account->report, SESSION_GMAIL, NULL);
}

/* False: there can be no cache any more. */
static bool account_replace_cache(struct account *account)
{
	g_autofree char *identity = account_identity(account);
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;

	account->foreign = account->gmail = false;
	account->store = store_replace(account->store, identity, &notice,
				       &error);
	if (notice != NULL)
		report_notice(&account->report, NULL, notice);
	report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
	account_complain(account, NULL, &error);
	if (account->store != NULL)
		actions_replaced(account);
	return account->store != NULL;
}

/* Requests that no connection will serve soon. */
static void account_fail_waiting(struct account *account)
{
	struct request *request;

	while ((request = g_queue_pop_head(&account->checks)) != NULL)
		account_fail_offline(account, request);
	look_fail(account);
	body_lost(account);
}

/* Once more later, unless that would change nothing before the user has
 * answered. */
static void account_retry(struct account *account, bool anew)
{
	int64_t now = g_get_monotonic_time();
	unsigned delay;

	if (credentials_waiting(account->credentials) ||
	    account->distrusted || account->unplugged) {
		account->retry_at = 0;
		account_say_state(account);
		return;
	}
	delay = anew ? 0 : retry_delay(&account->retry, now, g_random_double());
	account->retry_at = now + (int64_t)delay * 1000;
	timer_start(&account->retry_timer, delay, account_connect, account);
	account_say_state(account);
}

/* What the first connection meets, the others meet too: all begin anew. */
void account_lost(struct link *link, const char *reason)
{
	struct account *account = link_account(link);
	bool anew = account->foreign;

	actions_lost(account);
	if (links_lose(account, link, reason)) {
		account_say_state(account);
		work_pump(account);
		return;
	}
	links_free_all(account);
	account->phase = SESSION_OFFLINE;
	account_set_reason(account, reason);
	if (account->foreign && !account_replace_cache(account)) {
		account_say_state(account);
		return;
	}
	folders_lost(account);
	standing_changed(account);
	manage_lost(account);
	if (account->inbox != NULL)
		box_close_behind(account);
	if (account->errand != NULL)
		box_close_errand(account);
	if (account->box != NULL)
		box_lost(account->box);
	account_fail_waiting(account);
	arrivals_lost(account);
	if (account->quitting)
		g_main_loop_quit(account->loop);
	else
		account_retry(account, anew);
}

/* ---- requests ---- */

static void account_open(struct account *account, struct request *request)
{
	if (account->store == NULL) {
		account_fail_offline(account, request);
		return;
	}
	box_open(account, request);
}

static void account_check(struct account *account, struct request *request)
{
	if (account->phase == SESSION_OFFLINE) {
		account_fail_offline(account, request);
		return;
	}
	g_queue_push_tail(&account->checks, request);
	work_check(account);
}

static void account_reconnect(struct account *account, struct request *request)
{
	account->unplugged = false;
	outgoing_way_changed(account);
	if (account->links->len == 0) {
		account->retry.failures = 0;
		account_connect(account);
	}
	account_done(account, request, SESSION_OK, NULL);
}

/* The user says so: nothing is tried before they say the contrary. */
static void account_go_offline(struct account *account, struct request *request)
{
	bool off = request->n != 0;

	account->unplugged = off;
	outgoing_offline(account, off);
	if (!off) {
		account->retry.failures = 0;
		account_connect(account);
	} else if (account->links->len > 0) {
		for (guint i = 0; i < account->links->len; i++)
			link_fail(g_ptr_array_index(account->links, i),
				  _("you said so (:online to go on)"));
	} else {
		timer_stop(&account->retry_timer);
		account->retry_at = 0;
		account_set_reason(account,
				   _("you said so (:online to go on)"));
		account_say_state(account);
	}
	account_done(account, request, SESSION_OK, NULL);
}

static void account_stop(struct account *account, struct request *request)
{
	bool stopped = account->box != NULL && sync_stop(account->box);

	account_done(account, request, stopped ? SESSION_OK : SESSION_CANCELLED,
		     NULL);
}

static void account_oldest(struct account *account, struct request *request)
{
	struct box *box = account->box;
	bool filled = box != NULL && box->plan != NULL &&
		      strcmp(box->name, request->mailbox) == 0;

	if (filled)
		fill_oldest(box);
	account_done(account, request, filled ? SESSION_OK : SESSION_CANCELLED,
		     NULL);
}

/* ---- changes below us ---- */

static void account_way_changed(struct account *account)
{
	links_probe(account);
	outgoing_way_changed(account);
	if (account->retry_timer.source == NULL)
		return;
	account->retry.failures = 0;
	account_connect(account);
}

static void account_net_changed(enum net_change what, void *user)
{
	struct account *account = user;

	log_line(LOG_STATE, "session", "%s: %s", account->name,
		 what == NET_RESUMED ? "resumed" : "addresses changed");
	account_way_changed(account);
}

/* ---- answers of the user ---- */

static void account_password(struct account *account, struct request *answer)
{
	bool given = answer->secret != NULL;

	credentials_answer(account, g_steal_pointer(&answer->secret));
	if (given && account->links->len == 0)
		account_connect(account);
}

void account_distrust(struct account *account,
		      const struct net_certificate *certificate)
{
	account->distrusted = true;
	report_certificate(&account->report, account->host, account->port,
			   certificate, false);
}

static void account_trust(struct account *account, const struct request *answer)
{
	g_autoptr(GError) error = NULL;

	account->distrusted = false;
	if (answer->trust == SESSION_TRUST_NO)
		return;
	g_free(account->accepted_key);
	account->accepted_key = g_strdup(answer->key);
	if (answer->trust == SESSION_TRUST_ALWAYS &&
	    !pins_set(account->state_dir, account->host, account->port,
		      answer->key, &error))
		account_complain(account, NULL, &error);
	account_connect(account);
}

static void account_cancel(struct account *account, struct request *cancel)
{
	for (GList *l = account->checks.head; l != NULL; l = l->next) {
		struct request *request = l->data;

		if (request->id != cancel->id)
			continue;
		g_queue_delete_link(&account->checks, l);
		account_done(account, request, SESSION_CANCELLED, NULL);
		return;
	}
	if (!manage_cancel(account, cancel->id) &&
	    !body_cancel(account, cancel->id) &&
	    !look_cancel(account, cancel->id))
		box_cancel(account, cancel->id);
}

static void account_end_loop(void *user)
{
	struct account *account = user;

	g_main_loop_quit(account->loop);
}

static void account_quit(struct account *account)
{
	struct request *request;

	account->quitting = true;
	timer_stop(&account->retry_timer);
	while ((request = g_queue_pop_head(&account->checks)) != NULL)
		account_done(account, request, SESSION_CANCELLED, NULL);
	look_fail(account);
	manage_quit(account);
	body_quit(account);
	box_quit(account);
	if (!links_logout(account)) {
		g_main_loop_quit(account->loop);
		return;
	}
	timer_start(&account->quit_timer, LIMIT_LOGOUT, account_end_loop,
		    account);
}

static void account_handle(struct account *account, struct request *request)
{
	switch ((enum request_kind)request->post.kind) {
	case REQUEST_OPEN:
		account_open(account, request);
		break;
	case REQUEST_LOOK:
		look_request(account, request);
		break;
	case REQUEST_FETCH:
		body_request(account, request);
		break;
	case REQUEST_ACT:
	case REQUEST_UNDO:
	case REQUEST_HALT:
	case REQUEST_UNDO_STEP:
	case REQUEST_ACTIONS:
	case REQUEST_AGAIN:
		actions_request(account, request);
		break;
	case REQUEST_FOLDER:
		manage_request(account, request);
		break;
	case REQUEST_OFFLINE:
		account_go_offline(account, request);
		break;
	case REQUEST_CHECK:
		account_check(account, request);
		break;
	case REQUEST_RECONNECT:
		account_reconnect(account, request);
		break;
	case REQUEST_PASSWORD:
		account_password(account, request);
		request_free(request);
		break;
	case REQUEST_TRUST:
		account_trust(account, request);
		request_free(request);
		break;
	case REQUEST_WATCH:
		wire_watch(account->wire, request->id);
		request_free(request);
		break;
	case REQUEST_CONNECTIONS:
		wire_describe(account);
		request_free(request);
		break;
	case REQUEST_OLDEST:
		account_oldest(account, request);
		break;
	case REQUEST_STOP:
		account_stop(account, request);
		break;
	case REQUEST_WAKE:
		links_probe(account);
		request_free(request);
		break;
	case REQUEST_CANCEL:
		account_cancel(account, request);
		request_free(request);
		break;
	case REQUEST_SEND:
	case REQUEST_OUTGOING:
	case REQUEST_OUTBOX:
	case REQUEST_SENDING_PASSWORD:
	case REQUEST_SENDING_TRUST:
		outgoing_request(account, request);
		break;
	case REQUEST_PARCEL:
		break;
	case REQUEST_QUIT:
		account_quit(account);
		request_free(request);
		break;
	}
	if (!account->quitting)
		work_pump(account);
}

static void account_take_parcel(struct account *account,
				struct session_parcel *parcel)
{
	if (parcel->answer || parcel->kind == PARCEL_ONLINE)
		carry_parcel(account, parcel);
	else
		arrival_take(account, parcel);
	if (!account->quitting)
		work_pump(account);
}

static void account_deliver(struct post *post, void *user)
{
	/* REQUEST_QUIT is the last one. */
	if (post->kind == REQUEST_PARCEL) {
		account_take_parcel(user, (struct session_parcel *)post);
		return;
	}
	deeds_follow(user, (struct request *)post);
	account_handle(user, (struct request *)post);
}

/* ---- life ---- */

static void account_open_cache(struct account *account)
{
	g_autofree char *identity = account_identity(account);
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;

	account->store = store_open(account->cache_dir, identity, &notice,
				    &error);
	if (notice != NULL)
		report_notice(&account->report, NULL, notice);
	if (account->store != NULL) {
		/* The screen asked the view when there was no file yet. */
		report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
		return;
	}
	account_set_reason(account, error->message);
	account_say_state(account);
	account_complain(account, NULL, &error);
}

static void account_begin(struct account *account)
{
	account_open_cache(account);
	if (account->store != NULL) {
		account_recall(account);
		shared_open(account);
		/* Nothing of it is heard before the loop runs: a disk that is
		 * slow to make the journal keeps nobody waiting. */
		account_connect(account);
		folders_recall(account);
		actions_open(account);
	}
	outgoing_open(account);
	if (account->store != NULL && account->first_mailbox != NULL)
		box_open(account,
			 request_new(REQUEST_OPEN, 0, account->first_mailbox,
				     NULL, 0));
}

static void account_end(struct account *account)
{
	timer_stop(&account->retry_timer);
	timer_stop(&account->quit_timer);
	timer_stop(&account->pause_timer);
	links_free_all(account);
	shared_close(account);
	outgoing_close(account);
	actions_close(account);
	g_clear_pointer(&account->credentials, credentials_free);
	box_close_all(account);
	g_clear_pointer(&account->folders, folders_free);
	g_clear_pointer(&account->manage, manage_free);
	g_clear_pointer(&account->standing, standing_free);
	g_clear_pointer(&account->arrivals, arrivals_free);
	if (account->store != NULL)
		store_close(account->store);
	account->store = NULL;
	g_clear_pointer(&account->wire, wire_free);
}

void account_run(struct account *account)
{
	GMainContext *context = g_main_context_new();
	GSource *requests;

	pthread_setname_np(pthread_self(), "session");
	g_main_context_push_thread_default(context);
	account->loop = g_main_loop_new(context, FALSE);
	requests = postbox_source(account->in, account_deliver, account);
	g_source_attach(requests, context);
	account->watch = net_watch_new(account_net_changed, account);
	account_begin(account);
	g_main_loop_run(account->loop);
	account_end(account);
	net_watch_free(account->watch);
	g_source_destroy(requests);
	g_source_unref(requests);
	g_main_loop_unref(account->loop);
	g_main_context_pop_thread_default(context);
	g_main_context_unref(context);
}

struct account *account_new(const struct session_config *config,
			    struct postbox *in, struct postbox *ui)
{
	struct account *account = g_new0(struct account, 1);

	account->name = g_strdup(config->account);
	account->cache_dir = g_strdup(config->cache_dir);
	account->tunnel = g_strdup(config->tunnel);
	account->user = g_strdup(config->user);
	account->host = g_strdup(config->host);
	account->port = config->port;
	account->implicit_tls = config->implicit_tls;
	account->check_subscribed = config->check_subscribed;
	account->idle = config->idle;
	account->condstore = config->condstore;
	account->qresync = config->qresync;
	account->mark_old = config->mark_old;
	account->send_id = config->send_id;
	account->poll_seconds = config->poll_seconds;
	account->keepalive_seconds = config->keepalive_seconds;
	account->force_tls = config->force_tls;
	account->starttls = config->starttls;
	account->tunnel_is_secure = config->tunnel_is_secure;
	account->connect_seconds = config->connect_seconds;
	account->sasl_ir = config->sasl_ir;
	account->deflate = config->deflate;
	account->read_only = config->read_only;
	account->window = config->screen_rows == 0 ?
				  LIMIT_WINDOW :
				  CLAMP(config->screen_rows + LIMIT_WINDOW_SPARE,
					LIMIT_WINDOW_LEAST, LIMIT_WINDOW);
	account->most_links = MAX(config->connections, 1);
	account->links = g_ptr_array_new();
	account->authenticators = g_strdup(config->authenticators);
	account->ca_file = g_strdup(config->ca_file);
	account->client_certificate = g_strdup(config->client_certificate);
	account->state_dir = g_strdup(config->state_dir);
	account->credentials = credentials_new(config);
	account->first_mailbox = g_strdup(config->first_mailbox);
	if (config->sending != NULL)
		account->sender = sender_new(config->sending);
	account->keeps_sent = config->keeps_sent;
	account->report = (struct reporter){ ui, account->name };
	account->in = in;
	account->folders = folders_new();
	account->manage = manage_new();
	account->standing = standing_new();
	account->arrivals = arrivals_new();
	account->wire = wire_new(&account->report);
	g_queue_init(&account->fetches);
	g_queue_init(&account->checks);
	g_queue_init(&account->looks);
	return account;
}

void account_free(struct account *account)
{
	g_clear_pointer(&account->folders, folders_free);
	g_clear_pointer(&account->manage, manage_free);
	g_clear_pointer(&account->standing, standing_free);
	g_clear_pointer(&account->arrivals, arrivals_free);
	wire_free(account->wire);
	sender_free(account->sender);
	g_ptr_array_unref(account->links);
	g_clear_pointer(&account->renames, g_ptr_array_unref);
	g_free(account->name);
	g_free(account->cache_dir);
	g_free(account->tunnel);
	g_free(account->user);
	g_free(account->host);
	g_free(account->first_mailbox);
	g_free(account->reason);
	g_free(account->authenticators);
	g_free(account->ca_file);
	g_free(account->client_certificate);
	g_free(account->state_dir);
	g_free(account->accepted_key);
	g_free(account);
}
