// SPDX-License-Identifier: ISC
// The relations between board, variant and options. What is wrong here comes as -D from outside.
#include "config/layout.hpp"

static_assert(config::application_base % config::board.memory.flash_page == 0);
