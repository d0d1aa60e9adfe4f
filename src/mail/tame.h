/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tame: HTML that libxml2 can read in linear time. */
#ifndef SMEW_MAIL_TAME_H
#define SMEW_MAIL_TAME_H

#include <stddef.h>

/*
 * Blanks out, in place, the attributes of a tag beyond the first 100. The
 * parser compares each attribute of a tag with all before it: a megabyte of
 * them in one tag would take it minutes.
 */
void tame_attributes(char *html, size_t length);

#endif
