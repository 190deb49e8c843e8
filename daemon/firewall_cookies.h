#ifndef SHUNT_FIREWALL_COOKIES_H
#define SHUNT_FIREWALL_COOKIES_H

#include <stdbool.h>
#include <stdint.h>

/* How many SYN cookies this network namespace has sent: SyncookiesSent of a file such as
 * /proc/net/netstat. 0 and *sent, -ENOENT when it does not say, or -errno. */
int firewall_cookies_sent(uint64_t *sent, const char *path);

/* Are SYN cookies sent always (net.ipv4.tcp_syncookies = 2)? False when that cannot be read. */
bool firewall_cookies_forced(void);

#endif
