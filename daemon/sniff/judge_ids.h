#ifndef SHUNT_SNIFF_JUDGE_IDS_H
#define SHUNT_SNIFF_JUDGE_IDS_H

#include "sniff/judge.h"

/*
 * Identifiers by which flows of datagrams are found again when their client comes
 * from another address, or they were forgotten (base/flow_id.h). The eyes find them
 * in datagrams and say what is to be looked at; the hands remember them.
 */

/*
 * Put into the answer about a flow's first datagrams: the identifier that the first
 * of them names, where it is not the beginning that would decide the flow by itself; and
 * which of the server's datagrams are to be asked about, where a stray of this
 * flow would be led elsewhere.
 */
void judge_ids_put(const struct judge *j, const struct question *q, struct span bytes,
		   const struct judgement *is, struct answer *out);

/* Answer QUESTION_TOLD. */
void judge_ids_told(const struct question *q, struct span head, struct answer *out);

/*
 * Answer QUESTION_LED: decide, by the routes of today, a flow that began with this name
 * and route. A route decides otherwise where the client's new address, or the time, wants that.
 */
void judge_ids_led(const struct judge *j, const struct question *q, struct span name,
		   struct answer *out);

#endif
