/* What entries of conntrack tell of flows that were handed over. */
#include "handed_fate.h"
#include "unit.h"

enum {
	NOW_MS = 1000000,
	BEFORE_MS = NOW_MS - 2500,
	HEAD_V4 = 40,
	HEAD_V6 = 60,
};

static const struct handed_look at = {
	.now_ms = NOW_MS,
	.before_ms = BEFORE_MS,
	.timeouts = { .established = 432000,
		      .unacknowledged = 300,
		      .repeated = 200,
		      .closed = 120,
		      .reset = 10,
		      .datagrams = 180,
		      .unanswered = 30 },
};

static struct conntrack_entry entry(enum conntrack_state state, uint32_t timeout_s,
				    uint64_t packets, uint64_t payload)
{
	return (struct conntrack_entry){
		.transport = IPPROTO_TCP,
		.client = { .family = AF_INET, .port = 1 },
		.state = state,
		.timeout_s = timeout_s,
		.packets = { packets, packets + 1 },
		.bytes = { packets * HEAD_V4 + payload, (packets + 1) * HEAD_V4 + 2 * payload },
	};
}

/* A flow that began a minute ago, was handed over half a minute ago, and was seen by the look before. */
static struct handed_flow flow(uint64_t packets, uint64_t payload)
{
	struct conntrack_entry e = entry(CONNTRACK_LIVE, 432000, packets, payload);
	struct handed_look before = at;
	struct handed_flow f = { .since_ms = NOW_MS - 60000, .moved_ms = NOW_MS - 30000 };
	struct handed_fate fate;

	before.now_ms = BEFORE_MS;
	before.before_ms = 0;
	handed_fate_seen(&f, &e, &before, &fate);
	assert_false(fate.is_over);
	return f;
}

static void test_bytes(void **state)
{
	struct handed_flow f = flow(10, 1000);
	struct conntrack_entry e = entry(CONNTRACK_LIVE, 431999, 15, 1500);
	struct handed_fate fate;

	(void)state;
	assert_true(f.counted[0] == 1000 && f.counted[1] == 2000);
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(fate.arrived[0] == 500 && fate.arrived[1] == 1000);
	assert_true(f.counted[0] == 1500 && f.counted[1] == 3000);
	assert_int_equal(f.packets[1], 16);
	/* IPv6 */
	f = (struct handed_flow){ .since_ms = 1 };
	e.client.family = AF_INET6;
	e.packets[0] = 3;
	e.bytes[0] = 3 * HEAD_V6 + 77;
	e.packets[1] = 2;
	e.bytes[1] = 2 * HEAD_V6;
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.counted[0] == 77 && f.counted[1] == 0);
	/* numbers that cannot be */
	e.bytes[0] = 5;
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.counted[0] == 77 && fate.arrived[0] == 0);
}

static void closes(uint32_t timeout_s, uint64_t end_ms)
{
	struct handed_flow f = flow(10, 1000);
	struct conntrack_entry e = entry(CONNTRACK_CLOSED, timeout_s, 12, 1000);
	struct handed_fate fate;

	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(fate.is_over);
	assert_int_equal(fate.why, FLOW_WHY_closed);
	assert_true(fate.end_ms == end_ms);
}

static void test_an_end_and_its_time(void **state)
{
	(void)state;
	closes(120, NOW_MS);
	closes(118, NOW_MS - 1500);
	closes(110, BEFORE_MS); /* it lived at the look before */
	closes(500, NOW_MS);    /* somebody has changed the timeouts */
}

static void test_the_end_of_one_never_seen_before(void **state)
{
	struct handed_flow f = { .since_ms = NOW_MS - 3000, .moved_ms = NOW_MS - 2000 };
	struct conntrack_entry e = entry(CONNTRACK_CLOSED, 115, 12, 1000);
	struct handed_fate fate;

	(void)state;
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(fate.is_over && fate.end_ms == NOW_MS - 2000); /* then it was handed over */
	/* found, and long over */
	f = (struct handed_flow){ .since_ms = NOW_MS, .is_found = true };
	e.timeout_s = 50;
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(fate.end_ms == NOW_MS - 69500);
}

static void resets(uint64_t client_packets, uint64_t client_bytes, uint64_t server_packets,
		   uint64_t server_bytes, enum flow_why why)
{
	struct handed_flow f = flow(10, 1000);
	struct conntrack_entry e = entry(CONNTRACK_RESET, 9, 10, 1000);
	struct handed_fate fate;

	e.packets[0] += client_packets;
	e.bytes[0] += client_packets * HEAD_V4 + client_bytes;
	e.packets[1] += server_packets;
	e.bytes[1] += server_packets * HEAD_V4 + server_bytes;
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(fate.is_over);
	assert_int_equal(fate.why, why);
	assert_true(fate.end_ms == NOW_MS - 500);
}

