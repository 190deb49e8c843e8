/* Flows of datagrams: only recognisers of their transport are asked, and the divert's `unknown` for
 * UDP is theirs. With the first datagrams of real clients. */
#include "base/datagrams.h"
#include "sniff_court.h"

static const char conf[] = "[divert web]\n"
			   "tcp = 443\n"
			   "udp = 443\n"
			   "[route seed]\n"
			   "divert = web\n"
			   "server_name = *.seed.example\n"
			   "backend = one\n"
			   "[route tls]\n"
			   "divert = web\n"
			   "protocol = tls\n"
			   "backend = original\n"
			   "[route h3]\n"
			   "divert = web\n"
			   "protocol = quic\n"
			   "alpn = h3\n"
			   "backend = two\n"
			   "[divert other]\n"
			   "tcp = 53\n"
			   "udp = 53\n"
			   "[route ssh]\n"
			   "divert = other\n"
			   "protocol = ssh\n"
			   "backend = one\n"
			   "[divert rest]\n"
			   "udp = 1\n"
			   "unknown = reject\n"
			   "[route lan]\n"
			   "divert = rest\n"
			   "from = 192.0.2.0/24\n"
			   "backend = two\n"
			   "[backend one]\n"
			   "server = 192.0.2.1:1\n"
			   "[backend two]\n"
			   "server = 192.0.2.2:1\n";

enum { WEB, OTHER, ALL };
enum { ROUTE_SEED, ROUTE_TLS, ROUTE_H3, ROUTE_SSH, ROUTE_LAN };
enum { QUIC_SEEDS_ROOM = 32 * 1024 };

static int setup(void **state)
{
	struct court *c = calloc(1, sizeof *c);

	assert_non_null(c);
	court_open(c, conf);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	court_close(*state);
	free(*state);
	return 0;
}

static struct answer ask(struct court *c, unsigned divert, enum question_transport transport,
			 bool is_final, struct span bytes)
{
	struct question q = { .flow = 5,
			      .kind = QUESTION_FLOW,
			      .transport = (uint8_t)transport,
			      .divert = (uint16_t)divert,
			      .is_final = is_final,
			      .size = (uint32_t)bytes.size };
	struct answer a;

	assert_int_equal(addr_parse(&q.client, "192.0.2.7", false), 0);
	assert_true(question_is_sane(&q, sizeof q + bytes.size));
	memset(&a, 0xff, sizeof a);
	judge_answer(&c->judge, &q, bytes, &a);
	assert_true(answer_is_sane(&a, sizeof a));
	return a;
}

/* A run of one datagram that holds this text. */
static struct span one(const char *text, uint8_t room[static DATAGRAMS_ROOM])
{
	size_t size = 0;

	assert_true(datagrams_put(room, &size, span_text(text)));
	return span_of(room, size);
}

/* The hello of Chromium takes two datagrams: the first is not enough, and says so. */
static void test_a_hello_of_two_datagrams(void **state)
{
	static uint8_t room[QUIC_SEEDS_ROOM];
	size_t size = court_seed("fuzz_wire_quic", "chromium-156.0.8078.79-h3", room, sizeof room);
	struct datagrams d = datagrams_of(span_of(room, size));
	struct span datagram;
	struct answer a = { 0 };

	while (datagrams_next(&d, &datagram) == DATAGRAMS_ONE) {
		a = ask(*state, WEB, QUESTION_UDP, false, span_of(room, d.at));
		if (d.count == 2)
			break;
		assert_int_equal(a.verdict, ANSWER_MORE);
		assert_int_equal(a.wanted, d.at + 1); /* the next one, whatever its size */
	}
	assert_int_equal(d.count, 2);
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ROUTE_SEED);
	assert_int_equal(a.action, ANSWER_BACKEND);
	assert_int_equal(a.backend, 0);
	assert_string_equal(a.proto, "quic");
	assert_string_equal(a.name, "a.seed.example");
	assert_string_equal(a.alpn, "h3");
}

