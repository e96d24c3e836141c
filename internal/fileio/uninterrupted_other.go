// SPDX-License-Identifier: Apache-2.0

//go:build linux && !amd64 && !arm64

package fileio

func uninterrupted(name string, f func() error) error { return removedOnSignal(name, f) }
