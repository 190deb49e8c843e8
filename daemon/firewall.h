#ifndef SHUNT_FIREWALL_H
#define SHUNT_FIREWALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/mark.h"
#include "kernel/netlink.h"
#include "policy/config.h"

/*
 * What the keeper has in the kernel: the nft tables `inet shunt` (ours while
 * we live) and `inet shunt_base` (lasting), three ip rules per family, and the
 * local route. Not for children: they close every descriptor that they inherit.
 * Functions never log; what they want said is in *fault (NULL is fine).
 */
struct firewall;

/* The listeners of one divert, host order; 0: none of that family. */
struct firewall_ports {
	uint16_t v4; /* TCP, on 127.0.0.1 */
	uint16_t v6; /* TCP, on ::1 */
	uint16_t udp4, udp6;
};

enum {
	/* How long a daemon counts as alive after all its processes have answered. When they do not
	 * any more, `fail` must take over within 10 s. */
	FIREWALL_ALIVE_MS = 9000,
	FIREWALL_COOKIES_S = 60, /* SYN cookies count as in use for so long after one was seen */
};

/*
 * Plan the tables and open the netlink sockets; the kernel is not touched yet.
 * config is borrowed until firewall_free(); ports has one entry per divert and
 * is copied. 0 and *out for firewall_free(), or -errno.
 */
int firewall_new(struct firewall **out, const struct config *config,
		 const struct firewall_ports *ports, struct fault *fault);

/*
 * Check permission, kernel facilities and ports that this box itself serves,
 * then write lasting table, ip rules, route and owned table, in that order;
 * what a dead predecessor left is taken over. Nothing is diverted before the
 * first firewall_alive(). 0, or -errno with one line that names object and
 * remedy; then what was written by this call is taken back. *fault may also hold
 * a line to be said after success, on ports that this box itself serves.
 */
int firewall_up(struct firewall *fw, struct fault *fault);

/* Would the diverts of another configuration take ports that this box itself serves? For a reload, before
 * anything is begun for it. 0, perhaps with a line to be said; -EADDRINUSE with a line; or -errno. */
int firewall_check(struct firewall *fw, const struct config *config, struct fault *fault);

/*
 * Go over to another configuration, between firewall_up() and firewall_down():
 * new sets are laid ready, then one transaction changes the rules of both
 * tables. Every packet meets the old ones or the new ones. Only what differs
 * is written; named counters go on, sets whose elements come and go (`alive`)
 * keep them and their time. config is borrowed until the next change, the old
 * one no more. ports: one entry per divert, copied; what is on its way to
 * listeners of before should still meet them. 1: written; 0: nothing differs in
 * the kernel; or -errno with a line in *fault, then all is as it was; -EINVAL:
 * `mark` or `table` differ, which needs a restart.
 */
int firewall_change(struct firewall *fw, const struct config *config,
		    const struct firewall_ports *ports, struct fault *fault);

/*
 * Why nothing can be handed over: -errno with a line that names what is missing
 * and the remedy. 0 when it can; *fault then says where, or is not touched.
 */
int firewall_handoff_problem(const struct firewall *fw, struct fault *fault);

/* The socket that shows ICMP errors of flows that were handed over, for carry/mend.h; borrowed. None
 * when nothing can be handed over. */
struct netlink firewall_errors(const struct firewall *fw);

/* Say that the daemon works: new connections are taken until then, by clock_ms(), FIREWALL_ALIVE_MS
 * from now at most. 0; -ETIME: that is over; or -errno. */
int firewall_alive(struct firewall *fw, uint64_t until_ms);

/* Take no new connection from now on; those being relayed go on. 0/-errno. */
int firewall_unalive(struct firewall *fw);

/*
 * To be called once a second: look whether the kernel sends SYN cookies, and
 * only then let the last ACK of a handshake through to the listeners without
 * a connection that is known. 0/-errno.
 */
int firewall_cookies(struct firewall *fw);

/*
 * To be called once a second: br_netfilter takes its place among the hooks with
 * the first bridge, and chain `from_bridge` must stand before it. It is made when
 * there is a bridge, and goes with br_netfilter, as a change of rules: see firewall_change().
 * 1: it was made; 0: nothing to tell; or -errno with a fault.
 */
int firewall_bridges(struct firewall *fw, struct fault *fault);

/* One descriptor, owned by fw, readable when rules, routes or tables have changed in the kernel. */
int firewall_fd(const struct firewall *fw);

/*
 * Follow the addresses of the interfaces that diverts name by `to = @IFACE`, and
 * the networks of links where datagrams are diverted, in the kernel and in the plan. Call it as soon as firewall_fd() is readable or a
 * little later, before firewall_tend(). 1: they were others, with a line to be
 * said; 0; or -errno: the next call, or firewall_tend(), puts it right.
 */
int firewall_follow(struct firewall *fw, struct fault *fault);

/* Let the next firewall_follow() and firewall_tend() compare everything, events or not. */
void firewall_suspect(struct firewall *fw);

/*
 * Read the pending events and, when somebody else's may have touched what is
 * ours, compare with the kernel and write what is missing or differs. Call it
 * some 100 ms after firewall_fd() turned readable, so that a `flush` and a
 * `load` of other rules is over. Returns the number of objects repaired (0:
 * nothing was amiss; *fault then is untouched), with *fault naming the first;
 * or -errno, with *fault naming what failed, and the next call tries again.
 * -EINTR: others change so much that nothing could be read in one piece.
 */
int firewall_tend(struct firewall *fw, struct fault *fault);

/*
 * Orderly stop: owned table, ip rules and route go, and the lasting table
 * unless a divert is `fail = closed` or handed-over flows live. 0/-errno; goes
 * on after an error and gives the first.
 */
int firewall_down(struct firewall *fw, struct fault *fault);

/* Take everything of ours out of the kernel, also what a dead daemon left. 0/-errno as above. */
int firewall_purge(const struct marks *marks, uint32_t table, struct fault *fault);

/*
 * The tables in nft's language, malloc'd; NULL without memory. is_closed false:
 * both tables as planned. true: a file for boot that refuses the closed diverts
 * before the daemon has run.
 */
char *firewall_text(const struct firewall *fw, bool is_closed);

/* What this kernel offers, one "name: yes|no" line each, malloc'd; NULL without memory. */
char *firewall_facilities(void);

/* Close sockets and free memory; the kernel drops the owned table with the socket. NULL is fine. */
void firewall_free(struct firewall *fw);

#endif
