#ifndef SHUNT_CARRY_FLOW_LOG_H
#define SHUNT_CARRY_FLOW_LOG_H

#include "carry/tcp_session.h"
#include "carry/udp_flow.h"

/* What is known of a session, as it is listed and logged. */
void flow_log_record(const struct tcp_session *s, struct flow_record *out);
void flow_log_udp_record(const struct udp_flow *f, struct flow_record *out);

/* Write the line of an ended flow, if the table wants it, and count it. */
void flow_log_end(struct tcp_session *s, enum flow_why why);
void flow_log_udp_end(struct udp_flow *f, enum flow_why why);

/* Write every flow that is alive into a file, as struct flow_record. How many, or -errno. */
int64_t flow_log_list(struct gate *g, int file);

#endif
