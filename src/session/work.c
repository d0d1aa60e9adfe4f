/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "actions.h"
#include "arrival.h"
#include "body.h"
#include "box.h"
#include "folders.h"
#include "idle.h"
#include "limits.h"
#include "links.h"
#include "manage.h"
#include "outgoing.h"
#include "standing.h"
#include "work.h"

/* It makes what follows wait: last in the flight that asks for the first
 * screen and for what else there is. */
static bool compress_early(struct link *link)
{
	return link_asked_rows(link) && link_compress(link);
}

/* An extra one has no first screen to show. */
static bool compress_extra(struct link *link)
{
	return link_is_extra(link) && link_compress(link);
}

/* What SELECT brings may have to be asked for first. */
static bool compress_late(struct link *link)
{
	const struct box *box = link_box(link);

	return (box == NULL || box->state >= BOX_READY) && link_compress(link);
}

/* In order of urgency. 'alone': not held back by what is in flight. */
static const struct {
	bool (*step)(struct link *link);
	bool alone;
} work_steps[] = {
	{ compress_extra, true },
	{ select_step, true },
	{ body_step, true },
	{ actions_step, true },
	{ filing_step, true },
	{ arrival_step, true },
	{ news_step, false },
	{ check_step, false },
	{ sync_step, false },
	{ compress_early, true },
	{ fill_step, false },
	{ notify_step, false },
	{ standing_step, false },
	{ folders_step, false },
	{ compress_late, false },
};

static bool is_ready(const struct link *link)
{
	return link_state(link) == LINK_READY;
}

/* Portions of a fill have a limit of their own. */
bool work_is_full(const struct link *link)
{
	const struct box *box = link_box(link);
	unsigned filling = box != NULL ? box->filling : 0;

	return link_in_flight(link) >= LIMIT_IN_FLIGHT + filling;
}

static bool work_start_one(struct link *link)
{
	bool full = work_is_full(link);

	if (manage_step(link))
		return true;
	if (manage_drains(link))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(work_steps); i++) {
		if (full && !work_steps[i].alone)
			continue;
		if (work_steps[i].step(link))
			return true;
	}
	return false;
}

/* A connection that fails meanwhile leaves the list later, from the loop. */
static bool work_start(struct account *account)
{
	bool any = links_settle(account);

	for (guint i = 0; i < account->links->len; i++) {
		struct link *link = g_ptr_array_index(account->links, i);

		while (is_ready(link) && work_start_one(link))
			any = true;
	}
	return any;
}

static void pause_over(void *user)
{
	work_pump(user);
}

void work_pause(struct account *account, unsigned milliseconds,
		const char *why)
{
	unsigned twice = 1000u << MIN(account->refusals, 6);
	unsigned ms = MAX(milliseconds, MIN(twice, LIMIT_PAUSE));
	g_autofree char *line = NULL;

	account->refusals++;
	account->paused_until = g_get_monotonic_time() + (int64_t)ms * 1000;
	timer_start(&account->pause_timer, ms, pause_over, account);
	log_line(LOG_STATE, "session", "%s: nothing is sent for %u ms",
		 account->name, ms);
	if (why == NULL)
		return;
	line = g_strdup_printf(_("the server wants to be asked less; going on "
				 "in %u s: %s"),
			       (ms + 999) / 1000, why);
	report_notice(&account->report, NULL, line);
}

static bool is_paused(const struct account *account)
{
	return g_get_monotonic_time() < account->paused_until;
}

void work_pump(struct account *account)
{
	if (account->pumping || account->quitting || is_paused(account))
		return;
	account->pumping = true;
	while (work_start(account))
		;
	account->pumping = false;
	for (guint i = 0; i < account->links->len; i++) {
		struct link *link = g_ptr_array_index(account->links, i);

		if (is_ready(link))
			idle_settle(link);
	}
}

void work_check(struct account *account)
{
	for (guint i = 0; i < account->links->len; i++) {
		struct link *link = g_ptr_array_index(account->links, i);

		if (link_box(link) != NULL || link == links_main(account))
			idle_check(link);
	}
	if (account->box != NULL)
		sync_go_on(account->box);
	folders_check(account);
	standing_changed(account);
}
