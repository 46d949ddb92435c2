// Package spelling finds the names that are closest to a name that does not exist.
package spelling

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Nearest returns up to three names that are similar to one that does not exist, the
// best first. It omits names that are too different.
func Nearest[S ~string](unknown S, names []S) []S {
	const most, longest = 3, 100
	if len(unknown) > longest {
		return nil
	}
	type candidate struct {
		name     S
		distance int
	}
	given := strings.ToLower(string(unknown))
	farthest := min(4, (len(given)+2)/3)
	var like []candidate
	for _, n := range names {
		name := strings.ToLower(string(n))
		distance := Distance(given, name, farthest+1)
		switch {
		case hasWord(name, given, false):
			distance = min(distance, 1) // the beginning
		case hasWord(given, name, true):
			distance = min(distance, 2)
		}
		if distance <= farthest && distance < max(len(given), len(name)) {
			like = append(like, candidate{n, distance})
		}
	}
	slices.SortStableFunc(like, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.name), len(b.name)))
	})
	best := make([]S, 0, most)
	for _, c := range like {
		if len(best) < most && !slices.Contains(best, c.name) {
			best = append(best, c.name)
		}
	}
	return best
}

// hasWord reports whether a word inside a text equals another text, or begins with it, like one of "customer_id" for
// "cust".
func hasWord(text, word string, whole bool) bool {
	const shortest = 3
	if len(word) < shortest {
		return false
	}
	ends := func(i int) bool {
		return i < 0 || i == len(text) || (text[i] < 'a' || text[i] > 'z') && (text[i] < '0' || text[i] > '9')
	}
	for from := 0; ; from++ {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		from += i
		if ends(from-1) && (!whole || ends(from+len(word))) {
			return true
		}
	}
}

// DidYouMean returns the end of a sentence about a name that does not exist: a question
// with the most similar name, or nothing if there is none.
func DidYouMean[S ~string](unknown S, names []S) string {
	if like := Nearest(unknown, names); len(like) > 0 {
		return fmt.Sprintf("; did you mean %q?", like[0])
	}
	return ""
}

// Suggest is [DidYouMean], or, if no name is similar and there are few, a list of all
// names.
func Suggest[S ~string](unknown S, names []S) string {
	const few = 30
	if question := DidYouMean(unknown, names); question != "" || len(names) == 0 || len(names) > few {
		return question
	}
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return "; there are " + strings.Join(all, ", ")
}

// Distance is how many letters must be added, removed, changed or swapped with their neighbor to turn a into b, or
// limit if it is not less.
func Distance(a, b string, limit int) int {
	const longest = 100
	if len(a) > longest || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return min(row[len(b)], limit)
}
