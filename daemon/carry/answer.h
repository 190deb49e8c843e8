#ifndef SHUNT_CARRY_ANSWER_H
#define SHUNT_CARRY_ANSWER_H

#include "flow/question.h"
#include "flow/table.h"

/* What a sniffer's answer may say, and what is kept of it: the same for TCP and UDP. */

/* May flows of this divert go where the answer leads them? */
bool answer_is_allowed(const struct table *t, const struct table_divert *d, const struct answer *a);

/* Keep what was recognised in one piece of memory as small as it can be: proto, name, alpn, each
 * NUL-terminated; *out stays NULL when it is nothing. 0 or -ENOMEM. Ended by free(). */
int answer_keep_texts(const struct answer *a, char **out);

#endif
