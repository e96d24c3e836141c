// SPDX-License-Identifier: Apache-2.0

// Manual writes the manual pages and the shell completion of programs, from what their --help says.
//
//	manual DIRECTORY PROGRAM…
//	manual --reference PROGRAM…
//
// DIRECTORY gets man1/PROGRAM.1 and man1/PROGRAM-COMMAND.1, and completion of bash, zsh and fish. --reference writes docs/commands.md.
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
		fmt.Fprintln(os.Stderr, "usage: manual {DIRECTORY | --reference} PROGRAM…")
		os.Exit(2)
	}
	if os.Args[1] == "--reference" {
		if err := updateReference(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "manual:", err)
			os.Exit(1)
		}
		return
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
	pages := p.completions()
	pages["man1/"+p.name+".1"] = p.page()
	for i := range p.commands {
		pages["man1/"+p.name+"-"+p.commands[i].name+".1"] = p.commandPage(&p.commands[i])
	}
	for name, text := range pages {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := fileio.WriteBytes(name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}
