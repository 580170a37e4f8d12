// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes written to files, for jobs with a budget; attached when the first of them is bound, as
 * every read and write of the host passes here.
 *
 * Where the kernel knows how much is to be written (rw_verify_area: write and its kin, io_uring,
 * aio, splice, sendfile, copy_file_range; vfs_fallocate) the number is noted at the entry, and
 * file_permission, which these functions call next, takes it or refuses.  Whatever else makes pages
 * of a file dirty is counted when it does: stores to a mapping, system calls that write into one,
 * files that overlayfs copies up.  No hook could refuse that; the task ends that goes on with it.
 */
#include "decide.bpf.h"
#include "disk.bpf.h"
#include "syscall.bpf.h"
#include "walk.bpf.h"

struct address_space {
	struct inode *host;
} CORE;

enum pageflags {
	PG_head = 6, /* differs: read from the kernel's types */
};

/* One or more pages; the number stands in one field or the other. */
struct folio {
	unsigned long index;
	unsigned int _folio_nr_pages;
} CORE;

struct folio___since_6_14 {
	unsigned int _nr_pages;
} CORE;

#define WRITE 1
#define PAGE_SHIFT 12
#define ALL_PAGES (~0ull)

/*
 * A call may dirty a page at the edge of what it cuts off or appends to: it does not die for it.
 */
#define CALL_SLACK (256 * 1024)

/* What overlayfs writes below itself: on a mount of the kernel's own, or under its own name. */
static __always_inline bool is_below(const struct file *file)
{
	struct mount *mount = sbx_real_mount(file->f_path.mnt);

	if (BPF_CORE_READ(file, f_path.dentry, d_inode) != file->f_inode)
		return true;
	return sbx_is_err((__u64)BPF_CORE_READ(mount, mnt_ns));
}

SEC("fentry/rw_verify_area")
int BPF_PROG(sbx_disk_size, int direction, struct file *file, const __s64 *ppos, __u64 count)
{
	struct sbx_task *t;
	__s64 pos = 0;

	if (direction != WRITE)
		return 0;
	t = sbx_subject_find();
	if (!t || !sbx_disk_counts(t))
		return 0;
	t->disk.want = count;
	t->disk.asked = 1;
	t->disk.inode = (__u64)file->f_inode;
	if (file->f_flags & O_APPEND) {
		t->disk.first = (__u64)file->f_inode->i_size >> PAGE_SHIFT;
		t->disk.last = ALL_PAGES;
		return 0;
	}
	if (ppos)
		bpf_probe_read_kernel(&pos, sizeof(pos), ppos);
	t->disk.first = (__u64)pos >> PAGE_SHIFT;
	t->disk.last = ((__u64)pos + count) >> PAGE_SHIFT;
	return 0;
}

/* Before Linux 6.8 these two ask about a splice that was asked about; later they do not. */
enum disk_asker {
	DISK_ASKER_CALL = 0,
	DISK_ASKER_PIECE,  /* vfs_iter_write, for each piece */
	DISK_ASKER_SPLICE, /* do_splice_direct, for the whole once more */
};

SEC("fentry/vfs_iter_write")
int BPF_PROG(sbx_disk_iter)
{
	struct sbx_task *t = sbx_subject_find();

	if (t)
		t->disk.asker = DISK_ASKER_PIECE;
	return 0;
}

SEC("fentry/do_splice_direct")
int BPF_PROG(sbx_disk_direct)
{
	struct sbx_task *t = sbx_subject_find();

	if (t)
		t->disk.asker = DISK_ASKER_SPLICE;
	return 0;
}

SEC("fentry/vfs_fallocate")
int BPF_PROG(sbx_disk_alloc, struct file *file, int mode, __s64 offset, __s64 len)
{
	struct sbx_task *t = sbx_subject_find();

	if (!t || !sbx_disk_counts(t))
		return 0;
	t->disk.want = (__u64)len;
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE))
		t->disk.want = 0;
	t->disk.asked = 1;
	t->disk.inode = 0; /* its pages are counted once they are written to */
	return 0;
}

