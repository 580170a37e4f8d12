/* SPDX-License-Identifier: GPL-2.0-only */
/* What a job's packets are counted and limited by (meter.bpf.c). */
#ifndef SBX_METER_BPF_H
#define SBX_METER_BPF_H

#include "subject.bpf.h"

/* Counts a packet that no rule refuses, `way`: enum sbx_way.  0: the job's limit drops it. */
int sbx_meter(struct __sk_buff *skb, __u64 job, __u32 way);

#endif /* SBX_METER_BPF_H */
