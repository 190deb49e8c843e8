#ifndef SHUNT_KERNEL_FD_PASS_H
#define SHUNT_KERNEL_FD_PASS_H

#include <stddef.h>
#include <sys/types.h>

/* Send one message, with a descriptor along when fd >= 0 (it stays open here). 0 or -errno. */
int fd_pass_send(int socket, const void *message, size_t size, int fd);

/* Receive one message of at most `size` bytes; *fd is the descriptor that came with it (the
 * caller's from now on, close-on-exec), or -1. Bytes received, 0 at the end, or -errno. */
ssize_t fd_pass_receive(int socket, void *message, size_t size, int *fd);

#endif