static __always_inline bool is_splice(void)
{
	enum sbx_call call = sbx_call();

	return call == SBX_CALL_SPLICE || call == SBX_CALL_SENDFILE ||
	       call == SBX_CALL_COPY_FILE_RANGE;
}

/* The file below was paid for with the one above; copying up was not, and counts by its pages. */
static __always_inline int write_below(struct sbx_task *t, __u64 want)
{
	if (want <= t->disk.below)
		t->disk.below -= want;
	else
		t->disk.inode = 0;
	return 0;
}

/* Apart from the hook, so that a task without a policy pays for few registers only. */
static __noinline int write_of_job(struct sbx_task *t, struct file *file)
{
	__u64 want = t->disk.want;
	__u32 asked = t->disk.asked;
	__u32 asker = t->disk.asker;
	bool overlay;
	int code;

	t->disk.asked = 0;
	t->disk.asker = DISK_ASKER_CALL;
	if (!sbx_disk_file(file->f_inode))
		return 0;
	if (!asked) { /* a reflink; or the kernel did not call the program above */
		t->disk.inode = 0;
		return sbx_disk_spent(t);
	}
	if (is_below(file))
		return write_below(t, want);
	if (asker != DISK_ASKER_CALL && want <= t->disk.again && is_splice()) {
		if (asker == DISK_ASKER_PIECE)
			t->disk.again -= want;
		return 0;
	}
	code = sbx_disk_take(t, want);
	overlay = BPF_CORE_READ(file, f_inode, i_sb, s_magic) == OVERLAYFS_SUPER_MAGIC;
	t->disk.below = !code && overlay ? want : 0;
	t->disk.again = code ? 0 : want;
	return code;
}

SEC("lsm/file_permission")
int BPF_PROG(sbx_disk_write, struct file *file, int mask, int ret)
{
	struct sbx_task *t;

	if (ret)
		return ret;
	if (!(mask & MAY_WRITE))
		return 0;
	t = sbx_subject_find();
	return t && sbx_disk_counts(t) ? sbx_errno(write_of_job(t, file)) : 0;
}

static __always_inline __u64 pages_of(struct folio *folio)
{
	struct folio___since_6_14 *newer = (void *)folio;

	/* its first word; the type of the field differs */
	if (!(*(const unsigned long *)folio &
	      (1ul << bpf_core_enum_value(enum pageflags, PG_head))))
		return 1;
	if (bpf_core_field_exists(newer->_nr_pages))
		return BPF_CORE_READ(newer, _nr_pages);
	return BPF_CORE_READ(folio, _folio_nr_pages);
}

/* A fault of user space, and no system call: nothing was asked about. */
static __always_inline bool is_store(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (task->flags & PF_IO_WORKER)
		return false;
#if defined(__TARGET_ARCH_arm64)
	return sbx_regs(task)->syscallno == -1;
#else
	return sbx_regs(task)->orig_ax == ~0ul;
#endif
}

SEC("tp_btf/writeback_dirty_folio")
int BPF_PROG(sbx_disk_page, struct folio *folio, struct address_space *mapping)
{
	struct sbx_task *t = sbx_subject_find();
	struct inode *inode;
	__u64 first, n;
	bool store;

	if (!t || !mapping || !sbx_disk_counts(t))
		return 0;
	inode = mapping->host;
	if (!inode || (inode->i_mode & S_IFMT) != S_IFREG || !sbx_disk_file(inode))
		return 0;
	store = is_store();
	first = folio->index;
	n = pages_of(folio);
	if (!store && (__u64)inode == t->disk.inode && first <= t->disk.last &&
	    first + n > t->disk.first)
		return 0;
	return sbx_disk_dirty(t, n << PAGE_SHIFT, store ? 0 : CALL_SLACK);
}
