/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be done in the open mailbox (RFC 4314), and what room is left. */
#ifndef SMEW_UI_RIGHTS_H
#define SMEW_UI_RIGHTS_H

#include "app.h"
#include "selection.h"

void rights_got(struct account *account, const char *mailbox,
		const char *letters);
void rights_got_quota(struct account *account,
		      const struct session_quota *quota);
void rights_release(struct account *account);

/* What may not be done, for the status line: "read-only", "no deleting" ...;
 * "" when all may be done or nothing is known. Owned. */
char *rights_text(const struct app *app);
/* The quota of the open mailbox; NULL: none is known. */
const struct account_quota *rights_quota(const struct app *app);
/* Says why not, unless nobody asked for it. */
bool rights_allow(struct app *app, const struct deed *deed);

#endif
