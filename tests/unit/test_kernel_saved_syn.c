/* The SYN that the kernel kept: from bytes, and from a real handshake. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/saved_syn.h"
#include "unit.h"

static const uint8_t v4[] = {
	0x45, 0xb8, 0, 40,  0,    0,    0x40, 0,    64, 6, 0, 0, 192,  0, 2, 1, 198, 51, 100, 1,
	0xc0, 0,    1, 187, 0x11, 0x22, 0x33, 0x44, 0,  0, 0, 0, 0x50, 2, 0, 0, 0,   0,  0,   0,
};

static void test_ipv4(void **state)
{
	struct saved_syn syn;

	(void)state;
	assert_true(saved_syn_parse(span_of(v4, sizeof v4), &syn));
	assert_int_equal(syn.isn, 0x11223344);
	assert_int_equal(syn.tos, 0xb8);
}

static void test_ipv4_options(void **state)
{
	uint8_t packet[sizeof v4 + 4] = { 0 };
	struct saved_syn syn;

	(void)state;
	memcpy(packet, v4, 20);
	packet[0] = 0x46;
	memcpy(packet + 24, v4 + 20, 20);
	assert_true(saved_syn_parse(span_of(packet, sizeof packet), &syn));
	assert_int_equal(syn.isn, 0x11223344);
}

static void test_ipv6(void **state)
{
	uint8_t packet[60] = { 0x6b, 0x80, 0, 0, 0, 20, 6, 64 };
	struct saved_syn syn;

	(void)state;
	memcpy(packet + 40, v4 + 20, 20);
	assert_true(saved_syn_parse(span_of(packet, sizeof packet), &syn));
	assert_int_equal(syn.isn, 0x11223344);
	assert_int_equal(syn.tos, 0xb8);
}

/* v4 with these options behind it, parsed. */
static struct saved_syn with_options(const uint8_t *options, size_t size)
{
	uint8_t packet[sizeof v4 + 40] = { 0 };
	struct saved_syn syn;

	memcpy(packet, v4, sizeof v4);
	memcpy(packet + sizeof v4, options, size);
	packet[32] = (uint8_t)((20 + size) / 4 << 4);
	assert_true(saved_syn_parse(span_of(packet, sizeof v4 + size), &syn));
	return syn;
}

static void test_options(void **state)
{
	static const uint8_t usual[] = { 2, 4, 5, 0x78, 4, 2, 1, 1, 1, 1, 1, 1,
					 1, 1, 1, 1,    1, 3, 3, 9, 0, 2, 4, 9 };
	static const uint8_t stamp[] = {
		4, 2, 8, 10, 0xff, 0xfe, 0xfd, 0xfc, 0, 0, 0, 0, 1, 3, 3, 7
	};
	struct saved_syn syn = with_options(usual, sizeof usual);

	(void)state;
	assert_int_equal(syn.most_segment, 1400);
	assert_int_equal(syn.scale, 9);
	assert_false(syn.has_stamp);
	syn = with_options(usual, 0);
	assert_int_equal(syn.most_segment, 0);
	assert_int_equal(syn.scale, SAVED_SYN_NO_SCALE);
	syn = with_options(stamp, sizeof stamp);
	assert_true(syn.has_stamp);
	assert_int_equal(syn.stamp, 0xfffefdfc);
	assert_int_equal(syn.scale, 7);
}

static void test_odd_options(void **state)
{
	static const uint8_t huge[] = { 3, 3, 15, 0 };
	static const uint8_t endless[] = { 9, 0, 3, 3, 7, 2, 4, 5 };
	static const uint8_t too_long[] = { 3, 9, 7, 0 };
	static const uint8_t wrong_size[] = { 2, 3, 5, 3, 4, 7, 7, 0 };
	static const uint8_t cut_off[] = { 2, 4, 5, 0x78, 1, 1, 1, 3 };

	(void)state;
	assert_int_equal(with_options(huge, sizeof huge).scale, 14); /* RFC 7323 2.3 */
	assert_int_equal(with_options(endless, sizeof endless).scale, SAVED_SYN_NO_SCALE);
	assert_int_equal(with_options(too_long, sizeof too_long).scale, SAVED_SYN_NO_SCALE);
	assert_int_equal(with_options(wrong_size, sizeof wrong_size).scale, SAVED_SYN_NO_SCALE);
	assert_int_equal(with_options(wrong_size, sizeof wrong_size).most_segment, 0);
	assert_int_equal(with_options(cut_off, sizeof cut_off).most_segment, 1400);
}

/* Short ones, other protocols, a header length that is none: no SYN, and *out is left alone. */
static void test_nonsense(void **state)
{
	struct saved_syn syn = { .isn = 7 };
	uint8_t packet[sizeof v4];

	(void)state;
	for (size_t size = 0; size < 28; size++)
		assert_false(saved_syn_parse(span_of(v4, size), &syn));
	memcpy(packet, v4, sizeof packet);
	packet[9] = 17;
	assert_false(saved_syn_parse(span_of(packet, sizeof packet), &syn));
	packet[9] = 6;
	packet[0] = 0x40;
	assert_false(saved_syn_parse(span_of(packet, sizeof packet), &syn));
	assert_int_equal(syn.isn, 7);
}

static void test_real_handshake(void **state)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof name;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int tos = 0x28;
	int on = 1;
	struct saved_syn syn;
	int accepted;

	(void)state;
	assert_int_equal(setsockopt(listener, SOL_TCP, TCP_SAVE_SYN, &on, sizeof on), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &size), 0);
	assert_int_equal(setsockopt(client, SOL_IP, IP_TOS, &tos, sizeof tos), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&name, size), 0);
	accepted = accept(listener, NULL, NULL);
	assert_true(accepted >= 0);
	assert_true(saved_syn_read(accepted, &syn));
	assert_int_equal(syn.tos, tos);
	assert_int_not_equal(syn.isn, 0);
	assert_false(saved_syn_read(accepted, &syn)); /* it is handed out once */
	(void)close(accepted);
	(void)close(client);
	(void)close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),           cmocka_unit_test(test_ipv4_options),
		cmocka_unit_test(test_ipv6),           cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_real_handshake), cmocka_unit_test(test_options),
		cmocka_unit_test(test_odd_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
