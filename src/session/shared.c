/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "account.h"
#include "box.h"
#include "filewatch.h"
#include "report.h"
#include "shared.h"

static void tell(const struct account *account, const struct box *box)
{
	if (box != NULL)
		report_change(&account->report, SESSION_MAILBOX_CHANGED,
			      box->name);
}

/* What this process wrote itself is known already. */
static void written(void *user)
{
	struct account *account = user;

	if (account->store == NULL || !store_changed(account->store))
		return;
	tell(account, account->box);
	tell(account, account->inbox);
	report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
}

void shared_open(struct account *account)
{
	store_changed(account->store);
	account->shared = filewatch_new(account->cache_dir, "cache.db", written,
					account);
}

void shared_close(struct account *account)
{
	filewatch_free(account->shared);
	account->shared = NULL;
}
