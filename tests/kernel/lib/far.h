/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two network namespaces of the test's own, joined by a veth pair.  The test, and so every job that
 * it starts, is in the near one; what answers is in the far one.
 */
#ifndef SBX_KERNEL_FAR_H
#define SBX_KERNEL_FAR_H

#include "lib/harness.h"

#define NEAR "10.77.0.1"
#define FAR "10.77.0.2" /* and what else is routed there: 10.78.0.0/16, which it discards */
#define FAR_PORT "7007" /* UDP comes back; TCP is read to its end */

/* Setup and teardown of such a test. */
int far_begin(void **state);
int far_end(void **state);
#define FAR_TEST(f) cmocka_unit_test_setup_teardown(f, far_begin, far_end)

/* Skips the test where the namespaces could not be made. */
void need_far(void);
/* Starts a program in the far namespace; it ends with the test. */
void far_start(const char *const *argv);

#endif /* SBX_KERNEL_FAR_H */
