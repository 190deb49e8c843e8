#ifndef SHUNT_FIREWALL_LINKS_H
#define SHUNT_FIREWALL_LINKS_H

#include "firewall.h"

/*
 * Networks of this box's links, for diverts of datagrams: fw->options has them.
 * Read them, where the configuration has such diverts: fw->has_new_links when they
 * are others than before. 0; or -errno, and all is as it was.
 */
int firewall_links_read(struct firewall *fw, const struct config *config);

/* The rules follow them, if they are others by now. 0 or -errno: to be tried again. */
int firewall_links_follow(struct firewall *fw, struct fault *fault);

#endif