static void test_who_reset_it(void **state)
{
	(void)state;
	resets(1, 0, 0, 0, FLOW_WHY_reset_client);
	resets(0, 0, 1, 0, FLOW_WHY_reset_server);
	resets(1, 5, 2, 0, FLOW_WHY_reset_server); /* data that it did not want */
	resets(3, 0, 2, 9, FLOW_WHY_reset_client);
	resets(3, 7, 2, 9, FLOW_WHY_reset_client); /* nobody knows */
	resets(0, 0, 0, 0, FLOW_WHY_reset_client);
}

static void test_how_long_it_was_quiet(void **state)
{
	struct handed_flow f = flow(10, 1000);
	struct conntrack_entry e = entry(CONNTRACK_LIVE, 431990, 12, 1000);
	struct handed_fate fate;
	uint64_t moved_ms = f.moved_ms;

	(void)state;
	/* packets without data, such as keepalives, are none */
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.moved_ms == moved_ms);
	e = entry(CONNTRACK_LIVE, 431998, 13, 1001);
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.moved_ms == NOW_MS - 1500);
	/* data that wait for their acknowledgement shorten the kernel's patience */
	e = entry(CONNTRACK_LIVE, 299, 14, 1002);
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.moved_ms == NOW_MS - 500);
	/* as does a RST that it did not believe */
	f.moved_ms = moved_ms;
	e = entry(CONNTRACK_LIVE, 9, 15, 1003);
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.moved_ms == BEFORE_MS);
}

static void test_quiet_where_nothing_is_counted(void **state)
{
	struct handed_flow f = { .moved_ms = NOW_MS - 30000 };
	struct conntrack_entry e = entry(CONNTRACK_LIVE, 1000, 0, 0);
	struct handed_look look = at;
	struct handed_fate fate;

	(void)state;
	memset(e.packets, 0, sizeof e.packets);
	memset(e.bytes, 0, sizeof e.bytes);
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == NOW_MS - 30000); /* it was there before */
	look.now_ms += 2500;
	look.before_ms = NOW_MS;
	e.timeout_s = 998;
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == NOW_MS - 30000); /* only time has passed */
	look.now_ms += 2500;
	e.timeout_s = 432000;
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == look.now_ms); /* a packet gave it new time */
	look.now_ms += 2500;
	e.timeout_s = 299;
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == look.now_ms - 500); /* and another one less */
	assert_true(f.counted[0] == 0 && f.counted[1] == 0);
}

/* With timestamps, which a RST does not have: bytes seem to be gone, and it is the same flow. */
static void test_resets_without_timestamps(void **state)
{
	struct handed_flow f = { .since_ms = NOW_MS - 60000, .moved_ms = NOW_MS - 30000 };
	struct conntrack_entry e = entry(CONNTRACK_LIVE, 432000, 10, 1000);
	struct handed_fate fate;

	(void)state;
	e.has_stamps = true;
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(f.counted[0] == 1000 - 10 * 12 && f.counted[1] == 2000 - 11 * 12);
	e.packets[0]++;
	e.bytes[0] += HEAD_V4;
	e.state = CONNTRACK_RESET;
	assert_false(handed_fate_is_other(&f, &e));
	handed_fate_seen(&f, &e, &at, &fate);
	assert_true(fate.is_over);
	assert_true(fate.arrived[0] == 0 && fate.arrived[1] == 0);
	e.bytes[0]--;
	f.packets[0] = 10;
	assert_true(handed_fate_is_other(&f, &e));
}

static void test_another_flow_in_its_place(void **state)
{
	struct handed_flow f = flow(10, 1000);
	struct conntrack_entry e = entry(CONNTRACK_LIVE, 432000, 10, 1000);

	(void)state;
	assert_false(handed_fate_is_other(&f, &e));
	e = entry(CONNTRACK_LIVE, 432000, 10, 999);
	assert_true(handed_fate_is_other(&f, &e));
	e = entry(CONNTRACK_LIVE, 432000, 9, 1040);
	assert_true(handed_fate_is_other(&f, &e));
	e = entry(CONNTRACK_LIVE, 432000, 11, 1040);
	assert_false(handed_fate_is_other(&f, &e));
	f.state = CONNTRACK_CLOSING;
	assert_true(handed_fate_is_other(&f, &e)); /* none opens again */
	e.state = CONNTRACK_CLOSING;
	assert_false(handed_fate_is_other(&f, &e));
	f = (struct handed_flow){ .state = 0 }; /* told of, not yet seen */
	assert_false(handed_fate_is_other(&f, &e));
	/* beyond 2^32 packets */
	f = flow(UINT64_C(0xfffffffe), 5);
	e = entry(CONNTRACK_LIVE, 432000, UINT64_C(0x100000003), 5);
	assert_false(handed_fate_is_other(&f, &e));
}

