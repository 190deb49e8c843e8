/* Settings of conntrack, by their files. */
#include "kernel/conntrack_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/number.h"

#define FOLDER  "/proc/sys/net/netfilter/nf_conntrack_"
#define TIMEOUT FOLDER "tcp_timeout_"
#define UDP     FOLDER "udp_timeout"
#define ACCT    FOLDER "acct"

enum {
	TEXT_BYTES = 16,
};

static int read_number(const char *path, uint32_t *out)
{
	char text[TEXT_BYTES] = { 0 };
	uint64_t number;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		(void)close(fd); /* only read */
	if (size <= 1)
		return -ENOENT;
	text[size - 1] = '\0'; /* the newline */
	if (number_parse(&number, text, 0, UINT32_MAX))
		return -EINVAL;
	*out = (uint32_t)number;
	return 0;
}

static uint32_t number_or(const char *path, uint32_t otherwise)
{
	uint32_t number;

	return read_number(path, &number) ? otherwise : number;
}

void conntrack_timeouts_read(struct conntrack_timeouts *out)
{
	*out = (struct conntrack_timeouts){
		.established = number_or(TIMEOUT "established", 432000),
		.unacknowledged = number_or(TIMEOUT "unacknowledged", 300),
		.repeated = number_or(TIMEOUT "max_retrans", 300),
		.closed = number_or(TIMEOUT "time_wait", 120),
		.reset = number_or(TIMEOUT "close", 10),
		.datagrams = number_or(UDP "_stream", 120),
		.unanswered = number_or(UDP, 30),
	};
}

uint32_t conntrack_most(void)
{
	return number_or(FOLDER "max", 0);
}

int conntrack_count(void)
{
	uint32_t is_on;
	int err = read_number(ACCT, &is_on);
	int fd;

	if (err || is_on)
		return err;
	fd = open(ACCT, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, "1", 1) < 0 ? -errno : 1;
	(void)close(fd); /* the write told */
	return err;
}
