#ifndef SHUNT_HANDED_ADOPT_H
#define SHUNT_HANDED_ADOPT_H

#include "flow/record.h"
#include "kernel/conntrack.h"
#include "policy/config.h"

/*
 * A record of a flow of which nothing is left but its conntrack entry: another
 * daemon handed it over. Divert and backend are those of the configuration that
 * it fits, the first ones of several; what they were called then, its route,
 * protocol and name nobody knows. is_local: it goes to an address of this box.
 */
void handed_adopt(const struct config *config, const struct conntrack_entry *e, bool is_local,
		  struct flow_record *out);

#endif
