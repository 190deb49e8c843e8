#ifndef SHUNT_SNIFFER_H
#define SHUNT_SNIFFER_H

#include "kernel/sandbox.h"
#include "sniff/judge.h"

/* The eyes: judge what comes over this socket until its other end closes. Runs in a fresh child;
 * never returns. */
_Noreturn void sniffer_main(int fd, const struct judge *judge, const struct sandbox_user *user);

#endif
