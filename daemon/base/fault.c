/* Faults on their way to the edge. */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault_set(struct fault *f, int err, const char *format, ...)
{
	va_list args;

	if (!f)
		return err;
	f->err = err;
	va_start(args, format);
	(void)vsnprintf(f->text, sizeof f->text, format,
			args); /* a cut text is still the best there is */
	va_end(args);
	return err;
}
