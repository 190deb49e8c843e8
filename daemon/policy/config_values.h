#ifndef SHUNT_POLICY_CONFIG_VALUES_H
#define SHUNT_POLICY_CONFIG_VALUES_H

#include "policy/config_keys.h"

enum {
	VALUE_TEXT_BYTES = 128, /* a printed number, endpoint or prefix */
};

/* One value on its way in: a whole value, or one item of a list. */
struct value_in {
	struct config *config; /* sections and their names are there already */
	struct config_notes *notes;
	struct config_place at;
	const struct config_key *key;
	void *object;    /* struct of the section */
	size_t items;    /* of the whole list; 1 when it is none */
	bool is_default; /* the text is the key's fallback: the file has no value */
	const char *text;
};

/* One value on its way out. */
struct value_out {
	const struct config *config;
	const struct config_key *key;
	const void *object;
};

/* How values of a kind are read, written and freed. */
struct value_type {
	/* 0; -EINVAL with a fault noted; -ENOMEM */
	int (*parse)(const struct value_in *in);
	/* The i-th item as text, in `text` or borrowed; NULL when there are no more, or it is not set. */
	const char *(*print)(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES]);
	void (*done)(void *object, const struct config_key *key); /* NULL: nothing to free */
	bool has_regex; /* an item that begins with '/' runs to the next '/' */
};

/* single values: config_values.c */
extern const struct value_type value_number;  /* uint32_t; with words: the first is 0 */
extern const struct value_type value_table;   /* the same, of ip-rule(8) */
extern const struct value_type value_ms;      /* uint32_t milliseconds */
extern const struct value_type value_size;    /* uint32_t bytes */
extern const struct value_type value_switch;  /* bool; words: of false and of true */
extern const struct value_type value_choice;  /* an enum, by words */
extern const struct value_type value_account; /* char *: a user or group */
extern const struct value_type value_path;    /* char *: an absolute path, most = longest */
extern const struct value_type value_mark;    /* struct marks */
extern const struct value_type value_version; /* uint32_t, major << 16 | minor */

/* lists: config_lists.c. The fallback's word, alone, is the empty list. */
extern const struct value_type value_ports;      /* struct port_list */
extern const struct value_type value_interfaces; /* struct text_list */
extern const struct value_type value_alpn;       /* struct text_list */
extern const struct value_type value_servers;    /* struct addr *; also: their size_t count */

/* prefixes: config_prefixes.c */
extern const struct value_type value_prefixes;     /* struct prefix_list; also: that of '!' items */
extern const struct value_type value_prefix_files; /* divert.from_file; loads them */
extern const struct value_type value_to;           /* divert.to and its companions */

/* sentences: config_values.c */
extern const struct value_type value_when; /* struct schedule */

/* two times: config_idle.c */
extern const struct value_type value_idle; /* uint32_t milliseconds; also: those of udp */

/* further files: config_include.c */
extern const struct value_type value_include; /* struct text_list; they were read before */

/* names that lead to other places: config_refs.c */
extern const struct value_type value_target;    /* struct target; also: that of udp */
extern const struct value_type value_diverts;   /* uint64_t, one bit each */
extern const struct value_type value_protocols; /* struct proto_set */

/* of HTTP/1 requests: config_request.c */
extern const struct value_type value_paths;   /* struct text_list */
extern const struct value_type value_methods; /* struct text_list */

/* public keys of WireGuard servers: config_wireguard.c */
extern const struct value_type value_wireguard_keys; /* struct wireguard_keys */

/* of probes: config_probe.c */
extern const struct value_type value_bytes_regex; /* struct regex * */
extern const struct value_type value_bytes;       /* struct text_list, and probe.all */

/* their shared objects: config_plugin.c */
extern const struct value_type value_plugin; /* char *, and probe.file_of_plugin */

/* command lines: config_command.c */
extern const struct value_type value_command; /* char *: as it stands there */

/* host names: config_names.c */
extern const struct value_type value_names;      /* route.server_name and its companions */
extern const struct value_type value_name_files; /* route.server_name_file; loads them */

/* Step to the next item of a list: *text on its first byte. Returns its size, 0 at the end. */
size_t value_next_item(const char **text, const struct config_key *key);

/* For the types: note "KEY: ..." and return -EINVAL. */
int value_fault(const struct value_in *in, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The field behind an offset of the row, to write and to read. */
void *value_field(const struct value_in *in, size_t offset);
const void *value_shown(const struct value_out *out, size_t offset);

/* Is this the word for "no list at all"? 1: yes, and it stands alone; 0: no; -EINVAL: it stands
 * beside other items, which was noted. */
int value_is_fallback(const struct value_in *in);

/* Note that the value names no `what`, and the nearest name that there is (NULL: none). -EINVAL. */
int value_unknown(const struct value_in *in, const char *what, const char *nearest);

/* For types of a struct text_list. Append the text, or note that it is there already: 0 or -ENOMEM. */
int value_add_once(const struct value_in *in, const char *text);
const char *value_show_texts(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES]);
void value_texts_done(void *object, const struct config_key *key);

/* What keeps a text from being the name of an interface (dev_valid_name() of the kernel), or NULL. */
const char *value_interface_fault(const char *name);

/* Append a copy of a text. 0 or -ENOMEM. */
int text_list_add(struct text_list *list, const char *text);
bool text_list_has(const struct text_list *list, const char *text);
void text_list_done(struct text_list *list);

#endif
