/* The log sink: stderr, or syslog(3). */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *who;
	enum log_level most;
	bool to_syslog;
} sink = { "shunt", LOG_LEVEL_INFO, false };

void log_open(const char *who, enum log_level most, bool to_syslog)
{
	sink.who = who;
	sink.most = most;
	sink.to_syslog = to_syslog;
	if (!to_syslog)
		return;
	tzset(); /* now, while the sandbox still lets the zone file be read */
	openlog(who, LOG_NDELAY | LOG_PID, LOG_DAEMON);
}

void log_leave(void)
{
	if (sink.to_syslog)
		closelog();
}

void log_again(void)
{
	if (sink.to_syslog)
		openlog(sink.who, LOG_NDELAY | LOG_PID, LOG_DAEMON);
}

void log_set_level(enum log_level most)
{
	sink.most = most;
}

bool log_wants(enum log_level level)
{
	return level <= sink.most;
}

static void put_out(const char *line, size_t size)
{
	if (write(STDERR_FILENO, line, size) < 0)
		return; /* nobody reads us: there is nowhere to say so */
}

void log_flow(const char *flow, bool bare)
{
	char line[2048];
	int size;

	if (sink.to_syslog) {
		syslog(LOG_INFO, "%s", flow);
		return;
	}
	size = snprintf(line, sizeof line, "%s%s%s\n", bare ? "" : sink.who, bare ? "" : ": ",
			flow);
	if (size > 0)
		put_out(line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
}

void log_line(enum log_level level, const char *format, ...)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	static const char *const words[] = { "error: ", "warning: ", "", "debug: " };
	char line[2048];
	va_list args;
	int used;
	int more;

	if (!log_wants(level))
		return;
	used = sink.to_syslog ? 0 : snprintf(line, sizeof line, "%s: %s", sink.who, words[level]);
	va_start(args, format);
	more = vsnprintf(line + used, sizeof line - (size_t)used - 1, format, args);
	va_end(args);
	if (more < 0)
		return;
	if (sink.to_syslog) {
		syslog(priorities[level], "%s", line);
		return;
	}
	used = (int)strlen(line);
	line[used++] = '\n';
	put_out(line, (size_t)used);
}
