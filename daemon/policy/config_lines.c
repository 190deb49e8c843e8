/* Reading lines strictly, and opening only files that can be trusted. */
#include "policy/config_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was seen in one line beside its text. */
struct line_faults {
	bool is_long;
	bool has_nul;
	bool has_control;
};

static void note_faults(struct config_lines *l, const struct line_faults *seen)
{
	struct config_place at = { l->file, l->line };

	if (seen->has_nul)
		config_fault(l->notes, at, "a NUL byte: this is not a text file");
	else if (seen->has_control)
		config_fault(l->notes, at, "a control character: remove it");
	else
		config_fault(l->notes, at, "line longer than %zu bytes: %s", l->most_line,
			     l->remedy);
	l->text[0] = '\0';
}

/* Reads up to the newline. Returns the bytes kept, or -1 at the end of the file. */
static int fetch(struct config_lines *l, struct line_faults *seen)
{
	size_t size = 0;
	int c;

	for (c = getc(l->in); c != EOF; c = getc(l->in)) {
		l->bytes++;
		if (c == '\n' || l->bytes > l->most_bytes)
			break;
		seen->has_nul |= c == '\0';
		if (size <= l->most_line) /* one more than that, for a CR */
			l->text[size++] = (char)c;
		else
			seen->is_long = true;
	}
	if (ferror(l->in)) {
		l->err = errno ? -errno : -EIO;
		return -1;
	}
	if (c == EOF && size == 0)
		return -1;
	if (size > 0 && l->text[size - 1] == '\r' && !seen->is_long)
		size--;
	if (size > l->most_line) {
		seen->is_long = true;
		size = l->most_line;
	}
	l->text[size] = '\0';
	return (int)size;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes off comments and the blanks in front of them. */
static void strip(char *text)
{
	size_t size = 0;
	size_t first = strspn(text, " \t");

	if (text[first] == ';' || text[first] == '#')
		text[first] = '\0';
	while (text[size] && !(text[size] == ';' && size > 0 && is_blank(text[size - 1])))
		size++;
	while (size > 0 && is_blank(text[size - 1]))
		size--;
	text[size] = '\0';
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 127)
			return true;
	}
	return false;
}

bool config_lines_next(struct config_lines *l)
{
	struct line_faults seen = { false, false, false };
	int size;

	if (l->bytes > l->most_bytes || l->err)
		return false;
	size = fetch(l, &seen);
	if (size < 0)
		return false;
	l->line++;
	if (l->bytes > l->most_bytes) {
		config_fault(l->notes, (struct config_place){ l->file, l->line },
			     "file longer than %zu bytes: split it", l->most_bytes);
		return false;
	}
	seen.has_control = !seen.has_nul && has_control(l->text);
	if (seen.is_long || seen.has_nul || seen.has_control) {
		note_faults(l, &seen);
		return true;
	}
	if (l->line == 1 && strncmp(l->text, "\xef\xbb\xbf", 3) == 0)
		memmove(l->text, l->text + 3, (size_t)size - 2);
	strip(l->text);
	return true;
}

int config_check_file(const struct stat *st, const char *path, struct config_notes *notes,
		      struct config_place at)
{
	if (!S_ISREG(st->st_mode)) {
		config_fault(notes, at, "%s is not a regular file", path);
		return -EINVAL;
	}
	/* a group that may write it is its owner's choice */
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		config_fault(notes, at,
			     "%s belongs to uid %u: it must belong to root, or to who runs this "
			     "(chown root)",
			     path, (unsigned)st->st_uid);
		return -EPERM;
	}
	if (st->st_mode & S_IWOTH) {
		config_fault(notes, at, "%s may be written by everybody: chmod o-w", path);
		return -EPERM;
	}
	return 0;
}

static int check_open(int fd, const char *path, struct config_notes *notes, struct config_place at)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		int err = errno;

		config_fault(notes, at, "cannot look at %s: %s", path, strerror(err));
		return -err;
	}
	return config_check_file(&st, path, notes, at);
}

int config_open(FILE **out, const char *path, struct config_notes *notes, struct config_place at)
{
	/* O_NONBLOCK: a FIFO must be refused, not waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	FILE *in;
	int err;

	config_notes_file(notes, path);
	if (fd < 0) {
		err = errno;
		config_fault(notes, at, "cannot open %s: %s", path, strerror(err));
		return -err;
	}
	err = check_open(fd, path, notes, at);
	if (err)
		goto out;
	in = fdopen(fd, "re");
	if (!in) {
		err = -errno;
		config_fault(notes, at, "cannot read %s: %s", path, strerror(-err));
		goto out;
	}
	*out = in;
	return 0;
out:
	(void)close(fd); /* only read from */
	return err;
}
