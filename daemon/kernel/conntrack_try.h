#ifndef SHUNT_KERNEL_CONNTRACK_TRY_H
#define SHUNT_KERNEL_CONNTRACK_TRY_H

/* Make an entry as conntrack_hand_over() does, for addresses that nobody has (RFC 5737), see whether it is
 * what was asked for, and take it away. 0, or -errno: the kernel's word, or -EOPNOTSUPP when something was
 * left out. May load kernel modules. */
int conntrack_try(void);

#endif