/* When nothing more comes, what is sure counts: quic, without name and ALPN. */
static void test_final(void **state)
{
	static uint8_t room[QUIC_SEEDS_ROOM];
	struct answer a;

	(void)court_seed("fuzz_wire_quic", "chromium-156.0.8078.79-h3", room, sizeof room);
	a = ask(*state, WEB, QUESTION_UDP, true, span_of(room, 1252));
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_int_equal(a.action, ANSWER_DROP);
	assert_string_equal(a.proto, "quic");
	assert_string_equal(a.name, "");
}

static void test_by_alpn(void **state)
{
	static uint8_t room[QUIC_SEEDS_ROOM];
	size_t size =
		court_seed("fuzz_wire_quic", "chromium-156.0.8078.79-noname-h3", room, sizeof room);
	struct answer a = ask(*state, WEB, QUESTION_UDP, false, span_of(room, size));

	assert_int_equal(a.route, ROUTE_H3);
	assert_int_equal(a.backend, 1);
}

/* The same bytes by the other transport are something else, or nothing. */
static void test_transports_do_not_mix(void **state)
{
	static uint8_t room[QUIC_SEEDS_ROOM];
	uint8_t run[DATAGRAMS_ROOM];
	size_t size = court_seed("fuzz_wire_quic", "gtlsclient-0.12.1-h3", room, sizeof room);
	struct answer a = ask(*state, WEB, QUESTION_TCP, false, span_of(room, size));

	assert_string_equal(a.proto, "");
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_int_equal(a.action, ANSWER_REJECT);

	a = ask(*state, OTHER, QUESTION_TCP, false, span_text("SSH-2.0-x\r\n"));
	assert_int_equal(a.route, ROUTE_SSH);
	a = ask(*state, OTHER, QUESTION_UDP, false, one("SSH-2.0-x\r\n", run));
	assert_string_equal(a.proto, "");
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_int_equal(a.action, ANSWER_DROP);

	/* nor does a recogniser of streams hold datagrams up */
	a = ask(*state, OTHER, QUESTION_UDP, false, one("SSH", run));
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	a = ask(*state, OTHER, QUESTION_TCP, false, span_text("SSH"));
	assert_int_equal(a.verdict, ANSWER_MORE);
}

/* Named for the log only, where no route asks for it; and routes that take any. */
static void test_any(void **state)
{
	static uint8_t room[QUIC_SEEDS_ROOM];
	uint8_t run[DATAGRAMS_ROOM];
	size_t size = court_seed("fuzz_wire_quic", "gtlsclient-0.12.1-h3", room, sizeof room);
	struct answer a = ask(*state, OTHER, QUESTION_UDP, false, span_of(room, size));

	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_string_equal(a.proto, "quic");
	assert_string_equal(a.name, "a.seed.example");
	a = ask(*state, ALL, QUESTION_UDP, false, span_of(room, size));
	assert_int_equal(a.route, ROUTE_LAN);
	assert_string_equal(a.proto, "quic");
	a = ask(*state, ALL, QUESTION_UDP, false, one("", run));
	assert_int_equal(a.route, ROUTE_LAN); /* an empty datagram is one */
	assert_string_equal(a.proto, "");
}

/* A first datagram too large to be held: nobody knows it, whoever waits for more. */
static void test_too_large(void **state)
{
	uint8_t run[DATAGRAMS_ROOM];
	size_t size = 0;
	struct answer a;

	datagrams_put_size(run, &size, DATAGRAMS_MOST_BYTES + 1);
	a = ask(*state, WEB, QUESTION_UDP, false, span_of(run, size));
	assert_int_equal(a.verdict, ANSWER_DECIDED);
	assert_int_equal(a.route, ANSWER_ROUTE_UNKNOWN);
	assert_string_equal(a.proto, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hello_of_two_datagrams),
		cmocka_unit_test(test_final),
		cmocka_unit_test(test_by_alpn),
		cmocka_unit_test(test_transports_do_not_mix),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
