/* Identifiers of flows of datagrams in the carrier: strays that are known, and what is learned of servers. */
#include "carry/udp_ids.h"
#include "carry_udp.h"

static const struct flow_id quic = { .kind = FLOW_ID_QUIC, .size = 8, .bytes = { 1, 2, 3 } };
static const struct flow_id wireguard = { .kind = FLOW_ID_WIREGUARD, .size = 4, .bytes = { 9 } };

static struct {
	struct question q;
	uint8_t bytes[DATAGRAMS_ROOM];
} asked;

/* The next question is of that kind; 0: there is none. */
static void expect_asked(const struct house *h, unsigned kind)
{
	ssize_t size = recv(h->sniffers[0], &asked, sizeof asked, MSG_DONTWAIT);

	if (size < 0) {
		assert_int_equal(kind, 0);
		return;
	}
	assert_true(question_is_sane(&asked.q, (size_t)size));
	assert_int_equal(asked.q.kind, kind);
}

static void say_so(struct house *h, struct answer a)
{
	a.flow = asked.q.flow;
	say(h, 0, &a);
	turn(h);
}

static int setup_known(void **state)
{
	const struct siphash_key key = { { 5, 6 } };
	struct house *h;
	int file;
	int err = setup(state);

	h = *state;
	assert_int_equal(known_new(&file, KNOWN_LEAST, &key), 0);
	assert_int_equal(known_map(&h->gate.known, file), 0);
	assert_int_equal(close(file), 0);
	link_up(h, 0);
	return err;
}

static int teardown_known(void **state)
{
	struct house *h = *state;

	known_unmap(&h->gate.known);
	return teardown(state);
}

/* The house's divert and routes have no names. */
static struct known nameless(const struct house *h, uint8_t ids)
{
	return (struct known){ .divert = known_text(&h->gate.known, ""),
			       .route = known_text(&h->gate.known, ""),
			       .route_index = 1,
			       .ids = ids,
			       .name = "a.example" };
}

static void remember(struct house *h, const struct flow_id *id)
{
	struct known known = nameless(h, id->kind);

	known_put(&h->gate.known, id, &known, loop_now_ms(h->gate.loop));
}

static const struct answer more = { .verdict = ANSWER_MORE, .wanted = 100 };

static struct answer more_of(const struct flow_id *id)
{
	struct answer a = more;

	a.id = *id;
	return a;
}

static void test_a_known_one(void **state)
{
	struct house *h = *state;

	remember(h, &quic);
	(void)first(listener(h), 1, datagram("one", 3));
	expect_asked(h, QUESTION_FLOW);
	say_so(h, more_of(&quic));
	expect_asked(h, QUESTION_LED);
	assert_int_equal(asked.q.route, 1);
	assert_int_equal(asked.q.ids, FLOW_ID_QUIC);
	assert_memory_equal(asked.bytes, "a.example", asked.q.size);
	say_so(h, reject(0, 1));
	assert_int_equal(h->counters.udp_found, 1);
	assert_int_equal(h->counters.route_total[1], 1);
	assert_null(known(h, 1));
}

static void test_an_unknown_one(void **state)
{
	struct house *h = *state;

	remember(h, &quic);
	(void)first(listener(h), 1, datagram("one", 3));
	expect_asked(h, QUESTION_FLOW);
	say_so(h, more_of(&wireguard));
	expect_asked(h, 0);
	assert_non_null(known(h, 1));
	assert_int_equal(h->counters.udp_found, 0);
}

/* Another route takes it today, or the answer is none: it is judged as any other, and looked up once. */
static void test_led_elsewhere(void **state)
{
	static const uint16_t routes[] = { 0, ANSWER_ROUTE_UNKNOWN, 1000 };
	struct house *h = *state;
	struct udp_listener *l = listener(h);

	remember(h, &quic);
	for (unsigned i = 0; i < 3; i++) {
		(void)first(l, i, datagram("one", 3));
		expect_asked(h, QUESTION_FLOW);
		say_so(h, more_of(&quic));
		expect_asked(h, QUESTION_LED);
		say_so(h, reject(0, routes[i]));
		expect_asked(h, QUESTION_FLOW);
		say_so(h, more_of(&quic));
		expect_asked(h, 0);
		assert_non_null(known(h, i));
	}
	assert_int_equal(h->counters.udp_found, 0);
}

/* A route that has moved is found by its name; one that is gone makes the flow one like any other. */
static void test_other_places(void **state)
{
	struct house *h = *state;
	struct udp_listener *l = listener(h);
	struct known moved = nameless(h, FLOW_ID_QUIC);

	moved.route_index = 77;
	known_put(&h->gate.known, &quic, &moved, loop_now_ms(h->gate.loop));
	(void)first(l, 1, datagram("one", 3));
	expect_asked(h, QUESTION_FLOW);
	say_so(h, more_of(&quic));
	expect_asked(h, QUESTION_LED);
	assert_int_equal(asked.q.route, 0);
	moved.route = known_text(&h->gate.known, "gone");
	known_put(&h->gate.known, &quic, &moved, loop_now_ms(h->gate.loop));
	(void)first(l, 2, datagram("one", 3));
	expect_asked(h, QUESTION_FLOW);
	say_so(h, more_of(&quic));
	expect_asked(h, 0);
}

