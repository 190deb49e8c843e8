/*
 * The log sink: stderr, or the syslog socket. Neither may ever hold the daemon
 * up: a line that is not taken at once is dropped, and counted, and the next one
 * that gets through says how many went before it. That is why this is not
 * syslog(3), which waits for a syslogd that hangs.
 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_BYTES = 2048, /* with the newline; below PIPE_BUF, so that lines do not mix */
};

static struct {
	const char *who;
	enum log_level most;
	bool to_syslog;
	int socket; /* to syslogd; -1: not open */
	unsigned long dropped;
} sink = { "shunt", LOG_LEVEL_INFO, false, -1, 0 };

static void connect_syslog(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };

	sink.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sink.socket >= 0 && connect(sink.socket, (struct sockaddr *)&name, sizeof name) < 0)
		log_leave(); /* nobody is there now: the next line tries again */
}

void log_open(const char *who, enum log_level most, bool to_syslog)
{
	sink.who = who;
	sink.most = most;
	sink.to_syslog = to_syslog;
	if (!to_syslog)
		return;
	tzset(); /* now, while the sandbox still lets the zone file be read */
	log_again();
}

void log_leave(void)
{
	if (sink.socket >= 0)
		(void)close(sink.socket); /* datagrams: nothing is lost with it */
	sink.socket = -1;
}

void log_again(void)
{
	if (sink.to_syslog && sink.socket < 0)
		connect_syslog();
}

void log_set_level(enum log_level most)
{
	sink.most = most;
}

bool log_wants(enum log_level level)
{
	return level <= sink.most;
}

static bool put_stderr(const char *line, size_t size)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) &&
	       write(STDERR_FILENO, line, size) == (ssize_t)size;
}

/* As syslog(3) words it: priority, time, who. A syslogd that was restarted is found again. */
static bool put_syslog(int priority, const char *text)
{
	char line[LINE_BYTES + 128];
	char when[32] = "";
	time_t now = time(NULL);
	struct tm tm;
	int size;

	if (localtime_r(&now, &tm))
		(void)strftime(when, sizeof when, "%h %e %T ", &tm); /* fits */
	size = snprintf(line, sizeof line, "<%d>%s%s[%d]: %s", priority | LOG_DAEMON, when,
			sink.who, (int)getpid(), text);
	for (int i = 0; i < 2; i++) {
		log_again();
		if (sink.socket < 0)
			return false;
		if (send(sink.socket, line, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) == size)
			return true;
		if (errno == EAGAIN || errno == ENOBUFS)
			return false;
		log_leave();
	}
	return false;
}

static bool put(int priority, const char *front, const char *text)
{
	char line[LINE_BYTES];
	int size;

	if (sink.to_syslog)
		return put_syslog(priority, text);
	size = snprintf(line, sizeof line, "%s%s\n", front, text);
	if (size >= LINE_BYTES) {
		size = LINE_BYTES - 1;
		line[size - 1] = '\n';
	}
	return put_stderr(line, (size_t)size);
}

static void say(int priority, const char *front, const char *text)
{
	char lost[64];

	if (sink.dropped) {
		(void)snprintf(lost, sizeof lost, "%s: warning: %lu log lines were lost", sink.who,
			       sink.dropped); /* fits */
		if (!put(LOG_WARNING, "", lost)) {
			sink.dropped++;
			return;
		}
		sink.dropped = 0;
	}
	if (!put(priority, front, text))
		sink.dropped++;
}

void log_flow(const char *line, bool bare)
{
	char front[32] = "";

	if (!bare)
		(void)snprintf(front, sizeof front, "%s: ", sink.who); /* a short word */
	say(LOG_INFO, front, line);
}

void log_line(enum log_level level, const char *format, ...)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	static const char *const words[] = { "error: ", "warning: ", "", "debug: " };
	char text[LINE_BYTES - 64];
	char front[48];
	va_list args;

	if (!log_wants(level))
		return;
	(void)snprintf(front, sizeof front, "%s: %s", sink.who, words[level]); /* short words */
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format,
			args); /* a cut line is still the best there is */
	va_end(args);
	say(priorities[level], front, text);
}
