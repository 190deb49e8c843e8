/* SyncookiesSent as /proc/net/netstat has it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "firewall_cookies.h"
#include "unit.h"

static int sent_in(const char *text, uint64_t *sent)
{
	char path[] = "/tmp/shunt-test-XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	int err;

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
	err = firewall_cookies_sent(sent, path);
	assert_int_equal(unlink(path), 0);
	return err;
}

static void test_reads(void **state)
{
	uint64_t sent = 0;

	(void)state;
	assert_int_equal(sent_in("TcpExt: SyncookiesSent SyncookiesRecv\nTcpExt: 17 3\n", &sent),
			 0);
	assert_int_equal(sent, 17);
	assert_int_equal(sent_in("IpExt: A B\nIpExt: 1 2\nTcpExt: X SyncookiesSent\nTcpExt: 9 "
				 "18446744073709551615\n",
				 &sent),
			 0);
	assert_int_equal(sent, UINT64_MAX);
}

static void test_says_nothing(void **state)
{
	uint64_t sent = 5;

	(void)state;
	assert_int_equal(sent_in("", &sent), -ENOENT);
	assert_int_equal(sent_in("TcpExt: SyncookiesSentMore\nTcpExt: 1\n", &sent), -ENOENT);
	assert_int_equal(sent_in("TcpExt: X SyncookiesSent\nTcpExt: 1\n", &sent), -ENOENT);
	assert_int_equal(sent_in("TcpExt: X SyncookiesSent\n", &sent), -ENOENT);
	assert_int_equal(firewall_cookies_sent(&sent, "/nonexistent"), -ENOENT);
	assert_int_equal(sent, 5);
}

static void test_this_box(void **state)
{
	uint64_t sent;

	(void)state;
	assert_int_equal(firewall_cookies_sent(&sent, "/proc/self/net/netstat"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_says_nothing),
		cmocka_unit_test(test_this_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
