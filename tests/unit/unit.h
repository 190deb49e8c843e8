#ifndef SHUNT_UNIT_UNIT_H
#define SHUNT_UNIT_UNIT_H

/* cmocka.h needs these in front of it, whatever order a formatter prefers. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
