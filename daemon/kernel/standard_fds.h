#ifndef SHUNT_KERNEL_STANDARD_FDS_H
#define SHUNT_KERNEL_STANDARD_FDS_H

/*
 * Open /dev/null as whichever of standard input, output and error is closed: a socket of
 * ours must not be found under such a number. Before anything else is opened. 0 or -errno.
 */
int standard_fds_open(void);

#endif
