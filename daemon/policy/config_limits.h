#ifndef SHUNT_POLICY_CONFIG_LIMITS_H
#define SHUNT_POLICY_CONFIG_LIMITS_H

/* How much a configuration may hold, and defaults that others need to know. Limits of single keys
 * stand in their rows: config_keys.c. */
enum {
	CONFIG_NAME_BYTES = 64,    /* a section's name and its NUL: [A-Za-z0-9._-] */
	CONFIG_MOST_DIVERTS = 64,  /* one bit each in route.diverts */
	CONFIG_MOST_ROUTES = 4096, /* 16 bits, with room for the specials of flow/question.h */
	CONFIG_MOST_BACKENDS = 1024,
	CONFIG_MOST_SERVERS = 64, /* of one backend */
	CONFIG_MOST_SERVERS_IN_ALL = 4096,
	CONFIG_MOST_WORKERS = 64,  /* CHILDREN_MOST_CARRIERS: they are on the keeper's stack */
	CONFIG_MOST_SNIFFERS = 16, /* of one carrier; ASKER_MOST_LINKS */
	CONFIG_MOST_REGEXES = 256, /* in all routes: each may cost a flow REGEX_STEPS */
	CONFIG_MOST_WIREGUARD_KEYS =
		256,                /* likewise: each costs a handshake two blocks of BLAKE2s */
	CONFIG_TABLE = 1443,        /* `table` as it comes */
	CONFIG_SNIFF_BYTES = 65536, /* `sniff_bytes` as it comes */
	CONFIG_PROTO_WORDS = 2,     /* up to 128 recognisers, those of probes too */
	CONFIG_MOST_PROBES = 32,    /* one bit each in struct question */
	CONFIG_PROBE_BYTES = 4096,  /* of a flow's first ones, all that a pattern may be about */
};

/* `mark` as it comes. */
#define CONFIG_MARK_BASE 0x50000000u
#define CONFIG_MARK_MASK 0xff000000u

#endif
