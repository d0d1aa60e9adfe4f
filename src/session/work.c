/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "body.h"
#include "box.h"
#include "flags.h"
#include "folders.h"
#include "idle.h"
#include "limits.h"
#include "link.h"
#include "work.h"

/* It makes what follows wait: not before the first screen was asked for. */
static bool compress_early(struct account *account)
{
	return link_asked_rows(account->link) && link_compress(account->link);
}

static bool compress_late(struct account *account)
{
	return link_compress(account->link);
}

/* In order of urgency. 'alone': not held back by what is in flight. */
static const struct {
	bool (*step)(struct account *account);
	bool alone;
} work_steps[] = {
	{ select_step, true },
	{ body_step, true },
	{ flags_step, true },
	{ news_step, false },
	{ check_step, false },
	{ sync_step, false },
	{ compress_early, false },
	{ fill_step, false },
	{ folders_step, false },
	{ compress_late, false },
};

static bool work_is_possible(const struct account *account)
{
	return account->link != NULL &&
	       link_state(account->link) == LINK_READY && !account->quitting;
}

static bool work_start_one(struct account *account)
{
	bool full = link_in_flight(account->link) >= LIMIT_IN_FLIGHT;

	for (size_t i = 0; i < G_N_ELEMENTS(work_steps); i++) {
		if (full && !work_steps[i].alone)
			continue;
		if (work_steps[i].step(account))
			return true;
	}
	return false;
}

void work_pump(struct account *account)
{
	if (account->pumping)
		return;
	account->pumping = true;
	while (work_is_possible(account) && work_start_one(account))
		;
	account->pumping = false;
	if (work_is_possible(account))
		idle_settle(account);
}

void work_check(struct account *account)
{
	account->check_due = true;
	folders_check(account);
}
