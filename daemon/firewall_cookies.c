/* Does the kernel send SYN cookies? */
#include "firewall_cookies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINE_BYTES = 8192, /* TcpExt has some 130 counters in a line */
};

/* The nth word of a line of blanks and words; NULL when there are fewer. */
static const char *word(const char *line, size_t nth)
{
	const char *at = line;

	for (;;) {
		at += strspn(at, " ");
		if (*at == '\0' || *at == '\n')
			return NULL;
		if (nth-- == 0)
			return at;
		at += strcspn(at, " \n");
	}
}

/* Two lines tell of each group: its names, then its numbers. */
int firewall_cookies_sent(uint64_t *sent, const char *path)
{
	static const char name[] = "SyncookiesSent";
	char names[LINE_BYTES];
	char numbers[LINE_BYTES];
	FILE *in = fopen(path, "re");
	int err = -ENOENT;
	size_t nth;

	if (!in)
		return -errno;
	while (err && fgets(names, sizeof names, in) && fgets(numbers, sizeof numbers, in)) {
		for (nth = 0; word(names, nth); nth++) {
			const char *found = word(names, nth);

			if (strcspn(found, " \n") != sizeof name - 1 ||
			    memcmp(found, name, sizeof name - 1) != 0 || !word(numbers, nth))
				continue;
			*sent = strtoull(word(numbers, nth), NULL, 10);
			err = 0;
			break;
		}
	}
	(void)fclose(in); /* only read from */
	return err;
}

bool firewall_cookies_forced(void)
{
	FILE *in = fopen("/proc/sys/net/ipv4/tcp_syncookies", "re");
	int mode = 0;

	if (!in)
		return false;
	mode = fgetc(in);
	(void)fclose(in); /* only read from */
	return mode == '2';
}
