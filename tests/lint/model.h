/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What clang's analyzer cannot see across files (tests/lint/run includes this before each file):
 * sbx_fail returns its errno, negative, and never 0.
 */
#ifndef SBX_LINT_MODEL_H
#define SBX_LINT_MODEL_H

#include "lib/error.h"

#define sbx_fail(err, code, ...) ((void)(sbx_fail)(err, code, __VA_ARGS__), -(code))

#endif /* SBX_LINT_MODEL_H */