static void goes(struct handed_flow f, uint64_t apart_ms, enum flow_why why)
{
	struct handed_look look = at;
	struct handed_fate fate;

	look.before_ms = NOW_MS - apart_ms;
	handed_fate_gone(&f, &look, &fate);
	assert_true(fate.is_over && fate.end_ms == NOW_MS);
	assert_int_equal(fate.why, why);
}

static void test_entries_that_vanish(void **state)
{
	struct handed_flow f = flow(10, 1000);

	(void)state;
	goes(f, 2500, FLOW_WHY_lost);
	/* entries of reset ones last for 10 s: nobody may have looked that long */
	goes(f, 9500, FLOW_WHY_reset_client);
	f.state = CONNTRACK_CLOSING;
	goes(f, 2500, FLOW_WHY_closed);
	f = (struct handed_flow){ .since_ms = NOW_MS - 20000 }; /* told of, never seen */
	goes(f, 30000, FLOW_WHY_lost);
}

/* Carriers' messages wait while a look finds the flows that they tell of. */
static void test_what_is_told_late(void **state)
{
	struct handed_look look = at;
	struct handed_flow f = { .is_found = true, .since_ms = BEFORE_MS };

	(void)state;
	look.over_ms = BEFORE_MS + 20;
	assert_true(handed_fate_is_told_late(&f, &look));
	f.is_found = false; /* its client has begun anew */
	assert_false(handed_fate_is_told_late(&f, &look));
	f.is_found = true;
	look.now_ms = look.over_ms + 5000;
	assert_false(handed_fate_is_told_late(&f, &look));
	/* that look took long */
	look.over_ms += 9000;
	look.now_ms = look.over_ms + 4999;
	assert_true(handed_fate_is_told_late(&f, &look));
	/* it was another one that found it */
	f.since_ms--;
	assert_false(handed_fate_is_told_late(&f, &look));
	/* the first one was disturbed */
	look.before_ms = 0;
	look.over_ms = 0;
	look.now_ms = f.since_ms + 4999;
	assert_true(handed_fate_is_told_late(&f, &look));
}

/* An entry of UDP, with so many datagrams each way, and the kernel's patience left. */
static struct conntrack_entry udp_entry(uint64_t packets, uint64_t payload, uint32_t timeout_s)
{
	return (struct conntrack_entry){
		.transport = IPPROTO_UDP,
		.client = { .family = AF_INET6, .port = 1 },
		.timeout_s = timeout_s,
		.packets = { packets, packets },
		.bytes = { packets * 48 + payload, packets * 48 },
	};
}

static void test_datagrams(void **state)
{
	struct handed_flow f = { .is_udp = true, .moved_ms = NOW_MS - 30000 };
	struct conntrack_entry e = udp_entry(1, 700, 178);
	struct handed_look look = at;
	struct handed_fate fate;

	(void)state;
	look.before_ms = 0;
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(!fate.is_over && fate.arrived[0] == 700 && fate.arrived[1] == 0);
	assert_true(f.moved_ms == NOW_MS - 1500);
	look.before_ms = NOW_MS;
	look.now_ms += 10000;
	e = udp_entry(1, 700, 168);
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == NOW_MS - 1500); /* only time has passed */
	e = udp_entry(2, 700, 180);
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == look.now_ms); /* empty ones are some */
	/* while a flow table has it nothing is counted */
	look.now_ms += 10000;
	look.before_ms += 10000;
	e = udp_entry(2, 700, 86400);
	e.is_offloaded = true;
	handed_fate_seen(&f, &e, &look, &fate);
	assert_true(f.moved_ms == look.now_ms);
	assert_true(f.counted[0] == 700 && !fate.is_over);
}

static void test_datagrams_that_end(void **state)
{
	struct handed_flow f = { .is_udp = true,
				 .is_listed = true,
				 .expires_s = NOW_MS / 1000 + 1 };

	(void)state;
	goes(f, 2500, FLOW_WHY_idle);
	f.expires_s = NOW_MS / 1000 + 2;
	goes(f, 2500, FLOW_WHY_lost);
	/* never seen by a look: nobody has answered, perhaps */
	f = (struct handed_flow){ .is_udp = true, .moved_ms = NOW_MS - 29500 };
	goes(f, 20000, FLOW_WHY_idle);
	f.moved_ms = NOW_MS - 20000;
	goes(f, 20000, FLOW_WHY_lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_an_end_and_its_time),
		cmocka_unit_test(test_the_end_of_one_never_seen_before),
		cmocka_unit_test(test_who_reset_it),
		cmocka_unit_test(test_what_is_told_late),
		cmocka_unit_test(test_how_long_it_was_quiet),
		cmocka_unit_test(test_quiet_where_nothing_is_counted),
		cmocka_unit_test(test_resets_without_timestamps),
		cmocka_unit_test(test_another_flow_in_its_place),
		cmocka_unit_test(test_entries_that_vanish),
		cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_datagrams_that_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
