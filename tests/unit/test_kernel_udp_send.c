/* Datagrams read and sent many at once: each arrives as it was, in its order, gathered or not. */
#include <stdlib.h>

#include "kernel/udp_send.h"
#include "kernel/udp_socket.h"
#include "kernel_udp.h"

enum {
	MOST = 65507, /* bytes of a datagram, IPv4 */
};

struct pair {
	struct udp_batch *batch;
	struct udp_send *send;
	int from; /* connected to `to` */
	int to;
	struct addr at;
};

static struct pair pair_new(void)
{
	struct pair p = { .at = endpoint("127.0.0.1:5001") };
	struct addr any = { 0 };

	p.batch = udp_batch_new();
	p.send = udp_send_new();
	p.to = stranger(&p.at, false);
	p.from = udp_socket_server(&any, &p.at, TEST_MARK, false);
	assert_non_null(p.batch);
	assert_non_null(p.send);
	assert_true(p.from >= 0);
	return p;
}

static void pair_end(struct pair *p)
{
	udp_batch_free(p->batch);
	udp_send_free(p->send);
	(void)close(p->from);
	(void)close(p->to);
}

static const uint8_t *bytes(void)
{
	static uint8_t all[MOST + 256];

	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)(i * 131 + i / 256);
	return all;
}

/* Datagram number i, of that size. */
static struct udp_run numbered(size_t i, size_t size)
{
	return (struct udp_run){ .bytes = span_of(bytes() + i % 256, size) };
}

/* Send datagrams of these sizes at once. Returns the way as it was found. */
static struct udp_way send_sizes(struct pair *p, const size_t *sizes, size_t count)
{
	struct udp_way way = { .fd = p->from, .family = AF_INET };
	size_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		struct udp_run run = numbered(i, sizes[i]);

		assert_true(udp_send_add(p->send, &run, false));
		sum += sizes[i];
	}
	udp_send_all(p->send, &way);
	assert_true(udp_send_is_empty(p->send));
	assert_int_equal(way.bytes, sum);
	assert_int_equal(way.count, count);
	assert_int_equal(way.lost, 0);
	return way;
}

/* They arrive, read one by one in the ordinary way. */
static void arrive(struct pair *p, const size_t *sizes, size_t count)
{
	static uint8_t room[MOST + 1];

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(receive(p->to, room, sizeof room, NULL), sizes[i]);
		assert_memory_equal(room, numbered(i, sizes[i]).bytes.data, sizes[i]);
	}
	assert_int_equal(receive(p->to, room, sizeof room, NULL), -1);
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = { 1200, 1200, 1200, 700,  700,  0, 0, 1, 1, 2, 1,
					1200, 1300, 1200, MOST, MOST, 9, 9, 9, 8, 0 };
	size_t count = sizeof sizes / sizeof *sizes;
	struct pair p;

	(void)need_netns(state);
	p = pair_new();
	assert_false(send_sizes(&p, sizes, count).is_single);
	arrive(&p, sizes, count);
	pair_end(&p);
}

/* More of one size than a message can hold. */
static void test_many_of_one_size(void **state)
{
	static size_t sizes[200];
	struct pair p;

	(void)need_netns(state);
	p = pair_new();
	for (size_t i = 0; i < 200; i++)
		sizes[i] = 1000;
	(void)send_sizes(&p, sizes, 200);
	arrive(&p, sizes, 200);
	pair_end(&p);
}

/* The way does not take what is gathered: they go one by one, and from then on the caller knows. */
static void test_a_narrow_way(void **state)
{
	static const size_t sizes[] = { 3000, 3000, 3000, 100, 50 };
	struct pair p;

	(void)need_netns(state);
	set_lo(1500);
	p = pair_new();
	assert_true(send_sizes(&p, sizes, 5).is_single);
	arrive(&p, sizes, 5);
	pair_end(&p);
}

