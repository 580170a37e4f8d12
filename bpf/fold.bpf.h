/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filesystems that compare names their own way: vfat, exfat, ntfs, hfs+, and ext4, f2fs and tmpfs
 * in folders with the flag +F.  There the kernel's name of a file is the spelling in which somebody
 * looked it up first, so comparing bytes is not enough: trie.bpf.c compares small letters, too, and
 * refuses what that cannot tell.  (Network and FUSE filesystems do as their server pleases, and
 * tell nobody: docs/security.md.)
 */
#ifndef SBX_FOLD_BPF_H
#define SBX_FOLD_BPF_H

#include "core.bpf.h"

#define S_CASEFOLD (1 << 15)
#define DCACHE_OP_COMPARE 2

enum sbx_fold {
	SBX_FOLD_EXACT = 0,
	SBX_FOLD_CASE,	 /* Unicode's rules: ASCII letters match whatever their case */
	SBX_FOLD_LOOSE,	 /* short names (NAME~1) and ignored dots at the end besides */
	SBX_FOLD_OPAQUE, /* the name at hand has spellings that cannot be told here */
};

/* Is the name one whose other spellings differ in the case of ASCII letters alone? */
int sbx_name_is_plain(__u64 name, __u32 len, __u32 fold);

/* Some folder of this filesystem may.  Twice, because typed pointers are read without a call. */
static __always_inline bool sbx_may_fold_typed(const struct super_block *sb)
{
	const struct dentry_operations *op;

	if (bpf_core_field_exists(sb->s_encoding) && sb->s_encoding)
		return true;
	if (!bpf_core_field_exists(sb->s_d_op))
		return sb->s_d_flags & DCACHE_OP_COMPARE;
	op = sb->s_d_op;
	return op && op->d_compare;
}

static __always_inline bool sbx_compares(const struct super_block *sb)
{
	const struct dentry_operations *op;

	if (!bpf_core_field_exists(sb->s_d_op))
		return BPF_CORE_READ(sb, s_d_flags) & DCACHE_OP_COMPARE;
	op = BPF_CORE_READ(sb, s_d_op);
	return op && BPF_CORE_READ(op, d_compare);
}

static __always_inline bool sbx_may_fold(const struct super_block *sb)
{
	if (bpf_core_field_exists(sb->s_encoding) && BPF_CORE_READ(sb, s_encoding))
		return true;
	return sbx_compares(sb);
}

/* How the folder of this name compares. */
static __always_inline enum sbx_fold sbx_fold_of(const struct dentry *dentry)
{
	const struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
	const struct super_block *sb = BPF_CORE_READ(parent, d_sb);

	if (bpf_core_field_exists(sb->s_encoding) && BPF_CORE_READ(sb, s_encoding))
		return BPF_CORE_READ(parent, d_inode, i_flags) & S_CASEFOLD ? SBX_FOLD_CASE
									    : SBX_FOLD_EXACT;
	return sbx_compares(sb) ? SBX_FOLD_LOOSE : SBX_FOLD_EXACT;
}

#define SBX_EACH_BYTE(b) ((__u64)(b)*0x0101010101010101ull)

/* Eight ASCII characters at once: 'A' to 'Z' get bit 5. */
static __always_inline __u64 sbx_small8(__u64 bytes)
{
	__u64 from_a = bytes + SBX_EACH_BYTE(0x80 - 'A');
	__u64 above_z = bytes + SBX_EACH_BYTE(0x80 - 'Z' - 1);

	return bytes | ((from_a & ~above_z & SBX_EACH_BYTE(0x80)) >> 2);
}

#endif /* SBX_FOLD_BPF_H */
