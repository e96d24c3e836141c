#include <late.h>

const int late = LATE;
