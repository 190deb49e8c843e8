#ifndef SHUNT_KERNEL_LINK_IN_H
#define SHUNT_KERNEL_LINK_IN_H

#include <stdint.h>

/* By which interface the client of an accepted socket of that family came in: its index; 0: not told. */
uint32_t link_in(int fd, uint16_t family);

#endif
