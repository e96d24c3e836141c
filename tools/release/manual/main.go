// SPDX-License-Identifier: Apache-2.0

// Manual writes the manual pages and the shell completion of programs, from what their --help says.
//
//	manual DIRECTORY PROGRAM…
//
// DIRECTORY gets man1/PROGRAM.1 and man1/PROGRAM-COMMAND.1, and bash-completion/PROGRAM.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: manual DIRECTORY PROGRAM…")
		os.Exit(2)
	}
	for _, path := range os.Args[2:] {
		if err := write(os.Args[1], path); err != nil {
			fmt.Fprintln(os.Stderr, "manual:", errcode.Text(err))
			os.Exit(1)
		}
	}
}

// write writes the files of one program.
func write(dir, path string) error {
	p, err := ask(path)
	if err != nil {
		return err
	}
	for _, name := range []string{"man1", "bash-completion"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			return err
		}
	}
	pages := map[string]string{p.name + ".1": p.page()}
	for i := range p.commands {
		pages[p.name+"-"+p.commands[i].name+".1"] = p.commandPage(&p.commands[i])
	}
	for name, text := range pages {
		if err := fileio.WriteBytes(filepath.Join(dir, "man1", name), []byte(text)); err != nil {
			return err
		}
	}
	return fileio.WriteBytes(filepath.Join(dir, "bash-completion", p.name), []byte(p.completion()))
}
