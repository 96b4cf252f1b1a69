/* SPDX-License-Identifier: ISC */
/* For startup files that call the C library's __libc_init_array, as ST's do: it wants these two, which a linker's own
 * startup files would bring along with a start of their own. */
void _init(void);
void _fini(void);

__attribute__((weak)) void _init(void) {}
__attribute__((weak)) void _fini(void) {}
