// SPDX-License-Identifier: Apache-2.0
#include <late.h>

const int late = LATE;
