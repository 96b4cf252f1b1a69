// SPDX-License-Identifier: ISC
// Nothing but the precompiled headers of the sanitised tests.
