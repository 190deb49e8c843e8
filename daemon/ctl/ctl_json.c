/* JSON of the control socket: makers that do not mind a failure, and the way into an answer. */
#include "ctl/ctl_json.h"

#include <errno.h>

#include "ctl/ctl_client.h"

/* Takes value, whatever happens. */
static struct json_object *put(struct json_maker *m, struct json_object *in, const char *name,
			       struct json_object *value)
{
	int err;

	if (in == NULL || m->is_broken) {
		m->is_broken = true;
		json_object_put(value);
		return NULL;
	}
	err = name != NULL ? json_object_object_add(in, name, value)
			   : json_object_array_add(in, value);
	if (err == 0)
		return value;
	m->is_broken = true;
	json_object_put(value);
	return NULL;
}

static struct json_object *put_made(struct json_maker *m, struct json_object *in, const char *name,
				    struct json_object *value)
{
	if (value == NULL)
		m->is_broken = true;
	return put(m, in, name, value);
}

struct json_object *json_make_object(struct json_maker *m, struct json_object *in, const char *name)
{
	return put_made(m, in, name, json_object_new_object());
}

struct json_object *json_make_array(struct json_maker *m, struct json_object *in, const char *name)
{
	return put_made(m, in, name, json_object_new_array());
}

void json_make_text(struct json_maker *m, struct json_object *in, const char *name,
		    const char *text)
{
	if (text == NULL)
		put(m, in, name, NULL);
	else
		put_made(m, in, name, json_object_new_string(text));
}

void json_make_number(struct json_maker *m, struct json_object *in, const char *name,
		      uint64_t number)
{
	put_made(m, in, name, json_object_new_uint64(number));
}

void json_make_bool(struct json_maker *m, struct json_object *in, const char *name, bool value)
{
	put_made(m, in, name, json_object_new_boolean(value));
}

struct json_object *json_made(const struct json_maker *m, struct json_object *root)
{
	if (!m->is_broken)
		return root;
	json_object_put(root);
	return NULL;
}

struct json_object *ctl_json_text(const char *name, const char *text)
{
	struct json_object *root = json_object_new_object();
	struct json_maker m = { .is_broken = false };

	json_make_text(&m, root, name, text);
	return json_made(&m, root);
}

int ctl_json_add(struct ctl_client *c, struct json_object *object)
{
	const char *text = NULL;
	size_t size;

	if (object != NULL)
		text = json_object_to_json_string_length(
			object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &size);
	if (text == NULL)
		return -ENOMEM;
	return ctl_client_add(c, text, size);
}

void ctl_json_send(struct ctl_client *c, struct json_object *object)
{
	int err;

	err = ctl_json_add(c, object);
	if (err == 0)
		err = ctl_client_add(c, "\n", 1);
	json_object_put(object);
	if (err == 0)
		ctl_client_send(c);
	else if (err == -EMSGSIZE)
		ctl_client_fail(c, "the answer is too long, or too many wait to be read");
	else
		ctl_client_fail(c, "no memory for the answer");
}
