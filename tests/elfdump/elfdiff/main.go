// SPDX-License-Identifier: Apache-2.0

// Command elfdiff compares two relocatable objects as readelf prints them.
//
//	elfdiff READELF WANT GOT
package main

import (
	"fmt"
	"os"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: elfdiff READELF WANT GOT")
		os.Exit(2)
	}
	var objs [2]*elfdump.Object
	for i, path := range os.Args[2:] {
		var err error
		if objs[i], err = elfdump.Read(os.Args[1:2], path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	diff, _ := elfdump.Diff(objs[0], objs[1], nil)
	for _, l := range diff {
		fmt.Println(l)
	}
	if len(diff) > 0 {
		os.Exit(1)
	}
}
