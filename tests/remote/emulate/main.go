// SPDX-License-Identifier: Apache-2.0

// Command emulate runs a command for whose processes the kernel starts programs of 64-bit Arm with an emulator.
//
//	emulate EMULATOR COMMAND [ARGUMENT…]
//
// EMULATOR is a static program, such as Debian's qemu-aarch64-static: the kernel opens it now, so that it also works where it cannot be found, in a root
// directory without it. Nothing of the machine changes: the registration (binfmt_misc) is one of a user namespace that ends with the command, which Linux
// has since 6.7. The exit code is the command's, or 2 if it cannot be started.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// inside is the first argument of the process in the namespaces, which turns into the command.
const inside = "--inside"

// registration is for binfmt_misc: name, kind, offset, magic, mask, interpreter, flags. The magic is that of an ELF header (gABI, ELF Header) with 64 bits,
// little-endian, type ET_EXEC or ET_DYN, EM_AARCH64; the mask leaves out the operating system and the lowest bit of the type. The flags:
// O and C, the program is passed as an open file and has its own credentials; F, the interpreter is opened now.
const registration = `:aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00` +
	`:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:%s:OCF`

func main() {
	args := os.Args[1:]
	run := start
	if len(args) > 0 && args[0] == inside {
		run, args = enter, args[1:]
	}
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: emulate EMULATOR COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	err := run(args[0], args[1:])
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintf(os.Stderr, "emulate: %v\n", err)
		os.Exit(2)
	}
}

// start runs this program again in namespaces of its own, and waits for it.
func start(emulator string, command []string) error {
	cmd := exec.Command("/proc/self/exe", append([]string{inside, emulator}, command...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	return cmd.Run()
}

// enter registers the emulator in the namespace that it is called in, and becomes the command.
func enter(emulator string, command []string) error {
	path, err := filepath.Abs(emulator)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	if err := register(path); err != nil {
		return err
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", program, syscall.Exec(program, command, os.Environ()))
}

// binfmt is where the kernel's own is mounted. Here it is that of the user namespace, whose registrations last as long as it is mounted somewhere.
const binfmt = "/proc/sys/fs/binfmt_misc"

// register registers an emulator with the binfmt_misc of this user namespace.
func register(emulator string) error {
	if err := syscall.Mount("binfmt_misc", binfmt, "binfmt_misc", 0, ""); err != nil {
		return fmt.Errorf("binfmt_misc cannot be mounted in a user namespace (%w); that needs Linux 6.7 with CONFIG_BINFMT_MISC", err)
	}
	return os.WriteFile(filepath.Join(binfmt, "register"), fmt.Appendf(nil, registration, emulator), 0)
}
