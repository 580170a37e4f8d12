// SPDX-License-Identifier: GPL-2.0-only
#include "../escape.h"
#include <elf.h>

/*
 * A program of one page, executable, with another page of memory behind it: the kernel makes that
 * writable and executable.  Code is written there and run.
 */
static int attempt(void)
{
#ifdef __x86_64__
	static const unsigned char exit_0[] = { 0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05 };
	static const unsigned char jump[] = { 0xb8, 0x00, 0x10, 0x40, 0x00, 0xff, 0xe0 };
	static unsigned char page[4096];
	Elf64_Ehdr head = { .e_type = ET_EXEC,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_entry = 0x400200,
			    .e_phoff = sizeof(head),
			    .e_ehsize = sizeof(head),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 2 };
	const Elf64_Phdr parts[2] = { { .p_type = PT_LOAD,
					.p_flags = PF_R | PF_X,
					.p_vaddr = 0x400000,
					.p_filesz = sizeof(page),
					.p_memsz = 2 * sizeof(page),
					.p_align = sizeof(page) },
				      { .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W } };
	unsigned char *at = page + 0x200;
	char *const argv[] = { (char *)(uintptr_t)mine(), NULL };
	int fd = open(mine(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	memcpy(head.e_ident, ELFMAG "\2\1\1", 7);
	memcpy(page, &head, sizeof(head));
	memcpy(page + sizeof(head), parts, sizeof(parts));
	for (unsigned int i = 0; i < sizeof(exit_0); i++) { /* movb $CODE, 0x401000+i */
		const unsigned char put[] = { 0xc6, 0x04, 0x25, (unsigned char)i,
					      0x10, 0x40, 0x00, exit_0[i] };

		memcpy(at, put, sizeof(put));
		at += sizeof(put);
	}
	memcpy(at, jump, sizeof(jump));
	if (fd < 0 || write(fd, page, sizeof(page)) != sizeof(page))
		return errno;
	(void)close(fd);
	return run_program(argv, NULL);
#else
	return ENOSYS;
#endif
}

TECHNIQUE(.what = "memory behind a program's code, which the kernel makes writable and executable",
	  .hooks = "sbx_bss", .event = "anon_exec .", .harmless = true);
