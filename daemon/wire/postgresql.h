#ifndef SHUNT_WIRE_POSTGRESQL_H
#define SHUNT_WIRE_POSTGRESQL_H

#include "base/span.h"

/*
 * May these bytes be the beginning of a StartupMessage, as far as the letter with which
 * the first parameter begins? A first request of Kafka can be alike until then, but has
 * a small number there; its recogniser asks here.
 */
bool postgresql_starts(struct span stream);

#endif
