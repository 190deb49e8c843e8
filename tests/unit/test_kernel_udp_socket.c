/* Sockets for datagrams: whom they leave datagrams to, and from where raw ones come. */
#include "kernel/udp_socket.h"
#include "kernel_udp.h"

/* Local addresses of both families; IPv6 has only ::1. */
static struct addr local(int v6, uint8_t host, uint16_t port)
{
	struct addr a = { .family = AF_INET, .bytes = { 127, 0, 0, host }, .port = port };
	struct addr b = { .family = AF_INET6, .bytes = { [15] = 1 }, .port = port };

	return v6 ? b : a;
}

static void test_a_reply_socket_takes_nothing(void **state)
{
	(void)need_netns(state);
	for (int v = 0; v < 2; v++) {
		struct addr at = local(v, 3, 5000);
		struct addr client = local(v, 1, 5001);
		int service = stranger(&at, true);
		int reply = udp_socket_reply(&at, TEST_MARK);
		int s = stranger(&client, true);
		uint8_t room[16];

		assert_true(reply >= 0);
		for (int i = 0; i < 10; i++)
			send_to(s, &at, span_text("to the service"));
		for (int i = 0; i < 10; i++)
			assert_int_equal(receive(service, room, sizeof room, NULL), 14);
		assert_int_equal(receive(reply, room, sizeof room, NULL), -1);
		(void)close(service);
		(void)close(reply);
		(void)close(s);
	}
}

static void test_a_port_that_is_taken(void **state)
{
	(void)need_netns(state);
	for (int v = 0; v < 2; v++) {
		struct addr at = local(v, 3, 5000);
		struct addr server = local(v, 1, 5001);
		int service = stranger(&at, false);

		assert_int_equal(udp_socket_reply(&at, TEST_MARK), -EADDRINUSE);
		assert_int_equal(udp_socket_server(&at, &server, TEST_MARK, false), -EADDRINUSE);
		(void)close(service);
	}
}

/* One that is to be alone is not opened beside another, but others may come after it. */
static void test_alone(void **state)
{
	struct addr at = endpoint("127.0.0.3:5000");
	struct addr server = endpoint("127.0.0.1:5001");
	int first;
	int second;

	(void)need_netns(state);
	first = udp_socket_server(&at, &server, TEST_MARK, true);
	assert_true(first >= 0);
	assert_int_equal(udp_socket_server(&at, &server, TEST_MARK, true), -EADDRINUSE);
	second = udp_socket_server(&at, &server, TEST_MARK, false);
	assert_true(second >= 0);
	(void)close(first);
	(void)close(second);
}

/* A flow's own socket is led to before any other of that address and port. */
static void test_a_clients_own_socket(void **state)
{
	struct addr at = endpoint("127.0.0.3:5000");
	struct addr client = endpoint("127.0.0.1:5001");
	struct addr other = endpoint("127.0.0.1:5002");
	uint8_t room[16];
	int service, own, s, o;

	(void)need_netns(state);
	service = stranger(&at, true);
	own = udp_socket_client(&at, &client, TEST_MARK);
	s = stranger(&client, false);
	o = stranger(&other, false);
	assert_true(own >= 0);
	send_to(s, &at, span_text("mine"));
	send_to(o, &at, span_text("another"));
	assert_int_equal(receive(own, room, sizeof room, NULL), 4);
	assert_int_equal(receive(own, room, sizeof room, NULL), -1);
	assert_int_equal(receive(service, room, sizeof room, NULL), 7);
	(void)close(service);
	(void)close(own);
	(void)close(s);
	(void)close(o);
}

/* The kernel of the receiver looks at the checksum, and at what is cut into fragments. */
static void test_raw(void **state)
{
	static uint8_t data[65507], room[65536];
	static const size_t sizes[] = { 0, 1, 2, 1400, 65507 };

	(void)need_netns(state);
	set_lo(1500);
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7);
	for (int v = 0; v < 2; v++) {
		struct addr from = local(v, 9, 53);
		struct addr to = local(v, 1, 5001);
		int fd = udp_socket_raw(from.family, IPPROTO_UDP, TEST_MARK);
		int s = stranger(&to, false);
		struct addr seen;

		assert_true(fd >= 0);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			assert_int_equal(
				udp_socket_raw_send(fd, &from, &to, 0xb8, span_of(data, sizes[i])),
				0);
			assert_int_equal(receive(s, room, sizeof room, &seen), sizes[i]);
			assert_memory_equal(room, data, sizes[i]);
			assert_true(addr_equal(&seen, &from));
		}
		assert_int_equal(udp_socket_raw_send(fd, &from, &to, 0, span_of(data, 65536)),
				 -EMSGSIZE);
		assert_int_equal(recv(fd, room, sizeof room, MSG_DONTWAIT), -1);
		assert_int_equal(errno, EAGAIN); /* it takes none of them */
		(void)close(fd);
		(void)close(s);
	}
}

static void test_error(void **state)
{
	struct addr nobody = endpoint("127.0.0.1:5001");
	struct addr none = { 0 };
	int fd;

	(void)need_netns(state);
	fd = udp_socket_server(&none, &nobody, TEST_MARK, false);
	assert_true(fd >= 0);
	assert_int_equal(udp_socket_error(fd), 0);
	assert_int_equal(send(fd, "?", 1, 0), 1);
	assert_int_equal(udp_socket_error(fd), -ECONNREFUSED);
	assert_int_equal(udp_socket_error(fd), 0);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_reply_socket_takes_nothing),
		TEST(test_a_port_that_is_taken),
		TEST(test_alone),
		TEST(test_a_clients_own_socket),
		TEST(test_raw),
		TEST(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
