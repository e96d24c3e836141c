// SPDX-License-Identifier: Apache-2.0
#include <made.h>

const int made = MADE;
