#define LATE 33
