/* Identifiers: which answers name one, when servers' datagrams are to be watched, and where a flow belongs
 * that is known by one. */
#include "base/datagrams.h"
#include "sniff/judge_ids.h"
#include "sniff_court.h"
#include "wire_wireguard.h"

static const char conf[] = "[divert d]\n"
			   "udp = 443\n"
			   "[divert plain]\n"
			   "udp = 444\n"
			   "unknown = one\n"
			   "[route one]\n"
			   "divert = d plain\n"
			   "protocol = quic\n"
			   "server_name = *.seed.example\n"
			   "backend = one\n"
			   "[route bad]\n"
			   "divert = d\n"
			   "protocol = quic\n"
			   "server_name = *.seed.example\n"
			   "from = 203.0.113.0/24\n"
			   "backend = drop\n"
			   "[route work]\n"
			   "divert = d\n"
			   "protocol = wireguard\n"
			   "wireguard_key = " SEED_SERVER_KEY "\n"
			   "from = 192.0.2.0/24\n"
			   "backend = two\n"
			   "[route tunnel]\n"
			   "divert = plain\n"
			   "protocol = wireguard\n"
			   "backend = two\n"
			   "[backend one]\n"
			   "server = 192.0.2.1:1\n"
			   "server = [2001:db8::1]:1\n"
			   "[backend two]\n"
			   "server = 192.0.2.2:1\n";

enum { D, PLAIN };
enum { ROUTE_ONE, ROUTE_BAD, ROUTE_WORK, ROUTE_TUNNEL };

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

static struct question question(unsigned divert, const char *client)
{
	struct question q = { .kind = QUESTION_FLOW,
			      .transport = QUESTION_UDP,
			      .divert = (uint16_t)divert };

	assert_int_equal(addr_parse(&q.client, client, false), 0);
	return q;
}

static struct answer ask(unsigned divert, struct span bytes)
{
	struct question q = question(divert, "192.0.2.7");
	struct answer a;

	q.size = (uint32_t)bytes.size;
	memset(&a, 0xff, sizeof a);
	judge_answer(&court.judge, &q, bytes, &a);
	assert_true(answer_is_sane(&a, sizeof a));
	return a;
}

static struct span seed(const char *fuzzer, const char *name)
{
	return span_of(room, court_seed(fuzzer, name, room, sizeof room));
}

static void expect(struct answer a, unsigned verdict, unsigned kind, unsigned watched)
{
	assert_int_equal(a.verdict, verdict);
	assert_int_equal(a.id.kind, kind);
	assert_int_equal(a.watch.ids, watched);
}

/* A name decides: its server is watched where a stray would go elsewhere, and only there. */
static void test_quic(void **state)
{
	struct answer a = ask(D, seed("fuzz_wire_quic", "gtlsclient-0.12.1-h3"));

	(void)state;
	expect(a, ANSWER_DECIDED, FLOW_ID_NONE, FLOW_ID_QUIC);
	assert_int_equal(a.route, ROUTE_ONE);
	assert_true(a.watch.first > 0 && !a.watch.sizes[0]);
	a = ask(PLAIN, seed("fuzz_wire_quic", "gtlsclient-0.12.1-h3"));
	expect(a, ANSWER_DECIDED, FLOW_ID_NONE, FLOW_ID_NONE); /* `unknown` leads there as well */
	assert_int_equal(a.route, ROUTE_ONE);
	a = ask(D, seed("fuzz_wire_quic", "near-gtlsclient-0.12.1-short-header"));
	expect(a, ANSWER_DECIDED, FLOW_ID_QUIC, FLOW_ID_NONE);
	assert_true(a.id.is_open);
	a = ask(D, seed("fuzz_wire_quic", "gtlsclient-0.12.1-handshake-noname"));
	expect(a, ANSWER_DECIDED, FLOW_ID_QUIC, FLOW_ID_NONE);
	assert_false(a.id.is_open);
}

