# SPDX-License-Identifier: GPL-3.0-or-later
UNIT_TESTS += tests/unit/test-net
tests_unit_test_net_SOURCES = tests/unit/test-net.c
tests_unit_test_net_LDADD = libsmew-net.a libsmew-base.a $(UNIT_LIBS) \
	$(OPENSSL_LIBS) $(GSASL_LIBS) $(ZLIB_LIBS)
UNIT_TESTS += tests/unit/test-net-tls
tests_unit_test_net_tls_SOURCES = tests/unit/test-net-tls.c
tests_unit_test_net_tls_LDADD = $(tests_unit_test_net_LDADD)
UNIT_TESTS += tests/unit/test-net-watch
tests_unit_test_net_watch_SOURCES = tests/unit/test-net-watch.c
tests_unit_test_net_watch_LDADD = $(tests_unit_test_net_LDADD)
UNIT_TESTS += tests/unit/test-net-sasl
tests_unit_test_net_sasl_SOURCES = tests/unit/test-net-sasl.c
tests_unit_test_net_sasl_LDADD = $(tests_unit_test_net_LDADD)
UNIT_TESTS += tests/unit/test-net-binding
tests_unit_test_net_binding_SOURCES = tests/unit/test-net-binding.c
tests_unit_test_net_binding_LDADD = $(tests_unit_test_net_LDADD)
