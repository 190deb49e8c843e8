/* From the configuration to what the carriers know of it: what each transport may do, and where to. */
#include <string.h>
#include <unistd.h>

#include "flow/question.h"
#include "flow/table.h"
#include "policy_conf.h"
#include "table_build.h"

#define BACKENDS                                                                                   \
	"[backend a]\nserver = 192.0.2.1:1, [2001:db8::1]:1\n"                                     \
	"[backend b]\nserver = 192.0.2.2:1\nidle = 5s\n"

/* The table of a configuration, for table_unmap(). */
static const struct table *build(const char *text)
{
	struct config *config = conf_good(text);
	uint16_t zeros[64] = { 0 };
	const struct ledger_numbers numbers = {
		.diverts = zeros, .routes = zeros, .servers = zeros, .probes = zeros
	};
	const struct table *t;
	struct route_index *index;
	int fd;

	assert_int_equal(route_index_new(&index, config), 0);
	fd = table_build(config, index, &numbers, 100);
	assert_true(fd >= 0);
	assert_int_equal(table_map(&t, fd), 0);
	(void)close(fd);
	route_index_free(index);
	config_free(config);
	return t;
}

static void expect_target(const struct table_target *t, unsigned action, unsigned backend)
{
	assert_int_equal(t->action, action);
	assert_int_equal(t->backend, backend);
}

static void test_transports(void **state)
{
	const struct table *t = build("[divert t]\ntcp = 1\n[divert u]\nudp = 1\n"
				      "[divert both]\ntcp = 2\nudp = 2\n" BACKENDS);

	(void)state;
	assert_int_equal(t->divert_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct table_divert *d = table_divert(t, i);

		assert_int_equal(d->has_tcp, i != 1);
		assert_int_equal(d->has_udp, i != 0);
		expect_target(&d->unknown, ANSWER_REJECT, TABLE_NONE);
		expect_target(&d->unknown_udp, ANSWER_DROP, TABLE_NONE);
		assert_int_equal(d->direct_route, TABLE_NONE);
		/* no route takes datagrams: nobody need be asked about them */
		assert_int_equal(d->direct_udp_route, ANSWER_ROUTE_UNKNOWN);
		expect_target(&d->direct_udp, ANSWER_DROP, TABLE_NONE);
		assert_false(d->may_original);
		assert_false(table_divert_may(t, d, 0));
	}
	table_unmap(t);
}

static void test_unknown(void **state)
{
	const struct table *t = build("[divert b]\nudp = 1\ntcp = 1\nunknown = b\n"
				      "[divert o]\nudp = 2\nunknown = original\n" BACKENDS);
	const struct table_divert *b = table_divert(t, 0);
	const struct table_divert *o = table_divert(t, 1);

	(void)state;
	expect_target(&b->unknown, ANSWER_BACKEND, 1);
	expect_target(&b->unknown_udp, ANSWER_BACKEND, 1);
	assert_true(table_divert_may(t, b, 1));
	assert_false(table_divert_may(t, b, 0));
	assert_false(b->may_original);
	expect_target(&o->unknown_udp, ANSWER_ORIGINAL, TABLE_NONE);
	assert_true(o->may_original);
	table_unmap(t);
}

/* A route that takes all datagrams need not be one that takes all streams. */
static void test_direct(void **state)
{
	const struct table *t = build("[divert d]\ntcp = 1\nudp = 1\n"
				      "[route web]\nprotocol = tls\nbackend = a\n"
				      "[route rest]\nbackend = b\n" BACKENDS);
	const struct table_divert *d = table_divert(t, 0);

	(void)state;
	assert_int_equal(d->direct_route, TABLE_NONE);
	assert_int_equal(d->direct_udp_route, 1);
	expect_target(&d->direct_udp, ANSWER_BACKEND, 1);
	assert_true(table_divert_may(t, d, 0));
	table_unmap(t);
	t = build("[divert d]\ntcp = 1\nudp = 1\n[route rest]\nbackend = drop\n");
	d = table_divert(t, 0);
	assert_int_equal(d->direct_route, 0);
	assert_int_equal(d->direct_udp_route, 0);
	expect_target(&d->direct, ANSWER_DROP, TABLE_NONE);
	expect_target(&d->direct_udp, ANSWER_DROP, TABLE_NONE);
	table_unmap(t);
}

static void test_backends(void **state)
{
	const struct table *t = build("[divert d]\nudp = 1\n" BACKENDS);

	(void)state;
	assert_int_equal(t->backend_count, 2);
	assert_int_equal(table_backend(t, 0)->server_count, 2);
	assert_int_equal(table_backend(t, 0)->idle_ms, 3600000);
	assert_int_equal(table_backend(t, 0)->idle_udp_ms, 60000);
	assert_int_equal(table_backend(t, 1)->first_server, 2);
	assert_int_equal(table_backend(t, 1)->idle_ms, 5000);
	assert_int_equal(table_backend(t, 1)->idle_udp_ms, 5000);
	table_unmap(t);
}

/* Where both ways lead to one place, a client that says nothing is not kept by the kernel either. */
static void test_deferred(void **state)
{
	static const struct {
		const char *text;
		uint32_t deferred_ms;
	} cases[] = {
		{ "[divert d]\ntcp = 1\n", 1000 },
		{ "[divert d]\ntcp = 1\nwait = 1900ms\n", 0 },
		{ "[divert d]\ntcp = 1\n[route r]\nbackend = drop\n", 1000 },
		{ "[divert d]\ntcp = 1\nsilent = drop\n[route r]\nbackend = drop\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct table *t = build(cases[i].text);

		assert_int_equal(table_divert(t, 0)->deferred_ms, cases[i].deferred_ms);
		table_unmap(t);
	}
}

/* All of them have their place, for the sniffer knows them by it; programs are told from the others. */
static void test_probes(void **state)
{
	const struct table *t = build("[divert d]\ntcp = 1\n[probe a]\nbytes = 0:01\n"
				      "[probe b]\nexec = /usr/bin/env\n[route r]\n"
				      "protocol = a, b\nbackend = drop\n");

	(void)state;
	assert_int_equal(t->probe_count, 2);
	assert_int_equal(t->exec_count, 1);
	assert_string_equal(table_probe(t, 0)->name, "a");
	assert_false(table_probe(t, 0)->is_exec);
	assert_string_equal(table_probe(t, 1)->name, "b");
	assert_true(table_probe(t, 1)->is_exec);
	table_unmap(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transports), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_direct),     cmocka_unit_test(test_backends),
		cmocka_unit_test(test_deferred),   cmocka_unit_test(test_probes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