static void test_wireguard(void **state)
{
	struct answer a = ask(D, seed("fuzz_wire_wireguard", "wireguard-go-0.0.20220316"));

	(void)state;
	expect(a, ANSWER_DECIDED, FLOW_ID_NONE, FLOW_ID_WIREGUARD);
	assert_int_equal(a.route, ROUTE_WORK);
	assert_int_equal(a.watch.first, 0);
	assert_int_equal(a.watch.sizes[0] + a.watch.sizes[1], 148 + 92);
	a = ask(PLAIN, seed("fuzz_wire_wireguard", "wireguard-go-0.0.20220316"));
	expect(a, ANSWER_DECIDED, FLOW_ID_NONE, FLOW_ID_NONE); /* data goes there as well */
	assert_int_equal(a.route, ROUTE_TUNNEL);
	a = ask(D, seed("fuzz_wire_wireguard", "wireguard-go-0.0.20220316-more"));
	expect(a, ANSWER_MORE, FLOW_ID_WIREGUARD, FLOW_ID_NONE);
}

static void test_told(void **state)
{
	struct question q = question(D, "192.0.2.7");
	struct span run = seed("fuzz_wire_wireguard", "wireguard-go-0.0.20220316-response");
	struct answer a;

	(void)state;
	q.kind = QUESTION_TOLD;
	q.ids = FLOW_ID_WIREGUARD;
	q.whole = 92;
	memset(&a, 0xff, sizeof a);
	judge_ids_told(&q, span_of(run.data + 2, FLOW_ID_HEAD_BYTES), &a);
	assert_true(answer_is_sane(&a, sizeof a));
	assert_int_equal(a.verdict, ANSWER_TOLD);
	assert_memory_equal(a.id.bytes, run.data + 2 + 4, 4);
	q.ids = FLOW_ID_QUIC;
	judge_ids_told(&q, span_of(run.data + 2, FLOW_ID_HEAD_BYTES), &a);
	assert_true(answer_is_sane(&a, sizeof a));
	assert_int_equal(a.id.size, 0);
}

static struct answer led(enum flow_id_kind ids, unsigned route, const char *name,
			 const char *client)
{
	struct question q = question(D, client);
	struct answer a;

	q.kind = QUESTION_LED;
	q.ids = (uint8_t)ids;
	q.route = (uint16_t)route;
	q.size = (uint32_t)strlen(name);
	assert_true(question_is_sane(&q, sizeof q + q.size));
	memset(&a, 0xff, sizeof a);
	judge_ids_led(&court.judge, &q, span_text(name), &a);
	assert_true(answer_is_sane(&a, sizeof a));
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	return a;
}

/* The routes of today decide: for where the client is now. */
static void test_led(void **state)
{
	struct answer a = led(FLOW_ID_QUIC, ROUTE_ONE, "a.seed.example", "198.51.100.7");

	(void)state;
	assert_int_equal(a.route, ROUTE_ONE);
	assert_int_equal(a.action, ANSWER_BACKEND);
	assert_string_equal(a.proto, "quic");
	assert_string_equal(a.name, "a.seed.example");
	assert_int_equal(a.watch.ids, FLOW_ID_QUIC);
	a = led(FLOW_ID_QUIC, ROUTE_ONE, "a.seed.example", "203.0.113.7");
	assert_int_equal(a.route, ROUTE_BAD);
	assert_int_equal(a.action, ANSWER_DROP);
	a = led(FLOW_ID_QUIC, ROUTE_ONE, "other.example", "198.51.100.7");
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	a = led(FLOW_ID_QUIC, ROUTE_WORK, "", "192.0.2.7"); /* of another protocol */
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	a = led(FLOW_ID_WIREGUARD, ROUTE_WORK, "", "192.0.2.7");
	assert_int_equal(a.route, ROUTE_WORK);
	a = led(FLOW_ID_WIREGUARD, ROUTE_WORK, "", "198.51.100.7");
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	a = led(FLOW_ID_WIREGUARD, 0xfff0, "", "192.0.2.7"); /* there is no such route */
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quic),
		cmocka_unit_test(test_wireguard),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_led),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
