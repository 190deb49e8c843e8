#ifndef SHUNT_FLOW_HANDED_WAY_H
#define SHUNT_FLOW_HANDED_WAY_H

#include "flow/handed_share.h"

/*
 * Does this box let through what was handed over? While a flow is relayed the
 * forward chains of others do not see it; handed over it passes them, and a
 * box that never forwarded anything may drop all of it: an outage made by us. So a
 * way, which is the one to a server by TCP or by UDP, is tried with one flow, and the
 * first way of all of its transport before any other. Carriers try, the keeper finds out.
 */
enum handed_way {
	HANDED_WAY_UNKNOWN, /* may be tried */
	HANDED_WAY_TRIED,   /* one flow is on it, nothing is known yet */
	HANDED_WAY_OPEN,
	HANDED_WAY_CLOSED,
};

/* The way to a server by TCP; divert: with `original`, where servers are without number: that of all flows of
 * the divert of this name and of the server's family. NULL: of a backend. */
unsigned handed_way_of(const struct handed_share *s, const struct addr *server, const char *divert);

/* ... and by UDP. */
unsigned handed_way_of_udp(const struct handed_share *s, const struct addr *server,
			   const char *divert);

/* What is known of it. As long as the first of all is being tried, so is each of them, and after that
 * was found closed, so is each. */
enum handed_way handed_way_state(const struct handed_share *s, unsigned way);

/* The same of itself alone. */
enum handed_way handed_way_own(const struct handed_share *s, unsigned way);

/* Was one of its transport found open? HANDED_WAY_OPEN; or what is known of the first. */
enum handed_way handed_way_first(const struct handed_share *s, unsigned way);

/* Try it, when nobody has and it may be: true; then somebody has to find out. */
bool handed_way_try(struct handed_share *s, unsigned way);

/* It was not tried after all, or nothing was found out. */
void handed_way_untry(struct handed_share *s, unsigned way);

/* This was found out. */
void handed_way_found(struct handed_share *s, unsigned way, bool is_open);

/* What is closed may be open by now. */
void handed_way_reopen(struct handed_share *s);

#endif
