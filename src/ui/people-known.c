/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is known from the mail: whom one wrote to, and who wrote. The more often
 * and the later, the sooner they are offered.
 */
#include "config.h"

#include <string.h>

#include "people.h"

enum {
	HALF_LIFE_DAYS = 90, /* after that a message counts half */
	KNOWN_MAX = 2000,
	DAY = 24 * 3600,
};
/* Who only wrote comes behind whom one answered. */
#define WEIGHT_WRITTEN_TO 1.0
#define WEIGHT_WROTE 0.02

/* From the view's answer, by a worker, back as a list. */
struct ranking {
	struct app_job job; /* APP_PEOPLE */
	char *account;
	GArray *list;	    /* of struct view_person */
	GPtrArray *people;  /* of struct known_person */
};

struct candidate {
	char *name, *email; /* owned */
	double weight;
	int64_t named; /* when the name was used */
};

static void known_free(gpointer data)
{
	struct known_person *person = data;

	g_free(person->text);
	g_free(person->folded);
	g_free(person);
}

static void candidate_free(gpointer data)
{
	struct candidate *c = data;

	g_free(c->name);
	g_free(c->email);
	g_free(c);
}

/* ---- in a worker ---- */

static double weight_of(const struct view_person *person, int64_t now)
{
	double days = (double)MAX(now - person->when, 0) / DAY;

	return (person->written_to ? WEIGHT_WRITTEN_TO : WEIGHT_WROTE) *
	       HALF_LIFE_DAYS / (HALF_LIFE_DAYS + days);
}

/* The last name that an address was used with is the one to be offered. */
static void count(GHashTable *all, const struct mail_address *a,
		  const struct view_person *person, int64_t now)
{
	g_autofree char *key = g_ascii_strdown(a->email, -1);
	struct candidate *c = g_hash_table_lookup(all, key);

	if (c == NULL) {
		c = g_new0(struct candidate, 1);
		c->email = g_strdup(a->email);
		c->name = g_strdup("");
		c->named = G_MININT64;
		g_hash_table_insert(all, g_steal_pointer(&key), c);
	}
	c->weight += weight_of(person, now);
	if (*a->name != '\0' && person->when > c->named) {
		g_free(c->name);
		c->name = g_strdup(a->name);
		c->named = person->when;
	}
}

static gint by_weight(gconstpointer a, gconstpointer b)
{
	const struct candidate *x = *(const struct candidate *const *)a;
	const struct candidate *y = *(const struct candidate *const *)b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->email, y->email);
}

static struct known_person *known_new(const struct candidate *c)
{
	struct known_person *person = g_new0(struct known_person, 1);
	g_autoptr(GPtrArray) one = mail_addresses_new();
	g_autofree char *plain = g_strconcat(c->name, " ", c->email, NULL);

	mail_addresses_add(one, c->name, c->email);
	person->text = mail_addresses_text(one);
	person->folded = g_utf8_casefold(plain, -1);
	return person;
}

static void collect(struct ranking *ranking, GHashTable *all)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	GHashTableIter iter;
	gpointer c;

	g_hash_table_iter_init(&iter, all);
	while (g_hash_table_iter_next(&iter, NULL, &c))
		g_ptr_array_add(sorted, c);
	g_ptr_array_sort(sorted, by_weight);
	for (guint i = 0; i < MIN(sorted->len, KNOWN_MAX); i++)
		g_ptr_array_add(ranking->people,
				known_new(g_ptr_array_index(sorted, i)));
}

static void rank(struct app_job *job)
{
	struct ranking *ranking = (struct ranking *)job;
	g_autoptr(GHashTable) all = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, candidate_free);
	int64_t now = g_get_real_time() / G_USEC_PER_SEC;

	for (guint i = 0; i < ranking->list->len; i++) {
		const struct view_person *person = &g_array_index(
			ranking->list, struct view_person, i);
		g_autoptr(GPtrArray) list =
			mail_addresses_read(person->addresses);

		for (guint k = 0; k < list->len; k++) {
			const struct mail_address *a =
				g_ptr_array_index(list, k);

			if (strchr(a->email, '@') != NULL)
				count(all, a, person, now);
		}
	}
	collect(ranking, all);
}

static void ranking_free(struct post *post)
{
	struct ranking *ranking = (struct ranking *)post;

	g_free(ranking->account);
	g_array_unref(ranking->list);
	g_ptr_array_unref(ranking->people);
	g_free(ranking);
}

/* ---- in the UI thread ---- */

void people_ask(struct account *account)
{
	if (account->people_request == 0)
		account->people_request = view_people(account->view);
}

bool people_answer(struct app *app, struct view_people *answer)
{
	struct account *account = account_find(app, answer->account);
	struct ranking *ranking;

	if (account == NULL || answer->request != account->people_request)
		return false;
	account->people_request = 0;
	ranking = g_new0(struct ranking, 1);
	ranking->job.post.kind = APP_PEOPLE;
	ranking->job.post.release = ranking_free;
	ranking->job.work = rank;
	ranking->account = g_strdup(answer->account);
	ranking->list = g_array_ref(answer->list);
	ranking->people = g_ptr_array_new_with_free_func(known_free);
	app_start_job(app, &ranking->job);
	return true;
}

void people_ranked(struct app *app, struct post *post)
{
	struct ranking *ranking = (struct ranking *)post;
	struct account *account = account_find(app, ranking->account);

	if (account != NULL) {
		g_clear_pointer(&account->people, g_ptr_array_unref);
		account->people = g_ptr_array_ref(ranking->people);
	}
	post_free(post);
}

/* At the beginning of a word of the name or the address. */
static bool is_meant(const struct known_person *person, const char *folded)
{
	const char *at = person->folded;

	while ((at = strstr(at, folded)) != NULL) {
		if (at == person->folded || !g_ascii_isalnum(at[-1]))
			return true;
		at++;
	}
	return false;
}

static void match(const GPtrArray *people, const char *folded,
		  GPtrArray *found)
{
	for (guint i = 0; people != NULL && i < people->len; i++) {
		const struct known_person *person =
			g_ptr_array_index(people, i);

		if (is_meant(person, folded))
			g_ptr_array_add(found, g_strdup(person->text));
	}
}

void people_match(const struct app *app, const char *typed, GPtrArray *found)
{
	g_autofree char *folded = g_utf8_casefold(typed, -1);

	/* Of nothing typed, everybody would be meant. */
	if (*folded == '\0')
		return;
	for (guint i = 0; i < app->accounts->len; i++)
		match(((struct account *)g_ptr_array_index(app->accounts, i))
			      ->people,
		      folded, found);
}
