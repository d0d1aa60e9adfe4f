# SPDX-License-Identifier: GPL-3.0-or-later
dist_man_MANS += man/smewrc.5
dist_man_MANS += man/smew.1
