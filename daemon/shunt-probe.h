#ifndef SHUNT_SHUNT_PROBE_H
#define SHUNT_SHUNT_PROBE_H

/*
 * shunt-probe.h: a recogniser of your own as a shared object, `plugin` of a
 * [probe NAME] in shunt.conf(5). It exports one constant:
 *
 *	#include <shunt-probe.h>
 *
 *	static int probe(const uint8_t *bytes, size_t size, int is_final, size_t *wanted)
 *	{
 *		if (size > 0 && bytes[0] != 0x42)
 *			return SHUNT_PROBE_NO;
 *		if (size < 4) {
 *			*wanted = 4;
 *			return SHUNT_PROBE_MORE;
 *		}
 *		return bytes[3] == 0x17 ? SHUNT_PROBE_YES : SHUNT_PROBE_NO;
 *	}
 *
 *	const struct shunt_probe shunt_probe_v1 = SHUNT_PROBE(probe);
 *
 * and is made with `cc -shared -fPIC -o NAME.so NAME.c`.
 *
 * It runs where nothing but computing is possible: as an unprivileged user, in a
 * process that the kernel kills for any system call of the plugin's. So it allocates nothing,
 * writes nothing, waits for nothing and asks no clock. What it has to
 * prepare belongs into a constructor, which runs when it is loaded: then files can
 * still be read, as that user, but no thread and no process can be started. There are several such processes, each
 * with a copy of its own; nothing that is kept between calls means anything.
 */
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum shunt_probe_verdict {
	SHUNT_PROBE_NO = 0,   /* these bytes cannot begin it, whatever follows */
	SHUNT_PROBE_YES = 1,  /* they do, whatever follows */
	SHUNT_PROBE_MORE = 2, /* every byte so far fits, but they are too few */
};

/*
 * bytes: the first `size` bytes of a TCP connection, all that there are so far; or the
 * whole first datagram of a UDP flow. Neither is changed, nor kept.
 * is_final: nothing will follow. Then, and of UDP always, MORE counts as NO.
 * *wanted: set it with MORE, to how many bytes in all can make a difference; else one more
 * than there are will be tried.
 * Returns one of enum shunt_probe_verdict; anything else counts as NO.
 *
 * A call that takes longer than a tenth of a second of CPU time, or that crashes,
 * ends its process, which is replaced; after the third time the plugin is
 * switched off until the configuration is loaded anew, of which a new file of the plugin is a
 * part. To load it may take a second, and one that fails then is switched off at once.
 */
typedef int shunt_probe_function(const uint8_t *bytes, size_t size, int is_final, size_t *wanted);

struct shunt_probe {
	uint32_t size; /* sizeof(struct shunt_probe): later versions append to it */
	uint32_t zero;
	shunt_probe_function *probe;
};

#define SHUNT_PROBE(function)                                                                      \
	{                                                                                          \
		sizeof(struct shunt_probe), 0, function                                            \
	}

/* What a plugin exports. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const struct shunt_probe shunt_probe_v1;

#ifdef __cplusplus
}
#endif

#endif
