/* SPDX-License-Identifier: GPL-2.0-only */
/* Which ioctls put characters into somebody else's shell, or take the terminal itself. */
#ifndef SBX_IOCTL_BPF_H
#define SBX_IOCTL_BPF_H

#include "core.bpf.h"

#define TIOCSCTTY 0x540e
#define TIOCSTI 0x5412
#define TIOCLINUX 0x541c
#define TIOCCONS 0x541d
#define TIOCVHANGUP 0x5437

static __always_inline bool sbx_is_tty_takeover(unsigned int cmd, unsigned long arg)
{
	return cmd == TIOCSTI || cmd == TIOCLINUX || cmd == TIOCCONS || cmd == TIOCVHANGUP ||
	       (cmd == TIOCSCTTY && arg == 1);
}

#endif /* SBX_IOCTL_BPF_H */
