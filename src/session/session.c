/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The UI thread's side: requests go into the postbox of the thread. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "account.h"
#include "parcel.h"
#include "report.h"
#include "request.h"
#include "smew/session.h"

struct session {
	pthread_t owner;	/* the thread that may make calls */
	pthread_t thread;
	struct postbox *in;	/* owned */
	struct account *account; /* owned; used by the thread alone */
	char *name;		/* owned: the account's */
	char *identity;		/* owned: of its server */
	struct reporter report;
	uint32_t last_request, last_watch;
	int failure;		/* errno: there is no thread */
};

char *session_identity(const char *user, const char *host, uint16_t port,
		       const char *tunnel)
{
	return g_strdup_printf("user=%s host=%s port=%u tunnel=%s",
			       user != NULL ? user : "",
			       host != NULL ? host : "", port,
			       tunnel != NULL ? tunnel : "");
}

static void session_assert_owner(const struct session *session)
{
#ifdef SMEW_DEBUG
	g_assert_true(pthread_equal(session->owner, pthread_self()));
#else
	(void)session;
#endif
}

static void *session_run(void *data)
{
	account_run(data);
	return NULL;
}

/* Signals are the UI thread's business; a broken pipe is an error number. */
static int session_start_thread(struct session *session)
{
	sigset_t all, old;
	int failure;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	failure = pthread_create(&session->thread, NULL, session_run,
				 session->account);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return failure;
}

struct session *session_new(const struct session_config *config,
			    struct postbox *ui)
{
	struct session *session = g_new0(struct session, 1);
	g_autofree char *reason = NULL;

	session->owner = pthread_self();
	session->name = g_strdup(config->account);
	session->identity = session_identity(config->user, config->host,
					     config->port, config->tunnel);
	session->in = postbox_new();
	session->report = (struct reporter){ ui, session->name };
	session->account = account_new(config, session->in, ui);
	session->failure = session_start_thread(session);
	if (session->failure != 0) {
		reason = g_strdup_printf(_("cannot start a thread: %s"),
					 g_strerror(session->failure));
		report_state(&session->report, SESSION_OFFLINE, reason, 0,
			     false, SESSION_UNCONNECTED);
	}
	return session;
}

/* Takes the request and gives it its id. */
static uint32_t session_send(struct session *session, struct request *request)
{
	uint32_t id;

	session_assert_owner(session);
	if (++session->last_request == 0)
		session->last_request = 1;
	id = request->id = session->last_request;
	if (session->failure == 0) {
		postbox_push(session->in, &request->post);
		return id;
	}
	report_done(&session->report, id, SESSION_FAILED,
		    g_strerror(session->failure));
	request_free(request);
	return id;
}

static uint32_t session_ask(struct session *session, enum request_kind kind,
			    const char *mailbox, const int64_t *ids, size_t n)
{
	return session_send(session, request_new(kind, 0, mailbox, ids, n));
}

void session_free(struct session *session)
{
	struct request *quit;

	if (session == NULL)
		return;
	session_assert_owner(session);
	if (session->failure == 0) {
		quit = request_new(REQUEST_QUIT, 0, NULL, NULL, 0);
		postbox_push(session->in, &quit->post);
		pthread_join(session->thread, NULL);
	}
	account_free(session->account);
	postbox_free(session->in);
	g_free(session->name);
	g_free(session->identity);
	g_free(session);
}

uint32_t session_open(struct session *session, const char *mailbox)
{
	return session_ask(session, REQUEST_OPEN, mailbox, NULL, 0);
}

uint32_t session_look(struct session *session, const char *mailbox)
{
	return session_ask(session, REQUEST_LOOK, mailbox, NULL, 0);
}

uint32_t session_fetch(struct session *session, const char *mailbox, int64_t id)
{
	return session_ask(session, REQUEST_FETCH, mailbox, &id, 1);
}

uint32_t session_fetch_whole(struct session *session, const char *mailbox,
			     int64_t id)
{
	const int64_t ids[] = { id, id };

	/* The id twice stands for all of it: body_request(). */
	return session_ask(session, REQUEST_FETCH, mailbox, ids, 2);
}

static void copy_parts(struct request *request, const struct session_act *act)
{
	request->parts = g_new0(struct request_part, act->n_parts);
	request->n_parts = act->n_parts;
	for (size_t i = 0; i < act->n_parts; i++) {
		const struct session_part *part = &act->parts[i];

		request->parts[i] = (struct request_part){
			.ids = g_memdup2(part->ids,
					 part->n * sizeof(*part->ids)),
			.n = part->n,
			.target = g_strdup(part->target),
		};
	}
}

uint32_t session_act(struct session *session, const struct session_act *act)
{
	struct request *request = request_new(REQUEST_ACT, 0, act->mailbox,
					      act->ids, act->n);

	request->verb = (int)act->verb;
	request->opposite = g_memdup2(act->opposite, act->n_opposite *
						     sizeof(*act->opposite));
	request->n_opposite = act->n_opposite;
	copy_parts(request, act);
	request->add = act->add;
	request->del = act->del;
	request->target = act->to != NULL && act->target != NULL
				  ? journal_abroad(act->to->name, act->target)
				  : g_strdup(act->target);
	request->what = g_strdup(act->what);
	request->labels = g_strdup(act->labels != NULL ? act->labels : "");
	request->key = act->to != NULL ? g_strdup(act->to->identity) : NULL;
	return session_send(session, request);
}

