#define KIND 22
