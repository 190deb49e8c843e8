#ifndef SHUNT_WIRE_CASSANDRA_H
#define SHUNT_WIRE_CASSANDRA_H

#include "base/span.h"

/*
 * Do these bytes, nine at least, begin as a client of Cassandra asks for the options of
 * its server? They are all that it sends, and may begin a message of MongoDB, whose
 * recogniser asks here.
 */
bool cassandra_asks_options(struct span stream);

#endif
