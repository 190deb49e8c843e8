#ifndef SHUNT_KERNEL_FD_PASS_H
#define SHUNT_KERNEL_FD_PASS_H

#include <stddef.h>
#include <sys/types.h>

/* Send one message, with a descriptor along when fd >= 0 (it stays open here). 0 or -errno. */
int fd_pass_send(int socket, const void *message, size_t size, int fd);

/*
 * Receive one message of at most `size` bytes; *fd is the descriptor that came with it (the
 * caller's from now on, close-on-exec), or -1. Bytes received, 0 at the end, or -errno. What the
 * other end had said before it went is received first: where that end left something unread, the
 * kernel itself tells of that (ECONNRESET) ahead of the messages which are still there.
 */
ssize_t fd_pass_receive(int socket, void *message, size_t size, int *fd);

/* The same without a descriptor and without waiting (-EAGAIN); also of a longer message its whole size. */
ssize_t fd_pass_hear(int socket, void *message, size_t size);

#endif