static void test_no_place(void **state)
{
	struct pair p;
	unsigned added = 0;

	(void)need_netns(state);
	p = pair_new();
	for (;; added++) {
		struct udp_run run = numbered(added, 10 + added); /* none fits the one before */

		if (!udp_send_add(p.send, &run, false))
			break;
	}
	assert_int_equal(added, UDP_SEND_MOST);
	pair_end(&p);
}

/* What waits at the socket is told once, and costs no datagram. */
static void test_an_error_of_before(void **state)
{
	static const size_t sizes[] = { 10, 20, 30 };
	struct udp_way way;
	struct pair p;

	(void)need_netns(state);
	p = pair_new();
	(void)close(p.to);
	assert_int_equal(send(p.from, "?", 1, 0), 1);
	p.to = stranger(&p.at, false);
	way = send_sizes(&p, sizes, 3);
	assert_int_equal(way.err, -ECONNREFUSED);
	arrive(&p, sizes, 3);
	assert_int_equal(send_sizes(&p, sizes, 3).err, 0);
	pair_end(&p);
}

/* Sent and read back by the batch. Returns how many datagrams came, in how many messages. */
static size_t read_back(struct pair *p, size_t size, size_t count, unsigned *messages)
{
	size_t seen = 0;
	int got;

	*messages = 0;
	for (got = udp_batch_receive(p->batch, p->to); got > 0;
	     got = udp_batch_receive(p->batch, p->to)) {
		for (int i = 0; i < got; i++) {
			struct udp_run run = udp_batch_run(p->batch, (unsigned)i);
			struct span one;
			size_t at = 0;

			assert_int_equal(run.from.family, AF_INET);
			while (udp_run_next(&run, &at, &one)) {
				assert_int_equal(one.size, size);
				assert_memory_equal(one.data, numbered(seen, size).bytes.data,
						    size);
				seen++;
			}
		}
		*messages += (unsigned)got;
	}
	assert_int_equal(got, 0);
	assert_int_equal(seen, count);
	return seen;
}

static void test_read_back(void **state)
{
	static const size_t all[] = { 0, 1, 1200 };
	static size_t sizes[100];
	unsigned messages;
	struct pair p;

	(void)need_netns(state);
	p = pair_new();
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < 60; i++)
			sizes[i] = all[k];
		(void)send_sizes(&p, sizes, 60);
		(void)read_back(&p, all[k], 60, &messages);
		assert_int_equal(messages, 60);
	}
	udp_socket_gather(p.to);
	for (size_t i = 0; i < 100; i++)
		sizes[i] = 1200;
	(void)send_sizes(&p, sizes, 100);
	(void)read_back(&p, 1200, 100, &messages);
	assert_true(messages < 10);
	pair_end(&p);
}

/* What was read in one message goes on in one. */
static void test_passed_on(void **state)
{
	static size_t sizes[40];
	struct udp_way way = { 0 };
	struct udp_run run;
	struct pair p, next;
	unsigned messages;

	(void)need_netns(state);
	p = pair_new();
	udp_socket_gather(p.to);
	for (size_t i = 0; i < 40; i++)
		sizes[i] = 1100;
	(void)send_sizes(&p, sizes, 40);
	assert_int_equal(udp_batch_receive(p.batch, p.to), 1);
	run = udp_batch_run(p.batch, 0);
	assert_int_equal(run.segment, 1100);
	assert_int_equal(run.bytes.size, 40 * 1100);
	next = p; /* around again, by the same sockets */
	way = (struct udp_way){ .fd = next.from, .family = AF_INET };
	assert_true(udp_send_add(next.send, &run, false));
	udp_send_all(next.send, &way);
	assert_int_equal(way.count, 40);
	(void)read_back(&next, 1100, 40, &messages);
	pair_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sizes),     TEST(test_many_of_one_size),   TEST(test_a_narrow_way),
		TEST(test_no_place),  TEST(test_an_error_of_before), TEST(test_read_back),
		TEST(test_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
