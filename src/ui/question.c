/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "message.h"
#include "prompt.h"
#include "question.h"
#include "viewer.h"

void question_add(struct app *app, struct post *post)
{
	g_queue_push_tail(&app->questions, post);
	question_next(app);
}

static struct session *session_named(struct app *app, const char *name)
{
	struct account *account = account_find(app, name);

	return account != NULL ? account->session : NULL;
}

/* ---- passwords ---- */

static void password_given(struct app *app, const char *answer, void *user)
{
	struct session_password_wanted *wanted = user;
	struct session *session = session_named(app, wanted->account);
	bool given = answer != NULL && *answer != '\0';
	struct secret *secret = given && session != NULL
					? secret_new(answer, -1)
					: NULL;

	if (session != NULL && wanted->sending)
		session_sending_password(session, secret);
	else if (session != NULL)
		session_password(session, secret);
	post_free(&wanted->post);
	question_next(app);
}

static void ask_password(struct app *app,
			 struct session_password_wanted *wanted)
{
	g_autofree char *label = g_strdup_printf(
		wanted->sending ? _("Password for sending as %s@%s: ")
				: _("Password for %s@%s: "),
		wanted->user, wanted->host);
	g_autofree char *again =
		wanted->words != NULL
			? g_strdup_printf("%s - %s", wanted->words, label)
			: NULL;
	const struct prompt_line line = {
		.label = again != NULL ? again : label,
		.secret = true,
		.history = HISTORY_NONE,
		.done = password_given,
		.user = wanted,
	};

	prompt_ask(app, &line);
}

/* ---- certificates ---- */

static void certificate_answered(struct app *app, const char *answer,
				 void *user)
{
	struct session_certificate_refused *refused = user;
	struct session *session = session_named(app, refused->account);
	/* TRANSLATORS: the letters of (o)nce and (a)lways. */
	const char *once = _("oO"), *always = _("aA");
	enum session_trust trust = SESSION_TRUST_NO;

	if (answer != NULL && *answer != '\0' && strchr(once, *answer))
		trust = SESSION_TRUST_ONCE;
	else if (answer != NULL && *answer != '\0' && strchr(always, *answer))
		trust = SESSION_TRUST_ALWAYS;
	viewer_close(app);
	if (session != NULL && refused->sending)
		session_sending_certificate(session, refused->key, trust);
	else if (session != NULL)
		session_certificate(session, refused->key, trust);
	post_free(&refused->post);
	question_next(app);
}

static void add_fact(struct text *text, const char *name, const char *value)
{
	g_autofree char *line = NULL;

	if (value == NULL || *value == '\0')
		return;
	line = g_strdup_printf("  %s %s", name, value);
	text_append(text, TEXT_PLAIN, line);
}

static void ask_certificate(struct app *app,
			    struct session_certificate_refused *refused)
{
	struct text *text = text_new();
	g_autofree char *head = g_strdup_printf(
		_("The server %s, port %u, cannot be trusted:"), refused->host,
		(unsigned)refused->port);

	text_append(text, TEXT_PLAIN, "");
	text_append(text, TEXT_TITLE, head);
	text_append(text, TEXT_TITLE, refused->reason);
	text_append(text, TEXT_PLAIN, "");
	add_fact(text, _("Belongs to:   "), refused->subject);
	add_fact(text, _("Names:        "), refused->names);
	add_fact(text, _("Signed by:    "), refused->issuer);
	add_fact(text, _("Valid from:   "), refused->not_before);
	add_fact(text, _("Valid until:  "), refused->not_after);
	add_fact(text, _("SHA-256:      "), refused->fingerprint);
	add_fact(text, _("Key:          "), refused->key);
	add_fact(text, _("Accepted key: "), refused->pinned_key);
	text_append(text, TEXT_PLAIN, "");
	text_append(text, TEXT_PLAIN,
		    _("Nothing was sent to it. Accept it only if the owner of "
		      "the server told you this fingerprint."));
	viewer_open(app, _("Certificate"), text);
	prompt_one_key(app,
		       _("(n)o, accept (o)nce, accept (a)lways? [n] "),
		       certificate_answered, refused);
}

void question_next(struct app *app)
{
	struct post *post;

	if (app->prompt != NULL || app->ending)
		return;
	post = g_queue_pop_head(&app->questions);
	if (post == NULL)
		return;
	if (post->kind == SESSION_PASSWORD)
		ask_password(app, (struct session_password_wanted *)post);
	else
		ask_certificate(app,
				(struct session_certificate_refused *)post);
}
