#ifndef SHUNT_BASE_LOG_H
#define SHUNT_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * The log sink: the one mutable global of the house. Only the root, sniff/,
 * carry/, spawn/ and ctl/ log. Each call writes one whole line with one write(2), so
 * lines of several processes do not mix.
 */

/* Where lines go and which are wanted. who: static text in front of each line on stderr. */
void log_open(const char *who, enum log_level most, bool to_syslog);

/*
 * Around the closing of descriptors in a forked child: libc must not go on with
 * a syslog descriptor that was closed, and may be another's, under it. Both do
 * nothing where lines go to stderr.
 */
void log_leave(void);
void log_again(void);

/* Only change which lines are wanted. */
void log_set_level(enum log_level most);

bool log_wants(enum log_level level);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A flow's line: always wanted, whatever the level. bare: nothing is put in front of it (JSON). */
void log_flow(const char *line, bool bare);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
