/* Several WireGuard servers behind one port: each handshake goes to the one that it was made for. With the
 * datagrams of a real client. */
#include "base/datagrams.h"
#include "sniff/explain.h"
#include "sniff_court.h"
#include "wire_wireguard.h"

static const char conf[] = "[divert d]\n"
			   "udp = 443\n"
			   "[route rest]\n"
			   "protocol = wireguard\n"
			   "backend = reject\n"
			   "[route home]\n"
			   "protocol = wireguard\n"
			   "wireguard_key = " SEED_CLIENT_KEY "\n"
			   "backend = drop\n"
			   "[route work]\n"
			   "protocol = wireguard\n"
			   "wireguard_key = " SEED_SERVER_KEY "\n"
			   "backend = original\n";

enum { ROUTE_REST, ROUTE_HOME, ROUTE_WORK };

static struct court court;
static uint8_t room[DATAGRAMS_ROOM];

static int setup(void **state)
{
	(void)state;
	court_open(&court, conf);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	court_close(&court);
	return 0;
}

static struct answer ask_of(struct court *c, bool is_final, struct span bytes)
{
	struct question q = { .kind = QUESTION_FLOW,
			      .transport = QUESTION_UDP,
			      .is_final = is_final,
			      .size = (uint32_t)bytes.size };
	struct answer a;

	memset(&a, 0xff, sizeof a);
	judge_answer(&c->judge, &q, bytes, &a);
	assert_true(answer_is_sane(&a, sizeof a));
	return a;
}

static struct answer ask(bool is_final, struct span bytes)
{
	return ask_of(&court, is_final, bytes);
}

static struct span seed(const char *special)
{
	char name[64];

	(void)snprintf(name, sizeof name, "wireguard-go-0.0.20220316%s", special);
	return span_of(room, court_seed("fuzz_wire_wireguard", name, room, sizeof room));
}

static void expect_route(struct answer a, unsigned route)
{
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, route);
	assert_string_equal(a.proto, "wireguard");
}

static void test_by_key(void **state)
{
	uint8_t bytes[148];
	size_t size = 0;

	(void)state;
	expect_route(ask(false, seed("")), ROUTE_WORK);
	expect_route(ask(false, seed("-response")), ROUTE_HOME);
	/* a server that no route knows */
	assert_true(datagrams_put(
		room, &size,
		wireguard_message_for(bytes, "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")));
	expect_route(ask(false, span_of(room, size)), ROUTE_REST);
}

/* Data first: where keys decide the handshake is waited for, elsewhere nothing is. */
static void test_data_first(void **state)
{
	struct span data = seed("-more");
	struct answer a = ask(false, data);

	(void)state;
	assert_int_equal(a.verdict, ANSWER_MORE);
	assert_int_equal(a.wanted, data.size + 1);
	expect_route(ask(true, data), ROUTE_REST);
	expect_route(ask(false, seed("-late")), ROUTE_WORK);
}

static void test_no_keys(void **state)
{
	struct court other;

	(void)state;
	court_open(&other,
		   "[divert d]\nudp = 1\n[route r]\nprotocol = wireguard\nbackend = drop\n");
	expect_route(ask_of(&other, false, seed("-more")), 0);
	court_close(&other);
}

/* `explain` names the key that a route misses. */
static void test_explained(void **state)
{
	struct datagrams d = datagrams_of(seed(""));
	struct span datagram;
	struct explanation e;
	struct replay r;

	(void)state;
	court_begin(&r, &court, 0, true, "192.0.2.7", "203.0.113.1");
	while (datagrams_next(&d, &datagram) == DATAGRAMS_ONE)
		replay_add(&r, datagram);
	assert_int_equal(replay_end(&r), ROUTE_WORK);
	assert_int_equal(r.decided, 1);
	assert_int_equal(explain_flow(&e, &r), 0);
	assert_int_equal(e.fits, 2);
	assert_int_equal(e.routes[0].route, ROUTE_WORK);
	assert_int_equal(e.routes[1].route, ROUTE_REST);
	assert_int_equal(e.routes[1].behind, EXPLAIN_BY_KEYS);
	assert_int_equal(e.routes[2].route, ROUTE_HOME);
	assert_int_equal(e.routes[2].misfits, 1u << EXPLAIN_WIREGUARD_KEY);
	assert_string_equal(explain_key_text(EXPLAIN_WIREGUARD_KEY), "wireguard_key");
	explain_done(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_key),
		cmocka_unit_test(test_data_first),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_explained),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
