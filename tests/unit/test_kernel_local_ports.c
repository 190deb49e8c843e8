/* /proc/net/tcp as the kernel prints it. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/local_ports.h"
#include "unit.h"

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
#define REST " 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n"

/* An address in the words of this machine's byte order, as the kernel has it. */
static void put(FILE *out, int family, const char *address, unsigned port, unsigned state)
{
	uint32_t words[4] = { 0 };
	size_t count = family == AF_INET ? 1 : 4;
	size_t i;

	assert_int_equal(inet_pton(family, address, words), 1);
	(void)fprintf(out, "   0: ");
	for (i = 0; i < count; i++)
		(void)fprintf(out, "%08X", words[i]);
	(void)fprintf(out, ":%04X 00000000:0000 %02X" REST, port, state);
}

/* Such a file, with its head. */
static FILE *begin(char *path)
{
	FILE *out = fdopen(mkstemp(path), "w");

	assert_non_null(out);
	(void)fputs(HEAD, out);
	return out;
}

/* What is read of it. */
static void end(FILE *out, const char *path, bool is_udp, struct addr_list *list)
{
	assert_int_equal(fclose(out), 0);
	assert_int_equal(local_ports_read_file(list, path, is_udp), 0);
	assert_int_equal(unlink(path), 0);
}

static void test_reads(void **state)
{
	char path[] = "/tmp/shunt-test-XXXXXX";
	struct addr_list list = { NULL, 0 };
	char text[ADDR_TEXT_BYTES];
	FILE *out = begin(path);

	(void)state;
	put(out, AF_INET, "0.0.0.0", 22, 10);
	put(out, AF_INET, "127.0.0.1", 631, 10);
	put(out, AF_INET, "192.0.2.1", 80, 10);
	put(out, AF_INET, "192.0.2.1", 81, 1);
	put(out, AF_INET6, "::", 443, 10);
	put(out, AF_INET6, "::1", 444, 10);
	put(out, AF_INET6, "::ffff:192.0.2.9", 8080, 10);
	put(out, AF_INET6, "::ffff:127.0.0.1", 8081, 10);
	put(out, AF_INET6, "2001:db8::1", 8443, 10);
	(void)fputs("   1: nonsense\n   2: 01:02 x 0A\n", out);
	end(out, path, false, &list);
	assert_int_equal(list.count, 5);
	assert_string_equal(addr_text(&list.at[0], text), "0.0.0.0:22");
	assert_string_equal(addr_text(&list.at[1], text), "192.0.2.1:80");
	assert_string_equal(addr_text(&list.at[2], text), "[::]:443");
	assert_string_equal(addr_text(&list.at[3], text), "192.0.2.9:8080");
	assert_string_equal(addr_text(&list.at[4], text), "[2001:db8::1]:8443");
	addr_list_free(&list);
	assert_int_equal(list.count, 0);
	addr_list_free(&list);
}

/* Sockets of UDP that are connected serve one peer alone. */
static void test_reads_udp(void **state)
{
	char path[] = "/tmp/shunt-test-XXXXXX";
	struct addr_list list = { NULL, 0 };
	char text[ADDR_TEXT_BYTES];
	FILE *out = begin(path);

	(void)state;
	put(out, AF_INET, "0.0.0.0", 53, 7);
	put(out, AF_INET, "127.0.0.1", 323, 7);
	put(out, AF_INET, "192.0.2.1", 40000, 1);
	put(out, AF_INET6, "::", 51820, 7);
	end(out, path, true, &list);
	assert_int_equal(list.count, 2);
	assert_string_equal(addr_text(&list.at[0], text), "0.0.0.0:53");
	assert_string_equal(addr_text(&list.at[1], text), "[::]:51820");
	addr_list_free(&list);
}

static void test_this_box(void **state)
{
	struct addr_list list = { NULL, 0 };
	struct local_ports_range range = { 0, 0 };

	(void)state;
	assert_int_equal(local_ports_read(&list), 0);
	addr_list_free(&list);
	assert_int_equal(local_ports_read_udp(&list, &range), 0);
	addr_list_free(&list);
	assert_true(range.first > 0 && range.first <= range.last);
	assert_int_equal(local_ports_read_file(&list, "/nonexistent", false), -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_reads_udp),
		cmocka_unit_test(test_this_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
