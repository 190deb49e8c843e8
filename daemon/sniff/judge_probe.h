#ifndef SHUNT_SNIFF_JUDGE_PROBE_H
#define SHUNT_SNIFF_JUDGE_PROBE_H

#include "sniff/judge.h"

/*
 * Ask one of the user's probes, by its number, about a flow that came by its
 * transport. A program is not asked here: its word is in the question, or it is
 * MORE; in a final question a word that has not come is a NO. *cut, if not NULL, counts the regexes
 * that were given up at a limit.
 */
enum wire_verdict judge_probe_ask(const struct judge *j, const struct question *q, unsigned probe,
				  struct span bytes, struct wire_hints *hints, unsigned *cut);

#endif
