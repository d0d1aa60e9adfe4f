/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people: whom the cached mail went to and came from. */
#ifndef SMEW_STORE_PEOPLE_H
#define SMEW_STORE_PEOPLE_H

#include "smew/store.h"
#include "sql.h"

/* An empty answer. */
struct view_people *people_answer_new(void);
/* Fills 'list', the newest of each kind first. */
bool people_read(struct sql *sql, GArray *list);

#endif
