/* Shared objects of probes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/config_lines.h"
#include "policy/config_values.h"

/* Whoever may write it decides where flows go. */
static int look_at(struct probe_file *out, const struct value_in *in)
{
	struct stat st;

	if (stat(in->text, &st) < 0)
		return value_fault(in, "cannot find %s: %s", in->text, strerror(errno));
	if (config_check_file(&st, in->text, in->notes, in->at))
		return -EINVAL;
	*out = (struct probe_file){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = (uint64_t)st.st_size,
		.changed_s = st.st_mtim.tv_sec,
		.changed_ns = st.st_mtim.tv_nsec,
	};
	return 0;
}

/* Its file is followed as those of names are. */
static int parse_plugin(const struct value_in *in)
{
	struct probe *probe = in->object;
	struct probe_file file;
	int err;

	if (in->text[0] != '/')
		return value_fault(in, "`%s` must be an absolute path", in->text);
	config_notes_file(in->notes, in->text);
	err = look_at(&file, in);
	if (err)
		return err;
	if (!text_list_has(&in->config->files, in->text) &&
	    text_list_add(&in->config->files, in->text))
		return -ENOMEM;
	probe->plugin = strdup(in->text);
	probe->file_of_plugin = file;
	return probe->plugin ? 0 : -ENOMEM;
}

static const char *show_plugin(const struct value_out *out, size_t i, char text[VALUE_TEXT_BYTES])
{
	char *const *field = value_shown(out, out->key->offset);

	(void)text;
	return i ? NULL : *field;
}

static void plugin_done(void *object, const struct config_key *key)
{
	char **field = value_field(&(struct value_in){ .object = object }, key->offset);

	free(*field);
	*field = NULL;
}

const struct value_type value_plugin = { parse_plugin, show_plugin, plugin_done, false };
