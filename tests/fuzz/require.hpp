// SPDX-License-Identifier: ISC
// What a fuzzer finds: a sentence, and the end of the program, which libFuzzer takes for a crash.
#pragma once

#include <cstdio>
#include <cstdlib>

inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}
