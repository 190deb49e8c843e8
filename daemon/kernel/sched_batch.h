#ifndef SHUNT_KERNEL_SCHED_BATCH_H
#define SHUNT_KERNEL_SCHED_BATCH_H

#include <stdbool.h>

/*
 * Have this process not interrupt another one when it is woken (SCHED_BATCH), or
 * interrupt it again (SCHED_OTHER, as every process begins). On a busy machine
 * the first gathers work: fewer switches, each with more to do. 0 or -errno.
 */
int sched_batch(bool is_batch);

#endif
