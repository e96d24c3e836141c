// SPDX-License-Identifier: Apache-2.0
#include <kind.h>

const int kind = KIND;