struct session_parcel *session_hand_on(struct session *session,
				       struct session_parcel *parcel)
{
	if (session != NULL && session->failure == 0) {
		session_assert_owner(session);
		parcel->post.kind = REQUEST_PARCEL;
		postbox_push(session->in, &parcel->post);
		return NULL;
	}
	if (!parcel->answer && parcel->kind != PARCEL_ONLINE) {
		parcel_answer(parcel, PARCEL_REFUSED,
			      _("there is no such account"));
		return parcel;
	}
	parcel_free(parcel);
	return NULL;
}

uint32_t session_folder(struct session *session,
			const struct session_folder *folder)
{
	struct request *request = request_new(REQUEST_FOLDER, 0,
					      folder->mailbox, NULL, 0);

	request->verb = (int)folder->verb;
	request->target = g_strdup(folder->name);
	request->add = folder->role;
	request->del = folder->count;
	request->quiet = folder->quiet;
	return session_send(session, request);
}

uint32_t session_undo(struct session *session, bool redo)
{
	const int64_t one = 1;

	return session_ask(session, REQUEST_UNDO, NULL, &one, redo ? 1 : 0);
}

uint32_t session_halt(struct session *session)
{
	return session_ask(session, REQUEST_HALT, NULL, NULL, 0);
}

uint32_t session_ask_actions(struct session *session)
{
	return session_ask(session, REQUEST_ACTIONS, NULL, NULL, 0);
}

uint32_t session_undo_step(struct session *session, int64_t step)
{
	return session_ask(session, REQUEST_UNDO_STEP, NULL, &step, 1);
}

uint32_t session_again(struct session *session, int64_t entry, bool give_up)
{
	struct request *request =
		request_new(REQUEST_AGAIN, 0, NULL, &entry, 1);

	request->add = give_up;
	return session_send(session, request);
}

uint32_t session_offline(struct session *session, bool offline)
{
	const int64_t one = 1;

	return session_ask(session, REQUEST_OFFLINE, NULL, &one,
			   offline ? 1 : 0);
}

uint32_t session_send_mail(struct session *session,
			   const struct outbox_mail *mail)
{
	struct request *request = request_new(REQUEST_SEND, 0, NULL, NULL, 0);

	request->mail = outbox_mail_copy(mail);
	return session_send(session, request);
}

uint32_t session_outgoing(struct session *session, enum session_outgoing what,
			  int64_t item, int64_t not_before)
{
	struct request *request =
		request_new(REQUEST_OUTGOING, 0, NULL, &item, 1);

	request->verb = (int)what;
	request->at = not_before;
	return session_send(session, request);
}

uint32_t session_ask_outbox(struct session *session)
{
	return session_ask(session, REQUEST_OUTBOX, NULL, NULL, 0);
}

uint32_t session_check(struct session *session)
{
	return session_ask(session, REQUEST_CHECK, NULL, NULL, 0);
}

uint32_t session_reconnect(struct session *session)
{
	return session_ask(session, REQUEST_RECONNECT, NULL, NULL, 0);
}

uint32_t session_stop(struct session *session)
{
	return session_ask(session, REQUEST_STOP, NULL, NULL, 0);
}

uint32_t session_oldest(struct session *session, const char *mailbox)
{
	return session_ask(session, REQUEST_OLDEST, mailbox, NULL, 0);
}

void session_wake(struct session *session)
{
	struct request *wake = request_new(REQUEST_WAKE, 0, NULL, NULL, 0);

	session_assert_owner(session);
	postbox_push(session->in, &wake->post);
}

static void answer_password(struct session *session, enum request_kind kind,
			    struct secret *password)
{
	struct request *answer = request_new(kind, 0, NULL, NULL, 0);

	session_assert_owner(session);
	answer->secret = password;
	postbox_push(session->in, &answer->post);
}

void session_password(struct session *session, struct secret *password)
{
	answer_password(session, REQUEST_PASSWORD, password);
}

void session_sending_password(struct session *session, struct secret *password)
{
	answer_password(session, REQUEST_SENDING_PASSWORD, password);
}

static void answer_certificate(struct session *session, enum request_kind kind,
			       const char *key, enum session_trust trust)
{
	struct request *answer = request_new(kind, 0, NULL, NULL, 0);

	session_assert_owner(session);
	answer->key = g_strdup(key);
	answer->trust = (int)trust;
	postbox_push(session->in, &answer->post);
}

void session_certificate(struct session *session, const char *key,
			 enum session_trust trust)
{
	answer_certificate(session, REQUEST_TRUST, key, trust);
}

void session_sending_certificate(struct session *session, const char *key,
				 enum session_trust trust)
{
	answer_certificate(session, REQUEST_SENDING_TRUST, key, trust);
}

uint32_t session_watch_wire(struct session *session, bool on)
{
	uint32_t watch = 0;

	session_assert_owner(session);
	if (on && ++session->last_watch == 0)
		session->last_watch = 1;
	if (on)
		watch = session->last_watch;
	postbox_push(session->in,
		     &request_new(REQUEST_WATCH, watch, NULL, NULL, 0)->post);
	return watch;
}

void session_ask_connections(struct session *session)
{
	session_assert_owner(session);
	postbox_push(session->in,
		     &request_new(REQUEST_CONNECTIONS, 0, NULL, NULL, 0)->post);
}

void session_cancel(struct session *session, uint32_t request)
{
	struct request *cancel;

	session_assert_owner(session);
	if (session->failure != 0)
		return;
	cancel = request_new(REQUEST_CANCEL, request, NULL, NULL, 0);
	postbox_push(session->in, &cancel->post);
}
