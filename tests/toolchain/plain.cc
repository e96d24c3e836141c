// SPDX-License-Identifier: Apache-2.0
// Compiled by the toolchain's tests: C++ that needs no library.
namespace {
template <typename T> constexpr T larger(T a, T b) { return a < b ? b : a; }
}

extern "C" unsigned larger_of(unsigned a, unsigned b) { return larger(a, b); }
