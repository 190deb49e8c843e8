/* What there is to say about a configuration: collected, sorted, written. */
#include "policy/config_notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_values.h"

enum {
	NOTE_BYTES = 512, /* longest text: two names of 253 bytes do not fit, and need not */
};

/* A file may hold anything; a terminal shall get only what it can show. */
static void clean(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
	}
}

static int add(struct config_notes *notes, struct config_note note)
{
	struct config_note *at;

	if (notes->count >= CONFIG_MOST_NOTES)
		return 0;
	at = list_room(notes->at, notes->count, sizeof *at);
	if (!at)
		return -1;
	notes->at = at;
	at[notes->count++] = note;
	return 1;
}

static void note_down(struct config_notes *notes, struct config_place at, bool is_warning,
		      const char *text)
{
	struct config_note note = { NULL, at.line, is_warning, NULL };

	note.file = strdup(at.file);
	note.text = strdup(text);
	if (note.file && note.text) {
		clean(note.text);
		if (add(notes, note) > 0)
			return;
	}
	free(note.file);
	free(note.text);
}

void config_fault(struct config_notes *notes, struct config_place at, const char *format, ...)
{
	char text[NOTE_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args); /* a cut text is good enough */
	va_end(args);
	notes->faults++;
	note_down(notes, at, false, text);
}

void config_warn(struct config_notes *notes, struct config_place at, const char *format, ...)
{
	char text[NOTE_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args); /* a cut text is good enough */
	va_end(args);
	note_down(notes, at, true, text);
}

static bool is_before(const struct config_note *a, const struct config_note *b, const char *first)
{
	int order;

	if (a->is_warning != b->is_warning)
		return b->is_warning;
	order = strcmp(a->file, b->file);
	if (order == 0)
		return a->line < b->line;
	if (strcmp(a->file, first) == 0 || strcmp(b->file, first) == 0)
		return strcmp(a->file, first) == 0;
	return order < 0;
}

void config_notes_sort(struct config_notes *notes, const char *first)
{
	/* by insertion: at most a thousand, mostly in order, and equals must stay so */
	for (size_t i = 1; i < notes->count; i++) {
		struct config_note note = notes->at[i];
		size_t to = i;

		for (; to > 0 && is_before(&note, &notes->at[to - 1], first); to--)
			notes->at[to] = notes->at[to - 1];
		notes->at[to] = note;
	}
}

void config_note_text(const struct config_note *note, char *text, size_t size)
{
	const char *kind = note->is_warning ? "warning: " : "";

	if (note->line)
		(void)snprintf(text, size, "%s:%d: %s%s", note->file, note->line, kind, note->text);
	else
		(void)snprintf(text, size, "%s: %s%s", note->file, kind, note->text);
}

void config_notes_free(struct config_notes *notes)
{
	if (!notes)
		return;
	for (size_t i = 0; i < notes->count; i++) {
		free(notes->at[i].file);
		free(notes->at[i].text);
	}
	free(notes->at);
	text_list_done(&notes->files);
	*notes = (struct config_notes){ 0 };
}

void config_notes_file(struct config_notes *notes, const char *path)
{
	if (!text_list_has(&notes->files, path))
		(void)text_list_add(&notes->files, path); /* only not followed, then */
}
