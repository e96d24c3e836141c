// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/explain"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// shownCauses is how many causes are listed.
const shownCauses = 10

// runExplain compares the execution logs of two builds.
func runExplain(c *context) error {
	asJSON := c.flags.Bool("json", false, "print the report as JSON (docs/explain.md has its fields)")
	causes := c.flags.Int("causes", shownCauses, "how many causes are listed at most; -1: all")
	paths, err := c.parse()
	if err != nil {
		return err
	}
	if len(paths) != 2 {
		return usagef(errcode.Operands, "%d files, want the execution logs of two builds", len(paths))
	}
	var logs [2]explain.Named
	err = parallel.Run(len(logs), func(i int) error {
		file, err := fileio.Map(paths[i])
		if err != nil {
			return err
		}
		defer file.Close()
		log, err := execlog.Read(paths[i], file.Data)
		logs[i] = explain.Named{Name: paths[i], Log: log}
		return err
	})
	if err != nil {
		return err
	}
	r, err := explain.Logs(logs[0], logs[1])
	if err != nil {
		return err
	}
	if *asJSON {
		err = r.WriteJSON(c.json)
	} else {
		err = r.WriteText(c.stdout, *causes)
	}
	if err == nil && r.Different {
		err = errDiffers
	}
	return err
}
