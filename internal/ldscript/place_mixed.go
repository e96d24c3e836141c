// SPDX-License-Identifier: Apache-2.0

package ldscript

import "github.com/rules-hyp/rules_hyp/internal/errcode"

// A description may sort the matches of one pattern and not, or otherwise, those
// of another: `*(SORT(.a.*) .b)`. The manual does not say what comes out. GNU ld
// builds a binary search tree: a match of a sorted pattern goes down from the
// root, compared by its own pattern's rule with whatever is there; any other
// match goes to the far right. The order of the result is the tree's, so the tree
// is built here as well.

// maxMixedSteps bounds the work on such a tree, which nothing balances.
const maxMixedSteps = 1 << 26

type sortNode struct {
	input       int
	left, right int32 // indexes of nodes, or -1
}

// mixed puts the matches of a description with different sortings in order.
func (s *sorter) mixed(list []int) ([]int, error) {
	nodes := make([]sortNode, 0, len(list))
	rightmost := int32(-1)
	steps := 0
	for _, input := range list {
		// Each pattern that matches inserts the section; its first place counts.
		for p := range s.spec().Patterns {
			c := candidate{s.rule, int32(p)}
			if !s.matcher.accepts(c, s.inputs[input].File, s.inputs[input].Name, true, &s.memo) {
				continue
			}
			n := int32(len(nodes))
			nodes = append(nodes, sortNode{input, -1, -1})
			link := s.place(nodes[:n], rightmost, int32(p), input, &steps)
			if steps > maxMixedSteps {
				return nil, errorAt(errcode.TooComplex, s.spec().Pos, "write one description for each sorting",
					"too many input sections for a description that mixes sortings")
			}
			switch {
			case n == 0:
				rightmost = n
			case link.right:
				nodes[link.node].right = n
				if link.node == rightmost {
					rightmost = n
				}
			default:
				nodes[link.node].left = n
			}
		}
	}
	return inOrder(nodes, len(list)), nil
}

// sortLink is a free place in the tree.
type sortLink struct {
	node  int32
	right bool
}

// place finds the place for an input section that pattern p matched.
func (s *sorter) place(nodes []sortNode, rightmost, p int32, input int, steps *int) sortLink {
	if len(nodes) == 0 {
		return sortLink{}
	}
	kind := s.kind(p)
	if kind == SortDefault && !s.byFile() {
		return sortLink{rightmost, true}
	}
	at := int32(0)
	for {
		*steps++
		right := s.compare(kind, input, nodes[at].input) >= 0
		next := nodes[at].left
		if right {
			next = nodes[at].right
		}
		if next < 0 {
			return sortLink{at, right}
		}
		at = next
	}
}

// inOrder returns the inputs of the tree from left to right, each once.
func inOrder(nodes []sortNode, n int) []int {
	list := make([]int, 0, n)
	seen := make(map[int]bool, n)
	var stack []int32
	for at := int32(0); at >= 0 || len(stack) > 0; {
		if at >= 0 {
			stack = append(stack, at)
			at = nodes[at].left
			continue
		}
		at = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if in := nodes[at].input; !seen[in] {
			seen[in] = true
			list = append(list, in)
		}
		at = nodes[at].right
	}
	return list
}