/* What the server of client 1 sends it, as a rule shows it. */
static struct span shown(uint8_t *out)
{
	static const uint8_t head[] = { 0x45, 0,    0,    48,   0,   0,  0,   0, 64, 17,
					0,    0,    198,  51,   100, 1,  192, 0, 0,  1,
					0x23, 0xf0, 0x9c, 0x40, 0,   28, 0,   0 };

	memcpy(out, head, sizeof head);
	memset(out + sizeof head, 0x77, 20);
	return span_of(out, sizeof head + 20);
}

static void hand_over(struct house *h, uint8_t ids)
{
	struct addr from = client(1);
	struct addr to = target();
	struct known known = nameless(h, ids);
	struct flow_id ends = known_ends(&h->gate.known, &from, &to);

	known_put(&h->gate.known, &ends, &known, loop_now_ms(h->gate.loop));
}

static struct answer told(const struct flow_id *id, bool may_more)
{
	return (struct answer){ .verdict = ANSWER_TOLD, .id = *id, .watch.first = may_more };
}

static bool is_found(const struct house *h, const struct flow_id *id)
{
	struct known known;

	return known_find(&h->gate.known, id, known_text(&h->gate.known, ""),
			  loop_now_ms(h->gate.loop), &known) &&
	       strcmp(known.name, "a.example") == 0;
}

/* Only of flows that are known, and with QUIC until it was told all. */
static void test_shown(void **state)
{
	struct house *h = *state;
	uint8_t packet[64];

	(void)listener(h);
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, 0);
	hand_over(h, FLOW_ID_QUIC);
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, QUESTION_TOLD);
	assert_int_equal(asked.q.ids, FLOW_ID_QUIC);
	assert_int_equal(asked.q.size, 20);
	assert_int_equal(asked.q.whole, 20);
	assert_int_equal(asked.bytes[0], 0x77);
	say_so(h, told(&wireguard, false)); /* not what was asked for */
	assert_false(is_found(h, &wireguard));
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, QUESTION_TOLD);
	udp_ids_shown(&h->gate, shown(packet)); /* one is enough */
	expect_asked(h, 0);
	say_so(h, told(&quic, true));
	assert_true(is_found(h, &quic));
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, QUESTION_TOLD);
	say_so(h, told(&quic, false));
	assert_int_equal(h->counters.udp_learned, 2);
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, 0);
	hand_over(h, FLOW_ID_QUIC);
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, QUESTION_TOLD);
	die(h, 0); /* over it, who has answered before: another datagram may do */
	link_up(h, 0);
	expect_asked(h, 0);
	udp_ids_shown(&h->gate, shown(packet));
	expect_asked(h, QUESTION_TOLD);
	say_so(h, told(&quic, false));
	packet[0] = 0;
	udp_ids_shown(&h->gate, span_of(packet, sizeof packet)); /* no packet */
	expect_asked(h, 0);
	assert_int_equal(h->gate.udp->told_count, 0);
}

/* WireGuard takes new keys again and again. */
static void test_shown_again(void **state)
{
	struct house *h = *state;
	uint8_t packet[64];

	(void)listener(h);
	hand_over(h, FLOW_ID_WIREGUARD);
	for (int i = 0; i < 3; i++) {
		udp_ids_shown(&h->gate, shown(packet));
		expect_asked(h, QUESTION_TOLD);
		say_so(h, told(&wireguard, false));
	}
	assert_int_equal(h->counters.udp_learned, 3);
	assert_true(is_found(h, &wireguard));
}

/* Questions without end are not asked; and they are void with their sniffer, or with all. */
static void test_too_many(void **state)
{
	struct house *h = *state;
	uint8_t packet[64];

	(void)listener(h);
	hand_over(h, FLOW_ID_WIREGUARD);
	for (unsigned i = 0; i < UDP_MOST_LEARNING + 10; i++)
		udp_ids_shown(&h->gate, shown(packet));
	assert_int_equal(h->gate.udp->told_count, UDP_MOST_LEARNING);
	die(h, 0);
	assert_true(h->gate.udp->told_count >= UDP_MOST_LEARNING - 1); /* the others wait */
	udp_ids_stop(&h->gate);
	assert_int_equal(h->gate.udp->told_count, 0);
	link_up(h, 0);
	expect_asked(h, 0);
	udp_ids_shown(&h->gate, shown(packet));
	assert_int_equal(h->gate.udp->told_count, 1);
}

#define KNOWN_TEST(name) cmocka_unit_test_setup_teardown(name, setup_known, teardown_known)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KNOWN_TEST(test_a_known_one),   KNOWN_TEST(test_an_unknown_one),
		KNOWN_TEST(test_led_elsewhere), KNOWN_TEST(test_other_places),
		KNOWN_TEST(test_shown),         KNOWN_TEST(test_shown_again),
		KNOWN_TEST(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
