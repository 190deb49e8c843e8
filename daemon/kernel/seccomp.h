#ifndef SHUNT_KERNEL_SECCOMP_H
#define SHUNT_KERNEL_SECCOMP_H

#include "kernel/sandbox.h"

/*
 * From now on only the system calls of that kind of process are let through. A
 * sniffer that tries another, or reads and writes on any descriptor but fd, is
 * killed, and its stderr is closed; a carrier gets EPERM. A kernel without seccomp (small OpenWrt
 * targets) and a build with sanitizers go on without: 0. Else 0 or -errno.
 */
int seccomp_close(enum sandbox_kind kind, int fd);

/* Will seccomp_close() really close anything, on this kernel and in this build? */
bool seccomp_is_there(void);

#endif
