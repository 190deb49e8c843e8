#ifndef SHUNT_POLICY_CONFIG_NAMES_H
#define SHUNT_POLICY_CONFIG_NAMES_H

#include "policy/config_notes.h"

enum {
	NAMES_TEXT_BYTES = 256, /* "*.", a name of 253 bytes and its NUL */
	NAMES_MOST = 1000000,   /* of one route, those of its files included */
};

/*
 * Bring a host name, or "*." and one, into the form that is compared: lower
 * case, no final dot (RFC 1035 2.3.1; underscores are common and let be).
 * Returns NULL, or what is wrong with it: a few words behind "`NAME` ".
 */
const char *names_normal(char out[static NAMES_TEXT_BYTES], const char *text);

#endif
