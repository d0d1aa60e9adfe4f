# SPDX-License-Identifier: GPL-3.0-or-later
# Catalogues. A new language LANG is po/LANG.po, a word in PO_LANGUAGES and
# two lines like those of German. Below the build tree the compiled ones have
# the layout that bindtextdomain() expects, so that tests can use them there.
PO_LANGUAGES = de

podedir = $(localedir)/de/LC_MESSAGES
pode_DATA = po/de/LC_MESSAGES/smew.mo

PO_FILES = $(PO_LANGUAGES:%=po/%.po)
MO_FILES = $(PO_LANGUAGES:%=po/%/LC_MESSAGES/smew.mo)
EXTRA_DIST += $(PO_FILES)
CLEANFILES += $(MO_FILES) po/smew.pot po/POTFILES

po/%/LC_MESSAGES/smew.mo: po/%.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MSGFMT) --check -o $@ $<

# For maintainers: needs xgettext and msgmerge, changes po/*.po in the sources.
update-po:
	$(MKDIR_P) po
	cd $(srcdir) && find src include -name '*.[ch]' | LC_ALL=C sort \
		>$(abs_builddir)/po/POTFILES
	cd $(srcdir) && xgettext --from-code=UTF-8 --language=C --add-location=file \
		--keyword=_ --keyword=N_ --keyword=ngettext:1,2 \
		--flag=ngettext:1:pass-c-format --flag=ngettext:2:pass-c-format \
		--add-comments=TRANSLATORS: --copyright-holder='the smew authors' \
		--package-name=$(PACKAGE_NAME) \
		--package-version=$(PACKAGE_VERSION) \
		--files-from=$(abs_builddir)/po/POTFILES \
		--output=$(abs_builddir)/po/smew.pot
	cd $(srcdir) && for file in $(PO_FILES); do \
		msgmerge --quiet --update --backup=none --no-fuzzy-matching $$file \
			$(abs_builddir)/po/smew.pot || exit 1; \
	done
.PHONY: update-po
